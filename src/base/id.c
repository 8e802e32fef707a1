/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include <pthread.h>
#include <string.h>

#include "base/buf.h"
#include "base/sys.h"

static const char ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* 128 bits: 48 of milliseconds, then 80 random. */
struct id_bits {
    uint64_t high, low;
};

static pthread_mutex_t id_lock = PTHREAD_MUTEX_INITIALIZER;
static struct id_bits id_last;

static struct id_bits drawn(uint64_t ms)
{
    uint64_t random[2];
    sys_random(random, sizeof random);
    return (struct id_bits){ms << 16 | (random[0] & 0xffff), random[1]};
}

static bool after(struct id_bits a, struct id_bits b)
{
    return a.high > b.high || (a.high == b.high && a.low > b.low);
}

/* Within one millisecond, or when the clock went back, the next id is the last one plus a random
   step, so that it rises and still can't be guessed. */
static struct id_bits next_bits(struct id_bits bits)
{
    if (after(bits, id_last))
        return bits;
    uint64_t step = (bits.low >> 32) + 1;
    bits = id_last;
    bits.low += step;
    if (bits.low < step)
        bits.high++;
    return bits;
}

char *id_new(struct arena *a, int64_t now_us)
{
    uint64_t ms = now_us > 0 ? (uint64_t)now_us / 1000 : 0;
    struct id_bits bits = drawn(ms & UINT64_C(0xffffffffffff));
    pthread_mutex_lock(&id_lock);
    bits = id_last = next_bits(bits);
    pthread_mutex_unlock(&id_lock);
    char *text = arena_alloc(a, ID_LEN + 1);
    for (size_t i = ID_LEN; i-- > 0;) {
        text[i] = ALPHABET[bits.low & 31];
        bits.low = bits.low >> 5 | bits.high << 59;
        bits.high >>= 5;
    }
    return text;
}

bool id_is(const char *text)
{
    return text && strlen(text) == ID_LEN && strspn(text, ALPHABET) == ID_LEN;
}

char *secret_new(struct arena *a)
{
    uint8_t random[32];
    sys_random(random, sizeof random);
    struct buf b = buf_new(a, 64);
    buf_base64url(&b, (struct bytes){random, sizeof random});
    explicit_bzero(random, sizeof random);
    return b.ptr;
}
