/* SPDX-License-Identifier: Apache-2.0 */
/* The side that answers: who may speak, for whom, what is believed, what is done once. */
#include "test/harness/unit.h"

#include "base/sys.h"
#include "base/time.h"
#include "core/settings.h"
#include "engine/exchange/test/exchange_test.h"

/* A message by hand, so that each part of it can be wrong. */
struct shot {
    struct exchange_head head;
    struct bytes body;
    const char *text, *signature; /* set: instead of the head signed by h57 */
    struct client_tls tls;
    struct client_answer answer;
};

static struct client_tls identity(const struct cert *x, const struct key *k)
{
    struct arena *a = two.a->c->arena;
    return (struct client_tls){.ca_pem = cert_pem(a, two.ca),
                               .cert_pem = cert_pem(a, x),
                               .key_pem = key_pem(a, k),
                               .tls13_only = true,
                               .pin_sha256_hex = cert_fingerprint(a, two.b->n->tls_cert)};
}

static const char *hash_of(const char *body)
{
    return sha256_hex(two.a->c->arena, sha256(bytes_of(body)));
}

static struct shot shot_of(const char *service, const char *body)
{
    struct ctx *c = two.a->c;
    c->now_us = sys_now_us();
    return (struct shot){.head = {.id = id_new(c->arena, c->now_us),
                                  .client = "H57",
                                  .member = "G01",
                                  .service = service,
                                  .purpose = "",
                                  .matter = "",
                                  .reader = "Lan",
                                  .reader_unit = "H57.31.08",
                                  .reader_role = "commune_clerk",
                                  .reader_person = "",
                                  .body_sha256 = hash_of(body),
                                  .created_us = c->now_us},
                         .body = bytes_of(body),
                         .tls = identity(two.a->n->tls_cert, two.a->n->tls_key)};
}

static void sign(struct shot *s)
{
    struct exchange_signed made = exchange_sign(two.a->c, &exchange_head_shape, &s->head);
    s->text = made.head;
    s->signature = made.signature;
}

static enum err fire_at(struct shot *s, const char *path)
{
    struct ctx *c = two.a->c;
    if (!s->text)
        sign(s);
    struct buf head = buf_new(c->arena, 16 * 1024);
    buf_base64url(&head, bytes_of(s->text));
    const struct http_header headers[] = {{"Dinh-Head", head.ptr},
                                          {"Dinh-Signature", s->signature}};
    struct client_request q = {.method = "POST",
                               .url = arena_printf(c->arena, "%s%s", two.b->n->exchange_url, path),
                               .headers = headers,
                               .n_headers = ARRAY_LEN(headers),
                               .body = s->body,
                               .timeout_us = 20 * SECOND_US,
                               .tls = &s->tls};
    memset(&s->answer, 0, sizeof s->answer);
    ctx_clear_faults(c);
    return client_send(c, &q, &s->answer);
}

static const char *said(const struct shot *s)
{
    return arena_text_n(two.a->c->arena, (const char *)s->answer.body.ptr, s->answer.body.len);
}

static void guarded(const struct shot *s)
{
    assert_string_equal(client_answer_header(&s->answer, "Cache-Control"), "no-store");
    assert_string_equal(client_answer_header(&s->answer, "X-Content-Type-Options"), "nosniff");
    assert_non_null(client_answer_header(&s->answer, "Content-Security-Policy"));
}

/* Refused before it was read: no signed head, the code in clear. */
static void refused(struct shot *s, enum err why)
{
    assert_int_equal(fire_at(s, EXCHANGE_PATH), OK);
    assert_int_equal(s->answer.status, err_row(why)->status);
    guarded(s);
    assert_null(client_answer_header(&s->answer, "Dinh-Head"));
    assert_non_null(strstr(said(s), err_row(why)->name));
    assert_string_equal(seen, "");
    assert_false(logged(two.b, s->head.id, "in").found);
}

