/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed key files: what opens them, and how each thing that doesn't is told apart. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/keeper_inside.h"
#include "crypto/keystore_inside.h"
#include "crypto/test/crypto_test.h"

#define PASSPHRASE "mật khẩu giữ khoá"
#define HEX64      "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"

static const char *const names[] = {"root.key", "sign.key", "tls.key", "ca.key"};

struct desk {
    struct ctx *c;
    const char *dir, *secret, *other, *words;
};

static const char *in(struct desk *d, const char *name)
{
    return arena_printf(d->c->arena, "%s/%s", d->dir, name);
}

static struct key_place place(struct desk *d, const char *secret)
{
    return (struct key_place){d->dir, "thu", secret};
}

static struct bytes raw(struct desk *d, const char *name)
{
    struct bytes b;
    assert_int_equal(sys_read_file(d->c, in(d, name), 65536, &b), OK);
    return b;
}

/* Without a sync: thousands of times. */
static void put(struct desk *d, const char *name, struct bytes b)
{
    FILE *f = fopen(in(d, name), "w");
    assert_non_null(f);
    assert_int_equal(fwrite(b.ptr, 1, b.len, f), b.len);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(in(d, name), 0600), 0);
}

static struct desk begin(struct ctx *c)
{
    struct desk d = {.c = c, .dir = test_dir(c)};
    d.secret = in(&d, "secret");
    d.other = in(&d, "other");
    d.words = in(&d, "words");
    assert_int_equal(key_secret_make(c, d.secret), OK);
    assert_int_equal(key_secret_make(c, d.other), OK);
    put(&d, "words", bytes_of(PASSPHRASE "\n"));
    return d;
}

/* A folder of keys, sealed under secret or (NULL) in clear. */
static void fill(struct desk *d, const char *secret)
{
    struct keystore *s;
    struct key_place p = place(d, secret);
    assert_int_equal(keystore_new(d->c, &p, &s), OK);
    assert_int_equal(keystore_write(d->c, s, "root.key", bytes_of(HEX64)), OK);
    for (size_t i = 1; i < ARRAY_LEN(names); i++) {
        struct key *k;
        assert_int_equal(key_new(d->c, &k), OK);
        assert_int_equal(keystore_save(d->c, s, names[i], k), OK);
        key_end(k);
    }
    keystore_end(s);
}

static enum err load(struct desk *d, const char *secret, const char *node)
{
    struct vault *v;
    struct key_place p = {d->dir, node, secret};
    enum err e = vault_load(d->c, &p, &v);
    if (!e) {
        assert_int_equal(v->roots.list[0].key[1], 0x11);
        vault_end(v);
    }
    return e;
}

static void refused(struct desk *d, const char *secret, enum err want, const char *path)
{
    assert_int_equal(load(d, secret, "thu"), want);
    const struct fault *f = &d->c->faults[d->c->n_faults - 1];
    assert_int_equal(f->err, want);
    assert_string_equal(f->args[0], path);
    ctx_clear_faults(d->c);
}

static void guarded(struct desk *d, enum key_guard want)
{
    enum key_guard g;
    assert_int_equal(keystore_guard(d->c, d->dir, &g), OK);
    assert_int_equal(g, want);
}

/* ---- what opens ---- */

static void test_sealed_keys_open_with_their_secret_alone(void **state)
{
    struct desk d = begin(*state);
    fill(&d, d.secret);
    guarded(&d, KEYS_SECRET);
    assert_int_equal(load(&d, d.secret, "thu"), OK);
    refused(&d, d.other, ERR_KEY_SECRET, in(&d, KEYSTORE_FILE));
    refused(&d, d.words, ERR_KEY_SECRET, in(&d, KEYSTORE_FILE));
    refused(&d, NULL, ERR_KEY_SECRET_NONE, in(&d, KEYSTORE_FILE));
    refused(&d, in(&d, "none"), ERR_KEY_SECRET_FILE, in(&d, "none"));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct bytes b = raw(&d, names[i]);
        assert_null(memmem(b.ptr, b.len, "PRIVATE KEY", 11));
        assert_null(memmem(b.ptr, b.len, HEX64, 64));
    }
    test_dir_end(d.dir);
}

