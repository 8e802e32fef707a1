/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens and codes that only their holder's key opens (RFC 9449), under attack. */
#include "engine/identity/test/oidc_redeem.h"

static struct key *mine, *others;

struct showing { /* a proof, spoilt as a case wants */
    const char *htm, *htu, *jti, *header, *token;
    long long iat;
    const struct key *key, *signs; /* the one in the header; the one that signs */
    const char *typ;
    bool private_part, no_ath;
};

static const char *proof_of(struct nation *n, const char *path, struct showing s)
{
    struct arena *a = room(n);
    const struct key *key = s.key ? s.key : mine;
    const char *url = arena_printf(a, "%s%s", n->op->n->url, path);
    const char *jti = arena_printf(a, "proof-%d", ++proofs), *ath = "";
    if (s.token && !s.no_ath)
        ath = arena_printf(a, ",\"ath\":\"%s\"", oidc_challenge(a, s.token));
    const char *payload =
        arena_printf(a, "{\"htm\":\"%s\",\"htu\":\"%s\",\"iat\":%lld,\"jti\":\"%s\"%s}",
                     s.htm                             ? s.htm
                     : text_eq(path, "/oidc/userinfo") ? "GET"
                                                       : "POST",
                     s.htu ? s.htu : url, now_s() + s.iat, s.jti ? s.jti : jti, ath);
    const char *jwk = jwk_json(a, key_public_point(a, key));
    if (s.private_part)
        jwk = arena_printf(a, "{\"d\":\"AAAA\",%s", jwk + 1);
    const char *header = s.header ? s.header
                                  : arena_printf(a, "{\"alg\":\"ES256\",\"typ\":\"%s\",\"jwk\":%s}",
                                                 s.typ ? s.typ : "dpop+jwt", jwk);
    return odd_token(a, header, payload, s.header ? NULL : s.signs ? s.signs : key);
}

static void must_bind(struct nation *n)
{
    struct node_peer *clients = ARENA_ARRAY(room(n), 2, struct node_peer);
    default_assertion = asked_also = shown = shown_also = "";
    memcpy(clients, n->op->n->peers, 2 * sizeof *clients);
    clients[0].bearer_tokens = clients[1].bearer_tokens = false;
    n->op->n->peers = clients;
    sign_in(&n->at_op, "lan");
    if (!mine) {
        assert_int_equal(key_new(n->rp->c, &mine), OK);
        assert_int_equal(key_new(n->rp->c, &others), OK);
    }
}

static int redeem_by(struct nation *n, const char *code, struct showing s)
{
    shown = proof_of(n, "/oidc/token", s);
    int status = redeem(n, code, NULL, NULL);
    shown = "";
    return status;
}

static int opens(struct nation *n, const char *scheme, const char *token, const char *proof)
{
    shown = proof;
    int status = userinfo(n, arena_printf(room(n), "%s %s", scheme, token));
    shown = "";
    return status;
}

static const char *bound_token(struct nation *n)
{
    assert_int_equal(redeem_by(n, fresh_code(n), (struct showing){.iat = 0}), 200);
    assert_string_equal(told(n, "token_type"), "DPoP");
    return told(n, "access_token");
}

/* ---- tokens ---- */

