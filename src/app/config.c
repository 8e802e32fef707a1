/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app.h"
#include "base/sys.h"
#include "base/text.h"
#include "web/json.h"

#define CONFIG_MAX_BYTES (256 * 1024)

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

static enum err read_json(struct ctx *c, const char *path, json_t **ret)
{
    struct bytes raw;
    enum err e = sys_read_file(c, path, CONFIG_MAX_BYTES, &raw);
    if (e)
        return e;
    return json_in(c, path, raw, ret);
}

static enum err node_from_json(struct ctx *c, const char *path, const json_t *o, struct node *n)
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
    n->port = (int)json_int_of(o, "port", 0);
    n->exchange_port = (int)json_int_of(o, "exchange_port", 0);
    n->demo = json_bool_of(o, "demo", false);
    const char *const must[] = {"name", n->name, "agency", n->agency, "url", n->url};
    for (size_t i = 0; i < ARRAY_LEN(must); i += 2)
        if (text_empty(must[i + 1]))
            return fail(c, ERR_DEFINITION, path, must[i]);
    if (n->port < 1 || n->port > 65535)
        return fail(c, ERR_DEFINITION, path, "port");
    return OK;
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
    struct cert *sign;
    const char *pem = text_in(c, o, "sign_cert");
    enum err e = cert_parse(c, bytes_of(pem), &sign);
    if (e)
        return fail(c, ERR_DEFINITION, path, "sign_cert");
    struct buf b = buf_new(c->arena, 256);
    buf_base64url(&b, cert_public_point(c->arena, sign));
    p->sign_point_b64 = b.ptr;
    cert_end(sign);
    return OK;
}

static enum err peers_load(struct ctx *c, const char *path, struct node *n)
{
    if (!sys_exists(path))
        return OK; /* a node alone */
    json_t *o;
    enum err e = read_json(c, path, &o);
    if (e)
        return e;
    const json_t *list = json_list_of(o, "nodes");
    size_t count = list ? json_array_size(list) : 0;
    struct node_peer *peers = ARENA_ARRAY(c->arena, count + 1, struct node_peer);
    for (size_t i = 0; i < count && !e; i++) {
        const json_t *row = json_array_get(list, i);
        if (text_eq(json_text_of(row, "name", ""), n->name))
            continue;
        e = peer_from_json(c, path, row, &peers[n->n_peers++]);
    }
    n->peers = peers;
    json_end(o);
    return e;
}

static enum err load_cert(struct ctx *c, const char *path, struct cert **ret)
{
    struct bytes pem;
    enum err e = sys_read_file(c, path, CONFIG_MAX_BYTES, &pem);
    if (e)
        return fail(c, ERR_KEY_MISSING, path);
    return cert_parse(c, pem, ret);
}

static enum err keys_load(struct ctx *c, const char *dir, struct node *n)
{
    const char *root = arena_printf(c->arena, "%s/keys/root.key", dir);
    struct bytes hex;
    if (sys_read_file(c, root, 4096, &hex))
        return fail(c, ERR_KEY_MISSING, root);
    const char *text = arena_text_n(c->arena, (const char *)hex.ptr, hex.len);
    size_t n_lines;
    const char **lines = text_split(c->arena, text, '\n', &n_lines);
    if (n_lines < 1 || !hex_decode(c->arena, lines[0], &n->root_key) || n->root_key.len != 32)
        return fail(c, ERR_KEY_BAD, root);
    enum err e;
    if ((e = key_load(c, arena_printf(c->arena, "%s/keys/sign.key", dir), &n->sign_key)))
        return e;
    if ((e = key_load(c, arena_printf(c->arena, "%s/keys/tls.key", dir), &n->tls_key)))
        return e;
    if ((e = load_cert(c, arena_printf(c->arena, "%s/keys/sign.crt", dir), &n->sign_cert)))
        return e;
    if ((e = load_cert(c, arena_printf(c->arena, "%s/keys/tls.crt", dir), &n->tls_cert)))
        return e;
    return load_cert(c, arena_printf(c->arena, "%s/keys/ca.crt", dir), &n->ca_cert);
}

enum err config_load(struct ctx *c, const char *data_dir, struct node **ret_node)
{
    struct node *n = ARENA_NEW(c->arena, struct node);
    const char *path = arena_printf(c->arena, "%s/node.json", data_dir);
    n->data_dir = arena_text(c->arena, data_dir);
    json_t *o;
    enum err e = read_json(c, path, &o);
    if (e)
        return e;
    e = node_from_json(c, path, o, n);
    n->db_url = text_in(c, o, "db");
    json_end(o);
    if (e)
        return e;
    if ((e = peers_load(c, arena_printf(c->arena, "%s/federation.json", data_dir), n)))
        return e;
    if ((e = keys_load(c, data_dir, n)))
        return e;
    *ret_node = n;
    return OK;
}
