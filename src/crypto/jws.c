/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "crypto/own.h"

#define COMPACT_MAX ((size_t)1 << 20)
#define HEADER_MAX  4096

static char *sign(struct arena *a, const struct key *k, const struct buf *header,
                  const char *payload_json)
{
    struct buf out = buf_new(a, COMPACT_MAX);
    buf_base64url(&out, buf_bytes(header));
    buf_char(&out, '.');
    buf_base64url(&out, bytes_of(payload_json));
    struct bytes signature = key_sign(a, k, buf_bytes(&out));
    buf_char(&out, '.');
    buf_base64url(&out, signature);
    ASSERT(!buf_full(header) && !buf_full(&out));
    return out.ptr;
}

char *jws_sign(struct arena *a, const struct key *k, const char *typ, const char *payload_json)
{
    struct buf header = buf_new(a, HEADER_MAX);
    buf_text(&header, "{\"alg\":\"ES256\",\"kid\":");
    buf_json(&header, k->id);
    buf_text(&header, ",\"typ\":");
    buf_json(&header, typ);
    buf_char(&header, '}');
    return sign(a, k, &header, payload_json);
}

char *jws_sign_own(struct arena *a, const struct key *k, const char *typ, const char *payload_json)
{
    struct buf header = buf_new(a, HEADER_MAX);
    buf_text(&header, "{\"alg\":\"ES256\",\"typ\":");
    buf_json(&header, typ);
    buf_printf(&header, ",\"jwk\":%s}", jwk_json(a, key_public_point(a, k)));
    return sign(a, k, &header, payload_json);
}

struct parts {
    struct bytes header, payload, signature, said;
};

static bool parts_of(struct arena *a, const char *compact, struct parts *ret)
{
    const char *dot = strchr(compact, '.');
    const char *last = strrchr(compact, '.');
    if (!dot || last == dot || memchr(dot + 1, '.', (size_t)(last - dot - 1)))
        return false;
    if (strlen(compact) > COMPACT_MAX || dot - compact > HEADER_MAX)
        return false;
    ret->said = (struct bytes){(const uint8_t *)compact, (size_t)(last - compact)};
    const char *middle = arena_text_n(a, dot + 1, (size_t)(last - dot - 1));
    return base64url_decode(a, arena_text_n(a, compact, (size_t)(dot - compact)), &ret->header) &&
           base64url_decode(a, middle, &ret->payload) &&
           base64url_decode(a, last + 1, &ret->signature);
}

static bool member_is(const json_t *o, const char *name, const char *value)
{
    const char *its = json_string_value(json_object_get(o, name));
    return its && strcmp(its, value) == 0;
}

/* "crit" names extensions that must be understood; we have none (RFC 7515 section 4.1.11). */
static bool header_fits(struct bytes header, const char *kid, const char *typ)
{
    json_t *h = json_loadb((const char *)header.ptr, header.len, JSON_REJECT_DUPLICATES, NULL);
    bool good = json_is_object(h) && !json_object_get(h, "crit") && member_is(h, "kid", kid) &&
                (!typ || member_is(h, "typ", typ)) && member_is(h, "alg", "ES256");
    json_decref(h);
    return good;
}

static bool verify(struct arena *a, const char *compact, const char *typ, struct bytes public_point,
                   struct bytes *ret_payload)
{
    struct parts p;
    if (public_point.len != POINT_LEN || !parts_of(a, compact, &p) ||
        !header_fits(p.header, key_id(a, public_point), typ) ||
        !key_verify(public_point, p.said, p.signature))
        return false;
    *ret_payload = p.payload;
    return true;
}

bool jws_verify(struct arena *a, const char *compact, struct bytes public_point,
                struct bytes *ret_payload)
{
    return verify(a, compact, NULL, public_point, ret_payload);
}

bool jws_verify_typ(struct arena *a, const char *compact, const char *typ,
                    struct bytes public_point, struct bytes *ret_payload)
{
    return verify(a, compact, typ, public_point, ret_payload);
}

static bool brought_point(struct arena *a, struct bytes header, const char *typ, struct bytes *ret)
{
    json_t *h = json_loadb((const char *)header.ptr, header.len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *jwk = json_object_get(h, "jwk");
    bool good = json_is_object(h) && !json_object_get(h, "crit") && member_is(h, "alg", "ES256") &&
                member_is(h, "typ", typ) && member_is(jwk, "kty", "EC") &&
                member_is(jwk, "crv", "P-256") && !json_object_get(jwk, "d") &&
                jwk_point(a, json_string_value(json_object_get(jwk, "x")),
                          json_string_value(json_object_get(jwk, "y")), ret);
    json_decref(h);
    return good;
}

bool jws_verify_own(struct arena *a, const char *compact, const char *typ, struct bytes *ret_point,
                    struct bytes *ret_payload)
{
    struct parts p;
    struct bytes point;
    if (!parts_of(a, compact, &p) || !brought_point(a, p.header, typ, &point) ||
        !key_verify(point, p.said, p.signature))
        return false;
    *ret_point = point;
    *ret_payload = p.payload;
    return true;
}

char *jwk_json(struct arena *a, struct bytes public_point)
{
    ASSERT(public_point.len == POINT_LEN);
    struct buf b = buf_new(a, 512);
    buf_text(&b, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"");
    buf_base64url(&b, (struct bytes){public_point.ptr + 1, 32});
    buf_text(&b, "\",\"y\":\"");
    buf_base64url(&b, (struct bytes){public_point.ptr + 33, 32});
    buf_text(&b, "\",\"use\":\"sig\",\"alg\":\"ES256\",\"kid\":\"");
    buf_text(&b, key_id(a, public_point));
    buf_text(&b, "\"}");
    return b.ptr;
}

bool jwk_point(struct arena *a, const char *x, const char *y, struct bytes *ret_point)
{
    struct bytes bx, by;
    if (!x || !y || strlen(x) != KEY_ID_LEN || strlen(y) != KEY_ID_LEN ||
        !base64url_decode(a, x, &bx) || !base64url_decode(a, y, &by) || bx.len != 32 ||
        by.len != 32)
        return false;
    uint8_t *point = arena_alloc(a, POINT_LEN);
    point[0] = 4;
    memcpy(point + 1, bx.ptr, 32);
    memcpy(point + 33, by.ptr, 32);
    EVP_PKEY *key = evp_point_key((struct bytes){point, POINT_LEN});
    if (!key)
        return false;
    EVP_PKEY_free(key);
    *ret_point = (struct bytes){point, POINT_LEN};
    return true;
}
