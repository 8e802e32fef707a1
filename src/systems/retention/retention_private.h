/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of what is due, from finding to destroying. Between the files of this folder only. */
#ifndef DINH_SYSTEMS_RETENTION_PRIVATE_H
#define DINH_SYSTEMS_RETENTION_PRIVATE_H

#include "core/retention.h"
#include "systems/retention/retention.h"

#define RETENTION_SEE     "retention.see"
#define RETENTION_PREPARE "retention.prepare"
#define RETENTION_APPROVE "retention.approve"
#define RETENTION_ITEMS   500 /* of one list */

struct retention_list {
    const char *id, *rule, *state; /* rule: "" by a decision */
    int64_t n, made_us, prepared_us, approved_us, run_us, done_us;
    const char *preparer, *approver;       /* accounts */
    const char *prepared_by, *law, *words; /* law: of a decision */
    const char *approved_by, *answer;
};
struct retention_item {
    const char *list, *class, *object, *state;
    int64_t number, clock_us, due_us, at_us;
    const char *by, *words; /* of an excluded one */
};

/* ---- retention_store.c: a statement each ---- */
MUST_CHECK enum err retention_get(struct ctx *c, const char *id, struct retention_list *ret);
MUST_CHECK enum err retention_lists(struct ctx *c, const char *before, struct retention_list *ret,
                                    size_t max, size_t *ret_n);
/* After a number; of one list. */
MUST_CHECK enum err retention_items(struct ctx *c, const char *list, int64_t after,
                                    struct retention_item *ret, size_t max, size_t *ret_n);
MUST_CHECK enum err retention_store_listed(struct ctx *c, const char *list,
                                           struct retention_item *ret, size_t max, size_t *ret_n);
MUST_CHECK enum err retention_item_get(struct ctx *c, const char *list, int64_t number,
                                       struct retention_item *ret);
MUST_CHECK enum err retention_store_add(struct ctx *c, const struct retention_list *l);
MUST_CHECK enum err retention_store_item(struct ctx *c, const struct retention_item *i);
/* From one state to the next; ERR_RETENTION_STATE when it is in another by now. */
MUST_CHECK enum err retention_store_state(struct ctx *c, const struct retention_list *l,
                                          const char *from);
MUST_CHECK enum err retention_store_mark(struct ctx *c, const struct retention_item *i,
                                         const char *state, bool open);
MUST_CHECK enum err retention_store_close(struct ctx *c, const char *list); /* items: not open */
/* What is due of a class and kind and in no open list, the oldest first. again_us: what was
   excluded or held since then is left out. */
MUST_CHECK enum err retention_store_due(struct ctx *c, const char *of, const char *kind,
                                        int64_t before_us, int64_t again_us,
                                        struct retention_item *ret, size_t max, size_t *ret_n);
/* The next kind with a clock that runs; "" after the last. */
MUST_CHECK enum err retention_store_kind(struct ctx *c, const char *of, const char *behind,
                                         bool *ret_found, const char **ret_kind);
MUST_CHECK enum err retention_store_waits(struct ctx *c, const char *rule, bool *ret_yes);
MUST_CHECK enum err retention_store_next(struct ctx *c, struct retention_list *ret,
                                         bool *ret_found); /* approved, its time has come */
/* How its subjects stand now. clock -1: there is none. */
MUST_CHECK enum err retention_store_subject(struct ctx *c, const char *of, const char *object,
                                            struct retention_item *ret);
MUST_CHECK enum err retention_store_now(struct ctx *c, int64_t number, int64_t *ret_clock_us,
                                        bool *ret_lives);
struct retention_counts {
    int64_t listed, excluded, destroyed, kept; /* kept: held, changed or gone before */
};
MUST_CHECK enum err retention_store_counts(struct ctx *c, const char *list,
                                           struct retention_counts *ret);

/* ---- retention.c: the rules; write transactions ---- */
MUST_CHECK enum err retention_exclude(struct ctx *c, const char *list, int64_t number, bool out,
                                      const char *words);
MUST_CHECK enum err retention_propose(struct ctx *c, const char *id, const char *words);
/* ERR_SECOND_PERSON: by who proposed it; ERR_RETENTION_ROLE: the rule names another role. */
MUST_CHECK enum err retention_approve(struct ctx *c, const char *id, const char *words);
MUST_CHECK enum err retention_cancel(struct ctx *c, const char *id, const char *words);
bool retention_may_approve(const struct ctx *c, const struct retention_list *l);
bool retention_may_cancel(const struct ctx *c, const struct retention_list *l);

/* ---- retention_jobs.c ---- */
MUST_CHECK enum err retention_find(struct ctx *c);
MUST_CHECK enum err retention_run(struct ctx *c);

enum err retention_start(struct ctx *c); /* retention_reseal.c */

#endif
