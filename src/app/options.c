/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "base/text.h"

const char *option(int argc, char **argv, const char *name, const char *fallback)
{
    size_t n = strlen(name);
    for (int i = 0; i < argc; i++) {
        const char *arg = argv[i];
        if (strncmp(arg, "--", 2) != 0 || strncmp(arg + 2, name, n) != 0)
            continue;
        if (arg[2 + n] == '=')
            return arg + 3 + n;
        if (!arg[2 + n])
            return i + 1 < argc ? argv[i + 1] : "";
    }
    return fallback;
}

bool option_given(int argc, char **argv, const char *name)
{
    return option(argc, argv, name, NULL) != NULL;
}

int64_t option_int(int argc, char **argv, const char *name, int64_t fallback)
{
    const char *text = option(argc, argv, name, NULL);
    int64_t value;
    return text && text_to_int(text, &value) ? value : fallback;
}

static const char *argument(const struct fault *f, size_t i)
{
    if (i == 0)
        return f->field ? f->field : "";
    for (size_t k = 0; k < i; k++)
        if (!f->args[k])
            return "";
    return f->args[i - 1] ? f->args[i - 1] : "";
}

static void say(struct ctx *c, const struct fault *f, enum lang lang)
{
    struct buf b = buf_new(c->arena, 4096);
    const char *s = text_get((enum text)err_row(f->err)->text, lang);
    for (; *s; s++) {
        bool hole = s[0] == '{' && s[1] >= '1' && s[1] <= '5' && s[2] == '}';
        if (hole) {
            buf_text(&b, argument(f, (size_t)(s[1] - '1')));
            s += 2;
        } else {
            buf_char(&b, *s);
        }
    }
    fprintf(stderr, "%s: %s\n", err_row(f->err)->name, b.ptr);
    if (!text_empty(f->field) && !strstr(b.ptr, f->field))
        fprintf(stderr, "  [%s]\n", f->field);
    for (size_t i = 1; i <= ARRAY_LEN(f->args) && !text_empty(argument(f, i)); i++)
        if (!strstr(b.ptr, argument(f, i)))
            fprintf(stderr, "  %s\n", argument(f, i));
}

int app_say_faults(struct ctx *c)
{
    for (size_t i = 0; i < c->n_faults; i++) {
        say(c, &c->faults[i], LANG_VI);
        say(c, &c->faults[i], LANG_EN);
    }
    if (!c->n_faults)
        fprintf(stderr, "%s\n", err_row(ERR_INTERNAL)->name);
    return 1;
}

int app_say_usage(struct ctx *c, enum text usage)
{
    fprintf(stderr, "dinh %s\n", text_get(usage, c->lang));
    return 2;
}
