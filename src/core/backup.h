/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node's whole data folder into a folder of sealed parts, and back. Online: the database copy is
 * consistent, files are written before the rows that name them. Everything, names and keys
 * included, is sealed under a key from the passphrase (Argon2id); each part is bound to its backup
 * and place, so that a wrong passphrase, a flipped bit, a missing or moved part is refused.
 *
 * One file is in no backup: keys/subjects.key, out of which destroyed subjects' keys are taken
 * (core/subject.h). Its copy lies apart, one for all backups of a node, and each backup writes over
 * it: a subject destroyed later is unreadable in the backups of before, too. A restore needs it.
 *
 * backup.json tells format and salt; manifest (sealed) the files; 00000001.part ... their bytes.
 * A database on PostgreSQL is backed up by its own tools: ERR_DB_BACKUP.
 */
#ifndef DINH_CORE_BACKUP_H
#define DINH_CORE_BACKUP_H

#include "core/node.h"

#define PASSPHRASE_MIN_CHARS 12

struct backup_report {
    int64_t files, bytes, parts;
};
/* to_dir: absent or empty. ERR_PASSPHRASE, ERR_NOT_EMPTY, ERR_DISK_FULL ... The manifest
   is written last: a backup cut short is none. keys_file: where the copy of the subjects' keys
   goes; NULL: backup_keys_file(). */
MUST_CHECK enum err backup_make(struct ctx *c, const struct node *n, const char *to_dir,
                                const char *keys_file, const char *passphrase,
                                struct backup_report *ret_report);
/* Beside the backup: "FOLDER/../dinh-NODE.subjects". */
const char *backup_keys_file(struct arena *a, const char *backup_dir, const char *node);
/* data_dir: absent or empty, or left by a restore that was killed: that is removed. Every part is
   proved before the first byte is written; all lies in data_dir/restoring until it is whole, then
   moves up, node.json last: a restore cut short is no node. ERR_BACKUP tells the part and why.
   keys_file: as above; ERR_SUBJECT_KEYS names it when it isn't there, of another node or under
   another passphrase. */
MUST_CHECK enum err backup_restore(struct ctx *c, const char *from_dir, const char *keys_file,
                                   const char *data_dir, const char *passphrase,
                                   struct backup_report *ret_report);

#endif
