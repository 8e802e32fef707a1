/* SPDX-License-Identifier: Apache-2.0 */
/* Segments of a JPEG (ITU-T T.81 annex B). EXIF goes, but for which side is up: a clerk should not
   have to turn a photo of a paper. */
#include <string.h>

#include "base/buf.h"
#include "core/files.h"
#include "core/picture.h"

enum marker {
    M_TEM = 0x01,
    M_SOF0 = 0xc0,
    M_DHT = 0xc4,
    M_JPG = 0xc8,
    M_DAC = 0xcc,
    M_SOF15 = 0xcf,
    M_RST0 = 0xd0,
    M_RST7 = 0xd7,
    M_SOI = 0xd8,
    M_EOI = 0xd9,
    M_SOS = 0xda,
    M_APP0 = 0xe0,
    M_APP1 = 0xe1,
    M_APP2 = 0xe2,
    M_APP14 = 0xee,
    M_APP15 = 0xef,
    M_JPG0 = 0xf0,
    M_COM = 0xfe
};
#define TAG_ORIENTATION 0x0112
#define TIFF_SHORT      3

struct jpeg_walk {
    struct bytes in;
    size_t at;
    struct buf out;
    bool frame, scan;
    int orientation; /* 1: as it is */
};

/* ---- the one thing kept of EXIF ---- */

static unsigned tiff16(const uint8_t *p, bool little)
{
    return little ? p[0] | (unsigned)p[1] << 8 : p[1] | (unsigned)p[0] << 8;
}

static uint32_t tiff32(const uint8_t *p, bool little)
{
    return little ? tiff16(p, true) | (uint32_t)tiff16(p + 2, true) << 16
                  : tiff16(p + 2, false) | (uint32_t)tiff16(p, false) << 16;
}

/* 1-8 of the first directory of an EXIF segment's TIFF part; 1 when it doesn't say. */
static int orientation_of(const uint8_t *tiff, size_t len)
{
    if (len < 14 || (memcmp(tiff, "II*\0", 4) != 0 && memcmp(tiff, "MM\0*", 4) != 0))
        return 1;
    bool little = tiff[0] == 'I';
    size_t at = tiff32(tiff + 4, little);
    if (at > len - 2)
        return 1;
    unsigned n = tiff16(tiff + at, little);
    at += 2;
    for (unsigned i = 0; i < n && len - at >= 12; i++, at += 12) {
        unsigned value = tiff16(tiff + at + 8, little);
        if (tiff16(tiff + at, little) == TAG_ORIENTATION &&
            tiff16(tiff + at + 2, little) == TIFF_SHORT && value >= 1 && value <= 8)
            return (int)value;
    }
    return 1;
}

/* An EXIF segment that says nothing else. */
static void add_orientation(struct buf *out, int orientation)
{
    uint8_t app1[] = {0xff, M_APP1, 0, 34, 'E', 'x', 'i', 'f', 0, 0,    'M', 'M',
                      0,    '*',    0, 0,  0,   8,   0,   1,   1, 0x12, 0,   3,
                      0,    0,      0, 1,  0,   0,   0,   0,   0, 0,    0,   0};
    app1[29] = (uint8_t)orientation;
    buf_add(out, app1, sizeof app1);
}

/* ---- segments ---- */

static bool is_frame(int marker)
{
    return marker >= M_SOF0 && marker <= M_SOF15 && marker != M_DHT && marker != M_JPG &&
           marker != M_DAC;
}

static bool good_frame(const uint8_t *body, size_t len)
{
    if (len < 6)
        return false;
    int64_t height = body[1] << 8 | body[2], width = body[3] << 8 | body[4];
    return width > 0 && width * height <= PICTURE_MAX_PIXELS;
}

static bool told_of_maker(int marker, const uint8_t *body, size_t len)
{
    if (marker == M_COM || (marker >= M_JPG0 && marker < M_COM))
        return true;
    if (marker == M_APP2) /* colours are kept; further pictures of the camera are not */
        return len < 12 || memcmp(body, "ICC_PROFILE", 12) != 0;
    return marker >= M_APP1 && marker <= M_APP15 && marker != M_APP14;
}

/* Compressed data up to the next marker that is no restart and no stuffing. */
static size_t scan_end(struct bytes in, size_t at)
{
    for (; at + 1 < in.len; at++) {
        int next = in.ptr[at + 1];
        if (in.ptr[at] == 0xff && next != 0 && next != 0xff && (next < M_RST0 || next > M_RST7))
            return at;
    }
    return in.len;
}

static bool take_segment(struct jpeg_walk *w, int marker)
{
    size_t left = w->in.len - w->at;
    const uint8_t *p = w->in.ptr + w->at;
    size_t len = left >= 2 ? (size_t)(p[0] << 8 | p[1]) : 0;
    if (len < 2 || len > left)
        return false;
    const uint8_t *body = p + 2;
    if (is_frame(marker) && (w->frame || !good_frame(body, len - 2)))
        return false;
    w->frame = w->frame || is_frame(marker);
    if (marker == M_APP1 && len >= 8 && memcmp(body, "Exif\0\0", 6) == 0)
        w->orientation = orientation_of(body + 6, len - 8);
    w->at += len;
    if (marker == M_SOS) {
        w->scan = true;
        w->at = scan_end(w->in, w->at);
    }
    if (told_of_maker(marker, body, len - 2))
        return true;
    if (w->orientation != 1 && (is_frame(marker) || marker == M_SOS)) {
        add_orientation(&w->out, w->orientation);
        w->orientation = 1;
    }
    buf_add(&w->out, p - 2, (size_t)(w->in.ptr + w->at - (p - 2)));
    return true;
}

/* The next marker, fill bytes passed over; -1 when there is none. */
static int next_marker(struct jpeg_walk *w)
{
    if (w->at >= w->in.len || w->in.ptr[w->at] != 0xff)
        return -1;
    while (w->at < w->in.len && w->in.ptr[w->at] == 0xff)
        w->at++;
    return w->at < w->in.len ? w->in.ptr[w->at++] : -1;
}

bool jpeg_strip(struct arena *a, struct bytes in, struct bytes *ret_out)
{
    struct jpeg_walk w = {.in = in, .out = buf_new(a, in.len + 64), .orientation = 1};
    if (in.len < 4 || in.ptr[0] != 0xff || in.ptr[1] != M_SOI)
        return false;
    w.at = 2;
    buf_add(&w.out, in.ptr, 2);
    for (;;) {
        int marker = next_marker(&w);
        if (marker == M_EOI)
            break;
        if (marker < M_SOF0 || marker == M_SOI || (marker >= M_RST0 && marker <= M_RST7) ||
            !take_segment(&w, marker) || (w.scan && !w.frame))
            return false;
    }
    buf_add(&w.out, "\xff\xd9", 2);
    *ret_out = buf_bytes(&w.out);
    return w.scan && !buf_full(&w.out);
}
