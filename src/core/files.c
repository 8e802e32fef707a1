/* SPDX-License-Identifier: Apache-2.0 */
#include "core/files.h"

#include <string.h>

#include "base/id.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/opener.h"
#include "core/scope.h"
#include "core/subject.h"
#include "net/scanner.h"

#define FILE_MAX_MIB   10
#define FILE_MAX_BYTES (FILE_MAX_MIB * 1024 * 1024)
#define SEAL_MAX_BYTES 64 /* what sealing adds */
#define PDF_TAIL_BYTES 2048
#define NAME_MAX_CHARS 200
#define KEY_LEN        32
#define SCAN_US        (20 * SECOND_US)

static bool is_pdf(struct bytes in)
{
    if (in.len < 16 || memcmp(in.ptr, "%PDF-", 5) != 0 || in.ptr[5] < '1' || in.ptr[5] > '2')
        return false;
    size_t tail = in.len < PDF_TAIL_BYTES ? in.len : PDF_TAIL_BYTES;
    return memmem(in.ptr + in.len - tail, tail, "%%EOF", 5) != NULL;
}

/* The brands of one HEVC picture (ISO/IEC 23008-12 annex B.4); films and AVIF aren't taken. */
static bool is_heic(struct bytes in)
{
    static const char *const brands[] = {"heic", "heix", "heim", "heis", "mif1"};
    if (in.len < 12 || memcmp(in.ptr + 4, "ftyp", 4) != 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(brands); i++)
        if (memcmp(in.ptr + 8, brands[i], 4) == 0)
            return true;
    return false;
}

const char *file_office(struct bytes name)
{
    static const char *const types[] = {FILE_WORD, FILE_SHEET, FILE_ODT};
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (name.len == strlen(types[i]) && memcmp(name.ptr, types[i], name.len) == 0)
            return types[i];
    return NULL;
}

const char *file_sniff(struct bytes in)
{
    if (in.len >= 4 && memcmp(in.ptr, "\xff\xd8\xff", 3) == 0)
        return "image/jpeg";
    if (in.len >= 8 && memcmp(in.ptr, "\x89PNG\r\n\x1a\n", 8) == 0)
        return "image/png";
    if (is_heic(in))
        return "image/heic";
    if (in.len >= 30 && memcmp(in.ptr, "PK\3\4", 4) == 0)
        return "application/zip";
    return is_pdf(in) ? "application/pdf" : NULL;
}

/* Those of before subjects lie by their hash. The last two characters of a name are random. */
static const char *folder_of(struct ctx *c, const struct file *f)
{
    const char *two = f->key.len ? f->blob + strlen(f->blob) - 2 : f->sha256;
    return arena_printf(c->arena, "%s/files/%.2s", c->node->data_dir, two);
}

static const char *path_of(struct ctx *c, const struct file *f)
{
    return arena_printf(c->arena, "%s/%s", folder_of(c, f), f->key.len ? f->blob : f->sha256);
}

static const char *blob_aad(struct ctx *c, const char *sha256)
{
    return arena_printf(c->arena, "files|%s", sha256);
}

static const char *column_aad(struct ctx *c, const char *column, const char *id)
{
    return arena_printf(c->arena, "core_file.%s|%s", column, id);
}

static enum err keep(struct ctx *c, const struct file *f, struct bytes content)
{
    struct bytes sealed = seal(c->arena, f->key, blob_aad(c, f->sha256), content);
    enum err e = sys_mkdir(c, arena_printf(c->arena, "%s/files", c->node->data_dir), 0700);
    if (!e)
        e = sys_mkdir(c, folder_of(c, f), 0700);
    if (!e)
        e = sys_write_file(c, path_of(c, f), sealed, 0600);
    if (!e && FAULT_POINT("files.keep.after")) /* the content lies there, no row tells of it */
        e = fail(c, ERR_IO, "files.keep.after");
    return e;
}

static const char *owner_of(struct ctx *c)
{
    const struct actor *who = c->actor;
    return text_empty(who->person) ? who->account : person_token(c, who->person);
}

