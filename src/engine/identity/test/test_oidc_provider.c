/* SPDX-License-Identifier: Apache-2.0 */
/* The provider under attack: the authorization, token and userinfo endpoints (RFC 9700). */
#include "engine/identity/test/oidc_redeem.h"

static enum err count_codes(struct ctx *c, void *arg)
{
    return db_int(c, (int64_t *)arg, "SELECT count(*) FROM identity_code");
}

static int64_t codes(struct nation *n)
{
    int64_t found = -1;
    assert_int_equal(do_read(n->op, count_codes, &found), OK);
    return found;
}

/* ---- the authorization endpoint ---- */

static const struct {
    const char *what, *name, *value;
} bad_requests[] = {
    {"unknown client", "client_id", "H58"},
    {"no client", "client_id", NULL},
    {"client in another case", "client_id", "h57"},
    {"address never registered", "redirect_uri", "https://evil.example/"},
    {"address of another client", "redirect_uri", BACK_G24},
    {"address with a suffix", "redirect_uri", BACK "/x"},
    {"address with a query", "redirect_uri", BACK "?next=https://evil.example"},
    {"address with a fragment", "redirect_uri", BACK "#x"},
    {"address with a way up", "redirect_uri", BACK "/../../x"},
    {"address with a user part", "redirect_uri", "http://127.0.0.1:8802@evil.example/"},
    {"address of another port", "redirect_uri", "http://127.0.0.1:8804" OIDC_CALLBACK},
    {"address of another scheme", "redirect_uri", "https://127.0.0.1:8802" OIDC_CALLBACK},
    {"address in capitals", "redirect_uri", "HTTP://127.0.0.1:8802" OIDC_CALLBACK},
    {"address with a line break", "redirect_uri", BACK "\r\nX: y"},
    {"no address", "redirect_uri", NULL},
    {"implicit flow", "response_type", "token"},
    {"hybrid flow", "response_type", "code id_token"},
    {"no response type", "response_type", NULL},
    {"answer in a fragment", "response_mode", "fragment"},
    {"answer by a form", "response_mode", "form_post"},
    {"no scope", "scope", NULL},
    {"scope without openid", "scope", "profile openidx"},
    {"no PKCE", "code_challenge", NULL},
    {"PKCE method plain", "code_challenge_method", "plain"},
    {"no PKCE method", "code_challenge_method", NULL},
    {"short challenge", "code_challenge", "abc"},
    {"long challenge", "code_challenge", "0123456789012345678901234567890123456789abcd"},
    {"no state", "state", NULL},
    {"short state", "state", "abc"},
    {"no nonce", "nonce", NULL},
    {"short nonce", "nonce", "abc"},
    {"prompt never heard of", "prompt", "consent"},
    {"prompt none and login", "prompt", "none login"},
    {"negative max_age", "max_age", "-1"},
    {"max_age in words", "max_age", "soon"},
};

/* Nobody is sent anywhere and no code is made; without a sign-in just as with one. */
static void refuses_requests(struct nation *n)
{
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < ARRAY_LEN(bad_requests); i++) {
            int status = authorize(n, bad_requests[i].name, bad_requests[i].value);
            if (status != 400 || *where(&n->at_op))
                print_error("%s: %d %s\n", bad_requests[i].what, status, where(&n->at_op));
            assert_int_equal(status, 400);
            assert_string_equal(where(&n->at_op), "");
        }
        assert_int_equal(codes(n), 0);
        if (round == 0)
            sign_in(&n->at_op, "lan");
    }
    assert_int_equal(authorize(n, NULL, NULL), 303); /* the control */
    assert_int_equal(codes(n), 1);
}

static void answers_with_state_and_issuer(struct nation *n)
{
    assert_int_equal(authorize(n, "state", "trạng thái & một = hai"), 303);
    assert_true(text_starts(where(&n->at_op), "/dang-nhap?next=%2Foidc%2Fauthorize%3F"));
    assert_int_equal(codes(n), 0);
    const char *next = param_of(room(n), where(&n->at_op), "next");
    assert_int_equal(web_get(&n->at_op, where(&n->at_op)), 200);
    assert_true(web_shows(&n->at_op, "Ủy ban nhân dân tỉnh Thừa Thiên Huế")); /* who asks */
    assert_int_equal(
        WEB_POST(&n->at_op, "/dang-nhap", "username", "lan", "password", PASSWORD, "next", next),
        303);
    assert_string_equal(where(&n->at_op), next);
    assert_int_equal(web_get(&n->at_op, next), 303);
    const char *to = where(&n->at_op);
    assert_true(text_starts(to, BACK "?code="));
    assert_string_equal(param_of(room(n), to, "state"), "trạng thái & một = hai");
    assert_string_equal(param_of(room(n), to, "iss"), n->op->n->url);
    assert_null(param_of(room(n), to, "error"));
}

