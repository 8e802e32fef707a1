/* SPDX-License-Identifier: Apache-2.0 */
/* The side that asks: what it believes, what it sends again, what it takes as final. */
#include "test/harness/unit.h"

#include "base/sys.h"
#include "base/time.h"
#include "engine/exchange/test/exchange_test.h"

/* ---- a node that answers as the test wishes ---- */

enum lie {
    NO_LIE,
    LIE_SIGNATURE, /* signed by another key */
    LIE_BODY,      /* another body than was signed */
    LIE_REQUEST,   /* the answer to another request */
    LIE_ID,
    LIE_UNSIGNED, /* 200 without a head */
    SAYS_CODE     /* a refusal by its code */
};
static struct {
    struct http_server *server;
    struct ctx c; /* acts as the other node */
    enum lie lie;
    enum err code;
    int status, asked;
    const char *head; /* the last one it got, JSON */
} fake;

static void put_signed(struct http_request *r, struct http_answer *a, struct bytes request_head)
{
    struct ctx c = fake.c;
    c.arena = r->arena;
    const char *id = strstr((const char *)request_head.ptr, "\"id\":\"") + 6;
    const char *about = fake.lie == LIE_REQUEST ? "another" : (const char *)request_head.ptr;
    struct exchange_answer_head ah = {
        .id = fake.lie == LIE_ID ? "other" : arena_text_n(r->arena, id, strcspn(id, "\"")),
        .request_sha256 = sha256_hex(r->arena, sha256(bytes_of(about))),
        .body_sha256 = sha256_hex(r->arena, sha256(bytes_of("{}"))),
        .status = 200,
        .created_us = sys_now_us()};
    struct node liar = *two.b->n;
    if (fake.lie == LIE_SIGNATURE)
        liar.sign_key = liar.tls_key;
    c.node = &liar;
    struct exchange_signed s = exchange_sign(&c, &exchange_answer_head_shape, &ah);
    struct buf b = buf_new(r->arena, 16 * 1024);
    buf_base64url(&b, bytes_of(s.head));
    http_answer_header(a, "Dinh-Head", b.ptr);
    http_answer_header(a, "Dinh-Signature", s.signature);
}

static void handle_fake(void *arg, struct http_request *r)
{
    (void)arg;
    struct http_answer a = {.status = 200, .body = bytes_of("{}")};
    struct bytes head;
    const char *text = http_header(r, "Dinh-Head");
    fake.asked++;
    assert_true(text && base64url_decode(r->arena, text, &head));
    head = bytes_of(arena_text_n(r->arena, (const char *)head.ptr, head.len));
    fake.head = arena_text(two.b->c->arena, (const char *)head.ptr);
    if (fake.lie == SAYS_CODE) {
        a.status = fake.status;
        a.body = bytes_of(arena_printf(r->arena, "{\"status\":%d,\"code\":\"%s\"}", fake.status,
                                       err_row(fake.code)->name));
    } else if (fake.lie != LIE_UNSIGNED)
        put_signed(r, &a, head);
    if (fake.lie == LIE_BODY)
        a.body = bytes_of("{\"n\":7}");
    http_reply(r, &a);
}

static void fake_starts(void)
{
    struct ctx *c = two.b->c;
    struct node *n = two.b->n;
    memset(&fake, 0, sizeof fake);
    fake.c = *c;
    struct http_options o = {.address = "127.0.0.1",
                             .port = n->exchange_port,
                             .threads = 1,
                             .max_body_bytes = EXCHANGE_MAX_BODY,
                             .max_memory_body_bytes = EXCHANGE_MAX_BODY,
                             .spool_dir = n->data_dir,
                             .tls_cert_pem = cert_pem(c->arena, n->tls_cert),
                             .tls_key_pem = key_pem(c->arena, n->tls_key),
                             .client_ca_pem = cert_pem(c->arena, n->ca_cert),
                             .handle = handle_fake};
    assert_int_equal(http_server_start(c, &o, &fake.server), OK);
}

static void fake_ends(void)
{
    http_server_stop(fake.server, SECOND_US);
    fake.server = NULL;
}

static void fake_says(enum err code)
{
    fake.lie = SAYS_CODE;
    fake.code = code;
    fake.status = err_row(code)->status;
}

/* ---- the outbox's rows ---- */

struct row {
    const char *id;
    int64_t state, status, attempts;
};

