/* SPDX-License-Identifier: Apache-2.0 */
#include "web/shape_order.h"

#include "base/text.h"
#include "base/time.h"
#include "web/json.h"
#include "web/shape_place.h"

#define MAX_ORDERS 50
#define MAX_YEARS  150
#define TODAY      "today"

static const struct json_member order_members[] = {{"field", JSON_K_TEXT, true},
                                                   {"not_before", JSON_K_TEXT, false},
                                                   {"not_after", JSON_K_TEXT, false},
                                                   {"years", JSON_K_INT, false},
                                                   {"words", JSON_K_OBJECT, true}};
static const struct json_member words_members[] = {{"vi", JSON_K_TEXT, true},
                                                   {"en", JSON_K_TEXT, true}};

/* ---- reading ---- */

static bool is_date(const struct shape *s, const char *name)
{
    const struct field *f = shape_field(s, name);
    return f && (f->kind == KIND_DATE || f->kind == KIND_PARTIAL_DATE);
}

static enum err read_order(struct ctx *c, struct arena *a, const char *file, const char *place,
                           const json_t *o, const struct shape *s, struct date_order *ret)
{
    enum err e = json_members(c, file, place, o, order_members, ARRAY_LEN(order_members));
    const json_t *words = json_object_get(o, "words");
    if (!e)
        e = json_members(c, file, arena_printf(c->arena, "%s.words", place), words, words_members,
                         ARRAY_LEN(words_members));
    if (e)
        return e;
    const char *before = json_text_of(o, "not_before", NULL);
    const char *after = json_text_of(o, "not_after", NULL);
    int64_t years = json_int_of(o, "years", 0);
    if (!before == !after)
        return json_bad(c, file, place, "needs not_before or not_after, one of them");
    *ret = (struct date_order){arena_text(a, json_text_of(o, "field", "")),
                               arena_text(a, before ? before : after),
                               (int)years,
                               !before,
                               {arena_text(a, json_text_of(words, "vi", "")),
                                arena_text(a, json_text_of(words, "en", ""))}};
    if (!is_date(s, ret->field) || (!text_eq(ret->than, TODAY) && !is_date(s, ret->than)))
        return json_bad(c, file, place, "names a field that is no date of the form");
    if (years < -MAX_YEARS || years > MAX_YEARS)
        return json_bad(c, file, place, "years: out of range");
    return OK;
}

enum err shape_with_orders(struct ctx *c, struct arena *a, const char *file, const json_t *list,
                           const struct shape *s, const struct shape **ret_shape)
{
    size_t n = json_array_size(list);
    *ret_shape = s;
    if (!list)
        return OK;
    if (!json_is_array(list) || n > MAX_ORDERS)
        return json_bad(c, file, "orders", "not a list of at most 50");
    struct date_order *rows = ARENA_ARRAY(a, n + 1, struct date_order);
    for (size_t i = 0; i < n; i++) {
        const char *place = arena_printf(c->arena, "orders[%zu]", i);
        enum err e = read_order(c, a, file, place, json_array_get(list, i), s, &rows[i]);
        if (e)
            return e;
    }
    struct date_orders *orders = ARENA_NEW(a, struct date_orders);
    *orders = (struct date_orders){rows, n};
    struct shape *whole = ARENA_NEW(a, struct shape);
    *whole = *s;
    whole->orders = orders;
    *ret_shape = whole;
    return OK;
}

/* ---- holding ---- */

static int years_on(int day, int years)
{
    struct civil t = civil_from_us((int64_t)day * DAY_US, 0);
    int y = t.year + years;
    return day_from_civil(y, t.month, date_is_real(y, t.month, t.day) ? t.day : 28);
}

/* First and last day of what stands there; false: nothing to go by. */
static bool days_in(struct ctx *c, const struct shape *s, const char *name, const void *object,
                    int *ret_first, int *ret_last)
{
    if (text_eq(name, TODAY)) {
        *ret_first = *ret_last = local_day(c->now_us);
        return true;
    }
    const struct field *f = shape_field(s, name);
    if (!shape_visible(s, f, object) || shape_empty(f, object) || ctx_fault_of(c, name))
        return false;
    days_of_date(field_text(f, object), ret_first, ret_last);
    return true;
}

static bool broken(struct ctx *c, const struct shape *s, const struct date_order *o,
                   const void *object)
{
    int first = 0, last = 0, from = 0, until = 0;
    if (!days_in(c, s, o->field, object, &first, &last) ||
        !days_in(c, s, o->than, object, &from, &until))
        return false;
    return o->after ? first > years_on(until, o->years) : last < years_on(from, o->years);
}

enum err shape_check_orders(struct ctx *c, const struct shape *s, const void *object)
{
    const struct shape *whole = s->whole ? s->whole : s;
    enum err first = OK;
    for (size_t i = 0; whole->orders && i < whole->orders->n; i++) {
        const struct date_order *o = &whole->orders->rows[i];
        if (!shape_field(s, o->field) || !broken(c, whole, o, object))
            continue;
        enum err e = fail(c, ERR_DATE_ORDER, o->field, o->words[c->lang]);
        first = first ? first : e;
    }
    return first;
}
