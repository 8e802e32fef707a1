/* SPDX-License-Identifier: Apache-2.0 */
/* A sign-in that ends at the provider ends at its clients (OpenID Connect Back-Channel Logout 1.0):
   which ends are told, to whom, until they are heard; and what a client believes. */
#include "engine/identity/test/oidc_redeem.h"

#include "base/id.h"
#include "core/outbox.h"
#include "engine/identity/identity_admin.h"
#include "engine/identity/identity_out.h"
#include "net/client.h"

#define FORM   "application/x-www-form-urlencoded"
#define H57    "http://127.0.0.1:8802"
#define ENDED  "Quý vị đã được đăng xuất"
#define REASON "Mất điện thoại"

/* ---- the way of the word ---- */

static struct {
    struct nation *n;
    enum err fails;
    int says;        /* the status, whatever H57 would say; 0: H57's */
    int heard;       /* how often somebody was asked */
    const char *url; /* the last one */
    const char *body;
} way;

static enum err goes_to_h57(struct ctx *c, const struct client_request *q,
                            struct client_answer *ret)
{
    struct arena *a = room(way.n);
    way.heard++;
    way.url = arena_text(a, q->url);
    way.body = arena_text_n(a, (const char *)q->body.ptr, q->body.len);
    *ret = (struct client_answer){.status = way.says};
    if (way.fails)
        return fail(c, way.fails, q->url);
    if (way.says || !text_starts(q->url, H57 "/"))
        return OK;
    struct web_client machine = web_client_new(a, way.n->rp_web);
    ret->status = web_send(&machine, "POST", q->url + strlen(H57), FORM, bytes_of(way.body));
    return OK;
}

/* A round of the provider's outbox; how many words went out. */
static int tells(struct nation *n)
{
    way.n = n;
    way.heard = 0;
    ctx_clear_faults(n->op->c);
    n->op->c->now_us = sys_now_us();
    client_goes_by(goes_to_h57);
    assert_int_equal(outbox_run(n->op->c), OK);
    client_goes_by(NULL);
    return way.heard;
}

static enum err count_waiting(struct ctx *c, void *arg)
{
    return db_int(c, (int64_t *)arg,
                  "SELECT count(*) FROM core_outbox WHERE channel = $1 AND state = 0",
                  P_TEXT(OIDC_OUT_CHANNEL));
}

static int64_t owed(struct nation *n)
{
    int64_t found = -1;
    assert_int_equal(do_read(n->op, count_waiting, &found), OK);
    return found;
}

static struct web_client *browser(struct nation *n, struct web *web)
{
    struct web_client *b = ARENA_NEW(room(n), struct web_client);
    *b = web_client_new(room(n), web);
    return b;
}

static void gets_in(struct nation *n)
{
    assert_int_equal(web_get(&n->at_rp, way_back(n, "/toi")), 303);
    assert_true(is_in(&n->at_rp));
}

static int leaves(struct web_client *b)
{
    static const char *const nothing[] = {NULL};
    web_get(b, "/tai-khoan");
    return web_post(b, "/dang-xuat", nothing);
}

/* ---- told ---- */

static void ends_that_sign_in_alone(struct nation *n)
{
    gets_in(n);
    struct web_client op1 = n->at_op, rp1 = n->at_rp;
    n->at_op = *browser(n, n->op_web);
    n->at_rp = *browser(n, n->rp_web);
    gets_in(n); /* on the telephone, too */
    assert_int_equal(leaves(&op1), 303);
    assert_int_equal(owed(n), 1);
    assert_true(is_in(&rp1)); /* not heard yet */
    assert_int_equal(tells(n), 1);
    assert_string_equal(way.url, H57 OIDC_OUT_PATH);
    assert_int_equal(owed(n), 0);
    assert_int_equal(web_get(&rp1, "/toi?x=1"), 401);
    assert_true(web_shows(&rp1, ENDED));
    assert_true(web_shows(&rp1, "href=\"/dang-nhap?next=%2Ftoi%3Fx%3D1\""));
    assert_int_equal(web_get(&rp1, "/toi"), 303); /* said once; then as anybody */
    assert_true(text_starts(where(&rp1), "/dang-nhap?next="));
    assert_true(is_in(&n->at_rp));
    assert_true(is_in(&n->at_op));
    assert_int_equal(tells(n), 0);
    n->at_op = op1;
    n->at_rp = rp1;
    gets_in(n);
}

