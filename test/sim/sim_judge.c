/* SPDX-License-Identifier: Apache-2.0 */
/* At the end of a seed, when all is calm: do the nodes agree with each other and with the book? */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "test/sim/sim_book.h"

#define HELD_BYTES (4 << 20)
#define PARTS      6
#define NATIONAL   0
#define PROVINCE   1
#define INSURANCE  2

struct line {
    const char *part[PARTS]; /* kind first; "" where there is none */
    const char *rest;        /* behind the second */
};
struct told {
    struct line *line;
    size_t n;
};

static struct told told[SIM_NODES];

static struct told read_lines(struct arena *a, const char *text)
{
    struct told t = {.n = 0};
    const char **all = text_split(a, text, '\n', &t.n);
    t.line = ARENA_ARRAY(a, t.n + 1, struct line);
    for (size_t i = 0; i < t.n; i++) {
        size_t n = 0;
        const char **part = text_split(a, all[i], ' ', &n);
        for (size_t k = 0; k < PARTS; k++)
            t.line[i].part[k] = k < n ? part[k] : "";
        const char *rest = strchr(all[i], ' ');
        rest = rest ? strchr(rest + 1, ' ') : NULL;
        t.line[i].rest = rest ? rest + 1 : "";
    }
    return t;
}

/* The line of that kind with these parts; "" is any. */
static const struct line *find(int node, const char *kind, const char *one, const char *two,
                               const char *three)
{
    const char *want[] = {kind, one, two, three};
    for (size_t i = 0; i < told[node].n; i++) {
        bool fits = true;
        for (size_t k = 0; k < ARRAY_LEN(want); k++)
            fits = fits && (!*want[k] || text_eq(told[node].line[i].part[k], want[k]));
        if (fits)
            return &told[node].line[i];
    }
    return NULL;
}

static size_t count(int node, const char *kind, const char *one, const char *two)
{
    size_t n = 0;
    for (size_t i = 0; i < told[node].n; i++) {
        const struct line *l = &told[node].line[i];
        n += text_eq(l->part[0], kind) && (!*one || text_eq(l->part[1], one)) &&
             (!*two || text_eq(l->part[2], two));
    }
    return n;
}

/* ---- no acknowledged act is lost; no key acted twice ---- */

static const char *after(struct sim *s, const char *text, const char *prefix)
{
    const char *at = text + strlen(prefix);
    return text_starts(text, prefix) ? arena_text_n(s->c->arena, at, strcspn(at, "/?")) : "?";
}

static bool stands(struct sim *s, const struct sim_deed *d)
{
    const char *version = arena_printf(s->c->arena, "%lld", (long long)d->version + 1);
    switch (d->what) {
    case DEED_BEGIN:
        return find(PROVINCE, "draft", after(s, d->led_to, "/ban-nhap/"), "", "") != NULL;
    case DEED_FILE: {
        const char *code = after(s, d->led_to, "/ho-so/");
        return find(PROVINCE, "case", code, "", "") && find(PROVINCE, "draft", d->object, code, "");
    }
    case DEED_ACT: return find(PROVINCE, "event", d->object, version, d->action) != NULL;
    case DEED_WITHDRAW: break;
    }
    return false;
}

static void judge_deeds(struct sim *s)
{
    size_t begun = 0, tried = 0, filed = 0;
    for (const struct sim_deed *d = s->book->deeds; d; d = d->next) {
        begun += d->what == DEED_BEGIN && d->acked;
        tried += d->what == DEED_BEGIN && d->tried;
        filed += d->what == DEED_FILE && d->tried;
        if (d->acked && !stands(s, d))
            sim_fail(s, "LOST: an acknowledged act: %s %s, answered with %s", d->action, d->object,
                     d->led_to);
        for (const struct sim_deed *o = d->next; o; o = o->next)
            if (d->what == DEED_BEGIN && o->what == DEED_BEGIN && d->acked && o->acked &&
                text_eq(o->led_to, d->led_to))
                sim_fail(s, "two keys led to one draft: %s", d->led_to);
    }
    size_t drafts = count(PROVINCE, "draft", "", "") - s->book->n_drafts;
    if (drafts < begun || drafts > tried)
        sim_fail(s, "%zu drafts of %zu keys, %zu acknowledged", drafts, tried, begun);
    if (count(PROVINCE, "case", "", "") > filed)
        sim_fail(s, "more dossiers than were filed");
}

/* ---- the state of a case is what its history says ---- */

static void judge_case(struct sim *s, const struct line *k)
{
    const char *state = "-";
    int64_t version = 0, want = 0;
    for (size_t i = 0; i < told[PROVINCE].n; i++) {
        const struct line *e = &told[PROVINCE].line[i];
        if (!text_eq(e->part[0], "event") || !text_eq(e->part[1], k->part[1]))
            continue;
        if (!text_to_int(e->part[2], &want) || want != version + 1)
            sim_fail(s, "case %s: act %s follows act %lld", k->part[1], e->part[2],
                     (long long)version);
        if (!text_eq(e->part[4], state))
            sim_fail(s, "case %s: %s began in %s, not in %s", k->part[1], e->part[3], e->part[4],
                     state);
        version = want;
        state = e->part[5];
    }
    if (!text_eq(state, k->part[2]) || !text_to_int(k->part[3], &want) || want != version)
        sim_fail(s, "case %s is in %s, its history ends in %s", k->part[1], k->part[2], state);
}

