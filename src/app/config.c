/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "web/json.h"

#define CONFIG_MAX_BYTES (256 * 1024)
#define SIGN_OUT         "backchannel_logout_uri"

static const char *text_in(struct ctx *c, const json_t *o, const char *name)
{
    return arena_text(c->arena, json_text_of(o, name, ""));
}

static const char *const *texts_in(struct ctx *c, const json_t *o, const char *name)
{
    const json_t *list = json_list_of(o, name);
    size_t n = list ? json_array_size(list) : 0;
    const char **out = ARENA_ARRAY(c->arena, n + 1, const char *);
    for (size_t i = 0; i < n; i++) {
        const char *s = json_string_value(json_array_get(list, i));
        out[i] = arena_text(c->arena, s ? s : "");
    }
    return out;
}

enum err config_read(struct ctx *c, const char *path, struct config_file *ret)
{
    *ret = (struct config_file){.path = path};
    enum err e = sys_read_file(c, path, CONFIG_MAX_BYTES, &ret->raw);
    return e ? e : json_definition(c, path, ret->raw, &ret->json);
}

void config_node(struct ctx *c, const json_t *o, struct node *n)
{
    n->name = text_in(c, o, "name");
    n->agency = text_in(c, o, "agency");
    const json_t *title = json_object_get(o, "title");
    n->title[LANG_VI] = text_in(c, title, "vi");
    n->title[LANG_EN] = text_in(c, title, "en");
    n->members = texts_in(c, o, "members");
    n->systems = texts_in(c, o, "systems");
    n->instance = arena_text(c->arena, json_text_of(o, "instance", "VN"));
    n->url = text_in(c, o, "url");
    n->exchange_url = text_in(c, o, "exchange_url");
    const char *identity = text_in(c, o, "identity_url");
    n->identity_url = text_empty(identity) ? NULL : identity;
    const char *country = text_in(c, o, "country");
    n->country_dir = text_empty(country) ? NULL : country;
    n->address = arena_text(c->arena, json_text_of(o, "address", "127.0.0.1"));
    const char *exchange = text_in(c, o, "exchange_address");
    bool socket = text_starts(n->address, "unix:");
    n->exchange_address = !text_empty(exchange) ? exchange : socket ? "127.0.0.1" : n->address;
    n->port = (int)json_int_of(o, "port", 0);
    n->exchange_port = (int)json_int_of(o, "exchange_port", 0);
    n->demo = json_bool_of(o, "demo", false);
    n->second_factor = json_bool_of(o, "second_factor", !n->demo);
    n->scanner = text_in(c, o, "scanner");
    n->db_url = text_in(c, o, "db");
}

/* OpenID Connect Back-Channel Logout 1.0, 2.2: absolute, without a fragment. */
static bool address_or_none(const char *url)
{
    return text_empty(url) ||
           ((text_starts(url, "https://") || text_starts(url, "http://")) && !strchr(url, '#'));
}

/* The public key of a certificate in the row; of others than members' nothing is believed. */
static enum err point_of(struct ctx *c, const char *path, const json_t *o, const char *name,
                         const char **ret_point)
{
    struct cert *x;
    if (cert_parse(c, bytes_of(text_in(c, o, "sign_cert")), &x)) {
        ctx_clear_faults(c);
        return fail(c, ERR_DEFINITION, path, "sign_cert", name);
    }
    struct buf b = buf_new(c->arena, 256);
    buf_base64url(&b, cert_public_point(c->arena, x));
    *ret_point = b.ptr;
    cert_end(x);
    return OK;
}

/* "next": {tls_cert_sha256, sign_cert}: what it will change to. */
static enum err read_next(struct ctx *c, const char *path, const json_t *o, struct node_peer *p,
                          struct node_key *ret)
{
    p->next_cert_sha256 = text_in(c, o, "tls_cert_sha256");
    ret->until_us = NODE_KEY_STANDS;
    if (text_empty(p->next_cert_sha256))
        return fail(c, ERR_DEFINITION, path, "next", p->name);
    return point_of(c, path, o, p->name, &ret->point_b64);
}

