/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <string.h>
#include <time.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/own.h"

#define CERT_MAX 32768

struct cert *own_cert(X509 *x509)
{
    uint8_t point[POINT_LEN];
    EVP_PKEY *pkey = X509_get0_pubkey(x509);
    if (!pkey || !own_point(pkey, point)) {
        X509_free(x509);
        ERR_clear_error();
        return NULL;
    }
    struct cert *x = sys_malloc(sizeof(*x));
    ASSERT(x);
    x->x509 = x509;
    memcpy(x->point, point, POINT_LEN);
    return x;
}

void cert_end(struct cert *x)
{
    if (!x)
        return;
    X509_free(x->x509);
    sys_free(x);
}

static X509 *parse_pem(struct bytes in)
{
    BIO *bio = BIO_new_mem_buf(in.ptr, (int)in.len);
    ASSERT(bio);
    X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return x509;
}

static X509 *parse_der(struct bytes in)
{
    const uint8_t *at = in.ptr;
    X509 *x509 = d2i_X509(NULL, &at, (long)in.len);
    if (x509 && at != in.ptr + in.len) {
        X509_free(x509);
        return NULL;
    }
    return x509;
}

enum err cert_parse(struct ctx *c, struct bytes pem_or_der, struct cert **ret)
{
    X509 *x509 = NULL;
    if (pem_or_der.len > 0 && pem_or_der.len <= CERT_MAX)
        x509 = pem_or_der.ptr[0] == 0x30 ? parse_der(pem_or_der) : parse_pem(pem_or_der);
    ERR_clear_error();
    struct cert *x = x509 ? own_cert(x509) : NULL;
    if (!x)
        return fail(c, ERR_CERT_BAD, "certificate");
    *ret = x;
    return OK;
}

char *cert_pem(struct arena *a, const struct cert *x)
{
    BIO *bio = BIO_new(BIO_s_mem());
    ASSERT(bio && PEM_write_bio_X509(bio, x->x509) > 0);
    struct bytes pem = own_bio_bytes(a, bio);
    return arena_text_n(a, (const char *)pem.ptr, pem.len);
}

struct bytes cert_der(struct arena *a, const struct cert *x)
{
    uint8_t *der = NULL;
    int len = i2d_X509(x->x509, &der);
    ASSERT(len > 0);
    struct bytes out = arena_bytes(a, der, (size_t)len);
    OPENSSL_free(der);
    return out;
}

char *cert_fingerprint(struct arena *a, const struct cert *x)
{
    return sha256_hex(a, sha256(cert_der(a, x)));
}

/* A NUL inside a name would show a reader less than a program compares: such a name is none. */
char *cert_subject(struct arena *a, const struct cert *x, const char *field)
{
    const X509_NAME *name = X509_get_subject_name(x->x509);
    int at = X509_NAME_get_index_by_NID(name, OBJ_txt2nid(field), -1);
    uint8_t *utf8 = NULL;
    ERR_clear_error();
    if (at < 0)
        return arena_text(a, "");
    int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    ERR_clear_error();
    if (len < 0)
        return arena_text(a, "");
    struct bytes text = {utf8, (size_t)len};
    bool plain = !memchr(utf8, 0, text.len) && text_is_utf8(text);
    char *out = arena_text_n(a, (const char *)utf8, plain ? text.len : 0);
    OPENSSL_free(utf8);
    return out;
}

struct bytes cert_public_point(struct arena *a, const struct cert *x)
{
    return arena_bytes(a, x->point, POINT_LEN);
}

int64_t cert_until_us(const struct cert *x)
{
    struct tm t;
    if (!ASN1_TIME_to_tm(X509_get0_notAfter(x->x509), &t))
        return 0; /* not a time: as good as expired */
    return us_from_civil(
        (struct civil){t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec},
        0);
}

bool cert_signed_by(const struct cert *x, const struct cert *ca)
{
    bool good = X509_verify(x->x509, X509_get0_pubkey(ca->x509)) == 1;
    ERR_clear_error();
    return good;
}

bool cert_check(const struct cert *x, const struct cert *ca, int64_t now_us)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    ASSERT(store && ctx && X509_STORE_add_cert(store, ca->x509));
    ASSERT(X509_STORE_CTX_init(ctx, store, x->x509, NULL));
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_time(param, (time_t)(now_us / SECOND_US));
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
    bool good = X509_verify_cert(ctx) == 1;
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    ERR_clear_error();
    return good;
}
