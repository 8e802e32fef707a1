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
   side's word, refusals included. Errors: ERR_EXCHANGE_DOWN (may work later), ERR_EXCHANGE_DENIED,
   ERR_EXCHANGE_UNKNOWN, ERR_SIGNATURE. A member on this node is called in-process, logged alike. */
MUST_CHECK enum err exchange_call(struct ctx *c, const char *member, const char *service,
                                  struct bytes body, int *ret_status, struct bytes *ret_answer);
/* Leaves through the outbox after commit; the reply comes to the module whose reply_handler names
   the service. order_key: messages of one key arrive in order. Write transaction. */
MUST_CHECK enum err exchange_send(struct ctx *c, const char *member, const char *service,
                                  const char *order_key, struct bytes body, const char **ret_id);
/* Who may call what: provider's right, effective at once, audited. Write transaction. */
MUST_CHECK enum err exchange_allow(struct ctx *c, const char *client, const char *member,
                                   const char *service);
MUST_CHECK enum err exchange_deny(struct ctx *c, const char *client, const char *member,
                                  const char *service);
/* The node-to-node listener; address:port of node.exchange_url. */
MUST_CHECK enum err exchange_listen(struct ctx *c);
void exchange_stop(void);
/* The log of both sides: proves each record's signature and pairing. Read snapshot. */
struct exchange_report {
    int64_t messages, bad;
    const char *problem;
};
MUST_CHECK enum err exchange_verify(struct ctx *c, struct exchange_report *ret_report);

#endif
