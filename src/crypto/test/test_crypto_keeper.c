/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper: the same answers as in one process, none lost or wrong when it is killed, and none of
   its keys in the node's memory. */
#include <dirent.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/keeper_wire.h"
#include "crypto/test/crypto_test.h"

#define THREADS 4
#define ROUNDS  200
#define KILLS   5
#define LARGEST (1UL << 28) /* larger ones are a sanitizer's, and empty */

/* What must not be in a process: seen through a mask, so that looking for it doesn't plant it. */
#define MASK 0x5a
struct planted {
    uint8_t root[32], derived[32], hex[64], scalar[KEEPER_KEYS][32];
};

static void mask(void *ptr, size_t len)
{
    uint8_t *p = ptr;
    for (size_t i = 0; i < len; i++)
        p[i] ^= MASK;
}

static void scalar_of(const struct key *k, uint8_t ret[32])
{
    BIGNUM *d = NULL;
    assert_int_equal(EVP_PKEY_get_bn_param(k->pkey, "priv", &d), 1);
    assert_int_equal(BN_bn2binpad(d, ret, 32), 32);
    BN_clear_free(d);
}

static void plant(struct ctx *c, const char *dir, struct planted *p)
{
    static const char *const names[KEEPER_KEYS] = {"sign.key", "tls.key"};
    sys_random(p->root, sizeof p->root);
    struct bytes root = {p->root, sizeof p->root};
    struct buf hex = buf_new(c->arena, 100);
    buf_hex(&hex, root);
    memcpy(p->hex, hex.ptr, sizeof p->hex);
    memcpy(p->derived, key_derive(c->arena, root, "casework/seal").ptr, 32);
    ASSERT(!sys_write_file(c, arena_printf(c->arena, "%s/root.key", dir), bytes_of(hex.ptr), 0600));
    for (size_t i = 0; i < KEEPER_KEYS; i++) {
        struct key *k;
        ASSERT(!key_new(c, &k) && !key_save(c, k, arena_printf(c->arena, "%s/%s", dir, names[i])));
        scalar_of(k, p->scalar[i]);
        key_end(k);
    }
    mask(p, sizeof *p);
}

/* By another process: this one never saw a key. */
static void plant_apart(struct ctx *c, const char *dir, struct planted *ret)
{
    int told[2];
    assert_int_equal(pipe(told), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct planted p;
        plant(c, dir, &p);
        _exit(write(told[1], &p, sizeof p) == (ssize_t)sizeof p ? 0 : 1);
    }
    assert_int_equal(read(told[0], ret, sizeof *ret), sizeof *ret);
    waitpid(pid, NULL, 0);
    close(told[0]);
    close(told[1]);
}

static bool is_here(const uint8_t *at, const uint8_t *masked, size_t len)
{
    size_t i = 0;
    while (i < len && (at[i] ^ MASK) == masked[i])
        i++;
    return i == len;
}

static int count_in(const uint8_t *ptr, size_t len, const struct planted *p)
{
    int n = 0;
    bool begins[256] = {false}; /* nearly no byte does */
    const uint8_t *const all[] = {p->root, p->derived, p->hex, p->scalar[0], p->scalar[1]};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        begins[all[i][0] ^ MASK] = true;
    for (size_t i = 0; i + 64 <= len; i++) {
        if (!begins[ptr[i]])
            continue;
        n += is_here(ptr + i, p->root, 32) + is_here(ptr + i, p->derived, 32);
        n += is_here(ptr + i, p->hex, 64);
        for (size_t k = 0; k < KEEPER_KEYS; k++)
            n += is_here(ptr + i, p->scalar[k], 32);
    }
    return n;
}

