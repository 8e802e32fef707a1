/* SPDX-License-Identifier: Apache-2.0 */
/* A HEIF file is looked through before a library sees it: its boxes (ISO/IEC 14496-12), its items
   and what is made of them (ISO/IEC 23008-12). A picture may be one coded image or a grid of such,
   never a grid of grids; what it unfolds to is told by these tables, not by the size it claims. */
#include "core/opener_inside.h"

#define BOXES_MAX 65536
#define ITEMS_MAX 2048 /* 64 million pixels in tiles of 512 are 245 */
#define DEPTH_MAX 8
#define FOURCC(s)                                                                                  \
    ((uint32_t)(uint8_t)(s)[0] << 24 | (uint32_t)(uint8_t)(s)[1] << 16 |                           \
     (uint32_t)(uint8_t)(s)[2] << 8 | (uint8_t)(s)[3])

struct cursor {
    struct bytes in;
    bool odd; /* read past the end: all further numbers are 0 */
};

struct item {
    uint32_t id, type;
    uint64_t offset, length; /* of its first extent */
    uint64_t tiles;          /* of a grid */
    uint32_t method, extents;
    bool placed, made;
};

struct walk {
    struct bytes in, idat;
    struct cursor references;
    struct item *items;
    size_t n_items, n_boxes;
    unsigned id_bytes; /* in the references */
    bool odd, swollen;
};

/* ---- numbers ---- */

static uint64_t number(struct cursor *r, unsigned bytes)
{
    uint64_t n = 0;
    if (r->odd || bytes > sizeof n || r->in.len < bytes) {
        r->odd = true;
        return 0;
    }
    for (unsigned i = 0; i < bytes; i++)
        n = n << 8 | r->in.ptr[i];
    r->in.ptr += bytes;
    r->in.len -= bytes;
    return n;
}

static uint32_t word(struct cursor *r)
{
    return (uint32_t)number(r, 4);
}

/* The version of a full box; its flags are passed over. */
static unsigned version(struct cursor *r)
{
    return word(r) >> 24;
}

/* ---- boxes ---- */

typedef void (*box_fn)(struct walk *w, uint32_t type, struct cursor body, int depth);

static void each_box(struct walk *w, struct cursor r, box_fn fn, int depth)
{
    while (r.in.len && !w->odd) {
        size_t whole = r.in.len;
        uint64_t size = word(&r);
        uint32_t type = word(&r);
        if (size == 1)
            size = number(&r, 8);
        size_t head = whole - r.in.len;
        if (size == 0)
            size = whole;
        w->odd = r.odd || size < head || size > whole || w->swollen || ++w->n_boxes > BOXES_MAX ||
                 depth > DEPTH_MAX;
        if (w->odd)
            return;
        struct cursor body = {{r.in.ptr, (size_t)size - head}, false};
        fn(w, type, body, depth);
        r.in.ptr += body.in.len;
        r.in.len -= body.in.len;
    }
}

/* ---- items ---- */

static struct item *find(struct walk *w, uint32_t id)
{
    for (size_t i = 0; i < w->n_items; i++)
        if (w->items[i].id == id)
            return &w->items[i];
    return NULL;
}

/* A new one when it wasn't named yet; NULL: too many. */
static struct item *item_of(struct walk *w, uint32_t id)
{
    struct item *known = find(w, id);
    if (known)
        return known;
    if (w->n_items == ITEMS_MAX) {
        w->swollen = true;
        return NULL;
    }
    struct item *x = &w->items[w->n_items++];
    *x = (struct item){.id = id};
    return x;
}

static void see_entry(struct walk *w, uint32_t type, struct cursor r, int depth)
{
    (void)depth;
    unsigned v = version(&r);
    if (type != FOURCC("infe") || v < 2)
        return;
    uint32_t id = v == 2 ? (uint32_t)number(&r, 2) : word(&r);
    number(&r, 2);
    uint32_t kind = word(&r);
    struct item *x = r.odd || !kind ? NULL : item_of(w, id);
    w->odd |= !x || x->type; /* told twice */
    if (x)
        x->type = kind;
}

static void see_entries(struct walk *w, struct cursor r)
{
    number(&r, version(&r) == 0 ? 2 : 4);
    w->odd |= r.odd;
    each_box(w, r, see_entry, 0);
}

/* ---- where they lie ---- */

struct widths {
    unsigned version, offset, length, base, index, id;
};

