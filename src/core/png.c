/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <zlib.h>

#include "base/buf.h"
#include "core/picture.h"

#define SIGNATURE     "\x89PNG\r\n\x1a\n"
#define SIGNATURE_LEN 8
#define IHDR_LEN      13
#define CHUNK_LEN     12 /* length, type, checksum */

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is(const uint8_t *type, const char *name)
{
    return memcmp(type, name, 4) == 0;
}

static bool draws(const uint8_t *type)
{
    static const char *const kept[] = {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA",
                                       "iCCP", "sBIT", "sRGB", "bKGD", "hIST", "pHYs", "sPLT"};
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        if (is(type, kept[i]))
            return true;
    }
    return false;
}

static bool good_head(const uint8_t *data, uint32_t len)
{
    if (len != IHDR_LEN)
        return false;
    int64_t width = be32(data), height = be32(data + 4);
    return width > 0 && height > 0 && width <= INT32_MAX && height <= INT32_MAX &&
           width <= PICTURE_MAX_PIXELS / height;
}

struct png_walk {
    bool head, data, end;
};

/* One whole chunk; false when it is out of place. */
static bool take_chunk(struct png_walk *w, const uint8_t *chunk, uint32_t len)
{
    const uint8_t *type = chunk + 4, *data = chunk + 8;
    if (be32(data + len) != (uint32_t)crc32(crc32(0, NULL, 0), type, len + 4))
        return false;
    if (is(type, "IHDR") == w->head || (is(type, "IHDR") && !good_head(data, len)))
        return false; /* first, and only there */
    w->head = true;
    w->data = w->data || is(type, "IDAT");
    w->end = is(type, "IEND");
    bool critical = (type[0] & 0x20) == 0;
    return draws(type) || !critical;
}

bool png_strip(struct arena *a, struct bytes in, struct bytes *ret_out)
{
    struct buf out = buf_new(a, in.len + 1);
    struct png_walk w = {0};
    if (in.len < SIGNATURE_LEN || memcmp(in.ptr, SIGNATURE, SIGNATURE_LEN) != 0)
        return false;
    buf_add(&out, in.ptr, SIGNATURE_LEN);
    for (size_t at = SIGNATURE_LEN; !w.end;) {
        if (in.len - at < CHUNK_LEN)
            return false;
        uint32_t len = be32(in.ptr + at);
        if (len > in.len - at - CHUNK_LEN || !take_chunk(&w, in.ptr + at, len))
            return false;
        if (draws(in.ptr + at + 4))
            buf_add(&out, in.ptr + at, len + CHUNK_LEN);
        at += len + CHUNK_LEN;
    }
    *ret_out = buf_bytes(&out);
    return w.data;
}
