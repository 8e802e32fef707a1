/* SPDX-License-Identifier: Apache-2.0 */
/* A case named as the reason to read, whose agency's cases lie with another node: that node is
   asked, and its signed word stands in both message logs. */
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "engine/exchange/exchange_private.h"
#include "web/json.h"

static const char *const words[] = {
    [MATTER_OPEN] = "open", [MATTER_ENDED] = "ended", [MATTER_UNKNOWN] = "unknown"};

/* ---- asked ---- */

static bool is_below(const char *agency, const char *unit)
{
    size_t n = strlen(agency);
    return strncmp(agency, unit, n) == 0 && (!unit[n] || unit[n] == '.');
}

/* Only cases that the asked member itself works on; those of others are theirs to tell. */
enum err exchange_tell_matter(struct ctx *c, struct service_call *call)
{
    struct matter_case k = {.unit = ""};
    json_t *in;
    bool found = false;
    enum err e = json_in(c, EXCHANGE_MATTER, call->body, &in);
    if (e)
        return e;
    const char *code = arena_text(c->arena, json_text_of(in, "code", ""));
    json_end(in);
    e = matter_find(c, code, &found, &k);
    if (e)
        return e;
    bool ours = found && is_below(call->member, k.unit);
    struct buf b = buf_new(c->arena, 1024);
    buf_printf(&b, "{\"word\":\"%s\",\"unit\":",
               words[!ours    ? MATTER_UNKNOWN
                     : k.open ? MATTER_OPEN
                              : MATTER_ENDED]);
    buf_json(&b, ours ? k.unit : "");
    buf_char(&b, '}');
    call->answer = buf_bytes(&b);
    return OK;
}

/* ---- asking ---- */

static bool read_word(struct ctx *c, struct bytes answer, enum matter_word *ret_word,
                      struct matter_case *ret)
{
    json_t *o;
    if (json_in(c, EXCHANGE_MATTER, answer, &o))
        return false;
    const char *word = json_text_of(o, "word", "");
    bool known = false;
    for (size_t i = MATTER_OPEN; i < ARRAY_LEN(words); i++) {
        if (text_eq(words[i], word)) {
            *ret_word = (enum matter_word)i;
            known = true;
        }
    }
    ret->unit = arena_text(c->arena, json_text_of(o, "unit", ""));
    ret->open = *ret_word == MATTER_OPEN;
    json_end(o);
    return known;
}

/* Their silence and their refusal are words too; only a fault of this node is an error. */
enum err exchange_ask_matter(struct ctx *c, const char *agency, const char *code,
                             enum matter_word *ret_word, struct matter_case *ret)
{
    struct buf b = buf_new(c->arena, 4096);
    struct bytes answer = {0};
    const char *before = c->matter;
    int status = 0;
    buf_text(&b, "{\"code\":");
    buf_json(&b, code);
    buf_char(&b, '}');
    c->matter = code;
    enum err e = exchange_call(c, agency, EXCHANGE_MATTER, buf_bytes(&b), &status, &answer);
    c->matter = before;
    if (e && !exchange_is_away(e))
        return e;
    *ret_word = e == ERR_EXCHANGE_DOWN || e == ERR_EXCHANGE_EXPIRED ? MATTER_AWAY : MATTER_UNSAID;
    if (!e && status == 200 && !read_word(c, answer, ret_word, ret))
        *ret_word = MATTER_UNSAID;
    if (*ret_word == MATTER_AWAY || *ret_word == MATTER_UNSAID)
        log_warn("exchange", "a case of %s isn't confirmed: %s, %d", agency,
                 e ? err_row(e)->name : "answered", status);
    ctx_clear_faults(c);
    return OK;
}
