/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "base/time.h"
#include "web/shape_place.h"

#define MAX_MONEY INT64_C(1000000000000000000)

static size_t most_chars(const struct field *f)
{
    if (f->max > 0 && (f->kind == KIND_TEXT || f->kind == KIND_LONG_TEXT || f->kind == KIND_CODE ||
                       f->kind == KIND_EMAIL))
        return (size_t)f->max;
    switch (f->kind) {
    case KIND_LONG_TEXT: return 10000;
    case KIND_TEXT: return 300;
    case KIND_EMAIL: return 254; /* RFC 5321 section 4.5.3.1 */
    case KIND_CODE:
    case KIND_ID:
    case KIND_FILE:
    case KIND_DATE:
    case KIND_PARTIAL_DATE:
    case KIND_PHONE:
    case KIND_PIN:
    case KIND_INT:
    case KIND_MONEY:
    case KIND_TIME:
    case KIND_BOOL: return 100;
    case KIND_LIST: break;
    }
    BUG("a list has no raw value");
}

/* The text without the characters of drop; blanks that aren't ASCII go with ' '. */
static char *without(struct arena *a, const char *text, const char *drop)
{
    char *out = arena_text(a, text);
    size_t n = 0;
    for (const char *at = text; *at; at++) {
        if (strncmp(at, "\xc2\xa0", 2) == 0) { /* no-break space */
            at += 1;
        } else if (strncmp(at, "\xe2\x80\xaf", 3) == 0) { /* narrow no-break space */
            at += 2;
        } else if (!strchr(drop, *at)) {
            out[n++] = *at;
        }
    }
    out[n] = 0;
    return out;
}

static bool all_digits(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == 0;
}

static char *one_line(struct arena *a, const char *text)
{
    char *out = arena_text(a, text);
    size_t n = 0;
    for (const char *at = text; *at; at++) {
        char ch = *at == '\n' || *at == '\t' ? ' ' : *at;
        if (ch != ' ' || (n > 0 && out[n - 1] != ' '))
            out[n++] = ch;
    }
    out[n] = 0;
    return out;
}

static enum err set_text(struct ctx *c, const struct field *f, void *object, const char *text)
{
    const char *kept = f->kind == KIND_LONG_TEXT ? text : one_line(c->arena, text);
    if (f->min > 0 && *kept && (int64_t)text_chars(kept) < f->min)
        return fail(c, ERR_TOO_SHORT, f->name, arena_printf(c->arena, "%d", (int)f->min));
    if ((f->flags & F_NAME) && *kept && !text_is_name(kept))
        return fail(c, ERR_NOT_A_NAME, f->name);
    *text_place(f, object) = kept;
    return OK;
}

static enum err set_code(struct ctx *c, const struct field *f, void *object, const char *text)
{
    const struct catalogues *k = shape_catalogues();
    if (*text && f->catalogue && k && !k->name(c, f->catalogue, text)) {
        const char *code = k->find ? k->find(c, f->catalogue, f->unit_level, text) : NULL;
        if (!code)
            return fail(c, ERR_BAD_CODE, f->name, text);
        text = code;
    }
    *text_place(f, object) = text;
    return OK;
}

static enum err set_id(struct ctx *c, const struct field *f, void *object, const char *text)
{
    if (*text && !id_is(text))
        return fail(c, ERR_BAD_CODE, f->name, text);
    *text_place(f, object) = text;
    return OK;
}

void days_of_date(const char *iso, int *ret_first, int *ret_last)
{
    int y = 0, m = 0, d = 0;
    int n = sscanf(iso, "%4d-%2d-%2d", &y, &m, &d);
    if (n == 3) {
        *ret_first = *ret_last = day_from_civil(y, m, d);
    } else if (n == 2) {
        *ret_first = day_from_civil(y, m, 1);
        *ret_last = (m == 12 ? day_from_civil(y + 1, 1, 1) : day_from_civil(y, m + 1, 1)) - 1;
    } else {
        *ret_first = day_from_civil(y, 1, 1);
        *ret_last = day_from_civil(y, 12, 31);
    }
}

