/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of the HTTP servers of this process: what came to their doors, what was refused there
   before anybody looked, and what they hold now. From any thread. */
#ifndef DINH_NET_HTTP_STATS_H
#define DINH_NET_HTTP_STATS_H

#include "net/http.h"

#define HTTP_SERVERS_MAX 4 /* that are told of */

struct http_stats {
    const char *name; /* http_options.name; NULL: has none */
    int64_t requests, connections_now, bytes_in, bytes_out;
    int64_t refused_framing, refused_slow;
    int64_t refused_room;  /* told 503: bodies or answers on their way fill their room */
    int64_t held, spooled; /* now, bytes: answers in memory, room of bodies on the disk */
};
struct http_stats http_server_stats(const struct http_server *s);
/* Of each running server that has a name: how many. */
size_t http_all_stats(struct http_stats *ret, size_t max);

#endif
