/* SPDX-License-Identifier: Apache-2.0 */
/* A body: in the arena up to o.max_memory_body_bytes, beyond that piece by piece in a spool. */
#include <string.h>

#include "base/sys.h"
#include "net/engine.h"

enum { FIRST_BYTES = 4096 };
#define MAX_SPOOL_BYTES ((int64_t)1 << 30)

static size_t memory_limit(const struct turn *t)
{
    return t->server->o.max_memory_body_bytes;
}

/* ---- room on the disk: of all bodies at once, and a quarter of it for one caller ---- */

/* Whose it is: the peer's or, at our own socket, that of whom the front names. A front that names
   nobody speaks for all: "". */
static void name_payer(const struct turn *t, char ret_source[ADDRESS_SOURCE_MAX])
{
    const char *said = http_header(&t->r, "X-Real-IP");
    if (strcmp(t->conn->peer, "unix") != 0)
        said = t->conn->peer;
    address_source(said ? said : "", ret_source);
}

static enum err reserve(struct turn *t, size_t bytes)
{
    struct http_server *s = t->server;
    int64_t all = s->o.max_spool_bytes ? s->o.max_spool_bytes : MAX_SPOOL_BYTES, theirs = 0;
    int64_t wanted = (int64_t)bytes;
    char who[ADDRESS_SOURCE_MAX];
    name_payer(t, who);
    pthread_mutex_lock(&s->lock);
    for (const struct conn *x = s->conns; x && *who; x = x->next)
        theirs += x->spooled && strcmp(x->payer, who) == 0 ? x->spooled : 0;
    bool room = wanted <= all - s->spooled && wanted <= all / 4 - theirs;
    if (room) {
        memcpy(t->conn->payer, who, sizeof who);
        t->conn->spooled += wanted;
        s->spooled += wanted;
    }
    pthread_mutex_unlock(&s->lock);
    if (!room)
        atomic_fetch_add(&s->no_room, 1);
    return room ? OK : ERR_HTTP_BODIES;
}

void body_end(struct turn *t)
{
    struct http_server *s = t->server;
    if (!t->conn->spooled)
        return;
    pthread_mutex_lock(&s->lock);
    s->spooled -= t->conn->spooled;
    t->conn->spooled = 0;
    pthread_mutex_unlock(&s->lock);
}

/* ---- the body's pieces ---- */

/* Room for len more in memory, doubling; the arena keeps the outgrown pieces until the end. */
static void grow(struct turn *t, size_t len)
{
    size_t need = t->memory_len + len;
    if (need <= t->memory_cap)
        return;
    size_t cap = t->memory_cap ? t->memory_cap * 2 : FIRST_BYTES;
    while (cap < need)
        cap *= 2;
    if (cap > memory_limit(t))
        cap = memory_limit(t);
    uint8_t *bigger = arena_alloc(t->r.arena, cap);
    if (t->memory_len)
        memcpy(bigger, t->memory, t->memory_len);
    t->memory = bigger;
    t->memory_cap = cap;
}

static enum err leave_memory(struct turn *t)
{
    enum err e = reserve(t, t->limit);
    return e ? e : spool_begin(&t->spool, t->r.arena, t->server->o.spool_dir);
}

enum err body_begin(struct turn *t)
{
    const struct http_options *o = &t->server->o;
    t->limit = o->body_limit ? o->body_limit(o->arg, &t->r) : o->max_body_bytes;
    if (t->limit > o->max_body_bytes)
        t->limit = o->max_body_bytes;
    if (t->meaning.content_length > t->limit)
        return ERR_BODY_TOO_LARGE;
    if (t->meaning.chunked)
        return OK;
    t->limit = (size_t)t->meaning.content_length;
    grow(t, t->limit < memory_limit(t) ? t->limit : memory_limit(t));
    return t->limit > memory_limit(t) ? leave_memory(t) : OK;
}

/* What is in memory becomes the next piece. */
static enum err seal(struct turn *t)
{
    enum err e = t->spool.fd < 0 ? leave_memory(t) : OK;
    if (!e)
        e = spool_add(&t->spool, t->memory, t->memory_len);
    t->memory_len = 0;
    return e;
}

enum err body_add(struct turn *t, const void *data, size_t len)
{
    const uint8_t *from = data;
    if (len > t->limit - t->r.body_bytes)
        return ERR_BODY_TOO_LARGE;
    t->r.body_bytes += len;
    while (len) {
        enum err e = t->memory_len == memory_limit(t) ? seal(t) : OK;
        if (e)
            return e;
        size_t room = memory_limit(t) - t->memory_len, n = len < room ? len : room;
        grow(t, n);
        memcpy(t->memory + t->memory_len, from, n);
        t->memory_len += n;
        from += n;
        len -= n;
    }
    atomic_store_explicit(&t->conn->moved, (int64_t)t->r.body_bytes, memory_order_relaxed);
    return OK;
}

enum err body_finish(struct turn *t)
{
    atomic_fetch_add_explicit(&t->server->bytes_in, (int64_t)t->r.body_bytes, memory_order_relaxed);
    t->r.body_spooled = t->spool.fd >= 0;
    if (t->r.body_spooled)
        return t->memory_len ? seal(t) : OK;
    t->r.body = (struct bytes){t->memory, t->r.body_bytes};
    return OK;
}

enum err http_body(struct ctx *c, struct http_request *r)
{
    struct turn *t = r->handle;
    if (!r->body_spooled)
        return OK;
    uint8_t *all = arena_alloc(r->arena, r->body_bytes);
    enum err e = spool_read(&t->spool, all, r->body_bytes);
    spool_end(&t->spool);
    r->body_spooled = false;
    r->body = (struct bytes){all, e ? 0 : r->body_bytes};
    return e ? fail(c, e, "body", "") : OK;
}
