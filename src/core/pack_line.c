/* SPDX-License-Identifier: Apache-2.0 */
/* jansson forgets where a value stood; this walks the text again to the place of a fault. */
#include <string.h>

#include "core/pack.h"

struct walk {
    const uint8_t *p, *end;
    int line;
};

static void step(struct walk *w)
{
    w->line += *w->p == '\n';
    w->p++;
}

static bool at(const struct walk *w, char ch)
{
    return w->p < w->end && *w->p == (uint8_t)ch;
}

static void skip_between(struct walk *w)
{
    while (at(w, ' ') || at(w, '\t') || at(w, '\r') || at(w, '\n') || at(w, ',') || at(w, ':'))
        step(w);
}

static void skip_string(struct walk *w)
{
    step(w);
    while (w->p < w->end && *w->p != '"') {
        if (*w->p == '\\' && w->p + 1 < w->end)
            step(w);
        step(w);
    }
    if (w->p < w->end)
        step(w);
}

/* A string, a number or word, or a whole object or array. */
static void skip_value(struct walk *w)
{
    int depth = 0;
    do {
        if (w->p >= w->end)
            return;
        if (at(w, '"')) {
            skip_string(w);
            continue;
        }
        if (at(w, '{') || at(w, '['))
            depth++;
        if (at(w, '}') || at(w, ']'))
            depth--;
        step(w);
    } while (depth > 0 || (!at(w, ',') && !at(w, '}') && !at(w, ']') && !at(w, '\n')));
}

/* Stands before the value of the member; false: the object has none. */
static bool to_member(struct walk *w, const char *name, size_t len)
{
    if (!at(w, '{'))
        return false;
    step(w);
    for (skip_between(w); at(w, '"'); skip_between(w)) {
        const uint8_t *key = w->p + 1;
        skip_string(w);
        bool found = (size_t)(w->p - key) == len + 1 && memcmp(key, name, len) == 0;
        skip_between(w);
        if (found)
            return w->p < w->end;
        skip_value(w);
    }
    return false;
}

static bool to_item(struct walk *w, unsigned long index)
{
    if (!at(w, '['))
        return false;
    step(w);
    for (skip_between(w); w->p < w->end && !at(w, ']'); skip_between(w)) {
        if (index-- == 0)
            return true;
        skip_value(w);
    }
    return false;
}

static bool next_part(struct walk *w, const char **place)
{
    const char *p = *place;
    if (*p != '[') {
        p += *p == '.';
        size_t len = strcspn(p, ".[");
        *place = p + len;
        return len > 0 && to_member(w, p, len);
    }
    unsigned long index = 0;
    for (p++; *p >= '0' && *p <= '9' && index < 100000000; p++)
        index = index * 10 + (unsigned long)(*p - '0');
    if (*p++ != ']')
        return false;
    *place = p;
    return to_item(w, index);
}

int pack_line(struct bytes json, const char *place)
{
    struct walk w = {json.ptr, json.ptr + json.len, 1};
    skip_between(&w);
    int line = w.line;
    while (*place && next_part(&w, &place))
        line = w.line;
    return line;
}
