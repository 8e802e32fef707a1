/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/sys.h"
#include "net/engine.h"

enum {
    MAX_SPARE = 64,
    ARENA_BESIDE_BODY_BYTES = 64 << 20,
    MAX_PARAMETERS = 100,
    HOPELESS_TARGET_BYTES = 12 * 1024
};

static struct turn *turn_new(struct http_server *s)
{
    struct turn *t = sys_malloc(sizeof *t);
    if (!t)
        return NULL;
    memset(t, 0, sizeof *t);
    t->server = s;
    t->spool.fd = -1;
    t->r.arena = arena_new(ARENA_BESIDE_BODY_BYTES + 2 * s->o.max_body_bytes);
    return t;
}

void turn_free(struct turn *t)
{
    spool_end(&t->spool);
    arena_end(t->r.arena);
    sys_free(t);
}

/* ---- turns used before: a thread of the engine's keeps its own, so that none waits for another */

static pthread_key_t spare_key;
static pthread_once_t spare_once = PTHREAD_ONCE_INIT;
static _Thread_local struct turn *spare;
static _Thread_local size_t n_spare;

static void spare_end(void *unused)
{
    (void)unused;
    while (spare) {
        struct turn *t = spare;
        spare = t->next_spare;
        turn_free(t);
    }
    n_spare = 0;
}

static void spare_key_new(void)
{
    if (pthread_key_create(&spare_key, spare_end) != 0)
        BUG("no key for turns");
}

/* At the end of the thread spare_end runs. */
static bool spare_begin(void)
{
    pthread_once(&spare_once, spare_key_new);
    return n_spare || pthread_setspecific(spare_key, &spare) == 0;
}

/* A turn for the connection, used before or new; NULL when memory is refused. */
static struct turn *turn_take(struct http_server *s, struct conn *x)
{
    struct turn *t = spare;
    if (t) {
        ASSERT(t->server == s);
        spare = t->next_spare;
        n_spare--;
    } else
        t = turn_new(s);
    pthread_mutex_lock(&x->lock);
    x->turn = t;
    pthread_mutex_unlock(&x->lock);
    return t;
}

static void turn_give_back(struct turn *t)
{
    /* while the server stops, this may be the stopping thread */
    if (n_spare == MAX_SPARE || atomic_load(&t->server->stopping) || !spare_begin()) {
        turn_free(t);
        return;
    }
    arena_reset(t->r.arena);
    t->next_spare = spare;
    spare = t;
    n_spare++;
}

static void turn_reset(struct turn *t, struct conn *x, struct MHD_Connection *link)
{
    struct http_request *r = &t->r;
    r->method = r->path = r->query = "";
    memcpy(t->peer, x->peer, sizeof t->peer);
    r->peer = t->peer;
    r->peer_cert = (struct bytes){0};
    r->n_headers = 0;
    r->body = (struct bytes){0};
    r->body_spooled = false;
    r->body_bytes = 0;
    r->handle = t;
    t->conn = x;
    t->link = link;
    t->step = STEP_HEAD;
    t->meaning = (struct head_meaning){0};
    t->limit = t->memory_cap = t->memory_len = 0;
    t->memory = NULL;
    t->response = NULL;
    t->out_bytes = 0;
    t->held = t->counted = 0;
    t->copied = false;
    t->stream = NULL;
    atomic_store_explicit(&t->state, TURN_HANDED, memory_order_relaxed);
}

/* The engine notes each parameter of a query in the connection's memory, and hangs when half of
   that is full: with too many, or a target that leaves them no room, we hang up ourselves. */
static void refuse_long_target(struct turn *t)
{
    const char *mark = strchr(t->target, '?');
    for (t->n_parameters = 0; mark; mark = strchr(mark + 1, '&'))
        t->n_parameters++;
    if (t->n_parameters <= MAX_PARAMETERS && t->target_len <= HOPELESS_TARGET_BYTES)
        return;
    atomic_fetch_add_explicit(&t->server->refused, 1, memory_order_relaxed);
    turn_cut(t, ERR_URI_TOO_LONG);
    shutdown(t->conn->fd, SHUT_RDWR);
}

