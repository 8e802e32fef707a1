/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh verify`: proves a node's database untouched; tools/ has an independent twin. */
#include <inttypes.h>
#include <stdio.h>

#include "app/app.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/audit.h"
#include "engine/exchange/exchange.h"
#include "engine/registry/registry.h"
#include "web/json.h"

#define WITNESS_MAX_BYTES (16 * 1024 * 1024)

struct reports {
    const char *witness; /* seals of ours that another node kept, one JSON object a line; NULL */
    struct audit_report audit;
    struct exchange_report exchange;
    struct registry_report registry;
    bool sound;
};

static enum err against(struct ctx *c, struct audit_report *r, const char *file, const char *lines)
{
    size_t n;
    const char **line = text_split(c->arena, lines, '\n', &n);
    for (size_t i = 0; i < n; i++) {
        struct audit_seal s = {0};
        if (shape_from_json(c, &audit_seal_shape, bytes_of(line[i]), &s)) {
            ctx_clear_faults(c);
            return json_bad(c, file, arena_printf(c->arena, "line %zu", i + 1),
                            "not a seal as --witnessed-for prints it");
        }
        enum err e = audit_against(c, &s, r);
        if (e)
            return e;
    }
    return OK;
}

static enum err verify_all(struct ctx *c, void *arg)
{
    struct reports *r = arg;
    struct bytes in = {NULL, 0};
    enum err e = r->witness ? sys_read_file(c, r->witness, WITNESS_MAX_BYTES, &in) : OK;
    if (!e)
        e = audit_verify(c, &r->audit);
    if (!e)
        e = against(c, &r->audit, r->witness, arena_text_n(c->arena, (const char *)in.ptr, in.len));
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

static enum err print_held(struct ctx *c, void *arg)
{
    const char *name = arg;
    const struct node_peer *peer = node_peer_of(c->node, name);
    for (size_t i = 0; i < c->node->n_peers && !peer; i++)
        if (text_eq(c->node->peers[i].name, name))
            peer = &c->node->peers[i];
    if (peer)
        return audit_each_held(c, peer->name, print_seal, NULL);
    struct buf all = buf_new(c->arena, 4096);
    for (size_t i = 0; i < c->node->n_peers; i++)
        buf_printf(&all, "%s%s", i ? " | " : "", c->node->peers[i].name);
    return fail(c, ERR_OPTION_VALUE, "--witnessed-for", name, all.len ? all.ptr : "-");
}

/* ---- the command ---- */

static bool say(struct ctx *c, const struct reports *r)
{
    const struct audit_report *a = &r->audit;
    bool sound = text_empty(a->problem) && text_empty(r->exchange.problem) &&
                 text_empty(r->registry.problem);
    printf("%s: audit records %" PRId64 ", seals %" PRId64 ", witnessed %" PRId64
           ", held by witnesses %" PRId64 ", exchange messages %" PRId64
           ", register versions %" PRId64 "\n",
           c->node->name, a->records, a->seals, a->witnessed, a->held, r->exchange.messages,
           r->registry.versions);
    if (!text_empty(a->problem))
        printf("audit: record %" PRId64 ": %s\n", a->bad_seq, a->problem);
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

int cmd_verify(struct ctx *c, int argc, char **argv)
{
    const char *dir = option(argc, argv, "data", NULL);
    const char *whose = option(argc, argv, "witnessed-for", NULL);
    bool sound = true;
    if (!dir)
        return app_say_usage(c, TX(app_verify_usage));
    enum err e = whose ? open_and(c, dir, print, (void *)(uintptr_t)whose)
                       : app_verify(c, dir, option(argc, argv, "witness", NULL), &sound);
    if (e)
        return app_say_faults(c);
    return sound ? 0 : 1;
}
