/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in a token of SoftHSM2, used by the keeper: they sign, they don't come out, and what is
   wrong with the token is told. */
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/keeper.h"
#include "crypto/keystore_inside.h"
#include "crypto/test/crypto_test.h"
#include "crypto/token.h"

#define MODULE      "/usr/lib/softhsm/libsofthsm2.so"
#define PIN         "482913"
#define URI(object) "pkcs11:token=dinh;object=" object ";type=private?module-path=" MODULE

static const char *home; /* of the token, for the whole run: a module is loaded once a process */

static void shell(struct ctx *c, const char *command)
{
    char *out = NULL;
    int code = test_run(
        c, arena_printf(c->arena, "export SOFTHSM2_CONF=%s/conf; %s", home, command), &out);
    if (code)
        print_message("%s\n%s\n", command, out);
    assert_int_equal(code, 0);
}

static void make(struct ctx *c, const char *name, const char *kind)
{
    shell(c, arena_printf(c->arena,
                          "p11tool --batch --provider=" MODULE " --login --set-pin=" PIN
                          " --generate-privkey=%s --label=%s --outfile=/dev/null "
                          "'pkcs11:token=dinh' 2>&1",
                          kind, name));
}

static int token_begin(void **state)
{
    test_ctx_begin(state);
    struct ctx *c = *state;
    shell(c, arena_printf(c->arena,
                          "mkdir %s/tokens; printf 'directories.tokendir = %s/tokens\n"
                          "objectstore.backend = file\nlog.level = ERROR\n' >%s/conf; "
                          "softhsm2-util --init-token --free --label dinh --pin " PIN
                          " --so-pin 73910846 2>&1",
                          home, home, home));
    make(c, "sign", "ECC --curve=secp256r1");
    make(c, "tls", "ECC --curve=secp256r1");
    make(c, "wide", "ECC --curve=secp384r1");
    return test_ctx_end(state);
}

static int token_finish(void **state)
{
    test_ctx_begin(state);
    struct ctx *c = *state;
    shell(c, arena_printf(c->arena, "rm -r %s", home));
    return test_ctx_end(state);
}

static struct key_place folder(struct ctx *c)
{
    char *dir = test_dir(c);
    struct key_place p = {dir, "thu", arena_printf(c->arena, "%s/secret", dir)};
    struct keystore *s;
    assert_int_equal(key_secret_make(c, p.secret), OK);
    assert_int_equal(keystore_new(c, &p, &s), OK);
    assert_int_equal(
        keystore_write(
            c, s, "root.key",
            bytes_of("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n")),
        OK);
    keystore_end(s);
    return p;
}

static void refused(struct ctx *c, const char *uri, const char *pin, const char *why)
{
    struct key *k = NULL;
    assert_int_equal(token_key(c, uri, pin, &k), ERR_KEY_TOKEN);
    assert_null(k);
    assert_non_null(strstr(c->faults[0].args[0], "pkcs11:"));
    assert_null(strstr(c->faults[0].args[0], PIN));
    if (!strstr(c->faults[0].args[1], why))
        print_message("%s, not %s\n", c->faults[0].args[1], why);
    assert_non_null(strstr(c->faults[0].args[1], why));
    ctx_clear_faults(c);
}

/* Before the token is used here: what is no key. A wrong PIN is tried once. */
static void test_token_refused(void **state)
{
    struct ctx *c = *state;
    refused(c, "pkcs11:token=dinh;object=sign", PIN, "module-path");
    refused(c, "pkcs11:object=sign?module-path=/nowhere.so", PIN, "");
    refused(c, URI("sign"), "000000", "PIN");
    refused(c, URI("nothing"), PIN, "not available");
    refused(c, URI("wide"), PIN, "P-256");
}

