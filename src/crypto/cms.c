/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CMS_final() always stamps the machine's own time, which PAdES forbids and a virtual clock can't
 * reach; so the signed attributes are put together here and signed by hand (RFC 5652 section 5.4).
 */
#include <openssl/cms.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "crypto/own.h"

#define ATTRIBUTES_MAX   8
#define ATTRIBUTES_BYTES 65536 /* they quote the issuer, and a certificate has at most half */

/* DER orders the members of a SET OF by their bytes (X.690 section 11.6). */
static int by_bytes(const void *left, const void *right)
{
    const struct bytes *a = left, *b = right;
    int order = memcmp(a->ptr, b->ptr, a->len < b->len ? a->len : b->len);
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

static struct bytes attribute_der(struct arena *a, X509_ATTRIBUTE *attribute)
{
    uint8_t *der = NULL;
    int len = i2d_X509_ATTRIBUTE(attribute, &der);
    ASSERT(len > 0);
    struct bytes out = arena_bytes(a, der, (size_t)len);
    OPENSSL_free(der);
    return out;
}

/* What is signed: the attributes as an explicit SET OF, not with the [0] they are stored under. */
static struct bytes attributes_der(struct arena *a, CMS_SignerInfo *si)
{
    struct bytes one[ATTRIBUTES_MAX];
    struct buf out = buf_new(a, ATTRIBUTES_BYTES + 4);
    int n = CMS_signed_get_attr_count(si);
    size_t len = 0;
    ASSERT(n > 0 && n <= ATTRIBUTES_MAX);
    for (int i = 0; i < n; i++) {
        one[i] = attribute_der(a, CMS_signed_get_attr(si, i));
        len += one[i].len;
    }
    qsort(one, (size_t)n, sizeof(one[0]), by_bytes);
    ASSERT(len >= 128 && len < ATTRIBUTES_BYTES);
    /* DER: the shortest form of the length */
    buf_add(&out, len < 256 ? "\x31\x81" : "\x31\x82", 2);
    if (len >= 256)
        buf_char(&out, (char)(len >> 8));
    buf_char(&out, (char)(len & 0xff));
    for (int i = 0; i < n; i++)
        buf_add(&out, one[i].ptr, one[i].len);
    return buf_bytes(&out);
}

static void time_add(CMS_SignerInfo *si, int64_t now_us)
{
    ASN1_TIME *t = ASN1_TIME_set(NULL, (time_t)(now_us / SECOND_US));
    ASSERT(t && CMS_signed_add1_attr_by_NID(si, NID_pkcs9_signingTime, ASN1_STRING_type(t), t, -1));
    ASN1_TIME_free(t);
}

static void sign(struct arena *a, CMS_SignerInfo *si, const struct key *k)
{
    struct bytes der = own_sign_der(a, k, sha256(attributes_der(a, si)));
    ASSERT(ASN1_STRING_set(CMS_SignerInfo_get0_signature(si), der.ptr, (int)der.len));
}

enum err own_cms(struct ctx *c, const struct key *k, const struct cert *x, const struct cert *ca,
                 struct sha256 digest, bool signing_time, struct bytes *ret_der)
{
    unsigned flags = CMS_PARTIAL | CMS_DETACHED | CMS_BINARY | CMS_NOSMIMECAP | CMS_CADES;
    uint8_t *der = NULL;
    if (memcmp(k->point, x->point, POINT_LEN) != 0)
        return fail(c, ERR_CERT_BAD, "certificate");
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
    ASSERT(cms && (!ca || CMS_add1_cert(cms, ca->x509)));
    CMS_SignerInfo *si = CMS_add1_signer(cms, x->x509, k->pkey, evp_methods()->sha256, flags);
    ASSERT(si);
    ASSERT(CMS_signed_add1_attr_by_NID(si, NID_pkcs9_contentType, V_ASN1_OBJECT,
                                       OBJ_nid2obj(NID_pkcs7_data), -1));
    ASSERT(CMS_signed_add1_attr_by_NID(si, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, digest.b,
                                       SHA256_LEN));
    if (signing_time)
        time_add(si, c->now_us);
    sign(c->arena, si, k);
    int len = i2d_CMS_ContentInfo(cms, &der);
    ASSERT(len > 0);
    *ret_der = arena_bytes(c->arena, der, (size_t)len);
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    ERR_clear_error();
    return OK;
}

enum err cms_sign_detached(struct ctx *c, const struct key *k, const struct cert *x,
                           const struct cert *ca, struct bytes in, struct bytes *ret_der)
{
    return own_cms(c, k, x, ca, sha256(in), true, ret_der);
}
