/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh backup` beside a running node, `dinh restore` into an empty folder. */
#include <inttypes.h>
#include <stdio.h>

#include "app/app.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/backup.h"

#define PASSPHRASE_MAX 500

/* On standard input, so that it stands in no process list and no history. */
static enum err read_passphrase(struct ctx *c, const char **ret_passphrase)
{
    char line[PASSPHRASE_MAX + 2];
    fprintf(stderr, "%s ", text_get(TX(app_passphrase), c->lang));
    if (!fgets(line, sizeof line, stdin))
        return fail(c, ERR_REQUIRED, "passphrase");
    return text_clean(c, "passphrase", bytes_of(line), PASSPHRASE_MAX, ret_passphrase);
}

static int say_done(struct ctx *c, enum err e, enum text done, const struct backup_report *r)
{
    if (e)
        return app_say_faults(c);
    printf("%" PRId64 " files, %" PRId64 " bytes, %" PRId64 " parts\n%s\n", r->files, r->bytes,
           r->parts, text_get(done, c->lang));
    return 0;
}

/* Without the folder's lock and without migrations: the node may be serving. */
static enum err backup(struct ctx *c, const char *dir, const char *to, const char *keys,
                       struct backup_report *ret)
{
    struct node *n;
    const char *passphrase;
    enum err e = config_load(c, dir, &n);
    if (!e)
        e = read_passphrase(c, &passphrase);
    if (e)
        return e;
    c->node = n;
    const char *own = arena_printf(c->arena, "sqlite:%s/dinh.db", dir);
    e = db_open(c, text_empty(n->db_url) ? own : n->db_url, &n->db);
    if (!e)
        e = backup_make(c, n, to, keys, passphrase, ret);
    if (!e) /* `dinh diagnose` asks how long ago */
        e = sys_write_file(c, arena_printf(c->arena, "%s/" BACKUP_MARK, dir),
                           bytes_of(arena_printf(c->arena, "%" PRId64, c->now_us)), 0600);
    node_close(n);
    return e;
}

int cmd_backup(struct ctx *c, int argc, char **argv)
{
    struct backup_report r;
    const char *dir = option(argc, argv, "data", NULL), *to = option(argc, argv, "to", NULL);
    if (!dir || !to)
        return app_say_usage(c, TX(app_backup_usage));
    return say_done(c, backup(c, dir, to, option(argc, argv, "subject-keys", NULL), &r),
                    TX(app_backup_done), &r);
}

int cmd_restore(struct ctx *c, int argc, char **argv)
{
    struct backup_report r;
    const char *passphrase;
    const char *from = option(argc, argv, "from", NULL), *dir = option(argc, argv, "data", NULL);
    if (!dir || !from)
        return app_say_usage(c, TX(app_restore_usage));
    enum err e = read_passphrase(c, &passphrase);
    if (!e)
        e = backup_restore(c, from, option(argc, argv, "subject-keys", NULL), dir, passphrase, &r);
    return say_done(c, e, TX(app_restore_done), &r);
}