static void obeys_prompt(struct nation *n)
{
    assert_int_equal(authorize(n, "prompt", "none"), 303); /* nobody there: told, not asked */
    const char *to = where(&n->at_op);
    assert_true(text_starts(to, BACK "?error=login_required&"));
    assert_string_equal(param_of(room(n), to, "state"), STATE);
    assert_string_equal(param_of(room(n), to, "iss"), n->op->n->url);
    sign_in(&n->at_op, "lan");
    assert_int_equal(authorize(n, "prompt", "none"), 303);
    assert_non_null(param_of(room(n), where(&n->at_op), "code"));
    assert_int_equal(authorize(n, "prompt", "login"), 303);
    assert_true(text_starts(where(&n->at_op), "/dang-nhap?lai=1&next="));
    assert_int_equal(authorize(n, "max_age", "60"), 303);
    assert_non_null(param_of(room(n), where(&n->at_op), "code"));
    clock_by(n->op, MINUTE_US);
    assert_int_equal(authorize(n, "max_age", "60"), 303);
    const char *next = param_of(room(n), where(&n->at_op), "next");
    assert_non_null(next);
    assert_int_equal(web_get(&n->at_op, where(&n->at_op)), 200); /* asked, though signed in */
    assert_int_equal(
        WEB_POST(&n->at_op, "/dang-nhap", "username", "lan", "password", PASSWORD, "next", next),
        303);
    assert_int_equal(web_get(&n->at_op, where(&n->at_op)), 303);
    assert_non_null(param_of(room(n), where(&n->at_op), "code"));
}

static void serves_people_only(struct nation *n)
{
    const char *id = official(n->op, "can");
    post(n->op, id, "commune_clerk", "H57.31");
    sign_in(&n->at_op, "can");
    assert_int_equal(authorize(n, NULL, NULL), 403);
    assert_int_equal(codes(n), 0);
}

/* ---- the token endpoint ---- */

/* What is said twice isn't believed once (RFC 6749 3.1), nor a request object passed over. */
static void refuses_what_is_said_twice(struct nation *n)
{
    static const char *const twice[] = {
        "&client_id=H57", "&redirect_uri=https%3A%2F%2Fevil.example", "&response_type=code",
        "&scope=openid", "&code_challenge_method=S256"};
    static const char *const unheard[] = {"request=eyJ", "request_uri=https%3A%2F%2Fevil.example"};
    sign_in(&n->at_op, "lan");
    for (size_t i = 0; i < ARRAY_LEN(twice); i++) {
        asked_also = twice[i];
        assert_int_equal(authorize(n, NULL, NULL), 400);
    }
    for (size_t i = 0; i < ARRAY_LEN(unheard); i++) {
        asked_also = arena_printf(room(n), "&%s", unheard[i]);
        assert_int_equal(authorize(n, NULL, NULL), 303);
        const char *error = param_of(room(n), where(&n->at_op), "error");
        assert_non_null(error);
        assert_true(text_ends(error, "_not_supported"));
        assert_true(text_starts(where(&n->at_op), BACK "?"));
    }
    asked_also = "";
    assert_int_equal(codes(n), 0);
    const char *code = fresh_code(n);
    asked_also = "&code=x";
    default_assertion = "";
    assert_int_equal(redeem(n, code, NULL, NULL), 400);
    assert_string_equal(told(n, "error"), "invalid_request");
    asked_also = "";
    assert_int_equal(redeem(n, code, NULL, NULL), 200); /* the code wasn't spent */
}

