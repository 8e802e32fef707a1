/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
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

/* ---- what a command takes ---- */

static const struct option_row *row_of(const struct command *cmd, const char *arg)
{
    size_t n = strcspn(arg + 2, "=");
    for (const struct option_row *o = cmd->options; o && o->name; o++)
        if (strlen(o->name) == n && strncmp(o->name, arg + 2, n) == 0)
            return o;
    return NULL;
}

static enum err bad_value(struct ctx *c, const char *name, const char *value, const char *want)
{
    return fail(c, ERR_OPTION_VALUE, name, value, want);
}

static enum err check_text(struct ctx *c, const struct option_row *o, const char *name,
                           const char *value)
{
    const char *clean;
    enum err e = text_clean(c, name, bytes_of(value), (size_t)o->most, &clean);
    if (!e && ((int64_t)text_chars(clean) < o->least || strpbrk(clean, "\n\t")))
        e = bad_value(
            c, name, value,
            arena_printf(c->arena, "\"…\" (%" PRId64 " … %" PRId64 ")", o->least, o->most));
    return e;
}

static enum err check_value(struct ctx *c, const struct option_row *o, const char *value)
{
    int64_t number;
    const char *name = arena_printf(c->arena, "--%s", o->name);
    switch (o->kind) {
    case OPTION_TEXT: return check_text(c, o, name, value);
    case OPTION_PATH: return *value ? OK : bad_value(c, name, value, "/…");
    case OPTION_YES: return text_eq(value, "yes") ? OK : bad_value(c, name, value, "yes");
    case OPTION_NUMBER:
        if (text_to_int(value, &number) && number >= o->least && number <= o->most)
            return OK;
        return bad_value(c, name, value,
                         arena_printf(c->arena, "%" PRId64 " … %" PRId64, o->least, o->most));
    }
    BUG("no such kind");
}

/* The option at argv[i]; what it has after it is passed over. */
static enum err check_option(struct ctx *c, const struct command *cmd, int argc, char **argv,
                             int *i)
{
    const char *arg = argv[*i], *eq = strchr(arg, '=');
    const struct option_row *o = row_of(cmd, arg);
    if (!o)
        return fail(c, ERR_OPTION, arg);
    if (option_given(*i, argv, o->name))
        return fail(c, ERR_OPTION_TWICE, arena_printf(c->arena, "--%s", o->name));
    const char *next = *i + 1 < argc && !text_starts(argv[*i + 1], "--") ? argv[*i + 1] : NULL;
    if (eq)
        return check_value(c, o, eq + 1);
    if (o->kind == OPTION_YES && !text_eq(next, "yes"))
        return OK;
    *i += next != NULL;
    return check_value(c, o, next ? next : "");
}

enum err options_check(struct ctx *c, const struct command *cmd, int argc, char **argv)
{
    enum err e = OK;
    int words = 0;
    for (int i = 0; i < argc && !e; i++) {
        if (text_starts(argv[i], "--"))
            e = check_option(c, cmd, argc, argv, &i);
        else if (++words > cmd->words)
            e = fail(c, ERR_OPTION, argv[i]);
    }
    return e;
}

/* ---- what went wrong ---- */

static const char *argument(const struct fault *f, size_t i)
{
    if (i == 0)
        return f->field ? f->field : "";
    for (size_t k = 0; k < i; k++)
        if (!f->args[k])
            return "";
    return f->args[i - 1] ? f->args[i - 1] : "";
}

/* "ENOENT" and the like behind a path: sys_* told it. */
static bool names_path(const struct fault *f)
{
    const char *code = argument(f, 1);
    return strchr(argument(f, 0), '/') ||
           (code[0] == 'E' && code[1] && code[strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0');
}

/* Where the file or database lies that the world keeps from us: the field of sys_*, the first
   argument of db_*. */
static const char *place(const struct fault *f, size_t i)
{
    return argument(f, i + (names_path(f) ? 0 : 1));
}

/* To an operator, who can do something about it, other words than to a citizen. */
static bool of_the_world(const struct fault *f, enum text *ret)
{
    switch ((int)f->err) {
    case ERR_NOT_FOUND: *ret = TX(app_say_not_there); return names_path(f);
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

/* Definitions and backups are refused with a place and a reason in English words. */
static const char *argument_in(struct ctx *c, const struct fault *f, size_t i, enum lang lang)
{
    bool words = i > 0 && (f->err == ERR_DEFINITION || f->err == ERR_BACKUP);
    return words ? app_reason(c, argument(f, i), lang) : argument(f, i);
}

/* Behind the text, in brackets, what it didn't name. */
const char *app_fault_text(struct ctx *c, const struct fault *f, enum lang lang)
{
    struct buf b = buf_new(c->arena, 8192);
    enum text text = (enum text)err_row(f->err)->text;
    enum text operators;
    bool world = of_the_world(f, &operators);
    if (world)
        text = operators;
    for (const char *s = text_get(text, lang); *s; s++) {
        bool hole = s[0] == '{' && s[1] >= '1' && s[1] <= '5' && s[2] == '}';
        if (hole) {
            size_t i = (size_t)(s[1] - '1');
            buf_text(&b, world ? place(f, i) : argument_in(c, f, i, lang));
            s += 2;
        } else {
            buf_char(&b, *s);
        }
    }
    for (size_t i = world && names_path(f) ? 0 : 1;
         i <= ARRAY_LEN(f->args) && !text_empty(argument(f, i)); i++)
        if (!strstr(b.ptr, argument_in(c, f, i, lang)))
            buf_printf(&b, " [%s]", argument_in(c, f, i, lang));
    if (!argument(f, 1)[0] && !text_empty(f->field) && !strstr(b.ptr, f->field))
        buf_printf(&b, " [%s]", f->field);
    one_plain_line(b.ptr, b.len);
    return b.ptr;
}

static void say(struct ctx *c, const struct fault *f, enum lang lang)
{
    fprintf(stderr, "%s: %s\n", err_row(f->err)->name, app_fault_text(c, f, lang));
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
