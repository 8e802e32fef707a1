/* SPDX-License-Identifier: Apache-2.0 */
/* An agency's system asks through its own node: who it is, what it may, and the exchange's own
   errors in the words of the protocol (X-Road Message Protocol for REST, 4.5 to 4.6). */
#include <string.h>
#include <strings.h>

#include "base/id.h"
#include "base/log.h"
#include "base/text.h"
#include "core/say.h"
#include "engine/exchange/xroad.h"
#include "web/json.h"
#include "web/web.h"

#define ID_MAX     200
#define WORDS_MAX  80
#define JSON_TYPE  "application/json"
#define WRONG_TYPE "client.invalid_content_type"

struct asking {
    struct xroad_id to, from;
    const char *client, *id, *given_id, *user, *issue, *party; /* headers; given_id NULL: ours */
    const char *rest;
    struct exchange_head head;
    const char *why; /* for people */
};

/* ---- errors of the exchange itself ---- */

static int status_of(const char *type)
{
    return text_starts(type, "server.") ? 500 : 400;
}

static struct bytes error_body(struct arena *a, const char *type, const char *why,
                               const char *request_id)
{
    struct buf b = buf_new(a, 8192);
    buf_text(&b, "{\"type\":");
    buf_json(&b, type);
    buf_text(&b, ",\"message\":");
    buf_json(&b, why);
    buf_text(&b, ",\"detail\":");
    buf_json(&b, request_id);
    buf_char(&b, '}');
    return buf_bytes(&b);
}

void xroad_take(struct ctx *c, struct http_request *r)
{
    struct xroad_id to;
    const char *rest;
    bool good = c->node->web && xroad_path(c->arena, r->path, &to, &rest);
    if (good && strcmp(r->method, "POST") == 0) {
        web_handle(c->node->web, r);
        return;
    }
    const char *type = good ? "client.invalid_http_method" : "server.clientproxy.internal_error";
    struct http_answer a = {.status = status_of(type)};
    a.body =
        error_body(c->arena, type,
                   text_get(good ? TX(exchange_xroad_refused) : TX(exchange_xroad_path), c->lang),
                   c->request_id);
    exchange_guard(&a);
    http_answer_header(&a, "Content-Type", JSON_TYPE);
    http_answer_header(&a, "X-Road-Error", type);
    log_warn("exchange", "xroad %s, from %s", type, r->peer);
    http_reply(r, &a);
}

/* ---- what is asked ---- */

/* The last one of a name counts. */
static const char *last_header(const struct http_request *r, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < r->n_headers; i++)
        if (strcasecmp(r->headers[i].name, name) == 0)
            value = r->headers[i].value;
    return value;
}

/* "" when absent; NULL when it can't stand in a head. */
static const char *words(struct ctx *c, const struct http_request *r, const char *name, size_t max)
{
    const char *value = last_header(r, name), *clean = NULL;
    if (!value)
        return "";
    if (text_clean(c, name, bytes_of(value), max, &clean))
        ctx_clear_faults(c);
    return clean;
}

static const char *read_headers(struct ctx *c, const struct http_request *r, struct asking *x)
{
    x->client = last_header(r, "X-Road-Client");
    if (!x->client || !xroad_client(c->arena, x->client, &x->from))
        return "server.clientproxy.invalid_client_identifier";
    x->given_id = words(c, r, "X-Road-Id", ID_MAX);
    x->user = words(c, r, "X-Road-UserId", WORDS_MAX);
    x->issue = words(c, r, "X-Road-Issue", WORDS_MAX);
    x->party = words(c, r, "X-Road-Represented-Party", WORDS_MAX);
    c->purpose = words(c, r, "Dinh-Purpose", WORDS_MAX);
    if (!x->given_id || !x->user || !x->issue || !x->party || !c->purpose)
        return "server.clientproxy.invalid_request";
    if (*x->party && !xroad_party(c->arena, x->party))
        return "server.clientproxy.invalid_request";
    if (text_empty(x->given_id))
        x->given_id = NULL;
    return NULL;
}

static const char *read_request(struct ctx *c, const struct http_request *r, struct asking *x)
{
    const char *type = http_header(r, "Content-Type");
    if (!xroad_path(c->arena, r->path, &x->to, &x->rest))
        return "server.clientproxy.internal_error";
    const char *bad = read_headers(c, r, x);
    if (bad)
        return bad;
    size_t n = strlen(JSON_TYPE);
    if (!type || strncasecmp(type, JSON_TYPE, n) != 0 || !(type[n] == 0 || strchr("; ", type[n])))
        return WRONG_TYPE;
    return *x->rest || !text_empty(r->query) ? "server.serverproxy.unknown_service" : NULL;
}

/* ---- who asks ---- */

struct looking {
    const char *client;
    struct bytes cert;
    bool may;
};

static enum err look(struct ctx *c, void *arg)
{
    struct looking *l = arg;
    return exchange_system_may(c, l->client, l->cert, &l->may);
}

static bool ours(const struct ctx *c, const struct xroad_id *id)
{
    return text_eq(id->instance, c->node->instance) && text_eq(id->member_class, XROAD_CLASS);
}

