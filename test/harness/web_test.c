/* SPDX-License-Identifier: Apache-2.0 */
#include "test/harness/web_test.h"

#include <pthread.h>
#include <string.h>
#include <strings.h>

#include "base/id.h"
#include "base/sys.h"
#include "base/text.h"

struct wait { /* http_request.handle of a request made here */
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool answered;
    struct web_client *client;
};

void web_test_reply(struct http_request *r, const struct http_answer *a)
{
    struct wait *w = r->handle;
    struct web_client *b = w->client;
    pthread_mutex_lock(&w->lock);
    ASSERT(!w->answered); /* exactly once */
    b->status = a->status;
    b->n_headers = a->n_headers;
    for (size_t i = 0; i < a->n_headers; i++)
        b->headers[i] = (struct http_header){arena_text(b->arena, a->headers[i].name),
                                             arena_text(b->arena, a->headers[i].value)};
    b->body = arena_bytes(b->arena, a->body.ptr, a->body.len);
    b->stream = a->stream;
    w->answered = true;
    pthread_cond_signal(&w->done);
    pthread_mutex_unlock(&w->lock);
}

struct web_client web_client_new(struct arena *a, struct web *w)
{
    return (struct web_client){.arena = a,
                               .web = w,
                               .cookies = "",
                               .token = "",
                               .peer = "127.0.0.1",
                               .host = "localhost:8801",
                               .accept = "text/html",
                               .language = "vi",
                               .text = ""};
}

const char *web_answer_header(const struct web_client *b, const char *name)
{
    for (size_t i = 0; i < b->n_headers; i++) {
        if (strcasecmp(b->headers[i].name, name) == 0)
            return b->headers[i].value;
    }
    return NULL;
}

bool web_shows(const struct web_client *b, const char *text)
{
    return strstr(b->text, text) != NULL;
}

const char *web_input(const struct web_client *b, const char *name)
{
    const char *wanted = arena_printf(b->arena, " name=\"%s\"", name);
    const char *at = strstr(b->text, wanted);
    if (!at)
        return NULL;
    const char *end = strchr(at, '>'), *value = strstr(at, " value=\"");
    if (!value || (end && value > end))
        return "";
    return arena_text_n(b->arena, value + 8, strcspn(value + 8, "\""));
}

/* ---- the jar ---- */

static void keep_cookie(struct web_client *b, const char *line)
{
    size_t name = strcspn(line, "="), pair = strcspn(line, ";");
    struct buf jar = buf_new(b->arena, 16384);
    size_t n = 0;
    const char **old = text_split(b->arena, b->cookies, ';', &n);
    for (size_t i = 0; i < n; i++) {
        const char *one = old[i] + strspn(old[i], " ");
        if (strncmp(one, line, name + 1) != 0)
            buf_printf(&jar, "%s%s", jar.len ? "; " : "", one);
    }
    if (!strstr(line, "Max-Age=0"))
        buf_printf(&jar, "%s%.*s", jar.len ? "; " : "", (int)pair, line);
    b->cookies = jar.ptr;
}

static void read_answer(struct web_client *b)
{
    b->text = arena_text_n(b->arena, (const char *)b->body.ptr, b->body.len);
    for (size_t i = 0; i < b->n_headers; i++) {
        if (strcasecmp(b->headers[i].name, "Set-Cookie") == 0)
            keep_cookie(b, b->headers[i].value);
    }
    const char *token = web_input(b, "_csrf");
    if (token)
        b->token = token;
}

/* ---- requests ---- */

static void add(struct http_request *r, const char *name, const char *value)
{
    if (!text_empty(value))
        r->headers[r->n_headers++] = (struct http_header){name, value};
}

static void add_headers(struct web_client *b, struct http_request *r, const char *type)
{
    bool safe = strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0;
    add(r, "Host", b->host);
    add(r, "Accept", b->accept);
    add(r, "Accept-Language", b->language);
    add(r, "Cookie", b->cookies);
    add(r, "Content-Type", type);
    add(r, "Origin", safe ? NULL : b->origin);
    add(r, "Sec-Fetch-Site", safe ? NULL : b->site);
    for (size_t i = 0; i < b->n_more; i++)
        r->headers[r->n_headers++] = b->more[i];
}

