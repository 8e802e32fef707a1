/* SPDX-License-Identifier: Apache-2.0 */
/* Passkeys through the real routes: devices are made of OpenSSL, the test owns the clock. */
#include <jansson.h>

#include "engine/identity/identity_passkey_views.h"
#include "engine/identity/test/identity_test.h"
#include "engine/identity/test/passkey_test.h"

#define PAGE   IDENTITY_PASSKEYS_PAGE
#define ENTER  "/dang-nhap/khoa-truy-cap"
#define SECOND "/dang-nhap/ma"
#define APP    "/tai-khoan/hai-lop"

struct desk {
    struct node_world *w;
    struct web *web;
    struct web_client b, other;
    struct device d;
    const char *lan; /* the account's id */
};

static struct desk open_desk(struct node_world *w)
{
    struct desk k = {.w = w};
    w->n->url = PASSKEY_URL;
    k.web = pages_open(w, web_test_reply);
    k.lan = citizen(w, "lan", LAN);
    k.b = web_client_new(w->c->arena, k.web);
    k.other = web_client_new(w->c->arena, k.web);
    k.other.peer = "10.9.9.9";
    k.d = device_new(w->c->arena, COSE_ES256, 1);
    return k;
}

static void close_desk(struct desk *k)
{
    device_end(&k->d);
    web_end(k->web);
}

static const char *member(struct web_client *b, const char *name)
{
    json_t *o = json_loads(b->text, 0, NULL);
    assert_non_null(o);
    const char *value = json_string_value(json_object_get(o, name));
    value = arena_text(b->arena, value ? value : "");
    json_decref(o);
    return value;
}

/* The challenge for that purpose, as its page asks; what else is told stays in b->text. */
static const char *ask(struct web_client *b, const char *purpose)
{
    bool in = text_eq(purpose, "add") || text_eq(purpose, "prove");
    web_get(b, text_eq(purpose, "second") ? SECOND : in ? PAGE : "/dang-nhap?lai=1");
    b->accept = "application/json";
    assert_int_equal(WEB_POST(b, IDENTITY_PASSKEY_ASK, "purpose", purpose), 200);
    b->accept = "text/html";
    b->token = member(b, "csrf");
    return member(b, "challenge");
}

static int add(struct web_client *b, struct device *d)
{
    const char *challenge = ask(b, "add");
    d->user = member(b, "user");
    return WEB_POST(b, PAGE, "name", "Điện thoại của Lan", "passkey", device_makes(d, challenge));
}

/* Signed in at k->b with a passkey added there. */
static void set_up(struct desk *k)
{
    web_get(&k->b, "/dang-nhap");
    sign_in(&k->b, "lan");
    assert_int_equal(web_get(&k->b, PAGE), 200);
    assert_int_equal(add(&k->b, &k->d), 200);
}

static int enter(struct web_client *b, const struct device *d)
{
    const char *challenge = ask(b, "enter");
    return WEB_POST(b, ENTER, "passkey", device_signs(d, challenge), "next", "/toi");
}

struct counted {
    const char *kind; /* of a notice, or an action of the trail */
    int64_t n;
};

static enum err count(struct ctx *c, void *arg)
{
    struct counted *k = arg;
    return db_int(c, &k->n,
                  "SELECT (SELECT count(*) FROM identity_notice WHERE kind = $1)"
                  " + (SELECT count(*) FROM core_audit WHERE action = $1)",
                  P_TEXT(k->kind));
}

static int64_t told(struct node_world *w, const char *kind)
{
    struct counted k = {.kind = kind};
    assert_int_equal(do_read(w, count, &k), OK);
    return k.n;
}

/* ---- added ---- */