static const struct {
    const char *what, *name, *value, *error;
    int status;
} bad_redeems[] = {
    {"verifier of another", "code_verifier", "other-other-other-other-other-other-other-12",
     "invalid_grant", 400},
    {"no verifier", "code_verifier", NULL, "invalid_grant", 400},
    {"empty verifier", "code_verifier", "", "invalid_grant", 400},
    {"short verifier", "code_verifier", "verifier", "invalid_grant", 400},
    {"another address", "redirect_uri", BACK "/x", "invalid_grant", 400},
    {"another client's address", "redirect_uri", BACK_G24, "invalid_grant", 400},
    {"no address", "redirect_uri", NULL, "invalid_grant", 400},
    {"a code nobody gave", "code", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "invalid_grant",
     400},
    {"no code", "code", NULL, "invalid_grant", 400},
    {"another grant", "grant_type", "refresh_token", "unsupported_grant_type", 400},
    {"the password grant", "grant_type", "password", "unsupported_grant_type", 400},
    {"no grant", "grant_type", NULL, "unsupported_grant_type", 400},
    {"no client", "client_id", NULL, "invalid_client", 401},
    {"unknown client", "client_id", "H58", "invalid_client", 401},
    {"another client by this one's proof", "client_id", "G24", "invalid_client", 401},
    {"no proof", "client_assertion", NULL, "invalid_client", 401},
    {"no kind of proof", "client_assertion_type", NULL, "invalid_client", 401},
    {"words as proof", "client_assertion", "a.b.c", "invalid_client", 401},
};

static void refuses_redeems(struct nation *n)
{
    default_assertion = "";
    sign_in(&n->at_op, "lan");
    for (size_t i = 0; i < ARRAY_LEN(bad_redeems); i++) {
        const char *code = fresh_code(n);
        int status = redeem(n, code, bad_redeems[i].name, bad_redeems[i].value);
        if (status != bad_redeems[i].status)
            print_error("%s: %d %s\n", bad_redeems[i].what, status, n->at_op.text);
        assert_int_equal(status, bad_redeems[i].status);
        assert_string_equal(told(n, "error"), bad_redeems[i].error);
    }
    const char *challenge = oidc_challenge(room(n), VERIFIER); /* a downgrade to plain */
    assert_int_equal(redeem(n, fresh_code(n), "code_verifier", challenge), 400);
    const char *code = fresh_code(n); /* who guessed a verifier once has spent the code */
    assert_int_equal(redeem(n, code, "code_verifier", challenge), 400);
    assert_int_equal(redeem(n, code, NULL, NULL), 400);
    assert_int_equal(redeem(n, fresh_code(n), NULL, NULL), 200);
}

static void refuses_proofs(struct nation *n)
{
    const char *long_ago = "http://127.0.0.1:1/oidc/token";
    const struct {
        const char *what;
        struct proof p;
    } cases[] = {
        {"issuer is another", {.iss = "G24"}},
        {"subject is another", {.sub = "G24"}},
        {"for another endpoint", {.aud = long_ago}},
        {"for the issuer, not its endpoint", {.aud = n->op->n->url}},
        {"expired", {.exp = -1}},
        {"expires this second", {.iat = -60, .exp = -60}},
        {"good for a day", {.exp = 86400}},
        {"from the future", {.iat = 3600, .exp = 3660}},
        {"without a name of its own", {.jti = ""}},
        {"signed by another client", {.key = n->g24}},
        {"signed by the provider", {.key = n->op->n->sign_key}},
        {"algorithm none", {.header = "{\"alg\":\"none\"}"}},
        {"algorithm none, typed oddly", {.header = "{\"alg\":\"nOnE\",\"typ\":\"JWT\"}"}},
        {"algorithm swapped", {.hs256 = true}},
    };
    sign_in(&n->at_op, "lan");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *code = fresh_code(n);
        default_assertion = assertion(n, "H57", cases[i].p);
        int status = redeem(n, code, NULL, NULL);
        if (status != 401)
            print_error("%s: %d %s\n", cases[i].what, status, n->at_op.text);
        assert_int_equal(status, 401);
        assert_string_equal(told(n, "error"), "invalid_client");
        default_assertion = "";
        assert_int_equal(redeem(n, code, NULL, NULL), 200); /* who proves nothing spends nothing */
    }
    default_assertion = assertion(n, "H57", (struct proof){.iat = 0}); /* overheard, used again */
    assert_int_equal(redeem(n, fresh_code(n), NULL, NULL), 200);
    assert_int_equal(redeem(n, fresh_code(n), NULL, NULL), 401);
    default_assertion = "";
}

