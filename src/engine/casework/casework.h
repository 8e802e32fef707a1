/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is handled: cases moving through a checked process with legal deadlines. A process is JSON
 * (country/vn/procedures, "process"); the checker refuses dead ends, states without owner, missing
 * deadlines. Every act names the version it saw: of two simultaneous acts one wins, the other gets
 * ERR_CASE_CHANGED and keeps what was typed. Law: NĐ 61/2018/NĐ-CP, TT 01/2018/TT-VPCP.
 */
#ifndef DINH_ENGINE_CASEWORK_H
#define DINH_ENGINE_CASEWORK_H

#include "core/calendar.h"
#include "core/module.h"

extern const struct module casework_module;

enum clock { CLOCK_RUN, CLOCK_STOP, CLOCK_END };
struct process;
struct process_state {
    const char *name, *label[2], *owner_role;
    int64_t national, hours; /* national dossier status 1-10; working hours for the step */
    bool terminal;
    enum clock clock;
};
struct process_action {
    const char *name, *label[2], *role, *permission, *to, *form; /* form "01".."06" or "" */
    const char *const *from, *const *effects;                    /* NULL-terminated */
    bool needs_reason, sign;
};
/* One procedure of the country pack: its record, form shape and process. */
struct procedure {
    const char *code, *name[2], *file;
    const struct shape *form;
    const struct process *process;
    struct due_rule deadline;
    const struct json_t *doc; /* the whole document, for pages */
};
const struct procedure *procedure_find(const struct ctx *c, const char *code);
const struct procedure *const *procedure_all(const struct ctx *c, size_t *ret_n);
const struct process_state *process_state_of(const struct process *p, const char *name);
const struct process_action *process_action_of(const struct process *p, const char *name);

struct casework_case {
    const char *id, *code; /* code: H57.31.01-200604-0001 (TT 01/2018 art. 19 form) */
    const char *procedure, *state, *unit, *title;
    const char *person;   /* the citizen it belongs to; "" when read without right to know */
    const char *assignee; /* account working on it, "" = none */
    int64_t version, filed_us, received_us, due_us, closed_us, paused_us;
    int64_t national, subject; /* 1-10; whose key seals it (core/subject.h) */
    const char *due_words[2], *calendar_version;
    const char *channel; /* "online", "counter", "post" */
    void *form;          /* by procedure->form; NULL in lists */
};
struct casework_event { /* one line of the history */
    const char *id, *action, *from, *to, *actor_name, *actor_unit, *actor_role, *reason;
    int64_t at_us, version;
};

/* Files a case: code from the day's counter of the unit, due date, history, audit, access rules.
   Write transaction. form is checked already. */
MUST_CHECK enum err casework_file(struct ctx *c, const struct procedure *p, const char *unit,
                                  const char *channel, const void *form,
                                  struct casework_case *ret_case);
/* One case within the actor's scope (else ERR_NOT_FOUND), with its form; the read is logged. */
MUST_CHECK enum err casework_get(struct ctx *c, const char *code, struct casework_case *ret_case);
/* The action by the actor: state, role, scope, version and reason are checked; due date and clock
   follow; listeners run in the same transaction. new_form NULL = unchanged (a supplement brings a
   new one, the old stays in history). */
MUST_CHECK enum err casework_act(struct ctx *c, const char *code, const char *action,
                                 int64_t expected_version, const char *reason, const void *new_form,
                                 struct casework_case *ret_case);
/* The same by the system (replies, jobs): no version to name. */
MUST_CHECK enum err casework_act_system(struct ctx *c, const char *code, const char *action,
                                        const char *reason, struct casework_case *ret_case);
/* Actions the actor may do now. */
size_t casework_actions(struct ctx *c, const struct casework_case *k,
                        const struct process_action **ret_actions, size_t max);
MUST_CHECK enum err casework_history(struct ctx *c, const char *code,
                                     struct casework_event *ret_events, size_t max, size_t *ret_n);
struct casework_filter {
    const char *state; /* NULL = all open */
    const char *words; /* accent-free search over code, title; NULL = none */
    const char *queue; /* "mine", "overdue", "soon", "waiting", "done"; NULL = all open */
    const char *after; /* keyset cursor of the last row, NULL = first page */
};
/* The inbox: due date order, scope predicate, keyset; ret_next NULL at the end. */
MUST_CHECK enum err casework_list(struct ctx *c, const struct casework_filter *f,
                                  struct casework_case *ret_cases, size_t max, size_t *ret_n,
                                  const char **ret_next);
#define CASEWORK_SOON_MINUTES (8 * 60) /* working minutes before the due date: "soon" */
struct casework_counts {
    int64_t open, soon, overdue, waiting, done, mine, turns; /* turns: 0, "mine" is never any */
};
MUST_CHECK enum err casework_counts(struct ctx *c, struct casework_counts *ret_counts);
/* Papers of a case, one of a kind; a second changes nothing: a paper handed out stays. */
struct casework_document {
    const char *kind; /* "receipt", "form_02", "birth_certificate", "health_card" */
    const char *file; /* core/files.h */
    bool result;      /* what the citizen came for */
    int64_t at_us;
};
MUST_CHECK enum err casework_document_add(struct ctx *c, const char *code,
                                          const struct casework_document *d);
MUST_CHECK enum err casework_documents(struct ctx *c, const char *code,
                                       struct casework_document *ret, size_t max, size_t *ret_n);
/* For who has proved to the caller that they hold the paper: unit, national and file alone. */
MUST_CHECK enum err casework_handed_out(struct ctx *c, const char *code, const char *kind,
                                        struct casework_case *ret_k, struct casework_document *ret);
/* Small facts modules keep on a case, by name; sealed. */
MUST_CHECK enum err casework_fact_set(struct ctx *c, const char *code, const char *name,
                                      const char *value);
MUST_CHECK enum err casework_fact(struct ctx *c, const char *code, const char *name,
                                  const char **ret_value); /* "" when absent */

/* Runs in the transaction of each filing ("file") and act, after the change. */
typedef enum err (*casework_listener)(struct ctx *c, const struct procedure *p,
                                      const struct casework_case *k,
                                      const struct process_action *action, const char *reason);
void casework_listen(casework_listener fn);

#endif