static enum err check_client(struct ctx *c, const struct http_request *r, const struct asking *x,
                             const char **ret_type)
{
    struct looking l = {.client = x->from.member, .cert = r->peer_cert};
    if (!ours(c, &x->from) || !ours(c, &x->to)) {
        *ret_type = "server.clientproxy.unknown_member";
        return OK;
    }
    enum err e = db_read(c, c->node->db, look, &l);
    if (!e && !l.may)
        *ret_type = "server.clientproxy.ssl_authentication_failed";
    return e;
}

static void become(struct ctx *c, struct asking *x, struct actor *a)
{
    static const char *const none[] = {NULL};
    *a = (struct actor){.kind = ACTOR_SYSTEM,
                        .account = "xroad",
                        .person = "",
                        .name = *x->user ? x->user : x->client,
                        .unit = x->from.member,
                        .unit_name = x->from.member,
                        .role = *x->party ? x->party : "system",
                        .permissions = none};
    c->actor = a;
    c->matter = x->issue;
}

/* ---- what came of it ---- */

static const char *type_of(enum err e)
{
    if (e == ERR_EXCHANGE_UNKNOWN)
        return "server.clientproxy.unknown_member";
    if (e == ERR_EXCHANGE_DOWN)
        return "server.clientproxy.network_error";
    if (e == ERR_EXCHANGE_DENIED)
        return "server.serverproxy.access_denied";
    if (e == ERR_BODY_TOO_LARGE)
        return "server.clientproxy.io_error";
    return exchange_is_away(e) ? "server.clientproxy.service_failed"
                               : "server.clientproxy.internal_error";
}

/* A refusal that the other side's exchange made, told from one of its service; NULL. */
static const char *type_of_answer(struct ctx *c, int status, struct bytes answer)
{
    json_t *o;
    if ((status != 403 && status != 404) || json_in(c, "answer", answer, &o)) {
        ctx_clear_faults(c);
        return NULL;
    }
    const char *code = json_text_of(o, "code", ""), *type = NULL;
    if (text_eq(code, err_row(ERR_EXCHANGE_DENIED)->name) ||
        text_eq(code, err_row(ERR_PURPOSE)->name))
        type = "server.serverproxy.access_denied";
    else if (text_eq(code, err_row(ERR_EXCHANGE_UNKNOWN)->name))
        type = "server.serverproxy.unknown_service";
    json_end(o);
    return type;
}

static const char *sentence(struct ctx *c, enum err e)
{
    const struct fault *f = c->n_faults ? &c->faults[0] : NULL;
    return f ? say(c->arena, c->lang, (enum text)err_row(e)->text, f->field, f->args[0],
                   f->args[0] ? f->args[1] : NULL)
             : text_get((enum text)err_row(e)->text, c->lang);
}

static enum err answer_error(struct ctx *c, struct req *r, const char *type, const char *why)
{
    answer_header(r, "X-Road-Error", type);
    log_warn("exchange", "xroad %s, id=%s", type, c->request_id);
    return answer_json(c, r, status_of(type), error_body(c->arena, type, why, c->request_id));
}

static const char *service_header(struct ctx *c, const struct xroad_id *to)
{
    const char *const part[] = {to->instance, to->member_class, to->member, to->subsystem,
                                to->service};
    struct buf b = buf_new(c->arena, 16 * 1024);
    for (size_t i = 0; i < ARRAY_LEN(part); i++) {
        if (i)
            buf_char(&b, '/');
        buf_url(&b, part[i]);
    }
    return b.ptr;
}

static void answer_headers(struct ctx *c, struct req *r, const struct asking *x)
{
    const char *made = x->given_id ? NULL : x->id;
    answer_header(r, "X-Road-Id", x->id);
    answer_header(r, "X-Road-Client", x->client);
    answer_header(r, "X-Road-Service", service_header(c, &x->to));
    answer_header(r, "X-Road-Request-Id", x->head.id);
    answer_header(r, "X-Road-Request-Hash",
                  xroad_request_hash(c->arena, r->http, x->head.id, made));
}

static enum err ask(struct ctx *c, struct req *r, struct asking *x)
{
    struct actor actor;
    struct bytes answer;
    int status;
    become(c, x, &actor);
    exchange_head_of(c, x->to.member,
                     arena_printf(c->arena, "%s.%s", x->to.subsystem, x->to.service), r->http->body,
                     &x->head);
    x->id =
        x->given_id ? x->given_id : arena_printf(c->arena, "%s-%s", c->node->instance, x->head.id);
    answer_headers(c, r, x);
    enum err e = exchange_deliver(c, &x->head, r->http->body, &status, &answer);
    c->actor = NULL;
    c->matter = NULL;
    if (e)
        return answer_error(c, r, type_of(e), sentence(c, e));
    const char *type = type_of_answer(c, status, answer);
    if (type)
        return answer_error(c, r, type, text_get(TX(exchange_xroad_refused), c->lang));
    return answer_json(c, r, status, answer);
}

/* Outside any transaction: another node may take its time. */
enum err xroad_route(struct ctx *c, struct req *r)
{
    struct asking x = {0};
    const struct actor *before = c->actor;
    answer_header(r, "Cache-Control", "no-store"); /* whose data it carries, we don't ask */
    const char *bad = read_request(c, r->http, &x);
    enum err e = bad ? OK : check_client(c, r->http, &x, &bad);
    if (!e)
        e = bad ? answer_error(c, r, bad, text_get(TX(exchange_xroad_refused), c->lang))
                : ask(c, r, &x);
    c->actor = before;
    c->purpose = NULL;
    return e;
}
