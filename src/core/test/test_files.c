/* SPDX-License-Identifier: Apache-2.0 */
/* Attachments: told by content, rid of what they tell of their maker, sealed, checked when read. */
#include "test/harness/unit.h"

#include <string.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/files.h"
#include "core/jobs.h"
#include "core/picture.h"
#include "core/scope.h"
#include "core/subject.h"
#include "test/harness/node_test.h"
#include "test/harness/scanner_test.h"

#define MAX_BYTES (20 * 1024 * 1024)

/* ---- pictures made here, the smallest that are sound ---- */

static void add_segment(struct buf *b, int marker, const void *body, size_t len)
{
    const uint8_t head[] = {0xff, (uint8_t)marker, (uint8_t)((len + 2) >> 8), (uint8_t)(len + 2)};
    buf_add(b, head, sizeof head);
    buf_add(b, body, len);
}

#define EXIF                                                                                       \
    "Exif\0\0MM\0*\0\0\0\010\0\002"                                                                \
    "\001\022\0\003\0\0\0\001\0\006\0\0"                                                           \
    "\210\045\0\004\0\0\0\001\0\0\0\0"                                                             \
    "\0\0\0\0GPS-16.46N-107.59E"
#define FRAME "\010\0\001\0\001\001\001\021\0"
#define SCAN  "\001\001\0\0\077\0"

struct wish {
    bool exif, no_frame, no_scan, no_end;
    const char *tail;
};

static struct bytes jpeg(struct arena *a, struct wish w)
{
    struct buf b = buf_new(a, MAX_BYTES);
    buf_add(&b, "\xff\xd8", 2);
    add_segment(&b, 0xe0, "JFIF\0\001\001\0\0\001\0\001\0\0", 14);
    if (w.exif)
        add_segment(&b, 0xe1, EXIF, sizeof EXIF - 1);
    add_segment(&b, 0xfe, "made by a phone", 15);
    add_segment(&b, 0xed, "Photoshop city=Hue", 18);
    if (!w.no_frame)
        add_segment(&b, 0xc0, FRAME, sizeof FRAME - 1);
    if (!w.no_scan) {
        add_segment(&b, 0xda, SCAN, sizeof SCAN - 1);
        buf_add(&b, "\x12\xff\x00\x34\xff\xd0\x56", 7);
    }
    if (!w.no_end)
        buf_add(&b, "\xff\xd9", 2);
    buf_text(&b, w.tail);
    return buf_bytes(&b);
}

static bool has(struct bytes in, const char *part)
{
    return memmem(in.ptr, in.len, part, strlen(part)) != NULL;
}

static void test_files_jpeg_strip(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct bytes out, twice;
    struct bytes in = jpeg(a, (struct wish){.exif = true, .tail = "PK hidden archive"});
    assert_true(has(in, "GPS") && has(in, "phone") && has(in, "city") && has(in, "hidden"));
    assert_true(jpeg_strip(a, in, &out));
    assert_false(has(out, "GPS") || has(out, "phone") || has(out, "city") || has(out, "hidden"));
    assert_true(has(out, "JFIF"));
    assert_true(memmem(out.ptr, out.len, "\x12\xff\x00\x34\xff\xd0\x56\xff\xd9", 9) != NULL);
    /* the orientation, and nothing else, is kept */
    const uint8_t *exif = memmem(out.ptr, out.len, "Exif\0\0", 6);
    assert_non_null(exif);
    assert_int_equal(exif[25], 6);
    assert_string_equal(file_sniff(out), "image/jpeg");
    assert_true(jpeg_strip(a, out, &twice)); /* stripping again changes nothing */
    assert_int_equal(twice.len, out.len);
    assert_memory_equal(twice.ptr, out.ptr, out.len);
    assert_true(jpeg_strip(a, jpeg(a, (struct wish){0}), &out));
    assert_false(memmem(out.ptr, out.len, "Exif", 4) != NULL);
    arena_end(a);
}

static void test_files_jpeg_refused(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct bytes out;
    assert_false(jpeg_strip(a, jpeg(a, (struct wish){.no_frame = true}), &out));
    assert_false(jpeg_strip(a, jpeg(a, (struct wish){.no_scan = true}), &out));
    assert_false(jpeg_strip(a, jpeg(a, (struct wish){.no_end = true}), &out));
    struct bytes whole = jpeg(a, (struct wish){.exif = true});
    for (size_t len = 0; len < whole.len; len++) { /* cut anywhere: refused, nothing over-read */
        struct bytes cut = arena_bytes(a, whole.ptr, len);
        assert_false(jpeg_strip(a, cut, &out));
    }
    arena_end(a);
}

