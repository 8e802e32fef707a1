/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>

#include "base/sys.h"

static pthread_mutex_t seed_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t seed_state; /* 0: real randomness */

/* SplitMix64 (Steele, Lea, Flood 2014): enough for repeatable tests, never used otherwise. */
static uint64_t seeded_next(void)
{
    uint64_t z = seed_state += UINT64_C(0x9e3779b97f4a7c15);
    if (seed_state == 0)
        seed_state = 1; /* 0 means real */
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static bool fill_seeded(uint8_t *out, size_t len)
{
    pthread_mutex_lock(&seed_lock);
    bool seeded = seed_state != 0;
    while (seeded && len) {
        uint64_t word = seeded_next();
        size_t piece = len < sizeof word ? len : sizeof word;
        memcpy(out, &word, piece);
        out += piece;
        len -= piece;
    }
    pthread_mutex_unlock(&seed_lock);
    return seeded;
}

void sys_random(void *ptr, size_t len)
{
    if (sys_fault(SYS_RANDOM))
        BUG("no randomness");
    uint8_t *out = ptr;
    if (__atomic_load_n(&seed_state, __ATOMIC_RELAXED) && fill_seeded(out, len))
        return;
    while (len) {
        ssize_t n = getrandom(out, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            BUG("no randomness");
        out += n;
        len -= (size_t)n;
    }
}

void sys_random_seed(uint64_t seed)
{
    pthread_mutex_lock(&seed_lock);
    __atomic_store_n(&seed_state, seed, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&seed_lock);
}
