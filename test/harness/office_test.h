/* SPDX-License-Identifier: Apache-2.0 */
/* An official at a browser of a node of tests: the pages of the node's modules, routed, permitted
   and logged as in the program. */
#ifndef DINH_TEST_HARNESS_OFFICE_TEST_H
#define DINH_TEST_HARNESS_OFFICE_TEST_H

#include "test/harness/node_test.h"
#include "test/harness/web_test.h"

struct office {
    struct node_world *w;
    struct web *web;
    struct web_client b;
};
struct office office_open(struct node_world *w);
/* Signs in; from here on requests are this official's. */
void office_as(struct office *o, const char *role, const char *unit, const char *name);
void office_close(struct office *o);
/* GET of a printf-like path; gives the status. */
int office_get(struct office *o, const char *fmt, ...) PRINTF_LIKE(2, 3);
int office_search(struct office *o, const char *fmt, ...) PRINTF_LIKE(2, 3); /* web_search() */

#endif