static void add_chunk(struct buf *b, const char *type, const void *data, size_t len)
{
    struct buf body = buf_new(b->arena, MAX_BYTES);
    buf_add(&body, type, 4);
    buf_add(&body, data, len);
    uint32_t crc = (uint32_t)crc32(crc32(0, NULL, 0), (const uint8_t *)body.ptr, (uInt)body.len);
    const uint8_t size[] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                            (uint8_t)len};
    const uint8_t sum[] = {(uint8_t)(crc >> 24), (uint8_t)(crc >> 16), (uint8_t)(crc >> 8),
                           (uint8_t)crc};
    buf_add(b, size, 4);
    buf_add(b, body.ptr, body.len);
    buf_add(b, sum, 4);
}

static struct bytes png(struct arena *a, const char *head)
{
    struct buf b = buf_new(a, MAX_BYTES);
    buf_add(&b, "\x89PNG\r\n\x1a\n", 8);
    add_chunk(&b, "IHDR", head, 13);
    add_chunk(&b, "tEXt", "Author\0Ha", 9);
    add_chunk(&b, "eXIf", "MM\0*GPS", 7);
    add_chunk(&b, "IDAT", "\x78\x9c\x63\x00\x00\x00\x02\x00\x01", 9);
    add_chunk(&b, "IEND", "", 0);
    return buf_bytes(&b);
}

#define PNG_HEAD "\0\0\0\001\0\0\0\001\010\0\0\0\0"

static void test_files_png_strip(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct bytes in = png(a, PNG_HEAD), out;
    assert_true(png_strip(a, in, &out));
    assert_false(has(out, "Author") || has(out, "GPS"));
    assert_true(has(out, "IDAT"));
    for (size_t len = 0; len < in.len; len++)
        assert_false(png_strip(a, arena_bytes(a, in.ptr, len), &out));
    uint8_t *flipped = arena_alloc(a, in.len);
    memcpy(flipped, in.ptr, in.len);
    flipped[20] ^= 1; /* a width that its checksum doesn't know */
    assert_false(png_strip(a, (struct bytes){flipped, in.len}, &out));
    /* 50,000 by 50,000 pixels */
    assert_false(png_strip(a, png(a, "\0\0\303\120\0\0\303\120\010\0\0\0\0"), &out));
    assert_false(png_strip(a, png(a, "\0\0\0\0\0\0\0\001\010\0\0\0\0"), &out));
    arena_end(a);
}

#define PDF "%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"

static void test_files_sniff(void **state)
{
    (void)state;
    assert_string_equal(file_sniff(bytes_of(PDF)), "application/pdf");
    assert_null(file_sniff(bytes_of("%PDF-1.7 cut off before its end")));
    assert_null(file_sniff(bytes_of(" " PDF)));
    assert_null(file_sniff(bytes_of("<html><script>alert(1)</script>")));
    assert_null(file_sniff(bytes_of("GIF89a")));
    assert_null(file_sniff(bytes_of("")));
    assert_null(file_sniff((struct bytes){0}));
}

/* ---- kept and read ---- */

static enum err add_work(struct ctx *c, void *arg)
{
    const struct subject_wish wish = {.class = SUBJECT_DRAFT, .object = "d", .kind = ""};
    int64_t subject;
    enum err e = subject_of(c, &wish, &subject);
    return e ? e : file_add(c, arg, subject);
}

struct asked {
    const char *id;
    struct file file;
};

static enum err get_work(struct ctx *c, void *arg)
{
    struct asked *a = arg;
    return file_get(c, a->id, &a->file);
}

static const char *blob_path(struct node_world *w, const struct file *f)
{
    return arena_printf(w->c->arena, "%s/files/%s/%s", w->n->data_dir,
                        f->blob + strlen(f->blob) - 2, f->blob);
}

