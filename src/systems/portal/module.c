/* SPDX-License-Identifier: Apache-2.0 */
#include "core/jobs.h"
#include "systems/portal/portal_services.h"
#include "systems/portal/portal_views.h"

#define FILE_BODY_BYTES (12 * 1024 * 1024)
#define LIVE_US         SECOND_US

static const struct route routes[] = {
    {.method = "GET",
     .path = "/",
     .permission = PUBLIC,
     .handler = portal_home,
     .out = &portal_home_shape,
     .title = TX(portal_home_title)},
    {.method = "GET",
     .path = "/tim",
     .permission = PUBLIC,
     .handler = portal_find,
     .out = &portal_search_shape,
     .title = TX(portal_search_title)},
    {.method = "GET",
     .path = "/dich-vu/{code}",
     .permission = PUBLIC,
     .handler = portal_service,
     .out = &portal_service_shape,
     .title = TX(portal_service_title)},
    {.method = "GET",
     .path = "/dich-vu/{code}/nop",
     .permission = "portal.file",
     .handler = portal_start_page,
     .out = &portal_start_shape,
     .title = TX(portal_start_title)},
    {.method = "POST",
     .path = "/dich-vu/{code}/nop",
     .permission = "portal.file",
     .prepare = portal_begin_prepare,
     .handler = portal_begin,
     .again = portal_start_page,
     .flags = ROUTE_WRITE | ROUTE_FIELDS,
     .purpose = PURPOSE_PREFILL,
     .title = TX(portal_start_title)},
    {.method = "GET",
     .path = "/ban-nhap",
     .permission = "portal.file",
     .handler = portal_drafts,
     .out = &portal_drafts_shape,
     .title = TX(portal_drafts_title)},
    {.method = "GET",
     .path = "/ban-nhap/{id}",
     .permission = "portal.file",
     .handler = portal_draft_page,
     .out = &portal_draft_shape,
     .title = TX(portal_draft_title)},
    {.method = "POST",
     .path = "/ban-nhap/{id}/bo",
     .permission = "portal.file",
     .handler = portal_draft_drop,
     .flags = ROUTE_WRITE,
     .title = TX(portal_draft_drop)},
    {.method = "POST",
     .path = "/ban-nhap/{id}/luu",
     .permission = "portal.file",
     .handler = portal_autosave,
     .in = &portal_keep_shape,
     .out = &portal_version_shape,
     .flags = ROUTE_WRITE | ROUTE_NO_KEY | ROUTE_FIELDS,
     .title = TX(portal_autosave_title)},
    {.method = "GET",
     .path = "/dia-danh",
     .permission = "portal.file",
     .handler = portal_suggest,
     .out = &portal_suggest_shape,
     .title = TX(portal_suggest_title)},
    {.method = "GET",
     .path = "/ban-nhap/{id}/xem-lai",
     .permission = "portal.file",
     .handler = portal_review,
     .out = &portal_review_shape,
     .title = TX(portal_review_title)},
    {.method = "POST",
     .path = "/ban-nhap/{id}/nop",
     .permission = "portal.file",
     .handler = portal_file,
     .again = portal_file_again,
     .flags = ROUTE_WRITE,
     .purpose = PURPOSE_OWN,
     .title = TX(portal_file_title)},
    {.method = "GET",
     .path = "/ban-nhap/{id}/{group}",
     .permission = "portal.file",
     .handler = portal_group_page,
     .out = &portal_group_shape,
     .title = TX(portal_group_title)},
    {.method = "POST",
     .path = "/ban-nhap/{id}/{group}",
     .permission = "portal.file",
     .prepare = portal_group_prepare,
     .handler = portal_group_save,
     .again = portal_group_again,
     .in = &portal_save_shape,
     .flags = ROUTE_WRITE | ROUTE_UPLOAD | ROUTE_FIELDS,
     .max_body_bytes = FILE_BODY_BYTES,
     .title = TX(portal_group_title)},
    {.method = "GET",
     .path = "/ho-so",
     .permission = "portal.follow",
     .handler = portal_dossiers,
     .out = &portal_dossiers_shape,
     .purpose = PURPOSE_OWN,
     .title = TX(portal_dossiers_title)},
    {.method = "GET",
     .path = "/ho-so/{code}",
     .permission = "portal.follow",
     .handler = portal_dossier,
     .out = &portal_dossier_shape,
     .purpose = PURPOSE_OWN,
     .title = TX(portal_dossier_title)},
    {.method = "GET",
     .path = "/ho-so/{code}/da-nop",
     .permission = "portal.follow",
     .handler = portal_filed,
     .out = &portal_filed_shape,
     .purpose = PURPOSE_OWN,
     .title = TX(portal_filed_title)},
    {.method = "GET",
     .path = "/ho-so/{code}/su-kien",
     .permission = "portal.follow",
     .handler = portal_events,
     .title = TX(portal_live_title)},
    {.method = "GET",
     .path = "/ho-so/{code}/giay/{kind}",
     .permission = "portal.follow",
     .prepare = portal_paper,
     .flags = ROUTE_PREPARED,
     .purpose = PURPOSE_OWN,
     .title = TX(portal_paper_title)},
    {.method = "GET",
     .path = "/ho-so/{code}/bo-sung",
     .permission = "portal.follow",
     .handler = portal_supplement_page,
     .out = &portal_supplement_shape,
     .purpose = PURPOSE_OWN,
     .title = TX(portal_supplement_title)},
    {.method = "POST",
     .path = "/ho-so/{code}/bo-sung",
     .permission = "portal.follow",
     .prepare = portal_supplement_prepare,
     .handler = portal_supplement,
     .again = portal_supplement_again,
     .in = &portal_resend_shape,
     .flags = ROUTE_WRITE | ROUTE_UPLOAD | ROUTE_FIELDS,
     .max_body_bytes = FILE_BODY_BYTES,
     .purpose = PURPOSE_OWN,
     .title = TX(portal_supplement_title)},
    {.method = "GET",
     .path = "/ho-so/{code}/rut",
     .permission = "portal.follow",
     .handler = portal_withdraw_page,
     .out = &portal_withdraw_shape,
     .purpose = PURPOSE_OWN,
     .title = TX(portal_withdraw_title)},
    {.method = "POST",
     .path = "/ho-so/{code}/rut",
     .permission = "portal.follow",
     .handler = portal_withdraw,
     .again = portal_withdraw_again,
     .in = &portal_withdrawal_shape,
     .flags = ROUTE_WRITE,
     .purpose = PURPOSE_OWN,
     .title = TX(portal_withdraw_title)},
    {.method = "POST",
     .path = "/ho-so/{code}/nhan",
     .permission = "portal.receive",
     .handler = portal_collect,
     .again = portal_dossier,
     .in = &portal_version_shape,
     .flags = ROUTE_WRITE,
     .purpose = PURPOSE_OWN,
     .title = TX(portal_collect_title)},
    {.method = "GET",
     .path = "/ho-so/{code}/danh-gia",
     .permission = "portal.rate",
     .handler = portal_rate_page,
     .out = &portal_rate_page_shape,
     .purpose = PURPOSE_OWN,
     .title = TX(portal_rate_title)},
    {.method = "POST",
     .path = "/ho-so/{code}/danh-gia",
     .permission = "portal.rate",
     .handler = portal_rate,
     .again = portal_rate_again,
     .in = &portal_opinion_shape,
     .flags = ROUTE_WRITE | ROUTE_FIELDS,
     .purpose = PURPOSE_OWN,
     .title = TX(portal_rate_title)},
    {.method = "GET",
     .path = "/du-lieu-cua-toi",
     .permission = "portal.access_log",
     .prepare = portal_my_data_prepare,
     .handler = portal_my_data,
     .out = &portal_access_shape,
     .per_minute = 30,
     .purpose = PURPOSE_OWN,
     .title = TX(portal_access_title)},
};
static const struct menu_item menu[] = {
    {"/", PUBLIC, TX(portal_menu_home)},
    {"/ho-so", "portal.follow", TX(portal_dossiers_title)},
    {"/du-lieu-cua-toi", "portal.access_log", TX(portal_access_menu)},
};
static const struct permission permissions[] = {
    {"portal.file", TX(portal_permission_file)},
    {"portal.follow", TX(portal_permission_follow)},
    {"portal.receive", TX(portal_permission_receive)},
    {"portal.rate", TX(portal_permission_rate)},
    {"portal.access_log", TX(portal_permission_access_log)},
};
static const struct service services[] = {
    {.code = "portal.status",
     .title = TX(portal_service_status),
     .member = "G22",
     .write = true,
     .serve = portal_serve_status},
};
static const struct indicator indicators[] = {
    {"T01", TX(portal_indicator_satisfied)},
    {"T13", TX(portal_indicator_prefilled)},
};

