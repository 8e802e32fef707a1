/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "engine/exchange/exchange_private.h"

#define PREFIX "dinh-x1\n"
#define HEAD_TEXT(member, cap)                                                                     \
    SHAPE_TEXT(struct exchange_head, member, TX(exchange_field_head), .max = (cap))
#define ANSWER_TEXT(member, cap)                                                                   \
    SHAPE_TEXT(struct exchange_answer_head, member, TX(exchange_field_head), .max = (cap))

SHAPE(exchange_head_shape, struct exchange_head, HEAD_TEXT(id, 64), HEAD_TEXT(client, 35),
      HEAD_TEXT(member, 35), HEAD_TEXT(service, 80), HEAD_TEXT(purpose, 80), HEAD_TEXT(matter, 80),
      HEAD_TEXT(reader, 200), HEAD_TEXT(reader_unit, 35), HEAD_TEXT(reader_role, 80),
      SHAPE_STRING(struct exchange_head, reader_person, KIND_PIN, TX(exchange_field_head),
                   .flags = F_PERSONAL),
      HEAD_TEXT(body_sha256, 64),
      SHAPE_NUMBER(struct exchange_head, created_us, KIND_TIME, TX(exchange_field_head)));

SHAPE(exchange_answer_head_shape, struct exchange_answer_head, ANSWER_TEXT(id, 64),
      ANSWER_TEXT(request_sha256, 64), ANSWER_TEXT(body_sha256, 64),
      SHAPE_INT(struct exchange_answer_head, status, TX(exchange_field_head), .min = 100,
                .max = 599, .flags = F_REQUIRED),
      SHAPE_NUMBER(struct exchange_answer_head, created_us, KIND_TIME, TX(exchange_field_head)));

static struct bytes signed_bytes(struct ctx *c, const char *head)
{
    return bytes_of(arena_printf(c->arena, PREFIX "%s", head));
}

struct exchange_signed exchange_sign(struct ctx *c, const struct shape *s, const void *head)
{
    struct buf json = buf_new(c->arena, 8192), signature = buf_new(c->arena, 256);
    shape_to_json(&json, s, head);
    ASSERT(!buf_full(&json));
    buf_base64url(&signature, key_sign(c->arena, c->node->sign_key, signed_bytes(c, json.ptr)));
    return (struct exchange_signed){json.ptr, signature.ptr};
}

struct pair {
    struct bytes text, signature;
};

static bool pair_holds(struct arena *a, struct bytes point, const void *what)
{
    const struct pair *p = what;
    (void)a;
    return key_verify(point, p->text, p->signature);
}

static enum err signed_by(struct ctx *c, const struct node_peer *peer, int64_t at_us,
                          const struct exchange_signed *in)
{
    struct pair p = {.text = signed_bytes(c, in->head)};
    return base64url_decode(c->arena, in->signature, &p.signature) &&
                   node_peer_signed(c->arena, peer, at_us, pair_holds, &p)
               ? OK
               : fail(c, ERR_SIGNATURE, "Dinh-Signature");
}

static enum err read_head(struct ctx *c, const struct exchange_signed *in, const struct shape *s,
                          void *ret_head)
{
    if (!shape_from_json(c, s, bytes_of(in->head), ret_head))
        return OK;
    ctx_clear_faults(c);
    return fail(c, ERR_EXCHANGE_HEAD, "Dinh-Head");
}

enum err exchange_check(struct ctx *c, const struct node_peer *peer,
                        const struct exchange_signed *in, const struct shape *s, void *ret_head)
{
    enum err e = signed_by(c, peer, NODE_KEY_STANDS, in);
    return e ? e : read_head(c, in, s, ret_head);
}

enum err exchange_prove(struct ctx *c, const struct node_peer *peer,
                        const struct exchange_signed *in, const struct shape *s, void *ret_head,
                        const int64_t *created_us)
{
    enum err e = read_head(c, in, s, ret_head);
    return e ? e : signed_by(c, peer, *created_us, in);
}