static void body_kept(struct node_world *w, void *arg)
{
    (void)arg;
    struct file f, again;
    struct bytes content, raw;
    as_citizen(w, "046194000123", "Mẹ");
    struct bytes photo = jpeg(w->c->arena, (struct wish){.exif = true});
    assert_int_equal(file_take(w->c, "notice", "Giấy chứng sinh.jpg", photo, &f), OK);
    assert_string_equal(f.type, "image/jpeg");
    assert_string_equal(f.owner, person_token(w->c, "046194000123"));
    assert_int_equal(do_write(w, add_work, &f), OK);
    struct asked a = {.id = f.id};
    assert_int_equal(do_read(w, get_work, &a), OK);
    assert_string_equal(a.file.name, "Giấy chứng sinh.jpg");
    assert_string_equal(a.file.sha256, f.sha256);
    assert_int_equal(file_content(w->c, &a.file, &content), OK);
    assert_int_equal(content.len, f.bytes);
    assert_string_equal(sha256_hex(w->c->arena, sha256(content)), f.sha256);
    assert_false(has(content, "GPS"));
    /* the same content again: another row, another key */
    assert_int_equal(file_take(w->c, "notice", "b.jpg", photo, &again), OK);
    assert_string_not_equal(again.id, f.id);
    assert_string_equal(again.sha256, f.sha256);
    const char *path = blob_path(w, &f);
    assert_string_not_equal(path, blob_path(w, &again));
    assert_int_equal(sys_read_file(w->c, path, MAX_BYTES, &raw), OK);
    assert_false(has(raw, "JFIF")); /* sealed */
    /* one bit flipped on the disk; then the file gone */
    uint8_t *bad = arena_alloc(w->c->arena, raw.len);
    memcpy(bad, raw.ptr, raw.len);
    bad[raw.len / 2] ^= 1;
    assert_int_equal(sys_write_file(w->c, path, (struct bytes){bad, raw.len}, 0600), OK);
    assert_int_equal(file_content(w->c, &a.file, &content), ERR_FILE_DAMAGED);
    assert_int_equal(sys_unlink(w->c, path), OK);
    assert_int_equal(file_content(w->c, &a.file, &content), ERR_FILE_DAMAGED);
    a.id = "none";
    assert_int_equal(do_read(w, get_work, &a), ERR_NOT_FOUND);
}

struct handed {
    const char *from, *to, *id, *now;
    int64_t number;
};

static enum err hand_over_work(struct ctx *c, void *arg)
{
    struct handed *h = arg;
    const struct subject_wish wish = {.class = SUBJECT_CASE, .object = h->to, .kind = ""};
    enum err e = subject_of(c, &wish, &h->number);
    return e ? e : file_hand_over(c, h->id, h->number, &h->now);
}

static enum err throw_away_work(struct ctx *c, void *arg)
{
    (void)arg;
    return subject_destroy_of(c, SUBJECT_DRAFT, "d", "no longer needed");
}

static enum err end_case_work(struct ctx *c, void *arg)
{
    return subject_destroy_of(c, SUBJECT_CASE, arg, "its time is over");
}

static struct file taken(struct node_world *w, const char *name)
{
    struct file f;
    assert_int_equal(file_take(w->c, "notice", name, bytes_of(PDF), &f), OK);
    assert_int_equal(do_write(w, add_work, &f), OK);
    return f;
}

static void swept(struct node_world *w)
{
    clock_by(w, 5 * MINUTE_US);
    assert_int_equal(jobs_run_due(w->c), OK);
}

/* A draft with two files is filed with one of them, and one thing more lies there that no row
   names: the dossier keeps its file, until its own end. */
static void body_swept(struct node_world *w, void *arg)
{
    (void)arg;
    struct file one = taken(w, "a.pdf"), two = taken(w, "b.pdf"), none;
    struct handed h = {.to = "A-1", .id = one.id}, copy = {.to = "A-2", .id = one.id};
    struct bytes content;
    assert_int_equal(do_write(w, hand_over_work, &h), OK);
    assert_string_equal(h.now, one.id);
    assert_int_equal(do_write(w, hand_over_work, &copy), OK); /* of a dossier's: there are two */
    assert_string_not_equal(copy.now, one.id);
    assert_int_equal(file_take(w->c, "notice", "c.pdf", bytes_of(PDF), &none), OK);
    assert_int_equal(do_write(w, throw_away_work, NULL), OK);
    swept(w);
    assert_true(sys_exists(blob_path(w, &one)));
    assert_false(sys_exists(blob_path(w, &two)));
    assert_true(sys_exists(blob_path(w, &none))); /* its row may come yet */
    struct asked a = {.id = two.id};
    assert_int_equal(do_read(w, get_work, &a), ERR_NOT_FOUND);
    assert_int_equal(do_write(w, end_case_work, (void *)(uintptr_t) "A-1"), OK);
    swept(w);
    a = (struct asked){.id = copy.now}; /* the other dossier has it still */
    assert_int_equal(do_read(w, get_work, &a), OK);
    assert_int_equal(file_content(w->c, &a.file, &content), OK);
    assert_int_equal(content.len, sizeof PDF - 1);
    assert_int_equal(do_write(w, end_case_work, (void *)(uintptr_t) "A-2"), OK);
    /* ids never go back within a process, and the first one was made by the real clock */
    clock_at(w, w->d->kind == DB_POSTGRES ? 20950101 : 20900101, 900);
    for (int i = 0; i < 4; i++) /* a folder a round */
        swept(w);
    assert_false(sys_exists(blob_path(w, &one)));
    assert_false(sys_exists(blob_path(w, &none)));
}

