/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What browsers hand over of passkeys. First byte: 'j' the script's JSON, 'c' clientDataJSON, 'a'
 * an attestation object and what it holds; else authenticator data. All of it is CBOR, too.
 */
#include <string.h>

#include "base/text.h"
#include "engine/identity/passkey_read.h"
#include "test/fuzz.h"

static bool within(struct bytes part, struct bytes whole)
{
    return !part.len || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

static void feed_data(struct bytes in)
{
    struct passkey_data d = {0};
    if (!passkey_data_read(in, &d)) {
        ASSERT(!d.rp.len && !d.credential.len && !d.key.len);
        return;
    }
    bool made = d.flags & PASSKEY_KEY;
    ASSERT(d.rp.len == 32 && within(d.rp, in) && within(d.credential, in));
    ASSERT(d.counter >= 0 && d.counter <= UINT32_MAX && made == (d.credential.len > 0));
    if (!made)
        return;
    struct cose_key again;
    ASSERT(d.key.alg == COSE_ES256 || d.key.alg == COSE_EDDSA);
    ASSERT(cose_from_raw(d.key.alg, (struct bytes){d.key.raw, d.key.len}, &again));
    ASSERT(!cose_verify(&d.key, in, in));
}

static void feed_attestation(struct bytes in)
{
    struct bytes data = {0};
    if (passkey_attested_read(in, &data)) {
        ASSERT(data.len && within(data, in));
        feed_data(data);
    }
}

static void feed_json(struct ctx *c, const char *text)
{
    struct passkey_answer a = {0};
    struct passkey_client k = {0};
    ctx_clear_faults(c);
    if (passkey_answer_read(c, text, &a)) {
        ASSERT(a.credential.len && a.credential.len <= PASSKEY_CREDENTIAL_MAX);
        feed_attestation(a.attestation);
        feed_data(a.data);
    }
    if (passkey_client_read(c, bytes_of(text), &k))
        ASSERT(k.type && k.challenge && k.origin);
    ASSERT(c->n_faults == 0);
}

static void feed_cbor(struct bytes in)
{
    struct cbor x = {in}, y = {in};
    struct cbor_item item;
    struct cose_key key;
    size_t n = 0;
    while (cbor_next(&x, &item)) {
        ASSERT(++n <= in.len && within(item.bytes, in) && item.n <= CBOR_ITEMS);
    }
    ASSERT(within(x.in, in));
    if (cbor_skip(&y))
        ASSERT(y.in.len < in.len && within(y.in, in));
    y = (struct cbor){in};
    if (cose_read(&y, &key))
        ASSERT(key.len == 32 || key.len == COSE_RAW_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct ctx *c = ARENA_NEW(a, struct ctx);
    *c = (struct ctx){.arena = a};
    struct bytes in = {data, size}, rest = size ? (struct bytes){data + 1, size - 1} : in;
    char first = size ? (char)*data : ' ';
    if (first == 'j' || first == 'c')
        feed_json(c, arena_text_n(a, (const char *)rest.ptr, rest.len));
    else if (first == 'a')
        feed_attestation(rest);
    feed_data(in);
    feed_cbor(in);
    feed_cbor(rest);
    arena_end(a);
    return 0;
}
