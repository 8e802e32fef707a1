/* SPDX-License-Identifier: Apache-2.0 */
#include "base/child.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/child_inside.h"
#include "base/log.h"
#include "base/sys.h"

#define BATCH_MAX       32
#define BATCH_MAX_BYTES 49152 /* fits the socket's buffer: neither side waits for the other */
#define SECOND          1000000

enum ask_state { WAITING, ANSWERED, LOST };
struct ask { /* lies with who asks, who waits until it is no longer WAITING */
    struct bytes in, out;
    struct arena *arena;
    enum ask_state state;
    int tries;
    struct ask *next;
};

struct child {
    const struct child_wish *wish;
    unsigned slot;
    struct bytes hello; /* its own copy */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct ask *first, *last;
    bool led; /* one of those who wait speaks for all */
    int64_t asked, messages, lost;
    _Atomic int64_t starts;
    /* the leader's */
    int fd; /* -1: none runs */
    struct child_inbox in;
    bool said;         /* that it can't be started now */
    int64_t rested_us; /* starts are paid from a bucket that fills by one a second */
};

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct child *list[CHILDREN_MAX];
static struct child_stats ended[CHILDREN_MAX]; /* by name, of those that are no more */

/* ---- one message and its answers ---- */

static bool send_all(int fd, struct iovec *parts, size_t n)
{
    struct msghdr m = {.msg_iov = parts, .msg_iovlen = n};
    while (m.msg_iovlen) {
        ssize_t sent = sendmsg(fd, &m, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        for (size_t left = (size_t)sent; m.msg_iovlen; m.msg_iov++, m.msg_iovlen--) {
            if (left < m.msg_iov->iov_len) {
                m.msg_iov->iov_base = (uint8_t *)m.msg_iov->iov_base + left;
                m.msg_iov->iov_len -= left;
                break;
            }
            left -= m.msg_iov->iov_len;
        }
    }
    return true;
}

static bool send_asks(int fd, struct ask *const *asks, size_t n)
{
    uint8_t heads[BATCH_MAX][CHILD_HEAD_BYTES];
    struct iovec parts[2 * BATCH_MAX];
    for (size_t i = 0; i < n; i++) {
        child_head(heads[i], asks[i]->in.len);
        parts[2 * i] = (struct iovec){heads[i], CHILD_HEAD_BYTES};
        parts[2 * i + 1] = (struct iovec){(void *)(uintptr_t)asks[i]->in.ptr, asks[i]->in.len};
    }
    return send_all(fd, parts, 2 * n);
}

/* An answer is due within the deadline of its request, however slowly its bytes drip. */
static bool receive(struct child *ch, struct arena *a, int64_t within_us, struct bytes *ret)
{
    size_t max = ch->wish->max_answer_bytes + 1;
    int64_t until = 0;
    int got;
    while ((got = child_next(&ch->in, max, ret)) == 0) {
        if (until && sys_mono_us() > until)
            return false;
        if (!until)
            until = sys_mono_us() + within_us;
        if (!child_read(ch->fd, &ch->in, max))
            return false;
    }
    if (got > 0)
        *ret = arena_bytes(a, ret->ptr, ret->len);
    return got > 0;
}

/* ---- start ---- */

static bool may_start(struct child *ch)
{
    int64_t now = sys_mono_us(), full = now - CHILD_BURST * SECOND;
    if (ch->rested_us < full)
        ch->rested_us = full;
    if (ch->rested_us + SECOND > now)
        return false;
    ch->rested_us += SECOND;
    return true;
}

static void set_deadline(int fd, int64_t us)
{
    struct timeval t = {.tv_sec = us / SECOND, .tv_usec = us % SECOND};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
}

static void drop(struct child *ch)
{
    if (ch->fd < 0)
        return;
    close(ch->fd);
    ch->fd = -1;
    ch->in.from = ch->in.len = 0;
    child_order_stop(ch->slot);
}

/* The child's answer to hello, still as it came. */
static bool start(struct child *ch, struct arena *a, struct bytes *ret)
{
    const struct child_wish *w = ch->wish;
    struct ask hello = {.in = ch->hello};
    int pair[2];
    if (!may_start(ch) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    ch->fd = pair[0];
    bool ordered = child_order_start(w, ch->slot, pair[1]);
    close(pair[1]);
    set_deadline(ch->fd, w->begin_us);
    ch->in.from = ch->in.len = 0;
    bool good = ordered && send_asks(ch->fd, (struct ask *[]){&hello}, 1) &&
                receive(ch, a, w->begin_us, ret);
    if (!good)
        drop(ch);
    if (good)
        set_deadline(ch->fd, w->deadline_us);
    ch->starts += good;
    return good;
}

static bool start_again(struct child *ch)
{
    struct ctx c = {.arena = arena_new(ch->wish->max_answer_bytes + 65536)};
    struct bytes frame, said;
    bool good = start(ch, c.arena, &frame);
    if (good && child_answer_read(&c, frame, &said)) {
        drop(ch);
        good = false;
    }
    if (good)
        log_warn("child", "%s was started anew", ch->wish->name);
    else if (!ch->said)
        log_error("child", "%s could not be started: %s", ch->wish->name,
                  c.n_faults ? err_row(c.faults[0].err)->name : "too often, or no answer");
    ch->said = !good;
    arena_end(c.arena);
    return good;
}

/* ---- one leads, the others wait ---- */

static void push(struct child *ch, struct ask *q)
{
    q->state = WAITING;
    q->next = NULL;
    if (ch->last)
        ch->last->next = q;
    else
        ch->first = q;
    ch->last = q;
}

static size_t take_batch(struct child *ch, struct ask **batch)
{
    size_t n = 0, bytes = 0, most = (size_t)(ch->wish->batch > 0 ? ch->wish->batch : 1);
    most = most > BATCH_MAX ? BATCH_MAX : most;
    while (ch->first && n < most) {
        bytes += ch->first->in.len + CHILD_HEAD_BYTES;
        if (n && bytes > BATCH_MAX_BYTES)
            break;
        batch[n++] = ch->first;
        ch->first = ch->first->next;
    }
    if (!ch->first)
        ch->last = NULL;
    return n;
}

/* How many of the batch were answered; fewer: the child is lost. */
static size_t exchange(struct child *ch, struct ask *const *batch, size_t n)
{
    size_t done = 0;
    if (ch->fd < 0 && !start_again(ch))
        return 0;
    if (FAULT_POINT("child.ask"))
        shutdown(ch->fd, SHUT_RDWR);
    if (send_asks(ch->fd, batch, n) && !FAULT_POINT("child.answer"))
        while (done < n &&
               receive(ch, batch[done]->arena, ch->wish->deadline_us, &batch[done]->out))
            done++;
    child_inbox_rest(&ch->in);
    if (done < n) {
        log_warn("child", "%s was lost with %zu requests on the way", ch->wish->name, n - done);
        drop(ch);
    }
    return done;
}

/* Locked, and locked again when it returns. */
static void lead(struct child *ch)
{
    struct ask *batch[BATCH_MAX];
    size_t n = take_batch(ch, batch);
    ch->led = true;
    pthread_mutex_unlock(&ch->lock);
    size_t done = exchange(ch, batch, n);
    pthread_mutex_lock(&ch->lock);
    ch->led = false;
    ch->messages++;
    ch->asked += (int64_t)done;
    ch->lost += done < n;
    for (size_t i = 0; i < n; i++) {
        bool again = i >= done && ++batch[i]->tries <= ch->wish->again;
        if (again)
            push(ch, batch[i]);
        else
            batch[i]->state = i < done ? ANSWERED : LOST;
    }
    pthread_cond_broadcast(&ch->changed);
}

static void ask_and_wait(struct child *ch, struct ask *asks, size_t n)
{
    pthread_mutex_lock(&ch->lock);
    for (size_t i = 0; i < n; i++)
        push(ch, &asks[i]);
    for (size_t i = 0; i < n; i++) {
        while (asks[i].state == WAITING) {
            if (ch->led)
                pthread_cond_wait(&ch->changed, &ch->lock);
            else
                lead(ch);
        }
    }
    pthread_mutex_unlock(&ch->lock);
}

enum err child_ask_all(struct ctx *c, struct child *ch, const struct bytes *in, size_t n,
                       struct bytes *ret_answers)
{
    struct ask *asks = ARENA_ARRAY(c->arena, n ? n : 1, struct ask);
    for (size_t i = 0; i < n; i++) {
        if (in[i].len > ch->wish->max_request_bytes)
            return fail(c, ERR_TOO_LONG, ch->wish->name);
        asks[i] = (struct ask){.in = in[i], .arena = c->arena};
    }
    ask_and_wait(ch, asks, n);
    for (size_t i = 0; i < n; i++) {
        enum err e = asks[i].state == ANSWERED ? child_answer_read(c, asks[i].out, &ret_answers[i])
                                               : fail(c, ERR_CHILD, ch->wish->name);
        if (e)
            return e;
    }
    return OK;
}

enum err child_ask(struct ctx *c, struct child *ch, struct bytes in, struct bytes *ret_answer)
{
    return child_ask_all(c, ch, &in, 1, ret_answer);
}

/* ---- begin and end ---- */

static bool place(struct child *ch)
{
    bool found = false;
    pthread_mutex_lock(&list_lock);
    for (unsigned i = 0; i < CHILDREN_MAX && !found; i++) {
        if (list[i])
            continue;
        list[i] = ch;
        ch->slot = i;
        found = true;
    }
    pthread_mutex_unlock(&list_lock);
    return found;
}

static struct child *child_new(const struct child_wish *w, struct bytes hello)
{
    struct child *ch = sys_malloc(sizeof *ch);
    uint8_t *copy = sys_malloc(hello.len ? hello.len : 1);
    if (!ch || !copy)
        BUG("out of memory");
    if (hello.len)
        memcpy(copy, hello.ptr, hello.len);
    *ch = (struct child){.wish = w, .hello = {copy, hello.len}, .fd = -1};
    pthread_mutex_init(&ch->lock, NULL);
    pthread_cond_init(&ch->changed, NULL);
    return ch;
}

enum err child_start(struct ctx *c, const struct child_wish *w, struct bytes hello,
                     struct child **ret_child, struct bytes *ret_answer)
{
    struct bytes frame;
    if (!children_can())
        return fail(c, ERR_CHILD, w->name);
    struct child *ch = child_new(w, hello);
    enum err e = place(ch) ? OK : fail(c, ERR_TOO_MANY, w->name);
    if (!e && !start(ch, c->arena, &frame))
        e = fail(c, ERR_CHILD, w->name);
    if (!e)
        e = child_answer_read(c, frame, ret_answer);
    if (e) {
        child_end(ch);
        return e;
    }
    *ret_child = ch;
    return OK;
}

/* Into the row of its name, a new one when there is none and room for it. */
static void add_stats(struct child_stats *rows, size_t max, const struct child *ch)
{
    size_t i = 0;
    while (i < max && rows[i].name && strcmp(rows[i].name, ch->wish->name) != 0)
        i++;
    if (i == max)
        return;
    rows[i].name = ch->wish->name;
    rows[i].asked += ch->asked;
    rows[i].messages += ch->messages;
    rows[i].starts += ch->starts;
    rows[i].lost += ch->lost;
}

void child_end(struct child *ch)
{
    if (!ch)
        return;
    pthread_mutex_lock(&list_lock);
    if (list[ch->slot] == ch) {
        list[ch->slot] = NULL;
        add_stats(ended, ARRAY_LEN(ended), ch);
    }
    pthread_mutex_unlock(&list_lock);
    drop(ch);
    child_inbox_end(&ch->in);
    pthread_cond_destroy(&ch->changed);
    pthread_mutex_destroy(&ch->lock);
    sys_free((void *)(uintptr_t)ch->hello.ptr);
    sys_free(ch);
}

size_t child_stats(struct child_stats *ret, size_t max)
{
    size_t n = 0;
    memset(ret, 0, max * sizeof *ret);
    pthread_mutex_lock(&list_lock);
    memcpy(ret, ended, (max < CHILDREN_MAX ? max : CHILDREN_MAX) * sizeof *ret);
    for (size_t i = 0; i < CHILDREN_MAX; i++) {
        if (!list[i])
            continue;
        pthread_mutex_lock(&list[i]->lock);
        add_stats(ret, max, list[i]);
        pthread_mutex_unlock(&list[i]->lock);
    }
    pthread_mutex_unlock(&list_lock);
    while (n < max && ret[n].name)
        n++;
    return n;
}
