/* SPDX-License-Identifier: Apache-2.0 */
/* Strangers' files in a process of their own: what is let through, what is refused and why, and
   that one which crashes, hangs or tries more costs itself alone. */
#include "test/harness/unit.h"

#include <string.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/child.h"
#include "base/sys.h"
#include "core/opener.h"

#define MAX_BYTES (40 * 1024 * 1024)
#define PLAIN                                                                                      \
    "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"                                            \
    "trailer << /Root 1 0 R >>\n%%EOF\n"

static struct ctx c;

static int begin(void **state)
{
    (void)state;
    c = (struct ctx){.arena = arena_new(256 * 1024 * 1024), .request_id = "-"};
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_end(c.arena);
    return 0;
}

static enum err opened(const char *type, struct bytes in, struct bytes *ret)
{
    const char *became;
    ctx_clear_faults(&c);
    enum err e = opener_open(&c, "photo", type, in, &became, ret);
    if (e) {
        assert_int_equal(c.n_faults, 1);
        assert_string_equal(c.faults[0].field, "photo");
    }
    return e;
}

static enum err pdf(struct bytes in)
{
    struct bytes out;
    enum err e = opened("application/pdf", in, &out);
    if (!e)
        assert_true(out.len == in.len && memcmp(out.ptr, in.ptr, in.len) == 0);
    return e;
}

static struct bytes pdf_with(const char *dict)
{
    return bytes_of(arena_printf(c.arena, "%%PDF-1.4\n1 0 obj\n%s\nendobj\n%%%%EOF\n", dict));
}

static struct bytes packed(const char *dict, const void *inner, size_t len)
{
    uLongf n = compressBound(len);
    uint8_t *z = arena_alloc(c.arena, n);
    struct buf b = buf_new(c.arena, MAX_BYTES);
    assert_int_equal(compress(z, &n, inner, len), Z_OK);
    buf_printf(&b, "%%PDF-1.5\n4 0 obj\n<< %s /Length %lu >>\nstream\r\n", dict, n);
    buf_add(&b, z, n);
    buf_text(&b, "\nendstream\nendobj\n%%EOF\n");
    return buf_bytes(&b);
}

#define OBJECTS "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode"

static void pdf_that_acts_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"<< /OpenAction << /S /JavaScript /JS (x) >> >>",
                                      "<< /OpenAction << /S /J#61vaScript /JS (x) >> >>",
                                      "<< /A << /S /Launch /F (cmd.exe) >> >>",
                                      "<< /Names << /EmbeddedFiles 3 0 R >> >>",
                                      "<< /S /SubmitForm /F (http://x) >>",
                                      "<< /AcroForm << /XFA 3 0 R >> >>",
                                      "<< /Subtype /RichMedia >>"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(pdf(pdf_with(bad[i])), ERR_FILE_ACTIVE);
    assert_int_equal(pdf(pdf_with("<< /Encrypt 4 0 R >>")), ERR_FILE_LOCKED);
    /* the controls: words that only look like it */
    assert_int_equal(pdf(bytes_of(PLAIN)), OK);
    assert_int_equal(pdf(pdf_with("<< /Title (JavaScript, Launch) /LaunchDate 1 >>")), OK);
    assert_int_equal(pdf(pdf_with("<< /EncryptMetadata true /OpenAction [ 3 0 R /Fit ] >>")), OK);
}

static void pdf_is_looked_into(void **state)
{
    (void)state;
    static const char script[] = "5 0 << /S /JavaScript /JS (x) >>", plain[] = "5 0 << /A 1 >>";
    struct buf far = buf_new(c.arena, MAX_BYTES);
    for (int i = 0; i < 65520; i++) /* a name across the window's edge */
        buf_char(&far, ' ');
    buf_add(&far, script, sizeof script);
    assert_int_equal(pdf(packed(OBJECTS, plain, sizeof plain)), OK);
    assert_int_equal(pdf(packed(OBJECTS, script, sizeof script)), ERR_FILE_ACTIVE);
    assert_int_equal(pdf(packed("/N 1 /F#69rst 4 /Filter /Fl", script, sizeof script)),
                     ERR_FILE_ACTIVE);
    assert_int_equal(pdf(packed("/X (>> obj) " OBJECTS, script, sizeof script)), ERR_FILE_ACTIVE);
    assert_int_equal(pdf(packed(OBJECTS, far.ptr, far.len)), ERR_FILE_ACTIVE);
    /* what we can't unpack, others might */
    assert_int_equal(pdf(packed(OBJECTS " /DecodeParms << /Predictor 12 >>", plain, sizeof plain)),
                     ERR_FILE_UNREADABLE);
    assert_int_equal(pdf(packed("/Type /ObjStm /N 1 /First 4 /Filter 9 0 R", plain, sizeof plain)),
                     ERR_FILE_UNREADABLE);
}

