/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals: told as problems (RFC 9457), read back, and told apart: for good, or for now. */
#include "base/text.h"
#include "core/say.h"
#include "engine/exchange/exchange_private.h"
#include "web/json.h"

#define PROBLEM_MAX (16 * 1024)

struct bytes exchange_problem(struct ctx *c, enum err e)
{
    static const struct fault none = {.field = ""};
    const struct err_row *row = err_row(e);
    const struct fault *f = c->n_faults ? &c->faults[0] : &none;
    struct buf b = buf_new(c->arena, PROBLEM_MAX);
    buf_printf(&b, "{\"status\":%d,\"code\":\"%s\",\"title\":", row->status, row->name);
    buf_json(&b, say(c->arena, LANG_VI, (enum text)row->text, f->field, f->args[0],
                     f->args[0] ? f->args[1] : NULL));
    buf_text(&b, ",\"field\":");
    buf_json(&b, f->field);
    buf_text(&b, ",\"detail\":");
    buf_json(&b, f->args[0] ? f->args[0] : "");
    buf_text(&b, "}");
    return buf_bytes(&b);
}

/* What a node of ours says by code; a code we don't know may be a fault that passes. */
enum err exchange_refusal(struct ctx *c, int status, struct bytes problem)
{
    static const enum err known[][2] = {
        {ERR_EXCHANGE_DENIED, ERR_EXCHANGE_DENIED},   {ERR_EXCHANGE_EXPIRED, ERR_EXCHANGE_EXPIRED},
        {ERR_EXCHANGE_REPLAY, ERR_EXCHANGE_REFUSED},  {ERR_EXCHANGE_HEAD, ERR_EXCHANGE_REFUSED},
        {ERR_EXCHANGE_UNKNOWN, ERR_EXCHANGE_REFUSED}, {ERR_SIGNATURE, ERR_EXCHANGE_REFUSED},
        {ERR_BODY_TOO_LARGE, ERR_EXCHANGE_REFUSED},
    };
    enum err found =
        status == err_row(ERR_BODY_TOO_LARGE)->status ? ERR_EXCHANGE_REFUSED : ERR_EXCHANGE_DOWN;
    json_t *o;
    size_t before = c->n_faults;
    if (json_in(c, "problem", problem, &o)) {
        c->n_faults = before;
        return found;
    }
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (text_eq(json_text_of(o, "code", ""), err_row(known[i][0])->name))
            found = known[i][1];
    json_end(o);
    return found;
}

bool exchange_is_final(enum err e)
{
    return e == ERR_EXCHANGE_DENIED || e == ERR_EXCHANGE_UNKNOWN || e == ERR_EXCHANGE_REFUSED ||
           e == ERR_BODY_TOO_LARGE;
}

bool exchange_is_away(enum err e)
{
    return e == ERR_EXCHANGE_DOWN || e == ERR_EXCHANGE_EXPIRED || e == ERR_SIGNATURE ||
           exchange_is_final(e);
}
