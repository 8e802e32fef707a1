/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the opener only: XML read piece by piece, what an office file is made of. */
#ifndef DINH_CORE_OPENER_INSIDE_H
#define DINH_CORE_OPENER_INSIDE_H

#include "core/opener.h"

/* attributes: name, value, name, value ..., NULL. Names as written, with their prefixes. */
struct xml_sees {
    void (*element)(void *arg, const char *name, const char **attributes);
    void (*text)(void *arg, const char *name, const char *text, size_t len); /* of that element */
    void *arg;
};
struct xml_reader;
/* No document type, so no entities; depth 256, names and values up to 1 MiB, 8 million elements.
   NULL: no memory. End it in any case. */
struct xml_reader *xml_begin(struct arena *a, const struct xml_sees *sees);
UNTRUSTED void xml_feed(struct xml_reader *x, struct bytes part, bool last);
/* OK; ERR_FILE_UNREADABLE: not well-formed, or declares a type; ERR_FILE_SWOLLEN. */
MUST_CHECK enum err xml_end(struct xml_reader *x);

/* The parts of an office file, one after the other (ECMA-376 part 2; ODF 1.3 part 2). */
struct office;
struct office *office_new(struct arena *a);
void office_part(struct office *o, const char *name);
void office_feed(struct office *o, struct bytes piece, bool last);
/* What it was: a media type we take, or why not. */
MUST_CHECK enum err office_end(struct office *o, const char **ret_type);

/* HEIF before a library sees it: at most so many pixels in any picture or grid, grids of coded
   images only, 2,048 items, each within the file. ERR_FILE_SWOLLEN; ERR_FILE_TYPE: not so made.
   Neither names a field. */
#define OPENER_PIXELS UINT64_C(64000000)
#define OPENER_SIDE   UINT64_C(65500) /* of a JPEG */
UNTRUSTED MUST_CHECK enum err opener_heif_walk(struct ctx *c, struct bytes in);

#endif
