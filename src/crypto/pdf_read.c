/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pdf_read.h"

#include <string.h>
#include <zlib.h>

#define FILE_MAX     ((size_t)256 << 20)
#define OBJECTS_MAX  ((size_t)1 << 20)
#define INFLATED_MAX ((size_t)24 << 20)
#define SECTIONS_MAX 64
#define NESTED_MAX   2
#define TAIL         2048

/* The cursor stands at an object: "12 0 obj" value. */
static bool object_at(struct pdf *p, size_t offset, size_t *ret_number, struct bytes *ret_value,
                      struct pdf_cursor *ret_after)
{
    size_t generation = 0;
    if (offset >= p->file.len)
        return false;
    struct pdf_cursor c = {p->file.ptr + offset, p->file.ptr + p->file.len};
    if (!pdf_number(&c, ret_number) || !pdf_number(&c, &generation) || !pdf_word(&c, "obj") ||
        generation != 0 || !pdf_any(&c, ret_value))
        return false;
    *ret_after = c;
    return true;
}

/* ---- streams ---- */

/* Unpacks to ret when it isn't NULL; gives the size either way, or false on bad or too much. */
static bool inflate_to(struct bytes in, uint8_t *ret, size_t *ret_len)
{
    uint8_t scratch[16384];
    z_stream z = {.next_in = (Bytef *)(uintptr_t)in.ptr, .avail_in = (uInt)in.len};
    size_t done = 0;
    int rc = inflateInit(&z);
    while (rc == Z_OK && done <= INFLATED_MAX) {
        z.next_out = ret ? ret + done : scratch;
        z.avail_out = ret ? (uInt)(*ret_len - done + 1) : sizeof(scratch);
        uInt room = z.avail_out;
        rc = inflate(&z, Z_NO_FLUSH);
        done += room - z.avail_out;
    }
    inflateEnd(&z);
    *ret_len = done;
    return rc == Z_STREAM_END && done <= INFLATED_MAX;
}

static bool unpack(struct pdf *p, struct bytes in, struct bytes *ret)
{
    size_t len = 0;
    if (!inflate_to(in, NULL, &len) || len > INFLATED_MAX - p->inflated)
        return false;
    p->inflated += len;
    uint8_t *out = arena_alloc(p->arena, len + 1);
    if (!inflate_to(in, out, &len))
        return false;
    *ret = (struct bytes){out, len};
    return true;
}

