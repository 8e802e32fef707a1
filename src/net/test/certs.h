/* SPDX-License-Identifier: Apache-2.0 */
/* For the tests of net: authorities and certificates made on the spot, P-256. */
#ifndef DINH_NET_TEST_CERTS_H
#define DINH_NET_TEST_CERTS_H

#include "net/test/raw.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

struct party {
    EVP_PKEY *key;
    X509 *cert;
    const char *cert_pem, *key_pem, *pin; /* in the arena */
};

static inline void party_extend(X509 *x, int nid, const char *value)
{
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    assert_non_null(e);
    X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
}

static inline const char *party_pem(struct arena *a, X509 *cert, EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (cert)
        PEM_write_bio_X509(bio, cert);
    if (key)
        PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    char *ptr = NULL;
    long len = BIO_get_mem_data(bio, &ptr);
    const char *text = arena_text_n(a, ptr, (size_t)len);
    BIO_free(bio);
    return text;
}

static inline const char *party_pin(struct arena *a, const X509 *x)
{
    unsigned char digest[32];
    unsigned len = 0;
    char *hex = arena_alloc(a, 65);
    X509_digest(x, EVP_sha256(), digest, &len);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    return hex;
}

/* by NULL: an authority; else a party at address 127.0.0.1 that `by` vouches for. */
static inline struct party party_new(struct arena *a, const char *name, const struct party *by)
{
    static long serial;
    struct party p = {.key = EVP_EC_gen("P-256"), .cert = X509_new()};
    X509 *x = p.cert;
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(by ? by->cert : x));
    X509_set_pubkey(x, p.key);
    party_extend(x, NID_basic_constraints, by ? "critical,CA:FALSE" : "critical,CA:TRUE");
    party_extend(x, NID_key_usage, by ? "critical,digitalSignature" : "critical,keyCertSign");
    if (by)
        party_extend(x, NID_subject_alt_name, "IP:127.0.0.1");
    X509_sign(x, by ? by->key : p.key, EVP_sha256());
    p.cert_pem = party_pem(a, x, NULL);
    p.key_pem = party_pem(a, NULL, p.key);
    p.pin = party_pin(a, x);
    return p;
}

static inline void party_end(struct party *p)
{
    EVP_PKEY_free(p->key);
    X509_free(p->cert);
}

#endif
