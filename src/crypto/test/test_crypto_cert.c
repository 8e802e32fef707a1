/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of a demonstration authority, judged by openssl. */
#include "crypto/test/crypto_test.h"

struct authority {
    struct key *root_key, *tls_key, *member_key;
    struct cert *root, *tls, *member;
};

static const char *const names[] = {"localhost", "127.0.0.1", "::1", NULL};

static struct cert *issue(struct ctx *c, struct cert_wish w, const struct key *subject,
                          const struct key *ca_key, const struct cert *ca)
{
    struct cert *x = NULL;
    w.from_us = w.from_us ? w.from_us : TEST_NOW_US - 5 * TEST_YEAR_US;
    w.until_us = w.until_us ? w.until_us : TEST_NOW_US + 30 * TEST_YEAR_US;
    assert_int_equal(cert_issue(c, &w, subject, ca_key, ca, &x), OK);
    return x;
}

static struct authority authority_new(struct ctx *c)
{
    struct authority a = {0};
    assert_int_equal(key_new(c, &a.root_key), OK);
    assert_int_equal(key_new(c, &a.tls_key), OK);
    assert_int_equal(key_new(c, &a.member_key), OK);
    a.root = issue(
        c,
        (struct cert_wish){
            .common_name = "Gốc thử nghiệm", .country = "VN", .organization = "Đình", .ca = true},
        a.root_key, NULL, NULL);
    a.tls = issue(c, (struct cert_wish){.common_name = "node H57", .dns = names, .tls = true},
                  a.tls_key, a.root_key, a.root);
    a.member = issue(c,
                     (struct cert_wish){.common_name = "Nguyễn Văn Đức",
                                        .organization = "UBND phường Thuận Hòa",
                                        .serial_number = "H57.31.01",
                                        .country = "VN",
                                        .sign = true},
                     a.member_key, a.root_key, a.root);
    return a;
}

static void authority_end(struct authority *a)
{
    key_end(a->root_key);
    key_end(a->tls_key);
    key_end(a->member_key);
    cert_end(a->root);
    cert_end(a->tls);
    cert_end(a->member);
}

static char *write_cert(struct ctx *c, const char *dir, const char *name, const struct cert *x)
{
    return test_write(c, dir, name, bytes_of(cert_pem(c->arena, x)));
}

static void test_openssl_verifies(void **state)
{
    struct ctx *c = *state;
    struct authority a = authority_new(c);
    char *dir = test_dir(c), *out = NULL;
    const char *root = write_cert(c, dir, "root.pem", a.root);
    const char *tls = write_cert(c, dir, "tls.pem", a.tls);
    const char *member = write_cert(c, dir, "member.pem", a.member);
#define VERIFY(options, x)                                                                         \
    test_run(                                                                                      \
        c,                                                                                         \
        arena_printf(c->arena, "openssl verify -x509_strict -CAfile %s " options " %s", root, x),  \
        &out)
    assert_int_equal(VERIFY("", root), 0);
    assert_int_equal(VERIFY("-purpose sslserver -verify_hostname localhost", tls), 0);
    assert_int_equal(VERIFY("-purpose sslserver -verify_ip 127.0.0.1", tls), 0);
    assert_int_equal(VERIFY("-purpose sslserver -verify_ip ::1", tls), 0);
    assert_int_equal(VERIFY("-purpose sslclient", tls), 0);
    assert_int_equal(VERIFY("-purpose smimesign", member), 0);
    /* and refuses what each may not do */
    assert_int_not_equal(VERIFY("-purpose sslserver -verify_hostname example.vn", tls), 0);
    assert_int_not_equal(VERIFY("-purpose smimesign", tls), 0);
    char *below = arena_printf(c->arena, "openssl verify -CAfile %s %s", tls, member);
    assert_int_not_equal(test_run(c, below, &out), 0);
#undef VERIFY
    /* the TLS library of our HTTP server agrees */
#define CERTTOOL(host)                                                                             \
    test_run(c,                                                                                    \
             arena_printf(c->arena,                                                                \
                          "certtool --verify --load-ca-certificate %s --verify-hostname " host     \
                          " --infile %s",                                                          \
                          root, tls),                                                              \
             &out)
    assert_int_equal(CERTTOOL("localhost"), 0);
    assert_int_not_equal(CERTTOOL("example.vn"), 0);
#undef CERTTOOL
    test_dir_end(dir);
    authority_end(&a);
}

