/* SPDX-License-Identifier: Apache-2.0 */
/* Between core's tree*.c, audit_verify*.c and their tests. */
#ifndef DINH_CORE_TREE_INSIDE_H
#define DINH_CORE_TREE_INSIDE_H

#include "core/tree.h"

#define TREE_BITS   8 /* a row of core_tree stands for 256 of the level below */
#define TREE_TILE   (1 << TREE_BITS)
#define TREE_LEVELS 7 /* 256^7 records and more: levels 0 (records) to 6 */

/* As tree_root(), also before there is a head; its subtrees must stand. */
MUST_CHECK enum err tree_root_of(struct ctx *c, int64_t size, struct sha256 *ret_root);
/* The root of a full subtree from the level below it. */
MUST_CHECK enum err tree_subtree(struct ctx *c, int level, int64_t position, struct sha256 *ret);
/* The head in the row's first columns: node (or peer), size, root, at_us, key, signature. */
struct tree_head tree_head_row(const struct db_row *r);

#endif