/* What a script or a stream asks for doesn't use the page up; a form isn't done, nor lost. */
static void says_so_to_who_reads(struct nation *n)
{
    static const char *const typed[] = {"note", "Tường Vi", NULL};
    gets_in(n);
    web_get(&n->at_rp, "/tai-khoan");
    assert_int_equal(leaves(&n->at_op), 303);
    assert_int_equal(tells(n), 1);
    struct web_client script = n->at_rp;
    script.accept = "application/json";
    assert_int_equal(web_get(&script, "/toi"), 401);
    assert_true(web_shows(&script, "ERR_SIGNED_OUT"));
    assert_null(web_answer_header(&script, "Set-Cookie"));
    script.accept = "text/event-stream";
    script.more[script.n_more++] = (struct http_header){"Sec-Fetch-Mode", "cors"};
    assert_int_equal(web_get(&script, "/toi"), 401);
    assert_null(web_answer_header(&script, "Set-Cookie"));
    n->at_rp.site = "same-origin";
    assert_int_equal(web_post(&n->at_rp, "/toi", typed), 401);
    assert_true(web_shows(&n->at_rp, ENDED));
    assert_string_equal(web_input(&n->at_rp, "note"), "Tường Vi");
    assert_non_null(web_answer_header(&n->at_rp, "Set-Cookie"));
}

/* The ways in which a sign-in ends. */

static enum err new_password(struct ctx *c, void *arg)
{
    const struct work *k = arg;
    return identity_password_set(c, k->id, k->phc);
}

static void by_leaving(struct nation *n)
{
    assert_int_equal(leaves(&n->at_op), 303);
}

static void by_ending_one(struct nation *n)
{
    struct web_client other = *browser(n, n->op_web);
    sign_in(&other, "lan");
    web_get(&other, "/tai-khoan");
    const char *one = strstr(other.text, "name=\"session\" value=\"");
    assert_non_null(one);
    one = arena_text_n(room(n), one + strlen("name=\"session\" value=\""), 64);
    assert_int_equal(WEB_POST(&other, "/tai-khoan/phien", "session", one), 303);
    assert_true(is_in(&other));
}

static void by_ending_all(struct nation *n)
{
    static const char *const nothing[] = {NULL};
    struct web_client other = *browser(n, n->op_web);
    sign_in(&other, "lan");
    web_get(&other, "/tai-khoan");
    assert_int_equal(web_post(&other, "/tai-khoan/phien/tat-ca", nothing), 303);
}

static void by_taking_back(struct nation *n)
{
    takes_back(n, "H57");
    assert_true(is_in(&n->at_op));
    agrees(n, "H57");
}

static void by_being_locked(struct nation *n)
{
    struct work k = {.id = n->account, .yes = true};
    assert_int_equal(do_write(n->op, disable, &k), OK);
    k.yes = false;
    assert_int_equal(do_write(n->op, disable, &k), OK);
}

static void by_another_password(struct nation *n)
{
    struct work k = {.id = n->account, .phc = phc_of_test(n->op)};
    assert_int_equal(do_write(n->op, new_password, &k), OK);
}

static void by_another_person(struct nation *n)
{
    web_get(&n->at_op, "/dang-nhap?lai=1");
    sign_in(&n->at_op, "hoa");
}

static void ends_however_it_ends(struct nation *n)
{
    static void (*const ways[])(struct nation *) = {
        by_leaving,      by_ending_one,       by_ending_all,    by_taking_back,
        by_being_locked, by_another_password, by_another_person};
    citizen(n->op, "hoa", "046194900009");
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        n->at_op = *browser(n, n->op_web);
        n->at_rp = *browser(n, n->rp_web);
        gets_in(n);
        ways[i](n);
        if (owed(n) != 1)
            print_error("way %zu\n", i);
        assert_int_equal(owed(n), 1);
        assert_int_equal(tells(n), 1);
        assert_int_equal(web_get(&n->at_rp, "/toi"), 401);
        assert_true(web_shows(&n->at_rp, ENDED));
    }
}

