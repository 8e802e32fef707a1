/* SPDX-License-Identifier: Apache-2.0 */
#include "test/harness/unit.h"

#include "test/harness/trail_test.h"

#include "base/buf.h"
#include "core/access.h"

enum err trail_do_acts(struct ctx *c, void *n)
{
    int wanted = n ? *(const int *)n : 1;
    enum err e = OK;
    for (int i = 0; i < wanted && !e; i++) {
        const char *object = arena_printf(c->arena, "object-%d", i);
        struct audit_act act = {"test.act", "thing", object, i % 2 ? "{\"a\":\"một\\n\"}" : NULL};
        e = audit_write(c, &act);
    }
    return e;
}

enum err trail_do_note(struct ctx *c, void *none)
{
    (void)none;
    return access_note(c, "046194000123", "population", "P1", "name");
}

enum err trail_do_seal(struct ctx *c, void *none)
{
    (void)none;
    return audit_seal(c);
}

enum err trail_do_last_seal(struct ctx *c, void *seal)
{
    return audit_last_seal(c, seal);
}

enum err trail_do_witness(struct ctx *c, void *seal)
{
    return audit_witness(c, seal);
}

enum err trail_do_verify(struct ctx *c, void *report)
{
    return audit_verify(c, NULL, report);
}

enum err trail_do_newest_head(struct ctx *c, void *head)
{
    return tree_newest(c, head);
}

void trail_acts(struct node_world *w, int n)
{
    assert_int_equal(do_write(w, trail_do_acts, &n), OK);
}

struct audit_seal trail_sealed(struct node_world *w)
{
    struct audit_seal seal;
    assert_int_equal(do_write(w, trail_do_seal, NULL), OK);
    assert_int_equal(do_read(w, trail_do_last_seal, &seal), OK);
    return seal;
}

struct audit_report trail_report(struct node_world *w)
{
    struct audit_report report;
    assert_int_equal(do_read(w, trail_do_verify, &report), OK);
    return report;
}

bool trail_make_head(struct node_world *w)
{
    bool made = false;
    ctx_clear_faults(w->c);
    assert_int_equal(tree_make(w->c, &made), OK);
    return made;
}

struct tree_head trail_newest_head(struct node_world *w)
{
    struct tree_head head;
    assert_int_equal(do_read(w, trail_do_newest_head, &head), OK);
    return head;
}

void trail_own_peer(struct node_world *w)
{
    struct buf point = buf_new(w->c->arena, 200);
    struct node_peer *self = ARENA_NEW(w->c->arena, struct node_peer);
    buf_base64url(&point, key_public_point(w->c->arena, w->n->sign_key));
    *self = (struct node_peer){.name = "h57", .sign_point_b64 = point.ptr};
    w->n->peers = self;
    w->n->n_peers = 1;
}
