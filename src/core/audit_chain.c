/* SPDX-License-Identifier: Apache-2.0 */
/* The chain record by record. A sound one costs its hash; a broken one is looked at until it says
   what was done to it. */
#include <stdio.h>

#include "base/text.h"
#include "core/audit_proof.h"

#define TABLE "core_audit"

static bool is_itself(struct ctx *c, const struct audit_record *r, int64_t seq)
{
    struct audit_record as = *r;
    as.seq = seq;
    return text_eq(audit_hash(c->arena, &as), r->hash);
}

static struct audit_finding *found(struct proof *p, const struct audit_record *r, const char *kind,
                                   const char *problem)
{
    p->spoken = r->seq;
    return audit_found(p, kind, TABLE, r->seq, r->at_us, problem);
}

static struct audit_finding *last_found(struct proof *p, int64_t seq)
{
    size_t n = p->report->n_findings;
    struct audit_finding *f = n && n <= AUDIT_FINDINGS ? &p->report->findings[n - 1] : NULL;
    return f && f->seq == seq && text_eq(f->table, TABLE) ? f : NULL;
}

static void becomes(struct proof *p, struct audit_finding *f, const char *kind, const char *problem)
{
    f->kind = kind;
    f->problem = problem;
    if (p->report->n_findings == 1)
        p->report->problem = problem;
}

/* The place it was written for, 0 when none of the likely ones: it is an edited one. */
static enum err true_place(struct ctx *c, const struct audit_record *r, int64_t *ret_seq)
{
    int64_t after = 0;
    enum err e =
        db_int(c, &after, "SELECT MAX(seq) + 1 FROM core_audit WHERE hash = $1", P_TEXT(r->prev));
    if (e)
        return e;
    int64_t likely[] = {r->seq - 1, r->seq + 1, after};
    *ret_seq = 0;
    for (size_t i = 0; i < ARRAY_LEN(likely) && !*ret_seq; i++)
        if (likely[i] > 0 && is_itself(c, r, likely[i]))
            *ret_seq = likely[i];
    return OK;
}

static struct audit_record kept_copy(struct arena *a, const struct audit_record *r)
{
    struct audit_record x = *r;
    const char **texts[] = {&x.actor,  &x.account, &x.person, &x.unit,   &x.role,
                            &x.action, &x.kind,    &x.object, &x.matter, &x.request,
                            &x.detail, &x.prev,    &x.hash};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *texts[i] = arena_text(a, *texts[i]);
    return x;
}

static void edited(struct proof *p, const struct audit_record *r)
{
    found(p, r, "edit", "was changed");
    if (p->n_edits < PROOF_EDITS && p->report->n_findings <= AUDIT_FINDINGS)
        p->edits[p->n_edits++] =
            (struct proof_edit){kept_copy(p->kept, r), p->report->n_findings - 1};
}

/* Right, but for another place: one came in before it, one was taken out before it, or two changed
   places. What follows an insertion or a deletion stands as far off and is sound so. */
static void displaced(struct proof *p, const struct audit_record *r, int64_t place)
{
    struct audit_finding *before = last_found(p, r->seq - 1);
    p->loose = true;
    bool moved = before && text_eq(before->kind, "reorder");
    if (place == r->seq - 1 && text_eq(r->prev, p->before) && !moved) {
        struct audit_finding *f = before;
        if (f)
            becomes(p, f, "insert", "was put in");
        else
            audit_found(p, "insert", TABLE, r->seq - 1, p->at_us, "was put in");
        p->shift = 1;
    } else if (moved && place == r->seq + 1) {
        becomes(p, before, "delete", "was taken out, and those after it were numbered anew");
        p->shift = -1;
    } else {
        found(p, r, "reorder",
              arena_printf(p->kept, "stands in this place and belongs in that of record %lld",
                           (long long)place));
    }
    p->spoken = r->seq;
}

static enum err broken(struct ctx *c, struct proof *p, const struct audit_record *r)
{
    int64_t place = 0;
    if (p->report->n_findings >= AUDIT_FINDINGS) { /* enough is told: no more looking */
        edited(p, r);
        return OK;
    }
    enum err e = true_place(c, r, &place);
    if (e)
        return e;
    if (place)
        displaced(p, r, place);
    else
        edited(p, r);
    return OK;
}

static void missing(struct proof *p, const struct audit_record *r)
{
    struct audit_finding *f =
        audit_found(p, "delete", TABLE, p->seq + 1, p->at_us,
                    r->seq == p->seq + 2 ? "is missing" : "and those after it are missing");
    f->until = r->seq - 1;
    p->spoken = r->seq;
    p->loose = true;
}

/* It is right by itself, and so is the one before, which it doesn't name: that one was made anew.
 */
static void unlinked(struct proof *p, const struct audit_record *r)
{
    if (p->spoken >= r->seq - 1)
        return;
    audit_found(p, "edit", TABLE, r->seq - 1, p->at_us,
                "was changed and its hash made anew: the next one names another");
    p->spoken = r->seq;
    p->loose = true;
}

enum err audit_chain_check(struct ctx *c, struct proof *p, const struct audit_record *r)
{
    enum err e = OK;
    if (r->seq != p->seq + 1)
        missing(p, r);
    if (!is_itself(c, r, r->seq - p->shift))
        e = broken(c, p, r);
    else if (!text_eq(r->prev, p->hash))
        unlinked(p, r);
    p->seq = r->seq;
    p->at_us = r->at_us;
    snprintf(p->before, sizeof p->before, "%s", p->hash);
    snprintf(p->hash, sizeof p->hash, "%s", r->hash);
    p->report->records++;
    return e;
}
