/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/identity/passkey_read.h"

#include <string.h>

#include "base/text.h"
#include "web/json.h"

#define RP_LEN     32
#define HEAD_LEN   37 /* SHA-256, flags, counter */
#define AAGUID_LEN 16

/* ---- JSON ---- */

/* The object, or NULL; the caller ends it. */
static json_t *object_of(struct ctx *c, struct bytes json)
{
    json_t *o = NULL;
    size_t before = c->n_faults;
    if (json_in(c, "passkey", json, &o)) {
        c->n_faults = before;
        return NULL;
    }
    if (json_is_object(o))
        return o;
    json_end(o);
    return NULL;
}

static bool part(struct ctx *c, const json_t *o, const char *name, struct bytes *ret)
{
    return base64url_decode(c->arena, json_text_of(o, name, ""), ret);
}

bool passkey_answer_read(struct ctx *c, const char *json, struct passkey_answer *ret)
{
    struct passkey_answer a = {0};
    json_t *o = strlen(json) <= PASSKEY_ANSWER_MAX ? object_of(c, bytes_of(json)) : NULL;
    bool good = o && part(c, o, "id", &a.credential) && part(c, o, "client", &a.client) &&
                part(c, o, "attestation", &a.attestation) && part(c, o, "data", &a.data) &&
                part(c, o, "signature", &a.signature) && part(c, o, "user", &a.user);
    if (o)
        a.id = arena_text(c->arena, json_text_of(o, "id", ""));
    json_end(o);
    if (!good || !a.credential.len || a.credential.len > PASSKEY_CREDENTIAL_MAX)
        return false;
    *ret = a;
    return true;
}

bool passkey_client_read(struct ctx *c, struct bytes json, struct passkey_client *ret)
{
    json_t *o = object_of(c, json);
    if (!o)
        return false;
    *ret =
        (struct passkey_client){.type = arena_text(c->arena, json_text_of(o, "type", "")),
                                .challenge = arena_text(c->arena, json_text_of(o, "challenge", "")),
                                .origin = arena_text(c->arena, json_text_of(o, "origin", "")),
                                .cross = json_bool_of(o, "crossOrigin", false)};
    json_end(o);
    return true;
}

/* ---- bytes ---- */

static struct bytes from(struct bytes in, size_t at)
{
    return (struct bytes){in.ptr + at, in.len - at};
}

static bool take_key(struct cbor *rest, struct passkey_data *d)
{
    struct bytes in = rest->in;
    if (in.len < AAGUID_LEN + 2)
        return false;
    size_t len = (size_t)in.ptr[AAGUID_LEN] << 8 | in.ptr[AAGUID_LEN + 1];
    if (!len || len > PASSKEY_CREDENTIAL_MAX || in.len - AAGUID_LEN - 2 < len)
        return false;
    d->credential = (struct bytes){in.ptr + AAGUID_LEN + 2, len};
    rest->in = from(in, AAGUID_LEN + 2 + len);
    return cose_read(rest, &d->key);
}

static bool take_extensions(struct cbor *rest)
{
    struct cbor look = *rest;
    struct cbor_item map;
    return cbor_take(&look, CBOR_MAP, &map) && cbor_skip(rest);
}

bool passkey_data_read(struct bytes in, struct passkey_data *ret)
{
    if (in.len < HEAD_LEN)
        return false;
    const uint8_t *p = in.ptr + RP_LEN;
    struct passkey_data d = {.rp = {in.ptr, RP_LEN}, .flags = p[0]};
    struct cbor rest = {from(in, HEAD_LEN)};
    d.counter = (int64_t)p[1] << 24 | (int64_t)p[2] << 16 | (int64_t)p[3] << 8 | p[4];
    if ((d.flags & PASSKEY_BACKED) && !(d.flags & PASSKEY_ELIGIBLE))
        return false;
    if ((d.flags & PASSKEY_KEY) && !take_key(&rest, &d))
        return false;
    if ((d.flags & PASSKEY_EXTENDED) && !take_extensions(&rest))
        return false;
    if (rest.in.len)
        return false;
    *ret = d;
    return true;
}

static bool is_word(const struct cbor_item *item, const char *word)
{
    return item->bytes.len == strlen(word) && memcmp(item->bytes.ptr, word, item->bytes.len) == 0;
}

bool passkey_attested_read(struct bytes in, struct bytes *ret_data)
{
    struct cbor x = {in};
    struct cbor_item map, name, value;
    struct bytes data = {0};
    if (!cbor_take(&x, CBOR_MAP, &map))
        return false;
    for (size_t i = 0; i < map.n; i++) {
        if (!cbor_take(&x, CBOR_TEXT, &name))
            return false;
        if (!is_word(&name, "authData")) {
            if (!cbor_skip(&x))
                return false;
            continue;
        }
        if (data.len || !cbor_take(&x, CBOR_BYTES, &value))
            return false;
        data = value.bytes;
    }
    if (x.in.len || !data.len)
        return false;
    *ret_data = data;
    return true;
}
