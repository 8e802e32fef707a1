/* SPDX-License-Identifier: Apache-2.0 */
#include "core/files.h"

#include <string.h>

#include "base/id.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/opener.h"
#include "core/scope.h"
#include "core/secrets.h"

#define FILE_MAX_MIB   10
#define FILE_MAX_BYTES (FILE_MAX_MIB * 1024 * 1024)
#define SEAL_MAX_BYTES 64 /* what sealing adds */
#define PDF_TAIL_BYTES 2048
#define NAME_MAX_CHARS 200

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

const char *file_sniff(struct bytes in)
{
    if (in.len >= 4 && memcmp(in.ptr, "\xff\xd8\xff", 3) == 0)
        return "image/jpeg";
    if (in.len >= 8 && memcmp(in.ptr, "\x89PNG\r\n\x1a\n", 8) == 0)
        return "image/png";
    if (is_heic(in))
        return "image/heic";
    return is_pdf(in) ? "application/pdf" : NULL;
}

static const char *folder_of(struct ctx *c, const char *sha256)
{
    return arena_printf(c->arena, "%s/files/%.2s", c->node->data_dir, sha256);
}

static const char *path_of(struct ctx *c, const char *sha256)
{
    return arena_printf(c->arena, "%s/%s", folder_of(c, sha256), sha256);
}

static const char *blob_aad(struct ctx *c, const char *sha256)
{
    return arena_printf(c->arena, "files|%s", sha256);
}

static const char *name_aad(struct ctx *c, const char *id)
{
    return arena_printf(c->arena, "core_file.name|%s", id);
}

/* Equal contents are kept once; who sent the other may still be at it. */
static enum err keep(struct ctx *c, const char *sha256, struct bytes content)
{
    if (sys_exists(path_of(c, sha256)))
        return sys_sync_name(c, path_of(c, sha256));
    struct bytes sealed = secret_seal(c, SECRET_FILE, blob_aad(c, sha256), content);
    enum err e = sys_mkdir(c, arena_printf(c->arena, "%s/files", c->node->data_dir), 0700);
    if (!e)
        e = sys_mkdir(c, folder_of(c, sha256), 0700);
    if (!e)
        e = sys_write_file(c, path_of(c, sha256), sealed, 0600);
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

enum err file_take(struct ctx *c, const char *field, const char *name, struct bytes content,
                   struct file *ret_file)
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
    enum err e = opener_open(c, field, type, content, &type, &cleaned);
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
    e = keep(c, f.sha256, cleaned);
    if (!e)
        *ret_file = f;
    return e;
}

enum err file_add(struct ctx *c, const struct file *f)
{
    struct bytes name = secret_seal(c, SECRET_FILE, name_aad(c, f->id), bytes_of(f->name));
    return db_exec(c, NULL,
                   "INSERT INTO core_file (id, name, type, sha256, bytes, owner, added_us)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                   P_TEXT(f->id), P_BLOB(name), P_TEXT(f->type), P_TEXT(f->sha256), P_INT(f->bytes),
                   P_TEXT(f->owner), P_INT(f->added_us));
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
                       .added_us = row_int(r, 6)};
    enum err e = secret_open(c, SECRET_FILE, name_aad(c, f->id), row_blob(r, 1), &name);
    f->name = e ? "" : arena_text_n(c->arena, (const char *)name.ptr, name.len);
    return e;
}

enum err file_get(struct ctx *c, const char *id, struct file *ret_file)
{
    bool found;
    struct file f;
    enum err e = db_one(c, &found, row_file, &f,
                        "SELECT id, name, type, sha256, bytes, owner, added_us FROM core_file"
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

enum err file_content(struct ctx *c, const struct file *f, struct bytes *ret_content)
{
    struct bytes sealed, plain;
    enum err e = sys_read_file(c, path_of(c, f->sha256), FILE_MAX_BYTES + SEAL_MAX_BYTES, &sealed);
    if (e == ERR_NOT_FOUND || e == ERR_TOO_LONG)
        return damaged(c, f);
    if (e)
        return e;
    if (secret_open(c, SECRET_FILE, blob_aad(c, f->sha256), sealed, &plain) ||
        !text_eq(sha256_hex(c->arena, sha256(plain)), f->sha256))
        return damaged(c, f);
    *ret_content = plain;
    return OK;
}