static enum err read_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct row *row = arg;
    row->state = row_int(r, 0);
    row->status = row_int(r, 1);
    row->attempts = row_int(r, 2);
    return OK;
}

static enum err find_row(struct ctx *c, void *arg)
{
    struct row *row = arg;
    bool found;
    return db_one(c, &found, read_row, row,
                  "SELECT state, status, attempts FROM core_outbox WHERE id = $1", P_TEXT(row->id));
}

static struct row item(const char *id)
{
    struct row r = {.id = id, .state = -1};
    assert_int_equal(do_read(two.a, find_row, &r), OK);
    return r;
}

/* ---- asking ---- */

static void call(void)
{
    listen_at(two.b);
    allow("echo.say");
    struct asked r = ask("G01", "echo.say", "{\"a\":1}");
    assert_int_equal(r.e, OK);
    assert_int_equal(r.status, 200);
    assert_string_equal(r.text, "{\"a\":1}");
    r = ask("G01", "echo.count", "1");
    assert_int_equal(r.e, OK); /* the refusal is their word */
    assert_int_equal(r.status, 403);
    assert_int_equal(ask("G15", "echo.say", "").e, ERR_EXCHANGE_UNKNOWN);
    sound(two.a, 2);
    sound(two.b, 2);
}

static void test_exchange_call(void **state)
{
    (void)state;
    on_two_nodes(call);
}

static void local(void)
{
    struct ctx *b = two.b->c;
    int status;
    struct bytes answer;
    assert_int_equal(exchange_call(b, "G01", "echo.who", bytes_of("x"), &status, &answer), OK);
    assert_int_equal(status, 200);
    assert_int_equal(exchange_call(b, "G01", "echo.nothing", bytes_of("x"), &status, &answer), OK);
    assert_int_equal(status, 404);
    assert_int_equal(exchange_call(b, "G01", "echo.broken", bytes_of("x"), &status, &answer),
                     ERR_INTERNAL);
    sound(two.b, 2); /* logged alike, in one transaction with the act */
}

static void test_exchange_call_on_this_node(void **state)
{
    (void)state;
    on_two_nodes(local);
}

static void lies(void)
{
    fake_starts();
    assert_int_equal(ask("G01", "echo.say", "{}").e, OK);
    const enum lie signed_lies[] = {LIE_SIGNATURE, LIE_BODY, LIE_REQUEST, LIE_ID};
    for (size_t i = 0; i < ARRAY_LEN(signed_lies); i++) {
        fake.lie = signed_lies[i];
        assert_int_equal(ask("G01", "echo.say", "{}").e, ERR_SIGNATURE);
    }
    fake.lie = LIE_UNSIGNED;
    assert_int_equal(ask("G01", "echo.say", "{}").e, ERR_EXCHANGE_DOWN);
    /* An answer that doesn't hold isn't taken; the message is asked again and its answer taken. */
    fake.lie = LIE_BODY;
    const char *id = send_later("echo.count", "k", "1");
    assert_int_equal(run_outbox(), OK);
    assert_int_equal(item(id).state, OUTBOX_WAITING);
    assert_int_equal(replied.n, 0);
    fake.lie = NO_LIE;
    clock_by(two.a, MINUTE_US);
    assert_int_equal(run_outbox(), OK);
    assert_int_equal(item(id).state, OUTBOX_DONE);
    assert_int_equal(replied.n, 1);
    assert_string_equal(replied.answer, "{}");
    fake_ends();
    sound(two.a, 7);
}

static void test_exchange_believes_no_answer_that_fails(void **state)
{
    (void)state;
    on_two_nodes(lies);
}

/* ---- refusals before the message was read ---- */

static void final_ones(void)
{
    static const enum err codes[] = {ERR_EXCHANGE_DENIED, ERR_EXCHANGE_REPLAY, ERR_EXCHANGE_HEAD,
                                     ERR_SIGNATURE, ERR_BODY_TOO_LARGE};
    fake_starts();
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        fake_says(codes[i]);
        const char *id = send_later("echo.count", "", "1");
        assert_int_equal(run_outbox(), OK);
        assert_int_equal(item(id).state, OUTBOX_REFUSED);
        assert_int_equal(replied.n, (int)i + 1); /* told to whom it concerns, once */
        assert_true(replied.status >= 400);
        assert_null(strstr(replied.answer, "{2}"));
        clock_by(two.a, 2 * HOUR_US);
        assert_int_equal(run_outbox(), OK);
        assert_int_equal(fake.asked, (int)i + 1); /* and never sent again */
        enum err e = ask("G01", "echo.count", "1").e;
        assert_int_equal(e, codes[i] == ERR_EXCHANGE_DENIED ? codes[i] : ERR_EXCHANGE_REFUSED);
        fake.asked--;
    }
    fake_ends();
}