/* An element of "before": {sign_cert, until}. */
static enum err read_before(struct ctx *c, const char *path, const json_t *o, const char *name,
                            struct node_key *ret)
{
    if (time_parse(c, "until", json_text_of(o, "until", ""), &ret->until_us)) {
        ctx_clear_faults(c);
        return fail(c, ERR_DEFINITION, path, "until", name);
    }
    return point_of(c, path, o, name, &ret->point_b64);
}

static enum err keys_beside(struct ctx *c, const char *path, const json_t *o, struct node_peer *p)
{
    const json_t *next = json_object_get(o, "next"), *before = json_list_of(o, "before");
    size_t n = before ? json_array_size(before) : 0;
    if (n > PEER_KEYS_MAX)
        return fail(c, ERR_DEFINITION, path, "before", p->name);
    struct node_key *keys = ARENA_ARRAY(c->arena, n + 1, struct node_key);
    enum err e = next ? read_next(c, path, next, p, &keys[p->n_keys++]) : OK;
    for (size_t i = 0; i < n && !e; i++)
        e = read_before(c, path, json_array_get(before, i), p->name, &keys[p->n_keys++]);
    p->keys = keys;
    return e;
}

static enum err peer_from_json(struct ctx *c, const char *path, const json_t *o,
                               struct node_peer *p)
{
    p->agency = text_in(c, o, "agency");
    p->name = text_in(c, o, "name");
    p->url = text_in(c, o, "url");
    p->exchange_url = text_in(c, o, "exchange_url");
    p->cert_sha256 = text_in(c, o, "tls_cert_sha256");
    p->members = texts_in(c, o, "members");
    p->plain_requests = !json_bool_of(o, "pushed_requests", true);
    p->bearer_tokens = !json_bool_of(o, "bound_tokens", true);
    p->sign_out_url = json_object_get(o, SIGN_OUT) ? text_in(c, o, SIGN_OUT) : NULL;
    if (!address_or_none(p->sign_out_url))
        return fail(c, ERR_DEFINITION, path, SIGN_OUT, "https://…");
    enum err e = point_of(c, path, o, p->name, &p->sign_point_b64);
    return e ? e : keys_beside(c, path, o, p);
}

static enum err peers_load(struct ctx *c, const char *path, struct node *n)
{
    if (!sys_exists(path))
        return OK; /* a node alone */
    struct config_file f;
    enum err e = config_read(c, path, &f);
    if (e)
        return e;
    const json_t *list = json_list_of(f.json, "nodes");
    if (!list)
        e = fail(c, ERR_DEFINITION, path, "nodes", "[ … ]");
    size_t count = list ? json_array_size(list) : 0;
    struct node_peer *peers = ARENA_ARRAY(c->arena, count + 1, struct node_peer);
    for (size_t i = 0; i < count && !e; i++) {
        const json_t *row = json_array_get(list, i);
        if (text_eq(json_text_of(row, "name", ""), n->name))
            continue;
        e = peer_from_json(c, path, row, &peers[n->n_peers++]);
    }
    n->peers = peers;
    json_end(f.json);
    return e;
}

/* ---- keys/ ---- */

static const char *key_secret; /* where it is; never the secret */

void config_key_secret(const char *from)
{
    key_secret = from;
}

const char *config_credential(struct ctx *c, const char *name)
{
    const char *dir = getenv("CREDENTIALS_DIRECTORY");
    const char *path = dir ? arena_printf(c->arena, "%s/%s", dir, name) : NULL;
    return path && sys_exists(path) ? path : NULL;
}

struct key_place config_keys(struct ctx *c, const char *data_dir, const char *node)
{
    return (struct key_place){.dir = arena_printf(c->arena, "%s/keys", data_dir),
                              .node = node,
                              .secret =
                                  key_secret ? key_secret : config_credential(c, KEY_CREDENTIAL)};
}

