/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node for the tests of core, engines and systems: a database (the body runs twice, on SQLite and
 * on PostgreSQL), fresh keys and certificates, the country pack and calendar, the given modules
 * migrated and started. The clock stands at Thursday 2020-06-04 09:00 in Viet Nam and moves only
 * when the test moves it. No web, no listener, no job thread: jobs run by jobs_run_due().
 */
#ifndef DINH_TEST_HARNESS_NODE_TEST_H
#define DINH_TEST_HARNESS_NODE_TEST_H

#include "core/module.h"
#include "test/harness/db_test.h"

struct node_world {
    struct ctx *c;      /* actor: the system; node: n */
    struct node *n;     /* "h57", agency and member H57; the test may change it */
    struct db_world *d; /* dir, kind, url */
};
/* modules in the order of their needs; their migrations, core's and web's are applied. */
void node_test(const struct module *const *modules, size_t n,
               void (*body)(struct node_world *w, void *arg), void *arg);
void node_test_on(enum db_kind kind, const struct module *const *modules, size_t n,
                  void (*body)(struct node_world *w, void *arg), void *arg);
/* With DINH_TEST_ROLE set the node serves, once its modules have made their tables, with a role of
   PostgreSQL that may no more than it needs, and with db_guard() on SQLite (db/kept.h). */
/* Owner and member of the nodes made from here on: "G01"; registers of that agency are held. */
void node_test_agency(const char *agency);

/* Acts as somebody from here on, with faults forgotten. Permissions come from the country pack. */
void as_citizen(struct node_world *w, const char *person, const char *name);
void as_official(struct node_world *w, const char *role, const char *unit, const char *name);
void as_system(struct node_world *w, const char *module);
/* Why and for which case from here on; NULL: none. */
void with_purpose(struct node_world *w, const char *purpose, const char *matter);

/* One transaction at the clock's instant, faults forgotten before. */
MUST_CHECK enum err do_write(struct node_world *w, db_work work, void *arg);
MUST_CHECK enum err do_read(struct node_world *w, db_work work, void *arg);

void clock_at(struct node_world *w, int ymd, int hhmm); /* 20200604, 900: Viet Nam's time */
void clock_by(struct node_world *w, int64_t by_us);
int64_t local_us(int ymd, int hhmm);

#endif