static void keeps_codes_with_their_client(struct nation *n)
{
    default_assertion = "";
    sign_in(&n->at_op, "lan");
    const char *code = fresh_code(n); /* H57's, stolen by G24, who is a client in good standing */
    assert_int_equal(redeem_as(n, "G24", code, NULL, NULL), 400);
    assert_int_equal(redeem_as(n, "G24", fresh_code(n), "redirect_uri", BACK), 400);
    code = fresh_code(n);
    clock_by(n->op, IDENTITY_CODE_US + SECOND_US);
    assert_int_equal(redeem(n, code, NULL, NULL), 400);
    code = fresh_code(n);
    clock_by(n->op, -10 * MINUTE_US); /* made in the future: a clock that was set back */
    assert_int_equal(redeem(n, code, NULL, NULL), 400);
}

/* ---- userinfo ---- */

static const char *payload_of(struct nation *n, const char *jws)
{
    size_t parts = 0;
    struct bytes out;
    const char **part = text_split(room(n), jws, '.', &parts);
    assert_int_equal(parts, 3);
    assert_true(base64url_decode(room(n), part[1], &out));
    return arena_text_n(room(n), (const char *)out.ptr, out.len);
}

/* OpenID Connect Core 5.3.2: the same person under the same name; 8.1: another to each client. */
static void names_a_person_alike(struct nation *n)
{
    default_assertion = "";
    sign_in(&n->at_op, "lan");
    assert_int_equal(redeem(n, fresh_code(n), NULL, NULL), 200);
    const char *token = told(n, "access_token");
    n->at_op.text = payload_of(n, told(n, "id_token"));
    const char *subject = told(n, "sub");
    assert_true(strlen(subject) == 22);
    assert_string_equal(told(n, "aud"), "H57");
    assert_string_equal(told(n, "nonce"), NONCE);
    assert_string_equal(told(n, "vn_pin"), LAN);
    assert_int_equal(userinfo(n, arena_printf(room(n), "Bearer %s", token)), 200);
    assert_string_equal(told(n, "sub"), subject);
    assert_string_equal(told(n, "name"), "Trần Thị Lan");
    assert_int_equal(redeem(n, fresh_code(n), NULL, NULL), 200); /* and at the next sign-in */
    n->at_op.text = payload_of(n, told(n, "id_token"));
    assert_string_equal(told(n, "sub"), subject);
    assert_int_equal(authorize(n, "client_id", "G24"), 400); /* H57's address */
    const struct node_peer *peers = n->op->n->peers;
    struct node_peer g24 = peers[1];
    g24.url = peers[0].url; /* G24 at H57's address, to get it a code */
    struct node_peer both[] = {peers[0], g24};
    n->op->n->peers = both;
    assert_int_equal(authorize(n, "client_id", "G24"), 303);
    const char *code = param_of(room(n), where(&n->at_op), "code");
    assert_int_equal(redeem_as(n, "G24", code, "redirect_uri", BACK), 200);
    n->at_op.text = payload_of(n, told(n, "id_token"));
    assert_string_not_equal(told(n, "sub"), subject);
    n->op->n->peers = peers;
}