/* Asked again by the same browser, it is the same sign-in: a typed form at H57 isn't lost by it. */
static void goes_on_when_asked_again(struct nation *n)
{
    gets_in(n);
    web_get(&n->at_op, "/dang-nhap?lai=1");
    sign_in(&n->at_op, "lan");
    assert_int_equal(owed(n), 0);
    assert_true(is_in(&n->at_rp));
    assert_int_equal(leaves(&n->at_op), 303);
    assert_int_equal(tells(n), 1);
    assert_int_equal(web_get(&n->at_rp, "/toi"), 401);
}

/* What was given in the sign-in ends with it. */
static void ends_codes_and_tokens(struct nation *n)
{
    sign_in(&n->at_op, "lan");
    const char *opens = bearer(n), *code = fresh_code(n);
    assert_int_equal(userinfo(n, opens), 200);
    assert_int_equal(leaves(&n->at_op), 303);
    assert_int_equal(userinfo(n, opens), 401);
    assert_int_equal(redeem(n, code, NULL, NULL), 400);
    assert_int_equal(owed(n), 1);
}

/* ---- until it is heard ---- */

static void tries_until_it_is_heard(struct nation *n)
{
    static const struct {
        enum err fails;
        int says;
    } cases[] = {{ERR_NET_CONNECT, 0},
                 {ERR_NET_TIMEOUT, 0},
                 {OK, 500},
                 {OK, 503},
                 {OK, 404},
                 {OK, 400},
                 {OK, 303},
                 {OK, 201}};
    gets_in(n);
    assert_int_equal(leaves(&n->at_op), 303);
    const char *last = "";
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        way.fails = cases[i].fails;
        way.says = cases[i].says;
        assert_int_equal(tells(n), 1);
        assert_string_not_equal(way.body, last); /* a token of its own each time */
        last = way.body;
        assert_int_equal(owed(n), 1);
        assert_true(is_in(&n->at_rp));
        assert_int_equal(tells(n), 0);         /* not without a pause */
        clock_by(n->op, (6 << i) * SECOND_US); /* as long as that pause can be */
    }
    way.fails = OK;
    way.says = 0;
    assert_int_equal(tells(n), 1);
    assert_int_equal(web_get(&n->at_rp, "/toi"), 401);
    assert_int_equal(owed(n), 0);
}

/* Only to the address that stands in its row, or to nobody. */
static void tells_where_it_was_told(struct nation *n)
{
    struct node_peer *h57 = (struct node_peer *)(uintptr_t)&n->op->n->peers[0];
    h57->sign_out_url = "https://tinh.example/ket-thuc?x=1";
    way.says = 200;
    gets_in(n);
    assert_int_equal(leaves(&n->at_op), 303);
    assert_int_equal(tells(n), 1);
    assert_string_equal(way.url, "https://tinh.example/ket-thuc?x=1");
    h57->sign_out_url = "";
    n->at_rp = *browser(n, n->rp_web);
    gets_in(n);
    assert_int_equal(leaves(&n->at_op), 303);
    assert_int_equal(owed(n), 0);
    h57->sign_out_url = NULL;
    way.says = 0;
}

static enum err many_sign_ins(struct ctx *c, void *account)
{
    enum err e = OK;
    for (int i = 0; i < IDENTITY_PARTIES && !e; i++) {
        const struct identity_code k = {
            .sid = secret_new(c->arena), .client = "H57", .account = account};
        e = identity_out_owed(c, &k);
    }
    return e;
}

/* More sign-ins than anybody has: the oldest ends, there too. */
static void keeps_few_of_an_account(struct nation *n)
{
    assert_int_equal(do_write(n->op, many_sign_ins, (void *)(uintptr_t)n->account), OK);
    clock_by(n->op, MINUTE_US);
    sign_in(&n->at_op, "lan");
    assert_int_equal(redeem(n, fresh_code(n), NULL, NULL), 200);
    assert_int_equal(owed(n), 1);
    assert_int_equal(redeem(n, fresh_code(n), NULL, NULL), 200); /* the same one again */
    assert_int_equal(owed(n), 1);
}

/* ---- believed ---- */