static enum err expire(struct ctx *c, void *arg)
{
    (void)arg;
    int64_t n;
    return portal_store_drafts_expire(c, &n);
}

static enum err expire_job(struct ctx *c)
{
    return db_write(c, c->node->db, expire, NULL);
}

static const struct job jobs[] = {
    {.name = "portal.expire", .every_us = HOUR_US, .run = expire_job},
    {.name = "portal.live", .every_us = LIVE_US, .run = portal_live_tell},
};

static enum err moved(struct ctx *c, const struct procedure *p, const struct casework_case *k,
                      const struct process_action *action, const char *reason)
{
    (void)c, (void)p, (void)action, (void)reason;
    portal_live_mark(k->code);
    return OK;
}

static enum err start(struct ctx *c)
{
    casework_listen(moved);
    return portal_places_start(c);
}

static void stop(void)
{
    portal_live_stop();
    portal_places_stop();
}

static const char *const needs[] = {"identity", "casework", "exchange", "measure", "onestop", NULL};

const struct module portal_module = {.name = "portal",
                                     .needs = needs,
                                     TABLE(permissions, permissions),
                                     TABLE(routes, routes),
                                     TABLE(menu, menu),
                                     TABLE(jobs, jobs),
                                     TABLE(services, services),
                                     TABLE(indicators, indicators),
                                     .start = start,
                                     .stop = stop};
