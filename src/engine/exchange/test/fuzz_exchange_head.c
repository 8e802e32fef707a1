/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What another node may send: bytes as a signed head, as a signature, as the head of an answer, as
 * a refusal. A head that is signed by the right key and decodes is written again and read the same;
 * one with a foreign signature is never believed. One input in 64, by its bytes, is signed and
 * verified in earnest; the others by digests, fifty times as fast, so that what lies behind the
 * check is tried.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "base/text.h"
#include "engine/exchange/exchange_private.h"
#include "test/fuzz.h"

static struct node node;
static struct node_peer self, stranger;

/* ---- signatures in earnest, and quick ones ---- */

#ifdef FUZZ_WRAPPED
#define POINT_LEN     65
#define SIGNATURE_LEN 64

static bool quick;

/* What only the holder of the point's key would sign; nothing is learned from comparing it. */
static void digests(struct bytes point, struct bytes in, uint8_t ret[SIGNATURE_LEN])
{
    uint8_t both[SHA256_LEN + POINT_LEN];
    struct sha256 of = sha256(in);
    memcpy(both, &of, SHA256_LEN);
    memcpy(both + SHA256_LEN, point.ptr, POINT_LEN);
    of = sha256((struct bytes){both, sizeof both});
    memcpy(ret, &of, SHA256_LEN);
    of = sha256((struct bytes){ret, SHA256_LEN});
    memcpy(ret + SHA256_LEN, &of, SHA256_LEN);
}

struct bytes __real_key_sign(struct arena *a, const struct key *k, struct bytes in);
struct bytes __wrap_key_sign(struct arena *a, const struct key *k, struct bytes in);
struct bytes __wrap_key_sign(struct arena *a, const struct key *k, struct bytes in)
{
    if (!quick)
        return __real_key_sign(a, k, in);
    uint8_t *made = arena_alloc(a, SIGNATURE_LEN);
    digests(key_public_point(a, k), in, made);
    return (struct bytes){made, SIGNATURE_LEN};
}

bool __real_key_verify(struct bytes point, struct bytes in, struct bytes signature);
bool __wrap_key_verify(struct bytes point, struct bytes in, struct bytes signature);
bool __wrap_key_verify(struct bytes point, struct bytes in, struct bytes signature)
{
    uint8_t right[SIGNATURE_LEN];
    if (!quick)
        return __real_key_verify(point, in, signature);
    if (point.len != POINT_LEN || signature.len != SIGNATURE_LEN)
        return false;
    digests(point, in, right);
    return CRYPTO_memcmp(right, signature.ptr, SIGNATURE_LEN) == 0;
}

static void draw(const uint8_t *data, size_t size)
{
    quick = sha256((struct bytes){data, size}).b[0] >= 4;
}
#else
static void draw(const uint8_t *data, size_t size)
{
    (void)data, (void)size;
}
#endif

/* ---- what is tried ---- */

static void start_once(struct ctx *c)
{
    static struct arena *kept;
    if (kept)
        return;
    kept = arena_new(0);
    ASSERT(key_new(c, &node.sign_key) == OK);
    struct buf b = buf_new(kept, 256);
    buf_base64url(&b, key_public_point(kept, node.sign_key));
    self.sign_point_b64 = b.ptr;
}

static const char *signed_by_us(struct ctx *c, const char *text)
{
    struct buf b = buf_new(c->arena, 256);
    buf_base64url(&b, key_sign(c->arena, node.sign_key,
                               bytes_of(arena_printf(c->arena, "dinh-x1\n%s", text))));
    return b.ptr;
}

/* Whatever was read is written and read the same. */
static void again(struct ctx *c, const struct shape *s, const void *head)
{
    void *twice = shape_new(c->arena, s);
    struct exchange_signed made = exchange_sign(c, s, head);
    ASSERT(exchange_check(c, &self, &made, s, twice) == OK);
    struct buf one = buf_new(c->arena, 65536), two = buf_new(c->arena, 65536);
    shape_to_json(&one, s, head);
    shape_to_json(&two, s, twice);
    ASSERT(text_eq(one.ptr, two.ptr));
}

static void read_as(struct ctx *c, const struct shape *s, const char *text)
{
    void *head = shape_new(c->arena, s);
    struct exchange_signed in = {text, signed_by_us(c, text)};
    enum err e = exchange_check(c, &self, &in, s, head);
    ASSERT(e == OK || e == ERR_EXCHANGE_HEAD);
    if (!e)
        again(c, s, head);
    const int64_t created_us = 0;
    ASSERT(exchange_prove(c, &self, &in, s, head, &created_us) == e);
    in.signature = text; /* arbitrary bytes never pass for a signature */
    ASSERT(exchange_check(c, &self, &in, s, head) == ERR_SIGNATURE);
    stranger.sign_point_b64 = text;
    ASSERT(exchange_check(c, &stranger, &in, s, head) == ERR_SIGNATURE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct ctx c = {.arena = a, .now_us = 1591236000000000, .node = &node};
    start_once(&c);
    draw(data, size);
    if (size <= 16 * 1024) {
        const char *text = arena_text_n(a, (const char *)data, size);
        read_as(&c, &exchange_head_shape, text);
        read_as(&c, &exchange_answer_head_shape, text);
        enum err e = exchange_refusal(&c, 403, (struct bytes){data, size});
        ASSERT(e == ERR_EXCHANGE_DOWN || exchange_is_away(e));
    }
    arena_end(a);
    return 0;
}
