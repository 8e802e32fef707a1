/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists: one predicate (core/scope.h), one order (due date, id), keyset paging. In lists nobody's
 * name stands in full for an official: opening the case is the read that is logged.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/scope.h"
#include "core/subject.h"
#include "engine/casework/casework_private.h"

#define READ_PERMISSION "casework.read"
#define FOREVER_US      INT64_MAX
#define PAGE_MAX        100

/* What a queue means: phases shown, whose turn, due before and after. */
struct queue {
    int64_t phase_from, phase_until, due_from_us, due_until_us;
    const char *role; /* "" = any */
};

static struct queue queue_of(const struct ctx *c, const char *name)
{
    struct queue q = {PHASE_RUN, PHASE_STOP, INT64_MIN, FOREVER_US, ""};
    if (text_eq(name, "mine"))
        q.role = c->actor->role;
    if (text_eq(name, "overdue"))
        q.phase_until = PHASE_RUN, q.due_until_us = c->now_us;
    if (text_eq(name, "soon")) {
        q.phase_until = PHASE_RUN;
        q.due_from_us = c->now_us;
        q.due_until_us = calendar_add_minutes(c->node->calendar, c->now_us, CASEWORK_SOON_MINUTES);
    }
    if (text_eq(name, "waiting"))
        q.phase_from = PHASE_STOP;
    if (text_eq(name, "done"))
        q.phase_from = q.phase_until = PHASE_END;
    if (text_eq(name, "all"))
        q.phase_until = PHASE_END;
    return q;
}

struct listing {
    struct casework_case *out;
    size_t n, max;
    bool more;
};

static enum err keep(struct ctx *c, const struct db_row *r, void *arg)
{
    struct listing *l = arg;
    struct casework_row w = {0};
    if (l->n == l->max) {
        l->more = true;
        return OK;
    }
    casework_row_read(r, &w);
    enum err e = OK;
    if (subject_lives(c, w.k.subject))
        e = casework_open(c, "title", w.k.id, w.title, &w.k.title);
    else
        w.k.title = ""; /* disposed of */
    if (c->actor->kind == ACTOR_OFFICIAL)
        w.k.title = text_initials(c->arena, w.k.title);
    w.k.person = w.k.assignee = "";
    if (!e)
        l->out[l->n++] = w.k;
    return e;
}

void casework_cursor(const char *after, int64_t *ret_due, const char **ret_id)
{
    char *end;
    *ret_due = INT64_MIN;
    *ret_id = "";
    if (text_empty(after))
        return;
    *ret_due = strtoll(after, &end, 10);
    *ret_id = *end == '.' ? end + 1 : "";
}

static void word_tokens(struct ctx *c, const char *words, const char *ret[CASEWORK_MAX_WORDS])
{
    size_t n = 0;
    const char **w = text_split(c->arena, text_fold(c->arena, words ? words : ""), ' ', &n);
    for (size_t i = 0; i < CASEWORK_MAX_WORDS; i++)
        ret[i] = i < n ? casework_word_token(c, w[i]) : "";
}

