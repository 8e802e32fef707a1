/* SPDX-License-Identifier: Apache-2.0 */
/* What the outbox*.c files share. */
#ifndef DINH_CORE_OUTBOX_INSIDE_H
#define DINH_CORE_OUTBOX_INSIDE_H

#include "core/outbox.h"

#define OUTBOX_JOB "core.outbox"

struct outbox_channel_row {
    const char *name;
    outbox_send send;
    outbox_answered answered;
};
const struct outbox_channel_row *outbox_channel_of(const char *name); /* NULL: none */
int64_t outbox_puts(void); /* items put in this process so far */

/* ---- outbox_store.c: one function a statement ---- */
enum err outbox_insert(struct ctx *c, const struct outbox_item *item);
/* Items that may leave now, with their bodies: nobody of their order key before them waits. */
enum err outbox_due(struct ctx *c, struct outbox_item *ret_items, size_t max, size_t *ret_n);
/* false: it no longer waits. */
enum err outbox_mark(struct ctx *c, const char *id, enum outbox_state state, int status,
                     bool *ret_marked);
enum err outbox_postpone(struct ctx *c, const struct outbox_item *item, enum outbox_state state,
                         int64_t next_try_us, const char *error);
/* Every waiting item for the agency that is due before next_try_us... */
enum err outbox_hold(struct ctx *c, const struct outbox_item *like, int64_t until_us);
/* ... and back to now when the agency answers again. */
enum err outbox_release(struct ctx *c, const struct outbox_item *like);
enum err outbox_revive(struct ctx *c, const char *id, bool *ret_found);
enum err outbox_since(struct ctx *c, const char *id, int64_t *ret_since_us);

#endif
