/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that wait, a line a source, the lines served in turn. Inside of web/; no lock of its own.
 */
#ifndef DINH_WEB_WEB_LINE_H
#define DINH_WEB_WEB_LINE_H

#include "web/web_call.h"

enum { LINES = 256, LINE_SHARE = 4 }; /* one source has a quarter of the room at most */
struct line {
    struct call *first, **last;
    struct line *next; /* in the ring of those where someone waits */
    int n;
};
struct lines {
    struct line line[LINES];
    struct line *served; /* the ring's last; its next one has the next turn */
    uint64_t seed;
    int waiting, max_waiting, max_line;
};
struct lines *lines_new(int max_waiting);
void lines_end(struct lines *l); /* empty */
/* By the address of the client; false when its line, or the whole room, is full. */
bool lines_put(struct lines *l, struct call *k);
struct call *lines_take(struct lines *l); /* NULL: nobody waits */

#endif
