/* SPDX-License-Identifier: Apache-2.0 */
/* What the verifier found, and what kind of hand made it. */
#include <string.h>

#include "base/text.h"
#include "core/audit_proof.h"

struct audit_finding *audit_found(struct proof *p, const char *kind, const char *table, int64_t seq,
                                  int64_t at_us, const char *problem)
{
    static struct audit_finding too_many;
    struct audit_report *r = p->report;
    if (r->n_findings == 0) {
        r->bad_seq = seq;
        r->problem = problem;
    }
    size_t i = r->n_findings++;
    if (i >= AUDIT_FINDINGS)
        return &too_many;
    r->findings[i] = (struct audit_finding){
        .kind = kind, .table = table, .seq = seq, .until = seq, .at_us = at_us, .problem = problem};
    return &r->findings[i];
}

/* ---- fields of two records exchanged ---- */

static void take_who(struct audit_record *to, const struct audit_record *from)
{
    to->actor = from->actor;
    to->account = from->account;
    to->person = from->person;
}

static void take_person(struct audit_record *to, const struct audit_record *from)
{
    to->person = from->person;
}

static void take_object(struct audit_record *to, const struct audit_record *from)
{
    to->object = from->object;
}

static void take_matter(struct audit_record *to, const struct audit_record *from)
{
    to->object = from->object;
    to->matter = from->matter;
}

static void take_detail(struct audit_record *to, const struct audit_record *from)
{
    to->detail = from->detail;
}

/* All that an act says; number, time and links stay. */
static void take_all(struct audit_record *to, const struct audit_record *from)
{
    struct audit_record all = *from;
    all.seq = to->seq;
    all.at_us = to->at_us;
    all.prev = to->prev;
    all.hash = to->hash;
    *to = all;
}

static bool exchanged(struct ctx *c, const struct audit_record *x, const struct audit_record *y)
{
    static void (*const takes[])(struct audit_record *, const struct audit_record *) = {
        take_person, take_who, take_object, take_matter, take_detail, take_all};
    for (size_t i = 0; i < ARRAY_LEN(takes); i++) {
        struct audit_record as = *x;
        takes[i](&as, y);
        if (text_eq(audit_hash(c->arena, &as), x->hash))
            return true;
    }
    return false;
}

void audit_chain_swaps(struct ctx *c, struct proof *p)
{
    for (size_t i = 0; i < p->n_edits; i++) {
        const struct proof_edit *x = &p->edits[i];
        for (size_t k = 0; k < p->n_edits; k++) {
            if (k == i || !exchanged(c, &x->record, &p->edits[k].record))
                continue;
            struct audit_finding *f = &p->report->findings[x->finding];
            f->kind = "swap";
            f->problem = arena_printf(p->kept, "was exchanged with record %lld",
                                      (long long)p->edits[k].record.seq);
            if (x->finding == 0)
                p->report->problem = f->problem;
            break;
        }
    }
}
