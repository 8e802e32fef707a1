/* SPDX-License-Identifier: Apache-2.0 */
/* The relying party under attack: what comes back by the browser, and what a provider, or somebody
   in its place, says at the token endpoint (RFC 9700, OpenID Connect Core 3.1.3.7, RFC 9207). */
#include "engine/identity/test/oidc_test.h"

static const char *with(struct nation *n, const char *back, const char *name, const char *value)
{
    struct arena *a = room(n);
    const char *const pairs[] = {"code",  param_of(a, back, "code"),
                                 "state", param_of(a, back, "state"),
                                 "iss",   param_of(a, back, "iss")};
    return arena_printf(a, OIDC_CALLBACK "?%s", form_of(a, pairs, ARRAY_LEN(pairs), name, value));
}

static enum err find_lan(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return identity_store_person(c, LAN, &k->yes, &k->row);
}

static const struct identity_row *lan_at_h57(struct nation *n)
{
    struct work *k = ARENA_NEW(room(n), struct work);
    assert_int_equal(do_read(n->rp, find_lan, k), OK);
    return k->yes ? &k->row : NULL;
}

/* ---- in ---- */

static void signs_in(struct nation *n)
{
    web_get(&n->at_rp, "/dang-nhap");
    assert_true(web_shows(&n->at_rp, "/dang-nhap/quoc-gia?next="));
    const char *back = way_back(n, "/toi?x=1");
    const char *before = n->at_rp.cookies;
    assert_int_equal(web_get(&n->at_rp, back), 303);
    assert_string_equal(where(&n->at_rp), "/toi?x=1");
    assert_true(is_in(&n->at_rp));
    assert_string_equal(n->at_rp.text, "Trần Thị Lan|citizen|");
    assert_string_not_equal(n->at_rp.cookies, before); /* a new session */
    struct web_client old = web_client_new(room(n), n->rp_web);
    old.cookies = before;
    assert_false(is_in(&old));
    const struct identity_row *w = lan_at_h57(n);
    assert_non_null(w);
    assert_string_equal(w->phc, ""); /* no password here */
    assert_string_equal(w->a.username, "");
    assert_int_equal(web_get(&n->at_rp, "/tai-khoan/mat-khau"), 409);
    assert_int_equal(web_get(&n->at_rp, back), 303); /* the back button: is in, and stays so */
    assert_string_equal(where(&n->at_rp), "/");
    assert_true(is_in(&n->at_rp));
}

/* ---- proved again ---- */

/* A grave act at H57, whose page was read a while ago. */
static int acts_gravely(struct nation *n)
{
    static const char *const typed[] = {"note", "Tường Vi", NULL};
    web_get(&n->at_rp, "/tai-khoan");
    return web_post(&n->at_rp, "/toi", typed);
}

static void time_goes_by(struct nation *n)
{
    clock_by(n->rp, 18 * MINUTE_US);
    assert_true(is_in(&n->at_rp));
    assert_true(is_in(&n->at_op));
}

/* What counts is when the provider asked, not when one came from there. */
static void proves_at_the_provider(struct nation *n)
{
    static const char *const nothing[] = {NULL};
    assert_int_equal(web_get(&n->at_rp, way_back(n, "/toi")), 303);
    assert_int_equal(acts_gravely(n), 200);
    time_goes_by(n);
    assert_int_equal(acts_gravely(n), 200);
    web_get(&n->at_rp, "/tai-khoan");
    assert_int_equal(web_post(&n->at_rp, "/dang-xuat", nothing), 303);
    assert_int_equal(web_get(&n->at_rp, way_back(n, "/toi")), 303); /* nothing was typed */
    assert_int_equal(acts_gravely(n), 200);
    time_goes_by(n);
    assert_int_equal(acts_gravely(n), 403); /* 36 minutes, in for 18 */
    assert_true(web_shows(&n->at_rp, "/dang-nhap/quoc-gia?moi=1"));
    assert_string_equal(web_input(&n->at_rp, "note"), "Tường Vi");
    assert_null(web_input(&n->at_rp, PROOF_FIELD));
    assert_int_equal(web_get(&n->at_rp, "/dang-nhap/quoc-gia?next=/toi"), 303);
    assert_string_equal(where(&n->at_rp), "/toi"); /* who is in, is in */
    assert_int_equal(web_get(&n->at_rp, "/dang-nhap/quoc-gia?moi=1&next=/tai-khoan"), 303);
    web_get(&n->at_op, path_of(where(&n->at_rp)));
    assert_true(text_starts(where(&n->at_op), "/dang-nhap?lai=1"));
    const char *asked = param_of(room(n), where(&n->at_op), "next");
    assert_int_equal(web_get(&n->at_op, where(&n->at_op)), 200);
    sign_in(&n->at_op, "lan");
    web_get(&n->at_op, asked);
    assert_int_equal(web_get(&n->at_rp, path_of(where(&n->at_op))), 303);
    assert_string_equal(where(&n->at_rp), "/tai-khoan");
    assert_int_equal(acts_gravely(n), 200);
}

