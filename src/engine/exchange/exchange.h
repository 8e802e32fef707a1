/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said: messages between agencies, signed by the member, logged durably on both sides,
 * delivered once. Systems of an agency speak the X-Road REST message protocol to their own node
 * (/r1/{instance}/{class}/{member}/{subsystem}/{service}, X-Road-Client); nodes speak to each other
 * over kept-alive mutual TLS 1.3. Rights are the provider's, denied by default. Law: NĐ 47/2020,
 * NĐ 09/2019, QĐ 28/2018/QĐ-TTg; X-Road Message Protocol for REST.
 */
#ifndef DINH_ENGINE_EXCHANGE_H
#define DINH_ENGINE_EXCHANGE_H

#include "core/module.h"

extern const struct module exchange_module;

/* Asks member's service and waits (prepare steps and jobs; never in a transaction). c->actor's
   agency is the client, c->purpose and c->matter travel along. OK: status and answer are the other
   side's word, refusals included. Errors: ERR_EXCHANGE_DOWN, ERR_EXCHANGE_EXPIRED (our clocks
   differ) and ERR_SIGNATURE (of the answer) may work later; ERR_EXCHANGE_DENIED,
   ERR_EXCHANGE_UNKNOWN, ERR_EXCHANGE_REFUSED and ERR_BODY_TOO_LARGE don't. A member on this node is
   called in-process, logged alike. */
MUST_CHECK enum err exchange_call(struct ctx *c, const char *member, const char *service,
                                  struct bytes body, int *ret_status, struct bytes *ret_answer);
/* One of those: the other side's silence or refusal, not a fault of this node. */
bool exchange_is_away(enum err e);
/* Leaves through the outbox after commit; the reply comes to the module whose reply_handler names
   the service. order_key: messages of one key arrive in order. A body over 8 MiB is refused at once
   (ERR_BODY_TOO_LARGE). What the other side refuses for good comes to the reply_handler as well, as
   a status from 400 with a problem. Write transaction. */
MUST_CHECK enum err exchange_send(struct ctx *c, const char *member, const char *service,
                                  const char *order_key, struct bytes body, const char **ret_id);
/* Who may call what: provider's right, effective at once, audited. Write transaction. */
MUST_CHECK enum err exchange_allow(struct ctx *c, const char *client, const char *member,
                                   const char *service);
MUST_CHECK enum err exchange_deny(struct ctx *c, const char *client, const char *member,
                                  const char *service);
/* An information system of a member of this node, known by its TLS certificate (PEM or DER), may
   ask in the member's name over /r1/. Audited, in force at once. Write transaction. ERR_BAD_CODE:
   no member of this node; ERR_CERT_BAD; ERR_NOT_FOUND: it wasn't registered. */
MUST_CHECK enum err exchange_system_add(struct ctx *c, const char *client, const char *name,
                                        struct bytes cert);
MUST_CHECK enum err exchange_system_end(struct ctx *c, const char *client, struct bytes cert);
/* The node-to-node listener; address:port of node.exchange_url. */
MUST_CHECK enum err exchange_listen(struct ctx *c);
MUST_CHECK enum err exchange_open(struct ctx *c); /* until then its callers wait */
void exchange_stop(void);
/* The log of both sides: proves each record's signatures and pairing, and that each message the
   audit trail calls answered is there with that answer. Read snapshot. */
struct exchange_report {
    int64_t messages, bad;
    const char *problem; /* the first, with its message id; "" when all holds */
};
MUST_CHECK enum err exchange_verify(struct ctx *c, struct exchange_report *ret_report);

#endif
