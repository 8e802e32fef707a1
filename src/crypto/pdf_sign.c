/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An incremental update (ISO 32000-1 section 7.5.6): the file stays byte for byte, after it come
 * the signature, its invisible field, the catalogue and first page that name them, and a
 * cross-reference of the kind the file already has.
 */
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "base/utf8.h"
#include "crypto/own.h"
#include "crypto/pdf_read.h"

#define CONTENTS_DIGITS 16384 /* room for the CMS, which is some 2 KB with a short chain */
#define RANGE_WIDTH     48
#define UPDATE_MAX      ((size_t)1 << 20)
#define OBJECTS         5
#define PAGE_DEPTH      16

struct update {
    struct pdf pdf;
    struct buf out;
    size_t base; /* where the update begins in the new file */
    struct {
        size_t number, offset;
    } objects[OBJECTS];
    size_t n_objects;
    size_t root, page; /* object numbers */
    struct bytes catalog, page_dict;
    size_t range_at, contents_at; /* in out: of the digits */
};

/* ---- writing ---- */

static void object_begin(struct update *u, size_t number)
{
    ASSERT(u->n_objects < OBJECTS);
    u->objects[u->n_objects].number = number;
    u->objects[u->n_objects++].offset = u->base + u->out.len;
    buf_printf(&u->out, "%zu 0 obj\n", number);
}

static void add(struct buf *b, struct bytes in)
{
    buf_add(b, in.ptr, in.len);
}

/* The pairs of a dictionary but those under two keys. */
static void pairs_but(struct buf *b, struct bytes dict, const char *key, const char *other)
{
    struct pdf_cursor c = pdf_cursor(dict);
    struct bytes name, value;
    if (!pdf_word(&c, "<<"))
        return;
    while (pdf_pair(&c, &name, &value)) {
        if (pdf_same(name, key) || pdf_same(name, other))
            continue;
        add(b, name);
        buf_char(b, ' ');
        add(b, value);
        buf_char(b, '\n');
    }
}

/* The members of the array under key, wherever it stands; nothing when there is none. */
static bool members_add(struct update *u, struct bytes dict, const char *key)
{
    struct bytes value, inner;
    if (!pdf_get(dict, key, &value))
        return true;
    if (!pdf_value(&u->pdf, value, &value))
        return false;
    if (pdf_same(value, "null"))
        return true;
    if (!pdf_array(value, &inner))
        return false;
    add(&u->out, inner);
    buf_char(&u->out, ' ');
    return true;
}

static void text_ascii(struct buf *b, const char *text)
{
    buf_char(b, '(');
    for (; *text; text++) {
        if (strchr("()\\", *text))
            buf_char(b, '\\');
        buf_char(b, *text);
    }
    buf_char(b, ')');
}

static void text_utf16(struct buf *b, struct bytes in)
{
    uint32_t ch = 0;
    buf_text(b, "<FEFF");
    for (size_t n = 0; (n = utf8_first(in, &ch)) > 0; in.ptr += n, in.len -= n) {
        if (ch >= 0x10000)
            buf_printf(b, "%04X%04X", (unsigned)(0xd800 + ((ch - 0x10000) >> 10)),
                       (unsigned)(0xdc00 + ((ch - 0x10000) & 0x3ff)));
        else
            buf_printf(b, "%04X", (unsigned)ch);
    }
    buf_char(b, '>');
}

/* A text string (ISO 32000-1 section 7.9.2.2). */
static void text_add(struct buf *b, const char *key, const char *text)
{
    struct bytes in = bytes_of(text ? text : "");
    bool ascii = true;
    for (size_t i = 0; i < in.len; i++)
        ascii = ascii && in.ptr[i] >= ' ' && in.ptr[i] < 127;
    if (in.len == 0)
        return;
    buf_text(b, key);
    if (ascii)
        text_ascii(b, text);
    else
        text_utf16(b, in);
    buf_char(b, '\n');
}

/* ---- the objects ---- */

static void room(struct buf *b, char ch, size_t n)
{
    char block[64];
    memset(block, ch, sizeof(block));
    for (size_t left = n; left > 0;) {
        size_t piece = left < sizeof(block) ? left : sizeof(block);
        buf_add(b, block, piece);
        left -= piece;
    }
}