static void test_contents_as_openssl_reads_them(void **state)
{
    struct ctx *c = *state;
    struct authority a = authority_new(c);
    char *dir = test_dir(c), *out = NULL;
    const char *member = write_cert(c, dir, "member.pem", a.member);
    assert_int_equal(test_run(c,
                              arena_printf(c->arena,
                                           "openssl x509 -in %s -noout -text -nameopt "
                                           "utf8,sname,sep_comma_plus",
                                           member),
                              &out),
                     0);
    assert_non_null(strstr(out, "Signature Algorithm: ecdsa-with-SHA256"));
    assert_non_null(strstr(out, "O=UBND phường Thuận Hòa"));
    assert_non_null(strstr(out, "serialNumber=H57.31.01"));
    assert_non_null(strstr(out, "Digital Signature, Non Repudiation"));
    assert_non_null(strstr(out, "CA:FALSE"));
    assert_int_equal(test_run(c,
                              arena_printf(c->arena,
                                           "openssl x509 -in %s -noout -fingerprint "
                                           "-sha256 | cut -d= -f2 | tr -d : | tr A-F a-f",
                                           member),
                              &out),
                     0);
    assert_string_equal(out, arena_printf(c->arena, "%s\n", cert_fingerprint(c->arena, a.member)));
    test_dir_end(dir);
    authority_end(&a);
}

/* One end is OpenSSL's server, the other its client; both show a certificate of ours. */
static void test_mutual_tls(void **state)
{
    struct ctx *c = *state;
    struct authority a = authority_new(c);
    char *dir = test_dir(c), *out = NULL;
    write_cert(c, dir, "root.pem", a.root);
    write_cert(c, dir, "tls.pem", a.tls);
    test_write(c, dir, "tls.key", bytes_of(key_pem(c->arena, a.tls_key)));
    int rc = test_run(
        c,
        arena_printf(
            c->arena,
            "cd %s; A='-cert tls.pem -key tls.key -CAfile root.pem'; mkfifo in; "
            "openssl s_server $A -Verify 1 -verify_return_error -tls1_3 -accept 127.0.0.1:0 <in "
            ">log 2>&1 & "
            "P=$!; exec 9>in; for i in $(seq 1000); do PORT=$(sed -n 's/^ACCEPT "
            "127.0.0.1:\\([0-9]*\\)$/\\1/p' log); "
            "[ -n \"$PORT\" ] && break; sleep 0.05; done; "
            "echo Q | openssl s_client $A -verify_return_error -verify_ip 127.0.0.1 -tls1_3 "
            "-connect 127.0.0.1:$PORT; R=$?; kill $P; wait $P; exit $R",
            dir),
        &out);
    if (rc != 0)
        print_message("%s\n", out);
    assert_int_equal(rc, 0);
    assert_non_null(strstr(out, "Verify return code: 0 (ok)"));
    test_dir_end(dir);
    authority_end(&a);
}

static void test_round_trip_and_subject(void **state)
{
    struct ctx *c = *state;
    struct authority a = authority_new(c);
    struct cert *der = NULL, *pem = NULL;
    assert_int_equal(cert_parse(c, cert_der(c->arena, a.member), &der), OK);
    assert_int_equal(cert_parse(c, bytes_of(cert_pem(c->arena, a.member)), &pem), OK);
    assert_string_equal(cert_fingerprint(c->arena, der), cert_fingerprint(c->arena, pem));
    assert_string_equal(cert_subject(c->arena, der, "CN"), "Nguyễn Văn Đức");
    assert_string_equal(cert_subject(c->arena, der, "O"), "UBND phường Thuận Hòa");
    assert_string_equal(cert_subject(c->arena, der, "serialNumber"), "H57.31.01");
    assert_string_equal(cert_subject(c->arena, der, "C"), "VN");
    assert_string_equal(cert_subject(c->arena, der, "OU"), "");
    assert_string_equal(cert_subject(c->arena, der, "no such field"), "");
    assert_memory_equal(cert_public_point(c->arena, der).ptr,
                        key_public_point(c->arena, a.member_key).ptr, 65);
    assert_true(cert_until_us(der) == TEST_NOW_US + 30 * TEST_YEAR_US);
    cert_end(der);
    cert_end(pem);
    cert_end(NULL);
    authority_end(&a);
}