/* All memory of a process that it can write to; -1: we may not look. *ret_bytes: how much. */
static int count_keys(struct ctx *c, pid_t pid, const struct planted *p, size_t *ret_bytes)
{
    int n = 0, fd = open(arena_printf(c->arena, "/proc/%d/mem", pid), O_RDONLY);
    FILE *maps = fopen(arena_printf(c->arena, "/proc/%d/maps", pid), "r");
    unsigned long from, to;
    char line[512], may[8];
    *ret_bytes = 0;
    while (fd >= 0 && maps && fgets(line, sizeof line, maps)) {
        static uint8_t part[1 << 20];
        if (sscanf(line, "%lx-%lx %7s", &from, &to, may) != 3 || may[1] != 'w' ||
            to - from > LARGEST)
            continue;
        for (unsigned long at = from; at < to; at += sizeof part - 64) {
            size_t want = to - at < sizeof part ? to - at : sizeof part;
            ssize_t got = pread(fd, part, want, (off_t)at);
            n += got > 0 ? count_in(part, (size_t)got, p) : 0;
            *ret_bytes += got > 0 ? (size_t)got : 0;
            if (got <= 0 || want < sizeof part)
                break;
        }
    }
    if (maps)
        fclose(maps);
    if (fd >= 0)
        close(fd);
    return fd < 0 || !maps || !*ret_bytes ? -1 : n;
}

static pid_t parent_of(struct ctx *c, const char *pid, const char *name)
{
    char line[512] = "", comm[64];
    int parent = 0;
    FILE *f = fopen(arena_printf(c->arena, "/proc/%s/stat", pid), "r");
    if (f && fgets(line, sizeof line, f) &&
        (sscanf(line, "%*d (%63[^)]) %*c %d", comm, &parent) != 2 || strcmp(comm, name) != 0))
        parent = 0;
    if (f)
        fclose(f);
    return parent;
}

/* The process of that name whose parent is that one; 0: none. */
static pid_t named(struct ctx *c, const char *name, pid_t parent)
{
    DIR *d = opendir("/proc");
    pid_t found = 0;
    for (struct dirent *e; !found && (e = readdir(d));)
        if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && parent_of(c, e->d_name, name) == parent)
            found = (pid_t)strtol(e->d_name, NULL, 10);
    closedir(d);
    return found;
}

static pid_t keeper_pid(struct ctx *c)
{
    pid_t starter = named(c, "dinh-starter", getpid());
    return starter ? named(c, "dinh-keeper", starter) : 0;
}

static struct keeper *opened(struct ctx *c, const char *dir)
{
    struct keeper *k;
    assert_int_equal(keeper_open(c, &(struct key_place){dir, "thu", NULL}, &k), OK);
    return k;
}

/* ---- the same as in one process ---- */

static void use(struct ctx *c, const struct keeper *a, const struct keeper *b)
{
    struct bytes plain = bytes_of("Nguyễn Thị Đào"), sealed, out;
    sealed = keeper_seal(c->arena, a, "casework/seal", "t.c|1|x", plain);
    assert_true(keeper_unseal(c->arena, b, "casework/seal", "t.c|1|x", sealed, &out));
    assert_true(bytes_equal_secret(out, plain));
    assert_false(keeper_unseal(c->arena, b, "casework/seal", "t.c|2|x", sealed, &out));
    assert_false(keeper_unseal(c->arena, b, "portal/seal", "t.c|1|x", sealed, &out));
    assert_string_equal(keeper_token(c->arena, a, "casework/word", "Đào"),
                        keeper_token(c->arena, b, "casework/word", "đào"));
    struct sha256 one = keeper_mark(a), two = keeper_mark(b);
    assert_memory_equal(one.b, two.b, SHA256_LEN);
}

static void sign(struct ctx *c, const struct keeper *k, enum keeper_key which)
{
    struct key *own = keeper_key(k, which);
    struct bytes point = key_public_point(c->arena, own), in = bytes_of("quyết định");
    assert_true(key_verify(point, in, key_sign(c->arena, own, in)));
    struct bytes payload;
    char *jws = jws_sign(c->arena, own, "JWT", "{\"a\":1}");
    assert_true(jws_verify(c->arena, jws, point, &payload));
    key_end(own);
}