static enum err rename_lan(struct ctx *c, void *arg)
{
    struct work *k = arg;
    k->row.a.id = k->id;
    return identity_store_rename(c, &k->row.a);
}

static void keeps_one_account_a_person(struct nation *n)
{
    assert_int_equal(web_get(&n->at_rp, way_back(n, "/toi")), 303);
    const char *first = lan_at_h57(n)->a.id;
    struct work k = {.id = n->account, .row = {.a = {.name = "Trần Thị Ngọc Lan", .assurance = 3}}};
    assert_int_equal(do_write(n->op, rename_lan, &k), OK);
    n->at_rp = web_client_new(room(n), n->rp_web);
    assert_int_equal(web_get(&n->at_rp, way_back(n, "/toi")), 303);
    const struct identity_row *w = lan_at_h57(n);
    assert_string_equal(w->a.id, first);
    assert_string_equal(w->a.name, "Trần Thị Ngọc Lan");
    assert_int_equal(w->a.assurance, 3);
    k = (struct work){.id = first, .yes = true}; /* disabled here, though the nation knows her */
    assert_int_equal(do_write(n->rp, disable, &k), OK);
    assert_false(is_in(&n->at_rp));
    assert_int_equal(web_get(&n->at_rp, way_back(n, "/toi")), 403);
    assert_false(is_in(&n->at_rp));
}

static void goes_on_only_here(struct nation *n)
{
    static const char *const cases[] = {"//evil.example/", "https://evil.example/",
                                        "/\\evil.example", "javascript:alert(1)", ""};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        n->at_rp = web_client_new(room(n), n->rp_web);
        assert_int_equal(web_get(&n->at_rp, way_back(n, cases[i])), 303);
        assert_string_equal(where(&n->at_rp), "/");
    }
}

/* Leaving a portal leads to where one is still signed in: machines are shared. */
static void leaves_both(struct nation *n)
{
    static const char *const nothing[] = {NULL};
    assert_int_equal(web_get(&n->at_rp, way_back(n, "/toi")), 303);
    web_get(&n->at_rp, "/tai-khoan");
    assert_int_equal(web_post(&n->at_rp, "/dang-xuat", nothing), 303);
    assert_string_equal(where(&n->at_rp), arena_printf(room(n), "%s/dang-xuat", n->op->n->url));
    assert_int_equal(web_get(&n->at_op, "/dang-xuat"), 200);
    assert_true(web_shows(&n->at_op, "Quý vị vẫn đang đăng nhập ở đây"));
    assert_true(is_in(&n->at_op));
    web_get(&n->at_op, "/dang-xuat");
    assert_int_equal(web_post(&n->at_op, "/dang-xuat", nothing), 303);
    assert_int_equal(web_follow(&n->at_op), 200);
    assert_false(is_in(&n->at_op));
}

/* ---- what the browser brings back ---- */

/* Nothing of the answer is taken: the browser is sent to the start, with its mark. */
static void begins_again(struct nation *n, struct web_client *b, const char *back, const char *next)
{
    struct buf to = buf_new(room(n), 8192);
    buf_text(&to, "/dang-nhap/quoc-gia?lai=1&next=");
    buf_url(&to, next);
    assert_int_equal(web_get(b, back), 303);
    assert_string_equal(where(b), to.ptr);
    struct web_client looks = *b;
    assert_false(is_in(&looks));
}

