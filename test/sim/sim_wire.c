/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "test/sim/sim.h"

struct head {
    int32_t kind, who;
    int64_t now_us, a, b;
    uint32_t n, len;
};

static bool all(int fd, void *at, size_t n, bool out)
{
    uint8_t *p = at;
    while (n) {
        ssize_t done = out ? write(fd, p, n) : read(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

bool sim_put(int fd, const struct sim_frame *f)
{
    struct head h = {.kind = f->kind, .who = f->who, .now_us = f->now_us, .a = f->a, .b = f->b};
    size_t len = 0;
    for (size_t i = 0; i < f->n; i++)
        len += strlen(f->word[i] ? f->word[i] : "") + 1;
    struct arena *a = arena_new(0);
    uint8_t *out = arena_alloc(a, sizeof h + len), *p = out + sizeof h;
    h.n = (uint32_t)f->n;
    h.len = (uint32_t)len;
    memcpy(out, &h, sizeof h);
    for (size_t i = 0; i < f->n; i++) {
        const char *word = f->word[i] ? f->word[i] : "";
        memcpy(p, word, strlen(word) + 1);
        p += strlen(word) + 1;
    }
    bool good = all(fd, out, sizeof h + len, true);
    arena_end(a);
    return good;
}

bool sim_get(int fd, struct arena *a, struct sim_frame *ret)
{
    struct head h;
    if (!all(fd, &h, sizeof h, false))
        return false;
    char *words = arena_alloc(a, h.len + 1);
    if (h.n > SIM_WORDS || !all(fd, words, h.len, false))
        return false;
    *ret = (struct sim_frame){
        .kind = h.kind, .who = h.who, .now_us = h.now_us, .a = h.a, .b = h.b, .n = h.n};
    for (size_t i = 0; i < SIM_WORDS; i++) {
        ret->word[i] = i < h.n ? words : "";
        words += i < h.n ? strlen(words) + 1 : 0;
    }
    return true;
}
