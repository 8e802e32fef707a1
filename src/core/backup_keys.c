/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The copy of keys/subjects.key that restores need: "dinh-subjects-1\n", 16 bytes of salt, then the
 * file sealed under a key from the passphrase. One for all backups of the node, written over.
 */
#include <string.h>

#include "base/sys.h"
#include "core/backup_inside.h"
#include "core/subject.h"

#define HEAD      "dinh-subjects-1\n"
#define HEAD_LEN  (sizeof HEAD - 1)
#define SALT_LEN  16
#define KEYS_MAX  (256 * 1024 * 1024)
#define SEAL_ROOM 1024

const char *backup_keys_file(struct arena *a, const char *backup_dir, const char *node)
{
    return arena_printf(a, "%s/../dinh-%s.subjects", backup_dir, node);
}

static const char *aad_of(struct ctx *c, const char *node)
{
    return arena_printf(c->arena, "dinh-subjects-1|%s", node);
}

enum err backup_keys_save(struct ctx *c, const struct node *n, const char *to,
                          const char *passphrase, bool *ret_there)
{
    const char *own = arena_printf(c->arena, "%s/keys/" SUBJECTS_FILE, n->data_dir);
    struct bytes plain, key;
    *ret_there = sys_exists(own);
    if (!*ret_there)
        return OK;
    enum err e = sys_read_file(c, own, KEYS_MAX, &plain);
    uint8_t *head = arena_alloc(c->arena, HEAD_LEN + SALT_LEN);
    const struct bytes salt = {head + HEAD_LEN, SALT_LEN};
    memcpy(head, HEAD, HEAD_LEN);
    sys_random(head + HEAD_LEN, SALT_LEN);
    if (!e)
        e = password_key(c, passphrase, salt, &key);
    if (e)
        return e;
    struct bytes sealed = seal(c->arena, key, aad_of(c, n->name), plain);
    size_t len = HEAD_LEN + SALT_LEN + sealed.len;
    uint8_t *out = arena_alloc(c->arena, len);
    memcpy(out, head, HEAD_LEN + SALT_LEN);
    memcpy(out + HEAD_LEN + SALT_LEN, sealed.ptr, sealed.len);
    return sys_write_file(c, to, (struct bytes){out, len}, 0600);
}

static enum err bad(struct ctx *c, const char *path)
{
    ctx_clear_faults(c);
    return fail(c, ERR_SUBJECT_KEYS, "key", path);
}

enum err backup_keys_load(struct ctx *c, const char *from, const char *node, const char *passphrase,
                          struct bytes *ret_keys)
{
    struct bytes in, key;
    if (sys_read_file(c, from, KEYS_MAX + SEAL_ROOM, &in))
        return bad(c, from);
    if (in.len < HEAD_LEN + SALT_LEN || memcmp(in.ptr, HEAD, HEAD_LEN) != 0)
        return bad(c, from);
    const struct bytes salt = {in.ptr + HEAD_LEN, SALT_LEN};
    const struct bytes sealed = {salt.ptr + SALT_LEN, in.len - HEAD_LEN - SALT_LEN};
    enum err e = password_key(c, passphrase, salt, &key);
    if (e)
        return e;
    return seal_open(c->arena, key, aad_of(c, node), sealed, ret_keys) ? OK : bad(c, from);
}