static void adds_one(struct node_world *w, void *arg)
{
    struct desk k = open_desk(w);
    (void)arg;
    web_get(&k.other, "/dang-nhap");
    sign_in(&k.other, "lan");
    web_get(&k.b, "/dang-nhap");
    k.b.more[k.b.n_more++] = (struct http_header){"User-Agent", "Android 14 Chrome/120"};
    sign_in(&k.b, "lan");
    const char *before = k.b.cookies;
    assert_int_equal(web_get(&k.b, PAGE), 200);
    assert_true(web_shows(&k.b, "Tài khoản chưa có khóa truy cập nào"));
    assert_string_equal(web_input(&k.b, "name"), "Chrome, Android");
    assert_int_equal(add(&k.b, &k.d), 200);
    assert_true(web_shows(&k.b, "Mã dự phòng của quý vị")); /* for the day it is lost */
    assert_string_not_equal(k.b.cookies, before);
    assert_false(is_in(&k.other)); /* who was in with the password alone is out */
    assert_int_equal(web_get(&k.b, PAGE), 200);
    assert_true(web_shows(&k.b, "Điện thoại của Lan"));
    assert_true(web_shows(&k.b, "Chưa dùng lần nào"));
    assert_int_equal(told(w, "passkey"), 1);
    assert_int_equal(add(&k.b, &k.d), 422); /* once */
    assert_true(web_shows(&k.b, "Khóa truy cập này đã được thêm rồi"));
    struct device second = device_new(w->c->arena, COSE_EDDSA, 2);
    assert_int_equal(add(&k.b, &second), 303); /* there are recovery codes already */
    assert_int_equal(enter(&k.other, &second), 303);
    device_end(&second);
    close_desk(&k);
}

static void refused_new(struct desk *k, const char *challenge, struct device *d)
{
    assert_int_equal(WEB_POST(&k->b, PAGE, "name", "x", "passkey", device_makes(d, challenge)),
                     422);
}

static void adds_no_lie(struct node_world *w, void *arg)
{
    struct desk k = open_desk(w);
    (void)arg;
    web_get(&k.b, "/dang-nhap");
    sign_in(&k.b, "lan");
    assert_int_equal(web_get(&k.b, PAGE), 200);
    const char *challenge = ask(&k.b, "add"), *other = ask(&k.b, "prove");
    struct device lies[] = {k.d, k.d, k.d, k.d, k.d, k.d, k.d, k.d};
    lies[0].origin = "https://dichvu.example.vn";
    lies[1].rp = "example.vn";
    lies[2].type = "webauthn.get";
    lies[3].flags = PASSKEY_PRESENT;
    lies[4].flags = PASSKEY_VERIFIED;
    lies[5].cut = 1;
    lies[6].tail = "x";
    lies[7].cross = true;
    for (size_t i = 0; i < ARRAY_LEN(lies); i++)
        refused_new(&k, challenge, &lies[i]);
    refused_new(&k, other, &k.d);
    refused_new(&k, "AAAA", &k.d);
    clock_by(w, IDENTITY_CHALLENGE_US);
    refused_new(&k, challenge, &k.d);
    assert_int_equal(web_get(&k.b, PAGE), 200);
    assert_true(web_shows(&k.b, "Tài khoản chưa có khóa truy cập nào"));
    assert_int_equal(add(&k.b, &k.d), 200);
    close_desk(&k);
}

/* Another algorithm than the two: an attested key whose label 3 says -257 (RS256). */
static void takes_two_algorithms(struct node_world *w, void *arg)
{
    struct desk k = open_desk(w);
    (void)arg;
    web_get(&k.b, "/dang-nhap");
    sign_in(&k.b, "lan");
    const char *challenge = ask(&k.b, "add");
    struct bytes made = attestation_of(&k.d);
    uint8_t *at = memmem(made.ptr, made.len, "\x03\x26\x20", 3);
    assert_non_null(at);
    at[1] = 0x29;
    const char *json = arena_printf(
        w->c->arena, "{\"id\":\"%s\",\"client\":\"%s\",\"attestation\":\"%s\"}", device_id(&k.d),
        base64url_of(w->c->arena, client_of(&k.d, "webauthn.create", challenge)),
        base64url_of(w->c->arena, made));
    assert_int_equal(WEB_POST(&k.b, PAGE, "name", "x", "passkey", json), 422);
    close_desk(&k);
}

/* ---- in, alone ---- */

