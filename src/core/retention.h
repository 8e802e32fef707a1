/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long what is kept (the pack's retention.json), and what nobody may destroy meanwhile (legal
 * holds). A rule is found by a subject's class and kind (core/subject.h): "1.001193/10", else
 * "1.001193", else the class. subject_destroy() itself asks hold_on(): nothing under hold ends,
 * whoever approved it. Drafts are no records of an agency yet: no hold reaches them.
 */
#ifndef DINH_CORE_RETENTION_H
#define DINH_CORE_RETENTION_H

#include "core/country.h"
#include "core/subject.h"

enum retention_end { RETENTION_DESTROY, RETENTION_ARCHIVE, RETENTION_KEEP };
struct retention_rule {
    const char *code, *of, *kind; /* of: "case" ...; kind: "" for all others of it */
    const char *name[2], *law[2]; /* by enum lang */
    int years, days;              /* both 0: for ever, or as its case */
    bool year_after;              /* counts from 1 January after the end */
    enum retention_end end;
    const char *approver; /* role; "" when nothing ends */
};
/* In the order of the pack; none in a pack without retention.json. */
const struct retention_rule *retention_rules(const struct country *k, size_t *ret_n);
const struct retention_rule *retention_rule(const struct country *k, const char *of,
                                            const char *kind); /* NULL: none */
const struct retention_rule *retention_named(const struct country *k, const char *code);
/* When the term ends, microseconds UTC; 0: never, or the clock stands (clock_us 0). */
int64_t retention_due(const struct retention_rule *r, int64_t clock_us);
/* What had its clock started before this is due now. */
int64_t retention_due_before(const struct retention_rule *r, int64_t now_us);

/* What a person is told of a subject: by which rule, until when (0: in use, or for ever). */
struct retention_told {
    const struct retention_rule *rule; /* NULL: nothing is kept of it here */
    int64_t clock_us, due_us;
};
MUST_CHECK enum err retention_told(struct ctx *c, enum subject_class of, const char *object,
                                   struct retention_told *ret);
/* "giữ đến 01/01/2091" ...; "" when nothing is kept here */
const char *retention_words(struct ctx *c, const struct retention_told *t);

/* All that this node keeps of a person (token), a row for each rule. Read snapshot. */
struct retention_kept {
    struct retention_told told; /* due_us: of the last to end; clock_us 0: some are in use */
    int64_t n;
};
#define RETENTION_KEPT 32
MUST_CHECK enum err retention_of_person(struct ctx *c, const char *person,
                                        struct retention_kept ret[RETENTION_KEPT], size_t *ret_n);

/* ---- legal holds: on one subject (class and object) or all of a person ---- */
struct hold {
    const char *id, *of, *object; /* "" and "": of a person */
    int64_t placed_us, released_us;
    const char *account, *releaser;              /* who placed, who lifted it */
    const char *person, *law, *document, *words; /* of who placed it; person: personal number */
    const char *by, *released_by, *why;          /* names, and why it was lifted */
};
/* Write transaction. ERR_REQUIRED, ERR_BAD_CODE (class), ERR_NOT_FOUND (no such subject). */
MUST_CHECK enum err hold_place(struct ctx *c, const struct hold *h, const char **ret_id);
/* Write transaction, by another than who placed it: ERR_SECOND_PERSON, ERR_HOLD_STATE. */
MUST_CHECK enum err hold_release(struct ctx *c, const char *id, const char *why);
MUST_CHECK enum err hold_get(struct ctx *c, const char *id, struct hold *ret); /* ERR_NOT_FOUND */
/* Newest first, before "" or the last id shown; the released ones too. */
MUST_CHECK enum err hold_list(struct ctx *c, const char *before, struct hold *ret, size_t max,
                              size_t *ret_n);
/* The hold that is on a subject; "" when none. In a transaction. */
MUST_CHECK enum err hold_on(struct ctx *c, int64_t number, const char **ret_id);

#endif