static void opens_by_its_key_alone(struct nation *n)
{
    must_bind(n);
    const char *token = bound_token(n), *other = bound_token(n);
    const struct {
        const char *what;
        struct showing s;
    } cases[] = {
        {"another key", {.token = token, .key = others}},
        {"another key's signature", {.token = token, .signs = others}},
        {"of another token", {.token = other}},
        {"of no token", {.token = token, .no_ath = true}},
        {"for another method", {.token = token, .htm = "POST"}},
        {"for another address", {.token = token, .htu = "https://evil.example/oidc/userinfo"}},
        {"old", {.token = token, .iat = -61}},
        {"early", {.token = token, .iat = 61}},
        {"without a name of its own", {.token = token, .jti = ""}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int status = opens(n, "DPoP", token, proof_of(n, "/oidc/userinfo", cases[i].s));
        if (status != 401)
            print_error("%s: %d %s\n", cases[i].what, status, n->at_op.text);
        assert_int_equal(status, 401);
    }
    const struct showing good = {.token = token};
    assert_int_equal(opens(n, "DPoP", token, ""), 401);
    assert_int_equal(opens(n, "Bearer", token, ""), 401); /* stolen, shown by its bearer */
    assert_int_equal(opens(n, "Bearer", token, proof_of(n, "/oidc/userinfo", good)), 401);
    const char *proof = proof_of(n, "/oidc/userinfo", good);
    assert_int_equal(opens(n, "DPoP", token, proof), 200);
    assert_string_equal(told(n, "vn_pin"), LAN);
    assert_int_equal(opens(n, "DPoP", token, proof), 401); /* overheard, shown again */
    assert_string_equal(told(n, "error"), "invalid_dpop_proof");
    assert_int_equal(opens(n, "DPoP", token, proof_of(n, "/oidc/userinfo", good)), 200);
}

/* Who may still bear a token can't dress it up, nor bare a bound one. */
static void keeps_the_kinds_apart(struct nation *n)
{
    must_bind(n);
    assert_int_equal(redeem(n, fresh_code(n), NULL, NULL), 400); /* without a proof: no token */
    assert_string_equal(told(n, "error"), "invalid_dpop_proof");
    struct node_peer *clients = ARENA_ARRAY(room(n), 2, struct node_peer);
    memcpy(clients, n->op->n->peers, 2 * sizeof *clients);
    clients[0].bearer_tokens = true;
    n->op->n->peers = clients;
    assert_int_equal(redeem(n, fresh_code(n), NULL, NULL), 200);
    assert_string_equal(told(n, "token_type"), "Bearer");
    const char *token = told(n, "access_token");
    assert_int_equal(
        opens(n, "DPoP", token, proof_of(n, "/oidc/userinfo", (struct showing){.token = token})),
        401);
    assert_int_equal(opens(n, "Bearer", token, ""), 200);
}

/* ---- the token endpoint ---- */

static void refuses_proofs(struct nation *n)
{
    static const char none[] = "{\"alg\":\"none\",\"typ\":\"dpop+jwt\"}";
    const struct {
        const char *what;
        struct showing s;
    } cases[] = {
        {"for another method", {.htm = "GET"}},
        {"method in small letters", {.htm = "post"}},
        {"for another address", {.htu = "https://evil.example/oidc/token"}},
        {"for the issuer", {.htu = n->op->n->url}},
        {"no address", {.htu = ""}},
        {"old", {.iat = -61}},
        {"early", {.iat = 61}},
        {"without a name of its own", {.jti = ""}},
        {"typed as another token", {.typ = "JWT"}},
        {"not typed", {.typ = ""}},
        {"algorithm none", {.header = none}},
        {"a private key in it", {.private_part = true}},
        {"signed by another key", {.signs = others}},
        {"signed by the provider's", {.signs = n->op->n->sign_key}},
    };
    must_bind(n);
    const char *code = fresh_code(n);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int status = redeem_by(n, code, cases[i].s);
        if (status != 400)
            print_error("%s: %d %s\n", cases[i].what, status, n->at_op.text);
        assert_int_equal(status, 400);
        assert_string_equal(told(n, "error"), "invalid_dpop_proof");
    }
    shown = "a.b.c";
    assert_int_equal(redeem(n, code, NULL, NULL), 400);
    shown = proof_of(n, "/oidc/token", (struct showing){.iat = 0});
    shown_also = proof_of(n, "/oidc/token", (struct showing){.key = others});
    assert_int_equal(redeem(n, code, NULL, NULL), 400); /* two of them */
    shown_also = "";
    assert_int_equal(redeem(n, code, NULL, NULL), 200);          /* none has spent the code */
    assert_int_equal(redeem(n, fresh_code(n), NULL, NULL), 400); /* overheard, shown again */
    assert_string_equal(told(n, "error"), "invalid_dpop_proof");
    const char *query = arena_printf(room(n), "%s/oidc/token?x=1#y", n->op->n->url);
    assert_int_equal(redeem_by(n, fresh_code(n), (struct showing){.htu = query}), 200);
    shown = "";
}

/* ---- codes ---- */

