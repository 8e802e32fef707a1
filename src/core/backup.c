/* SPDX-License-Identifier: Apache-2.0 */
#include "core/backup_inside.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/subject.h"
#include "web/json.h"

#define FORMAT             "dinh-backup-1"
#define DATABASE           "dinh.db"
#define LAST_FILE          "node.json" /* without it a folder is no node */
#define RESTORING          "restoring" /* all lies in there until it is whole */
#define PART_BYTES         (4 * 1024 * 1024)
#define SEAL_BYTES         64
#define ROOM_BYTES         (64 * 1024)
#define SALT_LEN           16
#define HEAD_MAX_BYTES     4096
#define MANIFEST_MAX_BYTES (32 * 1024 * 1024)

struct backup {
    struct ctx *c;
    const char *dir, *data_dir; /* the backup's, the node's (being restored: inside of it) */
    struct arena *steps;        /* in_own_arena(); NULL: none yet */
    struct bytes key, salt;
    struct backup_report report;
    struct buf manifest;
    json_t *list;  /* the manifest read again */
    bool subjects; /* their keys lie apart */
    struct bytes subject_keys;
};

static const char *inside(struct ctx *c, const char *dir, const char *name)
{
    return arena_printf(c->arena, "%s/%s", dir, name);
}

static const char *part_path(struct backup *b, int64_t part)
{
    return arena_printf(b->c->arena, "%s/%08" PRId64 ".part", b->dir, part);
}

static const char *part_aad(struct backup *b, int64_t part)
{
    return arena_printf(b->c->arena, FORMAT "|%" PRId64, part);
}

static enum err empty_folder(struct ctx *c, const char *dir)
{
    const char **names;
    size_t n;
    enum err e = sys_mkdir(c, dir, 0700);
    if (!e)
        e = sys_list(c, dir, &names, &n);
    return !e && n > 0 ? fail(c, ERR_NOT_EMPTY, dir) : e;
}

/* A part's bytes twice, sealed and in clear, and what else a step wants: had once, used by each. */
static struct arena *step_arena(struct backup *b)
{
    if (!b->steps) {
        b->steps = arena_new(0);
        arena_alloc(b->steps, 2 * PART_BYTES + ROOM_BYTES);
    }
    arena_reset(b->steps);
    return b->steps;
}

/* Runs step in memory of its own; its faults are kept. */
static enum err in_own_arena(struct backup *b, enum err (*step)(struct backup *, void *), void *arg)
{
    struct arena *outer = b->c->arena;
    b->c->arena = step_arena(b);
    enum err e = step(b, arg);
    for (size_t i = 0; i < b->c->n_faults; i++) {
        struct fault *f = &b->c->faults[i];
        f->field = arena_text(outer, f->field);
        for (size_t k = 0; k < ARRAY_LEN(f->args); k++)
            f->args[k] = arena_text(outer, f->args[k]);
    }
    b->c->arena = outer;
    return e;
}

/* ---- making ---- */

struct piece {
    const char *path;
    int64_t offset, part;
    size_t len;
    bool last; /* of its file: from here on the disk has all of it */
};

static enum err seal_piece(struct backup *b, void *arg)
{
    struct piece *p = arg;
    struct bytes plain;
    enum err e = sys_read_part(b->c, p->path, p->offset, PART_BYTES, &plain);
    if (e)
        return e;
    p->len = plain.len;
    struct bytes sealed = seal(b->c->arena, b->key, part_aad(b, p->part), plain);
    return sys_write_file(b->c, part_path(b, p->part), sealed, 0600);
}

/* One file in parts of 4 MiB; an empty one is one empty part. name: as in the data folder. */
static enum err add_file(struct backup *b, const char *path, const char *name)
{
    struct piece p = {.path = path, .len = PART_BYTES};
    int64_t first = b->report.parts + 1;
    enum err e = OK;
    while (!e && p.len == PART_BYTES) {
        p.part = b->report.parts + 1;
        e = in_own_arena(b, seal_piece, &p);
        p.offset += (int64_t)p.len;
        b->report.parts++;
    }
    buf_text(&b->manifest, b->report.files ? ",\n" : "");
    buf_text(&b->manifest, "{\"name\":");
    buf_json(&b->manifest, name);
    buf_printf(&b->manifest, ",\"bytes\":%" PRId64 ",\"first\":%" PRId64 ",\"parts\":%" PRId64 "}",
               p.offset, first, b->report.parts - first + 1);
    b->report.files++;
    b->report.bytes += p.offset;
    return e;
}

