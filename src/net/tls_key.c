/* SPDX-License-Identifier: Apache-2.0 */
#define OPENSSL_SUPPRESS_DEPRECATED                                                                \
    1 /* EC_KEY_METHOD: the way of OpenSSL 3.0 without a provider                                  \
       */
#include "net/tls_key.h"

#include <netinet/in.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "base/sys.h"

#define CERTS_MAX 4
#define P256_BITS 256

/* ---- server ---- */

struct tls_identity {
    struct tls_key key;
    gnutls_pcert_st certs[CERTS_MAX];
    unsigned n_certs;
    gnutls_privkey_t private;
    int port;
    struct tls_identity *next;
};
static struct tls_identity *identities;
static pthread_rwlock_t identities_lock = PTHREAD_RWLOCK_INITIALIZER;

static int sign_digest(const struct tls_key *key, const gnutls_datum_t *digest,
                       gnutls_datum_t *signature)
{
    uint8_t der[TLS_KEY_DER_MAX];
    size_t len = 0;
    if (digest->size != 32 || !key->sign(key->arg, digest->data, der, &len))
        return GNUTLS_E_PK_SIGN_FAILED;
    signature->data = gnutls_malloc(len);
    if (!signature->data)
        return GNUTLS_E_MEMORY_ERROR;
    memcpy(signature->data, der, len);
    signature->size = (unsigned)len;
    return 0;
}

static int sign_hash(gnutls_privkey_t key, gnutls_sign_algorithm_t how, void *arg, unsigned flags,
                     const gnutls_datum_t *hash, gnutls_datum_t *signature)
{
    const struct tls_identity *t = arg;
    (void)key, (void)flags, (void)how;
    return sign_digest(&t->key, hash, signature);
}

static int sign_data(gnutls_privkey_t key, gnutls_sign_algorithm_t how, void *arg, unsigned flags,
                     const gnutls_datum_t *data, gnutls_datum_t *signature)
{
    uint8_t hash[32];
    const gnutls_datum_t digest = {hash, sizeof hash};
    if (gnutls_sign_get_hash_algorithm(how) != GNUTLS_DIG_SHA256 ||
        gnutls_hash_fast(GNUTLS_DIG_SHA256, data->data, data->size, hash) < 0)
        return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
    return sign_hash(key, how, arg, flags, &digest, signature);
}

static bool known_sign(unsigned how)
{
    return how == GNUTLS_SIGN_ECDSA_SHA256 || how == GNUTLS_SIGN_ECDSA_SECP256R1_SHA256;
}

static int tell(gnutls_privkey_t key, unsigned flags, void *arg)
{
    (void)key, (void)arg;
    if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO)
        return GNUTLS_PK_ECDSA;
    if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS)
        return P256_BITS;
    if (flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO)
        return known_sign(GNUTLS_FLAGS_TO_SIGN_ALGO(flags));
    return -1;
}

static void identity_free(struct tls_identity *t)
{
    for (unsigned i = 0; i < t->n_certs; i++)
        gnutls_pcert_deinit(&t->certs[i]);
    if (t->private)
        gnutls_privkey_deinit(t->private);
    sys_free(t);
}

static struct tls_identity *identity_new(const char *cert_pem, const struct tls_key *key, int port)
{
    struct tls_identity *t = sys_malloc(sizeof *t);
    const gnutls_datum_t pem = {(unsigned char *)(uintptr_t)cert_pem, (unsigned)strlen(cert_pem)};
    if (!t)
        return NULL;
    *t = (struct tls_identity){.key = *key, .n_certs = CERTS_MAX, .port = port};
    bool good =
        gnutls_pcert_list_import_x509_raw(t->certs, &t->n_certs, &pem, GNUTLS_X509_FMT_PEM, 0) >= 0;
    if (!good)
        t->n_certs = 0;
    good = good && gnutls_privkey_init(&t->private) >= 0;
    good = good && gnutls_privkey_import_ext4(t->private, t, sign_data, sign_hash, NULL, NULL, tell,
                                              0) >= 0;
    if (good)
        return t;
    identity_free(t);
    return NULL;
}

bool tls_identity_add(const char *cert_pem, const struct tls_key *key, int port)
{
    struct tls_identity *t = identity_new(cert_pem, key, port);
    if (!t)
        return false;
    pthread_rwlock_wrlock(&identities_lock);
    t->next = identities;
    identities = t;
    pthread_rwlock_unlock(&identities_lock);
    return true;
}

