/* SPDX-License-Identifier: Apache-2.0 */
/* A few threads for what is slow, and a gate before the writer; both with bounded, fair lines. */
#include "base/sys.h"
#include "web/web_line.h"

#define MAX_THREADS 64

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct lines *lines;
    int threads;
    bool ending;
    void (*work)(struct call *k);
    pthread_t thread[MAX_THREADS];
};

static struct call *take(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    struct call *k = lines_take(p->lines);
    while (!k && !p->ending) {
        pthread_cond_wait(&p->more, &p->lock);
        k = lines_take(p->lines);
    }
    pthread_mutex_unlock(&p->lock);
    return k;
}

static void *run(void *arg)
{
    struct pool *p = arg;
    for (struct call *k = take(p); k; k = take(p))
        p->work(k);
    return NULL;
}

bool pool_step(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    struct call *k = p->threads ? NULL : lines_take(p->lines);
    pthread_mutex_unlock(&p->lock);
    if (k)
        p->work(k);
    return k != NULL;
}

struct pool *pool_new(int threads, int max_waiting, void (*work)(struct call *k))
{
    struct pool *p = sys_malloc(sizeof *p);
    ASSERT(p && threads >= 0 && threads <= MAX_THREADS);
    *p = (struct pool){.lines = lines_new(max_waiting), .work = work};
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->more, NULL);
    for (; p->threads < threads; p->threads++) {
        if (pthread_create(&p->thread[p->threads], NULL, run, p) != 0)
            BUG("no thread for prepare steps");
    }
    return p;
}

bool pool_put(struct pool *p, struct call *k)
{
    pthread_mutex_lock(&p->lock);
    bool room = !p->ending && lines_put(p->lines, k);
    if (room)
        pthread_cond_signal(&p->more);
    pthread_mutex_unlock(&p->lock);
    return room;
}

int pool_waiting(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    int n = p->lines->waiting;
    pthread_mutex_unlock(&p->lock);
    return n;
}

void pool_end(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->ending = true;
    pthread_cond_broadcast(&p->more);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->threads; i++)
        pthread_join(p->thread[i], NULL);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->more);
    lines_end(p->lines);
    sys_free(p);
}

/* ---- the gate before the writer: its own queue stays short, so that turns are taken here ---- */

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t empty;
    struct lines *lines;
    int inside, room;
};

struct gate *gate_new(int room, int max_waiting)
{
    struct gate *g = sys_malloc(sizeof *g);
    ASSERT(g && room > 0);
    *g = (struct gate){.lines = lines_new(max_waiting), .room = room};
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->empty, NULL);
    return g;
}

enum gate_says gate_enter(struct gate *g, struct call *k)
{
    pthread_mutex_lock(&g->lock);
    enum gate_says says = GATE_GO;
    if (g->inside < g->room)
        g->inside++;
    else
        says = lines_put(g->lines, k) ? GATE_WAIT : GATE_FULL;
    pthread_mutex_unlock(&g->lock);
    return says;
}

struct call *gate_leave(struct gate *g)
{
    pthread_mutex_lock(&g->lock);
    struct call *next = lines_take(g->lines);
    if (!next && --g->inside == 0)
        pthread_cond_signal(&g->empty);
    pthread_mutex_unlock(&g->lock);
    return next;
}

int gate_waiting(struct gate *g)
{
    pthread_mutex_lock(&g->lock);
    int n = g->lines->waiting;
    pthread_mutex_unlock(&g->lock);
    return n;
}

void gate_end(struct gate *g)
{
    pthread_mutex_lock(&g->lock);
    while (g->inside)
        pthread_cond_wait(&g->empty, &g->lock);
    pthread_mutex_unlock(&g->lock);
    pthread_mutex_destroy(&g->lock);
    pthread_cond_destroy(&g->empty);
    lines_end(g->lines);
    sys_free(g);
}
