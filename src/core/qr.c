/* SPDX-License-Identifier: Apache-2.0 */
#include "core/qr.h"

#include <qrencode.h>

#include "base/buf.h"

#define PATH_BYTES (256 * 1024)

const char *qr_path(struct arena *a, const char *text, int *ret_side)
{
    QRcode *q = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    struct buf b = buf_new(a, PATH_BYTES);
    if (!q)
        BUG("a text for a QR code that it can't hold");
    for (int y = 0; y < q->width; y++)
        for (int x = 0; x < q->width; x++)
            if (q->data[y * q->width + x] & 1)
                buf_printf(&b, "M%d %dh1v1h-1z", x + QR_QUIET_MODULES, y + QR_QUIET_MODULES);
    *ret_side = q->width + 2 * QR_QUIET_MODULES;
    QRcode_free(q);
    return b.ptr;
}