static void body_refused(struct node_world *w, void *arg)
{
    (void)arg;
    struct file f;
    struct buf big = buf_new(w->c->arena, MAX_BYTES);
    buf_text(&big, "%PDF-1.7\n");
    while (big.len < 10 * 1024 * 1024)
        buf_add(&big, PDF PDF PDF PDF, 4 * (sizeof PDF - 1));
    assert_int_equal(file_take(w->c, "notice", "a", buf_bytes(&big), &f), ERR_FILE_SIZE);
    assert_int_equal(file_take(w->c, "notice", "a", (struct bytes){0}, &f), ERR_FILE_EMPTY);
    assert_int_equal(file_take(w->c, "notice", "a.jpg", bytes_of("MZ program"), &f), ERR_FILE_TYPE);
    struct bytes cut = jpeg(w->c->arena, (struct wish){.no_end = true});
    assert_int_equal(file_take(w->c, "notice", "a.jpg", cut, &f), ERR_FILE_TYPE);
    assert_string_equal(w->c->faults[3].field, "notice");
    assert_int_equal(file_take(w->c, "notice", NULL, bytes_of(PDF), &f), OK);
    assert_string_equal(f.name, "");
}

/* The disk fills while the blob is written: nothing half-kept. */
static void body_disk_full(struct node_world *w, void *arg)
{
    (void)arg;
    struct file f;
    struct bytes content;
    if (!sys_fault_arm("write:1:ENOSPC"))
        return;
    assert_int_equal(file_take(w->c, "notice", "a.pdf", bytes_of(PDF), &f), ERR_DISK_FULL);
    assert_true(sys_fault_arm(NULL));
    assert_int_equal(file_take(w->c, "notice", "a.pdf", bytes_of(PDF), &f), OK);
    assert_int_equal(file_content(w->c, &f, &content), OK);
}

static enum err count_malware(struct ctx *c, const char *object, const char *detail, void *arg)
{
    (void)c, (void)detail;
    assert_non_null(strstr(object, " Eicar-Test"));
    ++*(int *)arg;
    return OK;
}

static enum err malware_told(struct ctx *c, void *arg)
{
    return audit_each(c, "core.file.malware", count_malware, arg);
}

static bool nothing_lies(struct node_world *w)
{
    return !sys_exists(arena_printf(w->c->arena, "%s/files", w->n->data_dir));
}

/* What the scanner finds isn't kept and is told; while it is away nothing is kept at all. */
static void body_scanned(struct node_world *w, void *arg)
{
    struct scanner_test *s = scanner_test_begin("127.0.0.1");
    struct file f;
    int told = 0;
    (void)arg;
    w->n->scanner = arena_text(w->c->arena, scanner_test_address(s));
    as_citizen(w, "046194000123", "Mẹ");
    struct bytes bad = jpeg(w->c->arena, (struct wish){.tail = MALWARE});
    assert_int_equal(file_take(w->c, "notice", "a.jpg", bad, &f), ERR_FILE_MALWARE);
    assert_string_equal(w->c->faults[0].field, "notice");
    ctx_clear_faults(w->c);
    assert_int_equal(do_read(w, malware_told, &told), OK);
    assert_int_equal(told, 1);
    scanner_test_mood(s, SCANNER_CUTS);
    assert_int_equal(file_take(w->c, "notice", "a.pdf", bytes_of(PDF), &f), ERR_FILE_SCANNER);
    scanner_test_mood(s, SCANNER_SOUND);
    assert_true(nothing_lies(w));
    ctx_clear_faults(w->c);
    assert_int_equal(file_take(w->c, "notice", "a.pdf", bytes_of(PDF), &f), OK);
    assert_int_equal(scanner_test_heard(s), strlen(PDF));
    scanner_test_end(s);
    assert_int_equal(file_take(w->c, "notice", "b.pdf", bytes_of(PDF), &f), ERR_FILE_SCANNER);
    ctx_clear_faults(w->c);
    assert_int_equal(file_take_own(w->c, "paper", "c.pdf", bytes_of(PDF), &f), OK);
    w->n->scanner = NULL;
}

#define NODE_TEST(name)                                                                            \
    static void test_files_##name(void **state)                                                    \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(NULL, 0, body_##name, NULL);                                                     \
    }
NODE_TEST(kept)
NODE_TEST(refused)
NODE_TEST(scanned)
NODE_TEST(swept)
NODE_TEST(disk_full)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_jpeg_strip), cmocka_unit_test(test_files_jpeg_refused),
        cmocka_unit_test(test_files_png_strip),  cmocka_unit_test(test_files_sniff),
        cmocka_unit_test(test_files_kept),       cmocka_unit_test(test_files_refused),
        cmocka_unit_test(test_files_disk_full),  cmocka_unit_test(test_files_swept),
        cmocka_unit_test(test_files_scanned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
