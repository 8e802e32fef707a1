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
    const char *reader; /* keyed token of the one who read as a citizen; "" for all others */
    const char *look;   /* token: same for equal looks of one reader on one day */
    const char *late;   /* why it is told later, basis and document of the permit; "" at once */
    bool own;           /* the person themself read, on a node that asked ours: not by the name */
    int64_t at_us, shown_us; /* the person sees it from shown_us on; 0 = at once */
    const char *place;       /* commune the record belongs to, or NULL: counted, not kept */
    struct access_line *next;
};
/* c->purpose must be set (ERR_PURPOSE). A person's look at their own data leaves no line: the log
   is about others, and stays readable. Asked through another node it leaves one, marked own. */
MUST_CHECK enum err access_note(struct ctx *c, const char *person, const char *what,
                                const char *record, const char *fields);
/* The same of a record that belongs to a commune: what an official's pages read is counted
   (core/reading.h), communes too. Past a limit access_commit() gives ERR_READ_LIMIT. */
MUST_CHECK enum err access_note_of(struct ctx *c, const char *person, const char *what,
                                   const char *record, const char *place);
/* The same of what names a person beside their records (a permit asked about them), told from
   shown_us on: late as in access_line. */
MUST_CHECK enum err access_note_later(struct ctx *c, const char *person, const char *what,
                                      const char *record, const char *late, int64_t shown_us);
/* A search in a register by an official, found or not, on a page: counted with the lines. */
MUST_CHECK enum err access_search(struct ctx *c);
/* web_options.access_commit: writes the lines of c->access in the open write transaction. The
   caller empties c->access once that commit held; running it again before writes the same lines. */
MUST_CHECK enum err access_commit(struct ctx *c);
/* The line as sealed belongs to this row: nothing of id, person, look and shown_us was changed. */
bool access_line_fits(struct ctx *c, const char *id, const char *token, const char *look,
                      int64_t shown_us, struct bytes sealed);
/* Newest first, keyset: before_id "" for the first page; at most 50. Lines told later are left out
   until their time has come; then they stand in their place. */
MUST_CHECK enum err access_of_person(struct ctx *c, const char *person, const char *before_id,
                                     struct access_line *ret_lines, size_t max, size_t *ret_n);

/* Looks of one reader (account, person, name, unit, role) at one thing (what, record) for one
   purpose and matter on one day in Viet Nam. */
#define ACCESS_LOOKS 25 /* of a page */
#define ACCESS_TIMES 40 /* told of one look */
struct access_look {
    struct access_line first; /* the day's first; its id is the look's place and cursor */
    int64_t n, last_us;       /* how many; when the last was */
    int64_t times[ACCESS_TIMES];
    size_t n_times; /* newest first, the last ACCESS_TIMES of n */
};
/* Newest first by their first line, in two statements; before_id "" or the id of the last one
   shown. max up to ACCESS_LOOKS + 1: one more tells that there are older ones. */
MUST_CHECK enum err access_looks(struct ctx *c, const char *person, const char *before_id,
                                 struct access_look *ret_looks, size_t max, size_t *ret_n);

#endif
