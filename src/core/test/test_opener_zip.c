/* SPDX-License-Identifier: Apache-2.0 */
/* Office files, archives and XML of strangers: which are let through, and each bomb by its name,
   refused soon and in little memory (C18). */
#include "test/harness/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/files.h"
#include "core/opener.h"
#include "core/picture.h"

#define MAX_BYTES ((size_t)96 * 1024 * 1024)
#define MOST_US   100000
#define MOST_MIB  8
#define W         "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\""
#define TYPES                                                                                      \
    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"               \
    "<Default Extension=\"png\" ContentType=\"image/png\"/>"                                       \
    "<Override PartName=\"/word/document.xml\" ContentType=\"" FILE_WORD ".main+xml\"/></Types>"
#define REL(type, target, mode)                                                                    \
    "<Relationships><Relationship Id=\"r\" Type=\"http://schemas.openxmlformats.org/"              \
    "officeDocument/2006/relationships/" type "\" Target=\"" target "\" " mode                     \
    "/></Relationships>"
#define OUTSIDE "TargetMode=\"External\""

static struct ctx c;

static int begin(void **state)
{
    (void)state;
    c = (struct ctx){.arena = arena_new(1024u * 1024 * 1024), .request_id = "-"};
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_end(c.arena);
    return 0;
}

/* ---- archives as others make them ---- */

struct part {
    const char *name;
    struct bytes content;
    unsigned method, flags, mode; /* mode: of Unix */
    uint32_t size;                /* told instead of the true one; 0: the true one */
    const char *local;            /* name in its own head; NULL: the same */
};

static void le(struct buf *b, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        buf_char(b, (char)(v >> 8 * i));
}

static struct bytes deflated(struct bytes in)
{
    z_stream z = {.next_in = (uint8_t *)(uintptr_t)in.ptr, .avail_in = (uInt)in.len};
    uLong most = compressBound(in.len) + 64;
    uint8_t *out = arena_alloc(c.arena, most);
    z.next_out = out;
    z.avail_out = (uInt)most;
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return (struct bytes){out, z.total_out};
}

static void put_common(struct buf *b, const struct part *p, struct bytes packed)
{
    le(b, p->flags, 2);
    le(b, p->method, 2);
    le(b, 0, 4);
    le(b, crc32(0, p->content.ptr, (uInt)p->content.len), 4);
    le(b, packed.len, 4);
    le(b, p->size ? p->size : p->content.len, 4);
}

static void put_local(struct buf *b, const struct part *p, struct bytes packed)
{
    const char *name = p->local ? p->local : p->name;
    buf_text(b, "PK\3\4");
    le(b, 20, 2);
    put_common(b, p, packed);
    le(b, strlen(name), 2);
    le(b, 0, 2);
    buf_text(b, name);
    buf_add(b, packed.ptr, packed.len);
}

static void put_central(struct buf *b, const struct part *p, struct bytes packed, size_t at)
{
    buf_text(b, "PK\1\2");
    le(b, 20 | 3 << 8, 2);
    le(b, 20, 2);
    put_common(b, p, packed);
    le(b, strlen(p->name), 2);
    le(b, 0, 8);
    le(b, (uint64_t)(p->mode ? p->mode : 0100644) << 16, 4);
    le(b, at, 4);
    buf_text(b, p->name);
}

static void put_end(struct buf *b, size_t n, size_t central)
{
    size_t len = b->len - central;
    buf_text(b, "PK\5\6");
    le(b, 0, 4);
    le(b, n > 65535 ? 65535 : n, 2);
    le(b, n > 65535 ? 65535 : n, 2);
    le(b, len, 4);
    le(b, central, 4);
    le(b, 0, 2);
}

static struct bytes zip_of(const struct part *parts, size_t n)
{
    struct buf b = buf_new(c.arena, MAX_BYTES), directory = buf_new(c.arena, MAX_BYTES);
    for (size_t i = 0; i < n; i++) {
        const struct part *p = &parts[i];
        struct bytes packed = p->method == 8 ? deflated(p->content) : p->content;
        put_central(&directory, p, packed, b.len);
        put_local(&b, p, packed);
    }
    size_t central = b.len;
    buf_add(&b, directory.ptr, directory.len);
    put_end(&b, n, central);
    return buf_bytes(&b);
}

