/* SPDX-License-Identifier: Apache-2.0 */
/* What libraries write that the sanitizer of memory can't see into: without it, all they give back
   would count as never written. Linked into the replayed corpora of that build alone (--wrap). */
#include <cbor.h>
#include <dlfcn.h>
#include <expat.h>
#include <jansson.h>
#include <malloc.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <sanitizer/msan_interface.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <utf8proc.h>
#include <zlib.h>

#define BORDER(type, name, ...)                                                                    \
    type __real_##name(__VA_ARGS__);                                                               \
    type __wrap_##name(__VA_ARGS__);                                                               \
    type __wrap_##name(__VA_ARGS__)

static void wrote(const void *p, size_t n)
{
    if (p)
        __msan_unpoison(p, n);
}

/* Their own memory is all written, for us. */
static void *theirs(size_t n)
{
    return calloc(1, n ? n : 1);
}

static void *theirs_longer(void *p, size_t n)
{
    void *longer = realloc(p, n);
    wrote(longer, n);
    return longer;
}

static void *theirs_told(size_t n, const char *file, int line)
{
    (void)file, (void)line;
    return theirs(n);
}

static void *theirs_longer_told(void *p, size_t n, const char *file, int line)
{
    (void)file, (void)line;
    return theirs_longer(p, n);
}

static void theirs_no_more(void *p, const char *file, int line)
{
    (void)file, (void)line;
    free(p);
}

__attribute__((constructor)) static void begin(void)
{
    json_set_alloc_funcs(theirs, free);
    if (!CRYPTO_set_mem_functions(theirs_told, theirs_longer_told, theirs_no_more))
        abort();
}

BORDER(int, fstat64, int fd, struct stat64 *to)
{
    int e = __real_fstat64(fd, to);
    wrote(to, e ? 0 : sizeof *to);
    return e;
}

/* What is asked of libc from within isn't judged. */
BORDER(json_t *, json_loadb, const char *in, size_t len, size_t flags, json_error_t *why)
{
    __msan_scoped_disable_interceptor_checks();
    json_t *j = __real_json_loadb(in, len, flags, why);
    __msan_scoped_enable_interceptor_checks();
    wrote(why, sizeof *why);
    return j;
}

static XML_Parser parser_create(const XML_Char *encoding)
{
    static const XML_Memory_Handling_Suite memory = {theirs, theirs_longer, free};
    void *call = dlsym(dlopen("libexpat.so.1", RTLD_NOW | RTLD_LOCAL), "XML_ParserCreate_MM");
    __typeof__(&XML_ParserCreate_MM) create;
    memcpy(&create, &call, sizeof create);
    return create(encoding, &memory, NULL);
}

static enum XML_Status (*parse)(XML_Parser, const char *, int, int);
static enum XML_Status parse_quietly(XML_Parser p, const char *in, int len, int end)
{
    __msan_scoped_disable_interceptor_checks();
    enum XML_Status status = parse(p, in, len, end);
    __msan_scoped_enable_interceptor_checks();
    return status;
}

/* The sanitizer asks it too, before it can bear to be asked itself. */
void *__real_dlsym(void *library, const char *name);
void *__wrap_dlsym(void *library, const char *name);
__attribute__((no_sanitize("memory"))) void *__wrap_dlsym(void *library, const char *name)
{
    void *call = __real_dlsym(library, name);
    if (name[0] != 'X' || name[1] != 'M')
        return call;
    if (strcmp(name, "XML_ParserCreate") == 0)
        return (void *)(uintptr_t)parser_create;
    if (strcmp(name, "XML_Parse") != 0)
        return call;
    memcpy(&parse, &call, sizeof parse);
    return (void *)(uintptr_t)parse_quietly;
}

BORDER(utf8proc_ssize_t, utf8proc_encode_char, utf8proc_int32_t ch, utf8proc_uint8_t *to)
{
    utf8proc_ssize_t n = __real_utf8proc_encode_char(ch, to);
    wrote(to, (size_t)n);
    return n;
}

BORDER(utf8proc_ssize_t, utf8proc_decompose_char, utf8proc_int32_t ch, utf8proc_int32_t *to,
       utf8proc_ssize_t room, utf8proc_option_t how, int *boundary)
{
    utf8proc_ssize_t n = __real_utf8proc_decompose_char(ch, to, room, how, boundary);
    if (n > 0)
        wrote(to, (size_t)(n < room ? n : room) * sizeof *to);
    return n;
}

