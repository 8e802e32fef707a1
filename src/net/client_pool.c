/* SPDX-License-Identifier: Apache-2.0 */
#include "net/client_pool.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "net/tls_key.h"

enum { SLOTS = 8, DIGEST_BYTES = 32, MAX_KEPT_CONNECTIONS = 8 };

struct slot {
    CURL *curl; /* NULL: free */
    uint8_t key[DIGEST_BYTES];
    bool pinned;
    const struct client_tls *tls;                    /* of the call that is on */
    uint8_t pin[DIGEST_BYTES], or_pin[DIGEST_BYTES]; /* the same where there is no other */
    int64_t used; /* the pool's count of calls, for choosing the slot that makes room */
};
struct pool {
    struct slot slots[SLOTS];
    int64_t calls;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t pool_key;

static void pool_end(void *pool)
{
    struct pool *p = pool;
    for (size_t i = 0; i < SLOTS; i++)
        if (p->slots[i].curl)
            curl_easy_cleanup(p->slots[i].curl);
    sys_free(p);
}

static void pool_end_of_main(void)
{
    struct pool *p = pthread_getspecific(pool_key);
    pthread_setspecific(pool_key, NULL);
    if (p)
        pool_end(p);
}

static void begin(void)
{
    signal(SIGPIPE, SIG_IGN); /* TLS writes to a closed socket would raise it */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        BUG("curl does not start");
    if (pthread_key_create(&pool_key, pool_end) != 0)
        BUG("no thread key");
    atexit(pool_end_of_main); /* key destructors don't run for the main thread */
}

static struct pool *pool_of_thread(void)
{
    pthread_once(&once, begin);
    struct pool *p = pthread_getspecific(pool_key);
    if (p)
        return p;
    p = sys_malloc(sizeof *p);
    if (!p)
        return NULL;
    memset(p, 0, sizeof *p);
    pthread_setspecific(pool_key, p);
    return p;
}

/* ---- which slot ---- */

static void digest_text(EVP_MD_CTX *md, const char *text)
{
    uint64_t len = text ? strlen(text) + 1 : 0;
    EVP_DigestUpdate(md, &len, sizeof len);
    if (text)
        EVP_DigestUpdate(md, text, len);
}

static bool identity(const struct client_tls *t, uint8_t ret[DIGEST_BYTES])
{
    memset(ret, 0, DIGEST_BYTES);
    if (!t)
        return true;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!md)
        return false;
    EVP_DigestInit_ex(md, EVP_sha256(), NULL);
    digest_text(md, t->ca_pem);
    digest_text(md, t->cert_pem);
    digest_text(md, t->key_pem);
    digest_text(md, t->crl_pem); /* a new list, new connections */
    digest_text(md, t->pin_sha256_hex);
    digest_text(md, t->or_pin_sha256_hex);
    EVP_DigestUpdate(md, &t->key.arg, sizeof t->key.arg);
    EVP_DigestUpdate(md, t->tls13_only ? "3" : "2", 1);
    bool ok = EVP_DigestFinal_ex(md, ret, NULL) == 1;
    EVP_MD_CTX_free(md);
    return ok;
}

/* The slot with this key, or the free or longest unused one, emptied. */
static struct slot *slot_for(struct pool *p, const uint8_t key[DIGEST_BYTES])
{
    struct slot *oldest = &p->slots[0];
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *s = &p->slots[i];
        if (s->curl && memcmp(s->key, key, DIGEST_BYTES) == 0)
            return s;
        if (s->used < oldest->used)
            oldest = s;
    }
    if (oldest->curl)
        curl_easy_cleanup(oldest->curl);
    *oldest = (struct slot){0};
    memcpy(oldest->key, key, DIGEST_BYTES);
    return oldest;
}

/* ---- TLS ---- */

static int slot_index = -1; /* of SSL_CTX ex_data */
static pthread_once_t index_once = PTHREAD_ONCE_INIT;

