/* SPDX-License-Identifier: Apache-2.0 */
#include "net/client.h"
#include "net/test/certs.h"

#include <openssl/ssl.h>

static struct ctx *c;
static struct party ca, other_ca, node, peer, stranger;
static struct http_server *server;

static int setup(void **state)
{
    (void)state;
    c = test_ctx();
    ca = party_new(c->arena, "authority", NULL);
    other_ca = party_new(c->arena, "another authority", NULL);
    node = party_new(c->arena, "node", &ca);
    peer = party_new(c->arena, "peer", &ca);
    stranger = party_new(c->arena, "stranger", &other_ca);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    struct party *const all[] = {&ca, &other_ca, &node, &peer, &stranger};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        party_end(all[i]);
    http_server_stop(server, 1000000);
    server = NULL;
    arena_end(c->arena);
    return 0;
}

static void serve(bool mutual)
{
    struct http_options o = raw_options();
    o.tls_cert_pem = node.cert_pem;
    o.tls_key_pem = node.key_pem;
    if (mutual)
        o.client_ca_pem = ca.cert_pem;
    server = raw_server(c, &o);
}

static enum err ask(const struct client_tls *t, const char *path, struct client_answer *ret)
{
    struct client_request q = {.method = "GET", .tls = t, .timeout_us = 5000000};
    q.url = arena_printf(c->arena, "https://127.0.0.1:%d%s", http_server_port(server), path);
    memset(ret, 0, sizeof *ret);
    return client_send(c, &q, ret);
}

static void test_tls(void **state)
{
    (void)state;
    serve(false);
    struct client_answer a;
    assert_int_equal(ask(&(struct client_tls){.ca_pem = ca.cert_pem}, "/hello", &a), OK);
    assert_int_equal(a.status, 200);
    assert_memory_equal(a.body.ptr, "/hello", 6);
    struct client_tls strict = {.ca_pem = ca.cert_pem, .tls13_only = true};
    assert_int_equal(ask(&strict, "/hello", &a), OK);
}

static void test_client_believes_only_its_authority(void **state)
{
    (void)state;
    serve(false);
    struct client_answer a;
    assert_int_equal(ask(&(struct client_tls){.ca_pem = other_ca.cert_pem}, "/", &a), ERR_NET_TLS);
    assert_int_equal(ask(NULL, "/", &a), ERR_NET_TLS);
    assert_int_equal(ask(&(struct client_tls){.ca_pem = "no certificate"}, "/", &a), ERR_NET_TLS);
    assert_int_equal(http_server_stats(server).requests, 0);
}

static void test_client_checks_the_name(void **state)
{
    (void)state;
    serve(false);
    struct client_tls t = {.ca_pem = ca.cert_pem};
    struct client_answer a;
    struct client_request q = {.method = "GET", .tls = &t};
    q.url = arena_printf(c->arena, "https://localhost:%d/", http_server_port(server));
    assert_int_equal(client_send(c, &q, &a), ERR_NET_TLS);
}

static void test_client_holds_the_pin(void **state)
{
    (void)state;
    serve(false);
    struct client_answer a;
    struct client_tls t = {.ca_pem = ca.cert_pem, .pin_sha256_hex = node.pin};
    assert_int_equal(ask(&t, "/", &a), OK);
    t.pin_sha256_hex = peer.pin; /* also when a connection that fitted another pin is open */
    assert_int_equal(ask(&t, "/", &a), ERR_NET_TLS);
    t.pin_sha256_hex = "short";
    assert_int_equal(ask(&t, "/", &a), ERR_NET_TLS);
    assert_int_equal(http_server_stats(server).requests, 1);
    /* one that changes its certificate: either, and no third */
    t.pin_sha256_hex = peer.pin;
    t.or_pin_sha256_hex = node.pin;
    assert_int_equal(ask(&t, "/", &a), OK);
    t.pin_sha256_hex = node.pin;
    t.or_pin_sha256_hex = peer.pin;
    assert_int_equal(ask(&t, "/", &a), OK);
    t.pin_sha256_hex = peer.pin;
    assert_int_equal(ask(&t, "/", &a), ERR_NET_TLS);
    t.or_pin_sha256_hex = "short";
    assert_int_equal(ask(&t, "/", &a), ERR_NET_TLS);
    assert_int_equal(http_server_stats(server).requests, 3);
}

static void test_mutual(void **state)
{
    (void)state;
    serve(true);
    struct client_answer a;
    struct client_tls t = {.ca_pem = ca.cert_pem,
                           .cert_pem = peer.cert_pem,
                           .key_pem = peer.key_pem,
                           .tls13_only = true};
    int der_len = i2d_X509(peer.cert, NULL);
    const char *want = arena_printf(c->arena, "%d", der_len);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(&t, "/cert", &a), OK);
        assert_int_equal(a.status, 200);
        assert_int_equal(a.body.len, strlen(want));
        assert_memory_equal(a.body.ptr, want, a.body.len);
    }
    assert_int_equal(http_server_stats(server).connections_now, 1); /* kept */
}

