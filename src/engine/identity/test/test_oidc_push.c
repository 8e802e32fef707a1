/* SPDX-License-Identifier: Apache-2.0 */
/* Pushed authorization requests under attack (RFC 9126). */
#include "engine/identity/test/oidc_redeem.h"

#include "base/id.h"

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

/* As nodes are unless the federation file says otherwise. */
static void must_push(struct nation *n)
{
    struct node_peer *clients = ARENA_ARRAY(room(n), 2, struct node_peer);
    default_assertion = asked_also = "";
    memcpy(clients, n->op->n->peers, 2 * sizeof *clients);
    clients[0].plain_requests = clients[1].plain_requests = false;
    n->op->n->peers = clients;
}

static bool has_code(struct nation *n)
{
    return text_starts(where(&n->at_op), BACK "?code=");
}

/* ---- good ---- */

static void pushes_and_signs_in(struct nation *n)
{
    must_push(n);
    const char *uri = pushed_with(n, NULL, NULL);
    assert_true(strstr(n->at_op.text, "\"expires_in\":60") != NULL);
    assert_true(strlen(uri) == strlen(OIDC_URN) + 43); /* 256 random bits */
    assert_int_equal(visit(n, "H57", uri, ""), 303);
    assert_true(text_starts(where(&n->at_op), "/dang-nhap?next=%2Foidc%2Fauthorize%3F"));
    const char *next = param_of(room(n), where(&n->at_op), "next");
    assert_int_equal(web_get(&n->at_op, where(&n->at_op)), 200);
    /* who asks */
    assert_true(web_shows(&n->at_op, "Ủy ban nhân dân tỉnh Thừa Thiên Huế"));
    sign_in(&n->at_op, "lan");
    clock_by(n->op, OIDC_WALK_US - SECOND_US); /* she looked for her password */
    n->at_op = web_client_new(room(n), n->op_web);
    sign_in(&n->at_op, "lan");
    assert_int_equal(web_get(&n->at_op, next), 303);
    assert_true(has_code(n));
    assert_string_equal(param_of(room(n), where(&n->at_op), "state"), STATE);
    assert_string_equal(param_of(room(n), where(&n->at_op), "iss"), n->op->n->url);
    assert_int_equal(redeem(n, param_of(room(n), where(&n->at_op), "code"), NULL, NULL), 200);
    assert_int_equal(waiting(n), 0);
}

/* The wishes of a pushed request are those of a plain one. */
static void obeys_what_was_pushed(struct nation *n)
{
    must_push(n);
    assert_int_equal(visit(n, "H57", pushed_with(n, "prompt", "none"), ""), 303);
    assert_string_equal(param_of(room(n), where(&n->at_op), "error"), "login_required");
    sign_in(&n->at_op, "lan");
    assert_int_equal(visit(n, "H57", pushed_with(n, "prompt", "none"), ""), 303);
    assert_true(has_code(n));
    assert_int_equal(visit(n, "H57", pushed_with(n, "prompt", "login"), ""), 303);
    assert_true(text_starts(where(&n->at_op), "/dang-nhap?lai=1&next="));
    clock_by(n->op, MINUTE_US);
    assert_int_equal(visit(n, "H57", pushed_with(n, "max_age", "60"), ""), 303);
    assert_true(text_starts(where(&n->at_op), "/dang-nhap?lai=1&next="));
    takes_back(n, "H57");
    assert_int_equal(visit(n, "H57", pushed_with(n, NULL, NULL), ""), 303);
    assert_true(text_starts(where(&n->at_op), OIDC_CONSENT "?next="));
    const char *next = param_of(room(n), where(&n->at_op), "next");
    web_get(&n->at_op, where(&n->at_op));
    assert_int_equal(
        WEB_POST(&n->at_op, OIDC_CONSENT, "client", "H57", "next", next, "answer", "allow"), 303);
    assert_int_equal(web_get(&n->at_op, where(&n->at_op)), 303);
    assert_true(has_code(n));
}

/* ---- the name ---- */

