/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A malware scanner outside of the node, asked over clamd's protocol (clamd(8), INSTREAM with
 * NUL-ended lines): the content goes in pieces, one line comes back. It runs on the same machine,
 * at "unix:/PATH" or "127.0.0.1:PORT" ("[::1]:PORT"), so nothing leaves it. Blocks: for threads
 * that may wait.
 */
#ifndef DINH_NET_SCANNER_H
#define DINH_NET_SCANNER_H

#include "base/ctx.h"

enum scan_says {
    SCAN_CLEAN,
    SCAN_FOUND, /* ret_name tells what */
    SCAN_AWAY   /* not there, too slow, an error of its own, or no sense in its answer */
};
/* Within timeout_us in all. ret_name: cleaned, at most 100 bytes; "" when nothing was found. */
enum scan_says scanner_ask(struct arena *a, const char *address, struct bytes in,
                           int64_t timeout_us, const char **ret_name);
/* Does it answer at all? */
bool scanner_lives(const char *address, int64_t timeout_us);
/* The answer's line, "stream: OK", "stream: NAME FOUND"; all else is SCAN_AWAY. */
UNTRUSTED enum scan_says scanner_answer(struct arena *a, struct bytes line, const char **ret_name);
bool scanner_address_sound(const char *text);
uint16_t scanner_port(const char *address); /* 0: a Unix socket's */

#endif