static void index_make(void)
{
    slot_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

/* Beside the chain's own check: the leaf must be the very certificate we were told. */
static int check_pin(int chain_ok, X509_STORE_CTX *store)
{
    if (!chain_ok || X509_STORE_CTX_get_error_depth(store) != 0)
        return chain_ok;
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    const struct slot *s = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), slot_index);
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    const X509 *leaf = X509_STORE_CTX_get_current_cert(store);
    if (X509_digest(leaf, EVP_sha256(), digest, &len) == 1 && len == DIGEST_BYTES &&
        (memcmp(digest, s->pin, DIGEST_BYTES) == 0 || memcmp(digest, s->or_pin, DIGEST_BYTES) == 0))
        return 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
}

static bool use_crl(SSL_CTX *ctx, const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509_CRL *list = bio ? PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL) : NULL;
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);
    bool ok = list && X509_STORE_add_crl(store, list) == 1 &&
              X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) == 1;
    X509_CRL_free(list);
    BIO_free(bio);
    return ok;
}

static CURLcode on_tls(CURL *curl, void *ssl_ctx, void *slot)
{
    (void)curl;
    pthread_once(&index_once, index_make);
    if (SSL_CTX_set_ex_data(ssl_ctx, slot_index, slot) != 1)
        return CURLE_OUT_OF_MEMORY;
    const struct slot *s = slot;
    if (s->pinned)
        SSL_CTX_set_verify(ssl_ctx, SSL_VERIFY_PEER, check_pin);
    if (s->tls->crl_pem && !use_crl(ssl_ctx, s->tls->crl_pem))
        return CURLE_SSL_CRL_BADFILE;
    if (s->tls->key.sign && !tls_key_use(ssl_ctx, s->tls->cert_pem, &s->tls->key))
        return CURLE_SSL_CERTPROBLEM;
    return CURLE_OK;
}

static void set_blob(CURL *curl, CURLoption option, const char *pem)
{
    if (!pem)
        return;
    struct curl_blob blob = {(void *)(uintptr_t)pem, strlen(pem), CURL_BLOB_COPY};
    curl_easy_setopt(curl, option, &blob);
}

static void set_tls(CURL *curl, const struct client_tls *t, struct slot *s)
{
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    long version = t && t->tls13_only ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2;
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, version);
    if (!t)
        return;
    if (t->ca_pem) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
        set_blob(curl, CURLOPT_CAINFO_BLOB, t->ca_pem);
    }
    if (!t->key.sign) { /* else on_tls() brings both: curl alone takes a key as text only */
        set_blob(curl, CURLOPT_SSLCERT_BLOB, t->cert_pem);
        set_blob(curl, CURLOPT_SSLKEY_BLOB, t->key_pem);
    }
    s->tls = t;
    if (s->pinned || t->key.sign || t->crl_pem) {
        curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, on_tls);
        curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, s);
    }
}

/* False: a pin that is no fingerprint. */
static bool pins_of(const struct client_tls *t, struct slot *s)
{
    s->pinned = t && !text_empty(t->pin_sha256_hex);
    if (!s->pinned)
        return true;
    const char *other = text_empty(t->or_pin_sha256_hex) ? t->pin_sha256_hex : t->or_pin_sha256_hex;
    return hex_bytes(t->pin_sha256_hex, s->pin, DIGEST_BYTES) &&
           hex_bytes(other, s->or_pin, DIGEST_BYTES);
}

CURL *client_pool_take(const struct client_tls *t)
{
    struct pool *p = pool_of_thread();
    uint8_t key[DIGEST_BYTES];
    if (!p || !identity(t, key))
        return NULL;
    struct slot *s = slot_for(p, key);
    s->used = ++p->calls;
    if (s->curl)
        curl_easy_reset(s->curl);
    else
        s->curl = curl_easy_init();
    if (!pins_of(t, s) || !s->curl)
        return NULL;
    curl_easy_setopt(s->curl, CURLOPT_MAXCONNECTS, (long)MAX_KEPT_CONNECTIONS);
    set_tls(s->curl, t, s);
    return s->curl;
}

void client_pool_settle(CURL *curl)
{
    curl_easy_reset(curl);
}
