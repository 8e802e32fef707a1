/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of this folder only. */
#ifndef DINH_ENGINE_CASEWORK_PRIVATE_H
#define DINH_ENGINE_CASEWORK_PRIVATE_H

#include "core/matter.h"
#include "core/pack.h"
#include "engine/casework/casework.h"

#define CASEWORK_MAX_STATES   40
#define CASEWORK_MAX_ACTIONS  80
#define CASEWORK_MAX_PROBLEMS 64
#define CASEWORK_MAX_WORDS    6 /* a whole dossier code has as many */

struct process {
    const char *code, *initial;
    struct process_state states[CASEWORK_MAX_STATES];
    size_t n_states;
    struct process_action actions[CASEWORK_MAX_ACTIONS];
    size_t n_actions;
    int64_t max_supplements, max_extensions;
};
/* Keeps the document. A fault in it: ERR_DEFINITION with file, line and reason. */
MUST_CHECK enum err casework_procedure_load(struct ctx *c, struct arena *a,
                                            const struct pack_file *f, struct procedure **ret);

struct process_problem {
    const char *place, *reason; /* "states[3].hours", within the process */
};
/* All problems of a process (at most max): ways, owners, times, the law; 0 = sound. */
size_t process_problems(struct ctx *c, const json_t *process, struct process_problem *ret,
                        size_t max);

enum phase { PHASE_RUN, PHASE_STOP, PHASE_END };
struct casework_row { /* a case as stored */
    struct casework_case k;
    enum phase phase;
    const char *owner_role, *owner;
    int64_t wait_until_us, supplements, extensions;
    struct bytes person, title, form; /* sealed */
};
/* casework_store.c */
MUST_CHECK enum err casework_store_insert(struct ctx *c, const struct casework_row *row);
MUST_CHECK enum err casework_store_update(struct ctx *c, const struct casework_row *row,
                                          int64_t expected_version, int64_t *ret_rows);
MUST_CHECK enum err casework_store_get(struct ctx *c, const char *code, bool *ret_found,
                                       struct casework_row *ret);
/* Only id, code, unit and owner: who may touch it. */
MUST_CHECK enum err casework_store_locate(struct ctx *c, const char *code, bool *ret_found,
                                          struct casework_row *ret);
struct casework_event_row {
    const char *id, *case_id, *action, *from, *to, *unit, *role;
    int64_t at_us, version;
    struct bytes name, reason, form;
};
/* For core/matter.h: unit, and whether it is open. */
MUST_CHECK enum err casework_store_matter(struct ctx *c, const char *code, bool *ret_found,
                                          struct matter_case *ret);
MUST_CHECK enum err casework_store_event(struct ctx *c, const struct casework_event_row *e);
typedef enum err (*casework_event_fn)(struct ctx *c, const struct casework_event_row *e, void *arg);
MUST_CHECK enum err casework_store_events(struct ctx *c, const char *case_id, int64_t max,
                                          casework_event_fn fn, void *arg);
MUST_CHECK enum err casework_store_word(struct ctx *c, const char *token, const char *case_id);
MUST_CHECK enum err casework_store_document(struct ctx *c, const char *case_id,
                                            const struct casework_document *d);
MUST_CHECK enum err casework_store_documents(struct ctx *c, const char *case_id,
                                             struct casework_document *ret, size_t max,
                                             size_t *ret_n);
MUST_CHECK enum err casework_store_handed(struct ctx *c, const char *code, const char *kind,
                                          bool *ret_found, struct casework_case *ret_k,
                                          struct casework_document *ret);
MUST_CHECK enum err casework_store_fact_set(struct ctx *c, const char *case_id, const char *name,
                                            struct bytes value);
MUST_CHECK enum err casework_store_fact(struct ctx *c, const char *case_id, const char *name,
                                        struct bytes *ret);
MUST_CHECK enum err casework_store_done(struct ctx *c, const char *unit);
/* The place of a page: "microseconds.id" of the last case shown; anything else is a place, too. */
UNTRUSTED void casework_cursor(const char *after, int64_t *ret_due_us, const char **ret_id);
/* casework_list.c uses the row reader too. */
#define CASE_COLUMNS                                                                               \
    "id, code, procedure, state, national, phase, owner_role, unit, owner, version, channel,"      \
    " filed_us, received_us, due_us, wait_until_us, paused_us, closed_us, supplements,"            \
    " extensions, calendar_version, due_vi, due_en, person, title, form, subject"
void casework_row_read(const struct db_row *r, struct casework_row *ret);

#define CASEWORK_EXPIRED_MAX 100
/* Cases whose citizen let the time for the supplement pass: at most that many codes. */
MUST_CHECK enum err casework_store_expired(struct ctx *c, const char **ret_codes, size_t *ret_n);

/* Sealing under the case's own key: the place is the column and the row's id. */
MUST_CHECK enum err casework_seal(struct ctx *c, int64_t subject, const char *place, const char *id,
                                  const char *text, struct bytes *ret_sealed);
MUST_CHECK enum err casework_open(struct ctx *c, const char *place, const char *id,
                                  struct bytes sealed, const char **ret_text);
/* casework_reseal.c */
/* A case that columns' keys seal gets its subject, and all of it is sealed anew. Write transaction.
 */
MUST_CHECK enum err casework_reseal(struct ctx *c, const char *code, int64_t *ret_subject);
MUST_CHECK enum err casework_reseal_all(struct ctx *c); /* the job, some at a time */
/* The case's subject ended: what is found by it goes too. */
void casework_reseal_own(void); /* at start: what is counted before a root key is destroyed */
MUST_CHECK enum err casework_dispose(struct ctx *c, const char *code);
const char *casework_word_token(struct ctx *c, const char *word);
/* "Nguyễn Thị Lan" as "N. T. Lan": for lists, where nobody's name stands in full. */

#endif
