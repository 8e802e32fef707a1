/* SPDX-License-Identifier: Apache-2.0 */
/* Seals: a bare chain doesn't see a cut tail; a signed head held by others does. */
#include <inttypes.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/audit_inside.h"

#define SIGNATURE_TEXT 88
#define SIGNATURE_LEN  64

struct bytes audit_seal_text(struct arena *a, const struct audit_seal *s)
{
    return bytes_of(arena_printf(a, "dinh-seal-v1\n%s\n%" PRId64 "\n%s\n%" PRId64 "\n", s->node,
                                 s->seq, s->hash, s->at_us));
}

bool audit_seal_signed(struct arena *a, const struct audit_seal *s, struct bytes public_point)
{
    struct bytes signature;
    return base64url_decode(a, s->signature, &signature) && signature.len == SIGNATURE_LEN &&
           key_verify(public_point, audit_seal_text(a, s), signature);
}

struct audit_seal audit_seal_row(const struct db_row *r)
{
    return (struct audit_seal){.node = row_text(r, 0),
                               .seq = row_int(r, 1),
                               .hash = row_text(r, 2),
                               .at_us = row_int(r, 3),
                               .signature = row_text(r, 4)};
}

static enum err row_seal(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct audit_seal *)arg = audit_seal_row(r);
    return OK;
}

enum err audit_last_seal(struct ctx *c, struct audit_seal *ret_seal)
{
    bool found;
    struct audit_seal s = {.node = "", .hash = "", .signature = ""};
    enum err e = db_one(c, &found, row_seal, &s,
                        "SELECT node, seq, hash, at_us, signature FROM core_seal"
                        " ORDER BY seq DESC LIMIT 1");
    if (!e)
        *ret_seal = s;
    return e;
}

enum err audit_keep_cert(struct ctx *c, const char **ret_fingerprint)
{
    const char *fingerprint = *ret_fingerprint = cert_fingerprint(c->arena, c->node->sign_cert);
    return db_exec(c, NULL,
                   "INSERT INTO core_cert (fingerprint, pem) VALUES ($1, $2)"
                   " ON CONFLICT (fingerprint) DO NOTHING",
                   P_TEXT(fingerprint), P_TEXT(cert_pem(c->arena, c->node->sign_cert)));
}

bool audit_may_seal(const struct ctx *c)
{
    static _Atomic bool told;
    bool may = cert_check(c->node->sign_cert, c->node->ca_cert, c->now_us);
    if (!may && !atomic_exchange(&told, true))
        log_error("core", "the clock stands outside the time of this node's certificate: nothing"
                          " is sealed until it is right, or a new certificate is there");
    if (may)
        atomic_store(&told, false);
    return may;
}

enum err audit_seal(struct ctx *c)
{
    struct audit_seal last;
    struct audit_head head;
    enum err e = audit_last_seal(c, &last);
    if (!e)
        e = audit_head(c, &head);
    if (e || head.seq == last.seq || !audit_may_seal(c))
        return e;
    struct audit_seal s = {
        .node = c->node->name, .seq = head.seq, .at_us = sys_now_us(), .hash = head.hash};
    struct buf text = buf_new(c->arena, SIGNATURE_TEXT);
    buf_base64url(&text, key_sign(c->arena, c->node->sign_key, audit_seal_text(c->arena, &s)));
    const char *fingerprint;
    e = audit_keep_cert(c, &fingerprint);
    if (e)
        return e;
    return db_exec(c, NULL,
                   "INSERT INTO core_seal (seq, hash, node, at_us, signature, cert)"
                   " VALUES ($1, $2, $3, $4, $5, $6)",
                   P_INT(s.seq), P_TEXT(s.hash), P_TEXT(s.node), P_INT(s.at_us), P_TEXT(text.ptr),
                   P_TEXT(fingerprint));
}

const struct node_peer *audit_peer(const struct node *n, const char *name)
{
    for (size_t i = 0; i < n->n_peers; i++) {
        if (text_eq(n->peers[i].name, name))
            return &n->peers[i];
    }
    return NULL;
}

static bool seal_holds(struct arena *a, struct bytes point, const void *seal)
{
    return audit_seal_signed(a, seal, point);
}

bool audit_seal_by(struct arena *a, const struct audit_seal *s, const struct node_peer *p)
{
    return node_peer_signed(a, p, s->at_us, seal_holds, s);
}

bool audit_seal_of_peer(struct ctx *c, const struct audit_seal *s)
{
    struct sha256 hash;
    const struct node_peer *peer = audit_peer(c->node, s->node);
    return peer && s->seq > 0 && sha256_from_hex(s->hash, &hash) &&
           audit_seal_by(c->arena, s, peer);
}

enum err audit_seals_after(struct ctx *c, const char *peer, int64_t *ret_seq)
{
    return db_int(c, ret_seq,
                  "SELECT COALESCE(MAX(above), 0) FROM core_tree_accept WHERE node = $1",
                  P_TEXT(peer));
}

enum err audit_witness(struct ctx *c, const struct audit_seal *s)
{
    int64_t rows, after;
    if (!audit_seal_of_peer(c, s))
        return fail(c, ERR_SIGNATURE, "seal", s->node);
    enum err e = audit_seals_after(c, s->node, &after);
    if (e || s->seq <= after)
        return e;
    e = db_exec(c, &rows,
                "INSERT INTO core_witness (peer, seq, hash, at_us, signature,"
                " received_us) VALUES ($1, $2, $3, $4, $5, $6)"
                " ON CONFLICT (peer, seq) DO NOTHING",
                P_TEXT(s->node), P_INT(s->seq), P_TEXT(s->hash), P_INT(s->at_us),
                P_TEXT(s->signature), P_INT(c->now_us));
    if (e || rows == 1)
        return e;
    int64_t same;
    e = db_int(c, &same,
               "SELECT COUNT(*) FROM core_witness WHERE peer = $1 AND seq = $2 AND hash = $3",
               P_TEXT(s->node), P_INT(s->seq), P_TEXT(s->hash));
    if (!e && same == 0)
        return fail(c, ERR_CHAIN, s->node, arena_printf(c->arena, "%" PRId64, s->seq));
    return e;
}

enum err audit_witnessed(struct ctx *c, const char *peer, struct audit_seal *ret_seal)
{
    bool found;
    struct audit_seal s = {.node = "", .hash = "", .signature = ""};
    enum err e = db_one(c, &found, row_seal, &s,
                        "SELECT peer, seq, hash, at_us, signature FROM core_witness"
                        " WHERE peer = $1 AND seq > (SELECT COALESCE(MAX(above), 0)"
                        " FROM core_tree_accept WHERE node = $1) ORDER BY seq DESC LIMIT 1",
                        P_TEXT(peer));
    if (!e)
        *ret_seal = s;
    return e;
}

enum err audit_holds(struct ctx *c, const struct audit_seal *s)
{
    int64_t n;
    enum err e = db_int(c, &n, "SELECT COUNT(*) FROM core_audit WHERE seq = $1 AND hash = $2",
                        P_INT(s->seq), P_TEXT(s->hash));
    if (!e && n == 0)
        return fail(c, ERR_CHAIN, s->node, arena_printf(c->arena, "%" PRId64, s->seq));
    return e;
}
