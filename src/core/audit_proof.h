/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the verifier: audit_verify.c, audit_chain.c, audit_tree.c, audit_find.c,
   audit_held.c, audit_accept.c. */
#ifndef DINH_CORE_AUDIT_PROOF_H
#define DINH_CORE_AUDIT_PROOF_H

#include "core/audit_inside.h"
#include "core/tree_inside.h"

#define PROOF_PAGE  512 /* records read at once */
#define PROOF_EDITS 16  /* edited records remembered, to tell swapped ones */

/* The tree as it grows along the records: one small tree a level, each full one a leaf above. */
struct proof_tree {
    struct merkle_tree levels[TREE_LEVELS];
    struct { /* subtrees that became full in this page */
        int level;
        int64_t position;
        struct sha256 hash;
    } full[PROOF_PAGE / TREE_TILE + TREE_LEVELS];
    size_t n_full;
    int64_t done[TREE_LEVELS];        /* full subtrees so far */
    struct tree_head own[PROOF_PAGE]; /* our heads of this page, by size */
    size_t n_own, next_own, next_held;
    int64_t newest, newest_us;      /* size and time of our newest head */
    int64_t agreed;                 /* the largest head of a witness that fits */
    bool rewritten, forked, rolled; /* told once */
};

struct proof_edit {
    struct audit_record record;
    size_t finding;
};

struct proof {
    struct audit_report *report;
    const struct audit_outside *outside; /* never NULL */
    struct arena *kept;                  /* the caller's: what outlives a page */
    struct node_peer own;                /* by which what we signed is known */
    /* the chain */
    int64_t seq, at_us;                                        /* of the last record */
    char hash[2 * SHA256_LEN + 1], before[2 * SHA256_LEN + 1]; /* its hash, and of the one before */
    int64_t shift;  /* records that stand so many places too far */
    int64_t spoken; /* the last record that has a finding */
    bool loose;     /* records came, went or moved: heads can't fit any more, and needn't be told */
    struct proof_edit edits[PROOF_EDITS];
    size_t n_edits;
    struct proof_tree tree;
    int64_t beyond, beyond_us; /* what this database itself says of records after its last */
    /* the other parts, page by page */
    enum err (*page)(struct ctx *c, struct proof *p);
    int64_t page_rows, after_seq, after_number;
    const char *after_peer;
    /* the certificate last used for a seal or head */
    const char *cert;
    struct bytes cert_point;
    int64_t cert_from_us, cert_until_us;
};

/* Remembers it; the texts are literals or live as long as the report. */
struct audit_finding *audit_found(struct proof *p, const char *kind, const char *table, int64_t seq,
                                  int64_t at_us, const char *problem);
/* audit_chain.c: one record; the row may die with the page. */
enum err audit_chain_check(struct ctx *c, struct proof *p, const struct audit_record *r);
/* Of edited records those whose fields were exchanged. */
void audit_chain_swaps(struct ctx *c, struct proof *p);
/* audit_tree.c: before, with and after the records of a page, and at the end of all. */
enum err audit_tree_page(struct ctx *c, struct proof *p);
void audit_tree_add(struct ctx *c, struct proof *p, const char *hash);
enum err audit_tree_full(struct ctx *c, struct proof *p);
enum err audit_tree_end(struct ctx *c, struct proof *p);
/* audit_held.c: what witnesses hold: heads that are ours, ready to compare; seals, compared. */
void audit_outside_begin(struct ctx *c, struct proof *p, const struct audit_outside *outside);
enum err audit_outside_seals(struct ctx *c, struct proof *p);
/* A page of the heads kept for peers since an acceptance; of the acceptances, each as its record
   tells it. */
enum err audit_page_anew(struct ctx *c, struct proof *p);
enum err audit_page_accepts(struct ctx *c, struct proof *p);
/* The point of a certificate in core_cert that leads to our CA and was valid then; empty: none. */
struct bytes audit_cert_point(struct ctx *c, struct proof *p, const char *fingerprint,
                              const char *pem, int64_t at_us);

#endif
