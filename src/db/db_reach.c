/* SPDX-License-Identifier: Apache-2.0 */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "db/reach.h"

#define POSTGRES_PORT "5432"

static const char *value_of(const PQconninfoOption *o, const char *key)
{
    for (; o && o->keyword; o++)
        if (text_eq(o->keyword, key))
            return text_empty(o->val) ? NULL : o->val;
    return NULL;
}

/* "5432,5433": one for each of several hosts. */
static size_t ports_in(const char *list, uint16_t *ret, size_t max)
{
    size_t n = 0;
    while (n < max && *list) {
        char *end;
        unsigned long port = strtoul(list, &end, 10);
        if (port > 0 && port <= UINT16_MAX)
            ret[n++] = (uint16_t)port;
        list = *end == ',' ? end + 1 : end + strlen(end);
    }
    return n;
}

size_t db_ports(const char *url, uint16_t *ret_ports, size_t max)
{
    if (!text_starts(url, "postgres:"))
        return 0;
    PQconninfoOption *usual = PQconndefaults();
    PQconninfoOption *own = PQconninfoParse(strchr(url, ':') + 1, NULL);
    const char *user = value_of(usual, "user"), *port = value_of(own, "port");
    if (user)
        setenv("PGUSER", user, 0);
    if (!port)
        port = value_of(usual, "port");
    size_t n = ports_in(port ? port : POSTGRES_PORT, ret_ports, max);
    PQconninfoFree(own);
    PQconninfoFree(usual);
    return n;
}
