/* SPDX-License-Identifier: Apache-2.0 */
#include <libpq-fe.h>
#include <stdio.h>
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

/* ---- who may listen on the way ---- */

/* An empty name is libpq's own: a socket. */
static bool is_here(const char *host)
{
    return !*host || *host == '/' || *host == '@' || text_eq(host, "localhost") ||
           text_eq(host, "::1") ||
           (text_starts(host, "127.") && !host[strspn(host, "0123456789.")]);
}

/* The first of "a,b,c" that is elsewhere, into ret. */
static bool all_here(const char *list, char *ret, size_t size)
{
    for (;; list++) {
        size_t n = strcspn(list, ",");
        snprintf(ret, size, "%.*s", (int)n, list);
        if (!is_here(ret) || n >= size)
            return false;
        list += n;
        if (!*list)
            return true;
    }
}

static const char *either(const PQconninfoOption *own, const PQconninfoOption *usual,
                          const char *key)
{
    const char *value = value_of(own, key);
    return value ? value : value_of(usual, key);
}

bool db_url_private(const char *url, char *ret_host, size_t size)
{
    snprintf(ret_host, size, "?");
    if (!text_starts(url, "postgres:"))
        return true;
    const char *where = strchr(url, ':') + 1;
    PQconninfoOption *usual = PQconndefaults();
    PQconninfoOption *own = PQconninfoParse(where, NULL);
    bool bare = !own && !strpbrk(where, "=:/"); /* the name of a database alone */
    bool fine = (own || bare) && text_eq(either(own, usual, "sslmode"), "verify-full");
    const char *host = either(own, usual, "hostaddr");
    if (!host)
        host = either(own, usual, "host");
    if (!fine && (own || bare) && !value_of(own, "service"))
        fine = all_here(host ? host : "", ret_host, size);
    PQconninfoFree(own);
    PQconninfoFree(usual);
    return fine;
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
