/* SPDX-License-Identifier: Apache-2.0 */
/* Where a database is reached, for whoever shuts the process in (base/sandbox.h). */
#ifndef DINH_DB_REACH_H
#define DINH_DB_REACH_H

#include "base/base.h"

/* The TCP ports behind the url of db_open(), at most max: a node's sandbox lets it connect there.
   Also keeps the user name that libpq else looks up in the password file at each connection. Before
   threads. */
size_t db_ports(const char *url, uint16_t *ret_ports, size_t max);

/* Does it stay on this machine (a Unix socket, the loopback), or is the server asked to prove who
   it is and the line encrypted (sslmode=verify-full)? ASVS 12.3.1. Else the host that is too far.
 */
bool db_url_private(const char *url, char *ret_host, size_t size);

#endif
