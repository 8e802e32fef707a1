/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Schema 2020-12, the part that country/schema uses (tools/country/schema.py is its twin and
 * refuses any keyword that isn't known here): what the build checked is held again at start, since
 * a pack may come from a folder.
 */
#include <limits.h>
#include <regex.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/pack_inside.h"
#include "gen/assets.h"

#define SCHEMAS      "schema/"
#define MAX_FILES    16
#define MAX_PATTERNS 64
#define MAX_FAULTS   20
#define ANY_NUMBER   INT64_MAX

struct schema_doc {
    const char *name;
    json_t *root;
};
struct schema_pattern {
    const char *text;
    regex_t compiled;
};
struct schema {
    struct ctx *c;
    const struct pack_file *f;
    struct schema_doc docs[MAX_FILES];
    size_t n_docs;
    struct schema_pattern patterns[MAX_PATTERNS];
    size_t n_patterns, n_faults;
    bool trying; /* one of several forms: faults are counted, not told */
};
struct at { /* a value, the rule it is held against, and the schema file the rule stands in */
    const char *place;
    const json_t *value, *rule;
    const struct schema_doc *doc;
};

static void hold(struct schema *s, struct at x);

static void bad(struct schema *s, const char *place, const char *reason)
{
    if (!s->trying && s->n_faults < MAX_FAULTS)
        (void)pack_fault(s->c, s->f, *place ? place : "document", reason);
    s->n_faults++;
}

/* ---- schemas and patterns, read once a check ---- */

static const struct schema_doc *doc_of(struct schema *s, const char *name)
{
    for (size_t i = 0; i < s->n_docs; i++)
        if (text_eq(s->docs[i].name, name))
            return &s->docs[i];
    const struct country_file *raw =
        country_file_find(arena_printf(s->c->arena, SCHEMAS "%s", name));
    struct schema_doc *d = &s->docs[s->n_docs];
    ASSERT(raw && s->n_docs < MAX_FILES);
    if (json_definition(s->c, name, (struct bytes){raw->raw, raw->len}, &d->root))
        BUG("a schema of ours is no JSON");
    d->name = name;
    s->n_docs++;
    return d;
}

static bool matches(struct schema *s, const char *pattern, const char *text)
{
    size_t i = 0;
    while (i < s->n_patterns && !text_eq(s->patterns[i].text, pattern))
        i++;
    if (i == s->n_patterns) {
        ASSERT(i < MAX_PATTERNS);
        if (regcomp(&s->patterns[i].compiled, pattern, REG_EXTENDED | REG_NOSUB))
            BUG("a pattern of ours doesn't compile");
        s->patterns[i].text = pattern;
        s->n_patterns++;
    }
    return regexec(&s->patterns[i].compiled, text, 0, NULL, 0) == 0;
}

static void end(struct schema *s)
{
    for (size_t i = 0; i < s->n_docs; i++)
        json_end(s->docs[i].root);
    for (size_t i = 0; i < s->n_patterns; i++)
        regfree(&s->patterns[i].compiled);
}

/* "common.schema.json#/$defs/label" or "#/$defs/line" */
static struct at resolved(struct schema *s, struct at x, const char *ref)
{
    const char *hash = strchr(ref, '#');
    size_t n;
    ASSERT(hash);
    if (hash != ref)
        x.doc = doc_of(s, arena_text_n(s->c->arena, ref, (size_t)(hash - ref)));
    x.rule = x.doc->root;
    const char **steps = text_split(s->c->arena, hash + 1, '/', &n);
    for (size_t i = 0; i < n; i++)
        if (*steps[i])
            x.rule = json_object_get(x.rule, steps[i]);
    ASSERT(x.rule);
    return x;
}

/* ---- one value ---- */

static bool is_kind(const json_t *v, const char *name)
{
    return (text_eq(name, "object") && json_is_object(v)) ||
           (text_eq(name, "array") && json_is_array(v)) ||
           (text_eq(name, "string") && json_is_string(v)) ||
           (text_eq(name, "integer") && json_is_integer(v)) ||
           (text_eq(name, "boolean") && json_is_boolean(v)) ||
           (text_eq(name, "null") && json_is_null(v));
}

static bool right_kind(struct schema *s, const struct at *x)
{
    const json_t *wanted = json_object_get(x->rule, "type");
    bool right =
        !wanted || (json_is_string(wanted) && is_kind(x->value, json_string_value(wanted)));
    for (size_t i = 0; i < json_array_size(wanted); i++)
        right = right || is_kind(x->value, json_string_value(json_array_get(wanted, i)));
    if (!right)
        bad(s, x->place,
            arena_printf(s->c->arena, "%s expected",
                         json_is_string(wanted) ? json_string_value(wanted) : "another kind"));
    return right;
}

static void allowed(struct schema *s, const struct at *x)
{
    const json_t *same = json_object_get(x->rule, "const"),
                 *list = json_object_get(x->rule, "enum");
    bool found = list == NULL;
    if (same && !json_equal(same, x->value))
        bad(s, x->place,
            arena_printf(s->c->arena, "%s expected", json_out(s->c->arena, same, false)));
    for (size_t i = 0; i < json_array_size(list); i++)
        found = found || json_equal(json_array_get(list, i), x->value);
    if (!found)
        bad(s, x->place, "is not one of the allowed values");
}

static void check_text(struct schema *s, const struct at *x)
{
    const char *text = json_string_value(x->value);
    const char *pattern = json_text_of(x->rule, "pattern", NULL);
    int64_t chars = (int64_t)text_chars(text);
    if (chars < json_int_of(x->rule, "minLength", 0) ||
        chars > json_int_of(x->rule, "maxLength", ANY_NUMBER))
        bad(s, x->place, arena_printf(s->c->arena, "has %lld characters", (long long)chars));
    else if (strlen(text) != json_string_length(x->value))
        bad(s, x->place, "holds a zero byte");
    else if (pattern && !matches(s, pattern, text))
        bad(s, x->place, arena_printf(s->c->arena, "does not match %s", pattern));
    if (json_object_get(x->rule, "format") &&
        (chars != 10 || text[4] != '-' || day_from_iso(text) == INT_MIN))
        bad(s, x->place, "is no date yyyy-MM-dd");
}

static void check_number(struct schema *s, const struct at *x)
{
    int64_t n = json_integer_value(x->value);
    if (n < json_int_of(x->rule, "minimum", INT64_MIN) ||
        n > json_int_of(x->rule, "maximum", INT64_MAX))
        bad(s, x->place, "is out of range");
}

/* ---- objects and lists ---- */

static const char *inside(struct schema *s, const char *place, const char *name)
{
    return *place ? arena_printf(s->c->arena, "%s.%s", place, name) : name;
}

/* The rules of a member: by its name, by a pattern, or that of all others. */
static void check_member(struct schema *s, const struct at *x, const char *name, json_t *value)
{
    const json_t *others = json_object_get(x->rule, "additionalProperties");
    json_t *names = json_object_get(x->rule, "propertyNames");
    struct at in = {inside(s, x->place, name), value,
                    json_object_get(json_object_get(x->rule, "properties"), name), x->doc};
    if (names) {
        json_t *text = json_string(name);
        hold(s, (struct at){in.place, text, names, x->doc});
        json_decref(text);
    }
    if (!in.rule && json_is_object(others))
        in.rule = others;
    if (in.rule)
        hold(s, in);
    else if (json_is_false(others))
        bad(s, in.place, "is not a key of this object");
}

static void check_object(struct schema *s, const struct at *x)
{
    const json_t *required = json_object_get(x->rule, "required");
    const char *name;
    json_t *value;
    for (size_t i = 0; i < json_array_size(required); i++) {
        name = json_string_value(json_array_get(required, i));
        if (!json_object_get(x->value, name))
            bad(s, x->place, arena_printf(s->c->arena, "%s is missing", name));
    }
    json_object_foreach((json_t *)(uintptr_t)x->value, name, value) check_member(s, x, name, value);
}

static void check_list(struct schema *s, const struct at *x)
{
    const json_t *items = json_object_get(x->rule, "items");
    size_t n = json_array_size(x->value);
    bool unique = json_bool_of(x->rule, "uniqueItems", false);
    if ((int64_t)n < json_int_of(x->rule, "minItems", 0) ||
        (int64_t)n > json_int_of(x->rule, "maxItems", ANY_NUMBER))
        bad(s, x->place, arena_printf(s->c->arena, "has %zu items", n));
    for (size_t i = 0; i < n; i++) {
        struct at in = {arena_printf(s->c->arena, "%s[%zu]", x->place, i),
                        json_array_get(x->value, i), items, x->doc};
        for (size_t k = 0; unique && k < i; k++)
            if (json_equal(json_array_get(x->value, k), in.value))
                bad(s, in.place, "occurs twice");
        if (items)
            hold(s, in);
    }
}

static void check_forms(struct schema *s, const struct at *x)
{
    const json_t *forms = json_object_get(x->rule, "anyOf");
    bool trying = s->trying, fits = forms == NULL;
    size_t before = s->n_faults;
    s->trying = true;
    for (size_t i = 0; i < json_array_size(forms) && !fits; i++) {
        s->n_faults = before;
        hold(s, (struct at){x->place, x->value, json_array_get(forms, i), x->doc});
        fits = s->n_faults == before;
    }
    s->trying = trying;
    s->n_faults = before;
    if (!fits)
        bad(s, x->place, "fits none of the allowed forms");
}

static void hold(struct schema *s, struct at x)
{
    const char *ref = json_text_of(x.rule, "$ref", NULL);
    if (ref)
        hold(s, resolved(s, x, ref));
    if (!right_kind(s, &x))
        return;
    check_forms(s, &x);
    allowed(s, &x);
    if (json_is_string(x.value))
        check_text(s, &x);
    else if (json_is_integer(x.value))
        check_number(s, &x);
    else if (json_is_object(x.value))
        check_object(s, &x);
    else if (json_is_array(x.value))
        check_list(s, &x);
}

size_t pack_schema_faults(struct ctx *c, const struct pack_file *f, const char *schema)
{
    struct schema s = {.c = c, .f = f};
    const struct schema_doc *d = doc_of(&s, arena_printf(c->arena, "%s.schema.json", schema));
    hold(&s, (struct at){"", f->root, d->root, d});
    end(&s);
    return s.n_faults;
}
