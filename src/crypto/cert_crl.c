/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <time.h>

#include "base/sys.h"
#include "base/time.h"
#include "crypto/own.h"

#define CRL_MAX (1 << 20)

struct crl {
    X509_CRL *list;
};

static X509_CRL *parse(struct bytes in)
{
    const uint8_t *at = in.ptr;
    if (in.ptr[0] == 0x30)
        return d2i_X509_CRL(NULL, &at, (long)in.len);
    BIO *bio = BIO_new_mem_buf(in.ptr, (int)in.len);
    ASSERT(bio);
    X509_CRL *list = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return list;
}

enum err crl_parse(struct ctx *c, struct bytes pem_or_der, const struct cert *ca, struct crl **ret)
{
    bool sized = pem_or_der.len > 0 && pem_or_der.len <= CRL_MAX;
    X509_CRL *list = sized ? parse(pem_or_der) : NULL;
    bool good = list &&
                X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(ca->x509)) == 0 &&
                X509_CRL_verify(list, X509_get0_pubkey(ca->x509)) == 1;
    ERR_clear_error();
    if (!good) {
        X509_CRL_free(list);
        return fail(c, ERR_CERT_BAD, "crl");
    }
    *ret = sys_malloc(sizeof **ret);
    ASSERT(*ret);
    (*ret)->list = list;
    return OK;
}

void crl_end(struct crl *x)
{
    if (!x)
        return;
    X509_CRL_free(x->list);
    sys_free(x);
}

static int64_t us_of(const ASN1_TIME *at)
{
    struct tm t;
    if (!at || !ASN1_TIME_to_tm(at, &t))
        return 0;
    return us_from_civil(
        (struct civil){t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec},
        0);
}

int64_t crl_from_us(const struct crl *x)
{
    return us_of(X509_CRL_get0_lastUpdate(x->list));
}

int64_t crl_until_us(const struct crl *x)
{
    return us_of(X509_CRL_get0_nextUpdate(x->list));
}

bool crl_names(const struct crl *x, const struct cert *cert)
{
    X509_REVOKED *row = NULL;
    return X509_CRL_get0_by_cert(x->list, &row, cert->x509) == 1;
}

char *crl_pem(struct arena *a, const struct crl *x)
{
    BIO *bio = BIO_new(BIO_s_mem());
    ASSERT(bio && PEM_write_bio_X509_CRL(bio, x->list) > 0);
    struct bytes pem = own_bio_bytes(a, bio);
    return arena_text_n(a, (const char *)pem.ptr, pem.len);
}