static void enters_alone(struct node_world *w, void *arg)
{
    struct desk k = open_desk(w);
    (void)arg;
    set_up(&k);
    assert_int_equal(web_get(&k.other, "/dang-nhap"), 200);
    assert_true(web_shows(&k.other, "data-purpose=\"enter\""));
    assert_int_equal(enter(&k.other, &k.d), 303);
    assert_string_equal(web_answer_header(&k.other, "Location"), "/toi");
    assert_true(is_in(&k.other));
    assert_int_equal(web_get(&k.other, PAGE), 200);
    assert_true(web_shows(&k.other, "Dùng lần cuối"));
    close_desk(&k);
}

/* Each twisted in one place; after all of them the right one is let in. */
static void believes_no_lie(struct node_world *w, void *arg)
{
    struct desk k = open_desk(w);
    (void)arg;
    set_up(&k);
    struct device lies[] = {k.d, k.d, k.d, k.d, k.d, k.d, k.d, k.d, k.d, k.d};
    lies[0].origin = "https://dichvu.example.vn:8444";
    lies[1].origin = "https://dichvu.example.vn.evil.vn:8443";
    lies[2].rp = "evil.vn";
    lies[3].type = "webauthn.create";
    lies[4].flags = PASSKEY_PRESENT; /* touched, by anybody */
    lies[5].flags = PASSKEY_VERIFIED;
    lies[6].spoilt = true;
    lies[7].cross = true;
    lies[8].user = "AAAA";
    lies[9].user = "";
    for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
        assert_int_equal(enter(&k.other, &lies[i]), 422);
        assert_true(web_shows(&k.other, "Chưa thể xác nhận bằng khóa truy cập này"));
        assert_false(is_in(&k.other));
    }
    struct device stranger = device_new(w->c->arena, COSE_ES256, 9);
    stranger.user = k.d.user;
    assert_int_equal(enter(&k.other, &stranger), 422);
    memcpy(stranger.id, k.d.id, sizeof k.d.id); /* the right name, another key */
    assert_int_equal(enter(&k.other, &stranger), 422);
    device_end(&stranger);
    assert_int_equal(enter(&k.other, &k.d), 303);
    close_desk(&k);
}

static void takes_a_challenge_once(struct node_world *w, void *arg)
{
    struct desk k = open_desk(w);
    (void)arg;
    set_up(&k);
    const char *challenge = ask(&k.other, "enter"), *said = device_signs(&k.d, challenge);
    assert_int_equal(WEB_POST(&k.other, ENTER, "passkey", said, "next", "/toi"), 303);
    struct web_client thief = web_client_new(w->c->arena, k.web);
    assert_int_equal(WEB_POST(&thief, ENTER, "passkey", said, "next", "/toi"), 422);
    said = device_signs(&k.d, ask(&k.b, "prove"));
    assert_int_equal(WEB_POST(&k.b, "/phien", "proof", said), 303);
    assert_int_equal(WEB_POST(&k.b, "/phien", "proof", said), 422); /* that session, that purpose */
    challenge = ask(&thief, "enter");
    clock_by(w, IDENTITY_CHALLENGE_US);
    said = device_signs(&k.d, challenge);
    assert_int_equal(WEB_POST(&thief, ENTER, "passkey", said, "next", "/toi"), 422);
    said = device_signs(&k.d, ask(&thief, "enter"));
    assert_int_equal(WEB_POST(&thief, ENTER, "passkey", said, "next", "/toi"), 303);
    close_desk(&k);
}

