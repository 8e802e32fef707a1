/* SPDX-License-Identifier: Apache-2.0 */
/* The tree grows with the chain, and its head is signed. */
#include <inttypes.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/audit_inside.h"
#include "core/tree_inside.h"
#include "db/kept.h"

#define SIGNATURE_TEXT 88
#define SIGNATURE_LEN  64
#define TILES_AT_ONCE  16 /* some 4,000 records a transaction: others write in between */
#define KEPT_US        (35 * DAY_US)

#define TEXT_OF(member, cap)                                                                       \
    SHAPE_TEXT(struct tree_head, member, TX(core_field_head), .max = (cap), .flags = F_REQUIRED)
SHAPE(tree_head_shape, struct tree_head, TEXT_OF(node, 64),
      SHAPE_INT(struct tree_head, size, TX(core_field_head), .min = 1, .max = INT64_MAX),
      SHAPE_INT(struct tree_head, at_us, TX(core_field_head), .max = INT64_MAX), TEXT_OF(root, 64),
      TEXT_OF(key, 43), TEXT_OF(signature, 88));

struct bytes tree_head_text(struct arena *a, const struct tree_head *h)
{
    return bytes_of(arena_printf(a, "dinh-head-v1\n%s\n%" PRId64 "\n%s\n%" PRId64 "\n%s\n", h->node,
                                 h->size, h->root, h->at_us, h->key));
}

bool tree_head_signed(struct arena *a, const struct tree_head *h, struct bytes public_point)
{
    struct bytes signature;
    return text_eq(h->key, key_id(a, public_point)) &&
           base64url_decode(a, h->signature, &signature) && signature.len == SIGNATURE_LEN &&
           key_verify(public_point, tree_head_text(a, h), signature);
}

struct tree_head tree_head_row(const struct db_row *r)
{
    return (struct tree_head){.node = row_text(r, 0),
                              .size = row_int(r, 1),
                              .root = row_text(r, 2),
                              .at_us = row_int(r, 3),
                              .key = row_text(r, 4),
                              .signature = row_text(r, 5)};
}

static enum err row_head(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct tree_head *)arg = tree_head_row(r);
    return OK;
}

enum err tree_newest(struct ctx *c, struct tree_head *ret_head)
{
    bool found;
    struct tree_head h = TREE_NO_HEAD;
    enum err e = db_one(c, &found, row_head, &h,
                        "SELECT node, size, root, at_us, signing_key, signature"
                        " FROM core_tree_head ORDER BY size DESC LIMIT 1");
    if (!e)
        *ret_head = h;
    return e;
}

/* ---- growing ---- */

static enum err put_subtree(struct ctx *c, int level, int64_t position)
{
    struct sha256 h;
    enum err e = tree_subtree(c, level, position, &h);
    if (e)
        return e;
    return db_exec(c, NULL, "INSERT INTO core_tree (level, position, hash) VALUES ($1, $2, $3)",
                   P_INT(level), P_INT(position), P_TEXT(sha256_hex(c->arena, h)));
}

/* Tile n of the lowest level ends those above that end with it. */
static enum err put_tile(struct ctx *c, int64_t n)
{
    enum err e = put_subtree(c, 1, n);
    for (int level = 2; level < TREE_LEVELS && !e; level++) {
        if ((n + 1) % ((int64_t)1 << (TREE_BITS * (level - 1))))
            break;
        e = put_subtree(c, level, ((n + 1) >> (TREE_BITS * (level - 1))) - 1);
    }
    return e;
}

static enum err sign_head(struct ctx *c, int64_t size)
{
    struct sha256 root;
    const char *fingerprint;
    enum err e = tree_root_of(c, size, &root);
    if (!e)
        e = audit_keep_cert(c, &fingerprint);
    if (e)
        return e;
    struct bytes point = cert_public_point(c->arena, c->node->sign_cert);
    struct tree_head h = {.node = c->node->name,
                          .size = size,
                          .at_us = sys_now_us(), /* not the job's start: tree.h */
                          .root = sha256_hex(c->arena, root),
                          .key = key_id(c->arena, point)};
    struct buf text = buf_new(c->arena, SIGNATURE_TEXT);
    buf_base64url(&text, key_sign(c->arena, c->node->sign_key, tree_head_text(c->arena, &h)));
    return db_exec(c, NULL,
                   "INSERT INTO core_tree_head (size, root, node, at_us, signing_key, signature,"
                   " cert) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                   P_INT(h.size), P_TEXT(h.root), P_TEXT(h.node), P_INT(h.at_us), P_TEXT(h.key),
                   P_TEXT(text.ptr), P_TEXT(fingerprint));
}