static void signature_add(struct update *u, struct ctx *c, size_t number, const char *signer,
                          const char *reason)
{
    struct buf *b = &u->out;
    object_begin(u, number);
    buf_text(b, "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached\n");
    buf_printf(b, "/M (D:%s+07'00')\n", time_compact(u->pdf.arena, c->now_us));
    text_add(b, "/Name ", signer);
    text_add(b, "/Reason ", reason);
    buf_text(b, "/ByteRange ");
    u->range_at = b->len;
    room(b, ' ', RANGE_WIDTH);
    buf_text(b, "\n/Contents <");
    u->contents_at = b->len;
    room(b, '0', CONTENTS_DIGITS);
    buf_text(b, ">\n>>\nendobj\n");
}

/* Flags 132: printed and locked. The name only has to be the file's own. */
static void field_add(struct update *u, size_t number, size_t signature)
{
    object_begin(u, number);
    buf_printf(&u->out,
               "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature%zu) /V %zu 0 R\n"
               "/F 132 /Rect [0 0 0 0] /P %zu 0 R >>\nendobj\n",
               number, signature, u->page);
}

/* A form that is already there keeps its fields: a signature after a signature. */
static bool catalog_add(struct update *u, size_t field)
{
    struct bytes form = bytes_of("<<>>");
    if (pdf_get(u->catalog, "/AcroForm", &form) && !pdf_value(&u->pdf, form, &form))
        return false;
    if (pdf_same(form, "null"))
        form = bytes_of("<<>>");
    if (!pdf_is_dict(form))
        return false;
    object_begin(u, u->root);
    buf_text(&u->out, "<< ");
    pairs_but(&u->out, u->catalog, "/AcroForm", "/AcroForm");
    buf_text(&u->out, "/AcroForm << ");
    pairs_but(&u->out, form, "/Fields", "/SigFlags");
    buf_text(&u->out, "/SigFlags 3 /Fields [ ");
    if (!members_add(u, form, "/Fields"))
        return false;
    buf_printf(&u->out, "%zu 0 R ] >>\n>>\nendobj\n", field);
    return true;
}

static bool page_add(struct update *u, size_t field)
{
    object_begin(u, u->page);
    buf_text(&u->out, "<< ");
    pairs_but(&u->out, u->page_dict, "/Annots", "/Annots");
    buf_text(&u->out, "/Annots [ ");
    if (!members_add(u, u->page_dict, "/Annots"))
        return false;
    buf_printf(&u->out, "%zu 0 R ]\n>>\nendobj\n", field);
    return true;
}

/* ---- cross-reference ---- */

static void trailer_pair(struct update *u, const char *key)
{
    struct bytes value;
    if (!pdf_get(u->pdf.trailer, key, &value))
        return;
    buf_text(&u->out, key);
    buf_char(&u->out, ' ');
    add(&u->out, value);
    buf_char(&u->out, '\n');
}

static void trailer_add(struct update *u, size_t size)
{
    buf_printf(&u->out, "/Size %zu /Prev %zu\n", size, u->pdf.startxref);
    trailer_pair(u, "/Root");
    trailer_pair(u, "/Info");
    trailer_pair(u, "/ID");
}

static void table_add(struct update *u)
{
    buf_text(&u->out, "xref\n");
    for (size_t i = 0; i < u->n_objects; i++)
        buf_printf(&u->out, "%zu 1\n%010zu 00000 n \n", u->objects[i].number, u->objects[i].offset);
    buf_text(&u->out, "trailer\n<< ");
    trailer_add(u, u->pdf.n_entries + 2);
    buf_text(&u->out, ">>\n");
}

/* Rows of 1 + 4 bytes, not packed. The stream lists itself too. */
static void stream_add(struct update *u)
{
    size_t number = u->pdf.n_entries + 2;
    object_begin(u, number);
    buf_text(&u->out, "<< /Type /XRef /W [1 4 0] /Index [");
    for (size_t i = 0; i < u->n_objects; i++)
        buf_printf(&u->out, " %zu 1", u->objects[i].number);
    buf_printf(&u->out, " ] /Length %zu\n", u->n_objects * 5);
    trailer_add(u, number + 1);
    buf_text(&u->out, ">>\nstream\n");
    for (size_t i = 0; i < u->n_objects; i++) {
        buf_char(&u->out, 1);
        for (int shift = 24; shift >= 0; shift -= 8)
            buf_char(&u->out, (char)(u->objects[i].offset >> shift & 0xff));
    }
    buf_text(&u->out, "\nendstream\nendobj\n");
}