/* A challenge is for one purpose, one account, one browser. */
static void keeps_flows_apart(struct node_world *w, void *arg)
{
    struct desk k = open_desk(w);
    (void)arg;
    set_up(&k);
    const char *mine = ask(&k.b, "prove");
    web_get(&k.other, "/dang-nhap");
    const char *theirs = ask(&k.other, "enter");
    struct web_client third = web_client_new(w->c->arena, k.web);
    (void)ask(&third, "enter");
    assert_int_equal(WEB_POST(&third, ENTER, "passkey", device_signs(&k.d, mine)), 422);
    assert_int_equal(WEB_POST(&third, ENTER, "passkey", device_signs(&k.d, theirs)), 422);
    assert_int_equal(WEB_POST(&k.other, ENTER, "passkey", device_signs(&k.d, theirs)), 303);
    third.accept = "application/json"; /* nobody is asked to prove or to add */
    assert_int_equal(WEB_POST(&third, IDENTITY_PASSKEY_ASK, "purpose", "prove"), 401);
    assert_int_equal(WEB_POST(&third, IDENTITY_PASSKEY_ASK, "purpose", "second"), 401);
    assert_int_equal(WEB_POST(&third, IDENTITY_PASSKEY_ASK, "purpose", "khác"), 401);
    close_desk(&k);
}

static void stops_a_copy(struct node_world *w, void *arg)
{
    struct desk k = open_desk(w);
    (void)arg;
    k.d.counter = 7;
    set_up(&k);
    k.d.counter = 9;
    assert_int_equal(enter(&k.other, &k.d), 303);
    k.d.counter = 9;
    assert_int_equal(enter(&k.other, &k.d), 422);
    assert_true(web_shows(&k.other, "bộ đếm của nó lùi lại"));
    k.d.counter = 8;
    assert_int_equal(enter(&k.other, &k.d), 422);
    k.d.counter = 0;
    assert_int_equal(enter(&k.other, &k.d), 422);
    assert_int_equal(told(w, IDENTITY_NOTICE_COPY), 3);
    k.d.counter = 10;
    assert_int_equal(enter(&k.other, &k.d), 303);
    close_desk(&k);
}

/* ---- beside the password ---- */

static void half_in(struct web_client *b)
{
    assert_int_equal(try_sign_in(b, "lan", PASSWORD), 303);
    assert_string_equal(web_answer_header(b, "Location"), SECOND);
    assert_int_equal(web_get(b, SECOND), 200);
}

static int give(struct web_client *b, const struct device *d)
{
    const char *challenge = ask(b, "second");
    return WEB_POST(b, SECOND "/khoa-truy-cap", "passkey", device_signs(d, challenge));
}

static void stands_beside_the_password(struct node_world *w, void *arg)
{
    struct desk k = open_desk(w);
    (void)arg;
    set_up(&k);
    half_in(&k.other);
    assert_true(web_shows(&k.other, "data-purpose=\"second\""));
    assert_false(is_in(&k.other)); /* the password alone isn't enough any more */
    struct device d = k.d;
    d.spoilt = true;
    assert_int_equal(give(&k.other, &d), 422);
    d = k.d;
    d.user = "";
    d.flags = PASSKEY_PRESENT; /* beside the password a touch is enough */
    assert_int_equal(give(&k.other, &d), 303);
    assert_string_equal(web_answer_header(&k.other, "Location"), "/toi");
    assert_true(is_in(&k.other));
    close_desk(&k);
}

static void stays_with_its_owner(struct node_world *w, void *arg)
{
    struct desk k = open_desk(w);
    (void)arg;
    set_up(&k);
    (void)citizen(w, "hoa", "046194900002");
    struct device hers = device_new(w->c->arena, COSE_ES256, 5);
    struct web_client hoa = web_client_new(w->c->arena, k.web);
    assert_int_equal(try_sign_in(&hoa, "hoa", PASSWORD), 303);
    assert_int_equal(add(&hoa, &hers), 200);
    half_in(&k.other); /* Lan's password, Hoa's passkey */
    hers.user = "";
    assert_int_equal(give(&k.other, &hers), 422);
    assert_false(is_in(&k.other));
    device_end(&hers);
    close_desk(&k);
}

/* What pages show of recovery codes: the first. */
static const char *first_code(struct web_client *b)
{
    static const char mark[] = "<span class=\"dinh-code\">";
    const char *at = strstr(b->text, mark);
    assert_non_null(at);
    return arena_text_n(b->arena, at + strlen(mark), strcspn(at + strlen(mark), "<"));
}

