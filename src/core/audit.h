/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit trail: every change writes its record in the same transaction. Records form a chain,
 * hash = SHA-256(previous hash || canonical record); the head is signed on a timer (a seal) and
 * handed to witnesses: other nodes and citizens' receipts. docs/audit-format.md is the format that
 * the independent verifier in tools/ reads.
 */
#ifndef DINH_CORE_AUDIT_H
#define DINH_CORE_AUDIT_H

#include "core/node.h"
#include "web/shape.h"

struct audit_act {
    const char *action; /* "onestop.accept" */
    const char *kind;   /* of the object: "dossier" */
    const char *object; /* its id or code */
    const char *detail; /* JSON of what changed, no personal data in clear; NULL = {} */
};
/* In a write transaction, by c->actor. */
MUST_CHECK enum err audit_write(struct ctx *c, const struct audit_act *act);
struct audit_head {
    int64_t seq;      /* 0: no record yet */
    const char *hash; /* 64 hex */
};
MUST_CHECK enum err audit_head(struct ctx *c, struct audit_head *ret_head);

/* A signed head: signature over "dinh-seal-v1\n{node}\n{seq}\n{hash}\n{at_us}\n" by the node's
   member key, 64 bytes in base64url. */
struct audit_seal {
    const char *node; /* "h57" */
    int64_t seq, at_us;
    const char *hash, *signature;
};
/* Signs the head when it moved since the last seal. Write transaction; job, every 10 s. */
MUST_CHECK enum err audit_seal(struct ctx *c);
MUST_CHECK enum err audit_last_seal(struct ctx *c, struct audit_seal *ret_seal); /* seq 0: none */
/* A peer's seal, kept as its witness. Write transaction. ERR_SIGNATURE: not signed by the peer
   that it names; ERR_CHAIN: another hash was witnessed for that record: the peer forked. */
MUST_CHECK enum err audit_witness(struct ctx *c, const struct audit_seal *seal);
/* The newest seal held for a peer; seq 0: none. */
MUST_CHECK enum err audit_witnessed(struct ctx *c, const char *peer, struct audit_seal *ret_seal);
/* Every seal held for a peer, by its node's name, oldest first; fn runs with an arena that ends
   after each page. Read snapshot. */
typedef enum err (*audit_seal_fn)(struct ctx *c, const struct audit_seal *s, void *arg);
MUST_CHECK enum err audit_each_held(struct ctx *c, const char *peer, audit_seal_fn fn, void *arg);
extern const struct shape audit_seal_shape; /* a seal as JSON, to and from a witness */
/* Is the record of this seal of ours still in our chain? ERR_CHAIN: cut, rolled back or changed. */
MUST_CHECK enum err audit_holds(struct ctx *c, const struct audit_seal *seal);

/* The records of one action in their order; fn runs with an arena of its own, which ends after each
   page, and its error stops the walk (given back with the record's number). Read snapshot. */
typedef enum err (*audit_fn)(struct ctx *c, const char *object, const char *detail, void *arg);
MUST_CHECK enum err audit_each(struct ctx *c, const char *action, audit_fn fn, void *arg);

/* A row as the database keeps it, so that the trail can speak for it: 64 hex of the canonical row
   (docs/audit-format.md, section 5). Columns in any order; NULL and empty ones are left out. */
const char *audit_row_sha256(struct arena *a, const char *const *names,
                             const struct db_value *values, size_t n);
/* A column as it was read, for that; type is the column's. */
struct db_value audit_row_value(const struct db_row *r, int column, enum db_type type);
/* The hash of a record: ERR_NOT_FOUND. The first record of an object: 0 when none. Read snapshot.
 */
MUST_CHECK enum err audit_hash_of(struct ctx *c, int64_t seq, const char **ret_hash);
MUST_CHECK enum err audit_first(struct ctx *c, const char *kind, const char *object,
                                int64_t *ret_seq);
/* Is there a record of the object with just this detail? Read snapshot. */
MUST_CHECK enum err audit_says(struct ctx *c, const char *kind, const char *object,
                               const char *detail, bool *ret_yes);
/* Detail of the last record of that action on it; NULL: none. Read snapshot. */
MUST_CHECK enum err audit_last(struct ctx *c, const char *action, const char *kind,
                               const char *object, const char **ret_detail);

/* One thing that doesn't hold, by its kind: "edit", "delete", "insert", "reorder", "swap" (fields
   of two records exchanged), "truncation", "roll-back", "fork"; "rewrite" (a chain made anew after
   it was sealed), "seal", "line" (of access), "tree", "witness". */
struct audit_finding {
    const char *kind, *table;
    int64_t seq, until; /* records of the trail; until: the last of several, else seq */
    int64_t at_us;      /* the record's time, or that of what speaks against it; 0: unknown */
    const char *problem;
};
#define AUDIT_FINDINGS 32
struct audit_report {
    int64_t records, seals, witnessed; /* witnessed: seals and heads kept here for peers */
    int64_t heads;                     /* of our tree, signed */
    int64_t held;                      /* seals and heads of ours at witnesses, compared */
    int64_t chain_us;                  /* what the records took */
    struct audit_finding findings[AUDIT_FINDINGS]; /* the first of them */
    size_t n_findings;                             /* all */
    int64_t bad_seq;                               /* of the first, 0 when none */
    const char *problem;                           /* "" when it holds */
};
/* This node as its peers know it: the key it signs with, and those of core_cert that led to its CA,
   each until its certificate's end; at most AUDIT_OWN_KEYS of these. In c->arena. */
#define AUDIT_OWN_KEYS 64
MUST_CHECK enum err audit_own(struct ctx *c, struct node_peer *ret);
/* The key that signs gives way to that of a certificate (its SHA-256 hex): the record of it, and
   its own certificate kept, by which what it signed stays proved. In a write transaction. */
MUST_CHECK enum err audit_key_ends(struct ctx *c, const char *next_fingerprint);
/* What witnesses hold of this node's trail, as their `dinh verify --witnessed-for` prints it. */
struct tree_head;
struct audit_outside {
    const struct audit_seal *seals;
    const struct tree_head *heads; /* by size */
    size_t n_seals, n_heads;
};
/* Proves the chain, the tree over it, our seals and heads (by certificates that lead to
   node.ca_cert), the access lines that the chain names, what is kept for peers, and all that
   against what witnesses hold; outside may be NULL, and then a cut, rolled back or forked trail may
   look sound. Memory doesn't grow with the trail. Read snapshot. */
MUST_CHECK enum err audit_verify(struct ctx *c, const struct audit_outside *outside,
                                 struct audit_report *ret_report);

#endif
