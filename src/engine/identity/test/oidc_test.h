/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two nodes for the tests of OpenID Connect: G22 says who people are, H57 asks it. Each has its own
 * database and keys; H57 reaches G22's token endpoint over a real socket, where a test may put a
 * lie in place of the answer. One browser, with its cookies at each.
 */
#ifndef DINH_ENGINE_IDENTITY_OIDC_TEST_H
#define DINH_ENGINE_IDENTITY_OIDC_TEST_H

#include "engine/identity/test/identity_test.h"

#include "crypto/keys.h"
#include "engine/identity/identity_consent.h"
#include "engine/identity/oidc_request.h"
#include "web/json.h"

#define BACK     "http://127.0.0.1:8802" OIDC_CALLBACK
#define BACK_G24 "http://127.0.0.1:8803" OIDC_CALLBACK
#define VERIFIER "verifier-verifier-verifier-verifier-verifier-1"
#define STATE    "state-0123456789abcdef"
#define NONCE    "nonce-0123456789abcdef"

struct nation {
    struct node_world *op, *rp;
    struct web *op_web, *op_net, *rp_web; /* op_net answers real sockets */
    struct http_server *server;
    struct key *g24; /* of a second client, which the test plays */
    struct web_client at_op, at_rp;
    const char *account; /* of Lan at the provider; user name "lan" */
    void (*body)(struct nation *n);
};

/* What the token endpoint, or that of path, answers instead of the truth; NULL: the truth. */
static struct {
    const char *body, *path;
    int status;
    struct web *web;
} lie UNUSED;

static inline void answer_token(void *arg, struct http_request *r)
{
    (void)arg;
    if (!lie.body || !text_eq(r->path, lie.path ? lie.path : "/oidc/token")) {
        web_handle(lie.web, r);
        return;
    }
    struct http_answer a = {.status = lie.status, .body = bytes_of(arena_text(r->arena, lie.body))};
    http_answer_header(&a, "Content-Type", "application/json");
    http_reply(r, &a);
}

static inline size_t any_body(void *arg, const struct http_request *r)
{
    (void)arg, (void)r;
    return 64 * 1024;
}

static inline const char *point_of(struct arena *a, const struct key *k)
{
    struct buf b = buf_new(a, 200);
    buf_base64url(&b, key_public_point(a, k));
    return b.ptr;
}

static inline void introduce(struct nation *n)
{
    struct arena *a = n->rp->c->arena;
    struct node_peer *clients = ARENA_ARRAY(a, 2, struct node_peer);
    struct node_peer *provider = ARENA_NEW(a, struct node_peer);
    assert_int_equal(key_new(n->rp->c, &n->g24), OK);
    clients[0] = (struct node_peer){.agency = "H57",
                                    .url = "http://127.0.0.1:8802",
                                    .plain_requests = true, /* as the attacks below */
                                    .bearer_tokens = true,
                                    .sign_point_b64 = point_of(a, n->rp->n->sign_key)};
    clients[1] = (struct node_peer){.agency = "G24",
                                    .url = "http://127.0.0.1:8803",
                                    .plain_requests = true,
                                    .bearer_tokens = true,
                                    .sign_point_b64 = point_of(a, n->g24)};
    n->op->n->peers = clients;
    n->op->n->n_peers = 2;
    n->op->n->url = arena_printf(a, "http://127.0.0.1:%d", http_server_port(n->server));
    *provider = (struct node_peer){
        .agency = "G22", .url = n->op->n->url, .sign_point_b64 = point_of(a, n->op->n->sign_key)};
    n->rp->n->peers = provider;
    n->rp->n->n_peers = 1;
    n->rp->n->identity_url = n->op->n->url;
}

/* ---- what Lan agreed to ---- */

static inline enum err give_consent(struct ctx *c, void *arg)
{
    const struct work *k = arg;
    return identity_consent_give(c, k->id, k->text);
}

static inline enum err end_consent(struct ctx *c, void *arg)
{
    const struct work *k = arg;
    return identity_consent_end(c, k->id, k->text);
}

static inline void agrees(struct nation *n, const char *client)
{
    struct work k = {.id = n->account, .text = client};
    assert_int_equal(do_write(n->op, give_consent, &k), OK);
}

static inline void takes_back(struct nation *n, const char *client)
{
    struct work k = {.id = n->account, .text = client};
    assert_int_equal(do_write(n->op, end_consent, &k), OK);
}

