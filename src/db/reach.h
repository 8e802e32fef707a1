/* SPDX-License-Identifier: Apache-2.0 */
/* Where a database is reached, for whoever shuts the process in (base/sandbox.h). */
#ifndef DINH_DB_REACH_H
#define DINH_DB_REACH_H

#include "base/base.h"

/* The TCP ports behind the url of db_open(), at most max: a node's sandbox lets it connect there.
   Also keeps the user name that libpq else looks up in the password file at each connection. Before
   threads. */
size_t db_ports(const char *url, uint16_t *ret_ports, size_t max);

#endif
