/* SPDX-License-Identifier: Apache-2.0 */
/* A peer whose certificate is revoked or whose membership has ended is refused by a node that goes
   on running, over real mutual TLS; a status that is too old believes nobody. */
#include "test/harness/unit.h"

#include <openssl/x509.h>

#include "base/sys.h"
#include "crypto/own.h"
#include "engine/exchange/test/exchange_test.h"

#define GOOD_S (INT64_C(3650) * 86400)

static void put_file(struct node_world *w, const char *name, struct bytes content)
{
    const char *path = arena_printf(w->c->arena, "%s/%s", w->n->data_dir, name);
    assert_int_equal(sys_write_file(w->c, path, content, 0600), OK);
    w->c->now_us = sys_now_us();
    assert_int_equal(exchange_status(w->c), OK);
}

/* The other node as a member, by that fingerprint; NULL: nobody is. */
static void put_federation(struct node_world *w, const char *name, const char *print)
{
    const char *row =
        print
            ? arena_printf(w->c->arena, "{\"name\":\"%s\",\"tls_cert_sha256\":\"%s\"}", name, print)
            : "";
    put_file(w, "federation.json", bytes_of(arena_printf(w->c->arena, "{\"nodes\":[%s]}", row)));
}

static void put_both(struct node_world *w, const char *now, const char *next)
{
    put_file(w, "federation.json",
             bytes_of(arena_printf(w->c->arena,
                                   "{\"nodes\":[{\"name\":\"h57\",\"tls_cert_sha256\":\"%s\","
                                   "\"next\":{\"tls_cert_sha256\":\"%s\"}}]}",
                                   now, next)));
}

static void add_revoked(X509_CRL *list, const struct cert *x, time_t at)
{
    X509_REVOKED *row = X509_REVOKED_new();
    ASN1_TIME *when = ASN1_TIME_set(NULL, at);
    assert_true(row && when && X509_REVOKED_set_revocationDate(row, when) &&
                X509_REVOKED_set_serialNumber(
                    row, (ASN1_INTEGER *)(uintptr_t)X509_get0_serialNumber(x->x509)) &&
                X509_CRL_add0_revoked(list, row));
    ASN1_TIME_free(when);
}

/* A list made age_s ago by that key; revoked NULL: names nobody. TLS knows no clock of the test's,
   so it is good for years. */
static struct bytes crl_of(struct arena *a, const struct key *by, const struct cert *revoked,
                           int64_t age_s)
{
    X509_CRL *list = X509_CRL_new();
    time_t at = (time_t)(sys_now_us() / SECOND_US - age_s);
    ASN1_TIME *from = ASN1_TIME_set(NULL, at), *until = ASN1_TIME_set(NULL, at + GOOD_S);
    uint8_t *der = NULL;
    assert_true(list && X509_CRL_set_version(list, X509_CRL_VERSION_2) &&
                X509_CRL_set_issuer_name(list, X509_get_subject_name(two.ca->x509)) &&
                X509_CRL_set1_lastUpdate(list, from) && X509_CRL_set1_nextUpdate(list, until));
    if (revoked)
        add_revoked(list, revoked, at);
    assert_true(X509_CRL_sign(list, by->pkey, EVP_sha256()) > 0);
    int len = i2d_X509_CRL(list, &der);
    assert_true(len > 0);
    struct bytes out = arena_bytes(a, der, (size_t)len);
    OPENSSL_free(der);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    X509_CRL_free(list);
    return out;
}

static void put_crl(struct node_world *w, const struct key *by, const struct cert *revoked,
                    int64_t age_s)
{
    put_file(w, EXCHANGE_CRL, crl_of(w->c->arena, by, revoked, age_s));
}

static void answered(enum err wanted)
{
    assert_int_equal(ask("G01", "echo.say", "1").e, wanted);
}

static void begin(void)
{
    listen_at(two.b);
    allow("echo.say");
    answered(OK);
}

static void end(void)
{
    exchange_status_end(two.a->n);
    exchange_status_end(two.b->n);
}

