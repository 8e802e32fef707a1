/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages show and take. Between the files of this folder only. */
#ifndef DINH_SYSTEMS_OVERSIGHT_VIEWS_H
#define DINH_SYSTEMS_OVERSIGHT_VIEWS_H

#include "core/permit.h"
#include "core/reading.h"
#include "systems/oversight/oversight.h"
#include "web/page.h"

struct oversight_alert {
    const char *id, *who, *role, *unit, *kind, *n, *usual, *most, *at, *state, *colour, *href;
};
struct oversight_alerts_view {
    const char *next;
    struct list rows; /* struct oversight_alert */
};
struct oversight_alert_view {
    const char *id, *who, *role, *unit, *kind, *n, *usual, *most, *at, *state, *colour;
    const char *resolved, *words; /* "" while open */
    bool may_resolve;
};
struct oversight_reason {
    const char *reason;
};
struct oversight_permit {
    const char *id, *kind, *who, *unit, *at, *state, *colour, *href;
};
struct oversight_permits_view {
    const char *next;
    struct list rows; /* struct oversight_permit */
};
struct oversight_desk {
    const char *label, *href;
};
struct oversight_permit_view {
    const char *id, *kind, *who, *role, *unit, *at, *state, *colour, *person, *what, *reason;
    const char *basis, *document, *until, *told, *decided, *answer, *reviewed, *finding;
    bool may_decide, may_review;
    struct list desks; /* struct oversight_desk: where the permit opens what it is for */
};
struct oversight_asking {
    const char *kind, *person, *what, *basis, *document, *until, *reason;
};
struct oversight_ask_view {
    struct oversight_asking in;
    const char *kind, *title, *about;
};
extern const struct shape oversight_alerts_shape, oversight_alert_shape, oversight_reason_shape,
    oversight_permits_shape, oversight_permit_shape, oversight_asking_shape, oversight_ask_shape;

/* oversight_alerts.c */
enum err oversight_alerts(struct ctx *c, struct req *r);
enum err oversight_alert(struct ctx *c, struct req *r);
enum err oversight_alert_again(struct ctx *c, struct req *r);
enum err oversight_resolve(struct ctx *c, struct req *r);
/* oversight_permits.c */
enum err oversight_permits(struct ctx *c, struct req *r);
enum err oversight_permit(struct ctx *c, struct req *r);
/* Which kind of permit, and who asked: not about whom. */
enum err oversight_permit_about(struct ctx *c, struct req *r, const char **ret_line);
enum err oversight_permit_again(struct ctx *c, struct req *r);
enum err oversight_allow(struct ctx *c, struct req *r);
enum err oversight_refuse(struct ctx *c, struct req *r);
enum err oversight_proper(struct ctx *c, struct req *r);
enum err oversight_improper(struct ctx *c, struct req *r);
/* oversight_ask.c */
enum err oversight_ask(struct ctx *c, struct req *r);
enum err oversight_ask_again(struct ctx *c, struct req *r);
enum err oversight_asked(struct ctx *c, struct req *r);
/* A field that this kind of permit needs although the form's others don't. */
void oversight_needed(struct page *p, const struct oversight_asking *in, const char *name);
const char *oversight_kind(const struct ctx *c, const char *kind); /* "Xem khẩn cấp" */

#endif
