/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh peers`: who we are, as the others must know it; and whom we know, in federation.json. Rows
   travel by a way both sides trust (in person, signed mail): whoever writes them is believed. */
#include <stdio.h>
#include <string.h>

#include "app/keys_inside.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/tree.h"
#include "engine/identity/identity.h"
#include "web/json.h"

static const char *file_of(struct ctx *c, const char *dir)
{
    return arena_printf(c->arena, "%s/federation.json", dir);
}

/* ---- keys of a row ---- */

static bool same_key(const struct cert *a, const struct cert *b, struct arena *in)
{
    struct bytes x = cert_public_point(in, a), y = cert_public_point(in, b);
    return x.len == y.len && memcmp(x.ptr, y.ptr, x.len) == 0;
}

/* Of a row, or of what stands in its "next" or "before". */
static bool bears(struct ctx *c, const json_t *o, const struct cert *x)
{
    struct cert *here;
    const char *pem = json_text_of(o, "sign_cert", "");
    if (cert_parse(c, bytes_of(pem), &here)) {
        ctx_clear_faults(c);
        return false;
    }
    bool same = same_key(here, x, c->arena);
    cert_end(here);
    return same;
}

/* Does the row tell of that key anywhere? */
static bool tells(struct ctx *c, const json_t *row, const struct cert *x)
{
    const json_t *list = json_list_of(row, "before");
    bool told = bears(c, row, x) || bears(c, json_object_get(row, "next"), x);
    for (size_t i = 0; list && i < json_array_size(list) && !told; i++)
        told = bears(c, json_array_get(list, i), x);
    return told;
}

/* One that it doesn't tell of: what it signed was believed here until then, and stays proved. */
static void keep(struct ctx *c, json_t *row, const json_t *from, const char *until)
{
    struct cert *x;
    const char *pem = json_text_of(from, "sign_cert", "");
    if (cert_parse(c, bytes_of(pem), &x)) {
        ctx_clear_faults(c);
        return;
    }
    if (!tells(c, row, x)) {
        if (!json_list_of(row, "before"))
            json_object_set_new(row, "before", json_array());
        json_array_append_new(json_object_get(row, "before"),
                              json_pack("{s:s, s:s}", "sign_cert", pem, "until", until));
    }
    cert_end(x);
}

/* Its keys, and what was set for it here: no row that it sends says so. */
static void keep_all(struct ctx *c, json_t *row, const json_t *old)
{
    static const char *const ours[] = {"pushed_requests", "bound_tokens", "backchannel_logout_uri"};
    for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
        json_t *set = json_object_get(old, ours[i]);
        if (set && !json_object_get(row, ours[i]))
            json_object_set(row, ours[i], set);
    }
    const json_t *list = json_list_of(old, "before");
    keep(c, row, old, time_iso(c->arena, c->now_us));
    for (size_t i = 0; list && i < json_array_size(list); i++)
        keep(c, row, json_array_get(list, i), json_text_of(json_array_get(list, i), "until", ""));
}

/* ---- our own ---- */

/* Those that wait, when their certificates are there. */
static enum err tell_next(struct ctx *c, const struct node *n, json_t *row)
{
    struct cert *tls;
    const char *path = keys_path(c, n->data_dir, keys_name(KEEPER_TLS, KEYS_NEXT), "crt");
    if (!n->next_sign_cert || !sys_exists(path) || bears(c, row, n->next_sign_cert))
        return OK;
    enum err e = keys_cert(c, path, &tls);
    if (e)
        return e;
    json_object_set_new(row, "next",
                        json_pack("{s:s, s:s}", "tls_cert_sha256", cert_fingerprint(c->arena, tls),
                                  "sign_cert", cert_pem(c->arena, n->next_sign_cert)));
    cert_end(tls);
    return OK;
}

static enum err tell_before(struct ctx *c, const struct node *n, json_t *row)
{
    struct config_file f;
    const char *path = arena_printf(c->arena, "%s/keys/" KEYS_BEFORE, n->data_dir);
    if (!sys_exists(path))
        return OK;
    enum err e = config_read(c, path, &f);
    if (e)
        return e;
    const json_t *list = json_list_of(f.json, "before");
    for (size_t i = 0; list && i < json_array_size(list); i++)
        keep(c, row, json_array_get(list, i), json_text_of(json_array_get(list, i), "until", ""));
    json_end(f.json);
    return OK;
}

/* What others must know of the node in dir; the caller's to end. */
static enum err own_row(struct ctx *c, const char *dir, json_t **ret)
{
    struct node *n;
    enum err e = config_load(c, dir, &n);
    if (e)
        return e;
    json_t *members = json_array();
    for (size_t i = 0; n->members[i]; i++)
        json_array_append_new(members, json_string(n->members[i]));
    *ret = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:s}", "name", n->name, "agency", n->agency,
                     "url", n->url, "exchange_url", n->exchange_url, "members", members,
                     "tls_cert_sha256", cert_fingerprint(c->arena, n->tls_cert), "sign_cert",
                     cert_pem(c->arena, n->sign_cert));
    if ((e = tell_next(c, n, *ret)) || (e = tell_before(c, n, *ret)))
        json_decref(*ret);
    return e;
}

static enum err show(struct ctx *c, const char *dir)
{
    json_t *row;
    enum err e = own_row(c, dir, &row);
    if (e)
        return e;
    printf("%s\n", json_out(c->arena, row, true));
    json_decref(row);
    return OK;
}

/* The rows as they will be: the one of that name gives way, its keys are kept. */
static void set_row(struct ctx *c, json_t *rows, json_t *row)
{
    const char *name = json_text_of(row, "name", "");
    for (size_t i = json_array_size(rows); i-- > 0;)
        if (text_eq(json_text_of(json_array_get(rows, i), "name", ""), name)) {
            keep_all(c, row, json_array_get(rows, i));
            json_array_remove(rows, i);
        }
    json_array_append(rows, row);
}

static enum err known(struct ctx *c, const char *dir, json_t **ret)
{
    struct config_file f;
    if (!sys_exists(file_of(c, dir))) {
        *ret = json_pack("{s:s, s:[]}", "instance", "VN", "nodes");
        return OK;
    }
    enum err e = config_read(c, file_of(c, dir), &f);
    *ret = e ? NULL : f.json;
    return e;
}

/* Written beside, read by the rules of a start, and only then put in its place. */
static enum err save(struct ctx *c, const char *dir, const json_t *all)
{
    const char *path = file_of(c, dir), *old = arena_printf(c->arena, "%s.old", path);
    struct node *n;
    bool had = sys_exists(path);
    enum err e = had ? sys_rename(c, path, old) : OK;
    if (!e)
        e = sys_write_file(c, path, bytes_of(json_out(c->arena, all, true)), 0640);
    if (!e && !(e = config_load(c, dir, &n)))
        return settings_accept(c, dir, "federation.json");
    enum err back = had ? sys_rename(c, old, path) : sys_unlink(c, path);
    return back ? back : e;
}

static enum err add(struct ctx *c, const char *dir, const char *from)
{
    struct config_file f;
    json_t *mine, *all = NULL;
    enum err e = own_row(c, dir, &mine);
    if (e)
        return e;
    if (!(e = config_read(c, from, &f))) {
        if (!(e = known(c, dir, &all))) {
            json_t *rows = json_object_get(all, "nodes");
            set_row(c, rows, mine);
            set_row(c, rows, f.json);
            e = save(c, dir, all);
        }
        json_end(f.json);
    }
    json_decref(mine);
    json_decref(all);
    return e;
}

enum err app_peer(struct ctx *c, const char *option, const char *name, const struct node_peer **ret)
{
    const struct node_peer *peer = node_peer_of(c->node, name);
    struct buf all = buf_new(c->arena, 4096);
    for (size_t i = 0; i < c->node->n_peers; i++) {
        buf_printf(&all, "%s%s", i ? " | " : "", c->node->peers[i].name);
        if (!peer && text_eq(c->node->peers[i].name, name))
            peer = &c->node->peers[i];
    }
    if (!peer)
        return fail(c, ERR_OPTION_VALUE, option, name, all.len ? all.ptr : "-");
    *ret = peer;
    return OK;
}

/* ---- a restored past ---- */

struct accepting {
    struct tree_acceptance a;
    const char *by;
};

static enum err do_accept(struct ctx *c, void *arg)
{
    struct accepting *x = arg;
    enum err e = identity_official(c, x->by, &x->a.account);
    return e ? e : tree_accept(c, &x->a);
}

static enum err accept_past(struct ctx *c, const char *dir, const char *name, const char *head,
                            struct accepting *x)
{
    struct node *n;
    const struct node_peer *peer;
    if (!tree_short_read(c->arena, head, &x->a.size, &x->a.root))
        return fail(c, ERR_OPTION_VALUE, "--head", head, "1234 9f3a61c0d2e4b5a7");
    enum err e = node_open(c, dir, &n);
    if (e)
        return e;
    e = app_peer(c, "--name", name, &peer);
    if (!e) {
        x->a.node = peer->name;
        e = db_write(c, n->db, do_accept, x);
    }
    node_close(n);
    return e;
}

static int cmd_accept(struct ctx *c, int argc, char **argv)
{
    const char *dir = option(argc, argv, "data", NULL), *name = option(argc, argv, "name", NULL);
    const char *head = option(argc, argv, "head", NULL);
    struct accepting x = {.a.reason = option(argc, argv, "reason", NULL),
                          .by = option(argc, argv, "by", NULL)};
    if (!dir || !name || !head || !x.by || !x.a.reason)
        return app_say_usage(c, TX(app_peers_usage));
    if (accept_past(c, dir, name, head, &x))
        return app_say_faults(c);
    printf("%s\n", text_get(TX(app_peers_accepted), c->lang));
    return 0;
}

int cmd_peers(struct ctx *c, int argc, char **argv)
{
    const char *dir = option(argc, argv, "data", NULL), *from = option(argc, argv, "from", NULL);
    const char *what = argc > 0 ? argv[0] : "";
    enum err e = OK;
    if (text_eq(what, "accept"))
        return cmd_accept(c, argc, argv);
    if (dir && text_eq(what, "show"))
        e = show(c, dir);
    else if (dir && from && text_eq(what, "add"))
        e = add(c, dir, from);
    else
        return app_say_usage(c, TX(app_peers_usage));
    if (!e && text_eq(what, "add"))
        printf("%s\n", text_get(TX(app_peers_added), c->lang));
    return e ? app_say_faults(c) : 0;
}