static enum err key_missing(struct ctx *c, const char *path)
{
    ctx_clear_faults(c);
    return fail(c, ERR_KEY_MISSING, "key", path);
}

static enum err load_cert(struct ctx *c, const char *dir, const char *name, struct cert **ret)
{
    struct bytes pem;
    const char *path = arena_printf(c->arena, "%s/keys/%s.crt", dir, name);
    enum err e = sys_read_file(c, path, CONFIG_MAX_BYTES, &pem);
    if (e == ERR_NOT_FOUND)
        return key_missing(c, path);
    if (e)
        return e;
    e = cert_parse(c, pem, ret);
    if (!e)
        return OK;
    ctx_clear_faults(c);
    return fail(c, ERR_KEY_CERT, "certificate", path);
}

/* The keeper's key, and the certificate of its file, which must be that key's. */
static enum err load_pair(struct ctx *c, const char *dir, const char *name, enum keeper_key which,
                          struct node *n, struct key **ret_key, struct cert **ret_cert)
{
    enum err e = load_cert(c, dir, name, ret_cert);
    if (e)
        return e;
    *ret_key = keeper_key(n->keeper, which);
    struct bytes mine = key_public_point(c->arena, *ret_key);
    struct bytes theirs = cert_public_point(c->arena, *ret_cert);
    if (mine.len == theirs.len && memcmp(mine.ptr, theirs.ptr, mine.len) == 0)
        return OK;
    const char *path = arena_printf(c->arena, "%s/keys/%s.crt", dir, name);
    bool changing = sys_exists(arena_printf(c->arena, "%s/keys/%s.next.crt", dir, name));
    return fail(c, changing ? ERR_KEY_CHANGE : ERR_KEY_CERT, "certificate", path);
}

/* Without it the node would judge by a root, or sign with a certificate, that nobody else takes.
   Of the transport's, TLS itself and `dinh diagnose` tell. */
static enum err certs_whole(struct ctx *c, const char *dir, const struct node *n)
{
    const struct {
        const struct cert *cert;
        const char *name;
    } all[] = {{n->ca_cert, "ca"}, {n->sign_cert, "sign"}};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (!cert_signed_by(all[i].cert, n->ca_cert))
            return fail(c, ERR_KEY_CERT, "certificate",
                        arena_printf(c->arena, "%s/keys/%s.crt", dir, all[i].name));
    return OK;
}

static enum err keys_load(struct ctx *c, const char *dir, struct node *n)
{
    struct key_place p = config_keys(c, dir, n->name);
    enum err e = keeper_open(c, &p, &n->keeper);
    if (!e)
        e = load_pair(c, dir, "sign", KEEPER_SIGN, n, &n->sign_key, &n->sign_cert);
    if (!e)
        e = load_pair(c, dir, "tls", KEEPER_TLS, n, &n->tls_key, &n->tls_cert);
    if (!e)
        e = load_cert(c, dir, "ca", &n->ca_cert);
    if (!e && sys_exists(arena_printf(c->arena, "%s/keys/sign.next.crt", dir)))
        e = load_cert(c, dir, "sign.next", &n->next_sign_cert);
    return e ? e : certs_whole(c, dir, n);
}

enum err config_load(struct ctx *c, const char *data_dir, struct node **ret_node)
{
    struct config_file f;
    struct node *n = ARENA_NEW(c->arena, struct node);
    n->data_dir = arena_text(c->arena, data_dir);
    enum err e = config_read(c, arena_printf(c->arena, "%s/node.json", data_dir), &f);
    if (e == ERR_NOT_FOUND) {
        ctx_clear_faults(c);
        return fail(c, ERR_NO_NODE, "data", data_dir);
    }
    if (e)
        return e;
    e = config_check(c, &f);
    if (!e)
        config_node(c, f.json, n);
    json_end(f.json);
    if (!e)
        e = peers_load(c, arena_printf(c->arena, "%s/federation.json", data_dir), n);
    if (!e)
        e = keys_load(c, data_dir, n);
    if (!e)
        *ret_node = n;
    return e;
}
