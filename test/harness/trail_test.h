/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trail of a node_test.h node: records, seals, witnesses, heads and what a verifier says.
 * trail_do_* are works for do_write() and do_read(); the others do them and assert that all is
 * well.
 */
#ifndef DINH_TEST_HARNESS_TRAIL_TEST_H
#define DINH_TEST_HARNESS_TRAIL_TEST_H

#include "core/audit_inside.h"
#include "core/tree_inside.h"
#include "test/harness/node_test.h"

enum err trail_do_acts(struct ctx *c, void *n);           /* const int *: so many; NULL: one */
enum err trail_do_note(struct ctx *c, void *none);        /* a line of access */
enum err trail_do_seal(struct ctx *c, void *none);        /* nothing when the head didn't move */
enum err trail_do_last_seal(struct ctx *c, void *seal);   /* struct audit_seal * */
enum err trail_do_witness(struct ctx *c, void *seal);     /* const struct audit_seal * */
enum err trail_do_verify(struct ctx *c, void *report);    /* struct audit_report * */
enum err trail_do_newest_head(struct ctx *c, void *head); /* struct tree_head * */

void trail_acts(struct node_world *w, int n); /* in one transaction */
struct audit_seal trail_sealed(struct node_world *w);
struct audit_report trail_report(struct node_world *w);
bool trail_make_head(struct node_world *w); /* false: nothing new to sign */
struct tree_head trail_newest_head(struct node_world *w);
/* The node is its own peer from here on: what it signed is as good as another's. */
void trail_own_peer(struct node_world *w);

#endif
