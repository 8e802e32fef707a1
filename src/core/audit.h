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

struct audit_act {
    const char *action;  /* "onestop.accept" */
    const char *kind;    /* of the object: "dossier" */
    const char *object;  /* its id or code */
    const char *detail;  /* JSON of what changed, no personal data in clear; NULL = {} */
};
MUST_CHECK enum err audit_write(struct ctx *c, const struct audit_act *act);
struct audit_head {
    int64_t seq;
    const char *hash; /* 64 hex */
};
MUST_CHECK enum err audit_head(struct ctx *c, struct audit_head *ret_head);
/* Signs the head when it moved since the last seal; job, every 10 s. */
MUST_CHECK enum err audit_seal(struct ctx *c);
/* A peer's seal, kept as its witness. */
MUST_CHECK enum err audit_witness(struct ctx *c, const char *peer, int64_t seq, const char *hash,
                                  const char *signature);
struct audit_report {
    int64_t records, seals, witnessed;
    int64_t bad_seq;     /* first broken record, 0 when none */
    const char *problem; /* "" when it holds */
};
/* Proves chain, seals (signature of node.sign_cert) and witnessed heads. Read snapshot. */
MUST_CHECK enum err audit_verify(struct ctx *c, struct audit_report *ret_report);

#endif
