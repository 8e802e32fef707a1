/* SPDX-License-Identifier: Apache-2.0 */
/* Papers, read back by pdftotext, pdfinfo, pdfsig and qpdf. */
#include "crypto/test/crypto_test.h"

#include "core/paper.h"

#define PLACE "Tổ dân phố 12, phường Vỹ Dạ, thành phố Huế, tỉnh Thừa Thiên Huế. "

static struct node node = {.name = "h57", .demo = true};
static struct key *root_key;
static struct cert *root;
static char *dir;

static int begin(void **state)
{
    test_ctx_begin(state);
    struct ctx *c = *state;
    struct cert_wish wish = {.common_name = "Gốc thử", .ca = true};
    wish.from_us = TEST_NOW_US - TEST_YEAR_US;
    wish.until_us = TEST_NOW_US + TEST_YEAR_US;
    struct cert_wish member = wish;
    member.common_name = "Tỉnh Thừa Thiên Huế";
    member.ca = false;
    member.sign = true;
    dir = test_dir(c);
    node.title[LANG_VI] = "Cổng Dịch vụ công tỉnh Thừa Thiên Huế";
    node.title[LANG_EN] = "Portal";
    assert_int_equal(key_new(c, &root_key), OK);
    assert_int_equal(key_new(c, &node.sign_key), OK);
    assert_int_equal(cert_issue(c, &wish, root_key, NULL, NULL, &root), OK);
    assert_int_equal(cert_issue(c, &member, node.sign_key, root_key, root, &node.sign_cert), OK);
    node.ca_cert = root;
    c->node = &node;
    return 0;
}

static int end(void **state)
{
    key_end(root_key);
    key_end(node.sign_key);
    cert_end(root);
    cert_end(node.sign_cert);
    test_dir_end(dir);
    return test_ctx_end(state);
}

#define PAPER_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

static const char *written(struct ctx *c, struct paper *p)
{
    struct bytes pdf;
    assert_int_equal(paper_finish(c, p, "Ký giấy", &pdf), OK);
    return test_write(c, dir, "paper.pdf", pdf);
}

static char *ran(struct ctx *c, const char *command)
{
    char *out;
    assert_int_equal(test_run(c, command, &out), 0);
    return out;
}
#define said(c, command, path) ran((c), arena_printf((c)->arena, command, path))

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, what)); p += strlen(what))
        n++;
    return n;
}

static void assert_pages(struct ctx *c, const char *path, int pages)
{
    ran(c, arena_printf(c->arena, "pdfinfo '%s' | grep -q '^Pages: *%d$'", path, pages));
}

static void test_paper_says_what_it_was_told(void **state)
{
    struct ctx *c = *state;
    struct paper *p = paper_new(c->arena, false, "Giấy khai sinh");
    paper_national_header(p, "ỦY BAN NHÂN DÂN\nPHƯỜNG VỸ DẠ", "15/2020");
    paper_heading(p, "GIẤY KHAI SINH", "(Bản chính)");
    paper_row(p, "Họ, chữ đệm, tên:", "TRẦN NGUYỄN AN NHIÊN");
    paper_row(p, "Ghi bằng chữ:", "Ngày mười bảy tháng năm năm hai nghìn không trăm hai mươi");
    paper_signature(p, "CHỦ TỊCH", "Tôn Thất Vinh", "09:12 18/05/2020");
    paper_qr(p, "dinh:15/2020:046320123456", "Quét mã để kiểm tra");
    const char *path = written(c, p);
    char *text = said(c, "pdftotext -layout '%s' -", path);
    static const char *const want[] = {"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
                                       "Độc lập - Tự do - Hạnh phúc",
                                       "PHƯỜNG VỸ DẠ",
                                       "Số: 15/2020",
                                       "TRẦN NGUYỄN AN NHIÊN",
                                       "mười bảy tháng năm",
                                       "Đã ký số 09:12",
                                       "Tôn Thất Vinh",
                                       "Quét mã để kiểm tra",
                                       "Trang 1/1",
                                       "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ",
                                       "Cổng Dịch vụ công tỉnh"};
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        if (!strstr(text, want[i]))
            assert_string_equal(text, want[i]);
    assert_pages(c, path, 1);
    assert_non_null(strstr(said(c, "pdfsig '%s'", path), "Signature is Valid"));
    said(c, "qpdf --check '%s'", path);
}

