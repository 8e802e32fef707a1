/* SPDX-License-Identifier: Apache-2.0 */
#include "core/matter.h"

#include <string.h>

#include "base/text.h"
#include "core/scope.h"

#define MAX_FINDERS 8
#define MAX_DIGITS  6

static matter_finder finders[MAX_FINDERS];
static size_t n_finders;

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

static enum err find(struct ctx *c, const char *code, bool *ret_found, struct matter_case *ret)
{
    *ret_found = false;
    for (size_t i = 0; i < n_finders && !*ret_found; i++) {
        enum err e = finders[i](c, code, ret_found, ret);
        if (e)
            return e;
    }
    return OK;
}

static enum err check_case(struct ctx *c, const char *field, const char *code)
{
    struct scope mine = scope_of_post(c);
    struct matter_case k;
    bool found;
    enum err e = find(c, code, &found, &k);
    if (e)
        return e;
    if (!found || !scope_allows(&mine, k.unit, ""))
        return fail(c, ERR_MATTER, field, code);
    return k.open ? OK : fail(c, ERR_MATTER_CLOSED, field, code);
}

enum err matter_check(struct ctx *c, const char *field, enum matter_kind kind, const char *matter)
{
    switch (kind) {
    case MATTER_CASE: return check_case(c, field, matter);
    case MATTER_PAPER:
        return matter_is_paper(matter) ? OK : fail(c, ERR_MATTER_PAPER, field, matter);
    case MATTER_NONE: return OK;
    }
    BUG("kind of matter");
}
