/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "systems/oversight/oversight_views.h"

#define SEE "oversight.see"
#define WHY "oversight" /* of who reads a permit about somebody */

#define ACT(at, allowed, run, shown, words, ...)                                                   \
    {                                                                                              \
        .method = "POST", .path = (at), .permission = (allowed), .handler = (run),                 \
        .in = &oversight_reason_shape, .out = &location_shape, .title = (words), .again = (shown), \
        .purpose = WHY, .flags = ROUTE_WRITE | __VA_ARGS__                                         \
    }

static const struct route routes[] = {
    {.method = "GET",
     .path = "/giam-sat",
     .query = "truoc",
     .permission = READING_WATCH,
     .handler = oversight_alerts,
     .out = &oversight_alerts_shape,
     .title = TX(oversight_alerts_title)},
    {.method = "GET",
     .path = "/giam-sat/{id}",
     .permission = READING_WATCH,
     .handler = oversight_alert,
     .out = &oversight_alert_shape,
     .title = TX(oversight_alert_title)},
    ACT("/giam-sat/{id}/xong", READING_WATCH, oversight_resolve, oversight_alert_again,
        TX(oversight_resolve), 0),
    {.method = "GET",
     .path = "/phep",
     .query = "truoc",
     .permission = SEE,
     .handler = oversight_permits,
     .out = &oversight_permits_shape,
     .title = TX(oversight_permits_title)},
    {.method = "GET",
     .path = "/phep/moi",
     .query = "loai what",
     .permission = PERMIT_ASK,
     .handler = oversight_ask,
     .out = &oversight_ask_shape,
     .title = TX(oversight_ask_title)},
    {.method = "POST",
     .path = "/phep/moi",
     .permission = PERMIT_ASK,
     .handler = oversight_asked,
     .in = &oversight_asking_shape,
     .out = &location_shape,
     .flags = ROUTE_WRITE,
     .per_minute = 20,
     .title = TX(oversight_ask_send),
     .again = oversight_ask_again},
    {.method = "GET",
     .path = "/phep/{id}",
     .permission = SEE,
     .handler = oversight_permit,
     .purpose = WHY,
     .out = &oversight_permit_shape,
     .title = TX(oversight_field_permit)},
    ACT("/phep/{id}/cho", PERMIT_DECIDE, oversight_allow, oversight_permit_again,
        TX(oversight_allow), ROUTE_GRAVE, .about = oversight_permit_about),
    ACT("/phep/{id}/tu-choi", PERMIT_DECIDE, oversight_refuse, oversight_permit_again,
        TX(oversight_refuse), 0),
    ACT("/phep/{id}/dung", READING_WATCH, oversight_proper, oversight_permit_again,
        TX(oversight_proper), 0),
    ACT("/phep/{id}/sai", READING_WATCH, oversight_improper, oversight_permit_again,
        TX(oversight_improper), 0),
};
static const struct menu_item menu[] = {
    {"/giam-sat", READING_WATCH, TX(oversight_alerts_title)},
    {"/phep", SEE, TX(oversight_permits_title), .waits = permits_waiting},
};
static const struct permission permissions[] = {
    {SEE, TX(oversight_may_see)},
    {PERMIT_ASK, TX(oversight_may_ask)},
    {PERMIT_DECIDE, TX(oversight_may_decide)},
    {READING_WATCH, TX(oversight_may_watch)},
};

static enum err clean(struct ctx *c, void *arg)
{
    (void)arg;
    return reading_clean(c);
}

static enum err clean_job(struct ctx *c)
{
    return db_write(c, c->node->db, clean, NULL);
}

static const struct job jobs[] = {
    {.name = "oversight.clean", .every_us = HOUR_US, .run = clean_job},
};

const struct module oversight_module = {.name = "oversight",
                                        TABLE(permissions, permissions),
                                        TABLE(routes, routes),
                                        TABLE(menu, menu),
                                        TABLE(jobs, jobs)};
