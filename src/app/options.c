/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "base/text.h"
#include "base/utf8.h"

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

/* Where the file or database lies that the world keeps from us: the field of sys_*, the first
   argument of db_*. */
static const char *place(const struct fault *f, size_t i)
{
    size_t shift = f->field && strchr(f->field, '/') ? 0 : 1;
    return argument(f, i + shift);
}

/* To an operator, who can do something about it, other words than to a citizen. */
static bool of_the_world(enum err e, enum text *ret)
{
    switch ((int)e) {
    case ERR_IO: *ret = TX(app_say_io); return true;
    case ERR_DISK_FULL: *ret = TX(app_say_full); return true;
    case ERR_READ_ONLY: *ret = TX(app_say_read_only); return true;
    default: return false;
    }
}

/* What a damaged database hands over may be anything. */
static void one_plain_line(char *text, size_t len)
{
    uint32_t ch;
    for (size_t i = 0, n; i < len; i += n ? n : 1) {
        n = utf8_first((struct bytes){(const uint8_t *)text + i, len - i}, &ch);
        if (!n || ch < ' ' || ch == 127)
            text[i] = n ? ' ' : '?';
    }
}

/* One line: the text with its holes filled, then in brackets what it didn't name. */
static void say(struct ctx *c, const struct fault *f, enum lang lang)
{
    struct buf b = buf_new(c->arena, 8192);
    enum text text = (enum text)err_row(f->err)->text;
    bool world = of_the_world(f->err, &text);
    for (const char *s = text_get(text, lang); *s; s++) {
        bool hole = s[0] == '{' && s[1] >= '1' && s[1] <= '5' && s[2] == '}';
        if (hole) {
            size_t i = (size_t)(s[1] - '1');
            buf_text(&b, world ? place(f, i) : argument(f, i));
            s += 2;
        } else {
            buf_char(&b, *s);
        }
    }
    for (size_t i = world && strchr(f->field, '/') ? 0 : 1;
         i <= ARRAY_LEN(f->args) && !text_empty(argument(f, i)); i++)
        if (!strstr(b.ptr, argument(f, i)))
            buf_printf(&b, " [%s]", argument(f, i));
    if (!argument(f, 1)[0] && !text_empty(f->field) && !strstr(b.ptr, f->field))
        buf_printf(&b, " [%s]", f->field);
    one_plain_line(b.ptr, b.len);
    fprintf(stderr, "%s: %s\n", err_row(f->err)->name, b.ptr);
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
