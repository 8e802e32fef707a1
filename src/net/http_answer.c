/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"
#include "net/engine.h"

enum { WORKED_BYTES = 16 * 1024 };

void http_answer_header(struct http_answer *a, const char *name, const char *value)
{
    ASSERT(a->n_headers < ARRAY_LEN(a->headers));
    a->headers[a->n_headers++] = (struct http_header){name, value};
}

/* ---- an answer becomes the engine's response ---- */

static struct MHD_Response *from_file(struct turn *t, const char *path)
{
    int fd = sys_fault(SYS_OPEN) ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return NULL;
    }
    t->out_bytes = (size_t)st.st_size;
    struct MHD_Response *response = MHD_create_response_from_fd64((uint64_t)st.st_size, fd);
    if (!response)
        close(fd);
    return response;
}

static struct MHD_Response *from_bytes(struct turn *t, struct bytes body)
{
    t->out_bytes = body.len;
    void *ptr = (void *)(uintptr_t)body.ptr; /* the engine reads it only */
    return MHD_create_response_from_buffer(body.len, ptr, MHD_RESPMEM_PERSISTENT);
}

/* A client may read slowly: what the handler worked with doesn't wait for it, the answer alone
   does. NULL: no memory. */
static struct MHD_Response *from_copy(struct turn *t, struct bytes body)
{
    void *copy = sys_malloc(body.len + 1);
    if (!copy)
        return NULL;
    memcpy(copy, body.ptr, body.len);
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(body.len, copy, sys_free);
    if (!response)
        sys_free(copy);
    t->out_bytes = body.len;
    t->copied = response != NULL;
    return response;
}

static struct MHD_Response *from_memory(struct turn *t, const struct http_answer *a)
{
    size_t used = arena_used(t->r.arena), own = a->body_static ? 0 : a->body.len;
    struct MHD_Response *response = NULL;
    if (own && used > own + WORKED_BYTES)
        response = from_copy(t, a->body);
    t->held = (int64_t)(t->copied ? own : used);
    return response ? response : from_bytes(t, a->body);
}

struct MHD_Response *response_of(struct turn *t, const struct http_answer *a)
{
    struct MHD_Response *response = NULL;
    t->status = (unsigned)a->status;
    t->close = a->close;
    t->stream = a->stream;
    if (a->stream)
        response = stream_response(a->stream, t->link);
    else if (a->file)
        response = from_file(t, a->file);
    else
        response = from_memory(t, a);
    if (!response && a->file) {
        t->status = 500;
        return from_bytes(t, (struct bytes){0});
    }
    for (size_t i = 0; response && i < a->n_headers; i++)
        MHD_add_response_header(response, a->headers[i].name, a->headers[i].value);
    return response;
}

static enum MHD_Result send_response(struct turn *t, struct MHD_Response *response)
{
    if (!response)
        return MHD_NO;
    if (t->copied) /* the handler is through */
        arena_reset(t->r.arena);
    t->counted = t->held;
    atomic_fetch_add_explicit(&t->server->held, t->counted, memory_order_relaxed);
    conn_phase(t, t->stream ? PHASE_STREAM : PHASE_ANSWER);
    if (t->close || atomic_load_explicit(&t->server->draining, memory_order_relaxed))
        MHD_add_response_header(response, "Connection", "close");
    atomic_fetch_add_explicit(&t->server->bytes_out, (int64_t)t->out_bytes, memory_order_relaxed);
    enum MHD_Result done = engine_queue(t->link, t->status, response);
    MHD_destroy_response(response);
    return done;
}

enum MHD_Result turn_send(struct turn *t)
{
    if (atomic_load_explicit(&t->state, memory_order_acquire) == TURN_KILLED)
        return turn_refuse(t, ERR_HTTP_STOPPING);
    struct MHD_Response *response = t->response;
    t->response = NULL;
    return send_response(t, response);
}
