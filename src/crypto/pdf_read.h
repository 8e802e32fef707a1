/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For crypto/, and for the values that core/opener_pdf.c meets: reads as much of a PDF (ISO 32000-1
 * section 7) as a signature needs: the cross-reference in both its kinds, objects in the file and
 * in object streams. Spans point into the file or into the arena. Every function gives false on
 * anything out of place; the work is bounded whatever the file says.
 */
#ifndef DINH_CRYPTO_PDF_READ_H
#define DINH_CRYPTO_PDF_READ_H

#include "base/arena.h"

struct pdf_entry {
    uint8_t kind;   /* 0 not there, 1 at the offset, 2 in the object stream */
    uint32_t where; /* offset in the file, or number of the object stream */
    uint32_t index; /* within the object stream */
};

struct pdf {
    struct arena *arena; /* the caller's; some 60 MiB at worst */
    struct bytes file;
    struct pdf_entry *entries; /* by object number */
    size_t n_entries;          /* the trailer's /Size */
    struct bytes trailer;      /* newest trailer dictionary */
    size_t startxref;          /* where the newest cross-reference begins */
    bool xref_stream;          /* and its kind */
    size_t inflated;           /* bytes unpacked so far; capped */
    int nested;                /* object streams being read, one for another's /Length */
};

/* Reached from outside through pdf_sign(). */
bool pdf_open(struct arena *a, struct bytes file, struct pdf *ret);
/* The value of object number (generation 0), without "obj" and stream data. */
bool pdf_object(struct pdf *p, size_t number, struct bytes *ret_value);
/* Follows value when it is a reference; else gives it back. */
bool pdf_value(struct pdf *p, struct bytes value, struct bytes *ret_value);

/* ---- values ---- */
struct pdf_cursor {
    const uint8_t *at, *end;
};
struct pdf_cursor pdf_cursor(struct bytes in);
void pdf_blank(struct pdf_cursor *c); /* steps over white space and comments */
/* Steps over the word when it comes next, after blanks. */
bool pdf_word(struct pdf_cursor *c, const char *word);
bool pdf_number(struct pdf_cursor *c, size_t *ret_number); /* not negative, at most 10 digits */
/* The next whole value of any type. */
bool pdf_any(struct pdf_cursor *c, struct bytes *ret_value);
/* The next key (with its slash) and value of a dictionary whose "<<" was passed. */
bool pdf_pair(struct pdf_cursor *c, struct bytes *ret_key, struct bytes *ret_value);

bool pdf_is_dict(struct bytes value);
/* The value under key ("/Root") of a dictionary; false when it has none. */
bool pdf_get(struct bytes dict, const char *key, struct bytes *ret_value);
bool pdf_get_number(struct bytes dict, const char *key, size_t *ret_number);
bool pdf_ref(struct bytes value, size_t *ret_number); /* "12 0 R" */
bool pdf_same(struct bytes value, const char *text);
/* What stands between the brackets of an array. */
bool pdf_array(struct bytes value, struct bytes *ret_inner);

#endif