enum err casework_list(struct ctx *c, const struct casework_filter *f,
                       struct casework_case *ret_cases, size_t max, size_t *ret_n,
                       const char **ret_next)
{
    struct scope s = scope_of(c, READ_PERMISSION);
    struct queue q = queue_of(c, f->queue ? f->queue : "");
    struct listing l = {ret_cases, 0, max < PAGE_MAX ? max : PAGE_MAX, false};
    const char *tokens[CASEWORK_MAX_WORDS], *after_id;
    int64_t after_due;
    word_tokens(c, f->words, tokens);
    casework_cursor(f->after, &after_due, &after_id);
    enum err e = db_each(
        c, keep, &l,
        "SELECT " CASE_COLUMNS " FROM casework_case WHERE " SCOPE
        " AND phase >= $4 AND phase <= $5 AND due_us >= $6 AND due_us < $7"
        " AND ($8 = '' OR owner_role = $8) AND ($9 = '' OR state = $9)"
        " AND (due_us > $10 OR (due_us = $10 AND id > $11))"
        " AND ($12 = '' OR id IN (SELECT case_id FROM casework_word WHERE token = $12))"
        " AND ($13 = '' OR id IN (SELECT case_id FROM casework_word WHERE token = $13))"
        " AND ($14 = '' OR id IN (SELECT case_id FROM casework_word WHERE token = $14))"
        " AND ($15 = '' OR id IN (SELECT case_id FROM casework_word WHERE token = $15))"
        " AND ($16 = '' OR id IN (SELECT case_id FROM casework_word WHERE token = $16))"
        " AND ($17 = '' OR id IN (SELECT case_id FROM casework_word WHERE token = $17))"
        " ORDER BY due_us, id LIMIT $18",
        P_SCOPE(s), P_INT(q.phase_from), P_INT(q.phase_until), P_INT(q.due_from_us),
        P_INT(q.due_until_us), P_TEXT(q.role), P_TEXT(f->state ? f->state : ""), P_INT(after_due),
        P_TEXT(after_id), P_TEXT(tokens[0]), P_TEXT(tokens[1]), P_TEXT(tokens[2]),
        P_TEXT(tokens[3]), P_TEXT(tokens[4]), P_TEXT(tokens[5]), P_INT((int64_t)l.max + 1));
    if (e)
        return e;
    *ret_n = l.n;
    *ret_next = l.more ? arena_printf(c->arena, "%" PRId64 ".%s", ret_cases[l.n - 1].due_us,
                                      ret_cases[l.n - 1].id)
                       : NULL;
    return OK;
}

static enum err read_counts(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct casework_counts *n = arg;
    *n = (struct casework_counts){row_int(r, 0), row_int(r, 1), row_int(r, 2), row_int(r, 3), 0,
                                  row_int(r, 4)};
    return OK;
}

static bool has_turns(const struct ctx *c)
{
    size_t n;
    const struct procedure *const *all = procedure_all(c, &n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < all[i]->process->n_states; k++)
            if (text_eq(all[i]->process->states[k].owner_role, c->actor->role))
                return true;
    return false;
}

enum err casework_counts(struct ctx *c, struct casework_counts *ret_counts)
{
    struct scope s = scope_of(c, READ_PERMISSION);
    int64_t soon = calendar_add_minutes(c->node->calendar, c->now_us, CASEWORK_SOON_MINUTES);
    bool found;
    enum err e =
        db_one(c, &found, read_counts, ret_counts,
               "SELECT count(*),"
               " CAST(sum(CASE WHEN phase = 0 AND due_us >= $4 AND due_us < $5 THEN 1 ELSE 0 END)"
               " AS BIGINT),"
               " CAST(sum(CASE WHEN phase = 0 AND due_us < $4 THEN 1 ELSE 0 END) AS BIGINT),"
               " CAST(sum(CASE WHEN phase = 1 THEN 1 ELSE 0 END) AS BIGINT),"
               " CAST(sum(CASE WHEN owner_role = $6 THEN 1 ELSE 0 END) AS BIGINT)"
               " FROM casework_case WHERE " SCOPE " AND phase < 2",
               P_SCOPE(s), P_INT(c->now_us), P_INT(soon), P_TEXT(c->actor->role));
    if (e)
        return e;
    ret_counts->turns = has_turns(c);
    return db_int(c, &ret_counts->done,
                  "SELECT CAST(sum(n) AS BIGINT) FROM casework_done"
                  " WHERE unit >= $1 AND unit < $2",
                  P_TEXT(s.unit_from), P_TEXT(s.unit_until));
}

struct codes {
    const char *code[CASEWORK_EXPIRED_MAX];
    size_t n;
};

static enum err keep_code(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct codes *k = arg;
    if (k->n < ARRAY_LEN(k->code))
        k->code[k->n++] = row_text(r, 0);
    return OK;
}

enum err casework_store_expired(struct ctx *c, const char **ret_codes, size_t *ret_n)
{
    struct codes k = {.n = 0};
    enum err e = db_each(c, keep_code, &k,
                         "SELECT code FROM casework_case WHERE phase = 1 AND wait_until_us > 0"
                         " AND wait_until_us < $1 ORDER BY wait_until_us LIMIT 100",
                         P_INT(c->now_us));
    for (size_t i = 0; i < k.n; i++)
        ret_codes[i] = k.code[i];
    *ret_n = k.n;
    return e;
}
