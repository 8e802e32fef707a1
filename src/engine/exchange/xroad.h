/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The X-Road Message Protocol for REST between an agency's own system and its node: POST
 * /r1/{instance}/GOV/{member}/{subsystem}/{service} with X-Road-Client. Our service code is
 * "subsystem.service". Between the files of this folder only.
 */
#ifndef DINH_ENGINE_EXCHANGE_XROAD_H
#define DINH_ENGINE_EXCHANGE_XROAD_H

#include "engine/exchange/exchange_private.h"

#define XROAD_PREFIX "/r1/"
#define XROAD_CLASS  "GOV"

struct xroad_id { /* case-sensitive; letters, digits and '()+,-.=?_ only */
    const char *instance, *member_class, *member, *subsystem, *service;
};
/* The raw path into its five codes, each decoded once and canonical: an encoded slash, "..", an
   overlong form, a control, an empty code are false. rest: what follows the service, "" or with its
   slash, not decoded. */
UNTRUSTED MUST_CHECK bool xroad_path(struct arena *a, const char *raw, struct xroad_id *ret_id,
                                     const char **ret_rest);
/* Instance, class, member and perhaps a subsystem (else ""). */
UNTRUSTED MUST_CHECK bool xroad_client(struct arena *a, const char *value, struct xroad_id *ret_id);
/* [class/]member of a represented party. */
UNTRUSTED MUST_CHECK bool xroad_party(struct arena *a, const char *value);
/* Base64 of SHA-512 over the request as the protocol serializes it, then over that and the body's
   hash. id NULL: the consumer sent its own. */
const char *xroad_request_hash(struct arena *a, const struct http_request *r,
                               const char *request_id, const char *id);

/* A request of /r1/ on the listener: refused here when its path isn't canonical or it is no POST,
   else to web. */
void xroad_take(struct ctx *c, struct http_request *r);
MUST_CHECK enum err xroad_route(struct ctx *c, struct req *r); /* the prepare step of /r1/ */
/* exchange_system.c: may the holder of this certificate (DER) ask for the member? Read snapshot. */
MUST_CHECK enum err exchange_system_may(struct ctx *c, const char *client, struct bytes cert,
                                        bool *ret_may);

#endif
