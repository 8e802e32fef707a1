/* SPDX-License-Identifier: Apache-2.0 */
/* Proves the trail; tools/ has a twin that shares no code with this. */
#include "base/sys.h"
#include "base/text.h"
#include "core/access.h"
#include "core/audit_proof.h"

#define PAGE_ROWS 500 /* of the parts beside the chain */

static void read_record(const struct db_row *r, struct audit_record *ret)
{
    *ret = (struct audit_record){.seq = row_int(r, 0),
                                 .at_us = row_int(r, 1),
                                 .actor = row_text(r, 2),
                                 .account = row_text(r, 3),
                                 .person = row_text(r, 4),
                                 .unit = row_text(r, 5),
                                 .role = row_text(r, 6),
                                 .action = row_text(r, 7),
                                 .kind = row_text(r, 8),
                                 .object = row_text(r, 9),
                                 .matter = row_text(r, 10),
                                 .request = row_text(r, 11),
                                 .detail = row_text(r, 12),
                                 .prev = row_text(r, 13),
                                 .hash = row_text(r, 14)};
}

static enum err check_record(struct ctx *c, const struct db_row *row, void *arg)
{
    struct proof *p = arg;
    struct audit_record r;
    read_record(row, &r);
    enum err e = audit_chain_check(c, p, &r);
    audit_tree_add(c, p, r.hash);
    p->page_rows++;
    return e;
}

static enum err page_records(struct ctx *c, struct proof *p)
{
    enum err e = audit_tree_page(c, p);
    if (!e)
        e = db_each(c, check_record, p,
                    "SELECT seq, at_us, actor, account, person, unit, role, action, kind, object,"
                    " matter, request, detail, prev, hash FROM core_audit WHERE seq > $1"
                    " ORDER BY seq LIMIT 512",
                    P_INT(p->seq));
    return e ? e : audit_tree_full(c, p);
}

/* A certificate serves thousands of seals: looked at once. It was valid at a time between two at
   which it was. */
struct bytes audit_cert_point(struct ctx *c, struct proof *p, const char *fingerprint,
                              const char *pem, int64_t at_us)
{
    struct cert *x;
    if (text_eq(p->cert, fingerprint) && at_us >= p->cert_from_us && at_us <= p->cert_until_us)
        return p->cert_point;
    if (cert_parse(c, bytes_of(pem), &x)) {
        ctx_clear_faults(c);
        return (struct bytes){NULL, 0};
    }
    struct bytes point = {NULL, 0};
    if (audit_cert_ours(c, x) && (!c->node->ca_cert || cert_check(x, c->node->ca_cert, at_us))) {
        point = cert_public_point(p->kept, x);
        p->cert = arena_text(p->kept, fingerprint);
        p->cert_point = point;
        p->cert_from_us = at_us;
        p->cert_until_us = c->node->ca_cert ? cert_until_us(x) : INT64_MAX;
    }
    cert_end(x);
    return point;
}

static bool seal_signed(struct ctx *c, struct proof *p, const struct audit_seal *s,
                        const struct db_row *row)
{
    struct bytes point = audit_cert_point(c, p, row_text(row, 7), row_text(row, 5), s->at_us);
    return point.len && text_eq(s->node, c->node->name) && audit_seal_signed(c->arena, s, point);
}

static enum err check_seal(struct ctx *c, const struct db_row *row, void *arg)
{
    struct proof *p = arg;
    struct audit_seal s = audit_seal_row(row);
    if (!seal_signed(c, p, &s, row))
        audit_found(p, "seal", "core_seal", s.seq, s.at_us,
                    "has a seal whose signature does not hold");
    else if (s.seq <= p->seq && !p->loose && !p->tree.rewritten &&
             !text_eq(s.hash, row_text(row, 6))) {
        p->tree.rewritten = true;
        audit_found(p, "rewrite", "core_seal", s.seq, s.at_us, "is not the one that was sealed");
    }
    p->after_seq = s.seq;
    p->report->seals++;
    p->page_rows++;
    return OK;
}

static enum err page_seals(struct ctx *c, struct proof *p)
{
    return db_each(c, check_seal, p,
                   "SELECT s.node, s.seq, s.hash, s.at_us, s.signature, x.pem, a.hash, s.cert"
                   " FROM core_seal s LEFT JOIN core_cert x ON x.fingerprint = s.cert"
                   " LEFT JOIN core_audit a ON a.seq = s.seq WHERE s.seq > $1"
                   " ORDER BY s.seq LIMIT 500",
                   P_INT(p->after_seq));
}

static void line_found(struct proof *p, const struct db_row *row, const char *what)
{
    audit_found(p, "line", "core_access", row_int(row, 0), row_int(row, 6), what);
}

