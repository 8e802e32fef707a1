/* SPDX-License-Identifier: Apache-2.0 */
/* Between core's tree*.c, audit_verify*.c and their tests. */
#ifndef DINH_CORE_TREE_INSIDE_H
#define DINH_CORE_TREE_INSIDE_H

#include "core/tree.h"

#define TREE_BITS   8 /* a row of core_tree stands for 256 of the level below */
#define TREE_TILE   (1 << TREE_BITS)
#define TREE_ACCEPT "core.tree_accept" /* action of the record of an acceptance */
#define TREE_LEVELS 7                  /* 256^7 records and more: levels 0 (records) to 6 */

/* As tree_root(), also before there is a head; its subtrees must stand. */
MUST_CHECK enum err tree_root_of(struct ctx *c, int64_t size, struct sha256 *ret_root);
/* The root of a full subtree from the level below it. */
MUST_CHECK enum err tree_subtree(struct ctx *c, int level, int64_t position, struct sha256 *ret);
/* tree_accept.c: the acceptance that heads of a peer are judged since, 0: none. */
MUST_CHECK enum err tree_accepted(struct ctx *c, const char *peer, int64_t *ret_number);
MUST_CHECK enum err tree_keep_anew(struct ctx *c, const struct tree_head *h, int64_t number);
/* A witness holds a head of our trail: what it accused us of before is settled. */
MUST_CHECK enum err tree_cleared(struct ctx *c, const char *witness);
/* What the record of an acceptance tells. */
const char *tree_accept_detail(struct arena *a, const struct tree_acceptance *x, int64_t above);
/* The head in the row's first columns: node (or peer), size, root, at_us, key, signature. */
struct tree_head tree_head_row(const struct db_row *r);

#endif
