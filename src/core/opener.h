/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What strangers send us is opened in a process of its own, one for each file, gone with its
 * answer: no file, no socket, no code but what was loaded before the first byte came, limits of
 * memory and time (docs/adr/0009-opener.md). A file that crashes or stops it costs that one
 * request.
 *
 * Photos: what they tell of their maker is left out; HEIC (ISO/IEC 23008-12) becomes JPEG, upright,
 * at most 64 million pixels. PDF (ISO 32000-1): taken as it is, or refused for what would act by
 * itself (scripts, programs, files inside, forms that send) or can't be read (encryption).
 * Word, Excel and OpenDocument texts (ECMA-376, ODF 1.3): the same, when the form asks for them.
 * Other archives are refused. XML (no document type, no entities): taken as it is.
 */
#ifndef DINH_CORE_OPENER_H
#define DINH_CORE_OPENER_H

#include "base/child.h"

extern const struct child_wish opener_wish; /* for children_begin() */

/* in is of that type, as file_sniff() tells; ret_type is what became of it, or what it turned out
   to be. ERR_FILE_TYPE,
   ERR_FILE_ACTIVE, ERR_FILE_LOCKED, ERR_FILE_SWOLLEN, ERR_FILE_UNREADABLE name the field;
   ERR_CHILD, ERR_TOO_MANY: no process now. A program without children (commands, tests) opens what
   needs no library by itself. */
MUST_CHECK enum err opener_open(struct ctx *c, const char *field, const char *type, struct bytes in,
                                const char **ret_type, struct bytes *ret_out);

/* ---- inside the child ---- */
UNTRUSTED MUST_CHECK enum err opener_pdf(struct ctx *c, struct bytes in);
/* Loads libheif and libjpeg; false when this machine has none. Before the sandbox closes. */
bool opener_heic_load(void);
/* Loads expat, before the sandbox closes; ret_type: which of the office files it is. */
bool opener_xml_load(void);
UNTRUSTED MUST_CHECK enum err opener_zip(struct ctx *c, struct bytes in, const char **ret_type);
UNTRUSTED MUST_CHECK enum err opener_xml(struct ctx *c, struct bytes in);
UNTRUSTED MUST_CHECK enum err opener_heic(struct ctx *c, struct bytes in, struct buf *out);

#endif