static void refuses_answers(struct nation *n)
{
    static const struct {
        const char *what, *name, *value;
    } cases[] = {
        {"no state", "state", NULL},
        {"empty state", "state", ""},
        {"state too short to be anybody's", "state", "AAAAAAAAAAAAAAA"},
        {"no issuer", "iss", NULL},
        {"another issuer: a mix-up", "iss", "http://evil.example"},
        {"issuer with a slash", "iss", "http://127.0.0.1:8801/"},
        {"no code", "code", NULL},
        {"empty code", "code", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *back = way_back(n, "/toi");
        int status = web_get(&n->at_rp, with(n, back, cases[i].name, cases[i].value));
        if (status != 400)
            print_error("%s: %d\n", cases[i].what, status);
        assert_int_equal(status, 400);
        assert_false(is_in(&n->at_rp));
    }
    const char *back = way_back(n, "/toi");
    assert_int_equal(web_get(&n->at_rp, arena_printf(room(n), "%s&error=access_denied", back)),
                     400);
    assert_int_equal(web_get(&n->at_rp, with(n, way_back(n, "/toi"), NULL, NULL)), 303);
    assert_true(is_in(&n->at_rp));                                   /* the control */
    struct web_client stranger = web_client_new(room(n), n->rp_web); /* never asked for anything */
    begins_again(n, &stranger, with(n, back, NULL, NULL), "/");
    struct web_client guest = web_client_new(room(n), n->rp_web);
    web_get(&guest, "/dang-nhap");
    begins_again(n, &guest, with(n, back, NULL, NULL), "/");
    n->at_rp = web_client_new(room(n), n->rp_web);
    back = with(n, way_back(n, "/toi"), "state", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    guest = web_client_new(room(n), n->rp_web);
    web_get(&guest, "/dang-nhap/quoc-gia?next=/toi"); /* a state that nobody gave */
    begins_again(n, &guest, back, "/toi");
}

/* ---- a code that is lost or used ---- */

/* From one node to the other as a browser does, until it stays; the steps it took. */
static int goes_on(struct nation *n, struct web_client *at_rp, const char *from)
{
    int steps = 0;
    for (const char *at = from; steps < 12; steps++) {
        bool op = text_starts(at, n->op->n->url);
        struct web_client *b = op ? &n->at_op : at_rp;
        if (web_get(b, op || text_starts(at, "http") ? path_of(at) : at) != 303)
            return steps;
        at = where(b);
    }
    return steps;
}

/* The code was used by somebody faster, or by the first half of a double click. */
static void tries_a_spent_code_again(struct nation *n)
{
    struct web_client twin;
    const char *back = way_back(n, "/toi?x=1");
    twin = n->at_rp; /* the same browser, clicked twice */
    assert_int_equal(web_get(&n->at_rp, back), 303);
    assert_true(is_in(&n->at_rp));
    const char *cookies = n->at_rp.cookies;
    assert_int_equal(web_get(&twin, back), 303); /* its session has gone: begins again */
    assert_string_equal(where(&twin), "/dang-nhap/quoc-gia?lai=1&next=%2F");
    assert_null(
        web_answer_header(&twin, "Set-Cookie")); /* the one that came with the first stays */
    twin.cookies = cookies;
    assert_int_equal(web_get(&twin, where(&twin)), 303);
    assert_string_equal(where(&twin), "/"); /* is in already */
    assert_true(is_in(&twin));
}

static enum err forget_codes(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "DELETE FROM identity_code");
}

/* A double click at the provider: the second has no code, and the person notices nothing. */
static void begins_again_when_the_request_is_spent(struct nation *n)
{
    struct arena *a = room(n);
    const char *back = way_back(n, "/toi?x=1");
    const char *spent = arena_printf(a, OIDC_CALLBACK "?error=" OIDC_SPENT "&state=%s&iss=%s",
                                     param_of(a, back, "state"), n->op->n->url);
    begins_again(n, &n->at_rp, spent, "/toi?x=1");
    assert_true(goes_on(n, &n->at_rp, where(&n->at_rp)) <= 3);
    assert_true(is_in(&n->at_rp));
}

/* The provider lost the code, by a restart from a copy: the person notices nothing. */
static void begins_again_when_the_code_is_lost(struct nation *n)
{
    const char *back = way_back(n, "/toi?x=1");
    assert_int_equal(do_write(n->op, forget_codes, NULL), OK);
    begins_again(n, &n->at_rp, back, "/toi?x=1");
    assert_true(goes_on(n, &n->at_rp, where(&n->at_rp)) <= 3);
    assert_true(is_in(&n->at_rp));
    assert_string_equal(n->at_rp.text, "Trần Thị Lan|citizen|");
}

/* Once: then a page that says what to do, and JSON its problem. */
static void gives_up_the_second_time(struct nation *n)
{
    const char *back = way_back(n, "/toi");
    lie.status = 400;
    lie.body = "{\"error\":\"invalid_grant\"}"; /* whatever the code */
    begins_again(n, &n->at_rp, back, "/toi");
    int steps = goes_on(n, &n->at_rp, where(&n->at_rp));
    assert_true(steps <= 3); /* not round for ever */
    assert_int_equal(n->at_rp.status, 409);
    assert_true(web_shows(&n->at_rp, "Chưa thể đăng nhập"));
    assert_true(web_shows(&n->at_rp, "lưu cookie"));
    assert_true(web_shows(&n->at_rp, "href=\"/dang-nhap?next=%2Ftoi\""));
    assert_false(is_in(&n->at_rp));
    web_get(&n->at_rp, "/dang-nhap/quoc-gia?lai=1&next=/toi");
    n->at_rp.accept = "application/json";
    web_get(&n->at_op, path_of(where(&n->at_rp)));
    assert_int_equal(web_get(&n->at_rp, path_of(where(&n->at_op))), 409);
    assert_true(web_shows(&n->at_rp, "\"code\":\"ERR_OIDC_AGAIN\""));
    n->at_rp.accept = "text/html";
    lie.body = NULL; /* the sign-in itself begins at nought */
    assert_int_equal(web_get(&n->at_rp, way_back(n, "/toi")), 303);
    assert_true(is_in(&n->at_rp));
}

/* A browser that keeps no cookie can't be signed in; it isn't sent round and round either. */
static void ends_without_cookies(struct nation *n)
{
    const char *first = way_back(n, "/toi");
    struct web_client bare = web_client_new(room(n), n->rp_web);
    begins_again(n, &bare, first, "/");
    bare.cookies = "";
    assert_int_equal(web_get(&bare, where(&bare)), 303);
    assert_int_equal(web_get(&n->at_op, path_of(where(&bare))), 303);
    bare.cookies = "";
    assert_int_equal(web_get(&bare, path_of(where(&n->at_op))), 409);
}

/* Login CSRF: the attacker's own way back, opened in the victim's browser. */
static void signs_nobody_in_as_another(struct nation *n)
{
    const char *attackers = way_back(n, "/toi");
    struct web_client victim = web_client_new(room(n), n->rp_web);
    web_get(&victim, "/dang-nhap/quoc-gia?next=/toi");
    const char *state = asked_by(n, where(&victim)).state;
    begins_again(n, &victim, attackers, "/toi");
    /* even with the victim's state: the verifier of her session doesn't open the attacker's code */
    begins_again(n, &victim, with(n, attackers, "state", state), "/toi");
    assert_false(is_in(&victim));
    assert_null(lan_at_h57(n));
}

/* ---- what the provider, or somebody in its place, says ---- */

struct claim {
    const char *what;
    const char *iss, *aud, *nonce, *extra; /* aud with its quotes */
    long long iat, exp;
    const char *pin, *acr, *name, *sub;
    enum { RIGHT, OTHER_KEY, OWN_KEY, NONE, SWAPPED, SPOILT, CUT, NO_KID, EXTRA_PART } sign;
};

static const char *token_of(struct nation *n, const char *nonce, const struct claim *k)
{
    struct arena *a = room(n);
    const struct key *key = n->op->n->sign_key;
    const char *payload = arena_printf(
        a,
        "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":%s,\"iat\":%lld,\"exp\":%lld,\"nonce\":\"%s\","
        "\"name\":\"%s\",\"vn_pin\":\"%s\",\"acr\":\"%s\"%s}",
        k->iss ? k->iss : n->op->n->url, k->sub ? k->sub : "subject", k->aud ? k->aud : "\"H57\"",
        now_s() + k->iat, now_s() + (k->exp ? k->exp : 600), k->nonce ? k->nonce : nonce,
        k->name ? k->name : "Trần Thị Lan", k->pin ? k->pin : LAN, k->acr ? k->acr : "2",
        k->extra ? k->extra : "");
    switch (k->sign) {
    case OTHER_KEY: return jws_sign(a, n->g24, "JWT", payload);
    case OWN_KEY: return jws_sign(a, n->rp->n->sign_key, "JWT", payload);
    case NONE: return odd_token(a, "{\"alg\":\"none\"}", payload, NULL);
    case SWAPPED: return swapped_token(a, payload, key);
    case NO_KID: return odd_token(a, "{\"alg\":\"ES256\"}", payload, key);
    case RIGHT:
    case SPOILT:
    case CUT:
    case EXTRA_PART: break;
    }
    char *good = jws_sign(a, key, "JWT", payload);
    size_t len = strlen(good);
    if (k->sign == SPOILT) /* a letter inside the signature */
        good[len - 40] = good[len - 40] == 'A' ? 'B' : 'A';
    if (k->sign == CUT)
        *(strrchr(good, '.') + 1) = '\0';
    return k->sign == EXTRA_PART ? arena_printf(a, "%s.e30", good) : good;
}

static const struct claim lies[] = {
    {"issuer is another", .iss = "http://evil.example"},
    {"no issuer", .iss = ""},
    {"for another client", .aud = "\"G24\""},
    {"for many", .aud = "[\"H57\",\"G24\"]"},
    {"for nobody", .aud = "\"\""},
    {"nonce of another sign-in", .nonce = NONCE},
    {"no nonce", .nonce = ""},
    {"expired", .iat = -700, .exp = -1},
    {"expires this second", .iat = -700, .exp = -600},
    {"from the future", .iat = 3600, .exp = 7200},
    {"signed by another member", .sign = OTHER_KEY},
    {"signed by this client itself", .sign = OWN_KEY},
    {"algorithm none", .sign = NONE},
    {"algorithm swapped", .sign = SWAPPED},
    {"signature spoilt", .sign = SPOILT},
    {"signature cut off", .sign = CUT},
    {"key not named", .sign = NO_KID},
    {"four parts", .sign = EXTRA_PART},
    {"no number of the person", .pin = ""},
    {"a number that is none", .pin = "04619490000X"},
    {"assurance of nine", .acr = "9"},
    {"assurance in words", .acr = "high"},
    {"negative assurance", .acr = "-1"},
    {"no name", .name = ""},
    {"no subject", .sub = ""},
    {"issuer twice", .extra = ",\"iss\":\"http://evil.example\""},
};

/* The callback with the provider's answer put in place by the test. */
static int hear(struct nation *n, const char *json, int status)
{
    const char *back = way_back(n, "/toi");
    lie.status = status;
    lie.body = json;
    web_get(&n->at_rp, back);
    lie.body = NULL;
    return n->at_rp.status;
}

static int hear_token(struct nation *n, const struct claim *k)
{
    const char *back = way_back(n, "/toi"), *before = n->at_rp.cookies;
    web_get(&n->at_rp, "/dang-nhap/quoc-gia?next=/toi");
    struct pushed p = asked_by(n, where(&n->at_rp));
    assert_string_equal(n->at_rp.cookies, before);
    lie.status = 200;
    lie.body = arena_printf(
        room(n), "{\"access_token\":\"x\",\"token_type\":\"Bearer\",\"id_token\":\"%s\"}",
        token_of(n, p.nonce, k));
    web_get(&n->at_rp, with(n, back, "state", p.state));
    lie.body = NULL;
    return n->at_rp.status;
}

static void believes_no_lies(struct nation *n)
{
    for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
        int status = hear_token(n, &lies[i]);
        if (status != 502)
            print_error("%s: %d\n", lies[i].what, status);
        assert_int_equal(status, 502);
        assert_true(web_shows(&n->at_rp, "Chưa thể xác nhận danh tính"));
        assert_false(is_in(&n->at_rp));
    }
    assert_null(lan_at_h57(n));
    assert_int_equal(hear_token(n, &(struct claim){.what = "the truth"}), 303); /* the control */
    assert_true(is_in(&n->at_rp));
}

