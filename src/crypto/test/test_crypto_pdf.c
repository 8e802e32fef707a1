/* SPDX-License-Identifier: Apache-2.0 */
/* Signed PDFs, judged by pdfsig, openssl and qpdf. */
#include <cairo-pdf.h>
#include <cairo.h>
#include <zlib.h>

#include "crypto/test/crypto_test.h"

struct signer {
    struct key *root_key, *key;
    struct cert *root, *cert;
    char *dir, *root_path;
};

static struct signer signer_new(struct ctx *c)
{
    struct signer s = {.dir = test_dir(c)};
    int64_t from = TEST_NOW_US - 5 * TEST_YEAR_US, until = TEST_NOW_US + 30 * TEST_YEAR_US;
    struct cert_wish root = {.common_name = "Gốc", .ca = true, .from_us = from, .until_us = until};
    struct cert_wish member = {.common_name = "Nguyễn Văn Đức",
                               .country = "VN",
                               .sign = true,
                               .from_us = from,
                               .until_us = until};
    assert_int_equal(key_new(c, &s.root_key), OK);
    assert_int_equal(key_new(c, &s.key), OK);
    assert_int_equal(cert_issue(c, &root, s.root_key, NULL, NULL, &s.root), OK);
    assert_int_equal(cert_issue(c, &member, s.key, s.root_key, s.root, &s.cert), OK);
    s.root_path = test_write(c, s.dir, "root.pem", bytes_of(cert_pem(c->arena, s.root)));
    return s;
}

static void signer_end(struct signer *s)
{
    key_end(s->root_key);
    key_end(s->key);
    cert_end(s->root);
    cert_end(s->cert);
    test_dir_end(s->dir);
}

static cairo_status_t to_buf(void *arg, const unsigned char *data, unsigned len)
{
    buf_add(arg, data, len);
    return CAIRO_STATUS_SUCCESS;
}

static struct bytes cairo_pages(struct ctx *c)
{
    struct buf *out = ARENA_NEW(c->arena, struct buf);
    *out = buf_new(c->arena, 1 << 20);
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(to_buf, out, 595, 842);
    cairo_t *cr = cairo_create(surface);
    static const char *const lines[] = {"GIẤY KHAI SINH",
                                        "Trang hai: Trần Thị Lụa, phường Thuận Hòa"};
    for (size_t i = 0; i < 2; i++) {
        cairo_move_to(cr, 72, 100);
        cairo_set_font_size(cr, 18);
        cairo_show_text(cr, lines[i]);
        cairo_show_page(cr);
    }
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    assert_false(buf_full(out));
    return buf_bytes(out);
}

#define SIGNER "Nguyễn Văn Đức"
#define REASON "Ký giấy khai sinh (bản chính)"

static struct bytes sign_ok(struct ctx *c, const struct signer *s, struct bytes pdf)
{
    struct bytes out;
    assert_int_equal(pdf_sign(c, s->key, s->cert, s->root, SIGNER, REASON, pdf, &out), OK);
    assert_memory_equal(out.ptr, pdf.ptr, pdf.len); /* the signed file stays as it was */
    return out;
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
        n++;
    return n;
}

/* pdfsig's own words on each signature. */
static size_t pdfsig_valid(struct ctx *c, const char *path, char **ret_out)
{
    test_run(c, arena_printf(c->arena, "HOME=%s.home pdfsig -nocert %s", path, path), ret_out);
    return count(*ret_out, "Signature Validation: Signature is Valid.");
}