static const char *thumb(struct nation *n, const struct key *k)
{
    return key_id(room(n), key_public_point(room(n), k));
}

static void redeems_by_the_key_that_was_named(struct nation *n)
{
    const struct showing good = {.iat = 0}, bad = {.key = others};
    must_bind(n);
    asked_also = arena_printf(room(n), "&dpop_jkt=%s", thumb(n, mine));
    const char *code = fresh_code(n), *second = fresh_code(n);
    asked_also = "";
    assert_int_equal(redeem_by(n, code, bad), 400); /* stolen, with the verifier */
    assert_string_equal(told(n, "error"), "invalid_grant");
    assert_int_equal(redeem_by(n, second, good), 200);
    shown = proof_of(n, "/oidc/par", good); /* or shown with the push */
    const char *uri = pushed_with(n, NULL, NULL);
    assert_int_equal(push_as(n, "H57", NULL, NULL), 400); /* again */
    assert_string_equal(told(n, "error"), "invalid_dpop_proof");
    shown = proof_of(n, "/oidc/token", good); /* for elsewhere */
    assert_int_equal(push_as(n, "H57", NULL, NULL), 400);
    shown = proof_of(n, "/oidc/par", good);
    asked_also = arena_printf(room(n), "&dpop_jkt=%s", thumb(n, others)); /* they disagree */
    assert_int_equal(push_as(n, "H57", NULL, NULL), 400);
    asked_also = "&dpop_jkt=short";
    shown = "";
    assert_int_equal(push_as(n, "H57", NULL, NULL), 400);
    assert_string_equal(told(n, "error"), "invalid_request");
    asked_also = "";
    n->at_op = web_client_new(room(n), n->op_web); /* by way of the sign-in */
    assert_int_equal(visit(n, "H57", uri, ""), 303);
    const char *next = param_of(room(n), where(&n->at_op), "next");
    sign_in(&n->at_op, "lan");
    assert_int_equal(web_get(&n->at_op, next), 303);
    code = param_of(room(n), where(&n->at_op), "code");
    assert_int_equal(redeem_by(n, code, bad), 400);
    assert_string_equal(told(n, "error"), "invalid_grant");
    assert_int_equal(web_get(&n->at_op, next), 303);
    assert_int_equal(redeem_by(n, param_of(room(n), where(&n->at_op), "code"), good), 200);
}

static enum err count_free(struct ctx *c, void *arg)
{
    return db_int(c, (int64_t *)arg,
                  "SELECT (SELECT count(*) FROM identity_token WHERE jkt = '')"
                  " + (SELECT count(*) FROM identity_code WHERE jkt = '')");
}

/* Our own node, as a client: its codes and tokens are its key's. */
static void binds_our_own(struct nation *n)
{
    int64_t unbound = -1;
    must_bind(n);
    assert_int_equal(web_get(&n->at_rp, "/dang-nhap/quoc-gia?next=/toi"), 303);
    assert_int_equal(web_get(&n->at_op, path_of(where(&n->at_rp))), 303);
    assert_int_equal(web_get(&n->at_rp, path_of(where(&n->at_op))), 303);
    assert_true(is_in(&n->at_rp));
    assert_int_equal(do_read(n->op, count_free, &unbound), OK);
    assert_int_equal(unbound, 0);
    assert_int_equal(web_get(&n->at_op, "/.well-known/openid-configuration"), 200);
    assert_true(web_shows(&n->at_op, "\"dpop_signing_alg_values_supported\":[\"ES256\"]"));
}

TEST_CASE(opens_by_its_key_alone)
TEST_CASE(keeps_the_kinds_apart)
TEST_CASE(refuses_proofs)
TEST_CASE(redeems_by_the_key_that_was_named)
TEST_CASE(binds_our_own)

static int end_keys(void **state)
{
    (void)state;
    key_end(mine);
    key_end(others);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opens_by_its_key_alone),
        cmocka_unit_test(test_keeps_the_kinds_apart),
        cmocka_unit_test(test_refuses_proofs),
        cmocka_unit_test(test_redeems_by_the_key_that_was_named),
        cmocka_unit_test(test_binds_our_own),
    };
    return cmocka_run_group_tests_name("oidc_dpop", tests, NULL, end_keys);
}