struct told { /* a logout_token, spoilt as a case wants */
    const char *what, *iss, *aud, *jti, *sub, *sid, *typ, *events, *extra;
    long long iat, exp;
    const struct key *key;
    enum { SIGNED, UNSIGNED, SWAPPED, NO_KID, SPOILT } sign;
};

static const char *sub_at_h57, *sid_at_h57; /* of Lan's sign-in, as the provider names them */
static int words;

static const char *token_of(struct nation *n, const struct told *t)
{
    struct arena *a = room(n);
    struct buf b = buf_new(a, 8192);
    const struct key *key = t->key ? t->key : n->op->n->sign_key;
    const char *jti = arena_printf(a, "word-%d", ++words);
    buf_printf(&b, "{\"iss\":\"%s\",\"aud\":%s,\"iat\":%lld,\"exp\":%lld",
               t->iss ? t->iss : n->op->n->url, t->aud ? t->aud : "\"H57\"", now_s() + t->iat,
               now_s() + (t->exp ? t->exp : 120));
    const char *const pairs[] = {"jti", t->jti ? t->jti : jti,
                                 "sub", t->sub ? t->sub : sub_at_h57,
                                 "sid", t->sid ? t->sid : sid_at_h57};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i += 2)
        if (*pairs[i + 1])
            buf_printf(&b, ",\"%s\":\"%s\"", pairs[i], pairs[i + 1]);
    buf_printf(&b, "%s%s}", t->events ? t->events : ",\"events\":{\"" OIDC_OUT_EVENT "\":{}}",
               t->extra ? t->extra : "");
    if (t->sign == UNSIGNED)
        return odd_token(a, "{\"alg\":\"none\",\"typ\":\"" OIDC_OUT_TYP "\"}", b.ptr, NULL);
    if (t->sign == NO_KID)
        return odd_token(a, "{\"alg\":\"ES256\",\"typ\":\"" OIDC_OUT_TYP "\"}", b.ptr, key);
    if (t->sign == SWAPPED)
        return swapped_token(a, b.ptr, key);
    char *good = jws_sign(a, key, t->typ ? t->typ : OIDC_OUT_TYP, b.ptr);
    size_t len = strlen(good);
    if (t->sign == SPOILT)
        good[len - 40] = good[len - 40] == 'A' ? 'B' : 'A';
    return good;
}

static int says(struct nation *n, const char *body)
{
    struct web_client machine = web_client_new(room(n), n->rp_web);
    web_send(&machine, "POST", OIDC_OUT_PATH, FORM, bytes_of(body));
    assert_string_equal(web_answer_header(&machine, "Cache-Control"), "no-store");
    if (machine.status != 200)
        assert_true(web_shows(&machine, "{\"error\":\"invalid_request\"}"));
    return machine.status;
}

static int hears(struct nation *n, const char *token)
{
    return says(n, arena_printf(room(n), "logout_token=%s", token));
}

static const char *member_of(struct nation *n, const char *token, const char *name)
{
    struct bytes payload;
    json_t *o;
    assert_true(
        jws_verify(room(n), token, key_public_point(room(n), n->op->n->sign_key), &payload));
    assert_int_equal(json_in(n->op->c, "token", payload, &o), OK);
    const char *text = arena_text(room(n), json_text_of(o, name, ""));
    json_end(o);
    return text;
}

/* Lan is in at H57, and we know what the provider would say of it. */
static void listens(struct nation *n)
{
    gets_in(n);
    assert_int_equal(redeem(n, fresh_code(n), NULL, NULL), 200);
    const char *id_token = told(n, "id_token");
    sub_at_h57 = member_of(n, id_token, "sub");
    sid_at_h57 = member_of(n, id_token, "sid");
    assert_true(*sub_at_h57 && *sid_at_h57);
}