/* The files of one folder of the data folder, which may be absent. */
static enum err add_folder(struct backup *b, const char *folder)
{
    const char **names;
    size_t n = 0;
    const char *dir = inside(b->c, b->data_dir, folder);
    enum err e = sys_exists(dir) ? sys_list(b->c, dir, &names, &n) : OK;
    for (size_t i = 0; i < n && !e; i++) {
        if (text_starts(names[i], SUBJECTS_FILE)) /* lies apart: backup_keys.c */
            continue;
        e = add_file(b, inside(b->c, dir, names[i]),
                     arena_printf(b->c->arena, "%s/%s", folder, names[i]));
    }
    return e;
}

static enum err add_attachments(struct backup *b)
{
    const char **names;
    size_t n = 0;
    const char *dir = inside(b->c, b->data_dir, "files");
    enum err e = sys_exists(dir) ? sys_list(b->c, dir, &names, &n) : OK;
    for (size_t i = 0; i < n && !e; i++)
        e = add_folder(b, arena_printf(b->c->arena, "files/%s", names[i]));
    return e;
}

static enum err add_database(struct backup *b, struct db *db)
{
    const char *copy = inside(b->c, b->data_dir, "backup.tmp");
    enum err e = sys_unlink(b->c, copy);
    if (!e)
        e = db_backup(b->c, db, copy);
    if (!e)
        e = add_file(b, copy, DATABASE);
    enum err gone = sys_unlink(b->c, copy);
    return e ? e : gone;
}

static enum err add_settings(struct backup *b)
{
    static const char *const names[] = {"federation.json", LAST_FILE};
    enum err e = OK;
    for (size_t i = 0; i < ARRAY_LEN(names) && !e; i++) {
        const char *path = inside(b->c, b->data_dir, names[i]);
        e = sys_exists(path) ? add_file(b, path, names[i]) : OK;
    }
    return e;
}

static enum err write_head(struct backup *b)
{
    struct buf head = buf_new(b->c->arena, HEAD_MAX_BYTES);
    buf_text(&head, "{\"format\":\"" FORMAT "\",\"salt\":\"");
    buf_base64url(&head, b->salt);
    buf_text(&head, "\"}\n");
    return sys_write_file(b->c, inside(b->c, b->dir, "backup.json"), buf_bytes(&head), 0600);
}

static enum err write_manifest(struct backup *b, const struct node *n)
{
    buf_printf(&b->manifest, "],\"made_us\":%" PRId64 ",\"subjects\":%s,\"node\":", b->c->now_us,
               b->subjects ? "true" : "false");
    buf_json(&b->manifest, n->name);
    buf_text(&b->manifest, "}\n");
    if (buf_full(&b->manifest))
        return fail(b->c, ERR_TOO_LONG, "manifest");
    struct bytes sealed = seal(b->c->arena, b->key, FORMAT "|manifest", buf_bytes(&b->manifest));
    enum err e = sys_write_file(b->c, inside(b->c, b->dir, "manifest"), sealed, 0600);
    return e ? e : write_head(b);
}

static enum err check_passphrase(struct ctx *c, const char *passphrase)
{
    if (text_chars(passphrase) >= PASSPHRASE_MIN_CHARS)
        return OK;
    return fail(c, ERR_PASSPHRASE, "passphrase",
                arena_printf(c->arena, "%d", PASSPHRASE_MIN_CHARS));
}

enum err backup_make(struct ctx *c, const struct node *n, const char *to_dir, const char *keys_file,
                     const char *passphrase, struct backup_report *ret_report)
{
    const char *keys = keys_file ? keys_file : backup_keys_file(c->arena, to_dir, n->name);
    uint8_t salt[SALT_LEN];
    sys_random(salt, sizeof salt);
    struct backup b = {.c = c,
                       .dir = to_dir,
                       .data_dir = n->data_dir,
                       .salt = {salt, sizeof salt},
                       .manifest = buf_new(c->arena, MANIFEST_MAX_BYTES)};
    enum err e = check_passphrase(c, passphrase);
    if (!e)
        e = empty_folder(c, to_dir);
    if (!e)
        e = password_key(c, passphrase, b.salt, &b.key);
    buf_text(&b.manifest, "{\"files\":[");
    if (!e)
        e = add_database(&b, n->db);
    if (!e)
        e = add_attachments(&b);
    if (!e)
        e = add_folder(&b, "keys");
    if (!e)
        e = add_settings(&b);
    if (!e)
        e = backup_keys_save(c, n, keys, passphrase, &b.subjects);
    if (!e)
        e = write_manifest(&b, n);
    arena_end(b.steps);
    if (!e)
        *ret_report = b.report;
    return e;
}