static void many(struct ctx *c, const struct keeper *k)
{
    struct keeper_item items[300];
    for (size_t i = 0; i < ARRAY_LEN(items); i++)
        items[i] = (struct keeper_item){.use = "portal/seal",
                                        .aad = arena_printf(c->arena, "%zu", i),
                                        .in = bytes_of(arena_printf(c->arena, "số %zu", i))};
    keeper_seal_all(c->arena, k, items, ARRAY_LEN(items));
    for (size_t i = 0; i < ARRAY_LEN(items); i++)
        items[i].in = items[i].out;
    items[7].aad = "8"; /* moved */
    keeper_unseal_all(c->arena, k, items, ARRAY_LEN(items));
    for (size_t i = 0; i < ARRAY_LEN(items); i++) {
        assert_int_equal(items[i].good, i != 7);
        assert_true(i == 7 || bytes_equal_secret(items[i].out,
                                                 bytes_of(arena_printf(c->arena, "số %zu", i))));
    }
}

static void test_keeper_apart_is_as_in_one(void **state)
{
    struct ctx *c = *state;
    struct planted p;
    const char *dir = test_dir(c);
    plant_apart(c, dir, &p);
    struct keeper *apart = opened(c, dir);
    assert_true(keeper_is_apart(apart));
    use(c, apart, apart);
    sign(c, apart, KEEPER_SIGN);
    sign(c, apart, KEEPER_TLS);
    many(c, apart);
    size_t large = (size_t)24 << 20; /* the largest file there is */
    struct bytes file = arena_bytes(c->arena, arena_alloc(c->arena, large), large), out;
    struct arena *a = arena_new((size_t)256 << 20);
    struct bytes sealed = keeper_seal(a, apart, "file", "x", file);
    assert_true(keeper_unseal(a, apart, "file", "x", sealed, &out) && out.len == large);
    arena_end(a);
    mask(p.root, 32);
    struct keeper *here = keeper_of_root((struct bytes){p.root, 32});
    assert_false(keeper_is_apart(here));
    use(c, apart, here);
    use(c, here, apart);
    many(c, here);
    keeper_end(here);
    keeper_end(apart);
    test_dir_end(dir);
}

/* ---- whose memory ---- */

static int count_in_one_process(struct ctx *c, const char *dir, const struct planted *p)
{
    int told[2], n = -1;
    assert_int_equal(pipe(told), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct vault *v;
        size_t bytes;
        char *token;
        struct bytes sealed;
        if (!vault_load(c, &(struct key_place){dir, "thu", NULL}, &v) &&
            vault_seal(c->arena, v, 0, "casework/seal", "", bytes_of("x"), &sealed) &&
            vault_token(c->arena, v, "person", "x", &token))
            n = count_keys(c, getpid(), p, &bytes);
        _exit(write(told[1], &n, sizeof n) == (ssize_t)sizeof n ? 0 : 1);
    }
    assert_int_equal(read(told[0], &n, sizeof n), sizeof n);
    waitpid(pid, NULL, 0);
    close(told[0]);
    close(told[1]);
    return n;
}

static void test_node_holds_no_key(void **state)
{
    struct ctx *c = *state;
    struct planted p;
    size_t bytes;
    const char *dir = test_dir(c);
    plant_apart(c, dir, &p);
    struct keeper *k = opened(c, dir);
    use(c, k, k);
    sign(c, k, KEEPER_SIGN);
    assert_int_equal(count_keys(c, getpid(), &p, &bytes), 0);
    assert_true(bytes > 1000000);                       /* it did look */
    assert_true(count_in_one_process(c, dir, &p) >= 4); /* and finds what is there */
    int n = count_keys(c, keeper_pid(c), &p, &bytes);
    assert_true(n == -1 || n >= 3); /* -1: others may not even look, as it should be */
    keeper_end(k);
    test_dir_end(dir);
}