static void spends_a_name_once(struct nation *n)
{
    must_push(n);
    sign_in(&n->at_op, "lan");
    const char *uri = pushed_with(n, NULL, NULL);
    assert_int_equal(visit(n, "H57", uri, ""), 303);
    assert_true(has_code(n));
    assert_int_equal(visit(n, "H57", uri, ""), 400);
    assert_string_equal(where(&n->at_op), "");
    assert_int_equal(codes(n), 1);
    n->at_op = web_client_new(room(n), n->op_web); /* the visit alone spends it, unsigned in */
    uri = pushed_with(n, NULL, NULL);
    assert_int_equal(visit(n, "H57", uri, ""), 303);
    sign_in(&n->at_op, "lan");
    assert_int_equal(visit(n, "H57", uri, ""), 400);
    assert_int_equal(codes(n), 1);
}

static void keeps_a_name_with_its_client(struct nation *n)
{
    must_push(n);
    sign_in(&n->at_op, "lan");
    const char *uri = pushed_with(n, NULL, NULL);
    assert_int_equal(visit(n, "G24", uri, ""), 400);
    assert_int_equal(visit(n, "", uri, ""), 400);
    assert_int_equal(visit(n, "H58", uri, ""), 400);
    assert_int_equal(visit(n, "H57", arena_printf(room(n), "%sx", uri), ""), 400);
    assert_int_equal(visit(n, "H57", OIDC_URN, ""), 400);
    assert_int_equal(visit(n, "H57", "https://evil.example/request", ""), 400);
    assert_int_equal(codes(n), 0);
    assert_int_equal(visit(n, "H57", uri, ""), 303); /* nobody else has spent it */
    assert_true(has_code(n));
}

static void lets_a_name_expire(struct nation *n)
{
    must_push(n);
    sign_in(&n->at_op, "lan");
    const char *uri = pushed_with(n, NULL, NULL), *late = pushed_with(n, NULL, NULL);
    assert_true(OIDC_PUSHED_S <= 90);
    clock_by(n->op, (OIDC_PUSHED_S - 1) * SECOND_US);
    assert_int_equal(visit(n, "H57", uri, ""), 303);
    assert_true(has_code(n));
    clock_by(n->op, SECOND_US);
    assert_int_equal(visit(n, "H57", late, ""), 400);
    assert_int_equal(waiting(n), 1);
    uri = pushed_with(n, NULL, NULL); /* the next push disposes of it */
    assert_int_equal(waiting(n), 1);
    clock_by(n->op, -MINUTE_US); /* a clock that was set back */
    assert_int_equal(visit(n, "H57", uri, ""), 400);
    assert_int_equal(codes(n), 1);
    pushed_with(n, NULL, NULL);
    assert_int_equal(waiting(n), 1);
}

/* RFC 9126 4: what the browser says beside the name changes nothing. */
static void hears_nothing_beside_a_name(struct nation *n)
{
    static const char *const beside[] = {
        "&redirect_uri=https%3A%2F%2Fevil.example%2F",
        "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8803%2Fdang-nhap%2Ftro-lai",
        "&state=another-state-of-somebody",
        "&nonce=another-nonce-of-somebody",
        "&response_mode=fragment",
        "&response_type=token",
        "&code_challenge=0123456789012345678901234567890123456789abc",
        "&prompt=none&max_age=0",
        "&" OIDC_UNTIL "=9999999999&" OIDC_SEAL "=x",
    };
    static const char *const refused[] = {"&request=eyJhbGciOiJub25lIn0.e30.", "&client_id=H57",
                                          "&request_uri=" OIDC_URN "x"};
    must_push(n);
    sign_in(&n->at_op, "lan");
    for (size_t i = 0; i < ARRAY_LEN(beside); i++) {
        assert_int_equal(visit(n, "H57", pushed_with(n, NULL, NULL), beside[i]), 303);
        assert_true(has_code(n));
        assert_string_equal(param_of(room(n), where(&n->at_op), "state"), STATE);
        const char *code = param_of(room(n), where(&n->at_op), "code");
        assert_int_equal(redeem(n, code, NULL, NULL), 200);
    }
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        assert_int_equal(visit(n, "H57", pushed_with(n, NULL, NULL), refused[i]), 400);
        assert_string_equal(where(&n->at_op), "");
    }
}

/* ---- what goes along in the address ---- */

