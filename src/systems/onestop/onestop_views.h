/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of this folder show, and their shapes for JSON. */
#ifndef DINH_SYSTEMS_ONESTOP_VIEWS_H
#define DINH_SYSTEMS_ONESTOP_VIEWS_H

#include "engine/casework/casework.h"
#include "systems/onestop/onestop.h"
#include "web/page.h"

struct onestop_row {
    const char *code, *title, *state, *due, *clock, *channel; /* clock: on_time, soon, late ... */
    const char *clock_text, *clock_colour;
};
struct onestop_queue {
    const char *name, *title;
    int64_t count;
    bool current;
};
struct onestop_inbox_view {
    const char *words, *queue, *next;
    struct list rows, queues; /* struct onestop_row, struct onestop_queue */
};
extern const struct shape onestop_inbox_shape;
struct onestop_seeking {
    const char *tu, *hang; /* a code, or words of a name; of which queue, or "" */
};
extern const struct shape onestop_seeking_shape;

struct onestop_button {
    const char *name, *label, *href;
    int64_t needs_reason, sign; /* yes or no */
    bool first, ends;           /* ends: against the citizen's wish */
};
struct onestop_past {
    const char *action, *at, *who, *what, *reason;
};
struct onestop_link {
    const char *href, *title;
};
struct onestop_part { /* a group of what was declared */
    const char *title;
    const struct shape *shape; /* what was filled in; files are links of their own */
};
struct onestop_ask_row {               /* one item of a request to supplement, not typed yet */
    const char *title, *name, *reason; /* the names of its fields */
};
struct onestop_dossier_view {
    const char *code, *state, *due, *clock_text, *clock_colour, *due_words, *procedure, *unit;
    const char *person;
    const char *done;         /* the act just done by this official, "" = none */
    const char *next;         /* the next dossier that waits for them, "" = none */
    const char *typed;        /* a reason that no button takes any more: somebody was quicker */
    const char *reason_title; /* "Yêu cầu bổ sung · Từ chối": the acts that want a reason */
    int64_t version;
    bool over; /* nobody's turn will come */
    const void *data;
    struct list buttons, parts, history, papers, files;
    struct list acts; /* next_act: the buttons, for clients of JSON */
    struct list ask;  /* onestop_ask_row, where a supplement may be asked for; else none */
    struct list choices;
};
/* onestop_ask.c */
void onestop_ask_rows(struct ctx *c, const struct procedure *p, struct onestop_dossier_view *v);
extern const struct shape onestop_dossier_shape;

struct onestop_decision { /* the body of an act */
    int64_t version;
    const char *reason;
    struct list items; /* onestop_item */
};
extern const struct shape onestop_decision_shape;
extern const struct field onestop_reason; /* where no list of items may stand for it */

struct onestop_book_line {
    int64_t number;
    const char *code, *procedure, *received, *due, *returned;
};
struct onestop_book_view {
    const char *unit, *unit_code, *next;
    const char *paper, *paper_title; /* the part of form 06 with the first of these rows */
    bool choose;                     /* reaches more units than one's own */
    int64_t year;
    struct list rows;
};
extern const struct shape onestop_book_shape;

struct onestop_check_view { /* what anybody may know who holds the paper: nothing personal */
    const char *code, *kind, *title, *unit, *unit_name, *at, *status, *sha256, *keeper, *follow;
    const char *number; /* of the form's series; "" = none */
    int64_t national;   /* status 1-10 */
    int64_t record;     /* the dossier's first in the audit trail */
    int64_t head_size;  /* of the newest signed head when it covers that record, else 0 */
    const char *head_root, *trail, *proof;
};
extern const struct shape onestop_check_shape;

#endif
