/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "web/shape_place.h"

static const char *number_text(struct arena *a, int64_t value)
{
    struct buf b = buf_new(a, 32);
    buf_int(&b, value);
    return b.ptr;
}

const char *shape_typed(struct ctx *c, const struct field *f, const void *object)
{
    switch (f->kind) {
    case KIND_DATE:
    case KIND_PARTIAL_DATE: {
        const char *iso = field_text(f, object);
        return *iso ? date_show(c->arena, iso) : "";
    }
    case KIND_INT:
    case KIND_MONEY: return number_text(c->arena, field_int(f, object));
    case KIND_TIME: return field_int(f, object) ? time_iso(c->arena, field_int(f, object)) : "";
    case KIND_BOOL: return field_int(f, object) ? "1" : "0";
    case KIND_TEXT:
    case KIND_LONG_TEXT:
    case KIND_CODE:
    case KIND_ID:
    case KIND_FILE:
    case KIND_PHONE:
    case KIND_EMAIL:
    case KIND_PIN: return field_text(f, object);
    case KIND_LIST: break;
    }
    BUG("a list has no typed value");
}

static const char *code_shown(struct ctx *c, const struct field *f, const char *code)
{
    const struct catalogues *k = shape_catalogues();
    const char *name = *code && f->catalogue && k ? k->name(c, f->catalogue, code) : NULL;
    return name ? name : code;
}

const char *shape_date_said(const struct field *f, const void *object)
{
    const struct field date = {.kind = KIND_DATE, .offset = f->says_date - 1};
    return f->says_date ? field_text(&date, object) : NULL;
}

/* Words of law stay as they were written, in Vietnamese; a reader of English reads theirs. */
static const char *text_shown(struct ctx *c, const struct field *f, const void *object)
{
    const char *text = field_text(f, object), *iso = shape_date_said(f, object);
    return c->lang == LANG_EN && *text && !text_empty(iso) ? date_words_en(c->arena, iso) : text;
}

const char *shape_shown(struct ctx *c, const struct field *f, const void *object)
{
    int64_t n = kind_is_number(f->kind) ? field_int(f, object) : 0;
    switch (f->kind) {
    case KIND_CODE: return code_shown(c, f, field_text(f, object));
    case KIND_MONEY: return money_show(c->arena, n);
    case KIND_TIME: return n ? time_show(c->arena, n) : "";
    case KIND_BOOL: return text_get(n ? TX_web_yes : TX_web_no, c->lang);
    case KIND_LIST: return number_text(c->arena, (int64_t)field_list(f, object)->n);
    case KIND_TEXT: return text_shown(c, f, object);
    case KIND_LONG_TEXT:
    case KIND_ID:
    case KIND_FILE:
    case KIND_DATE:
    case KIND_PARTIAL_DATE:
    case KIND_PHONE:
    case KIND_EMAIL:
    case KIND_PIN:
    case KIND_INT: break;
    }
    return shape_typed(c, f, object);
}

/* ---- JSON ---- */

static void put_masked(struct buf *b, const struct field *f, const void *object)
{
    if (shape_empty(f, object))
        buf_text(b, "\"\"");
    else if (kind_is_number(f->kind) || f->kind == KIND_LIST)
        buf_text(b, "\"***\"");
    else
        buf_json(b, log_mask(b->arena, field_text(f, object)));
}

static void put_object(struct buf *b, const struct shape *s, const void *object, bool masked);

static void put_list(struct buf *b, const struct field *f, const void *object, bool masked)
{
    const struct list *l = field_list(f, object);
    buf_char(b, '[');
    for (size_t i = 0; i < l->n; i++) {
        if (i > 0)
            buf_char(b, ',');
        put_object(b, f->of, list_item(f, l, i), masked);
    }
    buf_char(b, ']');
}

static void put_number(struct buf *b, const struct field *f, int64_t value)
{
    if (f->kind == KIND_BOOL)
        buf_text(b, value ? "true" : "false");
    else if (f->kind != KIND_TIME)
        buf_int(b, value);
    else
        buf_json(b, value ? time_iso(b->arena, value) : NULL);
}

static void put_value(struct buf *b, const struct field *f, const void *object, bool masked)
{
    if (masked && (f->flags & F_PERSONAL))
        put_masked(b, f, object);
    else if (f->kind == KIND_LIST)
        put_list(b, f, object, masked);
    else if (kind_is_number(f->kind))
        put_number(b, f, field_int(f, object));
    else
        buf_json(b, field_text(f, object));
}

static void put_object(struct buf *b, const struct shape *s, const void *object, bool masked)
{
    bool first = true;
    buf_char(b, '{');
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        if (f->flags & F_SECRET)
            continue;
        if (!first)
            buf_char(b, ',');
        first = false;
        buf_json(b, f->name);
        buf_char(b, ':');
        put_value(b, f, object, masked);
    }
    buf_char(b, '}');
}

void shape_to_json(struct buf *b, const struct shape *s, const void *object)
{
    put_object(b, s, object, false);
}

void shape_to_log(struct buf *b, const struct shape *s, const void *object)
{
    put_object(b, s, object, true);
}
