/* SPDX-License-Identifier: Apache-2.0 */
#include "app/story_html.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"

static const struct {
    const char *entity;
    char ch;
} entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};

char *html_text(struct arena *a, const char *ptr, size_t len)
{
    struct buf b = buf_new(a, len + 1);
    for (size_t i = 0; i < len;) {
        size_t k = 0, n = 0;
        for (; k < ARRAY_LEN(entities); k++) {
            n = strlen(entities[k].entity);
            if (i + n <= len && strncmp(ptr + i, entities[k].entity, n) == 0)
                break;
        }
        bool known = k < ARRAY_LEN(entities);
        buf_char(&b, known ? entities[k].ch : ptr[i]);
        i += known ? n : 1;
    }
    return b.ptr;
}

/* The value of name="..." inside one tag; NULL when the tag lacks it. */
static const char *attribute(struct arena *a, const char *tag, const char *end, const char *name)
{
    const char *key = arena_printf(a, " %s=\"", name);
    const char *at = memmem(tag, (size_t)(end - tag), key, strlen(key));
    if (!at)
        return NULL;
    const char *from = at + strlen(key), *to = memchr(from, '"', (size_t)(end - from));
    return to ? html_text(a, from, (size_t)(to - from)) : NULL;
}

static bool has(const char *tag, const char *end, const char *word)
{
    return memmem(tag, (size_t)(end - tag), word, strlen(word)) != NULL;
}

static void add(struct form *f, const char *name, const char *value)
{
    if (!name || f->n == FORM_MAX_FIELDS)
        return;
    f->fields[f->n++] = (struct form_field){name, value ? value : ""};
}

static void read_input(struct arena *a, const char *tag, const char *end, struct form *f)
{
    const char *type = attribute(a, tag, end, "type");
    bool ticked = has(tag, end, " checked");
    bool box = text_eq(type, "checkbox") || text_eq(type, "radio");
    if (text_eq(type, "file") || text_eq(type, "submit") || (box && !ticked))
        return;
    const char *value = attribute(a, tag, end, "value");
    add(f, attribute(a, tag, end, "name"), value || !box ? value : "on");
}

static void read_textarea(struct arena *a, const char *tag, const char *end, struct form *f)
{
    const char *close = strstr(end, "</textarea>");
    if (!close)
        return;
    const char *from = end[1] == '\n' ? end + 2 : end + 1;
    add(f, attribute(a, tag, end, "name"), html_text(a, from, (size_t)(close - from)));
}

static void read_select(struct arena *a, const char *tag, const char *end, struct form *f)
{
    const char *close = strstr(end, "</select>"), *value = NULL;
    for (const char *o = strstr(end, "<option"); close && o && o < close;
         o = strstr(o + 1, "<option")) {
        const char *stop = strchr(o, '>');
        if (!value || has(o, stop, " selected"))
            value = attribute(a, o, stop, "value");
    }
    add(f, attribute(a, tag, end, "name"), value);
}

static void read_fields(struct arena *a, const char *from, const char *until, struct form *f)
{
    for (const char *t = strchr(from, '<'); t && t < until; t = strchr(t + 1, '<')) {
        const char *end = strchr(t, '>');
        if (!end || end > until)
            return;
        if (strncmp(t, "<input", 6) == 0)
            read_input(a, t, end, f);
        else if (strncmp(t, "<textarea", 9) == 0)
            read_textarea(a, t, end, f);
        else if (strncmp(t, "<select", 7) == 0)
            read_select(a, t, end, f);
    }
}

/* Of a form, or of one of the buttons in it. */
static bool leads_to(struct arena *a, const char *form, const char *end, const char *close,
                     const char *action)
{
    if (text_eq(attribute(a, form, end, "action"), action))
        return true;
    for (const char *t = strstr(end, "<button"); t && t < close; t = strstr(t + 1, "<button")) {
        const char *stop = strchr(t, '>');
        if (stop && stop < close && text_eq(attribute(a, t, stop, "formaction"), action))
            return true;
    }
    return false;
}

void form_read(struct arena *a, const char *page, const char *action, struct form *ret)
{
    *ret = (struct form){.n = 0};
    for (const char *t = strstr(page, "<form"); t; t = strstr(t + 1, "<form")) {
        const char *end = strchr(t, '>'), *close = end ? strstr(end, "</form>") : NULL;
        if (!close)
            return;
        if (!leads_to(a, t, end, close, action))
            continue;
        ret->found = true;
        ret->multipart = has(t, end, "multipart/form-data");
        read_fields(a, end, close, ret);
        return;
    }
}