static inline void with_party(struct node_world *rp, void *arg)
{
    struct nation *n = arg;
    struct http_options o = {.address = "127.0.0.1",
                             .threads = 1,
                             .max_body_bytes = 64 * 1024,
                             .max_memory_body_bytes = 64 * 1024,
                             .spool_dir = rp->d->dir,
                             .body_limit = any_body,
                             .handle = answer_token};
    n->rp = rp;
    assert_int_equal(http_server_start(rp->c, &o, &n->server), OK);
    introduce(n);
    n->op_web = pages_open(n->op, web_test_reply);
    n->op_net = pages_open(n->op, NULL);
    n->rp_web = pages_open(rp, web_test_reply);
    memset(&lie, 0, sizeof lie);
    lie.web = n->op_net;
    n->at_op = web_client_new(rp->c->arena, n->op_web);
    n->at_rp = web_client_new(rp->c->arena, n->rp_web);
    n->account = citizen(n->op, "lan", LAN);
    agrees(n, "H57");
    agrees(n, "G24");
    n->body(n);
    http_server_stop(n->server, SECOND_US);
    web_end(n->op_web);
    web_end(n->op_net);
    web_end(n->rp_web);
    key_end(n->g24);
}

static inline void with_provider(struct node_world *op, void *arg)
{
    static const char *const members[] = {"G22", NULL};
    struct nation *n = arg;
    op->n->members = members;
    n->op = op;
    node_test_agency("H57");
    node_test_on(op->d->kind, modules, ARRAY_LEN(modules), with_party, n);
}

static inline void nation_test(void (*body)(struct nation *n))
{
    struct nation n = {.body = body};
    for (int kind = DB_SQLITE; kind <= DB_POSTGRES; kind++) {
        node_test_agency("G22");
        node_test_on((enum db_kind)kind, modules, ARRAY_LEN(modules), with_provider, &n);
    }
}

static inline struct arena *room(struct nation *n)
{
    return n->rp->c->arena;
}

/* ---- what waits at the provider ---- */

static inline enum err find_pushed(struct ctx *c, void *arg)
{
    return db_int(c, (int64_t *)arg, "SELECT count(*) FROM identity_pushed");
}

static inline int64_t waiting(struct nation *n)
{
    int64_t found = -1;
    assert_int_equal(do_read(n->op, find_pushed, &found), OK);
    return found;
}

/* ---- addresses ---- */

static inline int hex_of(char ch)
{
    return ch >= 'a' ? ch - 'a' + 10 : ch >= 'A' ? ch - 'A' + 10 : ch - '0';
}

/* A parameter of an address, decoded; NULL when absent. */
static inline const char *param_of(struct arena *a, const char *url, const char *name)
{
    const char *at = strchr(url, '?');
    size_t len = strlen(name);
    while (at && !(strncmp(at + 1, name, len) == 0 && at[1 + len] == '='))
        at = strchr(at + 1, '&');
    if (!at)
        return NULL;
    struct buf b = buf_new(a, 8192);
    for (at += len + 2; *at && *at != '&'; at++) {
        if (*at == '%' && at[1] && at[2]) {
            buf_char(&b, (char)(hex_of(at[1]) * 16 + hex_of(at[2])));
            at += 2;
        } else {
            buf_char(&b, *at);
        }
    }
    return buf_bytes(&b).len ? b.ptr : "";
}

/* The path and query of an absolute address. */
static inline const char *path_of(const char *url)
{
    return strchr(strstr(url, "://") + 3, '/');
}

static inline const char *where(const struct web_client *b)
{
    const char *to = web_answer_header(b, "Location");
    return to ? to : "";
}

struct pushed { /* what stands behind a request_uri */
    const char *state, *nonce, *hash;
    struct arena *room;
};

static inline enum err keep_pushed(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct pushed *p = arg;
    p->state = arena_text(p->room, row_text(r, 0));
    p->nonce = arena_text(p->room, row_text(r, 1));
    return OK;
}

static inline enum err find_request(struct ctx *c, void *arg)
{
    return db_each(c, keep_pushed, arg, "SELECT state, nonce FROM identity_pushed WHERE hash = $1",
                   P_TEXT(((const struct pushed *)arg)->hash));
}

/* What a relying party asked that sends its browser to url. */
static inline struct pushed asked_by(struct nation *n, const char *url)
{
    const char *uri = param_of(room(n), url, "request_uri");
    assert_true(uri && text_starts(uri, OIDC_URN));
    struct sha256 h = sha256(bytes_of(uri + strlen(OIDC_URN)));
    struct pushed p = {.hash = sha256_hex(room(n), h), .room = room(n)};
    assert_int_equal(do_read(n->op, find_request, &p), OK);
    assert_non_null(p.state);
    return p;
}

