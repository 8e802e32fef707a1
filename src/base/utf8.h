/* SPDX-License-Identifier: Apache-2.0 */
/* One UTF-8 decoder (RFC 3629) for the files of base/. */
#ifndef DINH_BASE_UTF8_H
#define DINH_BASE_UTF8_H

#include "base/base.h"

/* The character at the start of in and its size, 1..4 bytes; 0 when in is empty or doesn't begin
   with a well-formed character (overlong, surrogate, above U+10FFFF, cut). */
size_t utf8_first(struct bytes in, uint32_t *ret_char);

#endif
