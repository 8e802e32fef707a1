/* SPDX-License-Identifier: Apache-2.0 */
/* ZIP (APPNOTE 6.3) as office files use it. Taken only in its plainest form, in which all readers
   see the same files: one directory at the end that names every byte, no two entries over the same
   bytes, no two names alike; no links, no ways out of the folder, no locks. Unpacked piece by piece
   into sixty-four KiB, and never further than its size tells. */
#include <string.h>
#include <zlib.h>

#include "base/text.h"
#include "core/opener_inside.h"

#define MAX_ENTRIES   4096
#define MAX_NAME      255
#define MAX_UNPACKED  ((uint64_t)64 * 1024 * 1024)
#define FREE_UNPACKED ((uint64_t)1024 * 1024) /* before it is weighed against its packed size */
#define MAX_RATIO     200
#define WINDOW_BYTES  65536
#define END_BYTES     22
#define CENTRAL_BYTES 46
#define LOCAL_BYTES   30
#define MAX_GAP       24 /* a data descriptor, with its signature and 64-bit sizes */

enum { METHOD_STORED = 0, METHOD_DEFLATED = 8 };
enum { FLAGS_LOCKED = 1 << 0 | 1 << 6 | 1 << 13 };

struct entry {
    const uint8_t *name;
    size_t name_len;
    uint32_t crc, packed, size, local;
    unsigned flags, method;
    const uint8_t *data;
    uint64_t hash; /* of the name in lower case */
};

struct zip {
    struct bytes in;
    struct entry *e;
    size_t n, central, unpacked;
    enum err why;
};

static unsigned le16(const uint8_t *p)
{
    return (unsigned)(p[0] | p[1] << 8);
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)le16(p) | (uint32_t)le16(p + 2) << 16;
}

static bool refuse(struct zip *z, enum err why)
{
    z->why = z->why ? z->why : why;
    return false;
}

/* ---- the directory ---- */

/* Inside the folder by every system's rules: "a/b.xml"; a folder's name ends in a slash. */
static bool name_is_safe(const uint8_t *name, size_t n)
{
    if (n == 0 || n > MAX_NAME || name[0] == '/')
        return false;
    for (size_t i = 0, begin = 0; i <= n; i++) {
        if (i < n && (name[i] < ' ' || name[i] == 0x7f || memchr("\\:*?\"<>|", name[i], 9)))
            return false;
        if (i < n && name[i] != '/')
            continue;
        size_t len = i - begin;
        if ((len == 0 && i < n) || (len == 1 && name[begin] == '.') ||
            (len == 2 && memcmp(name + begin, "..", 2) == 0))
            return false;
        begin = i + 1;
    }
    return text_is_utf8((struct bytes){name, n});
}

/* Made on Unix: a file or a folder, no link, no device. */
static bool kind_is_plain(const uint8_t *at)
{
    uint32_t kind = le32(at + 38) >> 28;
    return at[5] != 3 || kind == 0 || kind == 8 || kind == 4;
}

static uint64_t hash_of(const struct entry *e)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < e->name_len; i++) {
        uint8_t ch = e->name[i];
        h = (h ^ (ch >= 'A' && ch <= 'Z' ? ch + 32u : ch)) * UINT64_C(0x100000001b3);
    }
    return h;
}

/* The end's record is the file's last, with a remark at most; 64-bit forms aren't taken. */
static bool find_end(struct zip *z)
{
    const uint8_t *in = z->in.ptr;
    size_t least = z->in.len > END_BYTES + 65535 ? z->in.len - END_BYTES - 65535 : 0;
    if (z->in.len < END_BYTES)
        return refuse(z, ERR_FILE_TYPE);
    for (size_t at = z->in.len - END_BYTES + 1; at-- > least;) {
        const uint8_t *p = in + at;
        if (memcmp(p, "PK\5\6", 4) != 0 || le16(p + 20) != z->in.len - at - END_BYTES)
            continue;
        z->n = le16(p + 10);
        z->central = le32(p + 16);
        if (z->n > MAX_ENTRIES)
            return refuse(z, ERR_FILE_SWOLLEN);
        bool sound = le32(p + 4) == 0 && le16(p + 8) == z->n && z->n > 0 && z->central <= at &&
                     le32(p + 12) == at - z->central;
        return sound || refuse(z, ERR_FILE_UNREADABLE);
    }
    return refuse(z, ERR_FILE_TYPE);
}

static bool read_central(struct zip *z, size_t *at, struct entry *e)
{
    const uint8_t *p = z->in.ptr + *at;
    if (z->in.len - *at < CENTRAL_BYTES + END_BYTES || memcmp(p, "PK\1\2", 4) != 0)
        return refuse(z, ERR_FILE_UNREADABLE);
    *e = (struct entry){.name = p + CENTRAL_BYTES,
                        .name_len = le16(p + 28),
                        .flags = le16(p + 8),
                        .method = le16(p + 10),
                        .crc = le32(p + 16),
                        .packed = le32(p + 20),
                        .size = le32(p + 24),
                        .local = le32(p + 42)};
    *at += CENTRAL_BYTES + e->name_len + le16(p + 30) + le16(p + 32);
    if (*at > z->in.len - END_BYTES)
        return refuse(z, ERR_FILE_UNREADABLE);
    if (e->flags & FLAGS_LOCKED)
        return refuse(z, ERR_FILE_LOCKED);
    e->hash = hash_of(e);
    bool known = e->method == METHOD_STORED ? e->packed == e->size : e->method == METHOD_DEFLATED;
    return (known && name_is_safe(e->name, e->name_len) && kind_is_plain(p)) ||
           refuse(z, ERR_FILE_UNREADABLE);
}