/* A plain Word file, and one part more. */
static struct bytes word_with(struct part more)
{
    const struct part parts[] = {
        {.name = "[Content_Types].xml", .content = bytes_of(TYPES), .method = 8},
        {.name = "word/", .mode = 040755},
        {.name = "word/document.xml",
         .content = bytes_of("<w:document " W "><w:body><w:p><w:r><w:t>Đơn đề nghị</w:t></w:r>"
                             "</w:p></w:body></w:document>"),
         .method = 8},
        {.name = "word/media/image1.png", .content = bytes_of("\x89PNG")},
        more};
    return zip_of(parts, ARRAY_LEN(parts) - !more.name);
}

static struct bytes part_of(const char *name, const char *content)
{
    return word_with((struct part){.name = name, .content = bytes_of(content), .method = 8});
}

static enum err zip(struct bytes in)
{
    const char *type = NULL;
    ctx_clear_faults(&c);
    enum err e = opener_zip(&c, in, &type);
    assert_true((e == OK) == (type != NULL && !c.n_faults));
    return e;
}

static enum err xml(struct bytes in)
{
    ctx_clear_faults(&c);
    return opener_xml(&c, in);
}

/* ---- office files ---- */

static void office_files_are_taken(void **state)
{
    (void)state;
    struct bytes in = word_with((struct part){0}), out;
    const char *type;
    assert_string_equal(file_sniff(in), "application/zip");
    assert_int_equal(opener_open(&c, "paper", "application/zip", in, &type, &out), OK);
    assert_string_equal(type, FILE_WORD);
    assert_true(out.len == in.len && memcmp(out.ptr, in.ptr, in.len) == 0);
    assert_int_equal(zip(part_of("word/_rels/document.xml.rels",
                                 REL("hyperlink", "https://dichvucong.gov.vn/", OUTSIDE))),
                     OK); /* whoever clicks */
    assert_int_equal(zip(part_of("word/_rels/document.xml.rels", REL("image", "media/a.png", ""))),
                     OK);
    const struct part odt[] = {
        {.name = "mimetype", .content = bytes_of(FILE_ODT)},
        {.name = "content.xml", .content = bytes_of("<o:document-content/>"), .method = 8}};
    assert_int_equal(opener_zip(&c, zip_of(odt, 2), &type), OK);
    assert_string_equal(type, FILE_ODT);
}

static void office_files_that_act_are_refused(void **state)
{
    (void)state;
    static const char *const parts[][2] = {
        {"word/vbaProject.bin", "x"},
        {"word/VbaProject.BIN", "x"},
        {"word/embeddings/sheet1.xlsx", "x"},
        {"word/activeX/activeX1.xml", "<a/>"},
        {"word/media/image2.png", "PK\3\4nested"},
        {"word/media/image2.png", "MZ program"},
        {"xl/externalLinks/externalLink1.xml", "<a/>"},
        {"Basic/Standard/Module1.xml", "<a/>"},
        {"word/_rels/settings.xml.rels", REL("attachedTemplate", "http://x/t.dotm", OUTSIDE)},
        {"word/_rels/document.xml.rels", REL("image", "http://x/pixel.png", OUTSIDE)},
        {"word/_rels/document.xml.rels", REL("oleObject", "http://x/o", OUTSIDE)},
        {"word/header1.xml", "<w:hdr " W "><w:instrText>DDE</w:instrText><w:instrText>AUTO c:\\"
                             "</w:instrText></w:hdr>"},
        {"word/header1.xml", "<w:hdr " W "><w:fldSimple w:instr=\"DDE x y\"/></w:hdr>"},
        {"word/header1.xml", "<w:hdr " W "><w:altChunk/></w:hdr>"},
        {"styles.xml", "<o:x><s:event-listener/></o:x>"},
        {"styles.xml", "<o:x><d:image x:href=\"http://x/pixel.png\"/></o:x>"}};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        enum err e = zip(part_of(parts[i][0], parts[i][1]));
        if (e != ERR_FILE_ACTIVE)
            print_error("%s: %s\n", parts[i][0], parts[i][1]);
        assert_int_equal(e, ERR_FILE_ACTIVE);
    }
    assert_int_equal(zip(part_of("META-INF/manifest.xml", "<m><m:encryption-data/></m>")),
                     ERR_FILE_LOCKED);
    const struct part plain = {.name = "a.txt", .content = bytes_of("x")};
    assert_int_equal(zip(zip_of(&plain, 1)), ERR_FILE_TYPE); /* an archive of whatever */
}

/* ---- the container ---- */

static enum err named(const char *name)
{
    return zip(word_with((struct part){.name = name, .content = bytes_of("x")}));
}

