/* SPDX-License-Identifier: Apache-2.0 */
/* The answers given to acts that carried an idempotency key: kept in the act's own transaction. */
#include <string.h>

#include "base/text.h"
#include "web/answers.h"
#include "web/web_call.h"

#define MAX_KEPT_BYTES   (256 * 1024)
#define MAX_HEADER_BYTES 16384

static const char *owner_of(const struct call *k)
{
    if (!k->q.session)
        return "";
    return text_empty(k->session.account) ? k->session.id : k->session.account;
}

static const char *act_of(const struct call *k)
{
    return arena_printf(k->c.arena, "%s %s", k->q.http->method, k->q.http->path);
}

web_seal_fn web_seal_answer;
web_open_fn web_open_answer;

void web_answers_sealed(web_seal_fn seal, web_open_fn open)
{
    web_seal_answer = seal;
    web_open_answer = open;
}

static const char *place_of(struct call *k)
{
    return arena_printf(k->c.arena, "web_answer.body|%s|%s", owner_of(k), k->q.key);
}

struct kept {
    const char *act, *body_hash, *headers;
    int64_t status;
    struct bytes body;
};

static enum err kept_row(struct ctx *c, const struct db_row *r, void *arg)
{
    struct kept *x = arg;
    (void)c;
    *x = (struct kept){row_text(r, 0), row_text(r, 1), row_text(r, 3), row_int(r, 2),
                       row_blob(r, 4)};
    return OK;
}

static void answer_as_kept(struct call *k, const struct kept *x)
{
    size_t n = 0;
    const char **lines = text_split(k->c.arena, x->headers, '\n', &n);
    k->q.answer = (struct http_answer){.status = (int)x->status, .body = x->body};
    for (size_t i = 0; i < n; i++) {
        const char *colon = strstr(lines[i], ": ");
        if (colon)
            http_answer_header(&k->q.answer,
                               arena_text_n(k->c.arena, lines[i], (size_t)(colon - lines[i])),
                               colon + 2);
    }
    k->answered = k->replayed = true;
}

#define HEAD_LEN 4 /* bytes of the header lines, in front of them */

/* Sealed: the header lines with their length, then the body. One of before lies in two columns. */
static enum err open_kept(struct call *k, struct kept *x)
{
    struct bytes plain;
    if (!web_open_answer || !text_empty(x->headers) || !x->body.len)
        return OK;
    uint32_t head = 0;
    if (!web_open_answer(&k->c, place_of(k), x->body, &plain) || plain.len < HEAD_LEN)
        return fail(&k->c, ERR_INTERNAL, "web_answer");
    memcpy(&head, plain.ptr, HEAD_LEN);
    ASSERT(head <= plain.len - HEAD_LEN);
    x->headers = arena_text_n(k->c.arena, (const char *)plain.ptr + HEAD_LEN, head);
    x->body = (struct bytes){plain.ptr + HEAD_LEN + head, plain.len - HEAD_LEN - head};
    return OK;
}

static struct bytes seal_kept(struct call *k, struct bytes headers, struct bytes body)
{
    uint32_t head = (uint32_t)headers.len;
    struct buf whole = buf_new(k->c.arena, MAX_KEPT_BYTES + MAX_HEADER_BYTES + 64);
    buf_add(&whole, &head, HEAD_LEN);
    buf_add(&whole, headers.ptr, headers.len);
    buf_add(&whole, body.ptr, body.len);
    return web_seal_answer(&k->c, place_of(k), buf_bytes(&whole));
}

enum err key_find(struct call *k, bool *ret_found)
{
    struct kept x;
    *ret_found = false;
    if (!k->q.key)
        return OK;
    enum err e = db_one(&k->c, ret_found, kept_row, &x,
                        "SELECT act, body_hash, status, headers, body FROM web_answer "
                        "WHERE owner = $1 AND key = $2",
                        P_TEXT(owner_of(k)), P_TEXT(k->q.key));
    if (e || !*ret_found)
        return e;
    if (!text_eq(x.act, act_of(k)) || !text_eq(x.body_hash, k->body_hash))
        return fail(&k->c, ERR_KEY_REUSED, "");
    e = open_kept(k, &x);
    if (!e)
        answer_as_kept(k, &x);
    return e;
}

static void header_lines(struct buf *b, const struct http_header *h, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strpbrk(h[i].value, "\r\n"))
            buf_printf(b, "%s: %s\n", h[i].name, h[i].value);
    }
}

enum err key_keep(struct call *k)
{
    const struct http_answer *a = &k->q.answer;
    /* a cookie's secret isn't kept, and an answer without it would be another answer; that of a
       proof isn't the act's */
    if (!k->q.key || k->set_cookie != k->kept_cookie || a->stream || a->file ||
        a->body.len > MAX_KEPT_BYTES)
        return OK;
    struct buf b = buf_new(k->c.arena, MAX_HEADER_BYTES);
    header_lines(&b, a->headers, a->n_headers);
    header_lines(&b, k->extra, k->n_extra);
    struct bytes body = web_seal_answer ? seal_kept(k, buf_bytes(&b), a->body) : a->body;
    enum err e = db_exec(&k->c, NULL,
                         "INSERT INTO web_answer (owner, key, act, body_hash, status, headers, "
                         "body, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                         P_TEXT(owner_of(k)), P_TEXT(k->q.key), P_TEXT(act_of(k)),
                         P_TEXT(k->body_hash), P_INT(a->status),
                         P_TEXT(web_seal_answer ? "" : b.ptr), P_BLOB(body), P_INT(k->c.now_us));
    if (e != ERR_DB_UNIQUE)
        return e;
    ctx_clear_faults(&k->c); /* another node took the same key just now: the next try finds it */
    return fail(&k->c, ERR_CONFLICT, "");
}