static bool sizes_are_sane(struct zip *z)
{
    uint64_t all = 0;
    for (size_t i = 0; i < z->n; i++) {
        uint64_t size = z->e[i].size;
        all += size;
        if (size > FREE_UNPACKED && size / MAX_RATIO > z->e[i].packed)
            return refuse(z, ERR_FILE_SWOLLEN);
    }
    return all <= MAX_UNPACKED || refuse(z, ERR_FILE_SWOLLEN);
}

static int by_hash(const void *a, const void *b)
{
    uint64_t x = ((const struct entry *)a)->hash, y = ((const struct entry *)b)->hash;
    return x < y ? -1 : x > y;
}

static int by_place(const void *a, const void *b)
{
    uint32_t x = ((const struct entry *)a)->local, y = ((const struct entry *)b)->local;
    return x < y ? -1 : x > y;
}

static bool names_differ(struct zip *z)
{
    qsort(z->e, z->n, sizeof *z->e, by_hash);
    for (size_t i = 1; i < z->n; i++)
        if (z->e[i].hash == z->e[i - 1].hash)
            return refuse(z, ERR_FILE_UNREADABLE);
    return true;
}

/* Its own head says the same; ret_end: where its bytes end. */
static bool read_local(struct zip *z, struct entry *e, size_t *ret_end)
{
    const uint8_t *p = z->in.ptr + e->local;
    if (e->local > z->central || z->central - e->local < LOCAL_BYTES || memcmp(p, "PK\3\4", 4) != 0)
        return refuse(z, ERR_FILE_UNREADABLE);
    size_t head = LOCAL_BYTES + le16(p + 26) + le16(p + 28), left = z->central - e->local;
    if (head > left || e->packed > left - head || le16(p + 26) != e->name_len ||
        memcmp(p + LOCAL_BYTES, e->name, e->name_len) != 0 || le16(p + 8) != e->method ||
        (le16(p + 6) & FLAGS_LOCKED))
        return refuse(z, ERR_FILE_UNREADABLE);
    e->data = p + head;
    *ret_end = e->local + head + e->packed;
    return true;
}

/* From the first byte to the directory, one after the other, with nothing hidden between. */
static bool places_follow(struct zip *z)
{
    size_t end = 0;
    qsort(z->e, z->n, sizeof *z->e, by_place);
    for (size_t i = 0; i < z->n; i++) {
        size_t gap = z->e[i].local - end;
        if (z->e[i].local < end || gap > (i ? MAX_GAP : 0))
            return refuse(z, ERR_FILE_UNREADABLE);
        if (!read_local(z, &z->e[i], &end))
            return false;
    }
    return z->central - end <= MAX_GAP || refuse(z, ERR_FILE_UNREADABLE);
}

static bool read_directory(struct zip *z, struct arena *a)
{
    if (!find_end(z))
        return false;
    size_t at = z->central;
    z->e = ARENA_ARRAY(a, z->n, struct entry);
    for (size_t i = 0; i < z->n; i++)
        if (!read_central(z, &at, &z->e[i]))
            return false;
    return sizes_are_sane(z) && names_differ(z) && places_follow(z);
}

/* ---- what is in it ---- */

struct unpacking {
    z_stream s;
    uint8_t *window;
    uint64_t made;
    uLong crc;
};

static bool inflate_all(struct zip *z, const struct entry *e, struct unpacking *u, struct office *o)
{
    int rc = Z_OK;
    while (rc == Z_OK) {
        u->s.next_out = u->window;
        u->s.avail_out = WINDOW_BYTES;
        rc = inflate(&u->s, Z_NO_FLUSH);
        size_t n = WINDOW_BYTES - u->s.avail_out;
        u->made += n;
        u->crc = crc32(u->crc, u->window, (uInt)n);
        if (u->made > e->size || (rc != Z_OK && rc != Z_STREAM_END) || (rc == Z_OK && n == 0))
            return refuse(z, ERR_FILE_UNREADABLE);
        office_feed(o, (struct bytes){u->window, n}, rc == Z_STREAM_END);
    }
    return u->made == e->size || refuse(z, ERR_FILE_UNREADABLE);
}

static bool unpack(struct zip *z, const struct entry *e, uint8_t *window, struct office *o)
{
    struct unpacking u = {.window = window, .crc = crc32(0, NULL, 0)};
    bool good = true;
    if (e->method == METHOD_STORED) {
        u.crc = crc32(u.crc, e->data, e->size);
        office_feed(o, (struct bytes){e->data, e->size}, true);
    } else {
        u.s.next_in = (uint8_t *)(uintptr_t)e->data;
        u.s.avail_in = e->packed;
        if (inflateInit2(&u.s, -MAX_WBITS) != Z_OK)
            return refuse(z, ERR_TOO_MANY);
        good = inflate_all(z, e, &u, o);
        inflateEnd(&u.s);
    }
    return good && (u.crc == e->crc || refuse(z, ERR_FILE_UNREADABLE));
}

enum err opener_zip(struct ctx *c, struct bytes in, const char **ret_type)
{
    struct zip z = {.in = in};
    struct office *o = office_new(c->arena);
    bool good = read_directory(&z, c->arena);
    uint8_t *window = arena_alloc(c->arena, WINDOW_BYTES);
    for (size_t i = 0; i < z.n && good; i++) {
        const struct entry *e = &z.e[i];
        bool folder = e->name[e->name_len - 1] == '/';
        if (folder && e->size)
            good = refuse(&z, ERR_FILE_UNREADABLE);
        if (folder)
            continue;
        office_part(o, arena_text_n(c->arena, (const char *)e->name, e->name_len));
        good = unpack(&z, e, window, o);
    }
    enum err e = office_end(o, ret_type);
    if (!good)
        e = z.why;
    return e ? fail(c, e, "") : OK;
}
