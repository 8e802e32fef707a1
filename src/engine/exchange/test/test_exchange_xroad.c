/* SPDX-License-Identifier: Apache-2.0 */
/* An agency's own system asks through its node by the X-Road protocol, over mutual TLS: headers in
   and out, every error, no way in without a registered certificate. */
#include "test/harness/unit.h"

#include "base/sys.h"
#include "base/time.h"
#include "engine/exchange/test/exchange_test.h"
#include "engine/exchange/xroad.h"
#include "web/web.h"

#define SAY "/r1/VN/GOV/G01/echo/say"

static struct {
    struct key *key;
    struct cert *cert;
    struct client_tls tls;
    struct client_answer a;
    const char *text; /* the answer's body */
} is;

static struct bytes pem_of(const struct cert *x)
{
    return bytes_of(cert_pem(two.b->c->arena, x));
}

static enum err add(struct ctx *c, void *arg)
{
    return exchange_system_add(c, arg, "Phần mềm hộ tịch", pem_of(is.cert));
}

static enum err end(struct ctx *c, void *arg)
{
    return exchange_system_end(c, arg, pem_of(is.cert));
}

/* The national node, its web, and a system with a certificate of the authority. */
static void start(void)
{
    struct ctx *c = two.b->c;
    struct web_options o = {.db = two.b->n->db, .node = two.b->n, .base_url = two.b->n->url};
    memset(&is, 0, sizeof is);
    assert_int_equal(web_new(c, &o, &two.b->n->web), OK);
    assert_int_equal(
        web_add(c, two.b->n->web, "exchange", exchange_module.routes, exchange_module.n_routes),
        OK);
    listen_at(two.b);
    assert_int_equal(key_new(c, &is.key), OK);
    is.cert = issue(c, "system", is.key, true);
    is.tls = (struct client_tls){.ca_pem = cert_pem(c->arena, two.ca),
                                 .cert_pem = cert_pem(c->arena, is.cert),
                                 .key_pem = key_pem(c->arena, is.key),
                                 .tls13_only = true};
}

static void stop(void)
{
    exchange_stop();
    web_end(two.b->n->web);
    cert_end(is.cert);
    key_end(is.key);
}

static int send_as(const char *method, const char *path, const char *body,
                   const struct http_header *headers, size_t n)
{
    struct ctx *c = two.b->c;
    struct client_request q = {.method = method,
                               .url = arena_printf(c->arena, "%s%s", two.b->n->exchange_url, path),
                               .headers = headers,
                               .n_headers = n,
                               .body = bytes_of(body),
                               .timeout_us = 20 * SECOND_US,
                               .tls = &is.tls};
    memset(&is.a, 0, sizeof is.a);
    ctx_clear_faults(c);
    assert_int_equal(client_send(c, &q, &is.a), OK);
    is.text = arena_text_n(c->arena, (const char *)is.a.body.ptr, is.a.body.len);
    return is.a.status;
}
#define SEND(path, body, ...)                                                                      \
    send_as("POST", path, body, (const struct http_header[]){__VA_ARGS__},                         \
            ARRAY_LEN(((const struct http_header[]){__VA_ARGS__})))
#define JSON                                                                                       \
    {                                                                                              \
        "Content-Type", "application/json"                                                         \
    }
#define CLIENT                                                                                     \
    {                                                                                              \
        "X-Road-Client", "VN/GOV/G22/portal"                                                       \
    }

static const char *out(const char *name)
{
    const char *value = client_answer_header(&is.a, name);
    return value ? value : "";
}