static uint8_t paeth(int a, int b, int c)
{
    int pa = b > c ? b - c : c - b, pb = a > c ? a - c : c - a;
    int pc = a + b - 2 * c;
    pc = pc < 0 ? -pc : pc;
    return (uint8_t)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

/* PNG rows (RFC 2083 section 6) of one-byte pixels, undone in place. */
static bool unpredict(struct bytes *data, size_t columns)
{
    if (columns == 0 || columns > 64 || data->len % (columns + 1) != 0)
        return false;
    uint8_t *bytes = (uint8_t *)(uintptr_t)data->ptr;
    static const uint8_t none[64];
    const uint8_t *up = none;
    size_t rows = data->len / (columns + 1);
    for (size_t r = 0; r < rows; r++) {
        const uint8_t *in = bytes + r * (columns + 1);
        uint8_t *out = bytes + r * columns;
        uint8_t type = in[0], corner = 0, side = 0;
        for (size_t i = 0; i < columns; i++) {
            uint8_t above = up[i];
            uint8_t guess[] = {0, side, above, (uint8_t)((side + above) / 2),
                               paeth(side, above, corner)};
            if (type >= sizeof(guess))
                return false;
            out[i] = (uint8_t)(in[i + 1] + guess[type]);
            side = out[i];
            corner = above;
        }
        up = out;
    }
    data->len = rows * columns;
    return true;
}

static bool decode_predictor(struct pdf *p, struct bytes dict, struct bytes *data)
{
    struct bytes parms;
    size_t predictor = 1, columns = 1, other = 0;
    if (!pdf_get(dict, "/DecodeParms", &parms) || pdf_same(parms, "null"))
        return true;
    if (!pdf_value(p, parms, &parms) || !pdf_is_dict(parms))
        return false;
    pdf_get_number(parms, "/Predictor", &predictor);
    pdf_get_number(parms, "/Columns", &columns);
    if ((pdf_get_number(parms, "/Colors", &other) && other != 1) ||
        (pdf_get_number(parms, "/BitsPerComponent", &other) && other != 8))
        return false;
    return predictor == 1 || (predictor >= 10 && unpredict(data, columns));
}

/* The data of the stream whose dictionary was just read. */
static bool stream_data(struct pdf *p, struct bytes dict, struct pdf_cursor c, struct bytes *ret)
{
    struct bytes value, filter;
    size_t len = 0;
    if (!pdf_is_dict(dict) || !pdf_get(dict, "/Length", &value) || !pdf_value(p, value, &value))
        return false;
    struct pdf_cursor n = pdf_cursor(value);
    if (!pdf_number(&n, &len) || !pdf_word(&c, "stream"))
        return false;
    if (c.at < c.end && *c.at == '\r')
        c.at++;
    if (c.at == c.end || *c.at++ != '\n' || len > (size_t)(c.end - c.at))
        return false;
    struct bytes data = {c.at, len};
    if (!pdf_get(dict, "/Filter", &filter)) {
        *ret = data;
        return true;
    }
    if (pdf_array(filter, &value)) {
        struct pdf_cursor f = pdf_cursor(value);
        if (!pdf_any(&f, &filter))
            return false;
        pdf_blank(&f);
        if (f.at != f.end)
            return false;
    }
    return pdf_same(filter, "/FlateDecode") && unpack(p, data, ret) &&
           decode_predictor(p, dict, ret);
}

/* ---- objects ---- */

/* An object stream begins with pairs of number and offset (ISO 32000-1 section 7.5.7). */
static bool object_in_stream(struct pdf *p, size_t number, struct pdf_entry e,
                             struct bytes *ret_value)
{
    struct bytes dict, data;
    struct pdf_cursor after;
    size_t itself = 0, n = 0, first = 0, id = 0, offset = 0;
    if (e.where >= p->n_entries || p->entries[e.where].kind != 1 ||
        !object_at(p, p->entries[e.where].where, &itself, &dict, &after) || itself != e.where ||
        !stream_data(p, dict, after, &data))
        return false;
    if (!pdf_get_number(dict, "/N", &n) || !pdf_get_number(dict, "/First", &first) ||
        e.index >= n || first > data.len)
        return false;
    struct pdf_cursor c = {data.ptr, data.ptr + first};
    for (size_t i = 0; i <= e.index; i++)
        if (!pdf_number(&c, &id) || !pdf_number(&c, &offset))
            return false;
    if (id != number || offset >= data.len - first)
        return false;
    struct pdf_cursor at = {data.ptr + first + offset, data.ptr + data.len};
    return pdf_any(&at, ret_value);
}

bool pdf_object(struct pdf *p, size_t number, struct bytes *ret_value)
{
    if (number >= p->n_entries)
        return false;
    struct pdf_entry e = p->entries[number];
    struct pdf_cursor after;
    size_t found = 0;
    if (e.kind == 2) {
        /* A stream whose /Length lies in itself would never end. */
        bool good =
            p->nested < NESTED_MAX && ++p->nested && object_in_stream(p, number, e, ret_value);
        p->nested = 0;
        return good;
    }
    return e.kind == 1 && object_at(p, e.where, &found, ret_value, &after) && found == number;
}

bool pdf_value(struct pdf *p, struct bytes value, struct bytes *ret_value)
{
    size_t number = 0, again = 0;
    if (!pdf_ref(value, &number)) {
        *ret_value = value;
        return true;
    }
    return pdf_object(p, number, ret_value) && !pdf_ref(*ret_value, &again);
}

/* ---- cross-reference ---- */

static void entry_set(struct pdf *p, size_t number, struct pdf_entry e)
{
    /* Newest sections come first; 255 marks an object deleted by one of them. */
    if (number < p->n_entries && p->entries[number].kind == 0)
        p->entries[number] = e;
}

static bool table_rows(struct pdf *p, struct pdf_cursor *c, size_t first, size_t count)
{
    size_t offset = 0, generation = 0;
    for (size_t i = 0; i < count; i++) {
        if (!pdf_number(c, &offset) || !pdf_number(c, &generation))
            return false;
        if (pdf_word(c, "n")) {
            bool near = generation == 0 && offset < p->file.len;
            uint8_t kind = near ? 1 : 255;
            entry_set(p, first + i, (struct pdf_entry){kind, (uint32_t)(near ? offset : 0), 0});
        } else if (pdf_word(c, "f")) {
            entry_set(p, first + i, (struct pdf_entry){.kind = 255});
        } else {
            return false;
        }
    }
    return true;
}

/* Room for the objects, once the newest trailer said how many. */
static bool size_set(struct pdf *p, struct bytes trailer)
{
    if (p->entries)
        return true;
    if (!pdf_get_number(trailer, "/Size", &p->n_entries) || p->n_entries > OBJECTS_MAX)
        return false;
    p->entries = arena_array(p->arena, p->n_entries + 1, sizeof(*p->entries));
    p->trailer = trailer;
    return true;
}

static bool table_trailer(struct pdf_cursor c, struct bytes *ret_trailer)
{
    size_t first = 0, count = 0, skipped = 0;
    while (pdf_number(&c, &first) && pdf_number(&c, &count))
        for (size_t i = 0; i < count; i++)
            if (!pdf_number(&c, &skipped) || !pdf_number(&c, &skipped) ||
                !(pdf_word(&c, "n") || pdf_word(&c, "f")))
                return false;
    return pdf_word(&c, "trailer") && pdf_any(&c, ret_trailer) && pdf_is_dict(*ret_trailer);
}

static bool table_read(struct pdf *p, struct pdf_cursor c, struct bytes *ret_trailer)
{
    size_t first = 0, count = 0;
    if (!table_trailer(c, ret_trailer) || !size_set(p, *ret_trailer))
        return false;
    while (pdf_number(&c, &first) && pdf_number(&c, &count))
        if (!table_rows(p, &c, first, count))
            return false;
    return true;
}

static size_t big_endian(const uint8_t *at, size_t width)
{
    size_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | at[i];
    return value;
}

static void stream_row(struct pdf *p, size_t number, const uint8_t *at, const size_t w[3])
{
    size_t type = w[0] ? big_endian(at, w[0]) : 1;
    size_t second = big_endian(at + w[0], w[1]);
    size_t third = big_endian(at + w[0] + w[1], w[2]);
    struct pdf_entry e = {.kind = 255};
    if (type == 1 && third == 0 && second < p->file.len)
        e = (struct pdf_entry){1, (uint32_t)second, 0};
    else if (type == 2 && second < OBJECTS_MAX && third < OBJECTS_MAX)
        e = (struct pdf_entry){2, (uint32_t)second, (uint32_t)third};
    entry_set(p, number, e);
}

static bool stream_widths(struct bytes dict, size_t w[3])
{
    struct bytes value, inner;
    if (!pdf_get(dict, "/W", &value) || !pdf_array(value, &inner))
        return false;
    struct pdf_cursor c = pdf_cursor(inner);
    for (size_t i = 0; i < 3; i++)
        if (!pdf_number(&c, &w[i]) || w[i] > 8)
            return false;
    return w[1] > 0;
}

static bool stream_read(struct pdf *p, size_t offset, struct bytes *ret_trailer)
{
    struct pdf_cursor after;
    struct bytes data, value, index = bytes_of("");
    size_t number = 0, w[3], first = 0, count = 0;
    if (!object_at(p, offset, &number, ret_trailer, &after) || !pdf_is_dict(*ret_trailer) ||
        !pdf_get(*ret_trailer, "/Type", &value) || !pdf_same(value, "/XRef") ||
        !size_set(p, *ret_trailer) || !stream_data(p, *ret_trailer, after, &data) ||
        !stream_widths(*ret_trailer, w))
        return false;
    if (pdf_get(*ret_trailer, "/Index", &value) && !pdf_array(value, &index))
        return false;
    struct pdf_cursor c = pdf_cursor(index);
    size_t row = w[0] + w[1] + w[2];
    const uint8_t *at = data.ptr, *end = data.ptr + data.len;
    bool listed = pdf_number(&c, &first) && pdf_number(&c, &count);
    if (!listed && !pdf_get_number(*ret_trailer, "/Size", &count))
        return false;
    do {
        for (size_t i = 0; i < count; i++, at += row) {
            if ((size_t)(end - at) < row)
                return false;
            stream_row(p, first + i, at, w);
        }
    } while (listed && pdf_number(&c, &first) && pdf_number(&c, &count));
    return true;
}

static bool section_read(struct pdf *p, size_t offset, bool *ret_stream, struct bytes *ret_trailer)
{
    size_t hybrid = 0;
    struct bytes inner;
    if (offset >= p->file.len)
        return false;
    struct pdf_cursor c = {p->file.ptr + offset, p->file.ptr + p->file.len};
    *ret_stream = !pdf_word(&c, "xref");
    if (*ret_stream)
        return stream_read(p, offset, ret_trailer);
    return table_read(p, c, ret_trailer) &&
           (!pdf_get_number(*ret_trailer, "/XRefStm", &hybrid) || stream_read(p, hybrid, &inner));
}

static bool startxref(struct bytes file, size_t *ret_offset)
{
    static const char word[] = "startxref";
    size_t len = sizeof(word) - 1, from = file.len > TAIL ? file.len - TAIL : 0;
    for (size_t at = file.len - len; at > from; at--) {
        if (memcmp(file.ptr + at, word, len) != 0)
            continue;
        struct pdf_cursor c = {file.ptr + at + len, file.ptr + file.len};
        return pdf_number(&c, ret_offset);
    }
    return false;
}

bool pdf_open(struct arena *a, struct bytes file, struct pdf *ret)
{
    struct pdf p = {.arena = a, .file = file};
    struct bytes trailer;
    bool stream = false;
    if (file.len < 32 || file.len > FILE_MAX || memcmp(file.ptr, "%PDF-", 5) != 0)
        return false;
    if (!startxref(file, &p.startxref) || !section_read(&p, p.startxref, &p.xref_stream, &trailer))
        return false;
    size_t previous = 0;
    for (int n = 0; pdf_get_number(trailer, "/Prev", &previous); n++)
        if (n == SECTIONS_MAX || !section_read(&p, previous, &stream, &trailer))
            return false;
    *ret = p;
    return true;
}