int web_send(struct web_client *b, const char *method, const char *path, const char *type,
             struct bytes body)
{
    struct wait w = {.client = b};
    struct arena *a = arena_new(0);
    struct http_request *r = ARENA_NEW(a, struct http_request);
    const char *query = strchr(path, '?');
    *r = (struct http_request){.arena = a,
                               .method = method,
                               .peer = b->peer,
                               .handle = &w,
                               .peer_cert = b->peer_cert,
                               .body = body,
                               .body_bytes = body.len};
    r->path = query ? arena_text_n(a, path, (size_t)(query - path)) : path;
    r->query = query ? query + 1 : "";
    add_headers(b, r, type);
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.done, NULL);
    if (body.len > web_body_limit(b->web, r)) { /* as net would answer */
        b->status = 413;
        b->n_headers = 0;
        b->text = "";
    } else {
        web_handle(b->web, r);
        pthread_mutex_lock(&w.lock);
        while (!w.answered)
            pthread_cond_wait(&w.done, &w.lock);
        pthread_mutex_unlock(&w.lock);
        read_answer(b);
    }
    pthread_mutex_destroy(&w.lock);
    pthread_cond_destroy(&w.done);
    arena_end(a);
    return b->status;
}

int web_get(struct web_client *b, const char *path)
{
    return web_send(b, "GET", path, NULL, (struct bytes){0});
}

static const char *next_key(struct web_client *b)
{
    const char *key = b->key ? b->key : id_new(b->arena, sys_now_us());
    b->key = NULL;
    return key;
}

static void put_pair(struct buf *out, const char *name, const char *value)
{
    if (out->len)
        buf_char(out, '&');
    buf_url(out, name);
    buf_char(out, '=');
    buf_url(out, value);
}

int web_post(struct web_client *b, const char *path, const char *const *fields)
{
    struct buf body = buf_new(b->arena, 1 << 20);
    for (size_t i = 0; fields[i] && fields[i + 1]; i += 2)
        put_pair(&body, fields[i], fields[i + 1]);
    if (*b->token)
        put_pair(&body, "_csrf", b->token);
    put_pair(&body, "_key", next_key(b));
    return web_send(b, "POST", path, "application/x-www-form-urlencoded", buf_bytes(&body));
}

#define EDGE "------dinhTestEdge7f3a"

static void put_part(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, "--" EDGE "\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n", name,
               value);
}

int web_post_files(struct web_client *b, const char *path, const char *const *fields,
                   const struct web_file *files, size_t n)
{
    struct buf body = buf_new(b->arena, 40 << 20);
    for (size_t i = 0; fields && fields[i] && fields[i + 1]; i += 2)
        put_part(&body, fields[i], fields[i + 1]);
    put_part(&body, "_csrf", b->token);
    put_part(&body, "_key", next_key(b));
    for (size_t i = 0; i < n; i++) {
        buf_printf(&body,
                   "--" EDGE "\r\nContent-Disposition: form-data; name=\"%s\"; "
                   "filename=\"%s\"\r\nContent-Type: %s\r\n\r\n",
                   files[i].field, files[i].name, files[i].type);
        buf_add(&body, files[i].content.ptr, files[i].content.len);
        buf_text(&body, "\r\n");
    }
    buf_text(&body, "--" EDGE "--\r\n");
    return web_send(b, "POST", path, "multipart/form-data; boundary=" EDGE, buf_bytes(&body));
}

int web_post_json(struct web_client *b, const char *path, const char *json)
{
    struct web_client json_client = *b;
    json_client.accept = "application/json";
    json_client.more[json_client.n_more++] = (struct http_header){"X-CSRF-Token", b->token};
    json_client.more[json_client.n_more++] = (struct http_header){"Idempotency-Key", next_key(b)};
    int status = web_send(&json_client, "POST", path, "application/json", bytes_of(json));
    json_client.accept = b->accept;
    json_client.n_more = b->n_more;
    *b = json_client;
    return status;
}

int web_follow(struct web_client *b)
{
    for (int i = 0; i < 10 && b->status == 303; i++) {
        const char *to = web_answer_header(b, "Location");
        if (!to || to[0] != '/')
            break;
        web_get(b, to);
    }
    return b->status;
}

/* Where a redirect leads, told as a header or as JSON. */
static const char *led_to(const struct web_client *b)
{
    static const char member[] = "\"location\":\"";
    const char *at = b->status == 200 ? strstr(b->text, member) : NULL;
    if (!at)
        return b->status == 303 ? web_answer_header(b, "Location") : NULL;
    at += sizeof member - 1;
    return arena_text_n(b->arena, at, strcspn(at, "\""));
}

int web_search(struct web_client *b, const char *address)
{
    const char *accept = b->accept, *ask = strchr(address, '?');
    const char *path = arena_text_n(b->arena, address, strcspn(address, "?"));
    b->accept = "text/html";
    web_get(b, path);
    b->accept = accept;
    if (b->status != 200 || !ask)
        return b->status;
    struct buf body = buf_new(b->arena, 16384);
    buf_printf(&body, "%s&_csrf=", ask + 1);
    buf_url(&body, b->token);
    web_send(b, "POST", path, "application/x-www-form-urlencoded", buf_bytes(&body));
    const char *to = led_to(b);
    return to ? web_get(b, to) : b->status;
}