/* The signed answer: its head holds for this request and this body; gives the status in it. */
static int answered(struct shot *s)
{
    struct ctx *c = two.a->c;
    struct exchange_answer_head ah = {0};
    struct bytes json;
    assert_int_equal(fire_at(s, EXCHANGE_PATH), OK);
    assert_int_equal(s->answer.status, 200);
    guarded(s);
    const char *head = client_answer_header(&s->answer, "Dinh-Head");
    assert_true(head && base64url_decode(c->arena, head, &json));
    struct exchange_signed reply = {arena_text_n(c->arena, (const char *)json.ptr, json.len),
                                    client_answer_header(&s->answer, "Dinh-Signature")};
    assert_int_equal(
        exchange_check(c, &two.a->n->peers[0], &reply, &exchange_answer_head_shape, &ah), OK);
    assert_string_equal(ah.id, s->head.id);
    assert_string_equal(ah.request_sha256, hash_of(s->text));
    assert_string_equal(ah.body_sha256, hash_of(said(s)));
    return (int)ah.status;
}

/* ---- rights ---- */

static void without_right(void)
{
    listen_at(two.b);
    struct shot s = shot_of("echo.count", "1");
    assert_int_equal(answered(&s), 403);
    assert_non_null(strstr(said(&s), "ERR_EXCHANGE_DENIED"));
    assert_string_equal(seen, "");
    struct finding f = logged(two.b, s.head.id, "in");
    assert_true(f.found); /* the refusal is an answer: signed and logged */
    assert_int_equal(f.m.status, 403);
    allow("echo.count");
    s = shot_of("echo.count", "1");
    assert_int_equal(answered(&s), 200);
    deny("echo.count"); /* in force at once */
    s = shot_of("echo.count", "2");
    assert_int_equal(answered(&s), 403);
    assert_string_equal(seen, "1 ");
    sound(two.b, 3);
}

static void test_exchange_refuses_without_right(void **state)
{
    (void)state;
    on_two_nodes(without_right);
}

static void unknown_service(void)
{
    listen_at(two.b);
    allow("echo.nothing");
    struct shot s = shot_of("echo.nothing", "{}");
    assert_int_equal(answered(&s), 404);
    assert_non_null(strstr(said(&s), "ERR_EXCHANGE_UNKNOWN"));
    assert_non_null(strstr(said(&s), "Không tìm thấy cơ quan hoặc dịch vụ echo.nothing."));
    s = shot_of("echo.say", "{}");
    s.head.member = "G99";
    assert_int_equal(answered(&s), 404);
    allow("echo.person");
    s = shot_of("echo.person", "{}"); /* personal data without a purpose */
    assert_int_equal(answered(&s), 403);
    assert_non_null(strstr(said(&s), "ERR_PURPOSE"));
    s = shot_of("echo.person", "{}");
    s.head.purpose = "birth_registration";
    assert_int_equal(answered(&s), 200);
}

static void test_exchange_refuses_unknown_service(void **state)
{
    (void)state;
    on_two_nodes(unknown_service);
}

static void service_refuses(void)
{
    listen_at(two.b);
    allow("echo.refuse");
    allow("echo.broken");
    struct shot s = shot_of("echo.refuse", "{}");
    assert_int_equal(answered(&s), 400);
    assert_null(strstr(said(&s), "{1}")); /* a whole sentence, its places filled */
    assert_null(strstr(said(&s), "{2}"));
    assert_non_null(strstr(said(&s), "ERR_BAD_NUMBER"));
    s = shot_of("echo.broken", "{}"); /* our own fault is no answer: nothing is logged */
    assert_int_equal(fire_at(&s, EXCHANGE_PATH), OK);
    assert_int_equal(s.answer.status, 500);
    assert_false(logged(two.b, s.head.id, "in").found);
    sound(two.b, 1);
}

static void test_exchange_refusal_is_a_whole_sentence(void **state)
{
    (void)state;
    on_two_nodes(service_refuses);
}

/* ---- who speaks ---- */