/* A line of access is as its record says: {"sha256": "..."} of the sealed line. */
static enum err check_line(struct ctx *c, const struct db_row *row, void *arg)
{
    struct proof *p = arg;
    const char *wanted = arena_printf(c->arena, "{\"sha256\":\"%s\"}",
                                      sha256_hex(c->arena, sha256(row_blob(row, 2))));
    if (row_is_null(row, 2))
        line_found(p, row, "names a line of access that is missing");
    else if (!text_eq(row_text(row, 1), wanted))
        line_found(p, row, "names a line of access that was changed");
    else if (!access_line_fits(c, row_text(row, 3), row_text(row, 4), row_text(row, 5),
                               row_int(row, 8), row_blob(row, 2)))
        line_found(p, row, "names a line of access that was moved");
    else if (row_int(row, 6) != row_int(row, 7))
        line_found(p, row, "names a line of access that tells another time");
    p->after_seq = row_int(row, 0);
    p->page_rows++;
    return OK;
}

static enum err page_lines(struct ctx *c, struct proof *p)
{
    return db_each(c, check_line, p,
                   "SELECT a.seq, a.detail, x.line, x.id, x.person, x.look, a.at_us, x.at_us,"
                   " x.shown_us"
                   " FROM core_audit a LEFT JOIN core_access x"
                   " ON x.id = a.object WHERE a.seq > $1 AND a.action = 'core.access'"
                   " ORDER BY a.seq LIMIT 500",
                   P_INT(p->after_seq));
}

static enum err check_witness(struct ctx *c, const struct db_row *row, void *arg)
{
    struct proof *p = arg;
    struct audit_seal s = audit_seal_row(row);
    if (!audit_seal_of_peer(c, &s))
        audit_found(p, "witness", "core_witness", s.seq, s.at_us,
                    "kept for a peer as its witness has no signature of that peer");
    if (!text_eq(p->after_peer, s.node))
        p->after_peer = arena_text(p->kept, s.node);
    p->after_seq = s.seq;
    p->report->witnessed++;
    p->page_rows++;
    return OK;
}

static enum err page_witnesses(struct ctx *c, struct proof *p)
{
    return db_each(c, check_witness, p,
                   "SELECT peer, seq, hash, at_us, signature FROM core_witness"
                   " WHERE peer > $1 OR (peer = $1 AND seq > $2) ORDER BY peer, seq LIMIT 500",
                   P_TEXT(p->after_peer), P_INT(p->after_seq));
}

static enum err one_page(struct ctx *c, void *arg, bool *ret_more)
{
    struct proof *p = arg;
    p->page_rows = 0;
    enum err e = p->page(c, p);
    *ret_more = p->page_rows == PAGE_ROWS;
    return e;
}

static enum err check_held(struct ctx *c, const struct db_row *row, void *arg)
{
    struct proof *p = arg;
    struct tree_head h = tree_head_row(row);
    if (!tree_head_of_peer(c, &h))
        audit_found(p, "witness", "core_tree_held", h.size, h.at_us,
                    "kept for a peer as its witness has no signature of that peer");
    if (!text_eq(p->after_peer, h.node))
        p->after_peer = arena_text(p->kept, h.node);
    p->after_seq = h.size;
    p->report->witnessed++;
    p->page_rows++;
    return OK;
}

static enum err page_held(struct ctx *c, struct proof *p)
{
    return db_each(c, check_held, p,
                   "SELECT peer, size, root, at_us, signing_key, signature FROM core_tree_held"
                   " WHERE peer > $1 OR (peer = $1 AND size > $2) ORDER BY peer, size LIMIT 500",
                   P_TEXT(p->after_peer), P_INT(p->after_seq));
}

static enum err one_record_page(struct ctx *c, void *arg, bool *ret_more)
{
    struct proof *p = arg;
    p->page_rows = 0;
    enum err e = page_records(c, p);
    *ret_more = p->page_rows == PROOF_PAGE;
    return e;
}

static enum err prove_chain(struct ctx *c, struct proof *p)
{
    int64_t begin_us = sys_mono_us();
    enum err e = audit_pages(c, one_record_page, p);
    p->report->chain_us = sys_mono_us() - begin_us;
    audit_chain_swaps(c, p);
    return e ? e : audit_tree_end(c, p);
}

enum err audit_verify(struct ctx *c, const struct audit_outside *outside,
                      struct audit_report *ret_report)
{
    static enum err (*const parts[])(struct ctx *, struct proof *) = {
        page_seals, page_lines, page_witnesses, page_held, audit_page_anew, audit_page_accepts};
    struct proof *p = ARENA_NEW(c->arena, struct proof);
    *p = (struct proof){.report = ret_report, .hash = AUDIT_NO_HASH, .kept = c->arena};
    *ret_report = (struct audit_report){.problem = ""};
    enum err e = audit_own(c, &p->own);
    if (e)
        return e;
    audit_outside_begin(c, p, outside);
    e = prove_chain(c, p);
    for (size_t i = 0; i < ARRAY_LEN(parts) && !e; i++) {
        p->page = parts[i];
        p->after_seq = p->after_number = 0;
        p->after_peer = "";
        e = audit_pages(c, one_page, p);
    }
    return e ? e : audit_outside_seals(c, p);
}