static const struct told lies_told[] = {
    {"another issuer", .iss = "http://evil.example"},
    {"no issuer", .iss = ""},
    {"for another client", .aud = "\"G24\""},
    {"for many", .aud = "[\"H57\",\"G24\"]"},
    {"for nobody", .aud = "\"\""},
    {"an id_token's kind", .typ = "JWT"},
    {"a proof's kind", .typ = "dpop+jwt"},
    {"algorithm none", .sign = UNSIGNED},
    {"algorithm swapped", .sign = SWAPPED},
    {"key not named", .sign = NO_KID},
    {"signature spoilt", .sign = SPOILT},
    {"expired", .iat = -300, .exp = -1},
    {"expires this second", .iat = -300, .exp = -300},
    {"good for an hour", .exp = 3600},
    {"from the future", .iat = 300, .exp = 400},
    {"from long ago", .iat = -3600},
    {"no event", .events = ""},
    {"no event of this kind", .events = ",\"events\":{\"http://evil.example/event\":{}}"},
    {"an event that is no object", .events = ",\"events\":{\"" OIDC_OUT_EVENT "\":1}"},
    {"events in a list", .events = ",\"events\":[\"" OIDC_OUT_EVENT "\"]"},
    {"with a nonce", .extra = ",\"nonce\":\"" NONCE "\""},
    {"with an empty nonce", .extra = ",\"nonce\":\"\""},
    {"of nobody and nothing", .sub = "", .sid = ""},
    {"subject that is a number", .sub = "", .extra = ",\"sub\":7"},
    {"sign-in that is a list", .sid = "", .extra = ",\"sid\":[]"},
    {"subject twice", .extra = ",\"sub\":\"x\""},
    {"no jti", .jti = ""},
};

static void refuses_lies(struct nation *n)
{
    listens(n);
    for (size_t i = 0; i < ARRAY_LEN(lies_told); i++) {
        int status = hears(n, token_of(n, &lies_told[i]));
        if (status != 400)
            print_error("%s: %d\n", lies_told[i].what, status);
        assert_int_equal(status, 400);
        assert_true(is_in(&n->at_rp));
    }
    const struct told by_others[] = {{"another member", .key = n->g24},
                                     {"ourselves", .key = n->rp->n->sign_key}};
    for (size_t i = 0; i < ARRAY_LEN(by_others); i++)
        assert_int_equal(hears(n, token_of(n, &by_others[i])), 400);
    const char *good = token_of(n, &(struct told){.what = "the truth"});
    assert_int_equal(says(n, ""), 400);
    assert_int_equal(says(n, arena_printf(room(n), "token=%s", good)), 400);
    assert_int_equal(says(n, arena_printf(room(n), "logout_token=%s&logout_token=%s", good, good)),
                     400);
    assert_int_equal(hears(n, "a.b.c"), 400);
    assert_true(is_in(&n->at_rp));
    struct web_client machine = web_client_new(room(n), n->op_web); /* it is nobody's client */
    web_send(&machine, "POST", OIDC_OUT_PATH, FORM,
             bytes_of(arena_printf(room(n), "logout_token=%s", good)));
    assert_int_equal(machine.status, 400);
    assert_int_equal(hears(n, good), 200); /* the control */
    assert_int_equal(web_get(&n->at_rp, "/toi"), 401);
}

/* An id_token isn't one: it was meant to be shown around. */
static void takes_no_id_token(struct nation *n)
{
    listens(n);
    assert_int_equal(redeem(n, fresh_code(n), NULL, NULL), 200);
    assert_int_equal(hears(n, told(n, "id_token")), 400);
    assert_true(is_in(&n->at_rp));
}

static void hears_once(struct nation *n)
{
    listens(n);
    const char *token = token_of(n, &(struct told){.what = "overheard"});
    assert_int_equal(hears(n, token), 200);
    n->at_rp = *browser(n, n->rp_web);
    gets_in(n);
    assert_int_equal(hears(n, token), 400);
    web_end(n->rp_web); /* the node starts again */
    n->rp_web = pages_open(n->rp, web_test_reply);
    n->at_rp.web = n->rp_web;
    assert_int_equal(hears(n, token), 400);
    assert_true(is_in(&n->at_rp));
}

