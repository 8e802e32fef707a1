/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "web/web_call.h"

#define CSRF_BYTES 32

enum err guard_permission(struct call *k)
{
    const char *p = k->q.route->permission;
    if (strcmp(p, PUBLIC) == 0)
        return OK;
    if (strcmp(p, MACHINE) == 0) /* elsewhere the address doesn't exist */
        return k->q.http->peer_cert.len > 0 ? OK : fail(&k->c, ERR_NOT_FOUND, "");
    if (k->actor.kind == ACTOR_NOBODY)
        return fail(&k->c, ERR_SIGN_IN, "");
    if (strcmp(p, SIGNED_IN) == 0 || actor_can(&k->actor, p))
        return OK;
    return fail(&k->c, ERR_FORBIDDEN, "");
}

/* ---- forged requests ---- */

/* The origin is ours: the one we were told, or the one the browser itself asked for. */
static bool own_origin(const struct call *k, const char *origin)
{
    const char *host = req_header(&k->q, "Host");
    if (text_eq(origin, k->w->o.base_url))
        return true;
    const char *sep = strstr(origin, "://");
    bool same_scheme = sep && strncmp(origin, k->w->o.base_url, (size_t)(sep - origin) + 3) == 0;
    return same_scheme && host && strcasecmp(sep + 3, host) == 0;
}

bool from_our_page(const struct call *k)
{
    const char *site = req_header(&k->q, "Sec-Fetch-Site"), *origin = req_header(&k->q, "Origin");
    return (site && strcmp(site, "same-origin") == 0) || (!site && origin && own_origin(k, origin));
}

static bool token_fits(struct call *k, const char *sent)
{
    struct bytes ours, theirs;
    uint8_t plain[CSRF_BYTES];
    if (text_empty(sent) || strlen(sent) > 200 ||
        !base64url_decode(k->c.arena, k->q.session->csrf, &ours) || ours.len != CSRF_BYTES ||
        !base64url_decode(k->c.arena, sent, &theirs) || theirs.len != 2 * (size_t)CSRF_BYTES)
        return false;
    for (size_t i = 0; i < CSRF_BYTES; i++)
        plain[i] = theirs.ptr[i] ^ theirs.ptr[CSRF_BYTES + i];
    return bytes_equal_secret(ours, (struct bytes){plain, CSRF_BYTES});
}

enum err guard_forgery(struct call *k)
{
    const char *method = k->q.http->method;
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
        (k->q.route->flags & ROUTE_NO_CSRF))
        return OK;
    const char *site = req_header(&k->q, "Sec-Fetch-Site"), *origin = req_header(&k->q, "Origin");
    if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
        return fail(&k->c, ERR_ORIGIN, "");
    if (origin && !own_origin(k, origin))
        return fail(&k->c, ERR_ORIGIN, "");
    if (!k->q.session)
        return OK; /* nothing rides on a cookie */
    const char *sent = req_header(&k->q, "X-CSRF-Token");
    if (!sent)
        sent = pair_value(k->q.form, k->q.n_form, "_csrf");
    return token_fits(k, sent) ? OK : fail(&k->c, ERR_CSRF, "");
}