static enum err check_days(struct ctx *c, const struct field *f, const char *iso)
{
    int first = 0, last = 0;
    days_of_date(iso, &first, &last);
    bool today = f->max == SHAPE_TODAY;
    int64_t max = today ? local_day(c->now_us) : f->max;
    if (today && first > max)
        return fail(c, ERR_FUTURE, f->name, day_show(c->arena, (int)max));
    if ((f->max != 0 && first > max) || (f->min != 0 && last < f->min))
        return fail(c, ERR_OUT_OF_RANGE, f->name,
                    day_show(c->arena, f->min ? (int)f->min : day_from_civil(1850, 1, 1)),
                    day_show(c->arena, f->max ? (int)max : day_from_civil(2200, 12, 31)));
    return OK;
}

static enum err set_date(struct ctx *c, const struct field *f, void *object, const char *text)
{
    const char *iso = "";
    enum err e = OK;
    if (*text)
        e = date_parse(c, f->name, text, f->kind == KIND_PARTIAL_DATE, &iso);
    if (!e && *iso)
        e = check_days(c, f, iso);
    if (!e)
        *text_place(f, object) = iso;
    return e;
}

/* Vietnamese numbers to their form with 0 in front, others to E.164 with +. */
static enum err set_phone(struct ctx *c, const struct field *f, void *object, const char *text)
{
    const char *t = without(c->arena, text, " .-()/");
    if (text_starts(t, "+84"))
        t = arena_printf(c->arena, "0%s", t + (t[3] == '0' ? 4 : 3));
    else if (text_starts(t, "0084"))
        t = arena_printf(c->arena, "0%s", t + 4);
    else if (text_starts(t, "84") && strlen(t) == 11)
        t = arena_printf(c->arena, "0%s", t + 2);
    size_t n = strlen(t);
    bool home = t[0] == '0' && t[1] != '0' && all_digits(t) && (n == 10 || n == 11);
    bool abroad = t[0] == '+' && all_digits(t + 1) && n >= 8 && n <= 16;
    if (*text && !home && !abroad)
        return fail(c, ERR_BAD_PHONE, f->name);
    *text_place(f, object) = t;
    return OK;
}

static bool is_email(const char *text)
{
    const char *at = strrchr(text, '@');
    if (!at || at == text || at - text > 64 || strpbrk(text, " ,;:<>()[]\\\"\n\t"))
        return false;
    const char *host = at + 1, *dot = strrchr(host, '.');
    if (memchr(text, '@', (size_t)(at - text)) || !dot || dot == host || !dot[1] || !dot[2])
        return false;
    return host[0] != '-' && host[0] != '.' && !strstr(text, "..");
}

static enum err set_email(struct ctx *c, const struct field *f, void *object, const char *text)
{
    char *kept = arena_text(c->arena, text);
    if (*text && !is_email(text))
        return fail(c, ERR_BAD_EMAIL, f->name);
    for (char *at = strchr(kept, '@'); at && *at; at++)
        *at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
    *text_place(f, object) = kept;
    return OK;
}

static enum err set_pin(struct ctx *c, const struct field *f, void *object, const char *text)
{
    const char *t = without(c->arena, text, " .-");
    if (*text && !text_matches_digits(t, 12))
        return fail(c, ERR_BAD_PIN, f->name);
    *text_place(f, object) = t;
    return OK;
}

/* ---- numbers ---- */

/* "1.250.000", "1,250,000", "1250000"; a separator must stand before each three digits. */
static bool ungroup(char *text)
{
    char *digits = text + (*text == '-' || *text == '+');
    size_t group = strcspn(digits, ".,"), n = group;
    char sep = digits[group];
    if (sep && (group == 0 || group > 3))
        return false;
    for (char *at = digits + group; *at; at += 4) {
        if (*at != sep || strspn(at + 1, "0123456789") < 3)
            return false;
        memmove(digits + n, at + 1, 3);
        n += 3;
    }
    digits[n] = 0;
    return true;
}