/* ---- putting it together ---- */

/* The first page: down the first kids (ISO 32000-1 section 7.7.3). */
static bool find_page(struct update *u)
{
    struct bytes value, kids, node;
    if (!pdf_get(u->catalog, "/Pages", &value))
        return false;
    for (int depth = 0; depth < PAGE_DEPTH; depth++) {
        if (!pdf_ref(value, &u->page) || !pdf_object(&u->pdf, u->page, &node) || !pdf_is_dict(node))
            return false;
        if (!pdf_get(node, "/Kids", &kids)) {
            u->page_dict = node;
            return true;
        }
        if (!pdf_value(&u->pdf, kids, &kids) || !pdf_array(kids, &kids))
            return false;
        struct pdf_cursor c = pdf_cursor(kids);
        if (!pdf_any(&c, &value))
            return false;
    }
    return false;
}

static bool update_open(struct update *u, struct arena *a, struct bytes pdf)
{
    struct bytes value;
    *u = (struct update){.base = pdf.len + 1};
    u->out = buf_new(a, UPDATE_MAX);
    return pdf_open(a, pdf, &u->pdf) && !pdf_get(u->pdf.trailer, "/Encrypt", &value) &&
           pdf_get(u->pdf.trailer, "/Root", &value) && pdf_ref(value, &u->root) &&
           pdf_object(&u->pdf, u->root, &u->catalog) && pdf_is_dict(u->catalog) && find_page(u);
}

static bool update_write(struct update *u, struct ctx *c, const char *signer, const char *reason)
{
    size_t signature = u->pdf.n_entries, field = signature + 1;
    signature_add(u, c, signature, signer, reason);
    field_add(u, field, signature);
    if (!catalog_add(u, field) || !page_add(u, field))
        return false;
    size_t at = u->base + u->out.len;
    if (u->pdf.xref_stream)
        stream_add(u);
    else
        table_add(u);
    buf_printf(&u->out, "startxref\n%zu\n%%%%EOF\n", at);
    return !buf_full(&u->out);
}

/* Over all but the digits of /Contents and their < >. */
static enum err fill(struct ctx *c, struct update *u, const struct key *k, const struct cert *x,
                     const struct cert *ca, uint8_t *file, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    struct bytes cms;
    size_t open = u->base + u->contents_at - 1, close = open + CONTENTS_DIGITS + 2;
    const char *range = arena_printf(u->pdf.arena, "[0 %zu %zu %zu]", open, close, len - close);
    ASSERT(strlen(range) <= RANGE_WIDTH);
    memcpy(file + u->base + u->range_at, range, strlen(range));
    struct sha256 digest =
        sha256_two((struct bytes){file, open}, (struct bytes){file + close, len - close});
    enum err e = own_cms(c, k, x, ca, digest, false, &cms);
    if (e)
        return e;
    if (cms.len * 2 > CONTENTS_DIGITS)
        return fail(c, ERR_CERT_BAD, "certificate");
    for (size_t i = 0; i < cms.len; i++) {
        file[open + 1 + 2 * i] = (uint8_t)digits[cms.ptr[i] >> 4];
        file[open + 2 + 2 * i] = (uint8_t)digits[cms.ptr[i] & 15];
    }
    return OK;
}

enum err pdf_sign(struct ctx *c, const struct key *k, const struct cert *x, const struct cert *ca,
                  const char *signer, const char *reason, struct bytes pdf, struct bytes *ret_pdf)
{
    struct update u;
    struct arena *a = arena_new(0);
    enum err e = OK;
    if (!update_open(&u, a, pdf) || !update_write(&u, c, signer, reason)) {
        arena_end(a);
        return fail(c, ERR_PDF_BAD, "pdf");
    }
    size_t len = u.base + u.out.len;
    uint8_t *file = arena_alloc(c->arena, len);
    memcpy(file, pdf.ptr, pdf.len);
    file[pdf.len] = '\n';
    memcpy(file + u.base, u.out.ptr, u.out.len);
    e = fill(c, &u, k, x, ca, file, len);
    arena_end(a);
    if (!e)
        *ret_pdf = (struct bytes){file, len};
    return e;
}