static void certificates(void)
{
    struct ctx *c = two.a->c;
    struct key *k, *other_ca_key;
    struct cert *other_ca;
    listen_at(two.b);
    allow("echo.count");
    assert_int_equal(key_new(c, &k), OK);
    struct cert *x = issue(c, "stranger", k, true);
    struct shot s = shot_of("echo.count", "1");
    s.tls = identity(x, k); /* of the authority, and of no peer */
    refused(&s, ERR_EXCHANGE_DENIED);
    cert_end(x);

    assert_int_equal(key_new(c, &other_ca_key), OK);
    struct cert_wish w = {.common_name = "Another authority",
                          .ca = true,
                          .from_us = c->now_us - 365 * DAY_US,
                          .until_us = c->now_us + 3650 * DAY_US};
    assert_int_equal(cert_issue(c, &w, other_ca_key, NULL, NULL, &other_ca), OK);
    w.ca = false;
    w.tls = true;
    assert_int_equal(cert_issue(c, &w, k, other_ca_key, other_ca, &x), OK);
    s = shot_of("echo.count", "1");
    s.tls = identity(x, k);
    assert_int_equal(fire_at(&s, EXCHANGE_PATH), ERR_NET_TLS);
    s.tls.cert_pem = s.tls.key_pem = NULL;
    assert_int_equal(fire_at(&s, EXCHANGE_PATH), ERR_NET_TLS);
    s.tls = identity(two.a->n->tls_cert, two.a->n->tls_key);
    s.tls.pin_sha256_hex = hash_of("another"); /* not the server that we were told of */
    assert_int_equal(fire_at(&s, EXCHANGE_PATH), ERR_NET_TLS);
    assert_string_equal(seen, "");
    cert_end(x);
    cert_end(other_ca);
    key_end(other_ca_key);
    key_end(k);
}

static void test_exchange_refuses_certificates(void **state)
{
    (void)state;
    on_two_nodes(certificates);
}

static void for_others(void)
{
    listen_at(two.b);
    allow("echo.count");
    struct right g24 = {"G24", "echo.count", true};
    assert_int_equal(do_write(two.b, set_right, &g24), OK);
    static const char *const not_theirs[] = {"G24", "G22", "G01", "H57.31", "h57", ""};
    for (size_t i = 0; i < ARRAY_LEN(not_theirs); i++) {
        struct shot s = shot_of("echo.count", "1");
        s.head.client = not_theirs[i];
        refused(&s, ERR_EXCHANGE_DENIED);
    }
    allow("echo.who");
    struct shot s = shot_of("echo.who", "1");
    s.head.matter = "case-7";
    assert_int_equal(answered(&s), 200);
    assert_string_equal(said(&s), "H57|H57.31.08|Lan||case-7");
    s = shot_of("echo.who", "1");
    s.head.reader_unit = "G01.02"; /* a unit of ours: not believed */
    assert_int_equal(answered(&s), 200);
    assert_string_equal(said(&s), "H57|H57|Lan||");
    s = shot_of("echo.who", "1");
    s.head.reader_unit = "H570"; /* begins alike, and isn't below */
    assert_int_equal(answered(&s), 200);
    assert_string_equal(said(&s), "H57|H57|Lan||");
}

/* A citizen's number travels, an official's doesn't; and only a number is taken. */
static void whose(void)
{
    listen_at(two.b);
    allow("echo.whose");
    as_citizen(two.a, "046194900001", "Lan");
    assert_string_equal(ask("G01", "echo.whose", "1").text, "[046194900001]");
    as_official(two.a, "commune_clerk", "H57.31.08", "Hà");
    struct actor clerk = *two.a->c->actor;
    clerk.person = "046194900002";
    two.a->c->actor = &clerk;
    assert_string_equal(ask("G01", "echo.whose", "1").text, "[]");
    as_system(two.a, "test");
    struct shot s = shot_of("echo.whose", "1");
    s.head.reader_person = "Lan";
    refused(&s, ERR_EXCHANGE_HEAD);
    s = shot_of("echo.whose", "1"); /* a message sent again for another isn't the same */
    s.head.reader_person = "046194900001";
    assert_int_equal(answered(&s), 200);
    s.head.reader_person = "046194900003";
    s.text = NULL;
    assert_int_equal(fire_at(&s, EXCHANGE_PATH), OK);
    assert_int_equal(s.answer.status, 409);
    assert_non_null(strstr(said(&s), "ERR_EXCHANGE_REPLAY"));
}

