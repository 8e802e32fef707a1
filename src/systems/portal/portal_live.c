/* SPDX-License-Identifier: Apache-2.0 */
/* Server-sent events for the pages of dossiers. What is sent is only "it moved": the page fetches
   itself again, by its own right. An act marks its dossier inside its transaction; the job tells
   twice, a second apart, so that the one who comes before the commit comes again. */
#include <pthread.h>
#include <string.h>

#include "base/text.h"
#include "core/jobs.h"
#include "core/secrets.h"
#include "crypto/keys.h"
#include "net/http.h"
#include "systems/portal/portal_views.h"

#define MAX_WATCHERS 2000
#define MAX_MARKS    2000
#define CODE_BYTES   64
#define QUEUE_BYTES  4096
#define TIMES        2

struct watcher {
    struct http_stream *stream; /* NULL: free */
    char code[CODE_BYTES];
};
struct mark {
    int left; /* times still to tell; 0: free */
    char code[CODE_BYTES];
};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct watcher watchers[MAX_WATCHERS];
static struct mark marks[MAX_MARKS];

static const char *token_of(struct ctx *c, const char *code)
{
    return secret_token(c, SECRET_PORTAL_LIVE,
                        arena_printf(c->arena, "%s/%s", code, c->actor->person));
}

const char *portal_live_path(struct ctx *c, const char *code)
{
    struct buf b = buf_new(c->arena, 1024);
    buf_printf(&b, "/ho-so/%s/su-kien?the=", code);
    buf_url(&b, token_of(c, code));
    return b.ptr;
}

bool portal_live_allowed(struct ctx *c, const char *code, const char *token)
{
    return !text_empty(c->actor->person) &&
           bytes_equal_secret(bytes_of(token_of(c, code)), bytes_of(token));
}

static bool put_code(char place[CODE_BYTES], const char *code)
{
    size_t n = strlen(code);
    if (n >= CODE_BYTES)
        return false;
    memcpy(place, code, n + 1);
    return true;
}

struct http_stream *portal_live_open(const char *code)
{
    struct http_stream *s = NULL;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < MAX_WATCHERS && !s; i++)
        if (!watchers[i].stream && put_code(watchers[i].code, code))
            s = watchers[i].stream = http_stream_new(QUEUE_BYTES);
    pthread_mutex_unlock(&lock);
    return s;
}

void portal_live_mark(const char *code)
{
    struct mark *place = NULL;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < MAX_MARKS; i++) {
        if (marks[i].left && text_eq(marks[i].code, code)) {
            place = &marks[i];
            break;
        }
        if (!marks[i].left && !place)
            place = &marks[i];
    }
    if (place && put_code(place->code, code))
        place->left = TIMES;
    pthread_mutex_unlock(&lock);
}

/* Who has left is let go. */
static void push(struct watcher *w, const char *event)
{
    if (http_stream_push(w->stream, event))
        return;
    http_stream_end(w->stream);
    w->stream = NULL;
}

enum err portal_live_tell(struct ctx *c)
{
    (void)c;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < MAX_MARKS; i++) {
        if (!marks[i].left)
            continue;
        marks[i].left--;
        for (size_t k = 0; k < MAX_WATCHERS; k++)
            if (watchers[k].stream && text_eq(watchers[k].code, marks[i].code))
                push(&watchers[k], "event: changed\ndata: 1\n\n");
    }
    pthread_mutex_unlock(&lock);
    return OK;
}

void portal_live_stop(void)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < MAX_WATCHERS; i++) {
        if (watchers[i].stream)
            http_stream_end(watchers[i].stream);
        watchers[i].stream = NULL;
    }
    memset(marks, 0, sizeof marks);
    pthread_mutex_unlock(&lock);
}

enum err portal_events(struct ctx *c, struct req *r)
{
    const char *code = req_param(r, "code");
    if (!portal_live_allowed(c, code, req_query(r, "the")))
        return fail(c, ERR_NOT_FOUND, "code", code);
    struct http_stream *s = portal_live_open(code);
    return s ? answer_stream(c, r, s) : fail(c, ERR_BUSY, "");
}