/* An error of the exchange itself: status, header and body say the same. */
static void refused(int status, const char *type)
{
    if (!text_eq(out("X-Road-Error"), type))
        print_error("wanted %s, got %d %s %s\n", type, is.a.status, out("X-Road-Error"), is.text);
    assert_int_equal(is.a.status, status);
    assert_string_equal(out("X-Road-Error"), type);
    assert_non_null(strstr(is.text, arena_printf(two.b->c->arena, "{\"type\":\"%s\"", type)));
    assert_non_null(strstr(is.text, "\"message\":\""));
    assert_non_null(strstr(is.text, "\"detail\":\""));
    assert_string_equal(out("Content-Type"), "application/json");
    assert_string_equal(out("X-Content-Type-Options"), "nosniff");
    assert_string_equal(out("Cache-Control"), "no-store");
}

/* ---- asked and answered ---- */

static void spoken(void)
{
    start();
    assert_int_equal(do_write(two.b, add, (void *)(uintptr_t) "G22"), OK);
    assert_int_equal(SEND(SAY, "{\"a\":1}", JSON, CLIENT, {"X-Road-Id", "VN-my-id"}), 200);
    assert_string_equal(is.text, "{\"a\":1}");
    assert_string_equal(out("X-Road-Error"), "");
    assert_string_equal(out("X-Road-Id"), "VN-my-id");
    assert_string_equal(out("X-Road-Client"), "VN/GOV/G22/portal");
    assert_string_equal(out("X-Road-Service"), "VN/GOV/G01/echo/say");
    assert_int_equal(strlen(out("X-Road-Request-Hash")), 88);
    const char *request = out("X-Road-Request-Id"), *hash = out("X-Road-Request-Hash");
    struct finding f = logged(two.b, request, "local");
    assert_true(f.found); /* the request id is the log's */
    assert_string_equal(f.m.client, "G22");
    assert_string_equal(f.m.service, "echo.say");
    assert_int_equal(SEND(SAY, "{\"a\":1}", JSON, CLIENT, {"X-Road-Id", "VN-my-id"}), 200);
    assert_string_not_equal(out("X-Road-Request-Hash"), hash);
    assert_int_equal(SEND(SAY, "{}", JSON, CLIENT), 200);
    assert_true(text_starts(out("X-Road-Id"), "VN-"));
    assert_int_equal(SEND("/r1/VN/GOV/G01/ec%68o/say", "{}", JSON, CLIENT), 200);
    /* The last X-Road-Client counts; who asks, for whom and why travels along. */
    assert_int_equal(SEND("/r1/VN/GOV/G01/echo/who", "{}", JSON, {"X-Road-Client", "VN/GOV/H57/x"},
                          {"x-road-client", "VN/GOV/G22"}, {"X-Road-UserId", "VN046194900001"},
                          {"X-Road-Issue", "case-7"}, {"X-Road-Represented-Party", "GOV/G15"},
                          {"Dinh-Purpose", "birth_registration"}),
                     200);
    assert_string_equal(is.text, "G22|G22|VN046194900001|birth_registration|case-7");
    assert_int_equal(SEND("/r1/VN/GOV/G01/echo/person", "{}", JSON, CLIENT,
                          {"Dinh-Purpose", "birth_registration"}),
                     200);
    /* The service's own refusal passes as it is, without X-Road-Error. */
    assert_int_equal(SEND("/r1/VN/GOV/G01/echo/refuse", "{}", JSON, CLIENT), 400);
    assert_string_equal(out("X-Road-Error"), "");
    assert_non_null(strstr(is.text, "ERR_BAD_NUMBER"));
    assert_string_equal(out("X-Road-Service"), "VN/GOV/G01/echo/refuse");
    sound(two.b, 7);
    stop();
}

static void test_xroad_asks_and_is_answered(void **state)
{
    (void)state;
    on_two_nodes(spoken);
}

/* ---- every error ---- */

