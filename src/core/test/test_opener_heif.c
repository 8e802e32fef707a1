/* SPDX-License-Identifier: Apache-2.0 */
/* Photos that unfold to more than they claim, are made of themselves, or lie about where their
   parts are: told by our own walk, before a library reads them. */
#include "test/harness/unit.h"

#include <string.h>

#include "base/sys.h"
#include "core/opener_inside.h"

static struct ctx c;
static uint8_t photo[1024];
static size_t photo_len;

static int begin(void **state)
{
    (void)state;
    struct bytes in;
    c = (struct ctx){.arena = arena_new(0), .request_id = "-"};
    assert_int_equal(sys_read_file(&c, "src/core/test/corpus/opener_heic/photo", 1024, &in), OK);
    memcpy(photo, in.ptr, in.len);
    photo_len = in.len;
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_end(c.arena);
    return 0;
}

/* The bytes behind a box's name. */
static uint8_t *behind(const char *name)
{
    uint8_t *at = memmem(photo, photo_len, name, 4);
    assert_non_null(at);
    return at + 4;
}

static enum err walked(void)
{
    ctx_clear_faults(&c);
    return opener_heif_walk(&c, (struct bytes){photo, photo_len});
}

static void put16(uint8_t *at, unsigned n)
{
    at[0] = (uint8_t)(n >> 8);
    at[1] = (uint8_t)n;
}

static void test_heif_photo_is_let_through(void **state)
{
    (void)state;
    assert_int_equal(walked(), OK);
}

static void test_heif_canvas_has_limits(void **state)
{
    (void)state;
    uint8_t *grid = behind("idat"); /* version, flags, rows, columns, width, height */
    put16(grid + 4, 8000);
    put16(grid + 6, 8000);
    assert_int_equal(walked(), OK);
    put16(grid + 6, 8001);
    assert_int_equal(walked(), ERR_FILE_SWOLLEN);
    put16(grid + 4, 65501);
    put16(grid + 6, 1);
    assert_int_equal(walked(), ERR_FILE_SWOLLEN);
    put16(grid + 4, 65500);
    assert_int_equal(walked(), OK);
    put16(grid + 4, 0);
    grid[1] = 1; /* 32 bits a number: its data ends too soon */
    assert_int_equal(walked(), ERR_FILE_TYPE);
}

static void test_heif_claimed_size_has_limits(void **state)
{
    (void)state;
    uint8_t *size = behind("ispe"); /* version and flags, width, height */
    put16(size + 6, 8000);
    put16(size + 10, 8000);
    assert_int_equal(walked(), OK);
    put16(size + 10, 8001);
    assert_int_equal(walked(), ERR_FILE_SWOLLEN);
}

static void test_heif_grid_has_the_tiles_it_tells(void **state)
{
    (void)state;
    uint8_t *grid = behind("idat");
    grid[3] = 1; /* two columns, one reference */
    assert_int_equal(walked(), ERR_FILE_TYPE);
    grid[2] = grid[3] = 0xff; /* 65,536 tiles */
    assert_int_equal(walked(), ERR_FILE_SWOLLEN);
}

static void test_heif_grid_is_made_of_coded_images(void **state)
{
    (void)state;
    uint8_t *made = behind("dimg"); /* from, how many, to */
    put16(made + 4, 2);             /* itself */
    assert_int_equal(walked(), ERR_FILE_TYPE);
    put16(made + 4, 99); /* nobody */
    assert_int_equal(walked(), ERR_FILE_TYPE);
    put16(made + 4, 1);
    assert_int_equal(walked(), OK);
    put16(made, 1); /* a coded image isn't made of others */
    assert_int_equal(walked(), ERR_FILE_TYPE);
}

static void test_heif_other_ways_of_making_are_refused(void **state)
{
    (void)state;
    uint8_t *grid = behind("grid");
    memcpy(grid - 4, "iden", 4);
    assert_int_equal(walked(), ERR_FILE_TYPE);
    memcpy(grid - 4, "iovl", 4);
    assert_int_equal(walked(), ERR_FILE_TYPE);
    memcpy(grid - 4, "grid", 4);
    assert_int_equal(walked(), OK);
}

/* ---- what the decoder would be told ---- */

struct writer {
    uint8_t *at;
    unsigned n;
};

static void put_bit(struct writer *w, unsigned bit)
{
    uint8_t *to = w->at + w->n / 8, mask = (uint8_t)(0x80 >> w->n % 8);
    *to = (uint8_t)(bit ? *to | mask : *to & ~mask);
    w->n++;
}