static void membership(void)
{
    const char *print = cert_fingerprint(two.b->c->arena, two.a->n->tls_cert);
    const char *theirs = cert_fingerprint(two.a->c->arena, two.b->n->tls_cert);
    begin();
    put_federation(two.b, "h57", print);
    answered(OK);
    put_federation(two.b, "h57", NULL); /* on the next message, on the connection that is kept */
    answered(ERR_EXCHANGE_DENIED);
    put_federation(two.b, "h57", theirs); /* another certificate is another peer */
    answered(ERR_EXCHANGE_DENIED);
    put_federation(two.b, "h57", print);
    answered(OK);
    put_federation(two.a, "national", NULL); /* and nothing goes out to one that is none */
    answered(ERR_EXCHANGE_DOWN);
    put_federation(two.a, "national", theirs);
    answered(OK);
    put_file(two.b, "federation.json", bytes_of("{\"nodes\":")); /* half a file says nothing */
    answered(OK);
    end();
}

/* A peer about to change is one by either certificate, and only by those that the file still tells.
 */
static void changing(void)
{
    struct node_peer *p = (struct node_peer *)(uintptr_t)&two.b->n->peers[0];
    const char *now = p->cert_sha256;
    const char *next = cert_fingerprint(two.b->c->arena, two.b->n->tls_cert);
    begin();
    p->next_cert_sha256 = next; /* which it doesn't show in this test */
    put_both(two.b, now, next);
    answered(OK);
    put_federation(two.b, "h57", next); /* it has changed: the old certificate is over */
    answered(ERR_EXCHANGE_DENIED);
    put_federation(two.b, "h57", now); /* it has thought better of it */
    answered(OK);
    p->cert_sha256 = next;
    p->next_cert_sha256 = now;
    put_both(two.b, next, now);
    answered(OK); /* by the next one */
    put_federation(two.b, "h57", now);
    answered(OK); /* which is the file's of today */
    put_federation(two.b, "h57", next);
    answered(ERR_EXCHANGE_DENIED);
    p->next_cert_sha256 = NULL;
    p->cert_sha256 = now;
    end();
}

static void revoked(void)
{
    struct key *other;
    assert_int_equal(key_new(two.a->c, &other), OK);
    begin();
    put_crl(two.b, two.ca_key, NULL, 60);
    answered(OK);
    put_crl(two.b, other, two.a->n->tls_cert, 60); /* not the authority's: the last one holds */
    answered(OK);
    put_crl(two.b, two.ca_key, two.b->n->tls_cert, 60); /* of somebody else */
    answered(OK);
    put_crl(two.b, two.ca_key, two.a->n->tls_cert, 60);
    answered(ERR_EXCHANGE_DENIED);
    put_crl(two.b, two.ca_key, NULL, 3590);
    answered(OK);
    put_crl(two.b, two.ca_key, NULL, 3700); /* older than an hour */
    answered(ERR_EXCHANGE_DOWN);
    put_crl(two.b, two.ca_key, NULL, 60);
    answered(OK);
    key_end(other);
    end();
}

/* The one that asks holds the list against the certificate that the other shows. */
static void revoked_there(void)
{
    begin();
    put_crl(two.a, two.ca_key, NULL, 60);
    answered(OK);
    put_crl(two.a, two.ca_key, two.b->n->tls_cert, 60);
    answered(ERR_EXCHANGE_DOWN);
    put_crl(two.a, two.ca_key, NULL, 60);
    answered(OK);
    put_crl(two.a, two.ca_key, NULL, 3700);
    answered(ERR_EXCHANGE_DOWN);
    end();
}

static void test_exchange_status_membership_ends(void **state)
{
    (void)state;
    on_two_nodes(membership);
}

static void test_exchange_status_of_two_certificates(void **state)
{
    (void)state;
    on_two_nodes(changing);
}

static void test_exchange_status_revoked(void **state)
{
    (void)state;
    on_two_nodes(revoked);
}

static void test_exchange_status_revoked_there(void **state)
{
    (void)state;
    on_two_nodes(revoked_there);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchange_status_membership_ends),
        cmocka_unit_test(test_exchange_status_of_two_certificates),
        cmocka_unit_test(test_exchange_status_revoked),
        cmocka_unit_test(test_exchange_status_revoked_there)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
