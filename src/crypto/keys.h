/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys, certificates and signatures: ECDSA P-256 with SHA-256. A key lives in one file (PKCS#8 PEM,
 * mode 0600) under the node's keys/ folder. Slow calls belong in prepare steps or jobs.
 */
#ifndef DINH_CRYPTO_KEYS_H
#define DINH_CRYPTO_KEYS_H

#include "crypto/hash.h"

#define KEY_DER_MAX 80 /* of a signature in DER */

struct key;  /* private key; may sign on several threads at once */
struct cert; /* an X.509 certificate */

/* ---- keys ---- */
MUST_CHECK enum err key_new(struct ctx *c, struct key **ret_key);
/* ERR_KEY_MISSING, ERR_KEY_BAD (not a plain P-256 key): both name the path. */
MUST_CHECK enum err key_load(struct ctx *c, const char *path, struct key **ret_key);
MUST_CHECK enum err key_save(struct ctx *c, const struct key *k, const char *path);
void key_end(struct key *k);
/* Is it in this process? Else it signs through the keeper (keeper.h) and can't be saved. */
bool key_is_here(const struct key *k);
/* PKCS#8 PEM, secret: only for a TLS library that takes its key as text. */
char *key_pem(struct arena *a, const struct key *k);
/* r || s, 64 bytes (RFC 7518 section 3.4). */
struct bytes key_sign(struct arena *a, const struct key *k, struct bytes in);
/* The same as a TLS library wants it: DER over a SHA-256 digest. key: a struct key. */
bool key_sign_tls(const void *key, const uint8_t digest[SHA256_LEN], uint8_t ret_der[KEY_DER_MAX],
                  size_t *ret_len);
struct bytes key_public_point(struct arena *a, const struct key *k); /* 65 bytes, uncompressed */
/* The same from 65 bytes; false on a point off the curve or a wrong signature. */
UNTRUSTED bool key_verify(struct bytes public_point, struct bytes in, struct bytes signature);
/* RFC 7638 thumbprint, base64url: the kid of JWKs. */
char *key_id(struct arena *a, struct bytes public_point);

/* ---- certificates ---- */
struct cert_wish {
    const char *common_name, *organization, *serial_number, *country; /* subject; "" leaves out */
    const char *const *dns; /* NULL-terminated names and addresses for TLS; may be NULL */
    bool ca, tls, sign;     /* what it may do */
    int64_t from_us, until_us;
};
/* Signed by ca_key and ca; self-signed when both are NULL. ERR_CERT_BAD names the wish that X.509
   doesn't take (names have at most 64 characters, a country 2 letters), or "ca" when the
   certificate and its key don't belong together. The caller ends the certificate. */
MUST_CHECK enum err cert_issue(struct ctx *c, const struct cert_wish *w, const struct key *subject,
                               const struct key *ca_key, const struct cert *ca, struct cert **ret);
/* A request for such a certificate (PKCS#10, PEM) over the key; from and until are the authority's
   to say. ERR_CERT_BAD as cert_issue(). */
MUST_CHECK enum err cert_request(struct ctx *c, const struct cert_wish *w, const struct key *k,
                                 const char **ret_pem);
/* One P-256 certificate, at most 32 KiB; else ERR_CERT_BAD. The caller ends it. */
UNTRUSTED MUST_CHECK enum err cert_parse(struct ctx *c, struct bytes pem_or_der, struct cert **ret);
void cert_end(struct cert *x);
char *cert_pem(struct arena *a, const struct cert *x);
struct bytes cert_der(struct arena *a, const struct cert *x);
char *cert_fingerprint(struct arena *a, const struct cert *x); /* SHA-256 hex of the DER */
/* field: "CN", "O", "serialNumber", "C"; "" when the subject has none. */
char *cert_subject(struct arena *a, const struct cert *x, const char *field);
struct bytes cert_public_point(struct arena *a, const struct cert *x);
int64_t cert_until_us(const struct cert *x); /* the end of its validity */
/* Is its signature ca's? Of a root: its own. A bit that was flipped in it shows. */
bool cert_signed_by(const struct cert *x, const struct cert *ca);
/* Issued by ca (a root of ours), both valid at now_us. */
bool cert_check(const struct cert *x, const struct cert *ca, int64_t now_us);

/* ---- lists of revoked certificates (RFC 5280 section 5) ---- */
struct crl;
/* PEM or DER, at most 1 MiB, signed by ca; else ERR_CERT_BAD. The caller ends it. */
UNTRUSTED MUST_CHECK enum err crl_parse(struct ctx *c, struct bytes pem_or_der,
                                        const struct cert *ca, struct crl **ret);
void crl_end(struct crl *x);
int64_t crl_from_us(const struct crl *x);  /* when it was made */
int64_t crl_until_us(const struct crl *x); /* when the next one is due; 0: it doesn't say */
bool crl_names(const struct crl *x, const struct cert *cert);
char *crl_pem(struct arena *a, const struct crl *x);

/* ---- JWS compact, ES256 (RFC 7515) ---- */
char *jws_sign(struct arena *a, const struct key *k, const char *typ, const char *payload_json);
/* Checks shape, alg = ES256, kid = the key's, signature. Payload is bytes of JSON. */
UNTRUSTED MUST_CHECK bool jws_verify(struct arena *a, const char *compact,
                                     struct bytes public_point, struct bytes *ret_payload);
/* And typ as wanted: a token of another kind isn't one (RFC 8725 3.11). */
UNTRUSTED MUST_CHECK bool jws_verify_typ(struct arena *a, const char *compact, const char *typ,
                                         struct bytes public_point, struct bytes *ret_payload);
/* The same with the public key itself in the header, for who needs no other proof than that the
   holder of one key comes again (RFC 9449). */
char *jws_sign_own(struct arena *a, const struct key *k, const char *typ, const char *payload_json);
/* By the key in its header: alg = ES256, typ as wanted, an EC key on P-256 without private part. */
UNTRUSTED MUST_CHECK bool jws_verify_own(struct arena *a, const char *compact, const char *typ,
                                         struct bytes *ret_point, struct bytes *ret_payload);
char *jwk_json(struct arena *a, struct bytes public_point); /* {"kty":"EC",...,"kid":...} */
UNTRUSTED MUST_CHECK bool jwk_point(struct arena *a, const char *x, const char *y,
                                    struct bytes *ret_point);

/* ---- CMS and PDF signatures (RFC 5652; ISO 32000 12.8, ETSI EN 319 142 PAdES B-B) ---- */
/* CAdES B-B over in, which stays outside; signing time is the context's. ca may be NULL. */
MUST_CHECK enum err cms_sign_detached(struct ctx *c, const struct key *k, const struct cert *x,
                                      const struct cert *ca, struct bytes in,
                                      struct bytes *ret_der);
/* Adds an incremental update with an invisible signature over the whole file, earlier signatures
   included. reason and signer are shown by readers. pdfsig and openssl verify it without us.
   ERR_PDF_BAD: damaged, encrypted, or built in a way we don't read. */
UNTRUSTED MUST_CHECK enum err pdf_sign(struct ctx *c, const struct key *k, const struct cert *x,
                                       const struct cert *ca, const char *signer,
                                       const char *reason, struct bytes pdf, struct bytes *ret_pdf);

#endif
