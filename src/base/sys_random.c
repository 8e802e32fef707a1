/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>

#include "base/sys.h"

enum { SMALL_BYTES = 16, BLOCK_BYTES = 1024 };

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

static void fill_kernel(uint8_t *out, size_t len)
{
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

/* An id a request asks for little and often: such draws come from a block a thread draws at once.
   What was given is wiped; a child begins with an empty block. */
static pthread_once_t block_once = PTHREAD_ONCE_INIT;
static _Thread_local uint8_t block[BLOCK_BYTES];
static _Thread_local size_t n_block;

static void block_empty(void)
{
    n_block = 0;
}

static void block_begin(void)
{
    if (pthread_atfork(NULL, NULL, block_empty) != 0)
        BUG("no memory");
}

static void fill_block(uint8_t *out, size_t len)
{
    pthread_once(&block_once, block_begin);
    if (n_block < len) {
        fill_kernel(block, sizeof block);
        n_block = sizeof block;
    }
    n_block -= len;
    memcpy(out, block + n_block, len);
    explicit_bzero(block + n_block, len);
}

void sys_random(void *ptr, size_t len)
{
    if (sys_fault(SYS_RANDOM))
        BUG("no randomness");
    if (__atomic_load_n(&seed_state, __ATOMIC_RELAXED) && fill_seeded(ptr, len))
        return;
    if (len <= SMALL_BYTES)
        fill_block(ptr, len);
    else
        fill_kernel(ptr, len);
}

void sys_random_seed(uint64_t seed)
{
    pthread_mutex_lock(&seed_lock);
    __atomic_store_n(&seed_state, seed, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&seed_lock);
}