/* The last /ByteRange and /Contents, cut out by hand; openssl judges the rest. */
static int openssl_verify(struct ctx *c, const struct signer *s, struct bytes pdf)
{
    size_t from[2] = {0}, len[2] = {0};
    const char *text = arena_text_n(c->arena, (const char *)pdf.ptr, pdf.len), *range = NULL;
    for (size_t at = 0; at + 11 < pdf.len; at++)
        if (memcmp(text + at, "/ByteRange ", 11) == 0)
            range = text + at;
    assert_non_null(range);
    assert_int_equal(
        sscanf(range, "/ByteRange [%zu %zu %zu %zu]", &from[0], &len[0], &from[1], &len[1]), 4);
    assert_int_equal(from[0], 0);
    assert_int_equal(from[1] + len[1], pdf.len); /* nothing left out but the digits */
    struct buf said = buf_new(c->arena, pdf.len);
    buf_add(&said, pdf.ptr, len[0]);
    buf_add(&said, pdf.ptr + from[1], len[1]);
    assert_int_equal(pdf.ptr[len[0]], '<');
    assert_int_equal(pdf.ptr[from[1] - 1], '>');
    struct bytes der = test_hex(c, arena_text_n(c->arena, text + len[0] + 1, from[1] - len[0] - 2));
    const char *in = test_write(c, s->dir, "said", buf_bytes(&said));
    const char *sig = test_write(c, s->dir, "sig.der", der);
    char *out = NULL;
    return test_run(c,
                    arena_printf(c->arena,
                                 "openssl cms -verify -cades -binary -inform DER -in %s "
                                 "-content %s -CAfile %s -out /dev/null",
                                 sig, in, s->root_path),
                    &out);
}

static void check(struct ctx *c, const struct signer *s, struct bytes pdf, size_t signatures)
{
    char *out = NULL;
    const char *path = test_write(c, s->dir, "signed.pdf", pdf);
    if (pdfsig_valid(c, path, &out) != signatures)
        print_message("%s\n", out);
    assert_int_equal(pdfsig_valid(c, path, &out), signatures);
    assert_int_equal(count(out, "Total document signed"), 1);
    assert_int_equal(openssl_verify(c, s, pdf), 0);
    int rc = test_run(c, arena_printf(c->arena, "qpdf --check %s", path), &out);
    if (rc != 0)
        print_message("%s\n", out);
    assert_int_equal(rc, 0);
}

static void test_cairo_file(void **state)
{
    struct ctx *c = *state;
    struct signer s = signer_new(c);
    struct bytes pdf = sign_ok(c, &s, cairo_pages(c));
    char *out = NULL;
    check(c, &s, pdf, 1);
    const char *path = arena_printf(c->arena, "%s/signed.pdf", s.dir);
    pdfsig_valid(c, path, &out);
    assert_non_null(strstr(out, "Signature Type: ETSI.CAdES.detached"));
    assert_non_null(strstr(out, "Signer Certificate Common Name: Nguyễn Văn Đức"));
    assert_int_equal(test_run(c, arena_printf(c->arena, "pdfinfo %s", path), &out), 0);
    assert_non_null(strstr(out, "Pages:           2"));
    /* Name and reason in UTF-16, the time in Viet Nam's */
    assert_int_equal(
        test_run(c, arena_printf(c->arena, "grep -a '^/M (D:20260921211320+07' %s", path), &out),
        0);
    assert_int_equal(
        test_run(c, arena_printf(c->arena, "grep -a '^/Name <FEFF004E00670075' %s", path), &out),
        0);
    signer_end(&s);
}

/* Any byte changed, but in the padding of /Contents, breaks the signature. */
static void test_tampering_fails(void **state)
{
    struct ctx *c = *state;
    struct signer s = signer_new(c);
    struct bytes plain = cairo_pages(c), pdf = sign_ok(c, &s, plain);
    char *out = NULL;
    const char *contents = memmem(pdf.ptr + plain.len, pdf.len - plain.len, "/Contents <", 11);
    assert_non_null(contents);
    size_t digits = (size_t)(contents - (const char *)pdf.ptr) + 11;
    const size_t places[] = {
        20, plain.len / 2, plain.len - 10, plain.len + 60, digits + 16384 + 9, pdf.len - 2};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        uint8_t *bad = (uint8_t *)(uintptr_t)arena_bytes(c->arena, pdf.ptr, pdf.len).ptr;
        bad[places[i]] ^= 1;
        assert_int_not_equal(openssl_verify(c, &s, (struct bytes){bad, pdf.len}), 0);
    }
    uint8_t *bad = (uint8_t *)(uintptr_t)arena_bytes(c->arena, pdf.ptr, pdf.len).ptr;
    bad[plain.len / 2] ^= 1;
    const char *path = test_write(c, s.dir, "bad.pdf", (struct bytes){bad, pdf.len});
    assert_int_equal(pdfsig_valid(c, path, &out), 0);
    assert_int_equal(openssl_verify(c, &s, pdf), 0); /* the untouched one still holds */
    signer_end(&s);
}