static void survives_odd_answers(struct nation *n)
{
    static const struct {
        const char *body;
        int status;
    } cases[] = {
        {"", 200},
        {"{}", 200},
        {"[]", 200},
        {"not json", 200},
        {"{\"id_token\":null}", 200},
        {"{\"id_token\":\"\"}", 200},
        {"{\"id_token\":\"..\"}", 200},
        {"{\"id_token\":7}", 200},
        {"{\"error\":\"invalid_client\"}", 401},
        {"{\"error\":\"invalid_request\"}", 400},
        {"{\"error\":\"invalid_grant\"}", 500},
        {"{\"error\":\"server_error\"}", 500},
        {"<html>", 503},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(hear(n, cases[i].body, cases[i].status), 502);
        assert_false(is_in(&n->at_rp));
    }
    char *huge = arena_alloc(room(n), 100000);
    memset(huge, ' ', 99999);
    huge[99999] = '\0';
    assert_true(hear(n, huge, 200) >= 500);
    assert_false(is_in(&n->at_rp));
}

/* The browser carries a name and nothing else; what the provider says of the push decides. */
static void pushes_what_it_asks(struct nation *n)
{
    static const struct {
        const char *body;
        int status;
    } cases[] = {{"", 201},
                 {"{}", 201},
                 {"[]", 201},
                 {"{\"request_uri\":7,\"expires_in\":60}", 201},
                 {"{\"request_uri\":\"\",\"expires_in\":60}", 201},
                 {"{\"request_uri\":\"" OIDC_URN "x\",\"expires_in\":60}", 200},
                 {"{\"error\":\"invalid_client\"}", 401},
                 {"{\"error\":\"invalid_request\"}", 400},
                 {"<html>", 404},
                 {"<html>", 503}};
    lie.path = "/oidc/par";
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        lie.body = cases[i].body;
        lie.status = cases[i].status;
        assert_int_equal(web_get(&n->at_rp, "/dang-nhap/quoc-gia?next=/toi"), 502);
        assert_string_equal(where(&n->at_rp), "");
    }
    lie.body = NULL;
    lie.path = NULL;
    assert_int_equal(waiting(n), 0);
    assert_int_equal(web_get(&n->at_rp, "/dang-nhap/quoc-gia?next=/toi"), 303);
    const char *start =
        arena_printf(room(n), "%s/oidc/authorize?client_id=H57&request_uri=", n->op->n->url);
    assert_true(text_starts(where(&n->at_rp), start));
    assert_null(strchr(where(&n->at_rp) + strlen(start), '&'));
    assert_int_equal(waiting(n), 1);
    assert_int_equal(web_get(&n->at_rp, way_back(n, "/toi")), 303);
    assert_true(is_in(&n->at_rp));
    assert_int_equal(web_get(&n->at_rp, "/dang-nhap/quoc-gia?next=/toi"), 303);
    assert_string_equal(where(&n->at_rp), "/toi"); /* is in: nothing is asked */
    assert_int_equal(waiting(n), 1);
}

