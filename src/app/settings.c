/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh settings`: node.json and federation.json as they were accepted, kept beside them. A file
   that still reads may yet be damaged, or changed by nobody who says so: what it says otherwise is
   told at each start and by `dinh diagnose`, until somebody accepts it. It refuses nothing. */
#include <stdio.h>
#include <string.h>

#include "app/config.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "web/json.h"

#define SAID_BYTES 4096

static const char *const files[] = {"node.json", "federation.json"};

static const char *path_of(struct ctx *c, const char *dir, const char *file, const char *ending)
{
    return arena_printf(c->arena, "%s/%s%s", dir, file, ending);
}

/* What stands in a damaged file may be anything, and goes to a terminal. */
static bool plain(const char *name)
{
    return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz_$")];
}

/* What one of two objects says that the other doesn't. */
static void say_names(struct buf *b, const json_t *a, const json_t *other, bool missing_only)
{
    const char *name;
    json_t *j;
    json_object_foreach((json_t *)(uintptr_t)a, name, j)
    {
        const json_t *there = json_object_get(other, name);
        if (missing_only ? !there : !there || !json_equal(j, (json_t *)(uintptr_t)there))
            buf_printf(b, " %s", plain(name) ? name : "?");
    }
}

static enum err compare(struct ctx *c, const char *now, const char *then, struct buf *b)
{
    struct config_file a, o;
    enum err e = config_read(c, now, &a);
    if (e)
        return e;
    if ((e = config_read(c, then, &o))) {
        json_end(a.json);
        return e;
    }
    if (!json_equal(a.json, o.json)) {
        say_names(b, a.json, o.json, false);
        say_names(b, o.json, a.json, true);
    }
    json_end(a.json);
    json_end(o.json);
    return OK;
}

/* A file that was accepted and isn't there is one that says otherwise. */
static enum err look_at(struct ctx *c, const char *dir, const char *file, struct buf *b)
{
    struct buf names = buf_new(c->arena, SAID_BYTES);
    const char *now = path_of(c, dir, file, ""), *then = path_of(c, dir, file, ACCEPTED);
    if (!sys_exists(then))
        return OK; /* of before there were any */
    if (!sys_exists(now))
        buf_text(&names, " -");
    else if (compare(c, now, then, &names)) {
        ctx_clear_faults(c);
        buf_text(&names, " ?");
    }
    if (names.len)
        buf_printf(b, "%s%s:%s", b->len ? "; " : "", file, names.ptr);
    return OK;
}

enum err settings_changed(struct ctx *c, const char *dir, const char **ret_what)
{
    struct buf b = buf_new(c->arena, (ARRAY_LEN(files) + 1) * SAID_BYTES);
    enum err e = OK;
    for (size_t i = 0; i < ARRAY_LEN(files) && !e; i++)
        e = look_at(c, dir, files[i], &b);
    if (!e)
        *ret_what = b.ptr;
    return e;
}

/* A copy of the bytes that were just read and parsed. */
enum err settings_accept(struct ctx *c, const char *dir, const char *file)
{
    struct config_file f;
    const char *then = path_of(c, dir, file, ACCEPTED);
    if (!sys_exists(path_of(c, dir, file, "")))
        return sys_unlink(c, then);
    enum err e = config_read(c, path_of(c, dir, file, ""), &f);
    if (e)
        return e;
    json_end(f.json);
    return sys_write_file(c, then, f.raw, 0640);
}

/* What is wrong in itself isn't accepted. */
static enum err accept_all(struct ctx *c, const char *dir)
{
    struct config_file f;
    enum err e = config_read(c, path_of(c, dir, files[0], ""), &f);
    if (e)
        return e;
    e = config_check(c, &f);
    json_end(f.json);
    for (size_t i = 0; i < ARRAY_LEN(files) && !e; i++)
        e = settings_accept(c, dir, files[i]);
    return e;
}

void settings_at_start(struct ctx *c, const char *dir)
{
    const char *what = "";
    enum err e = OK;
    for (size_t i = 0; i < ARRAY_LEN(files) && !e; i++)
        if (!sys_exists(path_of(c, dir, files[i], ACCEPTED)))
            e = settings_accept(c, dir, files[i]);
    if (!e)
        e = settings_changed(c, dir, &what);
    if (e)
        log_warn("app", "the settings can't be held against those accepted: %s", err_row(e)->name);
    else if (*what)
        log_warn("app", "settings differ from those accepted (%s): dinh settings", what);
    ctx_clear_faults(c);
}

static int say(struct ctx *c, enum text text, const char *what, int code)
{
    printf("%s %s\n", text_get(text, c->lang), what);
    return code;
}

int cmd_settings(struct ctx *c, int argc, char **argv)
{
    const char *dir = option(argc, argv, "data", NULL);
    bool accepting = argc > 0 && text_eq(argv[0], "accept");
    const char *what;
    if (!dir || (argc > 0 && !accepting && !text_starts(argv[0], "--")))
        return app_say_usage(c, TX(app_settings_usage));
    if (settings_changed(c, dir, &what) || (accepting && accept_all(c, dir)))
        return app_say_faults(c);
    if (accepting)
        return say(c, TX(app_settings_accepted), what, 0);
    return *what ? say(c, TX(app_settings_changed), what, 1) : say(c, TX(app_settings_same), "", 0);
}