static void see_place(struct walk *w, struct cursor *r, const struct widths *x)
{
    uint32_t id = (uint32_t)number(r, x->id);
    uint32_t method = x->version ? (uint32_t)number(r, 2) & 15 : 0;
    number(r, 2);
    uint64_t base = number(r, x->base);
    uint32_t extents = (uint32_t)number(r, 2);
    struct item *item = r->odd ? NULL : item_of(w, id);
    w->odd |= r->odd || (item && item->placed);
    for (uint32_t i = 0; i < extents && !r->odd && item && !w->odd; i++) {
        number(r, x->index);
        uint64_t offset = number(r, x->offset), length = number(r, x->length);
        if (i == 0) {
            item->offset = base + offset;
            item->length = length;
        }
        w->odd |= r->odd || length > w->in.len || offset > w->in.len || base > w->in.len;
    }
    if (item) {
        item->method = method;
        item->extents = extents;
        item->placed = true;
    }
}

static void see_places(struct walk *w, struct cursor r)
{
    struct widths x = {.version = version(&r)};
    unsigned sizes = (unsigned)number(&r, 2);
    x.offset = sizes >> 12;
    x.length = sizes >> 8 & 15;
    x.base = sizes >> 4 & 15;
    x.index = x.version ? sizes & 15 : 0;
    x.id = x.version < 2 ? 2 : 4;
    uint64_t n = number(&r, x.id);
    w->swollen |= n > ITEMS_MAX;
    for (uint64_t i = 0; i < n && !r.odd && !w->odd && !w->swollen; i++)
        see_place(w, &r, &x);
    w->odd |= r.odd;
}

/* ---- pictures ---- */

static bool fits(uint64_t width, uint64_t height)
{
    return width <= OPENER_SIDE && height <= OPENER_SIDE && width * height <= OPENER_PIXELS;
}

/* Bits of a NAL unit, the bytes put in against false starts left out (ITU-T H.265, 7.3.1.1). */
struct bits {
    struct cursor r;
    unsigned zeros, left;
    uint8_t byte;
};

static unsigned bit(struct bits *b)
{
    if (b->left == 0) {
        b->byte = (uint8_t)number(&b->r, 1);
        if (b->zeros >= 2 && b->byte == 3) {
            b->byte = (uint8_t)number(&b->r, 1);
            b->zeros = 0;
        }
        b->zeros = b->byte ? 0 : b->zeros + 1;
        b->left = 8;
    }
    return b->byte >> --b->left & 1;
}

static uint32_t bits_of(struct bits *b, unsigned n)
{
    uint32_t x = 0;
    while (n--)
        x = x << 1 | bit(b);
    return x;
}

/* Exp-Golomb (9.2). */
static uint32_t golomb(struct bits *b)
{
    unsigned n = 0;
    while (!bit(b) && !b->r.odd && n < 32)
        n++;
    if (n == 32)
        b->r.odd = true;
    return b->r.odd ? 0 : bits_of(b, n) + (uint32_t)((UINT64_C(1) << n) - 1);
}

/* Profile, tier and level of all layers, for none of which we care (7.3.3). */
static void pass_profile(struct bits *b, unsigned layers)
{
    unsigned profile = 0, level = 0;
    bits_of(b, 96);
    for (unsigned i = 0; i < layers; i++) {
        profile += bit(b);
        level += bit(b);
    }
    if (layers)
        bits_of(b, 2 * (8 - layers));
    bits_of(b, 88 * profile + 8 * level);
}

/* The size of the coded picture, as its sequence parameter set tells the decoder (7.3.2.2). */
static void judge_sequence(struct walk *w, struct bytes nal)
{
    struct bits b = {.r = {nal, false}};
    bits_of(&b, 16 + 4);
    unsigned layers = bits_of(&b, 3);
    bit(&b);
    pass_profile(&b, layers);
    golomb(&b);
    if (golomb(&b) == 3)
        bit(&b);
    uint64_t width = golomb(&b), height = golomb(&b);
    w->odd |= b.r.odd;
    w->swollen |= !fits(width, height);
}

/* ISO/IEC 14496-15, 8.3.3.1: arrays of parameter sets behind 22 bytes. */
static void judge_decoder(struct walk *w, struct cursor r)
{
    for (int i = 0; i < 22; i++)
        number(&r, 1);
    for (uint64_t arrays = number(&r, 1); arrays > 0 && !r.odd; arrays--) {
        bool sequence = (number(&r, 1) & 63) == 33;
        for (uint64_t n = number(&r, 2); n > 0 && !r.odd; n--) {
            size_t len = (size_t)number(&r, 2);
            struct bytes nal = {r.in.ptr, len};
            r.odd |= len > r.in.len;
            if (r.odd)
                break;
            if (sequence)
                judge_sequence(w, nal);
            r.in.ptr += len;
            r.in.len -= len;
        }
    }
    w->odd |= r.odd;
}

