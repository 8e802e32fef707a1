/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh keys csr`, `install`: what an authority is asked for, and what it gave. */
#include <stdio.h>
#include <string.h>

#include "app/keys_inside.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/keeper_next.h"
#include "web/json.h"

const char *keys_name(enum keeper_key which, enum keys_turn turn)
{
    static const char *const names[KEYS_TURNS][KEEPER_KEYS] = {{"sign", "tls"},
                                                               {"sign.next", "tls.next"}};
    return names[turn][which];
}

static enum err points_now(struct ctx *c, const struct key_place *p, struct keys_points *ret)
{
    struct keeper *keeper;
    enum err e = keeper_open(c, p, &keeper);
    if (e)
        return e;
    for (size_t i = 0; i < KEEPER_KEYS; i++) {
        struct key *k = keeper_key(keeper, (enum keeper_key)i);
        ret->of[KEYS_NOW][i] = key_public_point(c->arena, k);
        key_end(k);
    }
    keeper_end(keeper);
    return OK;
}

enum err keys_points(struct ctx *c, const struct key_place *p, struct keys_points *ret)
{
    struct key *k;
    *ret = (struct keys_points){0};
    enum err e = points_now(c, p, ret);
    for (size_t i = 0; i < KEEPER_KEYS && !e; i++) {
        const char *name = keys_name((enum keeper_key)i, KEYS_NEXT);
        if (!sys_exists(arena_printf(c->arena, "%s/%s.key", p->dir, name)))
            continue;
        if (!(e = keeper_next(c, p, (enum keeper_key)i, &k))) {
            ret->of[KEYS_NEXT][i] = key_public_point(c->arena, k);
            key_end(k);
        }
    }
    return e;
}

/* ---- csr ---- */

struct cert_wish keys_wish(struct ctx *c, const json_t *node, enum keeper_key which)
{
    const char **dns = ARENA_ARRAY(c->arena, 2, const char *);
    const char *agency = arena_text(c->arena, json_text_of(node, "agency", ""));
    bool tls = which == KEEPER_TLS;
    dns[0] = app_host(c, json_text_of(node, "exchange_url", "localhost"));
    return (struct cert_wish){
        .common_name = arena_printf(c->arena, "%s %s", agency, keys_name(which, KEYS_NOW)),
        .organization =
            arena_text(c->arena, json_text_of(json_object_get(node, "title"), "vi", "")),
        .serial_number = agency,
        .country = "VN",
        .dns = tls ? dns : NULL,
        .tls = tls,
        .sign = !tls};
}

enum err keys_request(struct ctx *c, const char *to, const struct cert_wish *w, const struct key *k)
{
    const char *pem;
    enum err e = cert_request(c, w, k, &pem);
    const char *path = arena_printf(c->arena, "%s/%s.csr", to, w->tls ? "tls" : "sign");
    if (!e)
        e = sys_write_file(c, path, bytes_of(pem), 0644);
    if (!e)
        printf("%s\n", path);
    return e;
}

static enum err request_all(struct ctx *c, const struct key_place *p, const char *to,
                            const json_t *node)
{
    struct keeper *keeper;
    enum err e = keeper_open(c, p, &keeper);
    if (e)
        return e;
    for (size_t i = 0; i < KEEPER_KEYS && !e; i++) {
        struct cert_wish w = keys_wish(c, node, (enum keeper_key)i);
        struct key *k = keeper_key(keeper, (enum keeper_key)i);
        e = keys_request(c, to, &w, k);
        key_end(k);
    }
    keeper_end(keeper);
    return e;
}

enum err keys_requests(struct ctx *c, const char *dir, const char *to)
{
    struct config_file f;
    struct key_place p;
    enum err e = keys_place(c, dir, &p);
    if (e || (e = config_read(c, arena_printf(c->arena, "%s/node.json", dir), &f)))
        return e;
    if (!(e = sys_mkdir(c, to, 0755)))
        e = request_all(c, &p, to, f.json);
    json_end(f.json);
    return e;
}

/* ---- install ---- */

bool keys_fit(struct ctx *c, struct bytes point, const struct cert *x, const struct cert *ca)
{
    struct bytes theirs = cert_public_point(c->arena, x);
    return point.len && point.len == theirs.len && memcmp(point.ptr, theirs.ptr, point.len) == 0 &&
           cert_check(x, ca, c->now_us);
}

enum err keys_put(struct ctx *c, const char *dir, const char *name, const struct cert *x)
{
    return sys_write_file(c, keys_path(c, dir, name, "crt"), bytes_of(cert_pem(c->arena, x)), 0644);
}

struct given {
    const char *file[KEEPER_KEYS];
    struct cert *x[KEEPER_KEYS];
    const struct cert *ca;
    bool same_ca; /* it is the one in use */
};

/* Certificates are taken only when they are our keys', that authority's, and hold now. */
static enum err turn_of(struct ctx *c, const char *dir, const struct given *g,
                        enum keys_turn *ret_turn)
{
    struct key_place p;
    struct keys_points all;
    bool fits[KEYS_TURNS][KEEPER_KEYS];
    enum err e = keys_place(c, dir, &p);
    if (e || (e = keys_points(c, &p, &all)))
        return e;
    for (size_t t = 0; t < KEYS_TURNS; t++) {
        for (size_t i = 0; i < KEEPER_KEYS; i++)
            fits[t][i] = keys_fit(c, all.of[t][i], g->x[i], g->ca);
        if (fits[t][KEEPER_SIGN] && fits[t][KEEPER_TLS]) {
            *ret_turn = (enum keys_turn)t;
            return t == KEYS_NOW || g->same_ca ? OK : fail(c, ERR_ROOT_BOUND, "--ca", dir);
        }
    }
    bool sign = fits[KEYS_NOW][KEEPER_SIGN] || fits[KEYS_NEXT][KEEPER_SIGN];
    return fail(c, ERR_CERT_NOT_OURS, "certificate", g->file[sign ? KEEPER_TLS : KEEPER_SIGN]);
}

static enum err install_with(struct ctx *c, const char *dir, struct given *g,
                             enum keys_turn *ret_turn)
{
    enum err e = OK;
    for (size_t i = 0; i < KEEPER_KEYS && !e; i++)
        e = keys_cert(c, g->file[i], &g->x[i]);
    if (!e)
        e = turn_of(c, dir, g, ret_turn);
    if (!e)
        e = keys_put(c, dir, "ca", g->ca);
    for (size_t i = 0; i < KEEPER_KEYS && !e; i++)
        e = keys_put(c, dir, keys_name((enum keeper_key)i, *ret_turn), g->x[i]);
    for (size_t i = 0; i < KEEPER_KEYS; i++)
        cert_end(g->x[i]);
    return e;
}

static enum err seals(struct ctx *c, void *arg)
{
    return db_int(c, (int64_t *)arg, "SELECT count(*) FROM core_seal");
}

/* Old seals are held against the root their certificates came from: once there are any, the root
   stays. */
static enum err root_may_change(struct ctx *c, const char *dir)
{
    struct node *n;
    int64_t sealed = 0;
    enum err e = node_open(c, dir, &n);
    if (e)
        return e;
    e = db_read(c, n->db, seals, &sealed);
    node_close(n);
    return e || !sealed ? e : fail(c, ERR_ROOT_BOUND, "--ca", dir);
}

static enum err check_root(struct ctx *c, const char *dir, const struct cert *ca, bool *ret_same)
{
    struct cert *now;
    enum err e = keys_cert(c, keys_path(c, dir, "ca", "crt"), &now);
    if (e)
        return e;
    *ret_same = text_eq(cert_fingerprint(c->arena, now), cert_fingerprint(c->arena, ca));
    cert_end(now);
    return *ret_same ? OK : root_may_change(c, dir);
}

/* All are judged before one is written; a node that runs has them loaded, so it is stopped. */
enum err keys_install(struct ctx *c, const char *dir, int argc, char **argv,
                      enum keys_turn *ret_turn)
{
    struct cert *ca;
    struct given g = {.file = {option(argc, argv, "sign", keys_path(c, dir, "sign", "crt")),
                               option(argc, argv, "tls", keys_path(c, dir, "tls", "crt"))}};
    int lock;
    enum err e = keys_cert(c, option(argc, argv, "ca", keys_path(c, dir, "ca", "crt")), &ca);
    if (e)
        return e;
    g.ca = ca;
    e = check_root(c, dir, ca, &g.same_ca);
    if (!e && !(e = app_lock(c, dir, &lock))) {
        e = install_with(c, dir, &g, ret_turn);
        sys_unlock(lock);
    }
    cert_end(ca);
    return e;
}