/* The leader's signature, then the office's: both hold. */
static void test_two_signatures(void **state)
{
    struct ctx *c = *state;
    struct signer s = signer_new(c);
    struct bytes once = sign_ok(c, &s, cairo_pages(c)), twice, thrice;
    c->now_us += MINUTE_US;
    assert_int_equal(pdf_sign(c, s.key, s.cert, s.root, "UBND", "", once, &twice), OK);
    check(c, &s, twice, 2);
    assert_int_equal(pdf_sign(c, s.key, s.cert, NULL, "", "(\\ \"", twice, &thrice), OK);
    check(c, &s, thrice, 3);
    signer_end(&s);
}

/* Cross-reference streams, the catalogue and the pages packed away in object streams. */
static void test_object_streams(void **state)
{
    struct ctx *c = *state;
    struct signer s = signer_new(c);
    char *out = NULL;
    const char *in = test_write(c, s.dir, "plain.pdf", cairo_pages(c));
    const char *packed = arena_printf(c->arena, "%s/packed.pdf", s.dir);
    struct bytes pdf;
    static const char *const options[] = {"", "--linearize"};
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        assert_int_equal(test_run(c,
                                  arena_printf(c->arena, "qpdf %s --object-streams=generate %s %s",
                                               options[i], in, packed),
                                  &out),
                         0);
        assert_int_equal(sys_read_file(c, packed, 1 << 20, &pdf), OK);
        assert_non_null(memmem(pdf.ptr, pdf.len, "/ObjStm", 7));
        assert_null(memmem(pdf.ptr, pdf.len, "\ntrailer", 8));
        struct bytes once = sign_ok(c, &s, pdf);
        check(c, &s, once, 1);
        check(c, &s, sign_ok(c, &s, once), 2);
    }
    signer_end(&s);
}

/* ---- files made by hand ---- */

struct hand {
    struct buf b;
    size_t at[16];
};

static void object(struct hand *h, size_t number, const char *body)
{
    h->at[number] = h->b.len;
    buf_printf(&h->b, "%zu 0 obj\n%s\nendobj\n", number, body);
}

/* Objects 1.. of the list, a table, and what the trailer says besides /Size. */
static struct bytes by_hand(struct ctx *c, const char *const *bodies, const char *trailer)
{
    struct hand h = {.b = buf_new(c->arena, 1 << 20)};
    size_t n = 0;
    buf_text(&h.b, "%PDF-1.7\n%\xc4\x90\n");
    for (; bodies[n]; n++)
        object(&h, n + 1, bodies[n]);
    size_t xref = h.b.len;
    buf_printf(&h.b, "xref\n0 %zu\n0000000000 65535 f \n", n + 1);
    for (size_t i = 1; i <= n; i++)
        buf_printf(&h.b, "%010zu 00000 n \n", h.at[i]);
    buf_printf(&h.b, "trailer\n<< /Size %zu %s >>\nstartxref\n%zu\n%%%%EOF", n + 1, trailer, xref);
    return buf_bytes(&h.b);
}

#define PAGE    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Resources << >> >>"
#define PAGES   "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
#define CATALOG "<< /Type /Catalog /Pages 2 0 R >>"