static void leaves_a_code_for_the_day_it_is_lost(struct node_world *w, void *arg)
{
    struct desk k = open_desk(w);
    (void)arg;
    set_up(&k);
    const char *code = first_code(&k.b);
    half_in(&k.other);
    assert_int_equal(WEB_POST(&k.other, SECOND, "one_time_code", "123456"), 422);
    assert_int_equal(WEB_POST(&k.other, SECOND, "one_time_code", code), 303);
    assert_true(is_in(&k.other));
    struct web_client third = web_client_new(w->c->arena, k.web);
    half_in(&third);
    assert_int_equal(WEB_POST(&third, SECOND, "one_time_code", code), 422);
    close_desk(&k);
}

static const char *const renew = PAGE "/ma-du-phong";

/* Others in the place of those that were, for who proved it by more than the password. */
static void renews_its_codes(struct node_world *w, void *arg)
{
    struct desk k = open_desk(w);
    (void)arg;
    sign_in(&k.b, "lan");
    web_get(&k.b, PAGE);
    assert_int_equal(WEB_POST(&k.b, renew, "x", ""), 409); /* there are none */
    assert_true(web_shows(&k.b, "tài khoản chưa có khóa truy cập nào"));
    assert_int_equal(add(&k.b, &k.d), 200);
    const char *old = first_code(&k.b);
    everybody_proved_long_ago(w);
    assert_int_equal(web_get(&k.b, PAGE), 200);
    assert_true(web_shows(&k.b, "Mã dự phòng còn lại: <strong>10</strong>"));
    assert_int_equal(WEB_POST(&k.b, renew, "x", ""), 403);
    assert_int_equal(WEB_POST(&k.b, renew, PROOF_FIELD, PASSWORD), 422);
    const char *said = device_signs(&k.d, ask(&k.b, "prove"));
    assert_int_equal(WEB_POST(&k.b, renew, PROOF_FIELD, said), 200);
    const char *code = first_code(&k.b);
    assert_string_not_equal(code, old);
    assert_true(web_shows(&k.b, "href=\"/tai-khoan\">")); /* on, where there is no app */
    assert_int_equal(told(w, "codes"), 1);
    assert_int_equal(told(w, "identity.codes"), 1);
    half_in(&k.other);
    assert_int_equal(WEB_POST(&k.other, SECOND, "one_time_code", old), 422);
    assert_int_equal(WEB_POST(&k.other, SECOND, "one_time_code", code), 303);
    assert_int_equal(web_get(&k.b, PAGE), 200);
    assert_true(web_shows(&k.b, "Mã dự phòng còn lại: <strong>9</strong>"));
    assert_false(web_shows(&k.b, code)); /* shown once */
    close_desk(&k);
}

/* ---- before grave acts ---- */

static const char *remove_form(struct web_client *b)
{
    const char *at = strstr(b->text, "action=\"" PAGE "/");
    assert_non_null(at);
    at += strlen("action=\"");
    return arena_text_n(b->arena, at, strcspn(at, "\""));
}

static void proves_and_removes(struct node_world *w, void *arg)
{
    struct desk k = open_desk(w);
    (void)arg;
    set_up(&k);
    assert_int_equal(enter(&k.other, &k.d), 303);
    assert_int_equal(web_get(&k.b, PAGE), 200);
    const char *form = remove_form(&k.b);
    everybody_proved_long_ago(w);
    assert_int_equal(WEB_POST(&k.b, form, "x", ""), 403);
    assert_true(web_shows(&k.b, "Xác nhận đó là quý vị"));
    assert_true(web_shows(&k.b, "data-purpose=\"prove\""));
    struct device lie = k.d;
    lie.flags = PASSKEY_PRESENT; /* whoever sits there */
    const char *said = device_signs(&lie, ask(&k.b, "prove"));
    assert_int_equal(WEB_POST(&k.b, form, PROOF_FIELD, said), 422);
    said = device_signs(&k.d, ask(&k.b, "add")); /* signed for something else */
    assert_int_equal(WEB_POST(&k.b, form, PROOF_FIELD, said), 422);
    said = device_signs(&k.d, ask(&k.b, "prove"));
    assert_int_equal(WEB_POST(&k.b, form, PROOF_FIELD, said), 303);
    assert_int_equal(web_follow(&k.b), 200);
    assert_true(web_shows(&k.b, "Đã bỏ khóa truy cập"));
    assert_int_equal(told(w, "unpasskey"), 1);
    assert_false(is_in(&k.other)); /* what came in by it is out */
    assert_int_equal(enter(&k.other, &k.d), 422);
    sign_in(&k.other, "lan"); /* the password stays */
    close_desk(&k);
}

