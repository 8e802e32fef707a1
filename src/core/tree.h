/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Merkle tree (RFC 9162) over the audit chain and its signed heads. Leaf i is the hash of
 * record i + 1; the tree of size n covers records 1 .. n. A head costs what was written since the
 * last and some hundred hashes, never all records: full subtrees of 256^k records are kept
 * (core_tree). Peers hold each other's heads, each proved to go on from the one before: one that
 * doesn't is a fork or a roll-back, and both heads stay as evidence. docs/audit-format.md has the
 * bytes.
 */
#ifndef DINH_CORE_TREE_H
#define DINH_CORE_TREE_H

#include "core/node.h"
#include "crypto/merkle.h"
#include "web/shape.h"

struct tree_head {
    const char *node;
    int64_t size, at_us;   /* size 0: none; at_us: of the transaction that wrote it */
    const char *root;      /* 64 hex */
    const char *key;       /* RFC 7638 thumbprint */
    const char *signature; /* 64 bytes in base64url, over tree_head_text() */
};
extern const struct shape tree_head_shape; /* a head as JSON, as witnesses print it */
#define TREE_NO_HEAD                                                                               \
    (struct tree_head)                                                                             \
    {                                                                                              \
        .node = "", .root = "", .key = "", .signature = ""                                         \
    }
/* "dinh-head-v1\n{node}\n{size}\n{root}\n{at_us}\n{key}\n" */
struct bytes tree_head_text(struct arena *a, const struct tree_head *h);
bool tree_head_signed(struct arena *a, const struct tree_head *h, struct bytes public_point);
/* By a key of p's that stood at its time? */
bool tree_head_by(struct arena *a, const struct tree_head *h, const struct node_peer *p);
/* Signed by the peer it names, as the federation file knows it? */
bool tree_head_of_peer(struct ctx *c, const struct tree_head *h);

/* Signs the tree when it grew, and thins heads older than 35 days to one a day. Job "core.tree",
   every 30 s: opens its own transactions. ret_made: there is a new head. */
MUST_CHECK enum err tree_make(struct ctx *c, bool *ret_made);
MUST_CHECK enum err tree_thin(struct ctx *c); /* these and other nodes' (db/kept.h). Write tx. */
MUST_CHECK enum err tree_newest(struct ctx *c, struct tree_head *ret_head);

struct tree_proof {
    struct sha256 path[MERKLE_PATH_MAX];
    size_t n;
};
/* Up to the size of the newest head; beyond it, or with a subtree changed or gone: ERR_CHAIN. Read
   snapshot. */
MUST_CHECK enum err tree_root(struct ctx *c, int64_t size, struct sha256 *ret_root);
MUST_CHECK enum err tree_inclusion(struct ctx *c, int64_t seq, int64_t size,
                                   struct tree_proof *ret_proof);
MUST_CHECK enum err tree_consistency(struct ctx *c, int64_t from, int64_t size,
                                     struct tree_proof *ret_proof);
/* Hex hashes with a blank between; "" is the empty proof. */
const char *tree_proof_text(struct arena *a, const struct tree_proof *p);
UNTRUSTED MUST_CHECK bool tree_proof_read(struct arena *a, const char *text,
                                          struct tree_proof *ret_proof);

/* "1234 9f3a61c0d2e4b5a7", as papers print a head: its size and 16 digits of its root or more. */
UNTRUSTED MUST_CHECK bool tree_short_read(struct arena *a, const char *text, int64_t *ret_size,
                                          const char **ret_root);

/* ---- other nodes' heads ---- */
enum tree_verdict {
    TREE_TAKEN,       /* kept now, or before */
    TREE_NEED,        /* it was told not knowing the head that is held: prove from that one */
    TREE_FORK,        /* two roots of one size */
    TREE_ROLLED_BACK, /* smaller than the head held, and told knowing that one */
    TREE_UNPROVED     /* the proof from the head held doesn't hold */
};
const char *tree_verdict_name(enum tree_verdict v); /* "fork", "rolled_back", "unproved", "" */
/* A peer's newest head, with the proof that it goes on from its head of size `from`: the largest of
   which the peer knew that it is held, when it told. A smaller head than the one held may be a word
   that came late; it is none when the peer knew. No clock is asked: clocks go back. The last three
   leave both heads as an alert. ERR_SIGNATURE: not signed by the peer it names. Write transaction.
 */
MUST_CHECK enum err tree_take(struct ctx *c, const struct tree_head *h, int64_t from,
                              const char *proof, enum tree_verdict *ret_verdict);
MUST_CHECK enum err tree_held(struct ctx *c, const char *peer, struct tree_head *ret_head);
/* A head of ours that a peer shows: signed by us, yet not in our trail? Then an alert. ret_verdict:
   TREE_TAKEN when it belongs. Write transaction. */
MUST_CHECK enum err tree_shown(struct ctx *c, const char *peer, const struct tree_head *h,
                               enum tree_verdict *ret_verdict);
typedef enum err (*tree_head_fn)(struct ctx *c, const struct tree_head *h, void *arg);
/* Every head held for a peer, oldest first; fn's arena ends after each page. Read snapshot. */
MUST_CHECK enum err tree_each_held(struct ctx *c, const char *peer, tree_head_fn fn, void *arg);

struct tree_alert {
    const char *node, *witness, *kind;
    struct tree_head held, shown; /* shown: the first that contradicted */
    int64_t first_us, last_us, times;
    int64_t settled_us;           /* accepted since it was last raised; 0: it is open */
    const char *account, *reason; /* by whom here and why; "" when the witness accepted */
};
/* The newest first. */
MUST_CHECK enum err tree_alerts(struct ctx *c, struct tree_alert *ret_alerts, size_t max,
                                size_t *ret_n);
/* How many nobody has answered yet; ret_own: of them, about our own trail. */
MUST_CHECK enum err tree_alerts_open(struct ctx *c, int64_t *ret_open, int64_t *ret_own);
/* An administrator accepts a peer's restored past: just the head that an open alert of ours shows
   (size, and 16 hex digits of its root or more). From then on that head is the one held: what comes
   next goes on from it or is an alert again. What was held before, and the alert, stay. Leaves the
   record "core.tree_accept". ERR_TREE_NOT_SHOWN: no open alert shows it. Write transaction. */
struct tree_acceptance {
    const char *node, *root;
    int64_t size;
    const char *account, *reason; /* of this node; why, naming nobody */
};
MUST_CHECK enum err tree_accept(struct ctx *c, const struct tree_acceptance *a);

#endif
