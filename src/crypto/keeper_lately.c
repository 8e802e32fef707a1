/* SPDX-License-Identifier: Apache-2.0 */
/* What was opened and named in the last seconds is asked for again by the next page of the same
   person: it is remembered, small and for a short time, in place of a round trip. */
#include <openssl/crypto.h>
#include <pthread.h>
#include <string.h>

#include "base/sys.h"
#include "crypto/keeper_wire.h"

#define PLACES   256
#define WISH_MAX 448
#define SAID_MAX 256
#define KEPT_US  5000000

struct place {
    int64_t until_us; /* 0: empty */
    size_t wish_len, said_len;
    uint8_t wish[WISH_MAX], said[SAID_MAX];
};
struct keeper_lately {
    pthread_mutex_t lock;
    struct place places[PLACES]; /* a wish has one place, by its hash; the last one stays */
};

struct keeper_lately *lately_new(void)
{
    struct keeper_lately *l = sys_malloc(sizeof *l);
    if (!l)
        BUG("out of memory");
    pthread_mutex_init(&l->lock, NULL);
    for (size_t i = 0; i < PLACES; i++)
        l->places[i].until_us = 0;
    return l;
}

void lately_end(struct keeper_lately *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    OPENSSL_cleanse(l, sizeof *l);
    sys_free(l);
}

/* FNV-1a: whoever picks wishes that meet wins nothing but round trips. */
static struct place *place_of(struct keeper_lately *l, struct bytes wish)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < wish.len; i++)
        h = (h ^ wish.ptr[i]) * UINT64_C(0x100000001b3);
    return &l->places[(h ^ h >> 32) % PLACES];
}

bool lately_said(struct keeper_lately *l, struct bytes wish, struct arena *a, struct bytes *ret)
{
    if (wish.len > WISH_MAX)
        return false;
    int64_t now = sys_mono_us();
    pthread_mutex_lock(&l->lock);
    const struct place *p = place_of(l, wish);
    bool found =
        p->until_us > now && p->wish_len == wish.len && memcmp(p->wish, wish.ptr, wish.len) == 0;
    if (found)
        *ret = arena_bytes(a, p->said, p->said_len);
    pthread_mutex_unlock(&l->lock);
    return found;
}

void lately_keep(struct keeper_lately *l, struct bytes wish, struct bytes said)
{
    if (wish.len > WISH_MAX || said.len > SAID_MAX)
        return;
    int64_t now = sys_mono_us();
    pthread_mutex_lock(&l->lock);
    struct place *p = place_of(l, wish);
    p->until_us = now + KEPT_US;
    p->wish_len = wish.len;
    p->said_len = said.len;
    memcpy(p->wish, wish.ptr, wish.len);
    memcpy(p->said, said.ptr, said.len);
    pthread_mutex_unlock(&l->lock);
}
