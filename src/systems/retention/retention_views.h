/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages show and take. Between the files of this folder only. */
#ifndef DINH_SYSTEMS_RETENTION_VIEWS_H
#define DINH_SYSTEMS_RETENTION_VIEWS_H

#include "systems/retention/retention_private.h"
#include "web/page.h"

struct retention_row {
    const char *id, *name, *at, *state, *colour, *href;
    int64_t n;
};
struct retention_lists_view {
    const char *next;
    struct list rows; /* struct retention_row */
};
struct retention_item_view {
    const char *id, *object, *class, *since, *due, *state, *colour, *by, *words, *href, *back;
    bool may_exclude, may_include;
};
struct retention_list_view {
    const char *id, *name, *law, *state, *colour, *made, *prepared, *words, *approved, *answer;
    const char *run, *done, *approver, *next, *agency;
    int64_t listed, excluded, destroyed, kept;
    bool may_propose, may_approve, may_cancel, is_mine;
    struct list rows; /* struct retention_item_view */
};
struct retention_rule_view {
    const char *name, *term, *from, *end, *approver, *law;
};
struct retention_rules_view {
    struct list rows; /* struct retention_rule_view */
};
struct retention_words {
    const char *reason;
};
struct retention_ordering {
    const char *of, *object, *law, *reason;
};
struct retention_order_view {
    struct retention_ordering in;
    const char *about;
};
struct retention_holding {
    const char *of, *object, *person, *law, *document, *reason;
};
struct retention_hold_view {
    const char *id, *what, *law, *document, *words, *placed, *released, *why, *state, *colour,
        *href;
    bool may_release;
};
struct retention_holds_view {
    const char *next;
    struct list rows; /* struct retention_hold_view */
};
struct retention_holding_view {
    struct retention_holding in;
    const char *about;
};
extern const struct shape retention_lists_shape, retention_list_shape, retention_item_shape,
    retention_rules_shape, retention_words_shape, retention_ordering_shape, retention_order_shape,
    retention_holding_shape, retention_holding_view_shape, retention_hold_shape,
    retention_holds_shape;

const char *retention_class(const struct ctx *c, const char *of); /* "Hồ sơ" */
/* The class as radio buttons. */
void retention_choose(struct page *p, const struct shape *s, const void *object, bool drafts);
const char *retention_by(struct ctx *c, int64_t us, const char *name); /* "" while us is 0 */

/* retention_pages.c */
enum err retention_lists_page(struct ctx *c, struct req *r);
enum err retention_list_page(struct ctx *c, struct req *r);
/* Its name and when it was made; the hold's document: nobody's data. */
enum err retention_list_about(struct ctx *c, struct req *r, const char **ret_line);
enum err retention_hold_about(struct ctx *c, struct req *r, const char **ret_line);
enum err retention_list_again(struct ctx *c, struct req *r);
enum err retention_record(struct ctx *c, struct req *r);
enum err retention_item_page(struct ctx *c, struct req *r);
enum err retention_item_again(struct ctx *c, struct req *r);
enum err retention_out(struct ctx *c, struct req *r);
enum err retention_in(struct ctx *c, struct req *r);
enum err retention_proposed(struct ctx *c, struct req *r);
enum err retention_approved(struct ctx *c, struct req *r);
enum err retention_cancelled(struct ctx *c, struct req *r);
/* retention_forms.c */
enum err retention_rules_page(struct ctx *c, struct req *r);
enum err retention_order_page(struct ctx *c, struct req *r);
enum err retention_order_again(struct ctx *c, struct req *r);
enum err retention_ordered(struct ctx *c, struct req *r);
enum err retention_holds_page(struct ctx *c, struct req *r);
enum err retention_hold_page(struct ctx *c, struct req *r);
enum err retention_hold_again(struct ctx *c, struct req *r);
enum err retention_released(struct ctx *c, struct req *r);
enum err retention_holding_page(struct ctx *c, struct req *r);
enum err retention_holding_again(struct ctx *c, struct req *r);
enum err retention_held(struct ctx *c, struct req *r);

#endif
