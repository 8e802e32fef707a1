/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that wait beside those in use, and take their place: in clear and sealed, cut off between
   any two files. */
#include <unistd.h>

#include "crypto/keeper_next.h"
#include "crypto/test/crypto_test.h"
#include "crypto/token.h"

#define ROOT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"

static const char *const files[] = {"sign.key", "tls.key", "sign.next.key", "tls.next.key"};

static const char *in(struct ctx *c, const struct key_place *p, const char *name)
{
    return arena_printf(c->arena, "%s/%s", p->dir, name);
}

static struct key_place filled(struct ctx *c, bool sealed)
{
    struct keystore *s;
    struct key_place p = {.dir = test_dir(c), .node = "thu"};
    const char *secret = arena_printf(c->arena, "%s.secret", p.dir);
    if (sealed) {
        assert_int_equal(key_secret_make(c, secret), OK);
        p.secret = secret;
    }
    assert_int_equal(keystore_new(c, &p, &s), OK);
    assert_int_equal(keystore_write(c, s, "root.key", bytes_of(ROOT)), OK);
    for (size_t i = 0; i < 2; i++) {
        struct key *k;
        assert_int_equal(key_new(c, &k), OK);
        assert_int_equal(keystore_save(c, s, files[i], k), OK);
        key_end(k);
    }
    keystore_end(s);
    return p;
}

static void ended(struct ctx *c, const struct key_place *p)
{
    unlink(arena_printf(c->arena, "%s.secret", p->dir)); /* where there is one */
    test_dir_end(p->dir);
}

/* The public half of a file's key. */
static const char *id_of(struct ctx *c, const struct key_place *p, const char *name)
{
    struct keystore *s;
    struct key *k;
    assert_int_equal(keystore_open(c, p, &s), OK);
    assert_int_equal(keystore_key(c, s, name, &k), OK);
    const char *id = key_id(c->arena, key_public_point(c->arena, k));
    key_end(k);
    keystore_end(s);
    return id;
}

static void changes(struct ctx *c, bool sealed)
{
    const struct key_place p = filled(c, sealed);
    enum key_guard guard;
    struct key *k;
    assert_int_equal(keeper_next(c, &p, KEEPER_SIGN, &k), ERR_KEY_MISSING);
    ctx_clear_faults(c);
    const char *sign = id_of(c, &p, "sign.key"), *tls = id_of(c, &p, "tls.key");
    assert_int_equal(keeper_next_make(c, &p), OK);
    const char *next = id_of(c, &p, "sign.next.key"), *next_tls = id_of(c, &p, "tls.next.key");
    assert_string_not_equal(next, sign);
    assert_string_not_equal(next_tls, tls);
    assert_string_not_equal(next_tls, next);
    assert_int_equal(keeper_next_make(c, &p), OK); /* they wait: no others */
    assert_string_equal(id_of(c, &p, "sign.next.key"), next);
    assert_string_equal(id_of(c, &p, "sign.key"), sign);
    assert_int_equal(keystore_guard(c, p.dir, &guard), OK);
    assert_int_equal(guard, sealed ? KEYS_SECRET : KEYS_CLEAR);
    assert_int_equal(keeper_next(c, &p, KEEPER_TLS, &k), OK);
    assert_string_equal(key_id(c->arena, key_public_point(c->arena, k)), next_tls);
    key_end(k);
    for (int i = 0; i < 2; i++) { /* and again, as after a cut */
        assert_int_equal(keeper_next_take(c, &p), OK);
        assert_string_equal(id_of(c, &p, "sign.key"), next);
        assert_string_equal(id_of(c, &p, "tls.key"), next_tls);
    }
    /* cut off before they were taken away: these wait for nothing */
    assert_int_equal(unlink(in(c, &p, "tls.next.key")), 0);
    assert_int_equal(keeper_next_make(c, &p), OK);
    assert_string_not_equal(id_of(c, &p, "sign.next.key"), next);
    assert_string_not_equal(id_of(c, &p, "tls.next.key"), next_tls);
    assert_int_equal(keeper_next_end(c, &p), OK);
    assert_int_equal(keeper_next_end(c, &p), OK);
    for (size_t i = 2; i < ARRAY_LEN(files); i++)
        assert_int_equal(access(in(c, &p, files[i]), F_OK), -1);
    assert_string_equal(id_of(c, &p, "sign.key"), next);
    ended(c, &p);
}

static void test_next_keys_take_their_place(void **state)
{
    changes(*state, false);
}

static void test_next_keys_are_sealed_as_the_others(void **state)
{
    changes(*state, true);
}

/* Those that wait are sealed with the rest, and under another secret with the rest. */
static void test_next_keys_change_their_secret(void **state)
{
    struct ctx *c = *state;
    struct key_place p = filled(c, false);
    const char *secret = arena_printf(c->arena, "%s.secret", p.dir);
    enum key_guard guard;
    assert_int_equal(keeper_next_make(c, &p), OK);
    const char *next = id_of(c, &p, "sign.next.key");
    assert_int_equal(key_secret_make(c, secret), OK);
    assert_int_equal(keystore_protect(c, &p, secret), OK);
    assert_int_equal(keystore_guard(c, p.dir, &guard), OK);
    assert_int_equal(guard, KEYS_SECRET);
    p.secret = secret;
    assert_string_equal(id_of(c, &p, "sign.next.key"), next);
    ended(c, &p);
}

static void test_next_keys_of_a_token_are_its_own(void **state)
{
    struct ctx *c = *state;
    const struct key_place p = filled(c, false);
    const struct token_wish w = {.uri = {"pkcs11:token=dinh;object=sign", NULL}, .pin = "1234"};
    struct keystore *s;
    assert_int_equal(keystore_open(c, &p, &s), OK);
    assert_int_equal(token_wish_write(c, s, &w), OK);
    keystore_end(s);
    assert_int_equal(keeper_next_make(c, &p), ERR_KEY_IN_TOKEN);
    assert_string_equal(c->faults[0].args[0], w.uri[0]);
    ctx_clear_faults(c);
    assert_int_equal(keeper_next_take(c, &p), ERR_KEY_IN_TOKEN);
    ctx_clear_faults(c);
    ended(c, &p);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CRYPTO_TEST(test_next_keys_take_their_place),
        CRYPTO_TEST(test_next_keys_are_sealed_as_the_others),
        CRYPTO_TEST(test_next_keys_change_their_secret),
        CRYPTO_TEST(test_next_keys_of_a_token_are_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