static void test_exchange_tells_a_citizens_number(void **state)
{
    (void)state;
    on_two_nodes(whose);
}

static void test_exchange_peer_acts_for_its_own(void **state)
{
    (void)state;
    on_two_nodes(for_others);
}

/* ---- what is believed ---- */

static const char *flipped(const char *text, size_t at)
{
    char *other = arena_text(two.a->c->arena, text);
    other[at] = other[at] == 'A' ? 'B' : 'A';
    return other;
}

static void tampered(void)
{
    struct ctx *c = two.a->c;
    listen_at(two.b);
    allow("echo.count");
    struct shot s = shot_of("echo.count", "1");
    sign(&s);
    s.signature = flipped(s.signature, 20);
    refused(&s, ERR_SIGNATURE);
    s.signature = "";
    refused(&s, ERR_SIGNATURE);
    s.signature = "!!";
    refused(&s, ERR_SIGNATURE);
    s = shot_of("echo.count", "1");
    sign(&s);
    s.text = flipped(s.text, strlen(s.text) / 2);
    refused(&s, ERR_SIGNATURE);
    s = shot_of("echo.count", "1");
    s.body = bytes_of("2");
    refused(&s, ERR_SIGNATURE);
    s = shot_of("echo.count", "1");
    struct key *own = two.a->n->sign_key; /* signed by a key that isn't the member's */
    two.a->n->sign_key = two.a->n->tls_key;
    sign(&s);
    two.a->n->sign_key = own;
    refused(&s, ERR_SIGNATURE);
    s = shot_of("echo.count", "1");
    s.text = "{\"id\":\"x\",\"unknown\":1}";
    struct buf b = buf_new(c->arena, 256);
    buf_base64url(&b,
                  key_sign(c->arena, own, bytes_of(arena_printf(c->arena, "dinh-x1\n%s", s.text))));
    s.signature = b.ptr;
    refused(&s, ERR_EXCHANGE_HEAD);
    s = shot_of("echo.count", "1");
    s.head.id = "";
    refused(&s, ERR_EXCHANGE_HEAD);
    s = shot_of("echo.count", "1");
    assert_int_equal(fire_at(&s, "/x/2"), OK);
    assert_int_equal(s.answer.status, 404);
    assert_string_equal(seen, "");
    assert_int_equal(answered(&s), 200); /* and untouched it holds */
}

static void test_exchange_refuses_tampering(void **state)
{
    (void)state;
    on_two_nodes(tampered);
}

static void expired(void)
{
    listen_at(two.b);
    allow("echo.count");
    struct shot s = shot_of("echo.count", "1");
    s.head.created_us -= EXCHANGE_VALID_US + 1;
    refused(&s, ERR_EXCHANGE_EXPIRED);
    s = shot_of("echo.count", "1");
    s.head.created_us += EXCHANGE_VALID_US + 1;
    refused(&s, ERR_EXCHANGE_EXPIRED);
    s = shot_of("echo.count", "1");
    s.head.created_us -= EXCHANGE_VALID_US;
    assert_int_equal(answered(&s), 200);
}

static void test_exchange_refuses_expired(void **state)
{
    (void)state;
    on_two_nodes(expired);
}

static void replayed(void)
{
    listen_at(two.b);
    allow("echo.count");
    struct shot s = shot_of("echo.count", "1");
    assert_int_equal(answered(&s), 200);
    assert_string_equal(said(&s), "{\"n\":1}");
    assert_int_equal(answered(&s), 200); /* byte for byte the same */
    assert_string_equal(said(&s), "{\"n\":1}");
    clock_by(two.a, MINUTE_US);
    s.head.created_us = sys_now_us(); /* sent again with a head of its own */
    s.text = NULL;
    assert_int_equal(answered(&s), 200);
    assert_string_equal(said(&s), "{\"n\":1}");
    assert_string_equal(seen, "1 "); /* applied once */
    struct shot other = shot_of("echo.count", "2");
    other.head.id = s.head.id;
    assert_int_equal(fire_at(&other, EXCHANGE_PATH), OK);
    assert_int_equal(other.answer.status, 409);
    assert_non_null(strstr(said(&other), "ERR_EXCHANGE_REPLAY"));
    other = shot_of("echo.say", "1"); /* the body of the first, of another service */
    other.head.id = s.head.id;
    assert_int_equal(fire_at(&other, EXCHANGE_PATH), OK);
    assert_int_equal(other.answer.status, 409);
    assert_string_equal(seen, "1 ");
    sound(two.b, 1);
}