static void test_token_keys_sign_in_the_keeper(void **state)
{
    struct ctx *c = *state;
    struct key_place p = folder(c);
    struct keeper *k;
    const char *const uris[] = {URI("sign"), URI("tls")}, *pem;
    assert_int_equal(keeper_open(c, &p, &k), ERR_KEY_MISSING); /* there are no files of them */
    ctx_clear_faults(c);
    assert_int_equal(keeper_token_keys(c, &p, uris, "999999"), ERR_KEY_TOKEN);
    ctx_clear_faults(c);
    assert_int_equal(keeper_token_keys(c, &p, uris, PIN), OK);
    struct bytes kept;
    assert_int_equal(
        sys_read_file(c, arena_printf(c->arena, "%s/" TOKEN_FILE, p.dir), 65536, &kept), OK);
    assert_null(memmem(kept.ptr, kept.len, PIN, strlen(PIN)));
    assert_int_equal(keeper_open(c, &p, &k), OK);
    assert_true(keeper_is_apart(k));
    for (enum keeper_key which = KEEPER_SIGN; which < KEEPER_KEYS; which++) {
        struct key *own = keeper_key(k, which);
        struct bytes in = bytes_of("quyết định");
        for (int i = 0; i < 20; i++)
            assert_true(
                key_verify(key_public_point(c->arena, own), in, key_sign(c->arena, own, in)));
        struct cert_wish w = {.common_name = "thu", .country = "VN", .sign = true};
        assert_int_equal(cert_request(c, &w, own, &pem), OK);
        const char *path = test_write(c, p.dir, "csr", bytes_of(pem));
        shell(c, arena_printf(c->arena, "openssl req -verify -noout -in %s 2>&1", path));
        key_end(own);
    }
    keeper_end(k);
    test_dir_end(p.dir);
}

/* By somebody else's tool, with the right PIN. */
static void test_token_key_does_not_come_out(void **state)
{
    struct ctx *c = *state;
    char *out = NULL;
    (void)test_run(c,
                   arena_printf(c->arena,
                                "SOFTHSM2_CONF=%s/conf p11tool --batch --provider=" MODULE
                                " --login --set-pin=" PIN
                                " --export 'pkcs11:token=dinh;object=sign;type=private' 2>&1",
                                home),
                   &out);
    assert_null(strstr(out, "PRIVATE KEY"));
    assert_int_equal(
        test_run(c,
                 arena_printf(c->arena,
                              "SOFTHSM2_CONF=%s/conf p11tool --batch --provider=" MODULE
                              " --login --set-pin=" PIN " --list-privkeys 'pkcs11:token=dinh' 2>&1",
                              home),
                 &out),
        0);
    assert_non_null(strstr(out, "CKA_NEVER_EXTRACTABLE"));
    assert_non_null(strstr(out, "CKA_SENSITIVE"));
}

static void test_token_taken_away(void **state)
{
    struct ctx *c = *state;
    struct key_place p = folder(c);
    struct keeper *k = NULL;
    const char *const uris[] = {URI("sign"), URI("tls")};
    assert_int_equal(keeper_token_keys(c, &p, uris, PIN), OK);
    shell(c, arena_printf(c->arena, "mv %s/tokens %s/away; mkdir %s/tokens", home, home, home));
    assert_int_equal(keeper_open(c, &p, &k), ERR_KEY_TOKEN);
    assert_string_equal(c->faults[0].args[0], "pkcs11:token=dinh;object=sign;type=private");
    ctx_clear_faults(c);
    shell(c, arena_printf(c->arena, "rmdir %s/tokens; mv %s/away %s/tokens", home, home, home));
    assert_int_equal(keeper_open(c, &p, &k), OK);
    keeper_end(k);
    test_dir_end(p.dir);
}

int main(void)
{
    static const struct child_wish *const wishes[] = {&keeper_wish};
    static char dir[] = "/tmp/dinh-token.XXXXXX", conf[64];
    const struct CMUnitTest tests[] = {
        CRYPTO_TEST(test_token_refused),
        CRYPTO_TEST(test_token_keys_sign_in_the_keeper),
        CRYPTO_TEST(test_token_key_does_not_come_out),
        CRYPTO_TEST(test_token_taken_away),
    };
    home = mkdtemp(dir);
    snprintf(conf, sizeof conf, "%s/conf", dir);
    if (!home || setenv("SOFTHSM2_CONF", conf, 1)) /* also in the children to come */
        return 1;
    if (!children_begin(wishes, ARRAY_LEN(wishes)))
        return 1;
    int failed = cmocka_run_group_tests(tests, token_begin, token_finish);
    children_end();
    return failed;
}
