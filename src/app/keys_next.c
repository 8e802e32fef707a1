/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh keys next`, `change`: the keys of signing and TLS change without a message that is refused.
   New ones wait beside the old until the others know their certificates; then the node changes to
   them, and tells by its row in federation.json until when it signed with the old
   (docs/adr/0015-a-member-changes-its-keys.md). */
#include <string.h>

#include "app/keys_inside.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/audit.h"
#include "crypto/keeper_next.h"
#include "web/json.h"

#define OWN_YEARS 5

/* ---- next ---- */

static bool same(struct bytes a, struct bytes b)
{
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* By the authority that lies in this folder, if it still is the one: a node that joined a
   federation has another. */
static enum err issue(struct ctx *c, const char *dir, const struct key_place *p,
                      struct cert_wish *w, enum keeper_key which, const struct key *k)
{
    struct keystore *s;
    struct key *ca_key = NULL;
    struct cert *ca = NULL, *x = NULL;
    enum err e = keystore_open(c, p, &s);
    if (e)
        return e;
    w->from_us = c->now_us - DAY_US;
    w->until_us = c->now_us + OWN_YEARS * 365 * DAY_US;
    e = keystore_key(c, s, "ca.key", &ca_key);
    if (!e)
        e = keys_cert(c, keys_path(c, dir, "ca", "crt"), &ca);
    if (!e && same(key_public_point(c->arena, ca_key), cert_public_point(c->arena, ca)) &&
        !(e = cert_issue(c, w, k, ca_key, ca, &x)))
        e = keys_put(c, dir, keys_name(which, KEYS_NEXT), x);
    cert_end(x);
    cert_end(ca);
    key_end(ca_key);
    keystore_end(s);
    return e;
}

static enum err ask_for(struct ctx *c, const char *dir, const char *to, const json_t *node,
                        const struct key_place *p, enum keeper_key which)
{
    struct key *k;
    struct cert_wish w = keys_wish(c, node, which);
    bool own = sys_exists(keys_path(c, dir, "ca", "key"));
    enum err e = keeper_next(c, p, which, &k);
    if (e)
        return e;
    e = keys_request(c, to, &w, k);
    if (!e && own)
        e = issue(c, dir, p, &w, which, k);
    key_end(k);
    return e;
}

enum err keys_next(struct ctx *c, const char *dir, const char *to)
{
    struct config_file f;
    struct key_place p;
    enum err e = keys_place(c, dir, &p);
    if (e || (e = config_read(c, arena_printf(c->arena, "%s/node.json", dir), &f)))
        return e;
    e = keeper_next_make(c, &p);
    if (!e)
        e = sys_mkdir(c, to, 0755);
    for (size_t i = 0; i < KEEPER_KEYS && !e; i++)
        e = ask_for(c, dir, to, f.json, &p, (enum keeper_key)i);
    json_end(f.json);
    return e;
}

/* ---- change ---- */

struct change {
    const char *dir;
    struct arena *arena;
    struct key_place place;
    struct keys_points points;
    struct cert *now, *next[KEEPER_KEYS]; /* now: of signing */
};

static enum err do_end(struct ctx *c, void *arg)
{
    const struct change *x = arg;
    return audit_key_ends(c, cert_fingerprint(c->arena, x->next[KEEPER_SIGN]));
}

/* The record, by the node as it is. */
static enum err record(struct ctx *c, struct change *x)
{
    struct node *n;
    enum err e = node_open(c, x->dir, &n);
    if (e)
        return e;
    e = db_write(c, n->db, do_end, x);
    node_close(n);
    return e;
}

static enum err read_list(struct ctx *c, const char *path, json_t **ret)
{
    struct config_file f;
    if (!sys_exists(path)) {
        *ret = json_pack("{s:[]}", "before");
        return OK;
    }
    enum err e = config_read(c, path, &f);
    *ret = e ? NULL : f.json;
    return e;
}

/* What it signed with until now; once when this is done again. */
static enum err tell_before(struct ctx *c, const struct change *x)
{
    const char *path = arena_printf(c->arena, "%s/keys/" KEYS_BEFORE, x->dir);
    const char *pem = cert_pem(c->arena, x->now);
    json_t *all;
    enum err e = read_list(c, path, &all);
    if (e)
        return e;
    json_t *list = json_object_get(all, "before");
    size_t n = json_array_size(list);
    if (n && text_eq(json_text_of(json_array_get(list, n - 1), "sign_cert", ""), pem))
        json_array_remove(list, n - 1);
    json_array_append_new(
        list, json_pack("{s:s, s:s}", "sign_cert", pem, "until", time_iso(c->arena, c->now_us)));
    if (json_array_size(list) > PEER_KEYS_MAX)
        json_array_remove(list, 0);
    e = sys_write_file(c, path, bytes_of(json_out(c->arena, all, true)), 0644);
    json_decref(all);
    return e;
}

/* What there is of them takes its place: each certificate once its key has. */
static enum err put_next(struct ctx *c, struct change *x)
{
    enum err e = keeper_next_take(c, &x->place);
    if (!e)
        e = keys_points(c, &x->place, &x->points);
    for (size_t i = 0; i < KEEPER_KEYS && !e; i++)
        if (x->next[i] && same(cert_public_point(c->arena, x->next[i]), x->points.of[KEYS_NOW][i]))
            e = keys_put(c, x->dir, keys_name((enum keeper_key)i, KEYS_NOW), x->next[i]);
    return e;
}

static enum err end_next(struct ctx *c, const struct change *x)
{
    enum err e = keeper_next_end(c, &x->place);
    for (size_t i = 0; i < KEEPER_KEYS && !e; i++)
        e = sys_unlink(c, keys_path(c, x->dir, keys_name((enum keeper_key)i, KEYS_NEXT), "crt"));
    return e;
}

/* ERR_KEY_MISSING: nothing waits here, not even the rest of a change. */
static enum err load(struct ctx *c, struct change *x)
{
    enum err e = keys_place(c, x->dir, &x->place);
    if (!e)
        e = keys_points(c, &x->place, &x->points);
    bool waits =
        !e && (x->points.of[KEYS_NEXT][KEEPER_SIGN].len || x->points.of[KEYS_NEXT][KEEPER_TLS].len);
    for (size_t i = 0; i < KEEPER_KEYS && !e; i++) {
        const char *path = keys_path(c, x->dir, keys_name((enum keeper_key)i, KEYS_NEXT), "crt");
        waits |= sys_exists(path);
        e = sys_exists(path) ? keys_cert(c, path, &x->next[i]) : OK;
    }
    return e || waits ? e
                      : fail(c, ERR_KEY_MISSING, "key",
                             keys_path(c, x->dir, keys_name(KEEPER_SIGN, KEYS_NEXT), "key"));
}

/* Both keys wait, each with its certificate. */
static enum err ready(struct ctx *c, const struct change *x)
{
    struct cert *ca;
    enum err e = keys_cert(c, keys_path(c, x->dir, "ca", "crt"), &ca);
    if (e)
        return e;
    for (size_t i = 0; i < KEEPER_KEYS && !e; i++) {
        const char *path = keys_path(c, x->dir, keys_name((enum keeper_key)i, KEYS_NEXT), "crt");
        if (!x->next[i])
            e = fail(c, ERR_KEY_MISSING, "certificate", path);
        else if (!keys_fit(c, x->points.of[KEYS_NEXT][i], x->next[i], ca))
            e = fail(c, ERR_CERT_NOT_OURS, "certificate", path);
    }
    cert_end(ca);
    return e;
}

/* Once one of the new keys is in its place, what comes before that was done. */
static bool has_begun(const struct change *x)
{
    for (size_t i = 0; i < KEEPER_KEYS; i++) {
        struct bytes now = x->points.of[KEYS_NOW][i];
        if (same(now, x->points.of[KEYS_NEXT][i]) ||
            (x->next[i] && same(now, cert_public_point(x->arena, x->next[i]))))
            return true;
    }
    return false;
}

static enum err begin(struct ctx *c, struct change *x)
{
    enum err e = ready(c, x);
    if (!e)
        e = keys_cert(c, keys_path(c, x->dir, "sign", "crt"), &x->now);
    if (!e)
        e = record(c, x);
    return e ? e : tell_before(c, x);
}

static enum err change(struct ctx *c, struct change *x)
{
    enum err e = load(c, x);
    if (!e && !has_begun(x))
        e = begin(c, x);
    if (!e)
        e = put_next(c, x);
    return e ? e : end_next(c, x);
}

enum err keys_change(struct ctx *c, const char *dir)
{
    struct change x = {.dir = dir, .arena = c->arena};
    enum err e = change(c, &x);
    cert_end(x.now);
    for (size_t i = 0; i < KEEPER_KEYS; i++)
        cert_end(x.next[i]);
    return e;
}
