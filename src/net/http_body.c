/* SPDX-License-Identifier: Apache-2.0 */
/* A body: in the arena up to o.max_memory_body_bytes, beyond that in a file of its own. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "base/sys.h"
#include "net/engine.h"

static size_t memory_limit(const struct turn *t)
{
    return t->server->o.max_memory_body_bytes;
}

static enum err io_error(int error)
{
    return error == ENOSPC || error == EDQUOT ? ERR_DISK_FULL
           : error == EROFS                   ? ERR_READ_ONLY
                                              : ERR_IO;
}

static enum err spool_write(struct turn *t, const uint8_t *data, size_t len)
{
    while (len) {
        int error = sys_fault(SYS_WRITE);
        if (error)
            return io_error(error);
        ssize_t n = write(t->spool_fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return io_error(errno);
        data += n;
        len -= (size_t)n;
    }
    return OK;
}

static enum err spool_open(struct turn *t)
{
    uint8_t noise[12];
    char name[2 * sizeof noise + 1];
    sys_random(noise, sizeof noise);
    for (size_t i = 0; i < sizeof noise; i++)
        snprintf(name + 2 * i, 3, "%02x", noise[i]);
    const char *dir = t->server->o.spool_dir;
    const char *path = arena_printf(t->r.arena, "%s/body-%s", dir ? dir : "/nonexistent", name);
    int error = sys_fault(SYS_OPEN);
    if (error)
        return io_error(error);
    t->spool_fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (t->spool_fd < 0)
        return io_error(errno);
    t->r.body_file = path;
    return spool_write(t, t->memory, t->r.body_bytes);
}

/* Room for len more in memory, doubling; the arena keeps the outgrown pieces until the end. */
static void grow(struct turn *t, size_t len)
{
    size_t need = t->r.body_bytes + len;
    if (need <= t->memory_cap)
        return;
    size_t cap = t->memory_cap ? t->memory_cap * 2 : 4096;
    while (cap < need)
        cap *= 2;
    if (cap > memory_limit(t))
        cap = memory_limit(t);
    uint8_t *bigger = arena_alloc(t->r.arena, cap);
    if (t->r.body_bytes)
        memcpy(bigger, t->memory, t->r.body_bytes);
    t->memory = bigger;
    t->memory_cap = cap;
}

enum err body_begin(struct turn *t)
{
    const struct http_options *o = &t->server->o;
    t->limit = o->body_limit ? o->body_limit(o->arg, &t->r) : o->max_body_bytes;
    if (t->limit > o->max_body_bytes)
        t->limit = o->max_body_bytes;
    uint64_t len = t->meaning.content_length;
    if (len > t->limit)
        return ERR_BODY_TOO_LARGE;
    if (len > memory_limit(t))
        return spool_open(t);
    if (len) {
        t->memory = arena_alloc(t->r.arena, (size_t)len);
        t->memory_cap = (size_t)len;
    }
    return OK;
}

enum err body_add(struct turn *t, const void *data, size_t len)
{
    if (len > t->limit - t->r.body_bytes)
        return ERR_BODY_TOO_LARGE;
    if (t->spool_fd < 0 && len > memory_limit(t) - t->r.body_bytes) {
        enum err e = spool_open(t);
        if (e)
            return e;
    }
    if (t->spool_fd >= 0) {
        enum err e = spool_write(t, data, len);
        if (e)
            return e;
    } else {
        grow(t, len);
        memcpy(t->memory + t->r.body_bytes, data, len);
    }
    t->r.body_bytes += len;
    atomic_store_explicit(&t->conn->moved, (int64_t)t->r.body_bytes, memory_order_relaxed);
    return OK;
}

enum err body_finish(struct turn *t)
{
    atomic_fetch_add_explicit(&t->server->bytes_in, (int64_t)t->r.body_bytes, memory_order_relaxed);
    if (t->spool_fd < 0) {
        t->r.body = (struct bytes){t->memory, t->r.body_bytes};
        return OK;
    }
    int fd = t->spool_fd;
    t->spool_fd = -1;
    return close(fd) == 0 ? OK : io_error(errno);
}

void body_end(struct turn *t)
{
    if (t->spool_fd >= 0)
        close(t->spool_fd);
    t->spool_fd = -1;
    if (t->r.body_file)
        unlink(t->r.body_file);
    t->r.body_file = NULL;
}