static void test_passphrase_and_descriptor(void **state)
{
    struct desk d = begin(*state);
    fill(&d, d.words);
    guarded(&d, KEYS_PASSPHRASE);
    struct bytes b = raw(&d, KEYSTORE_FILE);
    assert_non_null(memmem(b.ptr, b.len, "\nkdf argon2id 65536 3\n", 21));
    int fd = open(d.words, O_RDONLY);
    for (int i = 0; i < 2; i++) /* read from its start each time */
        assert_int_equal(load(&d, arena_printf(d.c->arena, "fd:%d", fd), "thu"), OK);
    close(fd);
    refused(&d, d.secret, ERR_KEY_SECRET, in(&d, KEYSTORE_FILE));
    put(&d, "words", bytes_of("mật khẩu giữ khoÁ\n"));
    refused(&d, d.words, ERR_KEY_SECRET, in(&d, KEYSTORE_FILE));
    test_dir_end(d.dir);
}

static void test_what_is_no_secret(void **state)
{
    struct desk d = begin(*state);
    static const char *const bad[] = {"",
                                      "\n",
                                      "ngắn quá",
                                      "hai dòng dài đủ\nhai dòng dài đủ\n",
                                      "dinh-secret-1:AAAA\n",
                                      "dinh-secret-1:!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!\n",
                                      "mật khẩu \xff\xfe hỏng\n"};
    fill(&d, d.secret);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        put(&d, "words", bytes_of(bad[i]));
        refused(&d, d.words, ERR_KEY_SECRET_FILE, d.words);
    }
    assert_int_equal(chmod(d.secret, 0644), 0);
    refused(&d, d.secret, ERR_KEY_SECRET_FILE, d.secret);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", d.dir, 1), 0); /* its rights are systemd's */
    assert_int_equal(load(&d, d.secret, "thu"), OK);
    unsetenv("CREDENTIALS_DIRECTORY");
    refused(&d, "fd:999", ERR_KEY_SECRET_FILE, "fd:999");
    refused(&d, "fd:x", ERR_KEY_SECRET_FILE, "fd:x");
    assert_int_equal(key_secret_make(d.c, d.secret), ERR_NOT_EMPTY);
    test_dir_end(d.dir);
}

/* ---- what doesn't ---- */

/* Every byte of each file, one bit flipped. A letter's case in a sum is still the sum. */
static void test_every_flipped_bit_is_told(void **state)
{
    struct desk d = begin(*state);
    fill(&d, d.secret);
    static const char *const all[] = {KEYSTORE_FILE, "root.key", "sign.key", "tls.key"};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct bytes was = raw(&d, all[i]);
        for (size_t at = 0; at < was.len; at++) {
            struct arena *outer = d.c->arena;
            d.c->arena = arena_new(0);
            struct bytes now = arena_bytes(d.c->arena, was.ptr, was.len);
            ((uint8_t *)(uintptr_t)now.ptr)[at] ^= (uint8_t)(1 << at % 8);
            put(&d, all[i], now);
            refused(&d, d.secret, ERR_KEY_DAMAGED, in(&d, all[i]));
            arena_end(d.c->arena);
            d.c->arena = outer;
        }
        put(&d, all[i], (struct bytes){was.ptr, was.len / 2});
        refused(&d, d.secret, ERR_KEY_DAMAGED, in(&d, all[i]));
        put(&d, all[i], was);
        assert_int_equal(load(&d, d.secret, "thu"), OK);
    }
    test_dir_end(d.dir);
}

/* With the sum made right again, as an attacker would. */
static struct bytes forged(struct desk *d, struct bytes was, const char *from, const char *to)
{
    char *text = arena_text_n(d->c->arena, (const char *)was.ptr, was.len);
    char *at = strstr(text, from), *sum = strstr(text, "\nsum ");
    assert_non_null(at);
    *sum = '\0';
    char *body =
        arena_printf(d->c->arena, "%.*s%s%s\n", (int)(at - text), text, to, at + strlen(from));
    return bytes_of(arena_printf(d->c->arena, "%ssum %s\n", body,
                                 sha256_hex(d->c->arena, sha256(bytes_of(body)))));
}