static void odd_archives_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {
        "../../etc/passwd", "/etc/passwd", "a/../b", "a\\b", "C:/x", "a//b", "./a", "..", "a\x01",
        "\xff\xfe",         "a/\xc0\xaf",  "word/"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_int_equal(named(names[i]), ERR_FILE_UNREADABLE);
    assert_int_equal(named("Đơn đề nghị.txt"), OK);
    const struct part odd[] = {
        {.name = "l", .content = bytes_of("/etc/passwd"), .mode = 0120777},  /* a link */
        {.name = "d", .content = bytes_of("x"), .mode = 0060644},            /* a device */
        {.name = "WORD/Document.xml", .content = bytes_of("<a/>")},          /* the same again */
        {.name = "a", .local = "b", .content = bytes_of("x")},               /* two names */
        {.name = "a", .content = bytes_of("x"), .method = 12},               /* bzip2 */
        {.name = "a", .content = bytes_of("xyz"), .method = 8, .size = 2},   /* more than told */
        {.name = "a", .content = bytes_of("xyz"), .method = 8, .size = 900}, /* less */
    };
    for (size_t i = 0; i < ARRAY_LEN(odd); i++)
        assert_int_equal(zip(word_with(odd[i])), ERR_FILE_UNREADABLE);
    assert_int_equal(
        zip(word_with((struct part){.name = "a", .content = bytes_of("x"), .flags = 1})),
        ERR_FILE_LOCKED);
    struct buf b = buf_new(c.arena, MAX_BYTES);
    buf_text(&b, "GIF89a");
    struct bytes good = word_with((struct part){0});
    buf_add(&b, good.ptr, good.len);
    assert_int_equal(zip(buf_bytes(&b)), ERR_FILE_UNREADABLE); /* something before it */
    for (size_t n = 0; n < good.len; n += 7)
        assert_int_not_equal(zip((struct bytes){good.ptr, n}), OK);
}

/* ---- bombs ---- */

static struct bytes laughs(const char *kind)
{
    struct buf b = buf_new(c.arena, MAX_BYTES);
    buf_text(&b, "<?xml version=\"1.0\"?><!DOCTYPE a [");
    if (text_eq(kind, "billion laughs"))
        for (int i = 1; i < 30; i++) {
            buf_printf(&b, "<!ENTITY a%d \"", i);
            for (int k = 0; k < 10; k++)
                buf_printf(&b, "&a%d;", i - 1);
            buf_text(&b, "\">");
        }
    if (text_eq(kind, "quadratic blow-up")) {
        buf_text(&b, "<!ENTITY a29 \"");
        for (int i = 0; i < 100000; i++)
            buf_char(&b, 'a');
        buf_text(&b, "\">");
    }
    if (text_eq(kind, "external entity"))
        buf_text(&b, "<!ENTITY a29 SYSTEM \"file:///etc/passwd\">");
    buf_text(&b, "]><a>");
    for (int i = 0; i < 100000; i++)
        buf_text(&b, "&a29;");
    buf_text(&b, "</a>");
    return buf_bytes(&b);
}

static struct bytes many(const char *text, size_t n)
{
    struct buf b = buf_new(c.arena, MAX_BYTES);
    while (n--)
        buf_text(&b, text);
    return buf_bytes(&b);
}

/* Nothing, as small as it gets: a thousand to one. told: the size its head claims. */
static struct bytes swollen(size_t mib, uint32_t told)
{
    struct bytes flat = {memset(arena_alloc(c.arena, mib << 20), ' ', mib << 20), mib << 20};
    return word_with(
        (struct part){.name = "word/styles.xml", .content = flat, .method = 8, .size = told});
}

static struct bytes million_entries(void)
{
    struct buf b = buf_new(c.arena, MAX_BYTES);
    const struct part p = {.name = "", .content = {NULL, 0}};
    put_local(&b, &p, p.content);
    size_t central = b.len;
    for (int i = 0; i < 1000000; i++)
        put_central(&b, &p, p.content, 0);
    put_end(&b, 1000000, central);
    return buf_bytes(&b);
}

static enum err picture(struct bytes in)
{
    struct bytes out;
    bool good = in.ptr[0] == 0xff ? jpeg_strip(c.arena, in, &out) : png_strip(c.arena, in, &out);
    return good ? OK : ERR_FILE_TYPE;
}

static struct bytes huge_png(void)
{
    struct buf b = buf_new(c.arena, MAX_BYTES);
    static const uint8_t head[] = {0,    0, 0, 13,   'I',  'H', 'D', 'R', 0, 0, 0xc3,
                                   0x50, 0, 0, 0xc3, 0x50, 8,   2,   0,   0, 0};
    buf_text(&b, "\x89PNG\r\n\x1a\n");
    buf_add(&b, head, sizeof head);
    uint32_t crc = (uint32_t)crc32(0, head + 4, sizeof head - 4);
    for (int i = 3; i >= 0; i--)
        buf_char(&b, (char)(crc >> 8 * i));
    return buf_bytes(&b);
}