static void test_exchange_final_refusal_is_not_retried(void **state)
{
    (void)state;
    on_two_nodes(final_ones);
}

static void passing_ones(void)
{
    fake_starts();
    fake_says(ERR_EXCHANGE_EXPIRED);
    assert_int_equal(ask("G01", "echo.count", "1").e, ERR_EXCHANGE_EXPIRED);
    const char *id = send_later("echo.count", "", "1");
    assert_int_equal(run_outbox(), OK);
    assert_int_equal(item(id).state, OUTBOX_WAITING);
    const char *first_head = fake.head;
    static const enum err later[] = {ERR_INTERNAL, ERR_DISK_FULL, ERR_RATE};
    for (size_t i = 0; i < ARRAY_LEN(later); i++) {
        clock_by(two.a, HOUR_US);
        fake_says(later[i]);
        assert_int_equal(run_outbox(), OK);
        assert_int_equal(item(id).state, OUTBOX_WAITING);
    }
    assert_string_not_equal(fake.head, first_head); /* each try has its own time */
    clock_by(two.a, HOUR_US);
    fake.lie = NO_LIE;
    assert_int_equal(run_outbox(), OK);
    assert_int_equal(item(id).state, OUTBOX_DONE);
    assert_int_equal(replied.n, 1);
    fake_ends();
    sound(two.a, 2);
}

static void test_exchange_clock_skew_is_retried(void **state)
{
    (void)state;
    on_two_nodes(passing_ones);
}

/* Real clocks that differ: refused until they agree, then served, with a fresh head. */
static void skewed(void)
{
    listen_at(two.b);
    allow("echo.count");
    const char *id = send_later("echo.count", "", "1");
    struct exchange_head h = {.id = id,
                              .client = "H57",
                              .member = "G01",
                              .service = "echo.count",
                              .purpose = "",
                              .matter = "",
                              .reader = "",
                              .reader_unit = "H57",
                              .reader_role = "system",
                              .reader_person = "",
                              .body_sha256 = sha256_hex(two.a->c->arena, sha256(bytes_of("1"))),
                              .created_us = sys_now_us() - HOUR_US};
    int status;
    struct bytes answer;
    assert_int_equal(exchange_deliver(two.a->c, &h, bytes_of("1"), &status, &answer),
                     ERR_EXCHANGE_EXPIRED);
    assert_string_equal(seen, "");
    assert_int_equal(run_outbox(), OK);
    assert_int_equal(item(id).state, OUTBOX_DONE);
    assert_string_equal(seen, "1 ");
    sound(two.a, 1);
    sound(two.b, 1);
}

static void test_exchange_fresh_head_after_skew(void **state)
{
    (void)state;
    on_two_nodes(skewed);
}

/* ---- down, up, once, in order ---- */

static void down_and_up(void)
{
    allow("echo.count");
    const char *one = send_later("echo.count", "case-1", "1");
    const char *two_ = send_later("echo.count", "case-1", "2");
    const char *other = send_later("echo.count", "case-2", "x");
    const char *three = send_later("echo.count", "case-1", "3");
    assert_int_equal(ask("G01", "echo.count", "0").e, ERR_EXCHANGE_DOWN);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(run_outbox(), OK);
        clock_by(two.a, 10 * HOUR_US);
    }
    assert_string_equal(seen, "");
    assert_int_equal(item(one).state, OUTBOX_WAITING);
    listen_at(two.b);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(run_outbox(), OK);
        clock_by(two.a, HOUR_US);
    }
    const char *const ids[] = {one, two_, other, three};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        assert_int_equal(item(ids[i]).state, OUTBOX_DONE);
    assert_int_equal(strlen(seen), 8); /* four, each once */
    const char *at1 = strstr(seen, "1 "), *at2 = strstr(seen, "2 "), *at3 = strstr(seen, "3 ");
    assert_true(at1 && at2 && at3 && at1 < at2 && at2 < at3);
    assert_non_null(strstr(seen, "x "));
    assert_int_equal(replied.n, 4);
    sound(two.b, 4);
    sound(two.a, 5); /* the one that was only asked stays open */
}