static void errors(void)
{
    start();
    assert_int_equal(do_write(two.b, add, (void *)(uintptr_t) "G22"), OK);
    SEND(SAY, "{}", JSON);
    refused(500, "server.clientproxy.invalid_client_identifier");
    static const char *const bad_clients[] = {"VN/GOV",          "VN/GOV/G22/a/b", "VN//G22/a",
                                              "VN/GOV/G22%2Fa",  "VN/GOV/G22/..",  "VN/GOV/G22/",
                                              "VN/GOV/G22%00/a", "VN/GOV/G22 /a"};
    for (size_t i = 0; i < ARRAY_LEN(bad_clients); i++) {
        SEND(SAY, "{}", JSON, {"X-Road-Client", bad_clients[i]});
        refused(500, "server.clientproxy.invalid_client_identifier");
    }
    SEND(SAY, "{}", CLIENT);
    refused(400, "client.invalid_content_type");
    SEND(SAY, "{}", CLIENT, {"Content-Type", "text/xml"});
    refused(400, "client.invalid_content_type");
    SEND(SAY, "{}", JSON, CLIENT, {"X-Road-Represented-Party", "a/b/c"});
    refused(500, "server.clientproxy.invalid_request");
    SEND("/r1/vn/GOV/G01/echo/say", "{}", JSON, CLIENT); /* codes are case-sensitive */
    refused(500, "server.clientproxy.unknown_member");
    SEND("/r1/VN/gov/G01/echo/say", "{}", JSON, CLIENT);
    refused(500, "server.clientproxy.unknown_member");
    SEND("/r1/VN/GOV/G99/echo/say", "{}", JSON, CLIENT);
    refused(500, "server.clientproxy.unknown_member");
    SEND("/r1/VN/GOV/H57/echo/say", "{}", JSON, CLIENT); /* its node doesn't listen */
    refused(500, "server.clientproxy.network_error");
    assert_int_equal(strlen(out("X-Road-Request-Hash")), 88);
    SEND("/r1/VN/GOV/G01/echo/Say", "{}", JSON, CLIENT);
    refused(500, "server.serverproxy.unknown_service");
    SEND("/r1/VN/GOV/G01/echo/say/more", "{}", JSON, CLIENT);
    refused(500, "server.serverproxy.unknown_service");
    SEND(SAY "?a=1", "{}", JSON, CLIENT);
    refused(500, "server.serverproxy.unknown_service");
    SEND("/r1/VN/GOV/G01/echo/person", "{}", JSON, CLIENT); /* no purpose */
    refused(500, "server.serverproxy.access_denied");
    SEND("/r1/VN/GOV/G01/echo/broken", "{}", JSON, CLIENT);
    refused(500, "server.clientproxy.internal_error");
    static const char *const methods[] = {"GET", "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        const struct http_header h[] = {JSON, CLIENT};
        send_as(methods[i], SAY, "", h, 2);
        refused(400, "client.invalid_http_method");
    }
    assert_string_equal(seen, "");
    stop();
}

static void test_xroad_errors(void **state)
{
    (void)state;
    on_two_nodes(errors);
}

static void paths(void)
{
    static const char *const bad[] = {
        "/r1/",
        "/r1/VN/GOV/G01/echo",
        "/r1/VN/GOV/G01/echo/",
        "/r1/VN/GOV//echo/say",
        "/r1/VN/GOV/G01/echo%2Fsay/x",
        "/r1/VN/GOV/G01/echo/..%2fsay",
        "/r1/VN/GOV/G01/%2e%2e/say",
        "/r1/VN/GOV/G01/echo/%c0%af",
        "/r1/VN/GOV/G01/echo/%e0%80%af",
        "/r1/VN/GOV/G01/echo/say%00",
        "/r1/VN/GOV/G01/echo/say%",
        "/r1/VN/GOV/G01/echo/say%2",
        "/r1/VN/GOV/G01/echo/say%25",
        "/r1/VN/GOV/G01/echo/sa%5cy",
        "/r1/VN/GOV/G01/echo;x/say",
    };
    start();
    assert_int_equal(do_write(two.b, add, (void *)(uintptr_t) "G22"), OK);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        SEND(bad[i], "{}", JSON, CLIENT);
        if (strstr(is.text, "ERR_HTTP_FRAMING")) /* an encoded NUL doesn't come past the guard */
            assert_int_equal(is.a.status, 400);
        else
            refused(500, "server.clientproxy.internal_error");
    }
    sound(two.b, 0); /* nothing of it was a message */
    stop();
}