static void waits_for_the_provider(struct nation *n)
{
    const char *back = way_back(n, "/toi");
    http_server_stop(n->server, SECOND_US); /* down */
    int status = web_get(&n->at_rp, back);
    assert_true(status == 502 || status == 503);
    struct web_client other = web_client_new(room(n), n->rp_web);
    status = web_get(&other, "/dang-nhap/quoc-gia?next=/toi");
    assert_true(status == 502 || status == 503);
    assert_false(is_in(&n->at_rp));
    struct http_options o = {.address = "127.0.0.1",
                             .threads = 1,
                             .max_body_bytes = 64 * 1024,
                             .max_memory_body_bytes = 64 * 1024,
                             .spool_dir = n->rp->d->dir,
                             .body_limit = any_body,
                             .handle = answer_token};
    assert_int_equal(http_server_start(n->rp->c, &o, &n->server), OK);
}

TEST_CASE(signs_in)
TEST_CASE(proves_at_the_provider)
TEST_CASE(keeps_one_account_a_person)
TEST_CASE(goes_on_only_here)
TEST_CASE(leaves_both)
TEST_CASE(refuses_answers)
TEST_CASE(signs_nobody_in_as_another)
TEST_CASE(tries_a_spent_code_again)
TEST_CASE(begins_again_when_the_request_is_spent)
TEST_CASE(begins_again_when_the_code_is_lost)
TEST_CASE(gives_up_the_second_time)
TEST_CASE(ends_without_cookies)
TEST_CASE(believes_no_lies)
TEST_CASE(survives_odd_answers)
TEST_CASE(pushes_what_it_asks)
TEST_CASE(waits_for_the_provider)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signs_in),
        cmocka_unit_test(test_proves_at_the_provider),
        cmocka_unit_test(test_keeps_one_account_a_person),
        cmocka_unit_test(test_goes_on_only_here),
        cmocka_unit_test(test_leaves_both),
        cmocka_unit_test(test_refuses_answers),
        cmocka_unit_test(test_signs_nobody_in_as_another),
        cmocka_unit_test(test_tries_a_spent_code_again),
        cmocka_unit_test(test_begins_again_when_the_request_is_spent),
        cmocka_unit_test(test_begins_again_when_the_code_is_lost),
        cmocka_unit_test(test_gives_up_the_second_time),
        cmocka_unit_test(test_ends_without_cookies),
        cmocka_unit_test(test_believes_no_lies),
        cmocka_unit_test(test_survives_odd_answers),
        cmocka_unit_test(test_pushes_what_it_asks),
        cmocka_unit_test(test_waits_for_the_provider),
    };
    return cmocka_run_group_tests_name("oidc_party", tests, NULL, NULL);
}