static void test_exchange_down_then_up(void **state)
{
    (void)state;
    on_two_nodes(down_and_up);
}

/* The answer is lost on the way back: asked again, answered the same, applied once. */
static void answer_lost(void)
{
    listen_at(two.b);
    allow("echo.count");
    const char *id = send_later("echo.count", "", "1");
    if (!sys_fault_arm("net:1:ECONNRESET"))
        skip();
    assert_int_equal(run_outbox(), OK);
    assert_true(sys_fault_arm(NULL));
    assert_int_equal(item(id).state, OUTBOX_WAITING);
    assert_string_equal(seen, "1 "); /* it was done */
    clock_by(two.a, HOUR_US);
    assert_int_equal(run_outbox(), OK);
    assert_int_equal(item(id).state, OUTBOX_DONE);
    assert_string_equal(replied.answer, "{\"n\":1}");
    assert_string_equal(seen, "1 ");
    sound(two.a, 1);
    sound(two.b, 1);
}

static void test_exchange_lost_answer(void **state)
{
    (void)state;
    on_two_nodes(answer_lost);
}

/* Killed after their answer was logged and before the outbox knew: the logged answer stands. */
static void killed_between(void)
{
    fake_starts();
    struct exchange_head h = {.id = "01KILLED",
                              .client = "H57",
                              .member = "G01",
                              .service = "echo.count",
                              .purpose = "",
                              .matter = "",
                              .reader = "",
                              .reader_unit = "",
                              .reader_role = "",
                              .reader_person = "",
                              .body_sha256 = sha256_hex(two.a->c->arena, sha256(bytes_of("1"))),
                              .created_us = sys_now_us()};
    int status;
    struct bytes answer;
    assert_int_equal(exchange_deliver(two.a->c, &h, bytes_of("1"), &status, &answer), OK);
    fake.lie = LIE_SIGNATURE;
    assert_int_equal(exchange_deliver(two.a->c, &h, bytes_of("1"), &status, &answer), OK);
    assert_int_equal(status, 200);
    assert_int_equal(fake.asked, 1);
    fake_ends();
    sound(two.a, 1);
}

static void test_exchange_logged_answer_stands(void **state)
{
    (void)state;
    on_two_nodes(killed_between);
}

/* ---- refused by the service, refused at once ---- */

static void business(void)
{
    listen_at(two.b);
    const char *id = send_later("echo.count", "", "1"); /* no right */
    assert_int_equal(run_outbox(), OK);
    assert_int_equal(item(id).state, OUTBOX_REFUSED);
    assert_int_equal(item(id).status, 403);
    assert_int_equal(replied.n, 1);
    assert_int_equal(replied.status, 403);
    allow("echo.count");
    clock_by(two.a, 2 * HOUR_US);
    assert_int_equal(run_outbox(), OK);
    assert_string_equal(seen, ""); /* final: not sent again */
    allow("echo.broken");
    id = send_later("echo.broken", "", "1"); /* a fault of theirs isn't */
    assert_int_equal(run_outbox(), OK);
    assert_int_equal(item(id).state, OUTBOX_WAITING);
    assert_int_equal(replied.n, 1);
    struct sending nowhere = {"echo.count", "", "1", NULL};
    char *big = arena_alloc(two.a->c->arena, EXCHANGE_MAX_BODY + 2);
    memset(big, 'x', EXCHANGE_MAX_BODY + 1);
    nowhere.body = big;
    assert_int_equal(do_write(two.a, put, &nowhere), ERR_BODY_TOO_LARGE);
    assert_int_equal(ask("G01", "echo.count", big).e, ERR_BODY_TOO_LARGE);
}

static void test_exchange_business_refusal_is_final(void **state)
{
    (void)state;
    on_two_nodes(business);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchange_call),
        cmocka_unit_test(test_exchange_call_on_this_node),
        cmocka_unit_test(test_exchange_believes_no_answer_that_fails),
        cmocka_unit_test(test_exchange_final_refusal_is_not_retried),
        cmocka_unit_test(test_exchange_clock_skew_is_retried),
        cmocka_unit_test(test_exchange_fresh_head_after_skew),
        cmocka_unit_test(test_exchange_down_then_up),
        cmocka_unit_test(test_exchange_lost_answer),
        cmocka_unit_test(test_exchange_logged_answer_stands),
        cmocka_unit_test(test_exchange_business_refusal_is_final),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
