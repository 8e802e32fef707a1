/* SPDX-License-Identifier: Apache-2.0 */
#include "core/matter.h"

#include <string.h>

#include "base/text.h"
#include "core/scope.h"

#define MAX_FINDERS 8
#define MAX_DIGITS  6

static matter_finder finders[MAX_FINDERS];
static size_t n_finders;
static matter_asker asker;

void matter_found_by(matter_finder fn)
{
    for (size_t i = 0; i < n_finders; i++)
        if (finders[i] == fn)
            return;
    ASSERT(n_finders < MAX_FINDERS);
    finders[n_finders++] = fn;
}

bool matter_kind_named(const char *name, enum matter_kind *ret_kind)
{
    static const char *const names[] = {"case", "paper", "none"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (text_eq(names[i], name)) {
            *ret_kind = (enum matter_kind)i;
            return true;
        }
    }
    return false;
}

static bool is_year(const char *text)
{
    return strspn(text, "0123456789") == 4 && text[4] == '/';
}

bool matter_is_paper(const char *text)
{
    size_t n = strspn(text, "0123456789");
    if (n < 1 || n > MAX_DIGITS || text[n] != '/')
        return false;
    const char *symbol = text + n + 1;
    if (is_year(symbol))
        symbol += strlen("2026/");
    const char *hyphen = strchr(symbol, '-');
    return hyphen && hyphen > symbol && hyphen[1] && !strpbrk(symbol, " 0123456789");
}

void matter_asked_by(matter_asker fn)
{
    asker = fn;
}

enum err matter_ask(struct ctx *c, const char *code, enum matter_word *ret_word)
{
    struct matter_case k = {.unit = ""};
    const char *unit = c->actor->unit;
    size_t n = 0;
    while (unit[n] && unit[n] != '.')
        n++;
    const char *agency = arena_text_n(c->arena, unit, n);
    struct scope mine = scope_of_post(c);
    *ret_word = MATTER_UNASKED;
    if (!asker || text_empty(code) || node_carries(c->node, agency) ||
        !node_peer_of(c->node, agency))
        return OK;
    enum err e = asker(c, agency, code, ret_word, &k);
    bool told = *ret_word == MATTER_OPEN || *ret_word == MATTER_ENDED;
    if (!e && told && !scope_allows(&mine, k.unit, ""))
        *ret_word = MATTER_UNKNOWN;
    return e;
}

enum err matter_find(struct ctx *c, const char *code, bool *ret_found, struct matter_case *ret)
{
    *ret_found = false;
    for (size_t i = 0; i < n_finders && !*ret_found; i++) {
        enum err e = finders[i](c, code, ret_found, ret);
        if (e)
            return e;
    }
    return OK;
}

/* What lies here, or what its agency told before. */
static enum err check_known(struct ctx *c, const char *field, const char *code, enum err unknown)
{
    struct scope mine = scope_of_post(c);
    struct matter_case k;
    bool found;
    enum err e = matter_find(c, code, &found, &k);
    if (e)
        return e;
    if (!found || !scope_allows(&mine, k.unit, ""))
        return fail(c, unknown, field, code);
    return k.open ? OK : fail(c, ERR_MATTER_CLOSED, field, code);
}

static enum err check_case(struct ctx *c, const char *field, const char *code,
                           enum matter_word said)
{
    switch (said) {
    case MATTER_OPEN: return OK;
    case MATTER_ENDED: return fail(c, ERR_MATTER_CLOSED, field, code);
    case MATTER_UNKNOWN: return fail(c, ERR_MATTER, field, code);
    case MATTER_UNSAID: return fail(c, ERR_MATTER_AWAY, field, code);
    case MATTER_AWAY: return check_known(c, field, code, ERR_MATTER_AWAY);
    case MATTER_UNASKED: return check_known(c, field, code, ERR_MATTER);
    }
    BUG("word about a matter");
}

enum err matter_check(struct ctx *c, const char *field, enum matter_kind kind, const char *matter,
                      enum matter_word said)
{
    switch (kind) {
    case MATTER_CASE: return check_case(c, field, matter, said);
    case MATTER_PAPER:
        return matter_is_paper(matter) ? OK : fail(c, ERR_MATTER_PAPER, field, matter);
    case MATTER_NONE: return OK;
    }
    BUG("kind of matter");
}