static void test_forms_and_annotations_stay(void **state)
{
    struct ctx *c = *state;
    struct signer s = signer_new(c);
    static const char *const direct[] = {
        "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] /DA (/Helv 0 Tf (a\\)b)) >> "
        ">>",
        "<< /Type /Pages /Kids [5 0 R] /Count 1 >> % a comment\n",
        "<</Type/Page/Parent 5 0 R/MediaBox[0 0 100 100]/Resources<<>>/Annots[4 0 R]>>",
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (old) /Rect [1 1 9 9] /P 3 0 R >>",
        "<< /Type /Pages /Parent 2 0 R /Kids [3 0 R] /Count 1 >>",
        NULL,
    };
    static const char *const indirect[] = {
        "<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R >>",
        PAGES,
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Resources << >> /Annots 6 0 R >>",
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (old) /Rect [1 1 9 9] /P 3 0 R >>",
        "<< /Fields 6 0 R /NeedAppearances false >>",
        "[ 4 0 R ]",
        NULL,
    };
    static const char *const *const files[] = {direct, indirect};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct bytes pdf = sign_ok(c, &s, by_hand(c, files[i], "/Root 1 0 R"));
        check(c, &s, pdf, 1);
        const char *added = arena_text_n(c->arena, (const char *)pdf.ptr + pdf.len - 1400, 1400);
        assert_int_equal(count(added, "4 0 R "), 2); /* once in the form, once on the page */
    }
    signer_end(&s);
}

static void refused(struct ctx *c, const struct signer *s, struct bytes pdf)
{
    struct bytes out = {0};
    assert_fault(c, pdf_sign(c, s->key, s->cert, s->root, "x", "y", pdf, &out), ERR_PDF_BAD, "pdf");
    assert_null(out.ptr);
}

static void test_bad_files_refused(void **state)
{
    struct ctx *c = *state;
    struct signer s = signer_new(c);
    static const char *const good[] = {CATALOG, PAGES, PAGE, NULL};
    static const char *const loop[] = {CATALOG, "<< /Type /Pages /Kids [2 0 R] /Count 1 >>", NULL};
    static const char *const empty[] = {CATALOG, "<< /Type /Pages /Kids [ ] /Count 0 >>", NULL};
    static const char *const open[] = {"<< /Type /Catalog /Pages 2 0 R", PAGES, PAGE, NULL};
    static const char *const form[] = {"<< /Pages 2 0 R /AcroForm [1] >>", PAGES, PAGE, NULL};
    static const char *const fields[] = {"<< /Pages 2 0 R /AcroForm << /Fields 7 >> >>", PAGES,
                                         PAGE, NULL};
    sign_ok(c, &s, by_hand(c, good, "/Root 1 0 R"));
    refused(c, &s, by_hand(c, good, ""));
    refused(c, &s, by_hand(c, good, "/Root 9 0 R"));
    refused(c, &s, by_hand(c, good, "/Root 1 0 R /Encrypt << /Filter /Standard >>"));
    refused(c, &s, by_hand(c, good, "/Root 1 0 R /Prev 99999999"));
    refused(c, &s, by_hand(c, good, "/Root 1 0 R /Prev 0"));
    refused(c, &s, by_hand(c, loop, "/Root 1 0 R"));
    refused(c, &s, by_hand(c, empty, "/Root 1 0 R"));
    refused(c, &s, by_hand(c, open, "/Root 1 0 R"));
    refused(c, &s, by_hand(c, form, "/Root 1 0 R"));
    refused(c, &s, by_hand(c, fields, "/Root 1 0 R"));
    refused(c, &s, (struct bytes){0});
    refused(c, &s, bytes_of("%PDF-1.7\nnothing else worth the name of a file here\n"));
    struct bytes cairo = cairo_pages(c);
    for (size_t len = 0; len < cairo.len - 12; len += 97)
        refused(c, &s, (struct bytes){cairo.ptr, len});
    signer_end(&s);
}

/* A cross-reference that leads back to itself ends. */
static void test_loop_of_sections_refused(void **state)
{
    struct ctx *c = *state;
    struct signer s = signer_new(c);
    static const char *const good[] = {CATALOG, PAGES, PAGE, NULL};
    struct bytes pdf = by_hand(c, good, "/Root 1 0 R /Prev 0000000000");
    char *text = arena_text_n(c->arena, (const char *)pdf.ptr, pdf.len);
    size_t xref = (size_t)(strstr(text, "xref\n0 ") - text);
    char *digits = strstr(text, "/Prev ") + 6;
    memcpy(digits, arena_printf(c->arena, "%010zu", xref), 10);
    refused(c, &s, (struct bytes){(uint8_t *)text, pdf.len});
    signer_end(&s);
}

