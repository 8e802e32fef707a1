/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/socket.h>

#include "base/sys.h"
#include "net/engine.h"

enum { ROOM_AT_FIRST = 1024, BREATH_US = 15 * 1000 * 1000 };

struct http_stream {
    pthread_mutex_t lock;
    _Atomic int refs; /* the maker and, once answered with, the engine */
    struct MHD_Connection *link;
    char *queue;
    size_t from, len, cap, max; /* waiting: queue[from .. from+len) */
    int64_t spoke_us;           /* the last push, or its begin */
    bool suspended;
    bool ended; /* what waits is still sent */
    bool gone;  /* nothing is: the client left, or fell too far behind */
};

struct http_stream *http_stream_new(size_t max_queued_bytes)
{
    struct http_stream *st = sys_malloc(sizeof *st);
    if (!st)
        BUG("out of memory");
    *st = (struct http_stream){.refs = 1, .max = max_queued_bytes};
    pthread_mutex_init(&st->lock, NULL);
    return st;
}

static void stream_release(void *stream)
{
    struct http_stream *st = stream;
    if (atomic_fetch_sub(&st->refs, 1) != 1)
        return;
    pthread_mutex_destroy(&st->lock);
    sys_free(st->queue);
    sys_free(st);
}

/* Lock held. */
static void wake(struct http_stream *st)
{
    if (!st->suspended)
        return;
    st->suspended = false;
    MHD_resume_connection(st->link);
}

/* Told of an error right after a resume, the engine forgets the connection until its idle time is
   over (it is in none of its sets then); a write that fails it notices at once. */
static ssize_t hang_up(const struct http_stream *st, char *out)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(st->link, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (!i)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    shutdown(i->connect_fd, SHUT_RDWR);
    *out = '\n';
    return 1;
}

static ssize_t read_queue(void *stream, uint64_t at, char *out, size_t max)
{
    struct http_stream *st = stream;
    (void)at;
    pthread_mutex_lock(&st->lock);
    size_t n = st->len < max ? st->len : max;
    ssize_t given = (ssize_t)n;
    if (st->gone)
        given = hang_up(st, out);
    else if (n) {
        memcpy(out, st->queue + st->from, n);
        st->from += n;
        st->len -= n;
        if (!st->len)
            st->from = 0;
    } else if (st->ended)
        given = MHD_CONTENT_READER_END_OF_STREAM;
    else {
        st->suspended = true;
        MHD_suspend_connection(st->link);
    }
    pthread_mutex_unlock(&st->lock);
    return given;
}

/* The engine is through with the response: the client got all, or is gone. */
static void engine_done(void *stream)
{
    struct http_stream *st = stream;
    pthread_mutex_lock(&st->lock);
    st->gone = true;
    st->suspended = false;
    pthread_mutex_unlock(&st->lock);
    stream_release(st);
}

struct MHD_Response *stream_response(struct http_stream *st, struct MHD_Connection *link)
{
    enum { BLOCK_BYTES = 4096 };
    st->link = link;
    st->spoke_us = sys_mono_us();
    atomic_fetch_add(&st->refs, 1);
    struct MHD_Response *response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES,
                                                                      read_queue, st, engine_done);
    if (!response)
        engine_done(st);
    return response;
}

/* Lock held. Makes room for more bytes; false past the cap. */
static bool make_room(struct http_stream *st, size_t more)
{
    if (more > st->max || st->len > st->max - more)
        return false;
    if (st->from + st->len + more <= st->cap)
        return true;
    if (st->from)
        memmove(st->queue, st->queue + st->from, st->len);
    st->from = 0;
    if (st->len + more <= st->cap)
        return true;
    size_t cap = st->cap ? st->cap : ROOM_AT_FIRST;
    while (cap < st->len + more)
        cap *= 2;
    char *bigger = sys_realloc(st->queue, cap);
    if (!bigger)
        return false;
    st->queue = bigger;
    st->cap = cap;
    return true;
}

bool http_stream_push(struct http_stream *st, const char *event_text)
{
    size_t n = strlen(event_text);
    pthread_mutex_lock(&st->lock);
    bool ok = !st->gone && !st->ended;
    if (ok && !make_room(st, n)) {
        st->gone = true;
        ok = false;
    }
    if (ok) {
        memcpy(st->queue + st->from + st->len, event_text, n);
        st->len += n;
        st->spoke_us = sys_mono_us();
    }
    wake(st);
    pthread_mutex_unlock(&st->lock);
    return ok;
}

bool stream_lives(struct http_stream *st, int64_t now)
{
    pthread_mutex_lock(&st->lock);
    bool lives = !st->gone;
    bool silent = !st->ended && !st->len && now - st->spoke_us >= BREATH_US;
    pthread_mutex_unlock(&st->lock);
    return lives && (!silent || http_stream_push(st, ":\n\n"));
}

void http_stream_end(struct http_stream *st)
{
    pthread_mutex_lock(&st->lock);
    st->ended = true;
    wake(st);
    pthread_mutex_unlock(&st->lock);
    stream_release(st);
}

void stream_cut(struct http_stream *st)
{
    pthread_mutex_lock(&st->lock);
    st->ended = true;
    wake(st);
    pthread_mutex_unlock(&st->lock);
}