static void refuses_what_was_not_pushed(struct nation *n)
{
    must_push(n);
    sign_in(&n->at_op, "lan");
    assert_int_equal(authorize(n, NULL, NULL), 400);
    assert_string_equal(where(&n->at_op), "");
    assert_int_equal(codes(n), 0);
    n->at_op = web_client_new(room(n), n->op_web);
    assert_int_equal(visit(n, "H57", pushed_with(n, NULL, NULL), ""), 303);
    const char *next = param_of(room(n), where(&n->at_op), "next");
    sign_in(&n->at_op, "lan");
    static const char *const changed[] = {"state",    "nonce",   "code_challenge", "client_id",
                                          OIDC_UNTIL, OIDC_SEAL, "redirect_uri",   OIDC_WALK};
    for (size_t i = 0; i < ARRAY_LEN(changed); i++) {
        char *spoilt = arena_text(room(n), next);
        char *at = strstr(spoilt, arena_printf(room(n), "%s=", changed[i])) + strlen(changed[i]);
        at[1] = at[1] == '1' ? '2' : '1'; /* its first character */
        assert_int_equal(web_get(&n->at_op, spoilt), 400);
        assert_string_equal(where(&n->at_op), "");
    }
    const char *bare = arena_text_n(room(n), next, (size_t)(strstr(next, "&" OIDC_SEAL) - next));
    assert_int_equal(web_get(&n->at_op, bare), 400);
    assert_int_equal(web_get(&n->at_op, arena_printf(room(n), "%s&prompt=none", next)), 400);
    assert_int_equal(codes(n), 0);
    assert_int_equal(web_get(&n->at_op, next), 303); /* the control */
    assert_true(has_code(n));
    clock_by(n->op, OIDC_WALK_US);
    n->at_op = web_client_new(room(n), n->op_web);
    sign_in(&n->at_op, "lan");
    assert_int_equal(web_get(&n->at_op, next), 400);
}

/* By whichever of its sealed addresses, and whoever opens it. */
static void leads_to_one_code(struct nation *n)
{
    must_push(n);
    takes_back(n, "H57");
    assert_int_equal(visit(n, "H57", pushed_with(n, NULL, NULL), ""), 303);
    const char *before = param_of(room(n), where(&n->at_op), "next");
    sign_in(&n->at_op, "lan");
    clock_by(n->op, SECOND_US);
    assert_int_equal(web_get(&n->at_op, before), 303);
    assert_true(text_starts(where(&n->at_op), OIDC_CONSENT "?next="));
    const char *after = param_of(room(n), where(&n->at_op), "next");
    assert_string_equal(before, after); /* sealed again, it lasts no longer */
    agrees(n, "H57");
    assert_int_equal(web_get(&n->at_op, after), 303);
    assert_true(has_code(n));
    const char *code = param_of(room(n), where(&n->at_op), "code");
    struct web_client other = web_client_new(room(n), n->op_web);
    sign_in(&other, "lan");
    struct web_client *const by[] = {&n->at_op, &n->at_op, &other};
    for (size_t i = 0; i < ARRAY_LEN(by); i++) {
        assert_int_equal(web_get(by[i], after), 303);
        assert_string_equal(param_of(room(n), where(by[i]), "error"), OIDC_SPENT);
        assert_string_equal(param_of(room(n), where(by[i]), "state"), STATE);
        assert_null(param_of(room(n), where(by[i]), "code"));
    }
    assert_int_equal(codes(n), 1);
    assert_int_equal(redeem(n, code, NULL, NULL), 200); /* the first stays good */
}

/* ---- the push ---- */