/* Object 1 is a packed object stream that holds the catalogue, object 2. */
static struct bytes packed_by_hand(struct ctx *c, struct bytes data, const char *length)
{
    struct buf b = buf_new(c->arena, 1 << 20);
    buf_text(&b, "%PDF-1.7\n");
    size_t at = b.len;
    buf_printf(&b, "1 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %s >>\n",
               length);
    buf_text(&b, "stream\n");
    buf_add(&b, data.ptr, data.len);
    buf_text(&b, "\nendstream\nendobj\n");
    size_t xref = b.len;
    const uint8_t rows[] = {0,
                            0,
                            0,
                            0,
                            0,
                            1,
                            0,
                            0,
                            (uint8_t)at,
                            0,
                            2,
                            0,
                            0,
                            1,
                            0,
                            1,
                            (uint8_t)(xref >> 16),
                            (uint8_t)(xref >> 8),
                            (uint8_t)xref,
                            0};
    buf_text(&b, "3 0 obj\n<< /Type /XRef /W [1 3 1] /Size 4 /Root 2 0 R /Length 20 >>\nstream\n");
    buf_add(&b, rows, sizeof(rows));
    buf_printf(&b, "\nendstream\nendobj\nstartxref\n%zu\n%%%%EOF\n", xref);
    assert_false(buf_full(&b));
    return buf_bytes(&b);
}

static struct bytes deflated(struct ctx *c, const char *text, size_t blanks)
{
    size_t len = strlen(text) + blanks;
    struct arena *a = arena_new(3 * len + 4096);
    uint8_t *in = arena_alloc(a, len);
    uLongf packed = compressBound(len);
    uint8_t *out = arena_alloc(a, packed);
    memset(in, ' ', len);
    memcpy(in, text, strlen(text));
    assert_int_equal(compress(out, &packed, in, len), Z_OK);
    struct bytes data = arena_bytes(c->arena, out, packed);
    arena_end(a);
    return data;
}

/* What unpacks to far more than it is worth, and a stream whose length lies in itself. */
static void test_packed_traps_refused(void **state)
{
    struct ctx *c = *state;
    struct signer s = signer_new(c);
    struct bytes bomb = deflated(c, "2 0 " CATALOG, (size_t)64 << 20);
    struct bytes small = deflated(c, "2 0 " CATALOG, 10);
    /* with an honest length it is read: the refusals below have no other cause */
    sign_ok(c, &s, packed_by_hand(c, small, arena_printf(c->arena, "%zu", small.len)));
    size_t before = arena_used(c->arena);
    refused(c, &s, packed_by_hand(c, bomb, arena_printf(c->arena, "%zu", bomb.len)));
    refused(c, &s, packed_by_hand(c, small, "2 0 R"));
    refused(c, &s, packed_by_hand(c, small, "1 0 R"));
    refused(c, &s, packed_by_hand(c, small, "99999"));
    refused(c, &s, packed_by_hand(c, small, "3"));
    assert_true(arena_used(c->arena) - before < (size_t)2 << 20);
    signer_end(&s);
}

static void test_other_keys_certificate_refused(void **state)
{
    struct ctx *c = *state;
    struct signer s = signer_new(c);
    struct bytes out = {0};
    enum err e = pdf_sign(c, s.root_key, s.cert, s.root, "x", "y", cairo_pages(c), &out);
    assert_fault(c, e, ERR_CERT_BAD, "certificate");
    assert_null(out.ptr);
    signer_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRYPTO_TEST(test_cairo_file),
        CRYPTO_TEST(test_tampering_fails),
        CRYPTO_TEST(test_two_signatures),
        CRYPTO_TEST(test_object_streams),
        CRYPTO_TEST(test_forms_and_annotations_stay),
        CRYPTO_TEST(test_bad_files_refused),
        CRYPTO_TEST(test_loop_of_sections_refused),
        CRYPTO_TEST(test_packed_traps_refused),
        CRYPTO_TEST(test_other_keys_certificate_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