static void refused(const struct client_tls *t)
{
    struct client_answer a;
    /* In TLS 1.3 the client learns of it after its handshake: the alert and the reset race. */
    enum err e = ask(t, "/", &a);
    assert_true(e == ERR_NET_TLS || e == ERR_NET_BROKEN);
    assert_int_equal(http_server_stats(server).requests, 0);
}

static void test_mutual_refuses_no_certificate(void **state)
{
    (void)state;
    serve(true);
    refused(&(struct client_tls){.ca_pem = ca.cert_pem});
}

static void test_mutual_refuses_another_authority(void **state)
{
    (void)state;
    serve(true);
    refused(&(struct client_tls){
        .ca_pem = ca.cert_pem, .cert_pem = stranger.cert_pem, .key_pem = stranger.key_pem});
}

static void test_mutual_refuses_a_forged_issuer(void **state)
{
    (void)state;
    serve(true);
    struct party forged_ca = party_new(c->arena, "authority", NULL); /* the name, another key */
    struct party forged = party_new(c->arena, "peer", &forged_ca);
    refused(&(struct client_tls){
        .ca_pem = ca.cert_pem, .cert_pem = forged.cert_pem, .key_pem = forged.key_pem});
    party_end(&forged);
    party_end(&forged_ca);
}

/* One handshake by OpenSSL itself: is this version spoken? */
static bool speaks(int version, const struct party *with)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(tls, version);
    SSL_CTX_set_max_proto_version(tls, version);
    SSL_CTX_set_security_level(tls, 0);
    if (with) {
        SSL_CTX_use_certificate(tls, with->cert);
        SSL_CTX_use_PrivateKey(tls, with->key);
    }
    SSL *ssl = SSL_new(tls);
    int fd = raw_connect(http_server_port(server));
    SSL_set_fd(ssl, fd);
    bool ok = SSL_connect(ssl) == 1;
    SSL_free(ssl);
    SSL_CTX_free(tls);
    close(fd);
    return ok;
}

static void test_versions(void **state)
{
    (void)state;
    serve(false);
    assert_true(speaks(TLS1_3_VERSION, NULL));
    assert_true(speaks(TLS1_2_VERSION, NULL));
    assert_false(speaks(TLS1_1_VERSION, NULL));
    assert_false(speaks(TLS1_VERSION, NULL));
}

static void test_mutual_speaks_only_1_3(void **state)
{
    (void)state;
    serve(true);
    assert_true(speaks(TLS1_3_VERSION, &peer));
    assert_false(speaks(TLS1_2_VERSION, &peer));
}

static void test_bad_certificate_does_not_start(void **state)
{
    (void)state;
    struct http_options o = raw_options();
    o.tls_cert_pem = "no certificate";
    o.tls_key_pem = node.key_pem;
    struct http_server *none = NULL;
    assert_int_not_equal(http_server_start(c, &o, &none), OK);
    assert_null(none);
}

static void test_body_over_the_limit_is_told_over_tls(void **state)
{
    (void)state;
    serve(false);
    struct client_tls t = {.ca_pem = ca.cert_pem};
    struct client_answer a;
    struct http_header chunked = {"Transfer-Encoding", "chunked"};
    struct client_request q = {.method = "POST",
                               .tls = &t,
                               .headers = &chunked,
                               .n_headers = 1,
                               .body = bytes_of("more than ten bytes")};
    q.url = arena_printf(c->arena, "https://127.0.0.1:%d/small", http_server_port(server));
    assert_int_equal(client_send(c, &q, &a), OK);
    assert_int_equal(a.status, 413);
}

static void test_head_beyond_the_memory_is_told_over_tls(void **state)
{
    (void)state;
    serve(false);
    struct client_tls t = {.ca_pem = ca.cert_pem};
    struct client_answer a;
    struct http_header long_one = {"X-Long", arena_printf(c->arena, "%040000d", 0)};
    struct client_request q = {.method = "GET", .tls = &t, .headers = &long_one, .n_headers = 1};
    q.url = arena_printf(c->arena, "https://127.0.0.1:%d/", http_server_port(server));
    assert_int_equal(client_send(c, &q, &a), OK);
    assert_int_equal(a.status, 431);
    assert_string_equal(client_answer_header(&a, "Content-Type"), "application/problem+json");
    assert_non_null(memmem(a.body.ptr, a.body.len, "ERR_HEADERS_TOO_LARGE", 21));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_tls),
        TEST(test_client_believes_only_its_authority),
        TEST(test_client_checks_the_name),
        TEST(test_client_holds_the_pin),
        TEST(test_mutual),
        TEST(test_mutual_refuses_no_certificate),
        TEST(test_mutual_refuses_another_authority),
        TEST(test_mutual_refuses_a_forged_issuer),
        TEST(test_versions),
        TEST(test_mutual_speaks_only_1_3),
        TEST(test_bad_certificate_does_not_start),
        TEST(test_body_over_the_limit_is_told_over_tls),
        TEST(test_head_beyond_the_memory_is_told_over_tls),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(raw_spool());
    return failed;
}
