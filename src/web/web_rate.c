/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rates by the generic cell rate algorithm: one time a key, the moment from which it is again
 * within its rate. A table of fixed size; under attack by very many peers the idlest entry gives
 * way.
 */

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "web/web_call.h"

#define SLOTS  65536
#define PROBES 8

struct slot {
    uint64_t key;
    int64_t free_us; /* theoretical arrival time, monotonic */
};
struct rate {
    pthread_mutex_t lock;
    uint64_t seed;
    struct slot slot[SLOTS];
};

struct rate *rate_new(void)
{
    struct rate *r = sys_zeroed(sizeof *r);
    ASSERT(r);
    pthread_mutex_init(&r->lock, NULL);
    sys_random(&r->seed, sizeof r->seed);
    return r;
}

void rate_end(struct rate *r)
{
    pthread_mutex_destroy(&r->lock);
    sys_free(r);
}

static uint64_t mix(uint64_t h, const char *text)
{
    for (const char *at = text; *at; at++)
        h = (h ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
    h = (h ^ 0xff) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ (h >> 29);
}

static struct slot *find(struct rate *r, uint64_t key)
{
    struct slot *idlest = &r->slot[key % SLOTS];
    for (size_t i = 0; i < PROBES; i++) {
        struct slot *s = &r->slot[(key + i) % SLOTS];
        if (s->key == key)
            return s;
        if (s->free_us < idlest->free_us)
            idlest = s;
    }
    *idlest = (struct slot){key, 0};
    return idlest;
}

int64_t rate_take(struct rate *r, const char *peer, const char *account, const char *route,
                  int per_minute)
{
    int64_t now = sys_mono_us(), step = MINUTE_US / per_minute, wait = 0;
    uint64_t key = mix(mix(mix(r->seed, peer), account), route) | 1;
    pthread_mutex_lock(&r->lock);
    struct slot *s = find(r, key);
    int64_t free_us = s->free_us > now ? s->free_us : now;
    if (free_us + step > now + MINUTE_US)
        wait = free_us + step - now - MINUTE_US;
    else
        s->free_us = free_us + step;
    pthread_mutex_unlock(&r->lock);
    return (wait + SECOND_US - 1) / SECOND_US;
}
