/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hash.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "crypto/evp.h"

struct sha256 sha256(struct bytes in)
{
    return sha256_two(in, (struct bytes){0});
}

struct sha256 sha256_two(struct bytes a, struct bytes b)
{
    struct sha256 out;
    EVP_MD_CTX *md = evp_thread()->md;
    ASSERT(EVP_DigestInit_ex(md, evp_methods()->sha256, NULL) > 0);
    ASSERT(EVP_DigestUpdate(md, a.ptr, a.len) > 0);
    ASSERT(b.len == 0 || EVP_DigestUpdate(md, b.ptr, b.len) > 0);
    ASSERT(EVP_DigestFinal_ex(md, out.b, NULL) > 0);
    return out;
}

void sha512(struct bytes in, uint8_t ret[64])
{
    EVP_MD_CTX *md = evp_thread()->md;
    ASSERT(EVP_DigestInit_ex(md, evp_methods()->sha512, NULL) > 0);
    ASSERT(EVP_DigestUpdate(md, in.ptr, in.len) > 0);
    ASSERT(EVP_DigestFinal_ex(md, ret, NULL) > 0);
}

struct sha256 hmac_sha256(struct bytes key, struct bytes in)
{
    static const uint8_t nothing;
    struct sha256 out;
    size_t len = 0;
    EVP_MAC_CTX *mac = evp_thread()->hmac_sha256;
    /* A NULL key would mean the last one again. */
    ASSERT(EVP_MAC_init(mac, key.len ? key.ptr : &nothing, key.len, NULL) > 0);
    ASSERT(in.len == 0 || EVP_MAC_update(mac, in.ptr, in.len) > 0);
    ASSERT(EVP_MAC_final(mac, out.b, &len, sizeof(out.b)) > 0 && len == SHA256_LEN);
    return out;
}

char *sha256_hex(struct arena *a, struct sha256 h)
{
    struct buf b = buf_new(a, 2 * SHA256_LEN + 1);
    buf_hex(&b, (struct bytes){h.b, SHA256_LEN});
    return b.ptr;
}

/* Small letters only, as sha256_hex() writes: one text a hash. */
bool sha256_from_hex(const char *hex, struct sha256 *ret)
{
    struct sha256 out;
    if (!hex || hex[strspn(hex, "0123456789abcdef")] || !hex_bytes(hex, out.b, SHA256_LEN))
        return false;
    *ret = out;
    return true;
}

struct bytes key_derive(struct arena *a, struct bytes root, const char *use)
{
    uint8_t out[32];
    evp_hkdf(root, (struct bytes){0}, bytes_of(use), out, sizeof(out));
    struct bytes key = arena_bytes(a, out, sizeof(out));
    OPENSSL_cleanse(out, sizeof(out));
    return key;
}

char *blind_token(struct arena *a, struct bytes key, const char *text)
{
    struct sha256 h = hmac_sha256(key, bytes_of(text_fold(a, text)));
    struct buf b = buf_new(a, 64);
    buf_base64url(&b, (struct bytes){h.b, SHA256_LEN});
    return arena_text_n(a, b.ptr, 22);
}
