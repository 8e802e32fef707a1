/* SPDX-License-Identifier: Apache-2.0 */
/* Between child.c (the node's side) and child_start.c (the starter's and the child's). */
#ifndef DINH_BASE_CHILD_INSIDE_H
#define DINH_BASE_CHILD_INSIDE_H

#include "base/child.h"

#define CHILD_HEAD_BYTES  4
#define CHILD_FIRST_BYTES 16384 /* a buffer's usual size */

/* fd: the child's end, given away. False: no starter any more. */
bool child_order_start(const struct child_wish *w, unsigned slot, int fd);
void child_order_stop(unsigned slot);

/* Bytes that came, from `from` to `len`. */
struct child_inbox {
    uint8_t *ptr;
    size_t from, len, cap;
};
/* Reads once, blocking; makes room for one frame of max. False: end of file, error or too late. */
bool child_read(int fd, struct child_inbox *in, size_t max);
void child_inbox_rest(struct child_inbox *in); /* a large one is given back */
void child_inbox_end(struct child_inbox *in);
/* The next frame, as child_frame(); its bytes hold until the next read. */
int child_next(struct child_inbox *in, size_t max, struct bytes *ret);
void child_head(uint8_t ret[CHILD_HEAD_BYTES], size_t len);

#endif
