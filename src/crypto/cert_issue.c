/* SPDX-License-Identifier: Apache-2.0 */
/* What our certificates say: RFC 5280, and for members EN 319 412-2. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/own.h"

static enum err name_part(struct ctx *c, X509_NAME *name, int nid, const char *field,
                          const char *text)
{
    if (text_empty(text))
        return OK;
    int added =
        X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, (const uint8_t *)text, -1, -1, 0);
    ERR_clear_error();
    return added ? OK : fail(c, ERR_CERT_BAD, field, text);
}

static enum err subject_set(struct ctx *c, const struct cert_wish *w, X509_NAME *name)
{
    enum err e = name_part(c, name, NID_countryName, "country", w->country);
    if (!e)
        e = name_part(c, name, NID_organizationName, "organization", w->organization);
    if (!e)
        e = name_part(c, name, NID_serialNumber, "serial_number", w->serial_number);
    if (!e)
        e = name_part(c, name, NID_commonName, "common_name", w->common_name);
    if (!e && X509_NAME_entry_count(name) == 0)
        e = fail(c, ERR_CERT_BAD, "common_name");
    return e;
}

/* 127 random bits: positive, and not to be guessed (CA/Browser Forum 7.1 asks for 64). */
static void serial_set(X509 *x509)
{
    uint8_t random[16];
    sys_random(random, sizeof(random));
    random[0] = (uint8_t)((random[0] & 0x7f) | 0x40);
    BIGNUM *n = BN_bin2bn(random, sizeof(random), NULL);
    ASSERT(n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x509)));
    BN_free(n);
}

static bool validity_set(X509 *x509, int64_t from_us, int64_t until_us)
{
    return from_us < until_us &&
           ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)(from_us / SECOND_US)) &&
           ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)(until_us / SECOND_US));
}

static GENERAL_NAME *general_name(const char *text)
{
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_OCTET_STRING *ip = a2i_IPADDRESS(text);
    ERR_clear_error();
    ASSERT(name);
    if (ip) {
        GENERAL_NAME_set0_value(name, GEN_IPADD, ip);
        return name;
    }
    ASN1_IA5STRING *dns = ASN1_IA5STRING_new();
    ASSERT(dns && ASN1_STRING_set(dns, text, -1));
    GENERAL_NAME_set0_value(name, GEN_DNS, dns);
    return name;
}

static GENERAL_NAMES *names_of(const char *const *dns)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    ASSERT(names);
    for (; *dns; dns++)
        ASSERT(sk_GENERAL_NAME_push(names, general_name(*dns)) > 0);
    return names;
}

static void names_add(X509 *x509, const char *const *dns)
{
    if (!dns || !dns[0])
        return;
    GENERAL_NAMES *names = names_of(dns);
    ASSERT(X509_add1_ext_i2d(x509, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) > 0);
    GENERAL_NAMES_free(names);
}

static void extension(X509 *x509, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX v3;
    X509V3_set_ctx(&v3, issuer, x509, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &v3, nid, value);
    ASSERT(ext && X509_add_ext(x509, ext, -1));
    X509_EXTENSION_free(ext);
}