/* IMG_0001.HEIC became a JPEG: who keeps it should be able to open it. */
static const char *name_for(struct ctx *c, const char *name, const char *type)
{
    size_t n = strlen(name);
    bool heic =
        n > 5 && (strcasecmp(name + n - 5, ".heic") == 0 || strcasecmp(name + n - 5, ".heif") == 0);
    if (!heic || !text_eq(type, "image/jpeg"))
        return name;
    return arena_printf(c->arena, "%.*s.jpg", (int)(n - 5), name);
}

/* ---- malware ---- */

static enum err write_found(struct ctx *c, void *arg)
{
    const struct audit_act act = {
        .action = "core.file.malware", .kind = "file", .object = arg, .detail = NULL};
    return audit_write(c, &act);
}

/* Outside a transaction, as the sender; what was found is told by its name and the file's hash. */
static enum err tell_found(struct ctx *c, const char *field, struct bytes content, const char *name)
{
    char *object = arena_printf(c->arena, "%s %s", sha256_hex(c->arena, sha256(content)), name);
    enum err e = c->node->db ? db_write(c, c->node->db, write_found, object) : OK;
    return e ? e : fail(c, ERR_FILE_MALWARE, field);
}

static enum err scan(struct ctx *c, const char *field, struct bytes content)
{
    const char *name;
    if (text_empty(c->node->scanner))
        return OK;
    switch (scanner_ask(c->arena, c->node->scanner, content, SCAN_US, &name)) {
    case SCAN_CLEAN: return OK;
    case SCAN_FOUND: return tell_found(c, field, content, name);
    case SCAN_AWAY: return fail(c, ERR_FILE_SCANNER, field);
    }
    BUG("no such answer");
}

static enum err take(struct ctx *c, const char *field, const char *name, struct bytes content,
                     struct file *ret_file, bool ours)
{
    struct bytes cleaned;
    const char *shown;
    if (content.len == 0)
        return fail(c, ERR_FILE_EMPTY, field);
    if (content.len > FILE_MAX_BYTES)
        return fail(c, ERR_FILE_SIZE, field, arena_printf(c->arena, "%d", FILE_MAX_MIB));
    const char *type = file_sniff(content);
    if (!type)
        return fail(c, ERR_FILE_TYPE, field);
    enum err e = ours ? OK : scan(c, field, content);
    if (!e)
        e = opener_open(c, field, type, content, &type, &cleaned);
    if (!e)
        e = text_clean(c, field, bytes_of(name ? name : ""), NAME_MAX_CHARS, &shown);
    if (e)
        return e;
    struct file f = {.id = id_new(c->arena, c->now_us),
                     .name = name_for(c, shown, type),
                     .type = type,
                     .sha256 = sha256_hex(c->arena, sha256(cleaned)),
                     .owner = owner_of(c),
                     .bytes = (int64_t)cleaned.len,
                     .added_us = c->now_us};
    uint8_t key[KEY_LEN];
    sys_random(key, sizeof key);
    f.blob = f.id;
    f.key = arena_bytes(c->arena, key, sizeof key);
    explicit_bzero(key, sizeof key);
    e = keep(c, &f, cleaned);
    if (!e)
        *ret_file = f;
    return e;
}

enum err file_take(struct ctx *c, const char *field, const char *name, struct bytes content,
                   struct file *ret_file)
{
    return take(c, field, name, content, ret_file, false);
}

enum err file_take_own(struct ctx *c, const char *field, const char *name, struct bytes content,
                       struct file *ret_file)
{
    return take(c, field, name, content, ret_file, true);
}

struct sealed_parts {
    struct bytes name, key;
};

static enum err seal_parts(struct ctx *c, const struct file *f, int64_t subject,
                           struct sealed_parts *ret)
{
    enum err e =
        subject_seal(c, subject, column_aad(c, "name", f->id), bytes_of(f->name), &ret->name);
    ret->key = (struct bytes){NULL, 0};
    if (!e && f->key.len)
        e = subject_seal(c, subject, column_aad(c, "key", f->id), f->key, &ret->key);
    return e;
}

