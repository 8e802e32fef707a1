/* SPDX-License-Identifier: Apache-2.0 */
/* A node's process: its only thread does what it is told, one thing at a time. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/rand.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/sys_fault.h"
#include "base/text.h"
#include "base/time.h"
#include "core/jobs.h"
#include "core/pack.h"
#include "db/by_hand.h"
#include "engine/exchange/exchange_private.h"
#include "engine/identity/identity.h"
#include "net/client.h"
#include "test/harness/cut.h"
#include "test/sim/sim.h"
#include "web/json.h"
#include "web/page.h"

#define ARENA_BYTES ((size_t)1 << 30)

static int wire;
static struct ctx *self;

/* ---- OpenSSL's randomness ---- */

static int dice_bytes(unsigned char *out, int n)
{
    sys_random(out, (size_t)n);
    return 1;
}

static int dice_ready(void)
{
    return 1;
}

static const RAND_METHOD dice_of_openssl = {
    .bytes = dice_bytes, .pseudorand = dice_bytes, .status = dice_ready};

void sim_seed_all(uint64_t seed)
{
    sys_random_seed(seed | 1);
    RAND_set_rand_method(&dice_of_openssl);
}

/* ---- what goes out ---- */

static void out(struct sim_frame f)
{
    if (!sim_put(wire, &f))
        _exit(0); /* the simulator has had enough of us */
}

static const char *header_of(const struct http_answer *a, const char *name)
{
    for (size_t i = 0; i < a->n_headers; i++)
        if (strcmp(a->headers[i].name, name) == 0)
            return a->headers[i].value;
    return "";
}

static void reply(struct http_request *r, const struct http_answer *a)
{
    struct arena *mine = r->arena;
    const char *body = memchr(a->body.ptr ? (const char *)a->body.ptr : "", 0, a->body.len)
                           ? "(bytes)"
                           : arena_text_n(mine, (const char *)a->body.ptr, a->body.len);
    out((struct sim_frame){.kind = SIM_ANSWER,
                           .who = (int32_t)(intptr_t)r->handle,
                           .a = a->status,
                           .word = {header_of(a, "Set-Cookie"), header_of(a, "Location"),
                                    header_of(a, "Dinh-Head"), header_of(a, "Dinh-Signature"),
                                    body},
                           .n = 5});
    arena_end(mine);
}

static void listen_to(const struct sim_frame *f)
{
    sys_clock_set(f->now_us);
    sys_mono_set(f->now_us);
    self->now_us = f->now_us;
}

static enum err send_out(struct ctx *c, const struct client_request *q, struct client_answer *ret)
{
    struct sim_frame f = {.kind = SIM_SEND, .word = {q->url, "", "", ""}, .n = 4}, got;
    for (size_t i = 0; i < q->n_headers; i++) {
        if (text_eq(q->headers[i].name, "Dinh-Head"))
            f.word[1] = q->headers[i].value;
        if (text_eq(q->headers[i].name, "Dinh-Signature"))
            f.word[2] = q->headers[i].value;
    }
    f.word[3] = arena_text_n(c->arena, (const char *)q->body.ptr, q->body.len);
    out(f);
    if (!sim_get(wire, c->arena, &got) || got.kind != SIM_RESULT)
        _exit(0);
    listen_to(&got);
    switch ((enum sim_fate)got.a) {
    case FATE_NOT_SENT: return fail(c, ERR_NET_CONNECT, "url", q->url);
    case FATE_BROKEN: return fail(c, ERR_NET_BROKEN, "url", q->url);
    case FATE_TIMEOUT: return fail(c, ERR_NET_TIMEOUT, "url", q->url);
    case FATE_ANSWERED: break;
    }
    *ret = (struct client_answer){.status = (int)got.b, .body = bytes_of(got.word[2])};
    if (*got.word[0]) {
        ret->headers[ret->n_headers++] = (struct http_header){"Dinh-Head", got.word[0]};
        ret->headers[ret->n_headers++] = (struct http_header){"Dinh-Signature", got.word[1]};
    }
    return OK;
}

/* ---- the door ---- */

static const char *account_name(struct arena *a, size_t i)
{
    return arena_printf(a, "nguoi-%zu", i);
}

static enum err id_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

