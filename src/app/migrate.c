/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh migrate`: what the owner of a PostgreSQL database does for a node that serves with a role
   of less (db/kept.h): tables made and changed, the role's rights given, and proved as that role.
   The owner's conninfo comes from a file or a credential that the serving node never has. */
#include <stdio.h>
#include <string.h>

#include "app/config.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/tree.h"
#include "gen/assets.h"

#define OWNER_CREDENTIAL "dinh.owner-db"
#define OWNER_MAX_BYTES  4096
#define POSTGRES         "postgres:"

const struct db_kept *app_kept(struct ctx *c, size_t *ret_n)
{
    size_t n = 0;
    while (schema_kept[n].table)
        n++;
    struct db_kept *kept = ARENA_ARRAY(c->arena, n + 1, struct db_kept);
    for (size_t i = 0; i < n; i++)
        kept[i] = (struct db_kept){schema_kept[i].table, schema_kept[i].columns,
                                   schema_kept[i].thinned != 0};
    *ret_n = n;
    return kept;
}

/* "-": standard input, so that root may hand over what the node's user can't open. */
static enum err owner_text(struct ctx *c, const char *path, const char **ret_text)
{
    char line[OWNER_MAX_BYTES];
    struct bytes raw;
    if (text_eq(path, "-")) {
        *ret_text = fgets(line, sizeof line, stdin) ? arena_text(c->arena, line) : "";
        return OK;
    }
    enum err e = sys_read_file(c, path, OWNER_MAX_BYTES, &raw);
    if (!e)
        *ret_text = arena_text_n(c->arena, (const char *)raw.ptr, raw.len);
    return e;
}

/* One line, "host=... user=...", with or without what node.json writes before it. */
static enum err owner_url(struct ctx *c, const char *path, const char **ret_url)
{
    const char *line;
    enum err e = owner_text(c, path, &line);
    if (e)
        return e;
    line = arena_text_n(c->arena, line, strcspn(line, "\r\n"));
    if (text_starts(line, POSTGRES))
        line += strlen(POSTGRES);
    *ret_url = arena_printf(c->arena, POSTGRES "%s", line);
    return text_empty(line) ? fail(c, ERR_CONFIG, "database", path, "host=… user=…") : OK;
}

static enum err thin_work(struct ctx *c, void *arg)
{
    (void)arg;
    return tree_thin(c);
}

/* As the owner: everything that a start of a small set-up does, and what only the owner may. */
static enum err migrate(struct ctx *c, struct node *n, const char *role)
{
    size_t n_kept;
    const struct db_kept *kept = app_kept(c, &n_kept);
    enum err e = node_begin(c, n);
    if (!e)
        e = db_write(c, n->db, thin_work, NULL);
    return e || !role ? e : db_grant(c, n->db, kept, n_kept, role);
}

/* As the node will: the schema is whole, and its role may nothing more than it needs. */
static enum err prove(struct ctx *c, const char *url, const char *role)
{
    size_t n_kept;
    const struct db_kept *kept = app_kept(c, &n_kept);
    const char *excess = "";
    struct db *db = NULL;
    enum err e = db_open(c, url, &db);
    if (!e)
        e = app_migrations(c, db);
    if (!e)
        e = db_excess(c, db, kept, n_kept, &excess);
    db_close(db);
    if (e || text_empty(excess))
        return e;
    return fail(c, ERR_DB_RIGHT, "database", role, excess);
}

static enum err migrate_in(struct ctx *c, const char *dir, const char *owner)
{
    struct node *n;
    enum err e = node_read(c, dir, &n);
    if (e)
        return e;
    const char *served = n->db_url, *role = db_role(c->arena, served);
    if (owner && !text_starts(served, POSTGRES))
        return fail(c, ERR_OPTION, "--owner");
    if (owner && !role)
        return fail(c, ERR_DB_RIGHT, "database", "user=?", "node.json");
    if (owner && (e = owner_url(c, owner, &n->db_url)))
        return e;
    e = migrate(c, n, owner ? role : NULL);
    node_close(n);
    if (!e && owner)
        e = prove(c, served, role);
    if (!e && owner)
        printf("%s: %s\n", role, text_get(TX(app_migrate_role), c->lang));
    return e;
}

int cmd_migrate(struct ctx *c, int argc, char **argv)
{
    const char *dir = option(argc, argv, "data", NULL);
    const char *owner = option(argc, argv, "owner", config_credential(c, OWNER_CREDENTIAL));
    if (!dir)
        return app_say_usage(c, TX(app_migrate_usage));
    if (migrate_in(c, dir, owner))
        return app_say_faults(c);
    printf("%s\n", text_get(TX(app_migrate_done), c->lang));
    return 0;
}
