/* SPDX-License-Identifier: Apache-2.0 */
/* Proves the trail; tools/ has a twin that shares no code with this. */
#include <stdio.h>

#include "base/text.h"
#include "core/access.h"
#include "core/audit_inside.h"

#define PAGE_ROWS 500

struct proof {
    struct audit_report report;
    int64_t seq; /* of the last record */
    char hash[2 * SHA256_LEN + 1];
    enum err (*page)(struct ctx *c, struct proof *p);
    int64_t page_rows, after_seq;
    const char *after_peer;
    struct arena *kept; /* the caller's: what outlives a page */
};

/* Remembers the first problem only. */
static void problem(struct proof *p, int64_t seq, const char *what)
{
    if (*p->report.problem)
        return;
    p->report.bad_seq = seq;
    p->report.problem = what;
}

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
    const char *hash = audit_hash(c->arena, &r);
    if (r.seq != p->seq + 1)
        problem(p, p->seq + 1, "is missing");
    else if (!text_eq(r.prev, p->hash))
        problem(p, r.seq, "does not follow the record before");
    else if (!text_eq(hash, r.hash))
        problem(p, r.seq, "was changed");
    p->seq = r.seq;
    snprintf(p->hash, sizeof p->hash, "%s", r.hash);
    p->report.records++;
    p->page_rows++;
    return OK;
}

static enum err page_records(struct ctx *c, struct proof *p)
{
    return db_each(c, check_record, p,
                   "SELECT seq, at_us, actor, account, person, unit, role, action, kind, object,"
                   " matter, request, detail, prev, hash FROM core_audit WHERE seq > $1"
                   " ORDER BY seq LIMIT 500",
                   P_INT(p->seq));
}

static bool seal_signed(struct ctx *c, const struct audit_seal *s, const char *pem)
{
    struct cert *x;
    if (!text_eq(s->node, c->node->name) || cert_parse(c, bytes_of(pem), &x))
        return false;
    bool good = (!c->node->ca_cert || cert_check(x, c->node->ca_cert, s->at_us)) &&
                audit_seal_signed(c->arena, s, cert_public_point(c->arena, x));
    cert_end(x);
    return good;
}

static enum err check_seal(struct ctx *c, const struct db_row *row, void *arg)
{
    struct proof *p = arg;
    struct audit_seal s = audit_seal_row(row);
    if (s.seq > p->seq)
        problem(p, s.seq, "was sealed and is missing");
    else if (!text_eq(s.hash, row_text(row, 6)))
        problem(p, s.seq, "is not the one that was sealed");
    else if (!seal_signed(c, &s, row_text(row, 5)))
        problem(p, s.seq, "has a seal whose signature does not hold");
    p->after_seq = s.seq;
    p->report.seals++;
    p->page_rows++;
    return OK;
}

static enum err page_seals(struct ctx *c, struct proof *p)
{
    return db_each(c, check_seal, p,
                   "SELECT s.node, s.seq, s.hash, s.at_us, s.signature, x.pem, a.hash"
                   " FROM core_seal s LEFT JOIN core_cert x ON x.fingerprint = s.cert"
                   " LEFT JOIN core_audit a ON a.seq = s.seq WHERE s.seq > $1"
                   " ORDER BY s.seq LIMIT 500",
                   P_INT(p->after_seq));
}

/* A line of access is as its record says: {"sha256": "..."} of the sealed line. */
static enum err check_line(struct ctx *c, const struct db_row *row, void *arg)
{
    struct proof *p = arg;
    const char *wanted = arena_printf(c->arena, "{\"sha256\":\"%s\"}",
                                      sha256_hex(c->arena, sha256(row_blob(row, 2))));
    if (row_is_null(row, 2))
        problem(p, row_int(row, 0), "names a line of access that is missing");
    else if (!text_eq(row_text(row, 1), wanted))
        problem(p, row_int(row, 0), "names a line of access that was changed");
    else if (!access_line_fits(c, row_text(row, 3), row_text(row, 4), row_text(row, 5),
                               row_blob(row, 2)))
        problem(p, row_int(row, 0), "names a line of access that was moved");
    else if (row_int(row, 6) != row_int(row, 7))
        problem(p, row_int(row, 0), "names a line of access that tells another time");
    p->after_seq = row_int(row, 0);
    p->page_rows++;
    return OK;
}

static enum err page_lines(struct ctx *c, struct proof *p)
{
    return db_each(c, check_line, p,
                   "SELECT a.seq, a.detail, x.line, x.id, x.person, x.look, a.at_us, x.at_us"
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
        problem(p, s.seq, "kept for a peer as its witness has no signature of that peer");
    if (!text_eq(p->after_peer, s.node))
        p->after_peer = arena_text(p->kept, s.node);
    p->after_seq = s.seq;
    p->report.witnessed++;
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

enum err audit_verify(struct ctx *c, struct audit_report *ret_report)
{
    static enum err (*const parts[])(struct ctx *, struct proof *) = {page_records, page_seals,
                                                                      page_lines, page_witnesses};
    struct proof p = {
        .report = {.problem = ""}, .hash = AUDIT_NO_HASH, .after_peer = "", .kept = c->arena};
    enum err e = OK;
    for (size_t i = 0; i < ARRAY_LEN(parts) && !e; i++) {
        p.page = parts[i];
        p.after_seq = 0;
        e = audit_pages(c, one_page, &p);
    }
    if (!e)
        *ret_report = p.report;
    return e;
}