static const struct {
    const char *what, *name, *value, *error;
    int status;
} bad_pushes[] = {
    {"unknown client", "client_id", "H58", "invalid_client", 401},
    {"no client", "client_id", NULL, "invalid_client", 401},
    {"another client by this one's proof", "client_id", "G24", "invalid_client", 401},
    {"no proof", "client_assertion", NULL, "invalid_client", 401},
    {"no kind of proof", "client_assertion_type", NULL, "invalid_client", 401},
    {"words as proof", "client_assertion", "a.b.c", "invalid_client", 401},
    {"address never registered", "redirect_uri", "https://evil.example/", "invalid_request", 400},
    {"address of another client", "redirect_uri", BACK_G24, "invalid_request", 400},
    {"no address", "redirect_uri", NULL, "invalid_request", 400},
    {"implicit flow", "response_type", "token", "unsupported_response_type", 400},
    {"no response type", "response_type", NULL, "unsupported_response_type", 400},
    {"answer in a fragment", "response_mode", "fragment", "invalid_request", 400},
    {"no scope", "scope", NULL, "invalid_scope", 400},
    {"scope without openid", "scope", "profile", "invalid_scope", 400},
    {"no PKCE", "code_challenge", NULL, "invalid_request", 400},
    {"PKCE method plain", "code_challenge_method", "plain", "invalid_request", 400},
    {"short state", "state", "abc", "invalid_request", 400},
    {"state with a control character", "state", "state-0123456789ab\x01", "invalid_request", 400},
    {"short nonce", "nonce", "abc", "invalid_request", 400},
    {"prompt never heard of", "prompt", "consent", "invalid_request", 400},
    {"max_age in words", "max_age", "soon", "invalid_request", 400},
};

static void refuses_pushes(struct nation *n)
{
    static const struct {
        const char *also, *error;
    } more[] = {{"&request_uri=" OIDC_URN "x", "invalid_request"},
                {"&request=eyJhbGciOiJub25lIn0.e30.", "request_not_supported"},
                {"&state=" STATE, "invalid_request"},
                {"&client_id=H57", "invalid_request"},
                {"&redirect_uri=https%3A%2F%2Fevil.example", "invalid_request"}};
    must_push(n);
    for (size_t i = 0; i < ARRAY_LEN(bad_pushes); i++) {
        int status = push_as(n, "H57", bad_pushes[i].name, bad_pushes[i].value);
        if (status != bad_pushes[i].status)
            print_error("%s: %d %s\n", bad_pushes[i].what, status, n->at_op.text);
        assert_int_equal(status, bad_pushes[i].status);
        assert_string_equal(told(n, "error"), bad_pushes[i].error);
    }
    for (size_t i = 0; i < ARRAY_LEN(more); i++) {
        asked_also = more[i].also;
        assert_int_equal(push_as(n, "H57", NULL, NULL), 400);
        assert_string_equal(told(n, "error"), more[i].error);
    }
    asked_also = "";
    assert_int_equal(waiting(n), 0);
    pushed_with(n, NULL, NULL); /* the control */
    assert_int_equal(waiting(n), 1);
}

static void refuses_proofs_of_pushes(struct nation *n)
{
    const char *here = arena_printf(room(n), "%s/oidc/par", n->op->n->url);
    const struct {
        const char *what;
        struct proof p;
        int status;
    } cases[] = {
        {"signed by another client", {.aud = here, .key = n->g24}, 401},
        {"algorithm none", {.aud = here, .header = "{\"alg\":\"none\"}"}, 401},
        {"algorithm swapped", {.aud = here, .hs256 = true}, 401},
        {"expired", {.aud = here, .exp = -1}, 401},
        {"subject is another", {.aud = here, .sub = "G24"}, 401},
        {"for the authorization endpoint",
         {.aud = arena_printf(room(n), "%s/oidc/authorize", n->op->n->url)},
         401},
        {"for another provider", {.aud = "https://evil.example/oidc/par"}, 401},
        {"for this endpoint", {.aud = here}, 201}, /* RFC 9126 2: these three */
        {"for the issuer", {.aud = n->op->n->url}, 201},
        {"for the token endpoint", {.iat = 0}, 201},
    };
    must_push(n);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        default_assertion = assertion(n, "H57", cases[i].p);
        int status = push_as(n, "H57", NULL, NULL);
        if (status != cases[i].status)
            print_error("%s: %d %s\n", cases[i].what, status, n->at_op.text);
        assert_int_equal(status, cases[i].status);
    }
    assert_int_equal(push_as(n, "H57", NULL, NULL), 401); /* overheard, used again */
    sign_in(&n->at_op, "lan");
    const char *spent = default_assertion;
    default_assertion = "";
    assert_int_equal(visit(n, "H57", pushed_with(n, NULL, NULL), ""), 303);
    const char *code = param_of(room(n), where(&n->at_op), "code");
    default_assertion = spent; /* nor at the other endpoint */
    assert_int_equal(redeem(n, code, NULL, NULL), 401);
    default_assertion = "";
}