/* name, value, ... with one value put in place of another; value NULL leaves the pair out. */
static inline const char *form_of(struct arena *a, const char *const *pairs, size_t n,
                                  const char *name, const char *value)
{
    struct buf b = buf_new(a, 16384);
    for (size_t i = 0; i < n; i += 2) {
        const char *v = name && text_eq(pairs[i], name) ? value : pairs[i + 1];
        if (!v)
            continue;
        buf_printf(&b, "%s%s=", b.len ? "&" : "", pairs[i]);
        buf_url(&b, v);
    }
    return b.ptr;
}

/* ---- at the provider ---- */

static const char *asked_also UNUSED = ""; /* "&name=value" at the end of the address or body */

static inline int authorize(struct nation *n, const char *name, const char *value)
{
    const char *const pairs[] = {"response_type",
                                 "code",
                                 "scope",
                                 "openid",
                                 "client_id",
                                 "H57",
                                 "redirect_uri",
                                 BACK,
                                 "state",
                                 STATE,
                                 "nonce",
                                 NONCE,
                                 "code_challenge_method",
                                 "S256",
                                 "code_challenge",
                                 oidc_challenge(room(n), VERIFIER),
                                 "prompt",
                                 "",
                                 "max_age",
                                 "",
                                 "response_mode",
                                 ""};
    const char *query = form_of(room(n), pairs, ARRAY_LEN(pairs), name, value);
    return web_get(&n->at_op, arena_printf(room(n), "/oidc/authorize?%s%s", query, asked_also));
}

static inline const char *fresh_code(struct nation *n)
{
    assert_int_equal(authorize(n, NULL, NULL), 303);
    const char *code = param_of(room(n), where(&n->at_op), "code");
    assert_non_null(code);
    return code;
}

static inline const char *base64_text(struct arena *a, const char *text)
{
    struct buf b = buf_new(a, 16384);
    buf_base64url(&b, bytes_of(text));
    return b.ptr;
}

/* A token with any header; NULL key: an empty signature. */
static inline const char *odd_token(struct arena *a, const char *header, const char *payload,
                                    const struct key *k)
{
    struct buf b = buf_new(a, 32768);
    buf_printf(&b, "%s.%s", base64_text(a, header), base64_text(a, payload));
    struct bytes sign = k ? key_sign(a, k, buf_bytes(&b)) : (struct bytes){NULL, 0};
    buf_char(&b, '.');
    if (sign.len)
        buf_base64url(&b, sign);
    return b.ptr;
}

/* HS256 with the public key as secret: the old swap of algorithms. */
static inline const char *swapped_token(struct arena *a, const char *payload, const struct key *k)
{
    struct buf b = buf_new(a, 32768);
    struct bytes point = key_public_point(a, k);
    buf_printf(
        &b, "%s.%s",
        base64_text(a, arena_printf(a, "{\"alg\":\"HS256\",\"kid\":\"%s\"}", key_id(a, point))),
        base64_text(a, payload));
    struct sha256 mac = hmac_sha256(point, buf_bytes(&b));
    buf_char(&b, '.');
    buf_base64url(&b, (struct bytes){mac.b, sizeof mac.b});
    return b.ptr;
}

static inline long long now_s(void)
{
    return (long long)(sys_now_us() / SECOND_US);
}

/* Starts at H57, signs in at G22; gives the way back as G22 sends it, not yet gone. */
static inline const char *way_back(struct nation *n, const char *next)
{
    struct buf start = buf_new(room(n), 8192);
    buf_text(&start, "/dang-nhap/quoc-gia?next=");
    buf_url(&start, next);
    assert_int_equal(web_get(&n->at_rp, start.ptr), 303);
    assert_true(text_starts(where(&n->at_rp), n->op->n->url));
    web_get(&n->at_op, path_of(where(&n->at_rp)));
    if (text_starts(where(&n->at_op), "/dang-nhap")) {
        const char *asked = param_of(room(n), where(&n->at_op), "next");
        sign_in(&n->at_op, "lan");
        web_get(&n->at_op, asked);
    }
    assert_true(text_starts(where(&n->at_op), BACK "?code="));
    return path_of(where(&n->at_op));
}

#define TEST_CASE(body)                                                                            \
    static void test_##body(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        nation_test(body);                                                                         \
    }

#endif
