/* SPDX-License-Identifier: Apache-2.0 */
/* What other agencies answer. A refusal is their last word: the case goes on by it, nothing is
   asked again (facts: "đã tồn tại" is final). */
#include "base/log.h"
#include "base/text.h"
#include "engine/identity/identity.h"
#include "systems/onestop/onestop_private.h"
#include "web/json.h"

static bool granted(int status)
{
    return status >= 200 && status < 300;
}

static const char *text_of(struct ctx *c, struct bytes answer, const char *name)
{
    json_t *o;
    if (json_in(c, "answer", answer, &o)) {
        ctx_clear_faults(c);
        return "";
    }
    const char *text = arena_text(c->arena, json_text_of(o, name, ""));
    json_end(o);
    return text;
}

/* A refusal always has a reason in the history: without one the case could not move. */
static const char *reason_of(struct ctx *c, struct bytes answer)
{
    const char *title = text_of(c, answer, "title");
    return text_empty(title) ? text_get(TX(onestop_reply_no_reason), LANG_VI) : title;
}

/* The case may have moved on meanwhile (stopped by an official): then the answer changes nothing.
 */
static enum err move(struct ctx *c, const char *code, const char *action, const char *reason)
{
    struct casework_case k;
    enum err e = casework_act_system(c, code, action, reason, &k);
    if (e != ERR_CASE_STATE)
        return e;
    ctx_clear_faults(c);
    log_warn("onestop", "%s came for %s when it had moved on", action, code);
    return OK;
}

static void act_as_system(struct ctx *c, const char *code)
{
    c->actor = identity_system(c->arena, "onestop", c->node->agency);
    c->purpose = PURPOSE_BIRTH;
    c->matter = code;
}

enum err onestop_pin_answered(struct ctx *c, const char *matter, const char *message_id, int status,
                              struct bytes answer)
{
    (void)message_id;
    act_as_system(c, matter);
    if (!granted(status))
        return move(c, matter, "pin_refused", reason_of(c, answer));
    enum err e = casework_fact_set(c, matter, "pin", text_of(c, answer, "pin"));
    return e ? e : move(c, matter, "pin_assigned", "");
}

/* The card as a paper: the issuer's bytes, untouched. */
static enum err keep_card(struct ctx *c, const char *code, struct bytes answer)
{
    const char *text = text_of(c, answer, "pdf");
    struct bytes pdf;
    bool sound =
        base64url_decode(c->arena, text, &pdf) && text_eq(file_sniff(pdf), "application/pdf");
    if (!sound)
        log_warn("onestop", "the card of %s came without a paper", code);
    return casework_fact_set(c, code, CARD_PDF, sound ? text : "");
}

enum err onestop_card_answered(struct ctx *c, const char *matter, const char *message_id,
                               int status, struct bytes answer)
{
    static const char *const facts[] = {"card_code", "social_number", "valid_from", "valid_to"};
    (void)message_id;
    act_as_system(c, matter);
    if (!granted(status))
        return move(c, matter, "card_refused", reason_of(c, answer));
    enum err e = OK;
    for (size_t i = 0; i < ARRAY_LEN(facts) && !e; i++)
        e = casework_fact_set(c, matter, facts[i], text_of(c, answer, facts[i]));
    if (!e)
        e = keep_card(c, matter, answer);
    return e ? e : move(c, matter, "card_issued", "");
}
