/* SPDX-License-Identifier: Apache-2.0 */
/* A member changes its keys: no message is refused on the way, what it signed before stays proved,
   and whoever took the old keys can say nothing with them any more. */
#include "test/harness/unit.h"

#include "base/sys.h"
#include "core/audit.h"
#include "engine/exchange/test/exchange_test.h"

struct keys {
    struct key *sign, *tls;
    struct cert *sign_cert, *tls_cert;
};

static struct keys worn(const struct node *n)
{
    return (struct keys){n->sign_key, n->tls_key, n->sign_cert, n->tls_cert};
}

static struct keys change(struct node_world *w, struct keys k)
{
    struct keys before = worn(w->n);
    w->n->sign_key = k.sign;
    w->n->tls_key = k.tls;
    w->n->sign_cert = k.sign_cert;
    w->n->tls_cert = k.tls_cert;
    return before;
}

static struct keys made(struct node_world *w)
{
    struct keys k;
    assert_int_equal(key_new(w->c, &k.sign), OK);
    assert_int_equal(key_new(w->c, &k.tls), OK);
    k.sign_cert = issue(w->c, w->n->name, k.sign, false);
    k.tls_cert = issue(w->c, w->n->name, k.tls, true);
    return k;
}

static void ended(struct keys k)
{
    key_end(k.sign);
    key_end(k.tls);
    cert_end(k.sign_cert);
    cert_end(k.tls_cert);
}

static const char *point_of(struct arena *a, struct keys k)
{
    struct buf b = buf_new(a, 256);
    buf_base64url(&b, cert_public_point(a, k.sign_cert));
    return b.ptr;
}

/* What the other one's federation file tells. */
static struct node_key beside;

static void told(struct node_world *other, struct keys now, struct node_key more,
                 const struct keys *next)
{
    struct node_peer *p = (struct node_peer *)(uintptr_t)&other->n->peers[0];
    struct arena *a = other->c->arena;
    beside = more;
    p->cert_sha256 = cert_fingerprint(a, now.tls_cert);
    p->sign_point_b64 = point_of(a, now);
    p->next_cert_sha256 = next ? cert_fingerprint(a, next->tls_cert) : NULL;
    p->keys = &beside;
    p->n_keys = more.point_b64 != NULL;
}

static enum err key_ends(struct ctx *c, void *next_fingerprint)
{
    return audit_key_ends(c, next_fingerprint);
}

/* As `dinh keys change`: the record, then the keys. */
static struct keys changes(struct node_world *w, struct keys next)
{
    const char *print = cert_fingerprint(w->c->arena, next.sign_cert);
    w->c->now_us = sys_now_us();
    assert_int_equal(do_write(w, key_ends, (void *)(uintptr_t)print), OK);
    return change(w, next);
}

static void answered(const char *body, enum err wanted)
{
    assert_int_equal(ask("G01", "echo.say", body).e, wanted);
}

static void listens(void)
{
    exchange_stop();
    listen_at(two.b);
}

/* ---- who asks ---- */

static void asker(void)
{
    struct keys next = made(two.a), old = worn(two.a->n);
    struct arena *a = two.b->c->arena;
    listen_at(two.b);
    allow("echo.say");
    answered("1", OK);
    told(two.b, old, (struct node_key){point_of(a, next), NODE_KEY_STANDS}, &next);
    answered("2", OK);
    old = changes(two.a, next);
    answered("3", OK);
    const int64_t until_us = sys_now_us();
    told(two.b, next, (struct node_key){point_of(a, old), until_us}, NULL);
    answered("4", OK);
    sound(two.a, 4);
    sound(two.b, 4);
    /* the old ones, in other hands */
    change(two.a, old);
    answered("5", ERR_EXCHANGE_DENIED);
    change(two.a, (struct keys){old.sign, next.tls, old.sign_cert, next.tls_cert});
    answered("6", ERR_EXCHANGE_REFUSED);
    change(two.a, next);
    answered("7", OK);
    sound(two.b, 5);
    /* who forgets the old key, or lets it end too early, can't prove what it signed */
    told(two.b, next, (struct node_key){NULL, 0}, NULL);
    assert_string_equal(strstr(verify(two.b).problem, "request signature"), "request signature");
    told(two.b, next, (struct node_key){point_of(a, old), until_us - HOUR_US}, NULL);
    assert_string_equal(strstr(verify(two.b).problem, "request signature"), "request signature");
    told(two.b, next, (struct node_key){point_of(a, old), until_us}, NULL);
    sound(two.b, 5);
    ended(change(two.a, old));
}

