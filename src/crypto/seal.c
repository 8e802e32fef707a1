/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/sys.h"
#include "crypto/evp.h"

#define SEAL_VERSION 1
#define NONCE_LEN    12
#define TAG_LEN      16
#define SEAL_EXTRA   (1 + NONCE_LEN + TAG_LEN)

static void begin(EVP_CIPHER_CTX *ctx, struct bytes key, const uint8_t *nonce, const char *aad,
                  int encrypt)
{
    int len = 0;
    size_t aad_len = strlen(aad);
    ASSERT(key.len == 32 && aad_len <= INT32_MAX);
    ASSERT(EVP_CipherInit_ex(ctx, evp_methods()->aes_256_gcm, NULL, key.ptr, nonce, encrypt) > 0);
    const uint8_t *ptr = (const uint8_t *)aad;
    ASSERT(aad_len == 0 || EVP_CipherUpdate(ctx, NULL, &len, ptr, (int)aad_len) > 0);
}

struct bytes seal(struct arena *a, struct bytes key, const char *aad, struct bytes plain)
{
    ASSERT(plain.len <= INT32_MAX - SEAL_EXTRA);
    uint8_t *out = arena_alloc(a, plain.len + SEAL_EXTRA);
    uint8_t *text = out + 1 + NONCE_LEN;
    EVP_CIPHER_CTX *ctx = evp_thread()->cipher;
    int len = 0;
    out[0] = SEAL_VERSION;
    sys_random(out + 1, NONCE_LEN);
    begin(ctx, key, out + 1, aad, 1);
    ASSERT(plain.len == 0 || EVP_CipherUpdate(ctx, text, &len, plain.ptr, (int)plain.len) > 0);
    ASSERT(EVP_CipherFinal_ex(ctx, text + plain.len, &len) > 0 && len == 0);
    ASSERT(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, text + plain.len) > 0);
    return (struct bytes){out, plain.len + SEAL_EXTRA};
}

bool seal_open(struct arena *a, struct bytes key, const char *aad, struct bytes sealed,
               struct bytes *ret_plain)
{
    if (sealed.len < SEAL_EXTRA || sealed.len > INT32_MAX || sealed.ptr[0] != SEAL_VERSION)
        return false;
    size_t n = sealed.len - SEAL_EXTRA;
    const uint8_t *text = sealed.ptr + 1 + NONCE_LEN;
    uint8_t tag[TAG_LEN];
    uint8_t *plain = arena_alloc(a, n + 1);
    EVP_CIPHER_CTX *ctx = evp_thread()->cipher;
    int len = 0;
    memcpy(tag, text + n, TAG_LEN);
    begin(ctx, key, sealed.ptr + 1, aad, 0);
    ASSERT(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) > 0);
    bool good = n == 0 || EVP_CipherUpdate(ctx, plain, &len, text, (int)n) > 0;
    good = good && EVP_CipherFinal_ex(ctx, plain + n, &len) > 0;
    if (!good) {
        OPENSSL_cleanse(plain, n);
        return false;
    }
    *ret_plain = (struct bytes){plain, n};
    return true;
}