void tls_identity_drop(int port)
{
    pthread_rwlock_wrlock(&identities_lock);
    for (struct tls_identity **at = &identities; *at; at = &(*at)->next) {
        struct tls_identity *t = *at;
        if (t->port != port)
            continue;
        *at = t->next;
        identity_free(t);
        break;
    }
    pthread_rwlock_unlock(&identities_lock);
}

/* The engine gives no argument of ours; the socket knows which server it came to. */
static int port_of(gnutls_session_t session)
{
    union {
        struct sockaddr sa;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } a = {.v4 = {0}};
    socklen_t len = sizeof a;
    if (getsockname(gnutls_transport_get_int(session), &a.sa, &len) != 0)
        return -1;
    return ntohs(a.sa.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
}

int tls_identity_find(gnutls_session_t session, const gnutls_datum_t *names, int n_names,
                      const gnutls_pk_algorithm_t *kinds, int n_kinds, gnutls_pcert_st **ret_certs,
                      unsigned *ret_n, gnutls_privkey_t *ret_key)
{
    int port = port_of(session);
    (void)names, (void)n_names, (void)kinds, (void)n_kinds;
    pthread_rwlock_rdlock(&identities_lock);
    struct tls_identity *t = identities;
    while (t && t->port != port)
        t = t->next;
    if (t) { /* it lives as long as its server's threads */
        *ret_certs = t->certs;
        *ret_n = t->n_certs;
        *ret_key = t->private;
    }
    pthread_rwlock_unlock(&identities_lock);
    return t ? 0 : -1;
}

/* ---- client ---- */

static int key_index = -1; /* of EC_KEY ex_data */
static EC_KEY_METHOD *method;
static pthread_once_t method_once = PTHREAD_ONCE_INIT;

static void key_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int index, long n, void *arg)
{
    (void)parent, (void)ad, (void)index, (void)n, (void)arg;
    sys_free(ptr);
}

static int sign_ec(int type, const unsigned char *digest, int len, unsigned char *ret,
                   unsigned *ret_len, const BIGNUM *k, const BIGNUM *r, EC_KEY *ec)
{
    const struct tls_key *key = EC_KEY_get_ex_data(ec, key_index);
    uint8_t der[TLS_KEY_DER_MAX];
    size_t n = 0;
    (void)type, (void)k, (void)r;
    if (!key || len != 32 || !key->sign(key->arg, digest, der, &n) || n > (size_t)ECDSA_size(ec))
        return 0;
    memcpy(ret, der, n);
    *ret_len = (unsigned)n;
    return 1;
}

static void method_make(void)
{
    key_index = EC_KEY_get_ex_new_index(0, NULL, NULL, NULL, key_free);
    method = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
    if (method)
        EC_KEY_METHOD_set_sign(method, sign_ec, NULL, NULL);
}

/* A key of the certificate's public half that signs through us; NULL when it isn't P-256. */
static EVP_PKEY *key_of(X509 *x, const struct tls_key *key)
{
    pthread_once(&method_once, method_make);
    EC_KEY *theirs = EVP_PKEY_get1_EC_KEY(X509_get0_pubkey(x));
    EC_KEY *ec = theirs ? EC_KEY_new_by_curve_name(NID_X9_62_prime256v1) : NULL;
    EVP_PKEY *out = ec ? EVP_PKEY_new() : NULL;
    struct tls_key *copy = sys_malloc(sizeof *copy);
    bool good = out && copy && method && EC_KEY_set_method(ec, method) == 1 &&
                EC_KEY_set_public_key(ec, EC_KEY_get0_public_key(theirs)) == 1;
    if (copy)
        *copy = *key;
    if (good && EC_KEY_set_ex_data(ec, key_index, copy) == 1)
        copy = NULL; /* the key's now */
    good = good && !copy && EVP_PKEY_set1_EC_KEY(out, ec) == 1;
    sys_free(copy);
    EC_KEY_free(ec);
    EC_KEY_free(theirs);
    if (good)
        return out;
    EVP_PKEY_free(out);
    return NULL;
}

bool tls_key_use(SSL_CTX *ssl, const char *cert_pem, const struct tls_key *key)
{
    BIO *bio = BIO_new_mem_buf(cert_pem, -1);
    X509 *x = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    EVP_PKEY *own = x ? key_of(x, key) : NULL;
    bool good =
        own && SSL_CTX_use_certificate(ssl, x) == 1 && SSL_CTX_use_PrivateKey(ssl, own) == 1;
    EVP_PKEY_free(own);
    X509_free(x);
    BIO_free(bio);
    ERR_clear_error();
    return good;
}
