/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Outside effects leave only through here, after commit: put in the transaction that decided them,
 * sent by a job, with an idempotency key, retried with growing pauses (5 s to 1 h) for 7 days,
 * visible and resendable. The other side's business refusal is an answer, never retried.
 */
#ifndef DINH_CORE_OUTBOX_H
#define DINH_CORE_OUTBOX_H

#include "core/node.h"

enum outbox_state { OUTBOX_WAITING, OUTBOX_DONE, OUTBOX_REFUSED, OUTBOX_DEAD };
struct outbox_item {
    const char *id;      /* also the message id and idempotency key */
    const char *channel; /* "exchange" */
    const char
        *from; /* agency in whose name it leaves; NULL at put: the actor's unit or the node's */
    const char *to;   /* agency code */
    const char *what; /* service code */
    const char *matter, *purpose;
    const char *order_key; /* items of one key go in order; "" = none. Usually the matter. */
    struct bytes body;
    int64_t attempts, next_try_us, created_us;
    enum outbox_state state;
    int64_t status;         /* of the answer; 0 before */
    const char *last_error; /* "ERR_NET_CONNECT"; "" when none */
};
/* body may hold personal data: it is sealed while it waits and dropped once it was answered.
   id may be NULL: made. ret_id may be NULL. In a write transaction. Wakes the sender. */
MUST_CHECK enum err outbox_put(struct ctx *c, const struct outbox_item *item, const char **ret_id);
/* The sender of a channel; called by the job outside any transaction, as the system actor of
   item->from, with the item's purpose and matter. OK with status and answer: delivered (DONE below
   400, else REFUSED); an error: try again later. The same item may be sent again after a crash: the
   receiver knows it by its id. */
typedef enum err (*outbox_send)(struct ctx *c, const struct outbox_item *item, int *ret_status,
                                struct bytes *ret_answer);
/* Called in the write transaction that marks the item answered. An error leaves the item waiting.
 */
typedef enum err (*outbox_answered)(struct ctx *c, const struct outbox_item *item, int status,
                                    struct bytes answer);
/* At start, before the job thread; a name that exists is replaced. */
void outbox_channel(const char *channel, outbox_send send, outbox_answered answered);
MUST_CHECK enum err outbox_run(struct ctx *c); /* one round: all that is due; the job calls it */
/* At once, after a mend: a waiting or dead item; else ERR_NOT_FOUND. Audited. Write transaction. */
MUST_CHECK enum err outbox_resend(struct ctx *c, const char *id);
/* Newest first, keyset: before_id "" for the first page; at most 50; bodies stay closed. */
MUST_CHECK enum err outbox_list(struct ctx *c, enum outbox_state state, const char *before_id,
                                struct outbox_item *ret_items, size_t max, size_t *ret_n);

#endif
