/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text: NUL-terminated, valid UTF-8 in NFC, checked once at the edge. Vietnamese folding for
 * search: no case, no tone or vowel marks, đ to d, hoà = hòa, runs of blanks to one.
 */
#ifndef DINH_BASE_TEXT_H
#define DINH_BASE_TEXT_H

#include "base/ctx.h"

/* Checks UTF-8 (RFC 3629: no surrogates, no overlong), refuses controls but tab and line feed
   (CR LF becomes LF), characters that turn the reading direction and more than 30 marks in a row,
   trims, normalises to NFC. Errors:
   ERR_BAD_UTF8 ({2} the 1-based place of the character), ERR_TOO_LONG ({2} max_chars, {3} found;
   counts Unicode characters). field names the field in the error. */
UNTRUSTED MUST_CHECK enum err text_clean(struct ctx *c, const char *field, struct bytes in,
                                         size_t max_chars, const char **ret_text);
bool text_is_utf8(struct bytes in);
size_t text_chars(const char *text); /* Unicode characters */
/* The search key: words of [a-z0-9] and the bare letters of other scripts, one blank between. */
char *text_fold(struct arena *a, const char *text);
char *text_upper_first(struct arena *a, const char *text);
/* "Đặng Nguyễn An Nhiên" as "Đ. N. A. Nhiên": a person in a list, told apart and not named. */
char *text_initials(struct arena *a, const char *name);
bool text_eq(const char *a, const char *b); /* NULL equals NULL only */
bool text_empty(const char *text);          /* NULL or "" */
bool text_starts(const char *text, const char *prefix);
bool text_ends(const char *text, const char *suffix);
/* As a person's name stands in papers: begins with a letter; letters of any script and their marks,
   single blanks, hyphens, apostrophes and full stops. */
bool text_is_name(const char *text);
bool text_matches_digits(const char *text, size_t n);              /* exactly n ASCII digits */
MUST_CHECK bool text_to_int(const char *text, int64_t *ret_value); /* whole text, base 10 */
/* Splits at ch without empty last piece; NULL-terminated array. "a,,b," gives "a", "", "b". */
const char **text_split(struct arena *a, const char *text, char ch, size_t *ret_n);

/* Decoders: false on any byte out of place, wrong padding (base64: required, base64url: none) and
   unused bits that aren't 0. url_decode refuses raw controls; what comes of %00 is the caller's. */
UNTRUSTED MUST_CHECK bool base64url_decode(struct arena *a, const char *text, struct bytes *ret);
UNTRUSTED MUST_CHECK bool base64_decode(struct arena *a, const char *text, struct bytes *ret);
UNTRUSTED MUST_CHECK bool hex_decode(struct arena *a, const char *text, struct bytes *ret);
/* Exactly 2n digits, either case, into n bytes; ret may be written in part when refused. */
UNTRUSTED MUST_CHECK bool hex_bytes(const char *text, uint8_t *ret, size_t n);
UNTRUSTED MUST_CHECK bool url_decode(struct arena *a, struct bytes in, bool plus_is_blank,
                                     struct bytes *ret);

#endif