/* One a day stays for good; so does what other nodes hold. The role that serves on PostgreSQL may
   delete no head: there `dinh migrate` does it. */
enum err tree_thin(struct ctx *c)
{
    if (!db_shapes(c->node->db))
        return OK;
    struct db_value before = P_INT(c->now_us - KEPT_US), day = P_INT(DAY_US);
    enum err e = db_exec(c, NULL,
                         "DELETE FROM core_tree_head WHERE at_us < $1 AND size NOT IN"
                         " (SELECT MAX(size) FROM core_tree_head GROUP BY at_us / $2)",
                         before, day);
    if (e)
        return e;
    e = db_exec(c, NULL,
                "DELETE FROM core_tree_held WHERE received_us < $1 AND size NOT IN"
                " (SELECT MAX(h.size) FROM core_tree_held h WHERE h.peer = core_tree_held.peer"
                " GROUP BY h.received_us / $2)",
                before, day);
    if (e)
        return e;
    return db_exec(c, NULL,
                   "DELETE FROM core_tree_anew WHERE received_us < $1 AND size NOT IN"
                   " (SELECT MAX(h.size) FROM core_tree_anew h WHERE h.peer = core_tree_anew.peer"
                   " AND h.number = core_tree_anew.number GROUP BY h.received_us / $2)",
                   before, day);
}

struct growing {
    bool made, more;
};

static enum err head_of(struct ctx *c, const struct audit_head *chain, struct growing *g)
{
    struct tree_head last;
    enum err e = tree_newest(c, &last);
    if (e || chain->seq <= last.size || !audit_may_seal(c))
        return e;
    if (last.size && last.at_us / DAY_US != c->now_us / DAY_US)
        e = tree_thin(c);
    if (!e)
        e = sign_head(c, chain->seq);
    g->made = !e;
    return e;
}

static enum err grow(struct ctx *c, void *arg)
{
    struct growing *g = arg;
    struct audit_head chain;
    int64_t tiles;
    *g = (struct growing){.made = false};
    enum err e = audit_head(c, &chain);
    if (!e)
        e = db_int(c, &tiles, "SELECT MAX(position) + 1 FROM core_tree WHERE level = 1");
    for (int i = 0; !e && i < TILES_AT_ONCE && tiles < chain.seq / TREE_TILE; i++)
        e = put_tile(c, tiles++);
    if (e)
        return e;
    g->more = tiles < chain.seq / TREE_TILE;
    return g->more ? OK : head_of(c, &chain, g);
}

static enum err grow_page(struct ctx *c, void *arg, bool *ret_more)
{
    struct growing *g = arg;
    enum err e = db_write(c, c->node->db, grow, g);
    *ret_more = !e && g->more;
    return e;
}

struct idle {
    int64_t tree, chain;
};

static enum err read_sizes(struct ctx *c, void *arg)
{
    struct idle *x = arg;
    struct tree_head head;
    struct audit_head chain;
    enum err e = tree_newest(c, &head);
    if (!e)
        e = audit_head(c, &chain);
    if (!e)
        *x = (struct idle){head.size, chain.seq};
    return e;
}

/* Nothing written, nothing done: not even a transaction of the writer. */
enum err tree_make(struct ctx *c, bool *ret_made)
{
    struct growing g = {.made = false};
    struct idle x = {0, 0};
    enum err e = db_read(c, c->node->db, read_sizes, &x);
    if (!e && x.chain < x.tree)
        log_error("core", "the audit trail ends at record %lld, before its signed head of %lld",
                  (long long)x.chain, (long long)x.tree);
    if (!e && x.chain > x.tree)
        e = audit_pages(c, grow_page, &g);
    if (!e)
        *ret_made = g.made;
    return e;
}