static void bombs_are_refused(void **state)
{
    (void)state;
    struct buf b = buf_new(c.arena, MAX_BYTES), flat = buf_new(c.arena, MAX_BYTES);
    struct bytes out;
    for (int i = 0; i < 20 * 1024 * 1024; i++)
        buf_char(&flat, ' ');
    assert_int_equal(pdf(packed(OBJECTS, flat.ptr, flat.len)), ERR_FILE_SWOLLEN);
    buf_text(&b, "%PDF-1.4\n1 0 obj\n");
    for (int i = 0; i < 100000; i++) /* deeper than anybody means */
        buf_text(&b, "<</A ");
    buf_text(&b, "%%EOF");
    assert_int_equal(pdf(buf_bytes(&b)), ERR_FILE_UNREADABLE);
    b = buf_new(c.arena, MAX_BYTES);
    buf_text(&b, "%PDF-1.4\n");
    for (int i = 0; i < 20000; i++) /* each object reaches to the end of the file */
        buf_text(&b, "1 0 obj<</A(");
    for (int i = 0; i < 20000; i++)
        buf_text(&b, ")>>");
    buf_text(&b, "%%EOF");
    assert_int_equal(pdf(buf_bytes(&b)), ERR_FILE_UNREADABLE);
    static const uint8_t jpeg[] = {0xff, 0xd8, 0xff, 0xc0, 0, 11,   8,    0xc3, 0x50, 0xc3,
                                   0x50, 1,    1,    0x11, 0, 0xff, 0xd9, 0,    0,    0};
    assert_int_equal(opened("image/jpeg", (struct bytes){jpeg, sizeof jpeg}, &out), ERR_FILE_TYPE);
}

/* ---- photos of phones ---- */

static struct bytes corpus(const char *name)
{
    struct bytes in;
    const char *path = arena_printf(c.arena, "src/core/test/corpus/opener_heic/%s", name);
    assert_int_equal(sys_read_file(&c, path, MAX_BYTES, &in), OK);
    return in;
}

static void heic_becomes_a_plain_jpeg(void **state)
{
    (void)state;
    struct bytes in = corpus("photo"), out;
    const char *type;
    assert_true(memmem(in.ptr, in.len, "GPS-16", 6) != NULL);
    assert_int_equal(opener_open(&c, "photo", "image/heic", in, &type, &out), OK);
    assert_string_equal(type, "image/jpeg");
    assert_true(out.len > 4 && memcmp(out.ptr, "\xff\xd8\xff", 3) == 0);
    assert_null(memmem(out.ptr, out.len, "Exif", 4));
    assert_null(memmem(out.ptr, out.len, "GPS", 3));
    const uint8_t *frame = memmem(out.ptr, out.len, "\xff\xc0", 2);
    assert_non_null(frame);
    assert_int_equal(frame[5] << 8 | frame[6], 48);
    assert_int_equal(frame[7] << 8 | frame[8], 64);
    assert_int_equal(opened("image/heic", corpus("cut"), &out), ERR_FILE_TYPE);
    assert_int_equal(opened("image/heic", corpus("canvas"), &out), ERR_FILE_SWOLLEN);
    assert_int_equal(opened("image/heic", corpus("circle"), &out), ERR_FILE_TYPE);
}

/* ---- what misbehaves ---- */

static void misbehaving_costs_one_request(void **state)
{
    (void)state;
#ifdef DINH_FAULTS
    static const char *const bad[] = {"dinh-test-crash", "dinh-test-call", "dinh-test-hang"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        const char *in = arena_printf(c.arena, "%s%%%s\n", PLAIN, bad[i]);
        assert_int_equal(pdf(bytes_of(in)), ERR_FILE_UNREADABLE);
        assert_int_equal(pdf(bytes_of(PLAIN)), OK);
    }
#else
    assert_int_equal(pdf(bytes_of(PLAIN "%dinh-test-crash")),
                     OK); /* a release knows no such word */
#endif
}

int main(void)
{
    static const struct child_wish *const wishes[] = {&opener_wish};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pdf_that_acts_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(pdf_is_looked_into, begin, end),
        cmocka_unit_test_setup_teardown(bombs_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(heic_becomes_a_plain_jpeg, begin, end),
        cmocka_unit_test_setup_teardown(misbehaving_costs_one_request, begin, end),
    };
    if (!children_begin(wishes, ARRAY_LEN(wishes)))
        return 1;
    int failed = cmocka_run_group_tests_name("test_opener", tests, NULL, NULL);
    children_end();
    return failed;
}