static void test_check_by_authority_and_time(void **state)
{
    struct ctx *c = *state;
    struct authority a = authority_new(c), b = authority_new(c);
    struct cert *brief = issue(c,
                               (struct cert_wish){.common_name = "brief",
                                                  .sign = true,
                                                  .from_us = TEST_NOW_US,
                                                  .until_us = TEST_NOW_US + DAY_US},
                               a.member_key, a.root_key, a.root);
    assert_true(cert_check(a.tls, a.root, TEST_NOW_US));
    assert_true(cert_check(a.member, a.root, TEST_NOW_US));
    assert_true(cert_check(a.root, a.root, TEST_NOW_US));
    assert_false(cert_check(a.member, b.root, TEST_NOW_US)); /* same name, other key */
    assert_false(cert_check(a.member, a.tls, TEST_NOW_US));  /* not an authority */
    assert_true(cert_check(brief, a.root, TEST_NOW_US + 1));
    assert_false(cert_check(brief, a.root, TEST_NOW_US - SECOND_US));
    assert_false(cert_check(brief, a.root, TEST_NOW_US + DAY_US + SECOND_US));
    assert_false(cert_check(a.member, a.root, TEST_NOW_US + 31 * TEST_YEAR_US));
    cert_end(brief);
    authority_end(&a);
    authority_end(&b);
}

/* A certificate signed by a member's own key is nobody's. */
static void test_member_cannot_issue(void **state)
{
    struct ctx *c = *state;
    struct authority a = authority_new(c);
    struct cert *forged = issue(c, (struct cert_wish){.common_name = "Chủ tịch", .sign = true},
                                a.tls_key, a.member_key, a.member);
    assert_false(cert_check(forged, a.root, TEST_NOW_US));
    assert_false(cert_check(forged, a.member, TEST_NOW_US));
    cert_end(forged);
    authority_end(&a);
}

static void test_wishes_refused(void **state)
{
    struct ctx *c = *state;
    struct authority a = authority_new(c);
    struct cert *x = NULL;
    int64_t from = TEST_NOW_US, until = TEST_NOW_US + DAY_US;
    struct cert_wish w = {.common_name = "x", .country = "VNM", .from_us = from, .until_us = until};
    assert_fault(c, cert_issue(c, &w, a.tls_key, NULL, NULL, &x), ERR_CERT_BAD, "country");
    w = (struct cert_wish){.common_name = "", .from_us = from, .until_us = until};
    assert_fault(c, cert_issue(c, &w, a.tls_key, NULL, NULL, &x), ERR_CERT_BAD, "common_name");
    w.common_name = "0123456789012345678901234567890123456789012345678901234567890123456789";
    assert_fault(c, cert_issue(c, &w, a.tls_key, NULL, NULL, &x), ERR_CERT_BAD, "common_name");
    w = (struct cert_wish){.common_name = "x", .from_us = until, .until_us = from};
    assert_fault(c, cert_issue(c, &w, a.tls_key, NULL, NULL, &x), ERR_CERT_BAD, "until");
    w = (struct cert_wish){.common_name = "x", .from_us = from, .until_us = until};
    assert_fault(c, cert_issue(c, &w, a.tls_key, a.tls_key, a.root, &x), ERR_CERT_BAD, "ca");
    assert_null(x);
    authority_end(&a);
}