static void test_exchange_keys_of_who_asks(void **state)
{
    (void)state;
    on_two_nodes(asker);
}

/* ---- who answers ---- */

static void answerer(void)
{
    struct keys next = made(two.b), old = worn(two.b->n);
    struct arena *a = two.a->c->arena;
    listen_at(two.b);
    allow("echo.say");
    answered("1", OK);
    told(two.a, old, (struct node_key){point_of(a, next), NODE_KEY_STANDS}, &next);
    answered("2", OK);
    old = changes(two.b, next);
    listens();
    answered("3", OK);
    told(two.a, next, (struct node_key){point_of(a, old), sys_now_us()}, NULL);
    answered("4", OK);
    sound(two.a, 4);
    sound(two.b, 4);
    change(two.b, old);
    listens();
    answered("5", ERR_EXCHANGE_DOWN);
    change(two.b, (struct keys){old.sign, next.tls, old.sign_cert, next.tls_cert});
    listens();
    answered("6", ERR_SIGNATURE);
    change(two.b, old);
    ended(next);
}

static void test_exchange_keys_of_who_answers(void **state)
{
    (void)state;
    on_two_nodes(answerer);
}

/* ---- our own past ---- */

static enum err forget_certs(struct ctx *c, void *none)
{
    (void)none;
    return db_exec(c, NULL, "DELETE FROM core_cert");
}

static enum err put_cert(struct ctx *c, void *pem)
{
    return db_exec(c, NULL, "INSERT INTO core_cert (fingerprint, pem) VALUES ($1, $2)",
                   P_TEXT("planted"), P_TEXT(pem));
}

/* What we signed is ours by a certificate that we kept, and by none that somebody put there. */
static void own(void)
{
    struct keys next = made(two.a), old;
    struct arena *a = two.a->c->arena;
    listen_at(two.b);
    allow("echo.say");
    answered("1", OK);
    sound(two.a, 1);
    old = changes(two.a, next);
    sound(two.a, 1);
    assert_int_equal(do_write(two.a, forget_certs, NULL), OK);
    assert_non_null(strstr(verify(two.a).problem, "request signature"));
    const char *pem = cert_pem(a, old.sign_cert);
    struct cert_wish w = {.common_name = "h57",
                          .sign = true,
                          .from_us = two.a->c->now_us - DAY_US,
                          .until_us = two.a->c->now_us + DAY_US};
    struct cert *x;
    assert_int_equal(cert_issue(two.a->c, &w, old.sign, NULL, NULL, &x), OK);
    assert_int_equal(do_write(two.a, put_cert, cert_pem(a, x)), OK); /* nobody's authority */
    assert_non_null(strstr(verify(two.a).problem, "request signature"));
    cert_end(x);
    assert_int_equal(do_write(two.a, forget_certs, NULL), OK);
    w.serial_number = "G24"; /* our authority's, for another member */
    assert_int_equal(cert_issue(two.a->c, &w, old.sign, two.ca_key, two.ca, &x), OK);
    assert_int_equal(do_write(two.a, put_cert, cert_pem(a, x)), OK);
    assert_non_null(strstr(verify(two.a).problem, "request signature"));
    cert_end(x);
    assert_int_equal(do_write(two.a, forget_certs, NULL), OK);
    assert_int_equal(do_write(two.a, put_cert, (void *)(uintptr_t)pem), OK);
    sound(two.a, 1);
    ended(change(two.a, old));
}

static void test_exchange_keys_of_our_own(void **state)
{
    (void)state;
    on_two_nodes(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchange_keys_of_who_asks),
        cmocka_unit_test(test_exchange_keys_of_who_answers),
        cmocka_unit_test(test_exchange_keys_of_our_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
