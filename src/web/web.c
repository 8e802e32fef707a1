/* SPDX-License-Identifier: Apache-2.0 */
/* The running web: made and ended here. What happens to a request: web_dispatch.c. */
#include "web/web.h"

#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"
#include "web/web_call.h"
#include "web/web_dispatch.h"

#define WORKERS       4
#define HEAVY_MAX     8
#define QUEUE         512
#define HEAVY_QUEUE   64  /* at 50 ms a password's hash: some seconds */
#define WRITING       512 /* two batches of the writer */
#define WRITE_WAITING 4096

/* Cookies know no port: two nodes on one host would overwrite each other's. */
static const char *cookie_name(struct web *w)
{
    const char *host = strstr(w->o.base_url, "://");
    const char *port = host ? strrchr(host + 3, ':') : NULL;
    if (w->o.secure_cookies)
        return "__Host-dinh";
    return arena_printf(w->arena, "dinh%s", port ? port + 1 : "");
}

static const char *policy(struct web *w)
{
    struct buf b = buf_new(w->arena, 8192);
    buf_text(&b, "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
                 "frame-ancestors 'none'; form-action 'self'");
    for (const char *const *o = w->o.form_origins; o && *o; o++) {
        if (!strpbrk(*o, " ;,\r\n"))
            buf_printf(&b, " %s", *o);
    }
    return b.ptr;
}

enum err web_new(struct ctx *c, const struct web_options *o, struct web **ret_web)
{
    struct arena *a = arena_new(0);
    struct web *w = ARENA_NEW(a, struct web);
    w->o = *o;
    w->arena = a;
    if (!w->o.reply)
        w->o.reply = http_reply;
    w->other.row = NULL;
    w->other.module = "web";
    w->cookie = cookie_name(w);
    w->csp = policy(w);
    w->rate = rate_new();
    pthread_mutex_init(&w->lock, NULL);
    w->started_us = sys_now_us();
    enum err e = web_add(c, w, "web", web_rows, web_n_rows);
    if (e) {
        rate_end(w->rate);
        arena_end(a);
        return e;
    }
    int queue = o->queue > 0 ? o->queue : QUEUE;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int workers = o->workers ? o->workers : WORKERS, heavy = cores > 3 ? (int)cores / 2 : 1;
    heavy = heavy < HEAVY_MAX ? heavy : HEAVY_MAX;
    w->pool = pool_new(workers > 0 ? workers : 0, queue, call_run);
    w->heavy =
        pool_new(workers > 0 ? heavy : 0, queue < HEAVY_QUEUE ? queue : HEAVY_QUEUE, call_run);
    w->gate = gate_new(WRITING, WRITE_WAITING);
    *ret_web = w;
    return OK;
}

bool web_step(struct web *w)
{
    return pool_step(w->pool) || pool_step(w->heavy);
}

void web_end(struct web *w)
{
    if (!w)
        return;
    pool_end(w->heavy);
    pool_end(w->pool);
    gate_end(w->gate);
    rate_end(w->rate);
    pthread_mutex_destroy(&w->lock);
    arena_end(w->arena);
}

void web_menu(struct web *w, const char *path, const char *permission, enum text title,
              enum menu_place place, menu_waits waits)
{
    struct menu_row **at = &w->menu, *row = ARENA_NEW(w->arena, struct menu_row);
    bool home = text_eq(path, "/"); /* leads, whichever module brings it */
    while (*at && !home && (text_eq((*at)->path, "/") || (*at)->place <= place))
        at = &(*at)->next;
    *row = (struct menu_row){path, permission, title, place, waits, *at};
    *at = row;
}
