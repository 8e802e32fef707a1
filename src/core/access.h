/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads of a person's data: no line, no answer. In a write transaction the line is inserted at
 * once; in a read snapshot it waits in c->access and web/ commits it before the answer leaves. Each
 * person sees their own lines under "Ai đã xem dữ liệu của tôi".
 */
#ifndef DINH_CORE_ACCESS_H
#define DINH_CORE_ACCESS_H

#include "core/node.h"

struct access_line {
    const char *id;     /* 26 characters, newest last */
    const char *person; /* whose data: personal number */
    const char *what;   /* "population", "dossier": register or kind of record */
    const char *record; /* id or code of the record, "" when a list */
    const char *fields; /* names read, blank-separated; "" = all shown */
    const char *reader_name, *reader_unit, *reader_role, *purpose, *matter; /* filled from c */
    int64_t at_us;
    struct access_line *next;
};
/* c->purpose must be set (ERR_PURPOSE). A person's look at their own data leaves no line: the log
   is about others, and stays readable. */
MUST_CHECK enum err access_note(struct ctx *c, const char *person, const char *what,
                                const char *record, const char *fields);
/* web_options.access_commit: writes the lines of c->access in the open write transaction. The
   caller empties c->access once that commit held; running it again before writes the same lines. */
MUST_CHECK enum err access_commit(struct ctx *c);
/* Newest first, keyset: before_id "" for the first page; at most 50. */
MUST_CHECK enum err access_of_person(struct ctx *c, const char *person, const char *before_id,
                                     struct access_line *ret_lines, size_t max, size_t *ret_n);

#endif