static const char *without_currency(struct arena *a, const char *text)
{
    static const char *const names[] = {"₫", "đồng", "đ", "VNĐ", "VND", "vnđ", "vnd", "Đ"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (text_ends(text, names[i]))
            return arena_text_n(a, text, strlen(text) - strlen(names[i]));
    }
    return text;
}

static enum err range_fault(struct ctx *c, const struct field *f, int64_t min, int64_t max)
{
    if (f->kind == KIND_MONEY)
        return fail(c, ERR_OUT_OF_RANGE, f->name, money_show(c->arena, min),
                    money_show(c->arena, max));
    struct buf a = buf_new(c->arena, 32), b = buf_new(c->arena, 32);
    buf_int(&a, min);
    buf_int(&b, max);
    return fail(c, ERR_OUT_OF_RANGE, f->name, a.ptr, b.ptr);
}

static const char *example_of(struct ctx *c, const struct field *f)
{
    if (f->kind == KIND_MONEY)
        return "1250000";
    return arena_printf(c->arena, "%lld", (long long)(f->min > 2 ? f->min : 2));
}

static enum err set_number(struct ctx *c, const struct field *f, void *object, const char *text)
{
    int64_t value = 0, max = f->max ? f->max : f->kind == KIND_MONEY ? MAX_MONEY : INT64_MAX;
    char *t = without(c->arena, text, " ");
    if (f->kind == KIND_MONEY)
        t = arena_text(c->arena, without_currency(c->arena, t));
    if (*text && (!ungroup(t) || !text_to_int(*t == '+' ? t + 1 : t, &value)))
        return fail(c, ERR_BAD_NUMBER, f->name, example_of(c, f));
    if (*text && (value < f->min || value > max))
        return range_fault(c, f, f->min, max);
    *int_place(f, object) = value;
    return OK;
}

static enum err set_time(struct ctx *c, const struct field *f, void *object, const char *text)
{
    int64_t us = 0;
    if (strlen(text) == 16 && text[10] == 'T') /* a browser's datetime-local: Viet Nam's time */
        text = arena_printf(c->arena, "%s:00+07:00", text);
    enum err e = *text ? time_parse(c, f->name, text, &us) : OK;
    if (!e)
        *int_place(f, object) = us;
    return e;
}

static enum err set_bool(struct ctx *c, const struct field *f, void *object, const char *text)
{
    static const char *const yes[] = {"1", "true", "on", "yes", "co"};
    static const char *const no[] = {"0", "false", "off", "no", "khong", ""};
    const char *t = text_fold(c->arena, text);
    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        if (text_eq(t, yes[i])) {
            *int_place(f, object) = 1;
            return OK;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(no); i++) {
        if (text_eq(t, no[i])) {
            *int_place(f, object) = 0;
            return OK;
        }
    }
    return fail(c, ERR_BAD_CODE, f->name, text);
}

enum err shape_set_raw(struct ctx *c, const struct field *f, void *object, struct bytes raw)
{
    const char *text = "";
    if (f->kind == KIND_LIST)
        return fail(c, ERR_WRONG_KIND, f->name, "array");
    enum err e = text_clean(c, f->name, raw, most_chars(f), &text);
    if (e)
        return e;
    switch (f->kind) {
    case KIND_TEXT:
    case KIND_LONG_TEXT: return set_text(c, f, object, text);
    case KIND_CODE: return set_code(c, f, object, text);
    case KIND_ID:
    case KIND_FILE: return set_id(c, f, object, text);
    case KIND_DATE:
    case KIND_PARTIAL_DATE: return set_date(c, f, object, text);
    case KIND_PHONE: return set_phone(c, f, object, text);
    case KIND_EMAIL: return set_email(c, f, object, text);
    case KIND_PIN: return set_pin(c, f, object, text);
    case KIND_INT:
    case KIND_MONEY: return set_number(c, f, object, text);
    case KIND_TIME: return set_time(c, f, object, text);
    case KIND_BOOL: return set_bool(c, f, object, text);
    case KIND_LIST: break;
    }
    BUG("kind");
}