/* By both names, by one; of somebody else: nothing. */
static void ends_exactly_those(struct nation *n)
{
    static const struct {
        const char *sub, *sid;
        bool out;
    } cases[] = {{"nobody-known-here", NULL, false},
                 {NULL, "another-sign-in", false},
                 {"nobody-known-here", "", false},
                 {"", "another-sign-in", false},
                 {NULL, NULL, true},
                 {NULL, "", true},
                 {"", NULL, true}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        n->at_rp = *browser(n, n->rp_web);
        listens(n);
        const struct told t = {.what = "", .sub = cases[i].sub, .sid = cases[i].sid};
        assert_int_equal(hears(n, token_of(n, &t)), 200);
        assert_int_equal(web_get(&n->at_rp, "/toi"), cases[i].out ? 401 : 200);
    }
    const char *can = official(n->rp, "can"); /* officials there sign in there */
    post(n->rp, can, "commune_clerk", "H57.31");
    struct web_client clerk = *browser(n, n->rp_web);
    sign_in(&clerk, "can");
    n->at_rp = *browser(n, n->rp_web);
    listens(n);
    assert_int_equal(hears(n, token_of(n, &(struct told){.what = "", .sid = ""})), 200);
    assert_true(is_in(&clerk));
}

static enum err count_acts(struct ctx *c, void *arg)
{
    struct work *k = arg;
    int64_t found = 0;
    enum err e =
        db_int(c, &found, "SELECT count(*) FROM core_audit WHERE action = $1", P_TEXT(k->text));
    k->n = (size_t)found;
    return e;
}

static size_t acts(struct node_world *w, const char *action)
{
    struct work k = {.text = action};
    assert_int_equal(do_read(w, count_acts, &k), OK);
    return k.n;
}

static void stands_in_the_trail(struct nation *n)
{
    gets_in(n);
    assert_int_equal(leaves(&n->at_op), 303);
    assert_int_equal(acts(n->op, "identity.out"), 1);
    assert_int_equal(acts(n->op, "identity.out_told"), 0);
    assert_int_equal(tells(n), 1);
    assert_int_equal(acts(n->op, "identity.out_told"), 1);
    assert_int_equal(acts(n->rp, "identity.out_heard"), 1);
}

static void says_that_it_tells(struct nation *n)
{
    assert_int_equal(web_get(&n->at_op, "/.well-known/openid-configuration"), 200);
    assert_true(web_shows(&n->at_op, "\"backchannel_logout_supported\":true"));
    assert_true(web_shows(&n->at_op, "\"backchannel_logout_session_supported\":true"));
    listens(n);
    const char *mine = sid_at_h57;
    assert_int_equal(authorize(n, NULL, NULL), 303);
    assert_string_equal(mine, sid_at_h57);
    const char *at_g24 = oidc_sign_in(n->op->c, "G24", n->account, "x");
    assert_string_not_equal(at_g24, oidc_sign_in(n->op->c, "H57", n->account, "x"));
}

TEST_CASE(ends_that_sign_in_alone)
TEST_CASE(says_so_to_who_reads)
TEST_CASE(ends_however_it_ends)
TEST_CASE(goes_on_when_asked_again)
TEST_CASE(ends_codes_and_tokens)
TEST_CASE(tries_until_it_is_heard)
TEST_CASE(tells_where_it_was_told)
TEST_CASE(keeps_few_of_an_account)
TEST_CASE(refuses_lies)
TEST_CASE(takes_no_id_token)
TEST_CASE(hears_once)
TEST_CASE(ends_exactly_those)
TEST_CASE(stands_in_the_trail)
TEST_CASE(says_that_it_tells)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends_that_sign_in_alone),
        cmocka_unit_test(test_says_so_to_who_reads),
        cmocka_unit_test(test_ends_however_it_ends),
        cmocka_unit_test(test_goes_on_when_asked_again),
        cmocka_unit_test(test_ends_codes_and_tokens),
        cmocka_unit_test(test_tries_until_it_is_heard),
        cmocka_unit_test(test_tells_where_it_was_told),
        cmocka_unit_test(test_keeps_few_of_an_account),
        cmocka_unit_test(test_refuses_lies),
        cmocka_unit_test(test_takes_no_id_token),
        cmocka_unit_test(test_hears_once),
        cmocka_unit_test(test_ends_exactly_those),
        cmocka_unit_test(test_stands_in_the_trail),
        cmocka_unit_test(test_says_that_it_tells),
    };
    return cmocka_run_group_tests_name("oidc_out", tests, NULL, NULL);
}
