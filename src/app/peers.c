/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh peers`: who we are, as the others must know it; and whom we know, in federation.json. Rows
   travel by a way both sides trust (in person, signed mail): whoever writes them is believed. */
#include <stdio.h>

#include "app/config.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/tree.h"
#include "engine/identity/identity.h"
#include "web/json.h"

static const char *file_of(struct ctx *c, const char *dir)
{
    return arena_printf(c->arena, "%s/federation.json", dir);
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
    return OK;
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

/* The rows as they will be: the one of that name gives way. */
static void set_row(json_t *rows, json_t *row)
{
    const char *name = json_text_of(row, "name", "");
    for (size_t i = json_array_size(rows); i-- > 0;)
        if (text_eq(json_text_of(json_array_get(rows, i), "name", ""), name))
            json_array_remove(rows, i);
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
            set_row(rows, mine);
            set_row(rows, f.json);
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
