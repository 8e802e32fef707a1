/* SPDX-License-Identifier: Apache-2.0 */
/* What a request to supplement asks for, item by item (form 02): chosen among the parts of the
   dossier or written, told again wherever the reason is, kept with the case as a list. */
#include <string.h>

#include "base/text.h"
#include "core/say.h"
#include "systems/onestop/onestop_private.h"
#include "systems/onestop/onestop_views.h"
#include "web/json.h"

#define FACT       "supplement_items"
#define FACT_BYTES 65536
#define ROWS       5    /* offered on the page; JSON may send ONESTOP_MAX_ITEMS */
#define WORDS_MAX  2000 /* characters: what the national portal takes */

struct kept {
    struct list items; /* onestop_item */
};
SHAPE(onestop_item_shape, struct onestop_item,
      SHAPE_TEXT(struct onestop_item, name, TX(onestop_item_name), .max = 200),
      SHAPE_TEXT(struct onestop_item, reason, TX(onestop_item_reason), .max = 300,
                 .flags = F_REQUIRED));
SHAPE(onestop_kept_shape, struct kept,
      SHAPE_LIST(struct kept, items, &onestop_item_shape, TX(onestop_items),
                 .max = ONESTOP_MAX_ITEMS));

/* ---- in words ---- */

static const char *label_of(struct ctx *c, const struct procedure *p, const char *name,
                            enum lang lang)
{
    const struct field *f = shape_field(p->form, name);
    const json_t *groups = json_list_of(p->doc, "groups");
    if (text_empty(name))
        return text_get(TX(onestop_item_other), lang);
    for (size_t i = 0; i < json_array_size(groups); i++) {
        const json_t *g = json_array_get(groups, i);
        if (text_eq(json_text_of(g, "name", ""), name))
            return json_text_of(json_object_get(g, "label"), lang == LANG_EN ? "en" : "vi", name);
    }
    return f ? arena_text(c->arena, shape_label(f, lang)) : name;
}

/* "Ảnh giấy chứng sinh: chụp lại; Người cha: ghi đủ họ tên" */
static const char *lines_of(struct ctx *c, const struct procedure *p, const struct list *items)
{
    const struct onestop_item *x = items->items;
    struct buf b = buf_new(c->arena, FACT_BYTES);
    for (size_t i = 0; i < items->n; i++)
        buf_printf(&b, "%s%s: %s", i ? "; " : "", label_of(c, p, x[i].name, LANG_VI), x[i].reason);
    return b.ptr ? b.ptr : "";
}

enum err onestop_words(struct ctx *c, const struct procedure *p, const char *reason,
                       const struct list *items, const char **ret)
{
    const char *lines = lines_of(c, p, items);
    bool both = !text_empty(reason) && !text_empty(lines);
    const char *all = arena_printf(c->arena, "%s%s%s", reason, both ? "; " : "", lines);
    if (text_chars(all) > WORDS_MAX)
        return fail(c, ERR_TOO_LONG, "reason", "2000");
    *ret = all;
    return OK;
}

/* The official's own words: what was told less the list behind them. */
static const char *own_words(struct ctx *c, const char *told, const char *lines)
{
    size_t n = strlen(told), less = strlen(lines);
    if (!less || less > n || !text_eq(told + n - less, lines))
        return told;
    n -= less;
    return arena_text_n(c->arena, told, n > 2 ? n - 2 : 0);
}

/* ---- kept ---- */

enum err onestop_ask(struct ctx *c, const char *code, const struct list *items)
{
    struct kept k = {*items};
    struct buf b = buf_new(c->arena, FACT_BYTES);
    if (items->n)
        shape_to_json(&b, &onestop_kept_shape, &k);
    return casework_fact_set(c, code, FACT, items->n ? b.ptr : "");
}

enum err onestop_asked(struct ctx *c, const struct casework_case *k, enum lang lang,
                       const char **words, struct list *ret)
{
    const struct procedure *p = procedure_find(c, k->procedure);
    const char *json;
    struct kept kept = {{NULL, 0}};
    *ret = (struct list){NULL, 0};
    enum err e = casework_fact(c, k->code, FACT, &json);
    if (!e && !text_empty(json))
        e = shape_restore(c, &onestop_kept_shape, bytes_of(json), &kept);
    if (e)
        return e;
    const struct onestop_item *x = kept.items.items;
    struct onestop_asked *out = ARENA_ARRAY(c->arena, kept.items.n + 1, struct onestop_asked);
    for (size_t i = 0; i < kept.items.n; i++)
        out[i] = (struct onestop_asked){x[i].name, label_of(c, p, x[i].name, lang), x[i].reason};
    *words = own_words(c, *words, lines_of(c, p, &kept.items));
    *ret = (struct list){out, kept.items.n};
    return OK;
}

/* ---- on the page ---- */

/* The parts of a dossier that may be asked for: its files, then its groups. */
static struct list choices_of(struct ctx *c, const struct procedure *p)
{
    const json_t *groups = json_list_of(p->doc, "groups");
    size_t n = 0, most = p->form->n + json_array_size(groups);
    struct choice *x = ARENA_ARRAY(c->arena, most + 1, struct choice);
    for (size_t i = 0; i < p->form->n; i++)
        if (p->form->fields[i].kind == KIND_FILE)
            x[n++].code = p->form->fields[i].name;
    for (size_t i = 0; i < json_array_size(groups); i++)
        x[n++].code = json_text_of(json_array_get(groups, i), "name", "");
    for (size_t i = 0; i < n; i++)
        x[i].label = label_of(c, p, x[i].code, c->lang);
    return (struct list){x, n};
}

void onestop_ask_rows(struct ctx *c, const struct procedure *p, struct onestop_dossier_view *v)
{
    struct onestop_ask_row *rows = ARENA_ARRAY(c->arena, ROWS, struct onestop_ask_row);
    for (size_t i = 0; i < ROWS; i++)
        rows[i] =
            (struct onestop_ask_row){.title = say(c->arena, c->lang, TX(onestop_item_title),
                                                  arena_printf(c->arena, "%zu", i + 1), NULL, NULL),
                                     .name = arena_printf(c->arena, "items.%zu.name", i),
                                     .reason = arena_printf(c->arena, "items.%zu.reason", i)};
    v->ask = (struct list){rows, ROWS};
    v->choices = choices_of(c, p);
}
