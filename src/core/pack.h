/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of a country pack: those built into the program, or those of a folder that overrides them.
 * Readers of a definition name each fault with ERR_DEFINITION: file, line with place
 * ("line 7: rows[3].code"), reason.
 */
#ifndef DINH_CORE_PACK_H
#define DINH_CORE_PACK_H

#include "web/json.h"

/* One file, name as in the pack ("calendar/holidays.json"). dir NULL: the built-in pack "vn". */
MUST_CHECK enum err pack_read(struct ctx *c, const char *dir, const char *name, struct bytes *ret);
/* Names of the .json and .tsv files in a folder of the pack ("catalogues"), sorted, without the
   folder. */
MUST_CHECK enum err pack_list(struct ctx *c, const char *dir, const char *folder,
                              const char ***ret_names, size_t *ret_n);

/* A definition being read: knows its text, so that a fault is told with its line. */
struct pack_file {
    const char *name;
    struct bytes text;
    json_t *root; /* owned: pack_close */
};
MUST_CHECK enum err pack_open(struct ctx *c, const char *dir, const char *name,
                              struct pack_file *ret_file);
void pack_close(struct pack_file *f);
/* Opens the files of a folder of the pack one by one; a file is closed behind fn, unless fn took
   its root and left NULL. Ends at the first error. */
typedef enum err (*pack_fn)(struct ctx *c, struct pack_file *f);
MUST_CHECK enum err pack_each(struct ctx *c, const char *dir, const char *folder, pack_fn fn);
/* place: dotted path with [index], as "rows[3].label.vi"; reason: a short English phrase. */
enum err pack_fault(struct ctx *c, const struct pack_file *f, const char *place,
                    const char *reason);
/* Adds the line to the faults of this file that others recorded (web/shape.h, web/json.h). */
void pack_lines(struct ctx *c, const struct pack_file *f);
/* The line (from 1) on which the value at `place` begins; the line of its nearest parent when it
   is absent; 1 when nothing fits. */
UNTRUSTED int pack_line(struct bytes json, const char *place);

#endif