static void test_exchange_replay_is_answered_once(void **state)
{
    (void)state;
    on_two_nodes(replayed);
}

static void too_large(void)
{
    listen_at(two.b);
    allow("echo.say");
    char *big = arena_alloc(two.a->c->arena, EXCHANGE_MAX_BODY + 2);
    memset(big, 'x', EXCHANGE_MAX_BODY + 1);
    struct shot s = shot_of("echo.say", big);
    enum err e = fire_at(&s, EXCHANGE_PATH); /* answered, or cut off while still sending */
    assert_true(e == ERR_NET_BROKEN || (e == OK && s.answer.status == 413));
    assert_false(logged(two.b, s.head.id, "in").found);
    big[EXCHANGE_MAX_BODY] = '\0';
    s = shot_of("echo.say", big);
    assert_int_equal(answered(&s), 200);
    assert_int_equal(s.answer.body.len, EXCHANGE_MAX_BODY);
}

static void test_exchange_refuses_a_large_body(void **state)
{
    (void)state;
    on_two_nodes(too_large);
}

static enum err set_quota(struct ctx *c, void *arg)
{
    return setting_change(c, "exchange.client_per_minute", arg);
}

static void quota_of(const char *per_minute)
{
    assert_int_equal(do_write(two.b, set_quota, (void *)(uintptr_t)per_minute), OK);
    assert_int_equal(exchange_quota(two.b->c), OK);
}

static enum err count_quotas(struct ctx *c, void *arg)
{
    return db_int(c, arg,
                  "SELECT count(*) FROM core_audit WHERE action = 'exchange.quota'"
                  " AND object = 'H57'");
}

/* A client over its quota is told when to come back; others aren't hit; the trail tells of it. */
static void over_quota(void)
{
    int64_t told = -1;
    int passed = 0;
    struct shot s;
    listen_at(two.b);
    allow("echo.say");
    quota_of("60");
    for (;;) {
        s = shot_of("echo.say", "{}");
        assert_int_equal(fire_at(&s, EXCHANGE_PATH), OK);
        if (s.answer.status != 200)
            break;
        assert_true(++passed < 600);
    }
    assert_true(passed >= 60);
    assert_int_equal(s.answer.status, 429);
    assert_non_null(strstr(said(&s), "ERR_RATE"));
    assert_non_null(client_answer_header(&s.answer, "Retry-After"));
    assert_false(logged(two.b, s.head.id, "in").found);
    assert_int_equal(exchange_quota_wait("G24"), 0);
    quota_of("180000");
    assert_int_equal(do_read(two.b, count_quotas, &told), OK);
    assert_int_equal(told, 1);
    s = shot_of("echo.say", "{}");
    s.head.id = id_new(two.a->c->arena, sys_now_us());
    assert_int_equal(answered(&s), 200); /* who waits is served again */
}

static void test_exchange_holds_quotas(void **state)
{
    (void)state;
    on_two_nodes(over_quota);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchange_refuses_without_right),
        cmocka_unit_test(test_exchange_refuses_unknown_service),
        cmocka_unit_test(test_exchange_refusal_is_a_whole_sentence),
        cmocka_unit_test(test_exchange_refuses_certificates),
        cmocka_unit_test(test_exchange_tells_a_citizens_number),
        cmocka_unit_test(test_exchange_peer_acts_for_its_own),
        cmocka_unit_test(test_exchange_refuses_tampering),
        cmocka_unit_test(test_exchange_refuses_expired),
        cmocka_unit_test(test_exchange_replay_is_answered_once),
        cmocka_unit_test(test_exchange_refuses_a_large_body),
        cmocka_unit_test(test_exchange_holds_quotas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