/* ---- killed ---- */

struct worker {
    const struct keeper *k;
    const struct key *key;
    int number, good;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    struct arena *a = arena_new(0);
    for (int i = 0; i < ROUNDS; i++) {
        struct bytes plain = bytes_of(arena_printf(a, "%d of %d", i, w->number)), sealed, out;
        const char *place = arena_printf(a, "row %d", i);
        sealed = keeper_seal(a, w->k, "casework/seal", place, plain);
        bool good = keeper_unseal(a, w->k, "casework/seal", place, sealed, &out) &&
                    bytes_equal_secret(out, plain);
        struct bytes signature = key_sign(a, w->key, plain);
        w->good += good && key_verify(key_public_point(a, w->key), plain, signature);
        arena_reset(a);
    }
    arena_end(a);
    return NULL;
}

static int64_t starts(void)
{
    struct child_stats s[CHILDREN_MAX];
    return child_stats(s, CHILDREN_MAX) == 1 ? s[0].starts : -1; /* of all keepers so far */
}

static void kill_it(struct ctx *c, const struct keeper *k)
{
    int64_t before = starts();
    for (int64_t i = 1; i <= KILLS; i++) {
        pid_t pid = keeper_pid(c);
        assert_true(pid > 0);
        kill(pid, SIGKILL);
        while (starts() < before + i) /* seen at the next request, which waits for the new one */
            (void)keeper_token(c->arena, k, "x",
                               arena_printf(c->arena, "%lld", (long long)sys_mono_us()));
    }
}

static void test_keeper_killed(void **state)
{
    struct ctx *c = *state;
    struct planted p;
    const char *dir = test_dir(c);
    plant_apart(c, dir, &p);
    struct keeper *k = opened(c, dir);
    int64_t before = starts();
    struct key *key = keeper_key(k, KEEPER_SIGN);
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    int good = 0;
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){k, key, i, 0};
        pthread_create(&threads[i], NULL, work, &workers[i]);
    }
    kill_it(c, k);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        good += workers[i].good;
    }
    assert_int_equal(good, THREADS * ROUNDS);
    assert_int_equal(starts(), before + KILLS); /* one restart a kill, no more */
    key_end(key);
    keeper_end(k);
    test_dir_end(dir);
}

/* ---- what it refuses ---- */

static void test_keeper_wants_its_files(void **state)
{
    struct ctx *c = *state;
    struct planted p;
    struct keeper *k;
    const char *dir = test_dir(c);
    const struct key_place p0 = {dir, "thu", NULL};
    const char *root = arena_printf(c->arena, "%s/root.key", dir);
    assert_int_equal(keeper_open(c, &p0, &k), ERR_KEY_MISSING);
    assert_string_equal(c->faults[0].args[0], root);
    plant_apart(c, dir, &p);
    assert_int_equal(chmod(root, 0640), 0);
    ctx_clear_faults(c);
    assert_int_equal(keeper_open(c, &p0, &k), ERR_KEY_OPEN);
    assert_int_equal(sys_write_file(c, root, bytes_of("zz"), 0600), OK);
    ctx_clear_faults(c);
    assert_int_equal(keeper_open(c, &p0, &k), ERR_KEY_ROOT);
    test_dir_end(dir);
}

int main(void)
{
    static const struct child_wish *const wishes[] = {&keeper_wish};
    if (!children_begin(wishes, ARRAY_LEN(wishes)))
        return 1;
    const struct CMUnitTest tests[] = {
        CRYPTO_TEST(test_keeper_apart_is_as_in_one),
        CRYPTO_TEST(test_node_holds_no_key),
        CRYPTO_TEST(test_keeper_killed),
        CRYPTO_TEST(test_keeper_wants_its_files),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    children_end();
    return failed;
}
