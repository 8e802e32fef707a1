/* SPDX-License-Identifier: Apache-2.0 */
/* A few threads for what is slow, and a bounded line before them. */
#include "base/sys.h"
#include "web/web_call.h"

#define MAX_THREADS 64

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct call *first, **last;
    int waiting, max_waiting, threads;
    bool ending;
    void (*work)(struct call *k);
    pthread_t thread[MAX_THREADS];
};

static struct call *take(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (!p->first && !p->ending)
        pthread_cond_wait(&p->more, &p->lock);
    struct call *k = p->first;
    if (k) {
        p->first = k->next;
        if (!p->first)
            p->last = &p->first;
        p->waiting--;
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

struct pool *pool_new(int threads, int max_waiting, void (*work)(struct call *k))
{
    struct pool *p = sys_malloc(sizeof *p);
    ASSERT(p && threads > 0 && threads <= MAX_THREADS);
    *p = (struct pool){.max_waiting = max_waiting, .work = work};
    p->last = &p->first;
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
    bool room = p->waiting < p->max_waiting && !p->ending;
    if (room) {
        k->next = NULL;
        *p->last = k;
        p->last = &k->next;
        p->waiting++;
        pthread_cond_signal(&p->more);
    }
    pthread_mutex_unlock(&p->lock);
    return room;
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
    sys_free(p);
}
