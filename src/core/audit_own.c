/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys are ours: what we signed stays proved after a change of keys. core_cert holds the
   certificates that seals and heads were made under; anybody who writes there may add one, so each
   must be our authority's and bear our number. */
#include "base/buf.h"
#include "base/text.h"
#include "core/audit_inside.h"

struct owns {
    struct node_key *keys;
    size_t n;
};

static const char *point_text(struct ctx *c, const struct cert *x)
{
    struct buf b = buf_new(c->arena, 256);
    buf_base64url(&b, cert_public_point(c->arena, x));
    return b.ptr;
}

bool audit_cert_ours(struct ctx *c, const struct cert *x)
{
    const struct node *n = c->node;
    return (!n->ca_cert || cert_signed_by(x, n->ca_cert)) &&
           text_eq(cert_subject(c->arena, x, "serialNumber"),
                   cert_subject(c->arena, n->sign_cert, "serialNumber"));
}

static enum err read_cert(struct ctx *c, const struct db_row *r, void *arg)
{
    struct owns *o = arg;
    struct cert *x;
    if (cert_parse(c, bytes_of(row_text(r, 0)), &x)) {
        ctx_clear_faults(c);
        return OK; /* told where a seal stands under it */
    }
    if (audit_cert_ours(c, x))
        o->keys[o->n++] = (struct node_key){point_text(c, x), cert_until_us(x)};
    cert_end(x);
    return OK;
}

enum err audit_own(struct ctx *c, struct node_peer *ret)
{
    struct owns o = {ARENA_ARRAY(c->arena, AUDIT_OWN_KEYS, struct node_key), 0};
    enum err e =
        db_each(c, read_cert, &o, "SELECT pem FROM core_cert ORDER BY fingerprint LIMIT $1",
                P_INT(AUDIT_OWN_KEYS));
    if (!e)
        *ret = (struct node_peer){.name = c->node->name,
                                  .sign_point_b64 = point_text(c, c->node->sign_cert),
                                  .keys = o.keys,
                                  .n_keys = o.n};
    return e;
}

enum err audit_key_ends(struct ctx *c, const char *next_fingerprint)
{
    const char *fingerprint;
    enum err e = audit_keep_cert(c, &fingerprint);
    if (e)
        return e;
    const char *detail = arena_printf(c->arena, "{\"before\":\"%s\"}", fingerprint);
    return audit_write(c, &(struct audit_act){"core.key_change", "key", next_fingerprint, detail});
}