static void put_golomb(struct writer *w, uint32_t n)
{
    unsigned bits = 32 - (unsigned)__builtin_clz(n + 1);
    for (unsigned i = 1; i < bits; i++)
        put_bit(w, 0);
    for (unsigned i = bits; i > 0; i--)
        put_bit(w, (n + 1) >> (i - 1) & 1);
}

/* Behind the level, 1e hex: set, colours, width, height. */
static enum err coded(uint32_t width, uint32_t height)
{
    uint8_t *set = memmem(photo, photo_len, "\x1e\xa0\x20\x81", 4);
    static uint8_t *first;
    if (set)
        first = set + 1;
    struct writer w = {first, 0};
    put_golomb(&w, 0);
    put_golomb(&w, 1);
    put_golomb(&w, width);
    put_golomb(&w, height);
    return walked();
}

static void test_heif_coded_size_has_limits(void **state)
{
    (void)state;
    assert_int_equal(coded(64, 64), OK);
    assert_int_equal(coded(8000, 8000), OK);
    assert_int_equal(coded(8000, 8001), ERR_FILE_SWOLLEN);
    assert_int_equal(coded(65500, 977), OK);
    assert_int_equal(coded(65501, 1), ERR_FILE_SWOLLEN);
    assert_int_equal(coded(70000, 70000), ERR_FILE_SWOLLEN);
    assert_int_equal(coded(0x7ffffffe, 0x7ffffffe), ERR_FILE_SWOLLEN);
}

/* ---- tables ---- */

static void test_heif_parts_lie_within_the_file(void **state)
{
    (void)state;
    uint8_t *place = behind("iloc"); /* version 1, sizes 4 and 4; two bytes; count; then item 1 */
    uint8_t *offset = place + 8 + 12, *length = offset + 4;
    uint32_t keep;
    memcpy(&keep, length, 4);
    memset(length, 0x7f, 4);
    assert_int_equal(walked(), ERR_FILE_TYPE);
    memcpy(length, &keep, 4);
    assert_int_equal(walked(), OK);
    memset(offset, 0x7f, 4);
    assert_int_equal(walked(), ERR_FILE_TYPE);
}

static void test_heif_items_are_told_once(void **state)
{
    (void)state;
    uint8_t *second = behind("grid") - 8; /* id, protection, type */
    put16(second, 1);
    assert_int_equal(walked(), ERR_FILE_TYPE);
}

/* A box that isn't whole is refused wherever the file ends, and never read past its end. */
static void test_heif_cut_anywhere_is_refused_or_whole(void **state)
{
    (void)state;
    size_t whole = photo_len, refused = 0;
    for (photo_len = 0; photo_len < whole; photo_len++) {
        uint8_t *copy = sys_malloc(photo_len + 1); /* so that a byte too far is seen */
        memcpy(copy, photo, photo_len);
        ctx_clear_faults(&c);
        refused += opener_heif_walk(&c, (struct bytes){copy, photo_len}) == ERR_FILE_TYPE;
        sys_free(copy);
    }
    assert_true(refused > 500);
}

/* Four bytes a box: a file of nothing else, and boxes within boxes. */
static void test_heif_boxes_have_limits(void **state)
{
    (void)state;
    enum { BOXES = 70000 };
    uint8_t *many = arena_alloc(c.arena, BOXES * 8);
    for (size_t i = 0; i < BOXES; i++)
        memcpy(many + i * 8,
               "\0\0\0\x08"
               "free",
               8);
    assert_int_equal(opener_heif_walk(&c, (struct bytes){many, BOXES * 8}), ERR_FILE_TYPE);
    for (size_t i = 0; i < 1000; i++) {
        put16(many + i * 8, 0);
        put16(many + i * 8 + 2, (unsigned)(8000 - i * 8));
        memcpy(many + i * 8 + 4, i ? "ipco" : "iprp", 4);
    }
    uint8_t *meta = arena_alloc(c.arena, 8012);
    memcpy(meta,
           "\0\0\x1f\x4c"
           "meta\0\0\0\0",
           12);
    memcpy(meta + 12, many, 8000);
    assert_int_equal(opener_heif_walk(&c, (struct bytes){meta, 8012}), ERR_FILE_TYPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
        TEST(test_heif_photo_is_let_through),
        TEST(test_heif_canvas_has_limits),
        TEST(test_heif_claimed_size_has_limits),
        TEST(test_heif_grid_has_the_tiles_it_tells),
        TEST(test_heif_grid_is_made_of_coded_images),
        TEST(test_heif_other_ways_of_making_are_refused),
        TEST(test_heif_coded_size_has_limits),
        TEST(test_heif_parts_lie_within_the_file),
        TEST(test_heif_items_are_told_once),
        TEST(test_heif_cut_anywhere_is_refused_or_whole),
        TEST(test_heif_boxes_have_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
