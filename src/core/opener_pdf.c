/* SPDX-License-Identifier: Apache-2.0 */
/* A PDF is looked through as its bytes lie there, not as one reader would walk it: readers differ,
   and an object is wherever "n g obj" stands. Names are compared with their #xx resolved. What is
   packed in object streams is unpacked and looked through too. */
#include <string.h>
#include <zlib.h>

#include "core/opener.h"
#include "crypto/pdf_read.h"

#define NAME_BYTES     32
#define UNPACKED_BYTES ((size_t)8 * 1024 * 1024) /* of all object streams */
#define WINDOW_BYTES   65536
#define WORK_FACTOR    4 /* dictionaries may overlap when somebody plays with us */

struct look {
    struct bytes in;
    size_t unpacked, work;
    bool active, locked, swollen, odd;
};

/* ---- names ---- */

static const char *const acting[] = {"JavaScript", "Launch",    "EmbeddedFile",    "EmbeddedFiles",
                                     "RichMedia",  "XFA",       "SubmitForm",      "ImportData",
                                     "GoToE",      "Rendition", "RichMediaExecute"};
static const char *const other_filters[] = {"ASCIIHexDecode",
                                            "ASCII85Decode",
                                            "LZWDecode",
                                            "RunLengthDecode",
                                            "Crypt",
                                            "AHx",
                                            "A85",
                                            "LZW",
                                            "RL",
                                            "Predictor"};

#define FIRST_LETTERS "#EGIJLRSX" /* of acting[], of Encrypt, or not to be told yet */

static bool ends_name(uint8_t ch)
{
    return ch <= ' ' || strchr("()<>[]{}/%", ch) != NULL;
}

static int hex(uint8_t ch)
{
    if (ch >= '0' && ch <= '9')
        return ch - '0';
    ch |= 0x20;
    return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

/* The name behind a slash, #xx resolved; "" when it is longer than any we know. */
static void name_at(const uint8_t *at, const uint8_t *end, char ret[NAME_BYTES])
{
    size_t n = 0;
    while (at < end && !ends_name(*at) && n < NAME_BYTES - 1) {
        bool escaped = *at == '#' && end - at > 2 && hex(at[1]) >= 0 && hex(at[2]) >= 0;
        ret[n++] = (char)(escaped ? hex(at[1]) << 4 | hex(at[2]) : *at);
        at += escaped ? 3 : 1;
    }
    if (n == NAME_BYTES - 1)
        n = 0;
    ret[n] = 0;
}

static bool among(const char *name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}

static void look_at_names(struct look *l, const uint8_t *at, const uint8_t *end)
{
    char name[NAME_BYTES];
    while (at < end && (at = memchr(at, '/', (size_t)(end - at)))) {
        if (++at == end || !memchr(FIRST_LETTERS, *at, sizeof FIRST_LETTERS - 1))
            continue;
        name_at(at, end, name);
        l->active = l->active || among(name, acting, ARRAY_LEN(acting));
        l->locked = l->locked || strcmp(name, "Encrypt") == 0;
    }
}

/* ---- object streams ---- */

struct dict {
    bool objects, flate, filtered, other;
};

static struct dict dict_of(struct bytes d)
{
    struct dict r = {0};
    char name[NAME_BYTES];
    const uint8_t *at = d.ptr, *end = d.ptr + d.len;
    while (at < end && (at = memchr(at, '/', (size_t)(end - at)))) {
        name_at(++at, end, name);
        r.objects = r.objects || strcmp(name, "ObjStm") == 0 || strcmp(name, "First") == 0;
        r.flate = r.flate || strcmp(name, "FlateDecode") == 0 || strcmp(name, "Fl") == 0;
        r.filtered = r.filtered || strcmp(name, "Filter") == 0 || strcmp(name, "F") == 0;
        r.other = r.other || among(name, other_filters, ARRAY_LEN(other_filters));
    }
    return r;
}

/* Unpacks a window at a time, the end of one kept before the next: a name may lie across. */
static void look_inside(struct look *l, struct arena *a, struct bytes packed)
{
    uint8_t *window = arena_alloc(a, WINDOW_BYTES);
    z_stream z = {.next_in = (uint8_t *)(uintptr_t)packed.ptr,
                  .avail_in = packed.len > UINT32_MAX ? UINT32_MAX : (uInt)packed.len};
    size_t kept = 0;
    int rc = Z_OK;
    if (inflateInit(&z) != Z_OK)
        return;
    while (rc == Z_OK && !l->swollen) {
        z.next_out = window + kept;
        z.avail_out = (uInt)(WINDOW_BYTES - kept);
        rc = inflate(&z, Z_NO_FLUSH);
        size_t filled = WINDOW_BYTES - z.avail_out;
        l->unpacked += filled - kept;
        l->swollen = l->unpacked > UNPACKED_BYTES;
        look_at_names(l, window, window + filled);
        kept = filled < 4 * NAME_BYTES ? filled : 4 * NAME_BYTES;
        memmove(window, window + filled - kept, kept);
        if (z.avail_in == 0 && z.avail_out)
            break;
    }
    inflateEnd(&z);
}

static void look_at_stream(struct look *l, struct arena *a, struct bytes dict, const uint8_t *at)
{
    const uint8_t *end = l->in.ptr + l->in.len;
    struct dict d = dict_of(dict);
    if (!d.objects || (!d.flate && !d.filtered && !d.other))
        return; /* no objects in it, or in clear, and seen */
    if (d.other || !d.flate) {
        l->odd = true;
        return;
    }
    at += at < end && *at == '\r';
    at += at < end && *at == '\n';
    look_inside(l, a, (struct bytes){at, (size_t)(end - at)});
}

/* What stands behind "obj": a dictionary with a stream is looked into. */
static void look_at_object(struct look *l, struct arena *a, const uint8_t *at)
{
    const uint8_t *end = l->in.ptr + l->in.len;
    struct pdf_cursor c = pdf_cursor((struct bytes){at, (size_t)(end - at)});
    struct bytes value;
    pdf_blank(&c);
    if (end - c.at < 2 || memcmp(c.at, "<<", 2) != 0)
        return;
    bool whole = pdf_any(&c, &value);
    l->work += whole ? value.len : 0;
    l->odd = l->odd || !whole || l->work / WORK_FACTOR > l->in.len;
    if (whole && pdf_word(&c, "stream"))
        look_at_stream(l, a, value, c.at);
}

static void look_at_objects(struct look *l, struct arena *a)
{
    const uint8_t *at = l->in.ptr, *end = at + l->in.len;
    while (!l->odd && !l->swollen && (at = memmem(at, (size_t)(end - at), "obj", 3))) {
        bool ended = at > l->in.ptr && at[-1] == 'd'; /* endobj */
        at += 3;
        if (!ended)
            look_at_object(l, a, at);
    }
}

enum err opener_pdf(struct ctx *c, struct bytes in)
{
    struct look l = {.in = in};
    look_at_names(&l, in.ptr, in.ptr + in.len);
    if (l.locked) /* nothing behind it can be read */
        return fail(c, ERR_FILE_LOCKED, "");
    look_at_objects(&l, c->arena);
    if (l.active)
        return fail(c, ERR_FILE_ACTIVE, "");
    if (l.swollen)
        return fail(c, ERR_FILE_SWOLLEN, "");
    return l.odd ? fail(c, ERR_FILE_UNREADABLE, "") : OK;
}
