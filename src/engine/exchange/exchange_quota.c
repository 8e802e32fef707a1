/* SPDX-License-Identifier: Apache-2.0 */
/* How much a member may ask of this node, whichever node speaks for it: one that was taken over
   neither starves the others nor reads a register empty unseen. By the generic cell rate algorithm:
   one time a client, the moment from which it is again within its rate. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/settings.h"
#include "engine/exchange/exchange_private.h"

#define CLIENTS      256 /* of the federation file; past them the last place is shared */
#define CLIENT_CHARS 32

static struct place {
    char client[CLIENT_CHARS];
    int64_t free_us, refused;
} places[CLIENTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int64_t per_minute = EXCHANGE_PER_MINUTE;

static struct place *place_of(const char *client)
{
    size_t i = 0;
    while (i < CLIENTS - 1 && places[i].client[0] && strcmp(places[i].client, client) != 0)
        i++;
    if (!places[i].client[0] && strlen(client) < CLIENT_CHARS)
        memcpy(places[i].client, client, strlen(client) + 1);
    return &places[i];
}

int64_t exchange_quota_wait(const char *client)
{
    int64_t now = sys_mono_us(), step = MINUTE_US / atomic_load(&per_minute), wait = 0;
    pthread_mutex_lock(&lock);
    struct place *p = place_of(client);
    int64_t free_us = p->free_us > now ? p->free_us : now;
    if (free_us + step > now + MINUTE_US) {
        wait = free_us + step - now - MINUTE_US;
        p->refused++;
    } else {
        p->free_us = free_us + step;
    }
    pthread_mutex_unlock(&lock);
    return (wait + SECOND_US - 1) / SECOND_US;
}

static struct place take_refused(size_t i)
{
    pthread_mutex_lock(&lock);
    struct place p = places[i];
    places[i].refused = 0;
    pthread_mutex_unlock(&lock);
    return p;
}

static enum err tell(struct ctx *c, void *arg)
{
    const struct place *p = arg;
    struct audit_act act = {
        .action = "exchange.quota",
        .kind = "member",
        .object = p->client,
        .detail = arena_printf(c->arena, "{\"refused\":%lld}", (long long)p->refused)};
    return audit_write(c, &act);
}

/* A new quota begins anew for all. */
static void begin_with(int64_t n)
{
    if (atomic_exchange(&per_minute, n) == n)
        return;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < CLIENTS; i++)
        places[i].free_us = 0;
    pthread_mutex_unlock(&lock);
}

enum err exchange_quota(struct ctx *c)
{
    int64_t n = EXCHANGE_PER_MINUTE;
    enum err e = setting_int(c, "exchange.client_per_minute", &n);
    if (!e)
        begin_with(n);
    for (size_t i = 0; i < CLIENTS && !e; i++) {
        struct place p = take_refused(i);
        if (!p.client[0])
            break;
        if (p.refused)
            e = db_write(c, c->node->db, tell, &p);
    }
    return e;
}