BORDER(utf8proc_uint8_t *, utf8proc_NFD, const utf8proc_uint8_t *text)
{
    utf8proc_uint8_t *apart = __real_utf8proc_NFD(text);
    wrote(apart, malloc_usable_size(apart));
    return apart;
}

BORDER(struct cbor_decoder_result, cbor_stream_decode, cbor_data in, size_t len,
       const struct cbor_callbacks *on, void *arg)
{
    struct cbor_decoder_result r = __real_cbor_stream_decode(in, len, on, arg);
    wrote(&r, sizeof r);
    return r;
}

BORDER(int, inflate, z_streamp z, int flush)
{
    const Bytef *from = z->next_out;
    int e = __real_inflate(z, flush);
    wrote(z, sizeof *z);
    wrote(from, (size_t)(z->next_out - from));
    return e;
}

BORDER(int, EVP_DigestFinal_ex, EVP_MD_CTX *x, unsigned char *to, unsigned int *len)
{
    int e = __real_EVP_DigestFinal_ex(x, to, len);
    wrote(to, (size_t)EVP_MD_CTX_get_size(x));
    wrote(len, len ? sizeof *len : 0);
    return e;
}

BORDER(int, EVP_MAC_final, EVP_MAC_CTX *x, unsigned char *to, size_t *len, size_t room)
{
    int e = __real_EVP_MAC_final(x, to, len, room);
    wrote(len, sizeof *len);
    wrote(to, *len);
    return e;
}

BORDER(int, EVP_KDF_derive, EVP_KDF_CTX *x, unsigned char *to, size_t len, const OSSL_PARAM p[])
{
    int e = __real_EVP_KDF_derive(x, to, len, p);
    wrote(to, len);
    return e;
}

BORDER(int, EVP_CipherUpdate, EVP_CIPHER_CTX *x, unsigned char *to, int *len,
       const unsigned char *in, int in_len)
{
    int e = __real_EVP_CipherUpdate(x, to, len, in, in_len);
    wrote(len, sizeof *len);
    wrote(to, (size_t)*len);
    return e;
}

BORDER(int, EVP_CipherFinal_ex, EVP_CIPHER_CTX *x, unsigned char *to, int *len)
{
    int e = __real_EVP_CipherFinal_ex(x, to, len);
    wrote(len, sizeof *len);
    return e;
}

BORDER(int, EVP_CIPHER_CTX_ctrl, EVP_CIPHER_CTX *x, int what, int n, void *p)
{
    int e = __real_EVP_CIPHER_CTX_ctrl(x, what, n, p);
    if (what == EVP_CTRL_AEAD_GET_TAG)
        wrote(p, (size_t)n);
    return e;
}

BORDER(int, EVP_PKEY_get_group_name, const EVP_PKEY *k, char *to, size_t room, size_t *len)
{
    int e = __real_EVP_PKEY_get_group_name(k, to, room, len);
    wrote(to, room);
    wrote(len, sizeof *len);
    return e;
}

BORDER(int, EVP_PKEY_get_octet_string_param, const EVP_PKEY *k, const char *name, unsigned char *to,
       size_t room, size_t *len)
{
    int e = __real_EVP_PKEY_get_octet_string_param(k, name, to, room, len);
    wrote(len, sizeof *len);
    wrote(to, *len < room ? *len : room);
    return e;
}

BORDER(int, EVP_PKEY_sign, EVP_PKEY_CTX *x, unsigned char *to, size_t *len,
       const unsigned char *digest, size_t digest_len)
{
    int e = __real_EVP_PKEY_sign(x, to, len, digest, digest_len);
    wrote(len, sizeof *len);
    wrote(to, *len);
    return e;
}

BORDER(int, ASN1_TIME_to_tm, const ASN1_TIME *time, struct tm *to)
{
    int e = __real_ASN1_TIME_to_tm(time, to);
    wrote(to, e ? sizeof *to : 0);
    return e;
}

BORDER(int, i2d_CMS_ContentInfo, const CMS_ContentInfo *cms, unsigned char **to)
{
    int n = __real_i2d_CMS_ContentInfo(cms, to);
    wrote(*to, n > 0 ? (size_t)n : 0);
    return n;
}

BORDER(int, BN_bn2binpad, const BIGNUM *n, unsigned char *to, int room)
{
    int e = __real_BN_bn2binpad(n, to, room);
    wrote(to, e > 0 ? (size_t)e : 0);
    return e;
}