static int64_t cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static bool limit_more_memory(void)
{
#ifndef DINH_SANITIZE /* whose shadow is larger than any limit */
    struct bytes in;
    if (sys_read_file(&c, "/proc/self/statm", 1000, &in))
        return false;
    rlim_t pages = strtoul((const char *)in.ptr, NULL, 10);
    rlim_t page = (rlim_t)sysconf(_SC_PAGESIZE), most = pages * page + ((rlim_t)MOST_MIB << 20);
    return setrlimit(RLIMIT_AS, &(struct rlimit){most, most}) == 0;
#else
    return true;
#endif
}

/* In a process that may have 8 MiB more: 0 when it was refused for the reason given. */
static int64_t refused_us(enum err (*open)(struct bytes), struct bytes in, enum err why)
{
    int64_t us = 0;
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    if (pid == 0) {
        c.arena = arena_new(MOST_MIB << 20);
        bool limited = limit_more_memory();
        int64_t began = cpu_us();
        enum err e = open(in);
        us = cpu_us() - began;
        bool told = write(pipes[1], &us, sizeof us) == sizeof us;
        if (e != why)
            fprintf(stderr, "error %d\n", (int)e);
        _exit(e == why && limited && told ? 0 : 1);
    }
    int status = 1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(read(pipes[0], &us, sizeof us), sizeof us);
    close(pipes[0]);
    close(pipes[1]);
    return us;
}

static void bombs_are_refused_soon(void **state)
{
    (void)state;
    static const uint8_t jpeg[] = {0xff, 0xd8, 0xff, 0xc0, 0, 11,   8,    0xc3, 0x50, 0xc3,
                                   0x50, 1,    1,    0x11, 0, 0xff, 0xd9, 0,    0,    0};
    const struct part inner = {.name = "a.zip", .content = swollen(64, 0), .method = 0};
    const struct {
        const char *name;
        enum err (*open)(struct bytes);
        struct bytes in;
        enum err why;
    } bombs[] = {
        {"billion_laughs", xml, laughs("billion laughs"), ERR_FILE_UNREADABLE},
        {"quadratic_blowup", xml, laughs("quadratic blow-up"), ERR_FILE_UNREADABLE},
        {"external_entity", xml, laughs("external entity"), ERR_FILE_UNREADABLE},
        {"laughs_in_word", zip,
         word_with(
             (struct part){.name = "word/a.xml", .content = laughs("billion laughs"), .method = 8}),
         ERR_FILE_UNREADABLE},
        {"deep_xml", xml, many("<a>", 1000000), ERR_FILE_SWOLLEN},
        {"long_name", xml, many("<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 200000),
         ERR_FILE_UNREADABLE},
        {"long_value", xml, many("<a b='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1), ERR_FILE_UNREADABLE},
        {"ratio", zip, swollen(32, 0), ERR_FILE_SWOLLEN},
        {"ten_gigabytes_told_small", zip, swollen(64, 1000), ERR_FILE_UNREADABLE},
        {"million_entries", zip, million_entries(), ERR_FILE_SWOLLEN},
        {"nested_zip", zip, zip_of(&inner, 1), ERR_FILE_ACTIVE},
        {"jpeg_of_50000", picture, {jpeg, sizeof jpeg}, ERR_FILE_TYPE},
        {"png_of_50000", picture, huge_png(), ERR_FILE_TYPE},
    };
    int64_t longest = 0;
    printf("figure C18");
    for (size_t i = 0; i < ARRAY_LEN(bombs); i++) {
        int64_t us = refused_us(bombs[i].open, bombs[i].in, bombs[i].why);
        printf(" %s_ms=%.2f", bombs[i].name, (double)us / 1000);
        longest = us > longest ? us : longest;
    }
    printf(" most_mib=%d\n", MOST_MIB);
#ifndef DINH_SANITIZE
    assert_true(longest < MOST_US); /* of computing: who else runs doesn't count */
#endif
}

int main(void)
{
    static const struct child_wish *const wishes[] = {&opener_wish};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(office_files_are_taken, begin, end),
        cmocka_unit_test_setup_teardown(office_files_that_act_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(odd_archives_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(bombs_are_refused_soon, begin, end),
    };
    if (!children_begin(wishes, ARRAY_LEN(wishes)) || !opener_xml_load())
        return 1;
    int failed = cmocka_run_group_tests_name("test_opener_zip", tests, NULL, NULL);
    children_end();
    return failed;
}
