/* SPDX-License-Identifier: Apache-2.0 */
#include "core/settings.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/reading.h"

#define TEXT_MAX_CHARS   200
#define DETAIL_MAX_BYTES 8192

const struct setting *setting_find(const struct node *n, const char *name)
{
    for (size_t i = 0; i < n_reading_settings; i++)
        if (text_eq(reading_settings[i].name, name))
            return &reading_settings[i];
    for (size_t i = 0; i < n->n_modules; i++) {
        const struct module *m = n->modules[i];
        for (size_t k = 0; k < m->n_settings; k++) {
            if (text_eq(m->settings[k].name, name))
                return &m->settings[k];
        }
    }
    return NULL;
}

struct reading {
    const struct setting *setting;
    const char *value;
};

static enum err row_value(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    ((struct reading *)arg)->value = row_text(r, 0);
    return OK;
}

static enum err read_value(struct ctx *c, void *arg)
{
    struct reading *r = arg;
    bool found;
    r->value = r->setting->fallback;
    return db_one(c, &found, row_value, r, "SELECT value FROM core_setting WHERE name = $1",
                  P_TEXT(r->setting->name));
}

enum err setting_text(struct ctx *c, const char *name, const char **ret_value)
{
    struct reading r = {.setting = setting_find(c->node, name)};
    ASSERT(r.setting != NULL);
    enum err e = c->tx ? read_value(c, &r) : db_read(c, c->node->db, read_value, &r);
    if (!e)
        *ret_value = r.value;
    return e;
}

enum err setting_int(struct ctx *c, const char *name, int64_t *ret_value)
{
    const char *text;
    enum err e = setting_text(c, name, &text);
    if (!e && !text_to_int(text, ret_value))
        return fail(c, ERR_BAD_NUMBER, name, "30");
    return e;
}

static bool allowed(const struct setting *s, const char *value)
{
    int64_t n;
    if (text_eq(s->unit, "text"))
        return (int64_t)text_chars(value) <= (s->max > 0 ? s->max : TEXT_MAX_CHARS);
    return text_to_int(value, &n) && n >= s->min && n <= s->max;
}

static enum err refuse(struct ctx *c, const struct setting *s, const char *value)
{
    return fail(c, ERR_SETTING, s->name, value, arena_printf(c->arena, "%" PRId64, s->min),
                arena_printf(c->arena, "%" PRId64, s->max));
}

enum err setting_change(struct ctx *c, const char *name, const char *value)
{
    const struct setting *s = setting_find(c->node, name);
    if (!s)
        return fail(c, ERR_NOT_FOUND, name);
    if (!allowed(s, value))
        return refuse(c, s, value);
    const char *before;
    enum err e = setting_text(c, name, &before);
    if (!e)
        e = db_exec(c, NULL,
                    "INSERT INTO core_setting (name, value, changed_us) VALUES ($1, $2, $3)"
                    " ON CONFLICT (name) DO UPDATE SET value = $2, changed_us = $3",
                    P_TEXT(name), P_TEXT(value), P_INT(c->now_us));
    if (e)
        return e;
    struct buf detail = buf_new(c->arena, DETAIL_MAX_BYTES);
    buf_text(&detail, "{\"before\":");
    buf_json(&detail, before);
    buf_text(&detail, ",\"after\":");
    buf_json(&detail, value);
    buf_text(&detail, "}");
    return audit_write(c, &(struct audit_act){"core.setting", "setting", name, detail.ptr});
}