/* ---- how much ---- */

static enum err push_many(struct ctx *c, void *arg)
{
    const struct oidc_request *q = arg;
    enum err e = OK;
    for (int i = 0; i < OIDC_PUSHED_MAX && !e; i++)
        e = identity_store_pushed(c, sha256_hex(c->arena, sha256(bytes_of(secret_new(c->arena)))),
                                  q);
    return e;
}

/* The oldest give way; another client's stand. */
static void keeps_few_of_each_client(struct nation *n)
{
    must_push(n);
    sign_in(&n->at_op, "lan");
    assert_int_equal(push_as(n, "G24", NULL, NULL), 201);
    const char *first = pushed_with(n, NULL, NULL);
    clock_by(n->op, SECOND_US);
    struct oidc_request q = {.client = "H57",
                             .state = STATE,
                             .nonce = NONCE,
                             .challenge = oidc_challenge(room(n), VERIFIER),
                             .prompt = "",
                             .jkt = "",
                             .max_age_s = -1};
    assert_int_equal(do_write(n->op, push_many, &q), OK);
    assert_int_equal(waiting(n), OIDC_PUSHED_MAX + 1);
    assert_int_equal(visit(n, "H57", first, ""), 400);
    clock_by(n->op, SECOND_US);
    const char *last = pushed_with(n, NULL, NULL);
    assert_int_equal(waiting(n), OIDC_PUSHED_MAX + 1);
    assert_int_equal(visit(n, "H57", last, ""), 303);
    assert_true(has_code(n));
    struct web_client machine = web_client_new(room(n), n->op_web);
    char *huge = arena_alloc(room(n), 20000);
    memset(huge, 'x', 19999);
    huge[19999] = '\0';
    web_send(&machine, "POST", "/oidc/par", "application/x-www-form-urlencoded", bytes_of(huge));
    assert_int_equal(machine.status, 413);
    assert_int_equal(waiting(n), OIDC_PUSHED_MAX);
}

static void says_who_must_push(struct nation *n)
{
    assert_int_equal(web_get(&n->at_op, "/.well-known/openid-configuration"), 200);
    assert_string_equal(told(n, "pushed_authorization_request_endpoint"),
                        arena_printf(room(n), "%s/oidc/par", n->op->n->url));
    assert_true(web_shows(&n->at_op, "\"require_pushed_authorization_requests\":false"));
    must_push(n);
    assert_int_equal(web_get(&n->at_op, "/.well-known/openid-configuration"), 200);
    assert_true(web_shows(&n->at_op, "\"require_pushed_authorization_requests\":true"));
}

TEST_CASE(pushes_and_signs_in)
TEST_CASE(obeys_what_was_pushed)
TEST_CASE(spends_a_name_once)
TEST_CASE(keeps_a_name_with_its_client)
TEST_CASE(lets_a_name_expire)
TEST_CASE(hears_nothing_beside_a_name)
TEST_CASE(refuses_what_was_not_pushed)
TEST_CASE(leads_to_one_code)
TEST_CASE(refuses_pushes)
TEST_CASE(refuses_proofs_of_pushes)
TEST_CASE(keeps_few_of_each_client)
TEST_CASE(says_who_must_push)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pushes_and_signs_in),
        cmocka_unit_test(test_obeys_what_was_pushed),
        cmocka_unit_test(test_spends_a_name_once),
        cmocka_unit_test(test_keeps_a_name_with_its_client),
        cmocka_unit_test(test_lets_a_name_expire),
        cmocka_unit_test(test_hears_nothing_beside_a_name),
        cmocka_unit_test(test_refuses_what_was_not_pushed),
        cmocka_unit_test(test_leads_to_one_code),
        cmocka_unit_test(test_refuses_pushes),
        cmocka_unit_test(test_refuses_proofs_of_pushes),
        cmocka_unit_test(test_keeps_few_of_each_client),
        cmocka_unit_test(test_says_who_must_push),
    };
    return cmocka_run_group_tests_name("oidc_push", tests, NULL, NULL);
}