static void extensions_add(X509 *x509, X509 *issuer, const struct cert_wish *w)
{
    extension(x509, issuer, NID_basic_constraints,
              w->ca ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE");
    if (w->ca)
        extension(x509, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    else if (w->sign)
        extension(x509, issuer, NID_key_usage, "critical,digitalSignature,nonRepudiation");
    else
        extension(x509, issuer, NID_key_usage, "critical,digitalSignature");
    if (w->tls)
        extension(x509, issuer, NID_ext_key_usage, "serverAuth,clientAuth");
    extension(x509, issuer, NID_subject_key_identifier, "hash");
    extension(x509, issuer, NID_authority_key_identifier, "keyid:always");
    names_add(x509, w->dns);
}

static enum err fill(struct ctx *c, const struct cert_wish *w, const struct key *subject,
                     const struct key *ca_key, const struct cert *ca, X509 *x509)
{
    enum err e = subject_set(c, w, X509_get_subject_name(x509));
    if (e)
        return e;
    if (!validity_set(x509, w->from_us, w->until_us))
        return fail(c, ERR_CERT_BAD, "until");
    X509 *issuer = ca ? ca->x509 : x509;
    serial_set(x509);
    ASSERT(X509_set_version(x509, X509_VERSION_3) && X509_set_pubkey(x509, subject->pkey));
    ASSERT(X509_set_issuer_name(x509, X509_get_subject_name(issuer)));
    extensions_add(x509, issuer, w);
    const struct key *signer = ca_key ? ca_key : subject;
    ASSERT(X509_sign(x509, signer->pkey, evp_methods()->sha256) > 0);
    return OK;
}

enum err cert_issue(struct ctx *c, const struct cert_wish *w, const struct key *subject,
                    const struct key *ca_key, const struct cert *ca, struct cert **ret)
{
    ASSERT(!ca_key == !ca);
    ASSERT(key_is_here(ca_key ? ca_key : subject));
    if (ca && memcmp(ca->point, ca_key->point, POINT_LEN) != 0)
        return fail(c, ERR_CERT_BAD, "ca");
    X509 *x509 = X509_new();
    ASSERT(x509);
    enum err e = fill(c, w, subject, ca_key, ca, x509);
    if (e) {
        X509_free(x509);
        return e;
    }
    *ret = own_cert(x509);
    ASSERT(*ret);
    return OK;
}

/* ---- requests ---- */

static void ask_for(STACK_OF(X509_EXTENSION) * *list, int nid, const char *value)
{
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    if (!*list)
        *list = sk_X509_EXTENSION_new_null();
    ASSERT(ext && *list && sk_X509_EXTENSION_push(*list, ext) > 0);
}

static void extensions_ask(X509_REQ *q, const struct cert_wish *w)
{
    STACK_OF(X509_EXTENSION) *list = NULL;
    ask_for(&list, NID_basic_constraints, "critical,CA:FALSE");
    ask_for(&list, NID_key_usage,
            w->sign ? "critical,digitalSignature,nonRepudiation" : "critical,digitalSignature");
    if (w->tls)
        ask_for(&list, NID_ext_key_usage, "serverAuth,clientAuth");
    if (w->dns && w->dns[0]) {
        GENERAL_NAMES *names = names_of(w->dns);
        ASSERT(X509V3_add1_i2d(&list, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) > 0);
        GENERAL_NAMES_free(names);
    }
    ASSERT(X509_REQ_add_extensions(q, list));
    sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
}

/* By whoever holds the key: the keeper, a token. */
static void request_sign(X509_REQ *q, const struct key *k)
{
    uint8_t *tbs = NULL, der[KEY_DER_MAX];
    X509_ALGOR *how = X509_ALGOR_new();
    ASN1_BIT_STRING *sig = ASN1_BIT_STRING_new();
    ASSERT(how && sig);
    ASSERT(X509_ALGOR_set0(how, OBJ_nid2obj(NID_ecdsa_with_SHA256), V_ASN1_UNDEF, NULL));
    ASSERT(X509_REQ_set1_signature_algo(q, how) > 0);
    X509_ALGOR_free(how);
    int len = i2d_re_X509_REQ_tbs(q, &tbs);
    ASSERT(len > 0);
    size_t n = own_sign(k, sha256((struct bytes){tbs, (size_t)len}), der);
    OPENSSL_free(tbs);
    ASSERT(ASN1_BIT_STRING_set(sig, der, (int)n) > 0);
    sig->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07); /* no bits unused */
    sig->flags |= ASN1_STRING_FLAG_BITS_LEFT;
    X509_REQ_set0_signature(q, sig);
}

enum err cert_request(struct ctx *c, const struct cert_wish *w, const struct key *k,
                      const char **ret_pem)
{
    X509_REQ *q = X509_REQ_new();
    ASSERT(q && X509_REQ_set_version(q, X509_REQ_VERSION_1) && X509_REQ_set_pubkey(q, k->pkey));
    enum err e = subject_set(c, w, X509_REQ_get_subject_name(q));
    if (!e) {
        extensions_ask(q, w);
        BIO *bio = BIO_new(BIO_s_mem());
        ASSERT(bio);
        request_sign(q, k);
        ASSERT(PEM_write_bio_X509_REQ(bio, q));
        struct bytes pem = own_bio_bytes(c->arena, bio);
        *ret_pem = arena_text_n(c->arena, (const char *)pem.ptr, pem.len);
    }
    X509_REQ_free(q);
    return e;
}