/* ---- restoring ---- */

static enum err bad(struct backup *b, const char *what, const char *why)
{
    ctx_clear_faults(b->c);
    return fail(b->c, ERR_BACKUP, what, why);
}

static enum err read_head(struct backup *b, const char *passphrase)
{
    struct bytes text;
    json_t *j;
    const char *path = inside(b->c, b->dir, "backup.json");
    enum err e = sys_read_file(b->c, path, HEAD_MAX_BYTES, &text);
    if (e || json_in(b->c, "backup.json", text, &j))
        return bad(b, "backup.json", "missing or unreadable");
    bool good = text_eq(json_text_of(j, "format", ""), FORMAT) &&
                base64url_decode(b->c->arena, json_text_of(j, "salt", ""), &b->salt) &&
                b->salt.len == SALT_LEN;
    json_end(j);
    return good ? password_key(b->c, passphrase, b->salt, &b->key)
                : bad(b, "backup.json", "not a backup of this program");
}

static enum err read_manifest(struct backup *b)
{
    struct bytes sealed, plain;
    const char *path = inside(b->c, b->dir, "manifest");
    if (sys_read_file(b->c, path, MANIFEST_MAX_BYTES + SEAL_BYTES, &sealed))
        return bad(b, "manifest", "missing");
    if (!seal_open(b->c->arena, b->key, FORMAT "|manifest", sealed, &plain))
        return bad(b, "manifest", "wrong passphrase, or changed");
    if (json_in(b->c, "manifest", plain, &b->list))
        return bad(b, "manifest", "unreadable");
    return OK;
}

static enum err open_piece(struct backup *b, void *arg)
{
    struct piece *p = arg;
    struct bytes sealed, plain;
    const char *path = part_path(b, p->part);
    if (sys_read_file(b->c, path, PART_BYTES + SEAL_BYTES, &sealed))
        return bad(b, path, "missing or unreadable");
    if (!seal_open(b->c->arena, b->key, part_aad(b, p->part), sealed, &plain))
        return bad(b, path, "changed");
    p->offset += (int64_t)plain.len;
    return p->path ? sys_append_file(b->c, p->path, plain, 0600, p->last) : OK;
}

/* Only names that a backup can hold: nothing leads out of the data folder. */
static bool good_name(const char *name)
{
    return (text_eq(name, DATABASE) || text_eq(name, LAST_FILE) ||
            text_eq(name, "federation.json") || text_starts(name, "keys/") ||
            text_starts(name, "files/")) &&
           !strstr(name, "..") && !strstr(name, "//");
}

bool backup_entry_read(const json_t *o, struct backup_entry *ret)
{
    *ret = (struct backup_entry){json_text_of(o, "name", ""), json_int_of(o, "first", 0),
                                 json_int_of(o, "parts", 0), json_int_of(o, "bytes", -1)};
    return good_name(ret->name) && ret->first >= 0 && ret->first <= BACKUP_PARTS_MAX &&
           ret->parts >= 0 && ret->parts <= BACKUP_PARTS_MAX;
}

/* The folders that the file's name goes through. */
static enum err make_way(struct backup *b, const char *name)
{
    enum err e = OK;
    for (const char *slash = strchr(name, '/'); slash && !e; slash = strchr(slash + 1, '/'))
        e = sys_mkdir(
            b->c,
            inside(b->c, b->data_dir, arena_text_n(b->c->arena, name, (size_t)(slash - name))),
            0700);
    return e;
}

/* Proves one file's parts, or writes them when `write`. */
static enum err take_file(struct backup *b, const json_t *o, bool write)
{
    struct backup_entry f;
    struct piece p = {0};
    if (!backup_entry_read(o, &f))
        return bad(b, "manifest", "names a file that is none of a node");
    if (write)
        p.path = inside(b->c, b->data_dir, f.name);
    enum err e = write ? make_way(b, f.name) : OK;
    for (p.part = f.first; p.part < f.first + f.parts && !e; p.part++) {
        p.last = p.part == f.first + f.parts - 1;
        e = in_own_arena(b, open_piece, &p);
    }
    if (!e && p.offset != f.bytes)
        return bad(b, f.name, "not as long as the manifest says");
    if (write) {
        b->report.files++;
        b->report.bytes += p.offset;
        b->report.parts += f.parts;
    }
    return e;
}