static void test_parse_refuses(void **state)
{
    struct ctx *c = *state;
    struct authority a = authority_new(c);
    struct cert *x = NULL;
    char *out = NULL;
    struct bytes der = cert_der(c->arena, a.member);
    for (size_t len = 0; len < der.len; len++)
        assert_fault(c, cert_parse(c, (struct bytes){der.ptr, len}, &x), ERR_CERT_BAD,
                     "certificate");
    struct buf longer = buf_new(c->arena, 65536);
    buf_add(&longer, der.ptr, der.len);
    buf_char(&longer, 0);
    assert_fault(c, cert_parse(c, buf_bytes(&longer), &x), ERR_CERT_BAD, "certificate");
    assert_fault(c, cert_parse(c, bytes_of("-----BEGIN CERTIFICATE-----\nxx\n"), &x), ERR_CERT_BAD,
                 "certificate");
    assert_int_equal(test_run(c,
                              "openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null "
                              "-subj /CN=rsa 2>/dev/null",
                              &out),
                     0);
    assert_true(text_starts(out, "-----BEGIN CERTIFICATE-----"));
    assert_fault(c, cert_parse(c, bytes_of(out), &x), ERR_CERT_BAD, "certificate");
    assert_null(x);
    authority_end(&a);
}

/* A changed bit anywhere leaves no certificate that still chains to the root. */
static void test_flipped_bits_do_not_check(void **state)
{
    struct ctx *c = *state;
    struct authority a = authority_new(c);
    struct bytes der = cert_der(c->arena, a.member);
    uint8_t *copy = arena_alloc(c->arena, der.len);
    size_t parsed = 0;
    for (size_t i = 0; i < der.len; i++) {
        struct cert *x = NULL;
        memcpy(copy, der.ptr, der.len);
        copy[i] ^= 1;
        if (cert_parse(c, (struct bytes){copy, der.len}, &x) == OK) {
            parsed++;
            assert_false(cert_check(x, a.root, TEST_NOW_US));
            cert_end(x);
        }
        ctx_clear_faults(c);
    }
    assert_true(parsed > 50); /* else the check saw nothing */
    authority_end(&a);
}

static void test_cms_detached(void **state)
{
    struct ctx *c = *state;
    struct authority a = authority_new(c);
    struct bytes content = bytes_of("Nội dung được ký\n"), der;
    char *dir = test_dir(c), *out = NULL;
    assert_int_equal(cms_sign_detached(c, a.member_key, a.member, a.root, content, &der), OK);
    const char *sig = test_write(c, dir, "sig.der", der);
    const char *in = test_write(c, dir, "content", content);
    const char *root = write_cert(c, dir, "root.pem", a.root);
#define CMS(options)                                                                               \
    test_run(c,                                                                                    \
             arena_printf(c->arena,                                                                \
                          "openssl cms -verify -binary -inform DER -in %s -content "               \
                          "%s -CAfile %s -out /dev/null " options,                                 \
                          sig, in, root),                                                          \
             &out)
    assert_int_equal(CMS(""), 0);
    assert_int_equal(CMS("-cades"), 0);
    test_write(c, dir, "content", bytes_of("Nội dung đã bị sửa\n"));
    assert_int_not_equal(CMS(""), 0);
#undef CMS
    assert_int_equal(
        test_run(c, arena_printf(c->arena, "openssl asn1parse -inform DER -in %s", sig), &out), 0);
    assert_non_null(strstr(out, "id-smime-aa-signingCertificateV2"));
    assert_non_null(strstr(out, "260921141320Z")); /* signing time: the context's, in UTC */
    assert_fault(c, cms_sign_detached(c, a.tls_key, a.member, a.root, content, &der), ERR_CERT_BAD,
                 "certificate");
    test_dir_end(dir);
    authority_end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRYPTO_TEST(test_openssl_verifies),
        CRYPTO_TEST(test_contents_as_openssl_reads_them),
        CRYPTO_TEST(test_mutual_tls),
        CRYPTO_TEST(test_round_trip_and_subject),
        CRYPTO_TEST(test_check_by_authority_and_time),
        CRYPTO_TEST(test_member_cannot_issue),
        CRYPTO_TEST(test_wishes_refused),
        CRYPTO_TEST(test_parse_refuses),
        CRYPTO_TEST(test_flipped_bits_do_not_check),
        CRYPTO_TEST(test_cms_detached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