static void see_property(struct walk *w, uint32_t type, struct cursor r, int depth)
{
    if (type == FOURCC("ipco"))
        each_box(w, r, see_property, depth + 1);
    if (type == FOURCC("hvcC"))
        judge_decoder(w, r);
    if (type != FOURCC("ispe"))
        return;
    version(&r);
    uint64_t width = word(&r), height = word(&r);
    w->odd |= r.odd;
    w->swollen |= !fits(width, height);
}

/* ---- what is made of what ---- */

static bool is_made(uint32_t type)
{
    return type == FOURCC("grid") || type == FOURCC("iden") || type == FOURCC("iovl");
}

static struct bytes data_of(const struct walk *w, const struct item *x)
{
    struct bytes from = x->method == 1 ? w->idat : w->in;
    bool there = x->extents == 1 && x->method <= 1 && x->offset <= from.len &&
                 x->length <= from.len - x->offset;
    return there ? (struct bytes){from.ptr + x->offset, (size_t)x->length} : (struct bytes){0};
}

/* ISO/IEC 23008-12, 6.6.2.3.2. 0: it has no table of tiles. */
static uint64_t judge_grid(struct walk *w, const struct item *x)
{
    struct cursor r = {data_of(w, x), false};
    number(&r, 1);
    unsigned wide = number(&r, 1) & 1 ? 4 : 2;
    uint64_t rows = number(&r, 1) + 1, columns = number(&r, 1) + 1;
    uint64_t width = number(&r, wide), height = number(&r, wide);
    w->odd |= r.odd;
    w->swollen |= !fits(width, height) || rows * columns > ITEMS_MAX;
    return r.odd ? 0 : rows * columns;
}

static void judge_items(struct walk *w)
{
    for (size_t i = 0; i < w->n_items && !w->odd; i++) {
        struct item *x = &w->items[i];
        w->odd |= is_made(x->type) && x->type != FOURCC("grid");
        if (x->type == FOURCC("grid"))
            x->tiles = judge_grid(w, x);
    }
}

/* Once for each grid, with as many tiles as it says, each a coded image. */
static void see_reference(struct walk *w, uint32_t type, struct cursor r, int depth)
{
    (void)depth;
    if (type != FOURCC("dimg"))
        return;
    struct item *grid = find(w, (uint32_t)number(&r, w->id_bytes));
    uint64_t n = number(&r, 2);
    w->odd |= r.odd || !grid || !grid->tiles || grid->tiles != n || grid->made;
    for (uint64_t i = 0; i < n && !w->odd; i++) {
        const struct item *tile = find(w, (uint32_t)number(&r, w->id_bytes));
        w->odd |= r.odd || !tile || !tile->type || is_made(tile->type);
    }
    if (grid)
        grid->made = true;
}

/* ---- the file ---- */

static void see_inner(struct walk *w, uint32_t type, struct cursor r, int depth)
{
    if (type == FOURCC("iinf"))
        see_entries(w, r);
    if (type == FOURCC("iloc"))
        see_places(w, r);
    if (type == FOURCC("iprp"))
        each_box(w, r, see_property, depth + 1);
    if (type == FOURCC("idat")) {
        w->odd |= w->idat.ptr != NULL;
        w->idat = r.in;
    }
    if (type == FOURCC("iref")) {
        w->odd |= w->references.in.ptr != NULL;
        w->references = r;
    }
}

static void see_outer(struct walk *w, uint32_t type, struct cursor r, int depth)
{
    if (type != FOURCC("meta"))
        return;
    w->odd |= w->n_items > 0; /* one */
    version(&r);
    each_box(w, r, see_inner, depth + 1);
}

enum err opener_heif_walk(struct ctx *c, struct bytes in)
{
    struct walk w = {.in = in, .items = ARENA_ARRAY(c->arena, ITEMS_MAX, struct item)};
    each_box(&w, (struct cursor){in, false}, see_outer, 0);
    judge_items(&w);
    if (w.references.in.ptr) {
        w.id_bytes = version(&w.references) == 0 ? 2 : 4;
        each_box(&w, w.references, see_reference, 0);
    }
    if (w.swollen)
        return fail(c, ERR_FILE_SWOLLEN, "");
    return w.odd || w.n_items == 0 ? fail(c, ERR_FILE_TYPE, "") : OK;
}
