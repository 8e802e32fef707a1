/* SPDX-License-Identifier: Apache-2.0 */
/* Between subject.c and subject_keys.c. */
#ifndef DINH_CORE_SUBJECT_INSIDE_H
#define DINH_CORE_SUBJECT_INSIDE_H

#include "core/subject.h"
#include "crypto/keytree.h"

#define SUBJECT_SERIAL_BITS 32

/* The subject's key; false: destroyed. Wipe it after use. */
bool subject_key(struct ctx *c, int64_t number, struct sha256 *ret_key);
/* Is it out? Then up to which number everything is. */
bool subject_gap(const struct node *n, int64_t number, int64_t *ret_last);

#endif
