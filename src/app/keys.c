/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh keys`: the certificates of a node: how long they hold, requests for new ones, and what an
   authority signed put in their place; and the secret its keys are sealed under. The keys
   themselves never leave the folder. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/config.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/reseal.h"
#include "web/json.h"

#define CERT_MAX_BYTES (32 * 1024)
#define PIN_MAX        255

static const char *path_of(struct ctx *c, const char *dir, const char *name, const char *ending)
{
    return arena_printf(c->arena, "%s/keys/%s.%s", dir, name, ending);
}

static enum err cert_at(struct ctx *c, const char *path, struct cert **ret)
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
static enum err place_of(struct ctx *c, const char *dir, struct key_place *ret)
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

/* The caller ends key and keeper. */
static enum err own_key(struct ctx *c, const char *dir, const char *name, struct keeper **ret,
                        struct key **ret_key)
{
    struct key_place p;
    enum err e = place_of(c, dir, &p);
    if (e || (e = keeper_open(c, &p, ret)))
        return e;
    *ret_key = keeper_key(*ret, text_eq(name, "tls") ? KEEPER_TLS : KEEPER_SIGN);
    return OK;
}

/* ---- list ---- */

static enum err list_one(struct ctx *c, const char *dir, const char *name)
{
    struct cert *x;
    enum err e = cert_at(c, path_of(c, dir, name, "crt"), &x);
    if (e)
        return e;
    int64_t until = cert_until_us(x);
    struct civil t = civil_from_us(until, LOCAL_OFFSET_US);
    printf("%-5s %04d-%02d-%02d %6" PRId64 " %s  %s\n", name, t.year, t.month, t.day,
           (until - c->now_us) / DAY_US, text_get(TX(app_keys_days), c->lang),
           cert_subject(c->arena, x, "CN"));
    cert_end(x);
    return OK;
}

static enum err list(struct ctx *c, const char *dir)
{
    const char *const names[] = {"sign", "tls", "ca"};
    enum key_guard guard;
    enum err e = OK;
    for (size_t i = 0; i < ARRAY_LEN(names) && !e; i++)
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
    enum err e = place_of(c, dir, &p);
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
    enum err e = place_of(c, dir, &p);
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

/* ---- csr ---- */

static enum err request(struct ctx *c, const char *dir, const char *to, const char *name,
                        const json_t *o)
{
    const char *const dns[] = {app_host(c, json_text_of(o, "exchange_url", "localhost")), NULL};
    const char *agency = arena_text(c->arena, json_text_of(o, "agency", ""));
    bool tls = text_eq(name, "tls");
    struct cert_wish w = {
        .common_name = arena_printf(c->arena, "%s %s", agency, name),
        .organization = arena_text(c->arena, json_text_of(json_object_get(o, "title"), "vi", "")),
        .serial_number = agency,
        .country = "VN",
        .dns = tls ? dns : NULL,
        .tls = tls,
        .sign = !tls};
    struct keeper *keeper;
    struct key *k;
    const char *pem;
    enum err e = own_key(c, dir, name, &keeper, &k);
    if (e)
        return e;
    e = cert_request(c, &w, k, &pem);
    key_end(k);
    keeper_end(keeper);
    const char *path = arena_printf(c->arena, "%s/%s.csr", to, name);
    if (!e)
        e = sys_write_file(c, path, bytes_of(pem), 0644);
    if (!e)
        printf("%s\n", path);
    return e;
}

enum err keys_requests(struct ctx *c, const char *dir, const char *to)
{
    struct config_file f;
    enum err e = config_read(c, arena_printf(c->arena, "%s/node.json", dir), &f);
    if (e)
        return e;
    if (!(e = config_check(c, &f)) && !(e = sys_mkdir(c, to, 0755)) &&
        !(e = request(c, dir, to, "sign", f.json)))
        e = request(c, dir, to, "tls", f.json);
    json_end(f.json);
    return e;
}

/* ---- install ---- */

/* A certificate is taken only when it is our key's, that authority's, and holds now. */
static enum err fits(struct ctx *c, const char *dir, const char *name, const struct cert *x,
                     const struct cert *ca, const char *file)
{
    struct keeper *keeper;
    struct key *k;
    enum err e = own_key(c, dir, name, &keeper, &k);
    if (e)
        return e;
    struct bytes mine = key_public_point(c->arena, k), theirs = cert_public_point(c->arena, x);
    bool same = mine.len == theirs.len && memcmp(mine.ptr, theirs.ptr, mine.len) == 0;
    key_end(k);
    keeper_end(keeper);
    return same && cert_check(x, ca, c->now_us) ? OK
                                                : fail(c, ERR_CERT_NOT_OURS, "certificate", file);
}

static enum err put(struct ctx *c, const char *dir, const char *name, const struct cert *x)
{
    return sys_write_file(c, path_of(c, dir, name, "crt"), bytes_of(cert_pem(c->arena, x)), 0644);
}

static enum err install_with(struct ctx *c, const char *dir, const char *sign, const char *tls,
                             const struct cert *ca)
{
    struct cert *s = NULL, *t = NULL;
    enum err e = cert_at(c, sign, &s);
    if (!e)
        e = cert_at(c, tls, &t);
    if (!e)
        e = fits(c, dir, "sign", s, ca, sign);
    if (!e)
        e = fits(c, dir, "tls", t, ca, tls);
    if (!e)
        e = put(c, dir, "ca", ca);
    if (!e)
        e = put(c, dir, "sign", s);
    if (!e)
        e = put(c, dir, "tls", t);
    cert_end(s);
    cert_end(t);
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

static enum err check_root(struct ctx *c, const char *dir, const struct cert *ca)
{
    struct cert *now;
    enum err e = cert_at(c, path_of(c, dir, "ca", "crt"), &now);
    if (e)
        return e;
    bool same = text_eq(cert_fingerprint(c->arena, now), cert_fingerprint(c->arena, ca));
    cert_end(now);
    return same ? OK : root_may_change(c, dir);
}

/* All three are judged before one is written; a node that runs has them loaded, so it is stopped.
 */
static enum err install(struct ctx *c, const char *dir, int argc, char **argv)
{
    struct cert *ca;
    int lock;
    enum err e = cert_at(c, option(argc, argv, "ca", path_of(c, dir, "ca", "crt")), &ca);
    if (e)
        return e;
    e = check_root(c, dir, ca);
    if (!e && !(e = app_lock(c, dir, &lock))) {
        e = install_with(c, dir, option(argc, argv, "sign", path_of(c, dir, "sign", "crt")),
                         option(argc, argv, "tls", path_of(c, dir, "tls", "crt")), ca);
        sys_unlock(lock);
    }
    cert_end(ca);
    return e;
}

int cmd_keys(struct ctx *c, int argc, char **argv)
{
    const char *dir = option(argc, argv, "data", NULL), *to = option(argc, argv, "to", NULL);
    const char *new_secret = option(argc, argv, "new-secret", NULL);
    const char *what = argc > 0 ? argv[0] : "";
    enum text said = TX(app_keys_installed);
    enum err e = OK;
    if (dir && text_eq(what, "list"))
        e = list(c, dir);
    else if (dir && to && text_eq(what, "csr"))
        e = keys_requests(c, dir, to);
    else if (dir && text_eq(what, "install"))
        e = install(c, dir, argc, argv);
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
    if (!e && (text_eq(what, "install") || text_eq(what, "protect") || text_eq(what, "token")))
        printf("%s\n", text_get(said, c->lang));
    return e ? app_say_faults(c) : 0;
}