static enum err pass_door(struct ctx *c, struct req *r)
{
    int64_t i = 0;
    bool found = false;
    const char *account = "";
    const char *number = r->http->query;
    if (!text_to_int(number, &i) || i < 0 || (size_t)i >= sim_n_people)
        return fail(c, ERR_NOT_FOUND, "person", number);
    const struct sim_person *p = &sim_people[i];
    enum err e =
        db_one(c, &found, id_row, &account, "SELECT value FROM core_setting WHERE name = $1",
               P_TEXT(account_name(c->arena, (size_t)i)));
    if (!e)
        e = session_start(c, r, account, p->role, p->unit, 2);
    return e ? e : answer_redirect(c, r, SIM_DOOR);
}

static void door_page(struct page *p, const void *view)
{
    (void)view;
    buf_text(p->out, session_csrf(p->c, p->r));
}

static enum err see_door(struct ctx *c, struct req *r)
{
    return answer(c, r, 200, NULL, NULL, door_page);
}

static const struct route door[] = {
    {.method = "GET",
     .path = SIM_DOOR,
     .permission = PUBLIC,
     .handler = see_door,
     .title = TX(web_home)},
    {.method = "POST",
     .path = SIM_DOOR,
     .permission = PUBLIC,
     .handler = pass_door,
     .flags = ROUTE_WRITE,
     .title = TX(web_home)},
};

static const char *pin_of(struct ctx *c, const char *key)
{
    json_t *doc;
    const char *pin = "";
    struct bytes in;
    enum err e = pack_read(c, NULL, "people/demo_people.json", &in);
    if (!e)
        e = json_in(c, "people", in, &doc);
    if (e)
        return "";
    const json_t *rows = json_list_of(doc, "people");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const json_t *known = json_object_get(json_object_get(row, "registers"), "population");
        if (text_eq(json_text_of(row, "key", ""), key))
            pin = arena_text(c->arena, json_text_of(known, "pin", ""));
    }
    json_end(doc);
    return pin;
}

static enum err add_person(struct ctx *c, size_t i)
{
    const struct sim_person *p = &sim_people[i];
    struct identity_account a = {.username = "",
                                 .name = p->name,
                                 .person = p->key ? pin_of(c, p->key) : "",
                                 .kind = p->key ? ACTOR_CITIZEN : ACTOR_OFFICIAL,
                                 .assurance = 2};
    struct identity_grant g = {.role = p->role, .unit = p->unit, .from_us = c->now_us - DAY_US};
    enum err e = identity_account_add(c, &a, NULL, &g.account);
    if (!e && !p->key)
        e = identity_grant_add(c, &g);
    return e ? e
             : db_exec(c, NULL,
                       "INSERT INTO core_setting (name, value, changed_us) VALUES ($1, $2, 0)",
                       P_TEXT(account_name(c->arena, i)), P_TEXT(g.account));
}

static enum err add_people(struct ctx *c, void *arg)
{
    enum err e = OK;
    (void)arg;
    for (size_t i = 0; i < sim_n_people && !e; i++)
        e = add_person(c, i);
    return e;
}

/* ---- what is asked of it ---- */

static struct http_request *request(const char *method, const char *path, int32_t who)
{
    struct arena *a = arena_new(0);
    struct http_request *r = ARENA_NEW(a, struct http_request);
    const char *query = strchr(path, '?');
    *r = (struct http_request){.arena = a,
                               .method = arena_text(a, method),
                               .peer = "127.0.0.1",
                               .handle = (void *)(intptr_t)who};
    r->path = query ? arena_text_n(a, path, (size_t)(query - path)) : arena_text(a, path);
    r->query = query ? arena_text(a, query + 1) : "";
    return r;
}

static void add(struct http_request *r, const char *name, const char *value)
{
    if (*value)
        r->headers[r->n_headers++] = (struct http_header){name, arena_text(r->arena, value)};
}

static void take_body(struct http_request *r, const char *text)
{
    r->body = bytes_of(arena_text(r->arena, text));
    r->body_bytes = r->body.len;
}

