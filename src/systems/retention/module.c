/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "systems/retention/retention_views.h"

#define ACT(at, allowed, run, shown, words, ...)                                                   \
    {                                                                                              \
        .method = "POST", .path = (at), .permission = (allowed), .handler = (run),                 \
        .in = &retention_words_shape, .out = &location_shape, .title = (words), .again = (shown),  \
        .query = "truoc sau", .flags = ROUTE_WRITE | __VA_ARGS__                                   \
    }
#define SHOW(at, allowed, run, shape, words)                                                       \
    {                                                                                              \
        .method = "GET", .path = (at), .permission = (allowed), .handler = (run), .out = (shape),  \
        .query = "truoc sau", .title = (words)                                                     \
    }
#define SEND(at, run, shape, shown, words)                                                         \
    {                                                                                              \
        .method = "POST", .path = (at), .permission = RETENTION_PREPARE, .handler = (run),         \
        .in = (shape), .out = &location_shape, .flags = ROUTE_WRITE, .title = (words),             \
        .again = (shown)                                                                           \
    }

static const struct route routes[] = {
    SHOW("/luu-giu", RETENTION_SEE, retention_lists_page, &retention_lists_shape,
         TX(retention_lists_title)),
    SHOW("/luu-giu/quy-tac", RETENTION_SEE, retention_rules_page, &retention_rules_shape,
         TX(retention_rules_title)),
    SHOW("/luu-giu/xoa", RETENTION_PREPARE, retention_order_page, &retention_order_shape,
         TX(retention_order_title)),
    SEND("/luu-giu/xoa", retention_ordered, &retention_ordering_shape, retention_order_again,
         TX(retention_order_send)),
    SHOW("/luu-giu/giu", RETENTION_SEE, retention_holds_page, &retention_holds_shape,
         TX(retention_holds_title)),
    SHOW("/luu-giu/giu/moi", RETENTION_PREPARE, retention_holding_page,
         &retention_holding_view_shape, TX(retention_hold_new)),
    SEND("/luu-giu/giu/moi", retention_held, &retention_holding_shape, retention_holding_again,
         TX(retention_hold_send)),
    SHOW("/luu-giu/giu/{id}", RETENTION_SEE, retention_hold_page, &retention_hold_shape,
         TX(retention_hold_title)),
    ACT("/luu-giu/giu/{id}/thoi", RETENTION_APPROVE, retention_released, retention_hold_again,
        TX(retention_hold_release), ROUTE_GRAVE, .about = retention_hold_about),
    SHOW("/luu-giu/{id}", RETENTION_SEE, retention_list_page, &retention_list_shape,
         TX(retention_list_title)),
    SHOW("/luu-giu/{id}/bien-ban", RETENTION_SEE, retention_record, &retention_list_shape,
         TX(retention_record_title)),
    SHOW("/luu-giu/{id}/muc/{number}", RETENTION_SEE, retention_item_page, &retention_item_shape,
         TX(retention_item_title)),
    ACT("/luu-giu/{id}/muc/{number}/loai", RETENTION_PREPARE, retention_out, retention_item_again,
        TX(retention_exclude), 0),
    ACT("/luu-giu/{id}/muc/{number}/dua-vao", RETENTION_PREPARE, retention_in, retention_item_again,
        TX(retention_include), 0),
    ACT("/luu-giu/{id}/trinh", RETENTION_PREPARE, retention_proposed, retention_list_again,
        TX(retention_propose), 0),
    ACT("/luu-giu/{id}/duyet", RETENTION_APPROVE, retention_approved, retention_list_again,
        TX(retention_approve), ROUTE_GRAVE, .about = retention_list_about),
    ACT("/luu-giu/{id}/huy", RETENTION_SEE, retention_cancelled, retention_list_again,
        TX(retention_cancel), 0),
};
static const struct menu_item menu[] = {
    {"/luu-giu", RETENTION_SEE, TX(retention_lists_title)},
};
static const struct permission permissions[] = {
    {RETENTION_SEE, TX(retention_may_see)},
    {RETENTION_PREPARE, TX(retention_may_prepare)},
    {RETENTION_APPROVE, TX(retention_may_approve)},
};
static const struct setting settings[] = {
    {.name = "retention.wait_hours",
     .unit = "h",
     .fallback = "168",
     .min = 1,
     .max = 8760,
     .title = TX(retention_wait_hours)},
};
static const struct job jobs[] = {
    {.name = "retention.find", .every_us = HOUR_US, .run = retention_find},
    {.name = "retention.run", .every_us = MINUTE_US, .run = retention_run},
};

const struct module retention_module = {.name = "retention",
                                        TABLE(permissions, permissions),
                                        TABLE(routes, routes),
                                        TABLE(menu, menu),
                                        TABLE(settings, settings),
                                        TABLE(jobs, jobs),
                                        .start = retention_start};