static enum err take_all(struct backup *b, bool write)
{
    const json_t *files = json_list_of(b->list, "files");
    enum err e = OK;
    for (size_t i = 0; i < json_array_size(files) && !e; i++)
        e = take_file(b, json_array_get(files, i), write);
    return e;
}

static enum err check_database(struct backup *b)
{
    struct db *db;
    const char *url = arena_printf(b->c->arena, "sqlite:%s/" DATABASE, b->data_dir);
    enum err e = db_open(b->c, url, &db);
    if (e)
        return e;
    e = db_check_pages(b->c, db);
    db_close(db);
    return e;
}

/* What a restore puts into the data folder, in the order in which it goes there. */
static const char *const restored[] = {"files", DATABASE, "keys", "federation.json", LAST_FILE};

/* A restore that was killed left its folder, and perhaps the first of what it had moved up. */
static enum err remove_leftovers(struct ctx *c, const char *dir)
{
    const char *aside = inside(c, dir, RESTORING);
    enum err e = OK;
    if (!sys_exists(aside) || sys_exists(inside(c, dir, LAST_FILE)))
        return OK;
    for (size_t i = 0; i < ARRAY_LEN(restored) && !e; i++)
        e = sys_remove_tree(c, inside(c, dir, restored[i]));
    return e ? e : sys_remove_tree(c, aside); /* last: it tells whose the others are */
}

static enum err write_aside(struct backup *b, const char *data_dir)
{
    b->data_dir = inside(b->c, data_dir, RESTORING);
    enum err e = sys_mkdir(b->c, b->data_dir, 0700);
    if (!e)
        e = take_all(b, true);
    if (!e && b->subject_keys.len)
        e = sys_write_file(b->c, inside(b->c, b->data_dir, "keys/" SUBJECTS_FILE), b->subject_keys,
                           0600);
    return e ? e : check_database(b);
}

static enum err move_up(struct backup *b, const char *data_dir)
{
    enum err e = OK;
    for (size_t i = 0; i < ARRAY_LEN(restored) && !e; i++) {
        const char *from = inside(b->c, b->data_dir, restored[i]);
        if (sys_exists(from))
            e = sys_rename(b->c, from, inside(b->c, data_dir, restored[i]));
    }
    return e ? e : sys_remove_tree(b->c, b->data_dir);
}

static enum err restore_into(struct backup *b, const char *data_dir)
{
    enum err e = write_aside(b, data_dir);
    if (!e)
        e = move_up(b, data_dir);
    if (!e)
        return OK;
    struct ctx quiet = *b->c; /* the first fault is the one to tell */
    if (remove_leftovers(&quiet, data_dir))
        log_warn("core", "a restore that failed left %s/" RESTORING, data_dir);
    return e;
}

static enum err read_subject_keys(struct backup *b, const char *keys_file, const char *passphrase)
{
    const char *node = json_text_of(b->list, "node", "");
    if (!json_bool_of(b->list, "subjects", false))
        return OK; /* of before there were any */
    const char *keys = keys_file ? keys_file : backup_keys_file(b->c->arena, b->dir, node);
    return backup_keys_load(b->c, keys, node, passphrase, &b->subject_keys);
}

enum err backup_restore(struct ctx *c, const char *from_dir, const char *keys_file,
                        const char *data_dir, const char *passphrase,
                        struct backup_report *ret_report)
{
    struct backup b = {.c = c, .dir = from_dir, .data_dir = data_dir};
    enum err e = remove_leftovers(c, data_dir);
    if (!e)
        e = empty_folder(c, data_dir);
    if (!e)
        e = read_head(&b, passphrase);
    if (!e)
        e = read_manifest(&b);
    if (!e)
        e = take_all(&b, false);
    if (!e)
        e = read_subject_keys(&b, keys_file, passphrase);
    if (!e)
        e = restore_into(&b, data_dir);
    json_end(b.list);
    arena_end(b.steps);
    if (!e)
        *ret_report = b.report;
    return e;
}
