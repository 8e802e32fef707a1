/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attachments: type told by content, not by name; size capped; SHA-256; GPS and other EXIF stripped
 * from photos; stored sealed under data/files, row in core_file; served as attachment. The content
 * has a key of its own, which lies in the row, sealed under whose file it is (core/subject.h).
 */
#ifndef DINH_CORE_FILES_H
#define DINH_CORE_FILES_H

#include "core/node.h"

#define FILE_WORD  "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#define FILE_SHEET "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#define FILE_ODT   "application/vnd.oasis.opendocument.text"

struct file {
    const char *id, *name, *type, *sha256;
    const char *owner; /* token of the person who sent it, or account */
    int64_t bytes;
    int64_t added_us;
    int64_t subject;  /* whose key seals it; 0: of before there were any */
    struct bytes key; /* of the content; secret */
    const char *blob; /* where it lies under data/files */
};
/* Checks and prepares (outside a transaction): sniffs JPEG, PNG, PDF, HEIC, ZIP; has it opened and
   cleaned (core/opener.h, whose errors these are too); writes the sealed blob. ERR_FILE_TYPE,
   ERR_FILE_SIZE (10 MiB), ERR_FILE_EMPTY name the field. Where the node has a scanner of malware,
   it is asked first: ERR_FILE_MALWARE (in the audit trail), ERR_FILE_SCANNER (it is away: nothing
   is kept that it hasn't seen). */
UNTRUSTED MUST_CHECK enum err file_take(struct ctx *c, const char *field, const char *name,
                                        struct bytes content, struct file *ret_file);
/* The same of a paper of our own making: no scanner is asked. */
MUST_CHECK enum err file_take_own(struct ctx *c, const char *field, const char *name,
                                  struct bytes content, struct file *ret_file);
/* The row, sealed under that subject. Write transaction. */
MUST_CHECK enum err file_add(struct ctx *c, const struct file *f, int64_t subject);
/* Under that subject from now on: a draft's file becomes the dossier's; of another dossier's there
   will be two, ret_id tells the new one. Write transaction. */
MUST_CHECK enum err file_hand_over(struct ctx *c, const char *id, int64_t subject,
                                   const char **ret_id);
/* The job: takes away files whose subject is destroyed, and contents that no row names for a day.
 */
MUST_CHECK enum err files_sweep(struct ctx *c);
MUST_CHECK enum err file_get(struct ctx *c, const char *id, struct file *ret_file);
/* Opened and checked against its hash; ERR_FILE_DAMAGED. No right is asked: the caller's matter. */
MUST_CHECK enum err file_content(struct ctx *c, const struct file *f, struct bytes *ret_content);
/* EXIF (but for the orientation), comments and makers' segments out of a JPEG; the picture's bytes
   as they were. False: not a sound JPEG, or over 200 million pixels. */
UNTRUSTED MUST_CHECK bool jpeg_strip(struct arena *a, struct bytes in, struct bytes *ret_out);
UNTRUSTED const char *file_sniff(struct bytes in); /* "image/jpeg" ... or NULL */
const char *file_office(
    struct bytes name); /* the media type of that name, of office files we take */

#endif
