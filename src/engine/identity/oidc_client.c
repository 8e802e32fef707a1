/* SPDX-License-Identifier: Apache-2.0 */
/* Who a client is that asks without a browser, and how it is refused. */
#include <strings.h>

#include "base/text.h"
#include "engine/identity/oidc_request.h"

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

const struct node_peer *oidc_client(const struct ctx *c, const char *client_id)
{
    for (size_t i = 0; i < c->node->n_peers; i++)
        if (text_eq(c->node->peers[i].agency, client_id))
            return &c->node->peers[i];
    return NULL;
}

enum err oidc_refuse(struct ctx *c, struct req *r, int status, const char *error)
{
    answer_header(r, "Cache-Control", "no-store");
    if (text_eq(error, "invalid_token"))
        answer_header(r, "WWW-Authenticate", "Bearer error=\"invalid_token\", DPoP algs=\"ES256\"");
    if (status == 401 && text_eq(error, "invalid_dpop_proof"))
        answer_header(r, "WWW-Authenticate", "DPoP error=\"invalid_dpop_proof\", algs=\"ES256\"");
    const char *json = arena_printf(c->arena, "{\"error\":\"%s\"}", error);
    return answer_json(c, r, status, bytes_of(json));
}

bool oidc_holder_of(struct ctx *c, const struct req *r, const char *path, const char *token,
                    struct oidc_holder *ret)
{
    const char *proof = req_header(r, "DPoP");
    size_t n = 0;
    *ret = (struct oidc_holder){"", "", 0};
    for (size_t i = 0; i < r->http->n_headers; i++)
        n += strcasecmp(r->http->headers[i].name, "DPoP") == 0;
    return !proof || (n == 1 && oidc_read_dpop(c, proof, r->http->method,
                                               arena_printf(c->arena, "%s%s", c->node->url, path),
                                               token, ret));
}

bool oidc_says_twice(const struct req *r, const char *const *names)
{
    for (; *names; names++) {
        size_t given = 0;
        for (size_t k = 0; k < r->n_form; k++)
            given += text_eq(r->form[k].name, *names);
        if (given > 1)
            return true;
    }
    return false;
}

bool oidc_proves(struct ctx *c, struct req *r, const char *const *paths, struct oidc_assertion *io)
{
    const struct node_peer *peer = oidc_client(c, io->client);
    struct bytes point;
    if (!peer || !text_eq(req_form(r, "client_assertion_type"), ASSERTION_TYPE) ||
        !oidc_key_of(c, peer, req_form(r, "client_assertion"), &point))
        return false;
    for (; *paths; paths++)
        if (oidc_read_assertion(c, req_form(r, "client_assertion"), point,
                                arena_printf(c->arena, "%s%s", c->node->url, *paths), io))
            return true;
    return false;
}