static void adds_after_a_proof(struct node_world *w, void *arg)
{
    struct desk k = open_desk(w);
    (void)arg;
    web_get(&k.b, "/dang-nhap");
    sign_in(&k.b, "lan");
    everybody_proved_long_ago(w);
    const char *made = device_makes(&k.d, ask(&k.b, "add"));
    assert_int_equal(WEB_POST(&k.b, PAGE, "name", "Máy bàn", "passkey", made), 403);
    assert_true(web_shows(&k.b, "Máy bàn"));
    assert_non_null(web_input(&k.b, "passkey")); /* goes along, shown to nobody */
    assert_null(strstr(k.b.text, "attestation&quot;</"));
    assert_int_equal(WEB_POST(&k.b, PAGE, "name", web_input(&k.b, "name"), "passkey", made,
                              PROOF_FIELD, PASSWORD),
                     200);
    assert_true(web_shows(&k.b, "Mã dự phòng của quý vị"));
    close_desk(&k);
}

/* Whoever sits at an open session and knows the password: no app of theirs, by no way round. */
static void guards_against_an_app(struct node_world *w, void *arg)
{
    static const char later[] = "bốn con trâu đen qua sông";
    struct desk k = open_desk(w);
    (void)arg;
    set_up(&k);
    everybody_proved_long_ago(w);
    assert_int_equal(web_get(&k.b, APP), 200);
    assert_int_equal(WEB_POST(&k.b, APP, "password", PASSWORD), 403);
    assert_true(web_shows(&k.b, "data-purpose=\"prove\""));
    assert_int_equal(WEB_POST(&k.b, APP, PROOF_FIELD, PASSWORD), 422);
    assert_int_equal(WEB_POST(&k.b, "/tai-khoan/mat-khau", "password", PASSWORD, "new_password",
                              later, "new_password_again", later),
                     303);
    web_get(&k.b, APP);
    assert_int_equal(WEB_POST(&k.b, APP, "password", later), 403); /* another password: no proof */
    assert_int_equal(web_get(&k.b, APP), 200);
    assert_false(web_shows(&k.b, "<svg "));
    const char *said = device_signs(&k.d, ask(&k.b, "prove"));
    assert_int_equal(WEB_POST(&k.b, APP, PROOF_FIELD, said), 303); /* the owner, asked once */
    assert_int_equal(web_get(&k.b, APP), 200);
    assert_true(web_shows(&k.b, "<svg "));
    assert_int_equal(WEB_POST(&k.b, APP, "password", ""), 422); /* each time, when it is fresh */
    assert_int_equal(WEB_POST(&k.b, APP, "password", later), 303);
    close_desk(&k);
}

/* Whose role needs a second factor has one by a passkey, and keeps the last. */
static void serves_a_role_that_needs_one(struct node_world *w, void *arg)
{
    struct desk k = open_desk(w);
    const char *can = official(w, "can");
    (void)arg;
    post(w, can, "commune_clerk", "H57.31.08");
    w->n->second_factor = true;
    assert_int_equal(try_sign_in(&k.b, "can", PASSWORD), 303);
    assert_int_equal(web_get(&k.b, "/tiep-nhan"), 403);
    assert_int_equal(add(&k.b, &k.d), 200);
    assert_int_equal(web_get(&k.b, "/tiep-nhan"), 200);
    assert_int_equal(enter(&k.other, &k.d), 303);
    assert_int_equal(web_get(&k.other, "/tiep-nhan"), 200);
    assert_int_equal(web_get(&k.other, PAGE), 200);
    assert_int_equal(WEB_POST(&k.other, remove_form(&k.other), "x", ""), 409);
    assert_true(web_shows(&k.other, "đây là cách cuối cùng"));
    assert_int_equal(enter(&k.other, &k.d), 303);
    w->n->second_factor = false;
    close_desk(&k);
}

