/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh verify`: proves a node's database untouched; tools/ has an independent twin. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/config.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/tree.h"
#include "engine/exchange/exchange.h"
#include "engine/registry/registry.h"
#include "web/json.h"

#define WITNESS_MAX_BYTES (16 * 1024 * 1024)
#define ALERTS_SHOWN      16
#define RATE_FROM         10000 /* records; of fewer a rate says nothing */

struct reports {
    const char *witness; /* seals and heads of ours that other nodes kept, a JSON object a line */
    struct audit_report audit;
    struct exchange_report exchange;
    struct registry_report registry;
    struct tree_alert alerts[ALERTS_SHOWN];
    size_t n_alerts;
    bool sound;
};

struct reading {
    struct audit_seal *seals;
    struct tree_head *heads;
    size_t n_seals, n_heads;
};

/* A head has a size, a seal has none. */
static enum err read_line(struct ctx *c, const char *line, struct reading *r)
{
    bool is_head = strstr(line, "\"size\":") != NULL;
    return is_head ? shape_from_json(c, &tree_head_shape, bytes_of(line), &r->heads[r->n_heads++])
                   : shape_from_json(c, &audit_seal_shape, bytes_of(line), &r->seals[r->n_seals++]);
}

static int by_size(const void *x, const void *y)
{
    const struct tree_head *a = x, *b = y;
    return a->size < b->size ? -1 : a->size > b->size;
}

/* Several witnesses' lines may stand in one file, in any order. */
static enum err read_witness(struct ctx *c, const char *file, struct audit_outside *ret)
{
    struct bytes in = {NULL, 0};
    struct reading r = {0};
    size_t n;
    enum err e = file ? sys_read_file(c, file, WITNESS_MAX_BYTES, &in) : OK;
    if (e)
        return e;
    const char **line =
        text_split(c->arena, arena_text_n(c->arena, (const char *)in.ptr, in.len), '\n', &n);
    r.seals = ARENA_ARRAY(c->arena, n, struct audit_seal);
    r.heads = ARENA_ARRAY(c->arena, n, struct tree_head);
    for (size_t i = 0; i < n; i++) {
        if (read_line(c, line[i], &r)) {
            ctx_clear_faults(c);
            return json_bad(c, file, arena_printf(c->arena, "line %zu", i + 1),
                            "not a seal as --witnessed-for prints it");
        }
    }
    qsort(r.heads, r.n_heads, sizeof *r.heads, by_size);
    *ret = (struct audit_outside){r.seals, r.heads, r.n_seals, r.n_heads};
    return OK;
}

static enum err verify_all(struct ctx *c, void *arg)
{
    struct reports *r = arg;
    struct audit_outside outside;
    enum err e = read_witness(c, r->witness, &outside);
    if (!e)
        e = audit_verify(c, &outside, &r->audit);
    if (!e)
        e = tree_alerts(c, r->alerts, ARRAY_LEN(r->alerts), &r->n_alerts);
    if (!e)
        e = registry_verify(c, &r->registry);
    return e ? e : exchange_verify(c, &r->exchange);
}

/* ---- what we keep for another node ---- */

static enum err print_seal(struct ctx *c, const struct audit_seal *s, void *arg)
{
    (void)arg;
    struct buf b = buf_new(c->arena, 1024);
    shape_to_json(&b, &audit_seal_shape, s);
    printf("%s\n", b.ptr);
    return OK;
}

static enum err print_head(struct ctx *c, const struct tree_head *h, void *arg)
{
    (void)arg;
    struct buf b = buf_new(c->arena, 1024);
    shape_to_json(&b, &tree_head_shape, h);
    printf("%s\n", b.ptr);
    return OK;
}

static enum err print_held(struct ctx *c, void *arg)
{
    const struct node_peer *peer;
    enum err e = app_peer(c, "--witnessed-for", arg, &peer);
    if (!e)
        e = audit_each_held(c, peer->name, print_seal, NULL);
    return e ? e : tree_each_held(c, peer->name, print_head, NULL);
}

/* ---- the command ---- */

/* The kind, the place (table, record, time), and what is wrong there. */
static void say_finding(struct ctx *c, const struct audit_finding *f)
{
    printf("audit: %s: %s record %" PRId64, f->kind, f->table, f->seq);
    if (f->until > f->seq)
        printf(" to %" PRId64, f->until);
    if (f->at_us)
        printf(", %s", time_iso(c->arena, f->at_us));
    printf(": %s\n", f->problem);
}

static void say_alert(struct ctx *c, const struct tree_alert *a)
{
    printf("alert: %s: the trail of %s: %s holds its head of %" PRId64 " records of %s, then came"
           " one of %" PRId64 " of %s; %" PRId64 " times since %s\n",
           a->kind, a->node, a->witness, a->held.size, time_iso(c->arena, a->held.at_us),
           a->shown.size, time_iso(c->arena, a->shown.at_us), a->times,
           time_iso(c->arena, a->first_us));
    if (a->settled_us && text_empty(a->account))
        printf("  settled %s: %s holds a head of this trail again\n",
               time_iso(c->arena, a->settled_us), a->witness);
    else if (a->settled_us)
        printf("  accepted %s by account %s: %s\n", time_iso(c->arena, a->settled_us), a->account,
               a->reason);
    else
        printf("  the head shown: %" PRId64 " %.16s\n", a->shown.size, a->shown.root);
}

static void say_counts(const struct ctx *c, const struct reports *r)
{
    const struct audit_report *a = &r->audit;
    printf("%s: audit records %" PRId64 ", seals %" PRId64 ", heads %" PRId64 ", witnessed %" PRId64
           ", held by witnesses %" PRId64 ", exchange messages %" PRId64
           ", register versions %" PRId64 "\n",
           c->node->name, a->records, a->seals, a->heads, a->witnessed, a->held,
           r->exchange.messages, r->registry.versions);
    if (a->records >= RATE_FROM && a->chain_us)
        printf("audit: %" PRId64 " records a second\n", a->records * SECOND_US / a->chain_us);
}

static bool say(struct ctx *c, const struct reports *r)
{
    const struct audit_report *a = &r->audit;
    bool sound = text_empty(a->problem) && text_empty(r->exchange.problem) &&
                 text_empty(r->registry.problem);
    say_counts(c, r);
    for (size_t i = 0; i < a->n_findings && i < AUDIT_FINDINGS; i++)
        say_finding(c, &a->findings[i]);
    if (a->n_findings > AUDIT_FINDINGS)
        printf("audit: %zu findings in all\n", a->n_findings);
    for (size_t i = 0; i < r->n_alerts; i++) {
        say_alert(c, &r->alerts[i]);
        sound &= r->alerts[i].settled_us || !text_eq(r->alerts[i].node, c->node->name);
    }
    if (!text_empty(r->exchange.problem))
        printf("exchange: %s\n", r->exchange.problem);
    if (!text_empty(r->registry.problem))
        printf("registry: %s\n", r->registry.problem);
    printf("%s\n", text_get(sound ? TX(app_verify_sound) : TX(app_verify_broken), c->lang));
    return sound;
}

static enum err open_and(struct ctx *c, const char *dir, enum err (*work)(struct ctx *c, void *arg),
                         void *arg)
{
    struct node *n;
    enum err e = node_open(c, dir, &n);
    if (e)
        return e;
    e = work(c, arg);
    node_close(n);
    return e;
}

static enum err prove(struct ctx *c, void *arg)
{
    struct reports *r = arg;
    enum err e = db_check(c, c->node->db);
    if (!e)
        e = db_read(c, c->node->db, verify_all, r);
    r->sound = !e && say(c, r);
    return e;
}

static enum err print(struct ctx *c, void *arg)
{
    return db_read(c, c->node->db, print_held, arg);
}

enum err app_verify(struct ctx *c, const char *dir, const char *witness, bool *ret_sound)
{
    struct reports r = {.witness = witness};
    enum err e = open_and(c, dir, prove, &r);
    if (!e)
        *ret_sound = r.sound;
    return e;
}

/* Names and keys of the others are settings: what is proved by a damaged one can't hold. */
static enum err say_settings(struct ctx *c, const char *dir)
{
    const char *what;
    enum err e = settings_changed(c, dir, &what);
    if (!e && *what)
        printf("%s %s\n", text_get(TX(app_settings_changed), c->lang), what);
    return e;
}

int cmd_verify(struct ctx *c, int argc, char **argv)
{
    const char *dir = option(argc, argv, "data", NULL);
    const char *whose = option(argc, argv, "witnessed-for", NULL);
    bool sound = true;
    if (!dir)
        return app_say_usage(c, TX(app_verify_usage));
    enum err e = whose ? open_and(c, dir, print, (void *)(uintptr_t)whose)
                       : app_verify(c, dir, option(argc, argv, "witness", NULL), &sound);
    if (!e && !sound)
        e = say_settings(c, dir);
    if (e)
        return app_say_faults(c);
    return sound ? 0 : 1;
}