static void take_call(const struct sim_frame *f)
{
    struct http_request *r = request(f->word[0], f->word[1], f->who);
    bool at_door = text_starts(f->word[1], SIM_DOOR);
    add(r, "Host", "localhost");
    add(r, "Accept", at_door ? "text/html" : "application/json");
    add(r, "Cookie", f->word[2]);
    add(r, "X-CSRF-Token", f->word[3]);
    add(r, "Idempotency-Key", f->word[4]);
    add(r, "Content-Type", *f->word[5] ? "application/json" : "");
    take_body(r, f->word[5]);
    web_handle(self->node->web, r);
}

static void take_message(const struct sim_frame *f)
{
    struct http_request *r = request("POST", EXCHANGE_PATH, f->who);
    add(r, "Dinh-Head", f->word[0]);
    add(r, "Dinh-Signature", f->word[1]);
    if (!base64url_decode(r->arena, arena_text(r->arena, f->word[2]), &r->peer_cert))
        BUG("the simulator's certificate");
    take_body(r, f->word[3]);
    exchange_take(self->node, r, reply);
}

static enum sim_control control;

/* A receiver that knows what it took only until it ends. */
static enum err forget_ids(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "DELETE FROM exchange_message WHERE direction = 'in'");
}

static enum err begin(struct node *n, const struct sim_frame *f)
{
    control = (enum sim_control)f->b;
    sim_seed_all((uint64_t)f->a);
    cut_forget();
    db_by_hand();
    client_goes_by(send_out);
    enum err e = node_begin(self, n);
    if (!e)
        e = node_web(self, n, -1, reply);
    if (!e && control == CONTROL_FORGETS)
        e = db_write(self, n->db, forget_ids, NULL);
    return e ? e : web_add(self, n->web, "sim", door, ARRAY_LEN(door));
}

static enum err run_jobs(void)
{
    struct arena *a = arena_new(0);
    struct ctx c;
    ctx_of_system(&c, a, self->node, "core");
    enum err e = jobs_run_due(&c);
    arena_end(a);
    return e;
}

static bool step(const struct node *n, bool writer_first)
{
    return writer_first ? db_step(n->db) || web_step(n->web) : web_step(n->web) || db_step(n->db);
}

static struct sim_frame obey(struct node *n, const struct sim_frame *f)
{
    struct sim_frame done = {.kind = SIM_DONE};
    switch ((enum sim_kind)f->kind) {
    case SIM_BEGIN: done.a = begin(n, f); break;
    case SIM_CALL: take_call(f); break;
    case SIM_MESSAGE: take_message(f); break;
    case SIM_STEP: done.a = step(n, f->a); break;
    case SIM_JOBS: done.a = run_jobs(); break;
    case SIM_PEOPLE: done.a = db_write(self, n->db, add_people, NULL); break;
    case SIM_CUT:
        done.b = cut_passed();
        cut_arm(f->a < 0 ? 0 : f->a, (uint64_t)f->b,
                control == CONTROL_LIES ? CUT_LIES : CUT_HONEST);
        if (f->a < 0)
            cut_now();
        break;
    case SIM_ARM: done.a = sys_fault_arm(*f->word[0] ? f->word[0] : NULL) ? OK : ERR_CONFIG; break;
    case SIM_TELL:
        done.a = sim_tell(self, f->word[0], &done.word[0]);
        done.n = !done.a;
        break;
    case SIM_CLOSE:
        web_end(n->web);
        node_close(n);
        break;
    case SIM_RESULT:
    case SIM_ANSWER:
    case SIM_SEND:
    case SIM_DONE: BUG("no order");
    }
    if (done.a && self->n_faults && !done.n) {
        done.word[0] = arena_printf(self->arena, "%s %s %s", err_row(self->faults[0].err)->name,
                                    self->faults[0].field,
                                    self->faults[0].args[0] ? self->faults[0].args[0] : "");
        done.n = 1;
    }
    return done;
}

void sim_node(struct ctx *c, struct node *n, int fd)
{
    struct sim_frame f;
    wire = fd;
    self = c;
    c->node = n;
    for (struct arena *a = arena_new(0); sim_get(fd, a, &f); arena_reset(a)) {
        listen_to(&f);
        ctx_clear_faults(c);
        struct sim_frame done = obey(n, &f);
        if (f.kind != SIM_CLOSE && (sys_sync_failed() || (n->db && db_broken(n->db))))
            _exit(SIM_BROKE);
        out(done);
    }
    _exit(0);
}
