/* SPDX-License-Identifier: Apache-2.0 */
/* What is held of peers whose restored past was accepted, as the verifier sees it. */
#include "base/text.h"
#include "core/audit_proof.h"

static void came_to(struct proof *p, const char *peer, int64_t number, int64_t size)
{
    if (!text_eq(p->after_peer, peer))
        p->after_peer = arena_text(p->kept, peer);
    p->after_number = number;
    p->after_seq = size;
    p->page_rows++;
}

static enum err check_anew(struct ctx *c, const struct db_row *row, void *arg)
{
    struct proof *p = arg;
    struct tree_head h = tree_head_row(row);
    if (!tree_head_of_peer(c, &h))
        audit_found(p, "witness", "core_tree_anew", h.size, h.at_us,
                    "kept for a peer as its witness has no signature of that peer");
    came_to(p, h.node, row_int(row, 6), h.size);
    p->report->witnessed++;
    return OK;
}

enum err audit_page_anew(struct ctx *c, struct proof *p)
{
    return db_each(c, check_anew, p,
                   "SELECT peer, size, root, at_us, signing_key, signature, number"
                   " FROM core_tree_anew WHERE peer > $1 OR (peer = $1 AND (number > $2"
                   " OR (number = $2 AND size > $3))) ORDER BY peer, number, size LIMIT 500",
                   P_TEXT(p->after_peer), P_INT(p->after_number), P_INT(p->after_seq));
}

/* A row without its record would quieten what nobody accepted. */
static enum err check_accept(struct ctx *c, const struct db_row *row, void *arg)
{
    struct proof *p = arg;
    struct tree_acceptance x = {.node = row_text(row, 0),
                                .size = row_int(row, 2),
                                .root = row_text(row, 3),
                                .account = row_text(row, 5),
                                .reason = row_text(row, 6)};
    if (!text_eq(row_text(row, 8), tree_accept_detail(c->arena, &x, row_int(row, 4))))
        audit_found(p, "witness", "core_tree_accept", row_int(row, 1), row_int(row, 7),
                    "accepts a peer's past and no record of the trail tells so");
    came_to(p, x.node, row_int(row, 1), 0);
    return OK;
}

enum err audit_page_accepts(struct ctx *c, struct proof *p)
{
    return db_each(c, check_accept, p,
                   "SELECT x.node, x.number, x.size, x.root, x.above, x.account, x.reason,"
                   " x.accepted_us, a.detail FROM core_tree_accept x LEFT JOIN core_audit a"
                   " ON a.kind = 'trail' AND a.object = x.node || '/' || CAST(x.number AS TEXT)"
                   " AND a.action = 'core.tree_accept' AND a.at_us = x.accepted_us"
                   " WHERE x.node > $1 OR (x.node = $1 AND x.number > $2)"
                   " ORDER BY x.node, x.number LIMIT 500",
                   P_TEXT(p->after_peer), P_INT(p->after_number));
}
