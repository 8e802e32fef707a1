/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The letter of service audit.witness: the newest seal and the newest head of the tree, with the
 * proof that it goes on from the head the peer holds; the answer shows what the peer holds of us
 * and its own head with its proof. So one message keeps both nodes each other's witness.
 */
#ifndef DINH_ENGINE_EXCHANGE_LETTER_H
#define DINH_ENGINE_EXCHANGE_LETTER_H

#include "core/audit.h"
#include "core/tree.h"
#include "engine/exchange/exchange_private.h"

struct exchange_letter {
    const char *node; /* whose seal and head */
    int64_t seq, at_us;
    const char *hash, *signature; /* of the seal */
    int64_t size, head_at_us;     /* size 0: no head yet */
    const char *root, *key, *head_signature;
    int64_t from; /* the head of ours that the peer holds, as far as we know; 0: none */
    const char
        *proof;    /* that ours goes on from there; "" when it is smaller: we were rolled back */
    int64_t knows; /* the head of the peer's that we hold, 0: none */
};
struct exchange_reply {
    int64_t held, held_at_us; /* the newest head of the writer's that is held */
    const char *held_root, *held_key, *held_signature;
    int64_t size, at_us; /* the answering node's own */
    const char *root, *key, *signature;
    const char *proof; /* from `knows` of the letter */
};
extern const struct shape exchange_letter_shape, exchange_reply_shape;

/* "" when there is nothing to prove. Read snapshot. */
MUST_CHECK enum err exchange_letter_proof(struct ctx *c, int64_t from, int64_t size,
                                          const char **ret_proof);
/* The service. 409: what they sent contradicts what is held; the answer shows that. */
MUST_CHECK enum err exchange_take_letter(struct ctx *c, struct service_call *call);
/* Their answer: our head as they hold it, against our trail; their own, kept. Opens its own
   transactions; contradictions become alerts and lines of the log. */
void exchange_hear_reply(struct ctx *c, const char *peer, int64_t knows,
                         const struct exchange_reply *r);

#endif