static void guards_userinfo(struct nation *n)
{
    default_assertion = "";
    sign_in(&n->at_op, "lan");
    const char *token = bearer(n);
    assert_int_equal(userinfo(n, token), 200);
    assert_int_equal(userinfo(n, NULL), 401);
    assert_int_equal(userinfo(n, ""), 401);
    assert_int_equal(userinfo(n, "Bearer "), 401);
    assert_int_equal(userinfo(n, "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 401);
    assert_int_equal(userinfo(n, arena_printf(room(n), "Basic %s", token + 7)), 401);
    assert_int_equal(userinfo(n, arena_printf(room(n), "%sx", token)), 401);
    struct web_client b = web_client_new(room(n), n->op_web); /* not from the address line */
    assert_int_equal(
        web_get(&b, arena_printf(room(n), "/oidc/userinfo?access_token=%s", token + 7)), 401);
    assert_int_equal(web_get(&n->at_op, "/oidc/userinfo"), 401); /* nor by the session */
    clock_by(n->op, IDENTITY_TOKEN_US - SECOND_US);
    assert_int_equal(userinfo(n, token), 200);
    clock_by(n->op, SECOND_US);
    assert_int_equal(userinfo(n, token), 401);
}

/* RFC 9700 4.5: who uses a code twice gets nothing, and the first use's token dies. */
static void takes_back_what_a_code_gave(struct nation *n)
{
    default_assertion = "";
    sign_in(&n->at_op, "lan");
    const char *code = fresh_code(n);
    assert_int_equal(redeem(n, code, NULL, NULL), 200);
    const char *token = arena_printf(room(n), "Bearer %s", told(n, "access_token"));
    const char *other = bearer(n);
    assert_int_equal(userinfo(n, token), 200);
    assert_int_equal(redeem(n, code, NULL, NULL), 400);
    assert_int_equal(userinfo(n, token), 401);
    assert_int_equal(userinfo(n, other), 200); /* of another code: untouched */
}

static void ends_with_the_account(struct nation *n)
{
    default_assertion = "";
    sign_in(&n->at_op, "lan");
    const char *code = fresh_code(n), *token = bearer(n);
    struct work k = {.id = n->account, .yes = true};
    assert_int_equal(do_write(n->op, disable, &k), OK);
    assert_int_equal(userinfo(n, token), 401);
    assert_int_equal(redeem(n, code, NULL, NULL), 400);
    assert_int_equal(authorize(n, NULL, NULL), 303);
    assert_null(param_of(room(n), where(&n->at_op), "code"));
}

/* The same request with the same idempotency key is a second use like any other. */
static void remembers_no_token_by_key(struct nation *n)
{
    default_assertion = "";
    sign_in(&n->at_op, "lan");
    const char *code = fresh_code(n), *proof = assertion(n, "H57", (struct proof){.iat = 0});
    const char *const pairs[] = {"grant_type",
                                 "authorization_code",
                                 "code",
                                 code,
                                 "redirect_uri",
                                 BACK,
                                 "client_id",
                                 "H57",
                                 "code_verifier",
                                 VERIFIER,
                                 "client_assertion_type",
                                 "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                                 "client_assertion",
                                 proof};
    const char *body = form_of(room(n), pairs, ARRAY_LEN(pairs), NULL, NULL);
    for (int i = 0; i < 2; i++) {
        struct web_client m = web_client_new(room(n), n->op_web);
        m.more[m.n_more++] = (struct http_header){"Idempotency-Key", "key-of-one-client-0001"};
        web_send(&m, "POST", "/oidc/token", "application/x-www-form-urlencoded", bytes_of(body));
        assert_int_equal(m.status, i == 0 ? 200 : 401);
    }
}

/* ---- what it says of itself ---- */

static void describes_itself(struct nation *n)
{
    assert_int_equal(web_get(&n->at_op, "/.well-known/openid-configuration"), 200);
    assert_string_equal(told(n, "issuer"), n->op->n->url);
    assert_string_equal(told(n, "token_endpoint"),
                        arena_printf(room(n), "%s/oidc/token", n->op->n->url));
    assert_true(web_shows(&n->at_op, "authorization_response_iss_parameter_supported\":true"));
    assert_null(strstr(n->at_op.text, "plain"));
    assert_int_equal(web_get(&n->at_op, "/oidc/jwks"), 200);
    struct bytes point = key_public_point(room(n), n->op->n->sign_key);
    assert_true(web_shows(&n->at_op, key_id(room(n), point)));
    assert_null(strstr(n->at_op.text, "\"d\":")); /* never the private part */
}

TEST_CASE(refuses_requests)
TEST_CASE(refuses_what_is_said_twice)
TEST_CASE(answers_with_state_and_issuer)
TEST_CASE(obeys_prompt)
TEST_CASE(serves_people_only)
TEST_CASE(refuses_redeems)
TEST_CASE(refuses_proofs)
TEST_CASE(keeps_codes_with_their_client)
TEST_CASE(names_a_person_alike)
TEST_CASE(guards_userinfo)
TEST_CASE(takes_back_what_a_code_gave)
TEST_CASE(ends_with_the_account)
TEST_CASE(remembers_no_token_by_key)
TEST_CASE(describes_itself)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refuses_requests),
        cmocka_unit_test(test_refuses_what_is_said_twice),
        cmocka_unit_test(test_answers_with_state_and_issuer),
        cmocka_unit_test(test_obeys_prompt),
        cmocka_unit_test(test_serves_people_only),
        cmocka_unit_test(test_refuses_redeems),
        cmocka_unit_test(test_refuses_proofs),
        cmocka_unit_test(test_keeps_codes_with_their_client),
        cmocka_unit_test(test_names_a_person_alike),
        cmocka_unit_test(test_guards_userinfo),
        cmocka_unit_test(test_takes_back_what_a_code_gave),
        cmocka_unit_test(test_ends_with_the_account),
        cmocka_unit_test(test_remembers_no_token_by_key),
        cmocka_unit_test(test_describes_itself),
    };
    return cmocka_run_group_tests_name("oidc_provider", tests, NULL, NULL);
}