static void test_xroad_refuses_paths_with_two_meanings(void **state)
{
    (void)state;
    on_two_nodes(paths);
}

/* ---- who may ask ---- */

static void strangers(void)
{
    const char *const denied = "server.clientproxy.ssl_authentication_failed";
    start();
    SEND(SAY, "{}", JSON, CLIENT); /* of the authority, registered by nobody */
    refused(500, denied);
    assert_int_equal(do_write(two.b, add, (void *)(uintptr_t) "G01"), OK);
    SEND(SAY, "{}", JSON, CLIENT); /* registered for another member */
    refused(500, denied);
    assert_int_equal(do_write(two.b, add, (void *)(uintptr_t) "H57"), ERR_BAD_CODE);
    SEND(SAY, "{}", JSON, {"X-Road-Client", "VN/GOV/H57"}); /* a member of another node */
    refused(500, denied);
    assert_int_equal(do_write(two.b, add, (void *)(uintptr_t) "G22"), OK);
    assert_int_equal(SEND(SAY, "{}", JSON, CLIENT), 200);
    assert_int_equal(do_write(two.b, end, (void *)(uintptr_t) "G22"), OK);
    SEND(SAY, "{}", JSON, CLIENT); /* in force at once */
    refused(500, denied);
    assert_int_equal(do_write(two.b, end, (void *)(uintptr_t) "G22"), ERR_NOT_FOUND);
    /* Another node isn't a system. */
    is.tls.cert_pem = cert_pem(two.b->c->arena, two.a->n->tls_cert);
    is.tls.key_pem = key_pem(two.b->c->arena, two.a->n->tls_key);
    SEND(SAY, "{}", JSON, CLIENT);
    refused(500, denied);
    assert_int_equal(SEND("/khac", "{}", JSON), 404); /* no other page is served here */
    sound(two.b, 1);
    stop();
}

static void test_xroad_denies_by_default(void **state)
{
    (void)state;
    on_two_nodes(strangers);
}

/* ---- the request hash, by the protocol's own vector ---- */

static void test_xroad_request_hash(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct http_request r = {.arena = a,
                             .method = "POST",
                             .path = "/r1/DEV/COM/1234/TestService/mock1",
                             .query = "a=1",
                             .headers = {{"Host", "example"},
                                         {"Content-Type", "application/json"},
                                         {"Content-Length", "3"},
                                         {"X-Road-Client", "DEV/COM/4321/TestClient"},
                                         {"X-Road-Request-Id", "not ours"}},
                             .n_headers = 5};
    const char *request_id = "f92591a3-6bf0-49b1-987b-0dd78c034cc3",
               *id = "DEV-5ea48ae9-15c1-465a-be15-9b6ef2c7ef4a";
    assert_string_equal(xroad_request_hash(a, &r, request_id, id),
                        "u3Ael75+8rKgZ5/K9qxpkosEpNH8t9TiVqFt7W5QDzz+t6w3Wq+5B94jXxqsT59g4Wsaflj8dL"
                        "Vdn5Be+7lPxA==");
    r.body = bytes_of("{\"data\": 1.0, \"service\": \"random\"}");
    assert_string_equal(xroad_request_hash(a, &r, request_id, id),
                        "Q2+PRtPjj9AltgS32MVhx5f8VD6nJ0qaIsiDBMrS6bMB4Kj+TThw7N4Hvt8q8DfBNX5Sy+aY5M"
                        "bP4VD9IAqzmw==");
    arena_end(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xroad_asks_and_is_answered),
        cmocka_unit_test(test_xroad_errors),
        cmocka_unit_test(test_xroad_refuses_paths_with_two_meanings),
        cmocka_unit_test(test_xroad_denies_by_default),
        cmocka_unit_test(test_xroad_request_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
