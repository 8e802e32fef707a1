/* SPDX-License-Identifier: Apache-2.0 */
/* Photos without what they tell of their maker: where, when, with what. Private to core/. */
#ifndef DINH_CORE_PICTURE_H
#define DINH_CORE_PICTURE_H

#include "base/arena.h"

#define PICTURE_MAX_PIXELS INT64_C(200000000)

/* Only the chunks that draw the picture (PNG, ISO/IEC 15948), every checksum checked, nothing
   behind the end. False: not a sound PNG. jpeg_strip() is in core/files.h. */
UNTRUSTED MUST_CHECK bool png_strip(struct arena *a, struct bytes in, struct bytes *ret_out);

#endif