/* On its side; a wide table keeps its words and its heads on each page. */
static void test_paper_landscape(void **state)
{
    static const char *const heads[13] = {"STT",     "Mã hồ sơ", "Thủ tục", "Bộ",  "Tên",
                                          "Địa chỉ", "Cơ quan",  "Nhận",    "Hẹn", "Trả",
                                          "Cách",    "Ký",       "Ghi chú"};
    static const char *cells[60 * 13];
    struct ctx *c = *state;
    struct paper *p = paper_new(c->arena, false, "Sổ");
    for (size_t i = 0; i < ARRAY_LEN(cells); i++)
        cells[i] = i % 13 == 1 ? "000.08.31.H57-200604-0001" : "chữ";
    paper_landscape(p);
    paper_national_header(p, "PHƯỜNG VỸ DẠ", "");
    paper_table(p, heads, 13, cells, 60);
    const char *path = written(c, p);
    said(c, "pdfinfo '%s' | grep -q '^Page size: *841.89 x 595.28 pts (A4)'", path);
    char *text = said(c, "pdftotext -layout '%s' -", path);
    size_t pages = count(text, "Trang ");
    assert_in_range(pages, 2, 4);
    assert_int_equal(count(text, "Ghi chú"), pages);
    assert_int_equal(count(text, "000.08.31.H57-200604-0001"), 60); /* never cut in two */
}

static void test_paper_outside_the_demonstration_bears_no_mark(void **state)
{
    struct ctx *c = *state;
    node.demo = false;
    struct paper *p = paper_new(c->arena, true, "Thẻ");
    paper_text(p, "Nội dung");
    char *text = said(c, "pdftotext '%s' -", written(c, p));
    node.demo = true;
    assert_null(strstr(text, "TRÌNH DIỄN"));
}

static void test_paper_goes_on_over_pages_and_loses_nothing(void **state)
{
    struct ctx *c = *state;
    struct paper *p = paper_new(c->arena, true, "Dài");
    struct buf b = buf_new(c->arena, 1 << 20);
    for (int i = 0; i < 200; i++)
        buf_printf(&b, "[%d] " PLACE, i);
    paper_row(p, "Nơi cư trú rất dài, nhãn này cũng xuống dòng vì nó không đủ chỗ", b.ptr);
    paper_text(p, b.ptr);
    const char *const heads[] = {"Số", "Họ và tên", "Ghi chú"};
    const char *cells[63];
    for (size_t i = 0; i < 60; i += 3) {
        cells[i] = arena_printf(c->arena, "%zu/2020", i / 3);
        cells[i + 1] = "Nguyễn Thị Thanh Hương";
        cells[i + 2] = PLACE PLACE PLACE;
    }
    cells[60] = "cuối", cells[61] = NULL, cells[62] = b.ptr;
    paper_table(p, heads, 3, cells, 21);
    const char *path = written(c, p);
    char *text = said(c, "pdftotext '%s' -", path);
    for (int i = 0; i < 200; i++)
        assert_int_equal(count(text, arena_printf(c->arena, "[%d]", i)), 3);
    assert_int_equal(count(text, "Thanh Hương") + count(text, "Thanh\nHương"), 20);
    assert_true(count(text, "Trang 1/") == 1 && count(text, "Trang 2/") >= 1);
    said(c, "! pdftotext -bbox '%s' - | grep -q 'xMax=\"4[2-9][0-9][.]'", path);
}

static void test_paper_is_the_same_each_time(void **state)
{
    struct ctx *c = *state;
    char *sums[2];
    for (int i = 0; i < 2; i++) {
        struct paper *p = paper_new(c->arena, false, "Giấy");
        paper_heading(p, "GIẤY BIÊN NHẬN", "");
        paper_row(p, "Mã hồ sơ", "H57.31.08-200604-0001");
        paper_qr(p, "H57.31.08-200604-0001", "");
        const char *path = written(c, p);
        sums[i] = said(c, "pdftoppm -r 40 -png '%s' | sha256sum", path);
    }
    assert_string_equal(sums[0], sums[1]);
}

static void test_paper_refuses_a_code_nobody_could_scan(void **state)
{
    struct ctx *c = *state;
    struct paper *p = paper_new(c->arena, false, "Giấy");
    struct bytes pdf;
    char *long_text = arena_alloc(c->arena, 1202);
    memset(long_text, 'a', 1201);
    paper_qr(p, long_text, "");
    assert_fault(c, paper_finish(c, p, "Ký", &pdf), ERR_TOO_LONG, "qr");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PAPER_TEST(test_paper_says_what_it_was_told),
        PAPER_TEST(test_paper_landscape),
        PAPER_TEST(test_paper_outside_the_demonstration_bears_no_mark),
        PAPER_TEST(test_paper_goes_on_over_pages_and_loses_nothing),
        PAPER_TEST(test_paper_is_the_same_each_time),
        PAPER_TEST(test_paper_refuses_a_code_nobody_could_scan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
