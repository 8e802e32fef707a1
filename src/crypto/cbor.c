/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cbor.h"

#include <cbor.h>

static void put(void *arg, enum cbor_kind kind)
{
    ((struct cbor_item *)arg)->kind = kind;
}

static void put_number(void *arg, uint64_t value, bool negative)
{
    struct cbor_item *item = arg;
    if (value > INT64_MAX)
        return;
    item->kind = CBOR_INT;
    item->number = negative ? -1 - (int64_t)value : (int64_t)value;
}

static void on_int8(void *arg, uint8_t v)
{
    put_number(arg, v, false);
}
static void on_int16(void *arg, uint16_t v)
{
    put_number(arg, v, false);
}
static void on_int32(void *arg, uint32_t v)
{
    put_number(arg, v, false);
}
static void on_int64(void *arg, uint64_t v)
{
    put_number(arg, v, false);
}
static void on_minus8(void *arg, uint8_t v)
{
    put_number(arg, v, true);
}
static void on_minus16(void *arg, uint16_t v)
{
    put_number(arg, v, true);
}
static void on_minus32(void *arg, uint32_t v)
{
    put_number(arg, v, true);
}
static void on_minus64(void *arg, uint64_t v)
{
    put_number(arg, v, true);
}

static void on_bytes(void *arg, cbor_data ptr, size_t len)
{
    ((struct cbor_item *)arg)->bytes = (struct bytes){ptr, len};
    put(arg, CBOR_BYTES);
}

static void on_text(void *arg, cbor_data ptr, size_t len)
{
    on_bytes(arg, ptr, len);
    put(arg, CBOR_TEXT);
}

static void put_many(void *arg, enum cbor_kind kind, size_t n)
{
    if (n > CBOR_ITEMS)
        return;
    ((struct cbor_item *)arg)->n = n;
    put(arg, kind);
}

static void on_list(void *arg, size_t n)
{
    put_many(arg, CBOR_LIST, n);
}

static void on_map(void *arg, size_t n)
{
    put_many(arg, CBOR_MAP, n);
}

static void on_bool(void *arg, bool value)
{
    (void)value;
    put(arg, CBOR_SIMPLE);
}

static void on_null(void *arg)
{
    put(arg, CBOR_SIMPLE);
}

/* What has no function of ours leaves the kind as it is: refused. */
bool cbor_next(struct cbor *x, struct cbor_item *ret)
{
    struct cbor_callbacks on = cbor_empty_callbacks;
    on.uint8 = on_int8, on.uint16 = on_int16, on.uint32 = on_int32, on.uint64 = on_int64;
    on.negint8 = on_minus8, on.negint16 = on_minus16;
    on.negint32 = on_minus32, on.negint64 = on_minus64;
    on.byte_string = on_bytes, on.string = on_text;
    on.array_start = on_list, on.map_start = on_map;
    on.boolean = on_bool, on.null = on_null;
    *ret = (struct cbor_item){.kind = CBOR_NONE};
    if (!x->in.len)
        return false;
    struct cbor_decoder_result r = cbor_stream_decode(x->in.ptr, x->in.len, &on, ret);
    if (r.status != CBOR_DECODER_FINISHED || ret->kind == CBOR_NONE || r.read > x->in.len)
        return false;
    x->in = (struct bytes){x->in.ptr + r.read, x->in.len - r.read};
    return true;
}

bool cbor_take(struct cbor *x, enum cbor_kind kind, struct cbor_item *ret)
{
    return cbor_next(x, ret) && ret->kind == kind;
}

bool cbor_skip(struct cbor *x)
{
    struct cbor_item item;
    size_t left = 1;
    for (size_t i = 0; left && i < CBOR_ITEMS; i++) {
        if (!cbor_next(x, &item))
            return false;
        left += (item.kind == CBOR_MAP ? 2 : 1) * item.n;
        left--;
    }
    return left == 0;
}
