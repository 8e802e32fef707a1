/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh keys`: the certificates of a node: how long they hold, requests for new ones, and what an
   authority signed put in their place; and the secret its keys are sealed under. The keys
   themselves never leave the folder. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/keys_inside.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/reseal.h"
#include "web/json.h"

#define CERT_MAX_BYTES (32 * 1024)
#define PIN_MAX        255
#define N_ALWAYS       3 /* certificates; those of keys that come next may be there */

const char *keys_path(struct ctx *c, const char *dir, const char *name, const char *ending)
{
    return arena_printf(c->arena, "%s/keys/%s.%s", dir, name, ending);
}

enum err keys_cert(struct ctx *c, const char *path, struct cert **ret)
{
    struct bytes pem;
    enum err e = sys_read_file(c, path, CERT_MAX_BYTES, &pem);
    if (e)
        return e;
    if (cert_parse(c, pem, ret) == OK)
        return OK;
    ctx_clear_faults(c);
    return fail(c, ERR_KEY_CERT, "certificate", path);
}

/* The node's own keys, with the name that they are bound to. */
enum err keys_place(struct ctx *c, const char *dir, struct key_place *ret)
{
    struct config_file f;
    enum err e = config_read(c, arena_printf(c->arena, "%s/node.json", dir), &f);
    if (e)
        return e;
    if (!(e = config_check(c, &f)))
        *ret = config_keys(c, dir, arena_text(c->arena, json_text_of(f.json, "name", "")));
    json_end(f.json);
    return e;
}

/* ---- list ---- */

static enum err list_one(struct ctx *c, const char *dir, const char *name)
{
    struct cert *x;
    enum err e = keys_cert(c, keys_path(c, dir, name, "crt"), &x);
    if (e)
        return e;
    int64_t until = cert_until_us(x);
    struct civil t = civil_from_us(until, LOCAL_OFFSET_US);
    printf("%-9s %04d-%02d-%02d %6" PRId64 " %s  %s\n", name, t.year, t.month, t.day,
           (until - c->now_us) / DAY_US, text_get(TX(app_keys_days), c->lang),
           cert_subject(c->arena, x, "CN"));
    cert_end(x);
    return OK;
}

static enum err list(struct ctx *c, const char *dir)
{
    const char *const names[] = {"sign", "tls", "ca", "sign.next", "tls.next"};
    enum key_guard guard;
    enum err e = OK;
    for (size_t i = 0; i < ARRAY_LEN(names) && !e; i++)
        if (i < N_ALWAYS || sys_exists(keys_path(c, dir, names[i], "crt")))
            e = list_one(c, dir, names[i]);
    if (!e)
        e = keystore_guard(c, arena_printf(c->arena, "%s/keys", dir), &guard);
    if (!e)
        printf("%s: %s\n", text_get(TX(app_diagnose_keys), c->lang), key_guard_name(guard));
    return e;
}

/* ---- protect, secret ---- */

/* A node that runs keeps what it has read; its keeper, started anew, would meet another secret: so
   it is stopped. */
static enum err protect(struct ctx *c, const char *dir, const char *new_secret)
{
    struct key_place p;
    int lock;
    enum err e = keys_place(c, dir, &p);
    if (e || (e = app_lock(c, dir, &lock)))
        return e;
    e = keystore_protect(c, &p, new_secret);
    sys_unlock(lock);
    return e;
}

/* ---- token ---- */

/* The PIN comes on standard input; the keys must sign before anything is written. */
static enum err token(struct ctx *c, const char *dir, const char *sign, const char *tls)
{
    struct key_place p;
    int lock;
    char line[PIN_MAX + 2];
    enum err e = keys_place(c, dir, &p);
    if (e || (e = app_lock(c, dir, &lock)))
        return e;
    fprintf(stderr, "%s ", text_get(TX(app_keys_pin), c->lang));
    if (!fgets(line, sizeof line, stdin))
        e = fail(c, ERR_REQUIRED, "PIN");
    line[e ? 0 : strcspn(line, "\r\n")] = '\0';
    if (!e)
        e = keeper_token_keys(c, &p, (const char *const[]){sign, tls}, line);
    sys_unlock(lock);
    return e;
}

/* ---- rotate, retire ---- */

static enum err standing(struct ctx *c, void *arg)
{
    (void)arg;
    return reseal_check(c);
}

/* The node is open for it: its modules name what must stay, and nobody else runs on the folder. */
static enum err rotate(struct ctx *c, const char *dir)
{
    struct node *n;
    uint32_t number;
    size_t n_names, n_more;
    enum err e = node_open(c, dir, &n);
    if (e)
        return e;
    const char *const *more = reseal_names(&n_more);
    const char *const *names = secret_names(c->arena, more, n_more, &n_names);
    struct key_place p = config_keys(c, dir, n->name);
    e = keeper_rotate(c, &p, names, n_names, &number);
    node_close(n);
    if (!e)
        printf("%s %u\n", text_get(TX(app_keys_rotated), c->lang), number);
    return e;
}

static enum err retire(struct ctx *c, const char *dir)
{
    struct node *n;
    size_t gone;
    enum err e = node_open(c, dir, &n);
    if (e)
        return e;
    e = db_read(c, n->db, standing, NULL);
    struct key_place p = config_keys(c, dir, n->name);
    if (!e)
        e = keeper_retire(c, &p, &gone);
    node_close(n);
    if (!e)
        printf("%s %zu\n", text_get(TX(app_keys_retired), c->lang), gone);
    return e;
}

static bool tells(const char *what)
{
    static const char *const all[] = {"install", "protect", "token", "next", "change"};
    size_t i = 0;
    while (i < ARRAY_LEN(all) && !text_eq(what, all[i]))
        i++;
    return i < ARRAY_LEN(all);
}

int cmd_keys(struct ctx *c, int argc, char **argv)
{
    const char *dir = option(argc, argv, "data", NULL), *to = option(argc, argv, "to", NULL);
    const char *new_secret = option(argc, argv, "new-secret", NULL);
    const char *what = argc > 0 ? argv[0] : "";
    enum text said = TX(app_keys_installed);
    enum keys_turn turn = KEYS_NOW;
    enum err e = OK;
    if (dir && text_eq(what, "list"))
        e = list(c, dir);
    else if (dir && to && text_eq(what, "csr"))
        e = keys_requests(c, dir, to);
    else if (dir && text_eq(what, "install"))
        e = keys_install(c, dir, argc, argv, &turn);
    else if (dir && to && text_eq(what, "next"))
        e = keys_next(c, dir, to);
    else if (dir && text_eq(what, "change"))
        e = keys_change(c, dir);
    else if (to && text_eq(what, "secret"))
        e = key_secret_make(c, to);
    else if (dir && text_eq(what, "token"))
        e = token(c, dir, option(argc, argv, "sign", NULL), option(argc, argv, "tls", NULL));
    else if (dir && text_eq(what, "rotate"))
        e = rotate(c, dir);
    else if (dir && text_eq(what, "retire"))
        e = retire(c, dir);
    else if (dir && new_secret && text_eq(what, "protect"))
        e = protect(c, dir, new_secret);
    else
        return app_say_usage(c, TX(app_keys_usage));
    if (text_eq(what, "protect"))
        said = TX(app_keys_protected);
    if (text_eq(what, "token"))
        said = TX(app_keys_token);
    if (text_eq(what, "next"))
        said = TX(app_keys_next);
    if (text_eq(what, "change"))
        said = TX(app_keys_changed);
    if (turn == KEYS_NEXT)
        said = TX(app_keys_next_installed);
    if (!e && tells(what))
        printf("%s\n", text_get(said, c->lang));
    return e ? app_say_faults(c) : 0;
}
