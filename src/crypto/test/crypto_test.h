/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of crypto/ share: a context, a folder for files, other people's tools. */
#ifndef DINH_CRYPTO_TEST_H
#define DINH_CRYPTO_TEST_H

#include "test/harness/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/ctx.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/hash.h"
#include "crypto/keys.h"
#include "gen/texts.h"
#include "test/harness/shell_test.h"

#define TEST_NOW_US  (INT64_C(1790000000) * SECOND_US) /* September 2026 */
#define TEST_YEAR_US (365 * DAY_US)

static inline int test_ctx_begin(void **state)
{
    static struct ctx c;
    c = (struct ctx){.arena = arena_new(0), .now_us = TEST_NOW_US, .request_id = "test"};
    *state = &c;
    return 0;
}

static inline int test_ctx_end(void **state)
{
    struct ctx *c = *state;
    arena_end(c->arena);
    return 0;
}

#define CRYPTO_TEST(f) cmocka_unit_test_setup_teardown(f, test_ctx_begin, test_ctx_end)

static inline struct bytes test_hex(struct ctx *c, const char *hex)
{
    struct bytes out;
    assert_true(hex_decode(c->arena, hex, &out));
    return out;
}

static inline void assert_bytes_hex(struct ctx *c, struct bytes got, const char *hex)
{
    struct buf b = buf_new(c->arena, 1 << 20);
    buf_hex(&b, got);
    assert_string_equal(b.ptr, hex);
}

#define assert_hash_hex(c, h, hex) assert_string_equal(sha256_hex((c)->arena, (h)), (hex))

static inline void assert_fault(struct ctx *c, enum err got, enum err want, const char *field)
{
    assert_int_equal(got, want);
    assert_true(c->n_faults > 0);
    assert_int_equal(c->faults[c->n_faults - 1].err, want);
    assert_string_equal(c->faults[c->n_faults - 1].field, field);
    ctx_clear_faults(c);
}

static inline char *test_write(struct ctx *c, const char *dir, const char *name, struct bytes in)
{
    char *path = arena_printf(c->arena, "%s/%s", dir, name);
    assert_int_equal(sys_write_file(c, path, in, 0600), OK);
    return path;
}

#endif