enum err file_add(struct ctx *c, const struct file *f, int64_t subject)
{
    struct sealed_parts s;
    enum err e = seal_parts(c, f, subject, &s);
    return e ? e
             : db_exec(c, NULL,
                       "INSERT INTO core_file (id, name, type, sha256, bytes, owner, added_us,"
                       " subject, key, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                       P_TEXT(f->id), P_BLOB(s.name), P_TEXT(f->type), P_TEXT(f->sha256),
                       P_INT(f->bytes), P_TEXT(f->owner), P_INT(f->added_us), P_INT(subject),
                       P_BLOB(s.key), P_TEXT(f->blob));
}

enum err file_hand_over(struct ctx *c, const char *id, int64_t subject, const char **ret_id)
{
    struct file f;
    struct sealed_parts s;
    enum err e = file_get(c, id, &f);
    *ret_id = id;
    if (e || f.subject == subject || !f.key.len)
        return e;
    if (subject_class_of(f.subject) != SUBJECT_DRAFT) { /* it stays there, too */
        *ret_id = f.id = id_new(c->arena, c->now_us);
        return file_add(c, &f, subject);
    }
    e = seal_parts(c, &f, subject, &s);
    return e ? e
             : db_exec(c, NULL,
                       "UPDATE core_file SET name = $2, key = $3, subject = $4 WHERE id = $1",
                       P_TEXT(id), P_BLOB(s.name), P_BLOB(s.key), P_INT(subject));
}

static enum err row_file(struct ctx *c, const struct db_row *r, void *arg)
{
    struct file *f = arg;
    struct bytes name;
    *f = (struct file){.id = row_text(r, 0),
                       .type = row_text(r, 2),
                       .sha256 = row_text(r, 3),
                       .bytes = row_int(r, 4),
                       .owner = row_text(r, 5),
                       .added_us = row_int(r, 6),
                       .subject = row_int(r, 7),
                       .blob = row_text(r, 9)};
    enum err e = subject_open(c, SECRET_FILE, column_aad(c, "name", f->id), row_blob(r, 1), &name);
    f->name = e ? "" : arena_text_n(c->arena, (const char *)name.ptr, name.len);
    struct bytes key = row_blob(r, 8);
    if (!e && key.len)
        e = subject_open(c, SECRET_FILE, column_aad(c, "key", f->id), key, &f->key);
    return e;
}

enum err file_get(struct ctx *c, const char *id, struct file *ret_file)
{
    bool found;
    struct file f;
    enum err e = db_one(c, &found, row_file, &f,
                        "SELECT id, name, type, sha256, bytes, owner, added_us, subject, key,"
                        " content FROM core_file"
                        " WHERE id = $1",
                        P_TEXT(id));
    if (e)
        return e;
    if (!found)
        return fail(c, ERR_NOT_FOUND, "file", id);
    *ret_file = f;
    return OK;
}

static enum err damaged(struct ctx *c, const struct file *f)
{
    ctx_clear_faults(c);
    return fail(c, ERR_FILE_DAMAGED, f->id, f->sha256);
}

static bool open_content(struct ctx *c, const struct file *f, struct bytes sealed,
                         struct bytes *ret)
{
    const char *aad = blob_aad(c, f->sha256);
    return f->key.len ? seal_open(c->arena, f->key, aad, sealed, ret)
                      : secret_open(c, SECRET_FILE, aad, sealed, ret) == OK;
}

enum err file_content(struct ctx *c, const struct file *f, struct bytes *ret_content)
{
    struct bytes sealed, plain;
    enum err e = sys_read_file(c, path_of(c, f), FILE_MAX_BYTES + SEAL_MAX_BYTES, &sealed);
    if (e == ERR_NOT_FOUND || e == ERR_TOO_LONG)
        return damaged(c, f);
    if (e)
        return e;
    if (!open_content(c, f, sealed, &plain) ||
        !text_eq(sha256_hex(c->arena, sha256(plain)), f->sha256))
        return damaged(c, f);
    *ret_content = plain;
    return OK;
}
