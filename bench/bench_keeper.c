/* SPDX-License-Identifier: Apache-2.0 */
/* bench_keeper DIR: what asking the keeper costs beside doing it in the same process, one by one
   and many in one message. DIR is empty and becomes a folder of keys. One JSON object a line. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"
#include "crypto/keeper.h"

enum { ONE_BY_ONE = 4000, MANY = 64, ROUNDS = 5 };

static const char name[] = "Nguyễn Thị Hồng Đào";
static const uint8_t root[32] = {7};

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "%s\n", what);
    _exit(1);
}

static void fill(struct ctx *c, const struct key_place *p)
{
    static const char *const files[] = {"sign.key", "tls.key"};
    struct keystore *s;
    must(!keystore_new(c, p, &s), "keystore_new");
    struct buf hex = buf_new(c->arena, 100);
    buf_hex(&hex, (struct bytes){root, sizeof root});
    must(!keystore_write(c, s, "root.key", buf_bytes(&hex)), "root.key");
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct key *k;
        must(!key_new(c, &k) && !keystore_save(c, s, files[i], k), files[i]);
        key_end(k);
    }
    keystore_end(s);
}

/* Each with a place of its own: none is answered from the memory of the last seconds. */
static const char *place(struct arena *a, int i)
{
    static int64_t run;
    run += i == 0;
    return arena_printf(a, "bench.name|%d|%lld", i, (long long)run);
}

static void seals(struct arena *a, const struct keeper *k, const struct key *key)
{
    (void)key;
    for (int i = 0; i < ONE_BY_ONE; i++)
        (void)keeper_seal(a, k, "bench", place(a, i), bytes_of(name));
}

static void tokens(struct arena *a, const struct keeper *k, const struct key *key)
{
    (void)key;
    for (int i = 0; i < ONE_BY_ONE; i++)
        (void)keeper_token(a, k, "bench", place(a, i));
}

static void signs(struct arena *a, const struct keeper *k, const struct key *key)
{
    (void)k;
    for (int i = 0; i < ONE_BY_ONE; i++)
        (void)key_sign(a, key, bytes_of(place(a, i)));
}

static void many(struct arena *a, const struct keeper *k, const struct key *key)
{
    struct keeper_item items[MANY];
    (void)key;
    for (int done = 0; done < ONE_BY_ONE; done += MANY) {
        for (int i = 0; i < MANY; i++)
            items[i] = (struct keeper_item){
                .use = "bench", .aad = place(a, done + i), .in = bytes_of(name)};
        keeper_seal_all(a, k, items, MANY);
    }
}

/* Of one, in microseconds; the best of the rounds. */
static double best(void (*act)(struct arena *a, const struct keeper *k, const struct key *key),
                   const struct keeper *k, const struct key *key)
{
    int64_t least = INT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        struct arena *a = arena_new((size_t)64 << 20);
        int64_t begun = sys_mono_us();
        act(a, k, key);
        int64_t took = sys_mono_us() - begun;
        least = took < least ? took : least;
        arena_end(a);
    }
    return (double)least / ONE_BY_ONE;
}

static void say(const char *act, double here, double apart)
{
    printf("{\"bench\":\"keeper\",\"act\":\"%s\",\"here_us\":%.2f,\"asked_us\":%.2f,"
           "\"times\":%.1f}\n",
           act, here, apart, apart / here);
}

int main(int argc, char **argv)
{
    static const struct child_wish *const wishes[] = {&keeper_wish};
    must(argc == 2, "bench_keeper DIR");
    must(children_begin(wishes, ARRAY_LEN(wishes)), "children_begin");
    struct ctx c = {.arena = arena_new(0), .now_us = sys_now_us()};
    struct key_place p = {argv[1], "bench", NULL};
    struct keeper *apart, *here = keeper_of_root((struct bytes){root, sizeof root});
    struct key *own, *asked;
    fill(&c, &p);
    must(!keeper_open(&c, &p, &apart) && keeper_is_apart(apart), "keeper_open");
    must(!key_load(&c, arena_printf(c.arena, "%s/sign.key", argv[1]), &own), "key_load");
    asked = keeper_key(apart, KEEPER_SIGN);
    double sealed = best(seals, here, NULL);
    say("seal", sealed, best(seals, apart, NULL));
    say("seal, 64 in a message", sealed, best(many, apart, NULL));
    say("token", best(tokens, here, NULL), best(tokens, apart, NULL));
    say("sign", best(signs, NULL, own), best(signs, apart, asked));
    key_end(own);
    key_end(asked);
    keeper_end(apart);
    keeper_end(here);
    arena_end(c.arena);
    children_end();
    return 0;
}