/* At an address that browsers take no passkeys at, nobody is offered any. */
static void is_offered_at_names_only(struct node_world *w, void *arg)
{
    struct desk k = open_desk(w);
    (void)arg;
    set_up(&k);
    static const struct {
        const char *url, *rp;
        bool offered;
    } sites[] = {
        {"https://a.vn", "a.vn", true},          {"https://a.vn:1/x", "a.vn", true},
        {"http://a.vn", "a.vn", false},          {"http://localhost:8801", "localhost", true},
        {"https://10.0.0.1", "10.0.0.1", false}, {"https://[::1]:8443", "[::1]", false}};
    for (size_t i = 0; i < ARRAY_LEN(sites); i++) {
        w->n->url = sites[i].url;
        struct passkey_site s = passkey_site(w->c);
        assert_string_equal(s.rp, sites[i].rp);
        assert_int_equal(s.offered, sites[i].offered);
    }
    w->n->url = "http://127.0.0.1:8802";
    assert_int_equal(web_get(&k.other, "/dang-nhap"), 200);
    assert_false(web_shows(&k.other, "data-passkey"));
    half_in(&k.other);
    assert_false(web_shows(&k.other, "data-passkey"));
    assert_int_equal(web_get(&k.b, PAGE), 200);
    assert_true(web_shows(&k.b, "Địa chỉ của trang này không dùng được khóa truy cập"));
    close_desk(&k);
}

#define CASE(body)                                                                                 \
    static void test_identity_passkey_##body(void **state)                                         \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(modules, ARRAY_LEN(modules), body, NULL);                                        \
    }
CASE(adds_one)
CASE(adds_no_lie)
CASE(takes_two_algorithms)
CASE(enters_alone)
CASE(believes_no_lie)
CASE(takes_a_challenge_once)
CASE(keeps_flows_apart)
CASE(stops_a_copy)
CASE(stands_beside_the_password)
CASE(stays_with_its_owner)
CASE(leaves_a_code_for_the_day_it_is_lost)
CASE(renews_its_codes)
CASE(proves_and_removes)
CASE(adds_after_a_proof)
CASE(guards_against_an_app)
CASE(serves_a_role_that_needs_one)
CASE(is_offered_at_names_only)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_passkey_adds_one),
        cmocka_unit_test(test_identity_passkey_adds_no_lie),
        cmocka_unit_test(test_identity_passkey_takes_two_algorithms),
        cmocka_unit_test(test_identity_passkey_enters_alone),
        cmocka_unit_test(test_identity_passkey_believes_no_lie),
        cmocka_unit_test(test_identity_passkey_takes_a_challenge_once),
        cmocka_unit_test(test_identity_passkey_keeps_flows_apart),
        cmocka_unit_test(test_identity_passkey_stops_a_copy),
        cmocka_unit_test(test_identity_passkey_stands_beside_the_password),
        cmocka_unit_test(test_identity_passkey_stays_with_its_owner),
        cmocka_unit_test(test_identity_passkey_leaves_a_code_for_the_day_it_is_lost),
        cmocka_unit_test(test_identity_passkey_renews_its_codes),
        cmocka_unit_test(test_identity_passkey_proves_and_removes),
        cmocka_unit_test(test_identity_passkey_adds_after_a_proof),
        cmocka_unit_test(test_identity_passkey_guards_against_an_app),
        cmocka_unit_test(test_identity_passkey_serves_a_role_that_needs_one),
        cmocka_unit_test(test_identity_passkey_is_offered_at_names_only),
    };
    return cmocka_run_group_tests_name("identity_passkey", tests, NULL, NULL);
}