/* What a signature sets going has arrived, once, at each register. */
static void judge_birth(struct sim *s, const struct line *k)
{
    const char *code = k->part[1];
    if (!find(PROVINCE, "event", code, "", "sign"))
        return;
    size_t entries = count(PROVINCE, "entry", code, ""),
           given = count(NATIONAL, "assigned", code, ""),
           cards = count(INSURANCE, "card", code, "");
    if (entries != 1 || given != 1 || cards != 1 || !text_eq(k->part[2], "done"))
        sim_fail(s, "case %s is signed: %zu entries, %zu numbers, %zu cards, state %s", code,
                 entries, given, cards, k->part[2]);
}

static void judge_cases(struct sim *s)
{
    for (size_t i = 0; i < told[PROVINCE].n; i++) {
        const struct line *k = &told[PROVINCE].line[i];
        if (!text_eq(k->part[0], "case"))
            continue;
        judge_case(s, k);
        judge_birth(s, k);
        if (!find(NATIONAL, "portal", k->part[1], k->part[3], ""))
            sim_fail(s, "case %s: the national portal doesn't know act %s", k->part[1], k->part[3]);
    }
}

/* ---- numbers, messages, trails ---- */

static void judge_numbers(struct sim *s)
{
    for (size_t i = 0; i < told[NATIONAL].n; i++) {
        const struct line *a = &told[NATIONAL].line[i];
        if (text_eq(a->part[0], "assigned") && count(NATIONAL, "assigned", "", a->part[2]) != 1)
            sim_fail(s, "a personal number was given twice: %s", a->part[2]);
    }
}

static void judge_messages(struct sim *s, int from)
{
    for (size_t i = 0; i < told[from].n; i++) {
        const struct line *m = &told[from].line[i];
        if (!text_eq(m->part[0], "message") || !text_eq(m->part[2], "out") ||
            text_eq(m->part[3], "0"))
            continue;
        size_t n = 0;
        for (int k = 0; k < SIM_NODES; k++)
            n += k != from && find(k, "message", m->part[1], "in", m->part[3]);
        if (n != 1)
            sim_fail(s, "message %s of %s (%s) is answered here and in %zu other logs", m->part[1],
                     s->node[from].n->name, m->part[4], n);
    }
}

static const char *held_of(struct sim *s, int node)
{
    struct buf b = buf_new(s->c->arena, HELD_BYTES);
    buf_char(&b, '\n');
    for (int k = 0; k < SIM_NODES; k++)
        for (size_t i = 0; i < told[k].n; i++)
            if (text_eq(told[k].line[i].part[0], "held") &&
                text_eq(told[k].line[i].part[1], s->node[node].n->name))
                buf_printf(&b, "%s\n", told[k].line[i].rest);
    return b.ptr;
}

static struct told tell(struct sim *s, int i, const char *held)
{
    struct sim_frame f = {.kind = SIM_TELL, .word = {held}, .n = 1};
    struct sim_frame done = sim_order(s, i, f);
    if (done.kind != SIM_DONE || done.a)
        sim_fail(s, "%s can't tell what it holds: %s", s->node[i].n->name, done.word[0]);
    return read_lines(s->c->arena, done.kind == SIM_DONE && !done.a ? done.word[0] : "");
}

static void judge_trail(struct sim *s, int i)
{
    struct told t = tell(s, i, held_of(s, i));
    bool proved = false;
    for (size_t k = 0; k < t.n; k++) {
        const struct line *l = &t.line[k];
        proved = proved || text_eq(l->part[0], "proved");
        if (text_eq(l->part[0], "bad") || text_eq(l->part[0], "alert"))
            sim_fail(s, "%s: %s %s %s", s->node[i].n->name, l->part[0], l->part[1], l->rest);
        if (text_eq(l->part[0], "waiting"))
            sim_fail(s, "%s still owes %s (%s)", s->node[i].n->name, l->part[2], l->part[1]);
        if (text_eq(l->part[0], "proved"))
            sim_say(s, "%s: %s %s", s->node[i].n->name, l->part[1], l->rest);
    }
    if (!proved)
        sim_fail(s, "%s proved nothing", s->node[i].n->name);
}

void sim_judge(struct sim *s)
{
    for (int i = 0; i < SIM_NODES; i++)
        told[i] = tell(s, i, "");
    for (int i = 0; i < SIM_NODES; i++) {
        judge_messages(s, i);
        judge_trail(s, i);
    }
    judge_deeds(s);
    judge_cases(s);
    judge_numbers(s);
}
