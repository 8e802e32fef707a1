/* SPDX-License-Identifier: Apache-2.0 */
/* Between backup.c, backup_keys.c and the fuzz target only. */
#ifndef DINH_CORE_BACKUP_INSIDE_H
#define DINH_CORE_BACKUP_INSIDE_H

#include "core/backup.h"
#include "web/json.h"

#define BACKUP_PARTS_MAX INT64_C(99999999) /* eight digits name a part */

struct backup_entry { /* a file in a manifest */
    const char *name; /* below the data folder, leading nowhere else */
    int64_t first, parts, bytes;
};
/* false: names no file of a node, or parts that can't be. */
UNTRUSTED bool backup_entry_read(const json_t *o, struct backup_entry *ret);

/* backup_keys.c: the subjects' keys, apart from the backup, under the same passphrase. */
/* ret_there: the node has some; without any nothing is written. */
MUST_CHECK enum err backup_keys_save(struct ctx *c, const struct node *n, const char *to,
                                     const char *passphrase, bool *ret_there);
MUST_CHECK enum err backup_keys_load(struct ctx *c, const char *from, const char *node,
                                     const char *passphrase, struct bytes *ret_keys);

#endif