static void test_swapped_forged_and_newer(void **state)
{
    struct desk d = begin(*state);
    fill(&d, d.secret);
    struct bytes sign = raw(&d, "sign.key"), tls = raw(&d, "tls.key");
    put(&d, "sign.key", tls);
    refused(&d, d.secret, ERR_KEY_SWAPPED, in(&d, "sign.key"));
    put(&d, "sign.key", forged(&d, tls, "file tls.key", "file sign.key"));
    refused(&d, d.secret, ERR_KEY_DAMAGED, in(&d, "sign.key"));
    put(&d, "sign.key", forged(&d, sign, "dinh-key 1", "dinh-key 2"));
    refused(&d, d.secret, ERR_KEY_NEWER, in(&d, "sign.key"));
    put(&d, "sign.key", sign);
    assert_int_equal(load(&d, d.secret, "khac"), ERR_KEY_SWAPPED);
    ctx_clear_faults(d.c);
    struct bytes store = raw(&d, KEYSTORE_FILE);
    put(&d, KEYSTORE_FILE, forged(&d, store, "kdf secret", "kdf argon2id 99999999 3"));
    refused(&d, d.words, ERR_KEY_DAMAGED, in(&d, KEYSTORE_FILE));
    put(&d, KEYSTORE_FILE, forged(&d, store, "node thu", "node thU"));
    assert_int_equal(load(&d, d.secret, "thU"), ERR_KEY_SECRET); /* the name is sealed in */
    ctx_clear_faults(d.c);
    assert_int_equal(unlink(in(&d, KEYSTORE_FILE)), 0);
    refused(&d, d.secret, ERR_KEY_MISSING, in(&d, KEYSTORE_FILE));
    fill(&d, d.secret); /* another keystore: its own files again, the old one is swapped */
    put(&d, "sign.key", sign);
    refused(&d, d.secret, ERR_KEY_SWAPPED, in(&d, "sign.key"));
    test_dir_end(d.dir);
}

/* ---- sealing and changing ---- */

static void test_protect_and_change(void **state)
{
    struct desk d = begin(*state);
    struct key_place clear = place(&d, NULL), old = place(&d, d.secret);
    fill(&d, NULL);
    guarded(&d, KEYS_CLEAR);
    struct bytes pem = raw(&d, "sign.key"), got;
    assert_int_equal(keystore_protect(d.c, &clear, d.secret), OK);
    guarded(&d, KEYS_SECRET);
    struct keystore *s;
    assert_int_equal(keystore_open(d.c, &old, &s), OK);
    assert_int_equal(keystore_read(d.c, s, "sign.key", &got), OK);
    assert_true(bytes_equal_secret(got, pem));
    keystore_end(s);
    struct bytes sealed = raw(&d, "sign.key");
    assert_int_equal(keystore_protect(d.c, &clear, d.other), ERR_KEY_SECRET_NONE);
    ctx_clear_faults(d.c);
    assert_int_equal(keystore_protect(d.c, &old, d.words), OK);
    guarded(&d, KEYS_PASSPHRASE);
    assert_true(bytes_equal_secret(raw(&d, "sign.key"), sealed)); /* one file changed */
    refused(&d, d.secret, ERR_KEY_SECRET, in(&d, KEYSTORE_FILE));
    assert_int_equal(load(&d, d.words, "thu"), OK);
    test_dir_end(d.dir);
}

#ifdef DINH_FAULTS
/* Stopped at each change on the way: whole before and after, and it can be done again. */
static void test_protect_cut_off(void **state)
{
    struct desk d = begin(*state);
    struct key_place p = place(&d, NULL);
    int stopped = 0;
    for (int k = 1;; k++) {
        fill(&d, NULL);
        assert_true(sys_fault_arm(arena_printf(d.c->arena, "rename:%d:EIO", k)));
        enum err e = keystore_protect(d.c, &p, d.secret);
        assert_true(sys_fault_arm(NULL));
        ctx_clear_faults(d.c);
        stopped += e != OK;
        const char *with = sys_exists(in(&d, KEYSTORE_FILE)) ? d.secret : NULL;
        assert_int_equal(load(&d, with, "thu"), OK);
        struct key_place again = place(&d, with);
        assert_int_equal(keystore_protect(d.c, &again, d.secret), OK);
        guarded(&d, KEYS_SECRET);
        assert_int_equal(load(&d, d.secret, "thu"), OK);
        if (!e)
            break;
    }
    assert_int_equal(stopped, 5); /* keystore and four keys */
    test_dir_end(d.dir);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRYPTO_TEST(test_sealed_keys_open_with_their_secret_alone),
        CRYPTO_TEST(test_passphrase_and_descriptor),
        CRYPTO_TEST(test_what_is_no_secret),
        CRYPTO_TEST(test_every_flipped_bit_is_told),
        CRYPTO_TEST(test_swapped_forged_and_newer),
        CRYPTO_TEST(test_protect_and_change),
#ifdef DINH_FAULTS
        CRYPTO_TEST(test_protect_cut_off),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
