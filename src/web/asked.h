/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comes with web/web.h. What is asked for in an address stays there: in the browser's history, on
 * the screen, in a proxy's log. A row tells in `query` which parameters its address takes, by
 * spaces; one with a mark before it, "!words", may tell of a person and never stands there (ASVS
 * 14.2.1). Its page sends a form to a POST row of the same path, whose prepare is web_ask: that
 * leads on to "?hoi=..", where the marked ones lie sealed for the same account and path, for 8
 * hours. req_query() opens them. Older, another's, of another path: read as if nothing was asked.
 * In the clear: ERR_ADDRESS. A row of a foreign protocol's own parameters says "*".
 */
#ifndef DINH_WEB_ASKED_H
#define DINH_WEB_ASKED_H

#include "base/ctx.h"

#define ASKED_NAME "hoi" /* the parameter that holds what is sealed */

struct req;
struct web;
struct route;
/* prepare of the POST row (ROUTE_PREPARED), its `in` what the form holds: leads to the GET row. */
enum err web_ask(struct ctx *c, struct req *r);
/* "hoi=..", for a link to the search at path, where name is marked. */
const char *web_asked(struct ctx *c, const char *path, const char *name, const char *value);
/* Is it among the row's parameters, and marked? */
bool query_takes(const struct route *row, const char *name, bool *ret_marked);
/* The first parameter that was read although its row doesn't tell it; NULL: none. For tests. */
const char *web_undeclared(const struct web *w);

#endif
