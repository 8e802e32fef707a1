/* SPDX-License-Identifier: Apache-2.0 */
#include "test/harness/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "test/harness/web_contract.h"

static const char *filled(struct web_client *b, const struct route *row)
{
    struct buf path = buf_new(b->arena, 2000);
    for (const char *at = row->path; *at; at++) {
        if (*at == '{') {
            buf_text(&path, "khong-co");
            at = strchr(at, '}');
        } else {
            buf_char(&path, *at);
        }
    }
    return path.ptr;
}

static bool is(const struct route *row, const char *permission)
{
    return strcmp(row->permission, permission) == 0;
}

static bool named_right(const struct route *row)
{
    return !is(row, PUBLIC) && !is(row, SIGNED_IN) && !is(row, MACHINE);
}

static bool is_get(const struct route *row)
{
    return strcmp(row->method, "GET") == 0;
}

static void check(bool ok, const struct route *row, const struct web_client *b, const char *why)
{
    if (!ok)
        print_error("%s %s: %d, %s\n", row->method, row->path, b->status, why);
    assert_true(ok);
}

static int send_empty(struct web_client *b, const struct route *row)
{
    const char *type = is_get(row) ? NULL : "application/x-www-form-urlencoded";
    struct buf body = buf_new(b->arena, 1000);
    if (!is_get(row) && *b->token) {
        buf_text(&body, "_csrf=");
        buf_url(&body, b->token);
    }
    return web_send(b, row->method, filled(b, row), type, buf_bytes(&body));
}

static bool wants_sign_in(const struct web_client *b)
{
    const char *to = web_answer_header(b, "Location");
    return b->status == 401 || (b->status == 303 && to && strstr(to, "next="));
}

size_t web_contract_nobody(struct web_client *b)
{
    size_t n = 0;
    const struct route *const *rows = web_routes(b->web, &n);
    for (size_t i = 0; i < n; i++) {
        b->cookies = b->token = ""; /* a public row may have begun a session */
        send_empty(b, rows[i]);
        check(b->status < 500, rows[i], b, "our error");
        if (is(rows[i], MACHINE))
            check(b->status == 404, rows[i], b, "machines only");
        else if (!is(rows[i], PUBLIC))
            check(is_get(rows[i]) ? wants_sign_in(b) : b->status == 401, rows[i], b,
                  "nobody came in");
        check(rows[i]->title != TX_NONE, rows[i], b, "no title");
    }
    b->cookies = b->token = "";
    return n;
}

size_t web_contract_stranger(struct web_client *b)
{
    size_t n = 0, done = 0;
    const struct route *const *rows = web_routes(b->web, &n);
    for (size_t i = 0; i < n; i++) {
        if (!named_right(rows[i]))
            continue;
        send_empty(b, rows[i]);
        check(b->status == 403, rows[i], b, "a stranger came in");
        done++;
    }
    return done;
}

/* ---- acts ---- */

static void forged(struct web_client *b, const struct route *row)
{
    static const struct {
        const char *origin, *site;
    } forgeries[] = {
        {NULL, NULL}, {"http://evil.example", NULL}, {NULL, "cross-site"}, {NULL, "same-site"}};
    const char *token = b->token;
    for (size_t i = 0; i < ARRAY_LEN(forgeries); i++) {
        b->origin = forgeries[i].origin;
        b->site = forgeries[i].site;
        b->token = i == 0 ? "" : token;
        send_empty(b, row);
        check(b->status == 403, row, b, "a forged request was taken");
    }
    b->origin = b->site = NULL;
    b->token = token;
}

static void bad_bodies(struct web_client *b, const struct route *row)
{
    struct web_client json = *b;
    size_t cap = row->max_body_bytes ? row->max_body_bytes : 64 * 1024;
    json.more[json.n_more++] = (struct http_header){"X-CSRF-Token", b->token};
    const char *path = filled(b, row);
    if (row->in) {
        web_send(&json, row->method, path, "application/json", bytes_of("{\"x\":"));
        check(json.status >= 400 && json.status < 500, row, &json, "no JSON");
        web_send(&json, row->method, path, "application/json", bytes_of("{\"no_such\":1}"));
        check(json.status >= 400 && json.status < 500, row, &json, "an unknown member");
        web_send(&json, row->method, path, "text/strange", bytes_of("x"));
        check(json.status >= 400 && json.status < 500, row, &json, "a strange type");
    }
    web_send(&json, row->method, path, "application/x-www-form-urlencoded", bytes_of("a=%zz&%00"));
    check(json.status >= 400 && json.status < 500, row, &json, "a broken form");
    if (cap <= 1024 * 1024) {
        struct bytes large = {arena_alloc(b->arena, cap + 1), cap + 1};
        web_send(&json, row->method, path, "application/json", large);
        check(json.status == 413, row, &json, "too large");
    }
}

size_t web_contract_acts(struct web_client *b)
{
    size_t n = 0, done = 0;
    const struct route *const *rows = web_routes(b->web, &n);
    for (size_t i = 0; i < n; i++) {
        if (is_get(rows[i]) || is(rows[i], MACHINE) || (rows[i]->flags & ROUTE_NO_CSRF))
            continue;
        forged(b, rows[i]);
        bad_bodies(b, rows[i]);
        done++;
    }
    return done;
}
