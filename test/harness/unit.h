/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmocka with what it needs before it; include it first in every test. Its fail() gives way to
 * ours (base/ctx.h): a test fails by an assert_...().
 */
#ifndef DINH_TEST_HARNESS_UNIT_H
#define DINH_TEST_HARNESS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail

#endif