/* The request line is in; the head is not yet. */
void *turn_begin(void *server, const char *target, struct MHD_Connection *link)
{
    struct http_server *s = server;
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(link, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct conn *x = i ? i->socket_context : NULL;
    struct turn *t = x ? turn_take(s, x) : NULL;
    if (!t)
        return NULL;
    turn_reset(t, x, link);
    t->target_at = target;
    t->target_len = strlen(target);
    t->target = arena_text_n(t->r.arena, target, t->target_len);
    if (atomic_load_explicit(&x->phase, memory_order_relaxed) == PHASE_IDLE)
        conn_phase(t, PHASE_HEAD);
    atomic_fetch_add(&s->open_turns, 1);
    atomic_fetch_add_explicit(&s->requests, 1, memory_order_relaxed);
    refuse_long_target(t);
    return t;
}

/* ---- from the whole request to the handler ---- */

static enum MHD_Result hand_over(struct turn *t)
{
    struct http_server *s = t->server;
    struct MHD_Connection *link = t->link;
    if (atomic_load(&s->stopping))
        return turn_refuse(t, ERR_HTTP_STOPPING);
    if (atomic_load_explicit(&s->held, memory_order_relaxed) > s->o.max_answer_bytes) {
        atomic_fetch_add(&s->no_room, 1);
        return turn_refuse(t, ERR_HTTP_CROWDED);
    }
    conn_phase(t, PHASE_HANDLER);
    t->step = STEP_HANDED;
    s->o.handle(s->o.arg, &t->r);
    if (atomic_load_explicit(&t->state, memory_order_acquire) == TURN_ANSWERED)
        return turn_send(t);
    MHD_suspend_connection(link);
    int handed = TURN_HANDED;
    if (!atomic_compare_exchange_strong(&t->state, &handed, TURN_SUSPENDED))
        MHD_resume_connection(link); /* answered between the two lines above */
    return MHD_YES;
}

static enum MHD_Result take_head(struct turn *t, const char *method, const char *version)
{
    enum err e = conn_check_cert(t->server, t->conn, t->link);
    if (!e)
        e = turn_read_head(t, method, version);
    if (e) {
        atomic_fetch_add_explicit(&t->server->refused, 1, memory_order_relaxed);
        log_line(LOG_DEBUG_, "net", "-", "refused=%s", t->meaning.why ? t->meaning.why : "cert");
        /* a head that large may have left the engine no memory for an answer's */
        return e == ERR_HEADERS_TOO_LARGE ? turn_cut(t, e) : turn_refuse(t, e);
    }
    if (t->conn->cert.len) /* a copy: the handler may outlive the connection */
        t->r.peer_cert = arena_bytes(t->r.arena, t->conn->cert.ptr, t->conn->cert.len);
    t->step = STEP_BODY; /* even without one: an answer given now would end the connection */
    if (!t->meaning.chunked && !t->meaning.content_length)
        return MHD_YES;
    e = body_begin(t);
    if (e)
        return turn_refuse(t, e);
    conn_phase(t, PHASE_BODY);
    return MHD_YES;
}

static enum MHD_Result take_body(struct turn *t, const char *data, size_t *data_len)
{
    if (*data_len) {
        enum err e = body_add(t, data, *data_len);
        *data_len = 0;
        return e ? turn_cut(t, e) : MHD_YES;
    }
    enum err e = body_finish(t);
    return e ? turn_refuse(t, e) : hand_over(t);
}

enum MHD_Result turn_step(void *server, struct MHD_Connection *link, const char *url,
                          const char *method, const char *version, const char *data,
                          size_t *data_len, void **turn)
{
    struct turn *t = *turn;
    (void)server, (void)link, (void)url;
    if (!t)
        return MHD_NO;
    switch (t->step) {
    case STEP_HEAD: return take_head(t, method, version);
    case STEP_BODY: return take_body(t, data, data_len);
    case STEP_HANDED: return turn_send(t);
    case STEP_REFUSED: return MHD_NO;
    }
    BUG("turn without a step");
}

void turn_completed(void *server, struct MHD_Connection *link, void **turn,
                    enum MHD_RequestTerminationCode code)
{
    struct http_server *s = server;
    struct turn *t = *turn;
    (void)link;
    if (!t)
        return;
    *turn = NULL;
    bool ours = t->step == STEP_HANDED || t->step == STEP_REFUSED;
    if (!ours && code == MHD_REQUEST_TERMINATED_WITH_ERROR) /* the engine refused it */
        atomic_fetch_add_explicit(&s->refused, 1, memory_order_relaxed);
    pthread_mutex_lock(&t->conn->lock);
    t->conn->turn = NULL;
    pthread_mutex_unlock(&t->conn->lock);
    conn_phase(t, PHASE_IDLE);
    atomic_fetch_sub_explicit(&s->held, t->counted, memory_order_relaxed);
    body_end(t);
    bool killed = atomic_exchange(&t->state, TURN_DONE) == TURN_KILLED;
    if (!killed) {
        if (t->response)
            MHD_destroy_response(t->response);
        spool_end(&t->spool);
        turn_give_back(t);
    }
    atomic_fetch_sub(&s->open_turns, 1);
}

/* ---- the reply, from any thread; the server may be gone, so only the turn is touched ---- */

void http_reply(struct http_request *r, const struct http_answer *a)
{
    struct turn *t = r->handle;
    struct MHD_Connection *link = t->link;
    struct MHD_Response *response = response_of(t, a);
    t->response = response;
    int was = atomic_exchange(&t->state, TURN_ANSWERED);
    if (was == TURN_SUSPENDED)
        MHD_resume_connection(link);
    else if (was == TURN_DONE) {
        if (response)
            MHD_destroy_response(response);
        turn_free(t);
    } else
        ASSERT(was == TURN_HANDED || was == TURN_KILLED);
}

void turn_kill(struct turn *t)
{
    int suspended = TURN_SUSPENDED;
    if (atomic_compare_exchange_strong(&t->state, &suspended, TURN_KILLED))
        MHD_resume_connection(t->link);
}
