/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "core/jobs.h"
#include "systems/onestop/onestop_form.h"
#include "systems/onestop/onestop_views.h"

#define ROW(member, text, ...) SHAPE_TEXT(struct onestop_row, member, text, __VA_ARGS__)

SHAPE(onestop_row_shape, struct onestop_row,
      SHAPE_TEXT(struct onestop_row, code, TX(onestop_row_code), .max = 60),
      SHAPE_TEXT(struct onestop_row, title, TX(onestop_row_about), .max = 200),
      SHAPE_TEXT(struct onestop_row, state, TX(onestop_row_state), .max = 100),
      SHAPE_TEXT(struct onestop_row, due, TX(onestop_row_due), .max = 30),
      SHAPE_TEXT(struct onestop_row, clock, TX(onestop_row_clock), .max = 20),
      SHAPE_TEXT(struct onestop_row, channel, TX(onestop_row_channel), .max = 60));
SHAPE(onestop_inbox_shape, struct onestop_inbox_view,
      SHAPE_TEXT(struct onestop_inbox_view, queue, TX(onestop_row_queue), .max = 20),
      SHAPE_TEXT(struct onestop_inbox_view, next, TX(onestop_row_next), .max = 4096),
      SHAPE_LIST(struct onestop_inbox_view, rows, &onestop_row_shape, TX(onestop_inbox_title)));
SHAPE(onestop_seeking_shape, struct onestop_seeking,
      SHAPE_TEXT(struct onestop_seeking, tu, TX(onestop_inbox_search), .max = 200,
                 .flags = F_PERSONAL),
      SHAPE_TEXT(struct onestop_seeking, hang, TX(onestop_row_queue), .max = 20));
SHAPE(onestop_button_shape, struct onestop_button,
      SHAPE_TEXT(struct onestop_button, name, TX(onestop_row_action), .max = 60),
      SHAPE_TEXT(struct onestop_button, label, TX(onestop_row_action), .max = 100),
      SHAPE_NUMBER(struct onestop_button, needs_reason, KIND_BOOL, TX(onestop_field_needs_reason)),
      SHAPE_NUMBER(struct onestop_button, sign, KIND_BOOL, TX(onestop_field_sign)));
SHAPE(onestop_link_shape, struct onestop_link,
      SHAPE_TEXT(struct onestop_link, href, TX(web_act_href)),
      SHAPE_TEXT(struct onestop_link, title, TX(web_act_title)));
SHAPE(onestop_past_shape, struct onestop_past,
      SHAPE_TEXT(struct onestop_past, action, TX(onestop_row_action)),
      SHAPE_TEXT(struct onestop_past, at, TX(onestop_field_at)),
      SHAPE_TEXT(struct onestop_past, who, TX(onestop_row_signer)),
      SHAPE_TEXT(struct onestop_past, what, TX(web_act_title)),
      SHAPE_TEXT(struct onestop_past, reason, TX(onestop_field_reason), .flags = F_PERSONAL));
SHAPE(onestop_dossier_shape, struct onestop_dossier_view,
      SHAPE_TEXT(struct onestop_dossier_view, code, TX(onestop_row_code), .max = 60),
      SHAPE_TEXT(struct onestop_dossier_view, state, TX(onestop_row_state), .max = 100),
      SHAPE_TEXT(struct onestop_dossier_view, due, TX(onestop_row_due), .max = 30),
      SHAPE_TEXT(struct onestop_dossier_view, due_words, TX(onestop_row_due), .max = 4000),
      SHAPE_INT(struct onestop_dossier_view, version, TX(onestop_row_version)),
      SHAPE_TEXT(struct onestop_dossier_view, procedure, TX(onestop_row_procedure)),
      SHAPE_TEXT(struct onestop_dossier_view, unit, TX(onestop_field_unit)),
      SHAPE_TEXT(struct onestop_dossier_view, clock_text, TX(onestop_row_clock)),
      SHAPE_TEXT(struct onestop_dossier_view, next, TX(onestop_row_next)),
      SHAPE_LIST(struct onestop_dossier_view, buttons, &onestop_button_shape,
                 TX(onestop_row_action)),
      SHAPE_LIST(struct onestop_dossier_view, files, &onestop_link_shape,
                 TX(onestop_dossier_files)),
      SHAPE_LIST(struct onestop_dossier_view, papers, &onestop_link_shape,
                 TX(onestop_dossier_papers)),
      SHAPE_LIST(struct onestop_dossier_view, history, &onestop_past_shape,
                 TX(onestop_dossier_history)),
      SHAPE_LIST(struct onestop_dossier_view, acts, &next_act_shape, TX(web_acts)));
SHAPE(onestop_decision_shape, struct onestop_decision,
      SHAPE_INT(struct onestop_decision, version, TX(onestop_row_version), .min = 1, .max = 1000000,
                .flags = F_REQUIRED | F_CARRIED),
      SHAPE_STRING(struct onestop_decision, reason, KIND_LONG_TEXT, TX(onestop_field_reason),
                   .max = 1000),
      SHAPE_LIST(struct onestop_decision, items, &onestop_item_shape, TX(onestop_items),
                 .max = ONESTOP_MAX_ITEMS));
const struct field onestop_reason =
    SHAPE_STRING(struct onestop_decision, reason, KIND_LONG_TEXT, TX(onestop_field_reason),
                 .max = 1000, .flags = F_REQUIRED);
SHAPE(onestop_book_line_shape, struct onestop_book_line,
      SHAPE_INT(struct onestop_book_line, number, TX(onestop_row_number)),
      SHAPE_TEXT(struct onestop_book_line, code, TX(onestop_row_code), .max = 60),
      SHAPE_TEXT(struct onestop_book_line, procedure, TX(onestop_row_procedure), .max = 60),
      SHAPE_TEXT(struct onestop_book_line, received, TX(onestop_row_received), .max = 30),
      SHAPE_TEXT(struct onestop_book_line, due, TX(onestop_row_due), .max = 30),
      SHAPE_TEXT(struct onestop_book_line, returned, TX(onestop_row_returned), .max = 30));
SHAPE(onestop_book_shape, struct onestop_book_view,
      SHAPE_TEXT(struct onestop_book_view, unit_code, TX(onestop_book_unit), .max = 35),
      SHAPE_INT(struct onestop_book_view, year, TX(onestop_row_year)),
      SHAPE_TEXT(struct onestop_book_view, next, TX(onestop_row_next), .max = 200),
      SHAPE_TEXT(struct onestop_book_view, paper, TX(onestop_book_paper_title), .max = 200),
      SHAPE_LIST(struct onestop_book_view, rows, &onestop_book_line_shape, TX(onestop_book_title)));
SHAPE(onestop_check_shape, struct onestop_check_view,
      SHAPE_TEXT(struct onestop_check_view, code, TX(onestop_row_code), .max = 60),
      SHAPE_TEXT(struct onestop_check_view, kind, TX(onestop_check_kind), .max = 40),
      SHAPE_TEXT(struct onestop_check_view, title, TX(onestop_check_paper), .max = 200),
      SHAPE_TEXT(struct onestop_check_view, unit, TX(onestop_book_unit), .max = 35),
      SHAPE_TEXT(struct onestop_check_view, unit_name, TX(onestop_field_unit), .max = 200),
      SHAPE_TEXT(struct onestop_check_view, number, TX(onestop_check_number), .max = 60),
      SHAPE_TEXT(struct onestop_check_view, at, TX(onestop_check_at), .max = 30),
      SHAPE_INT(struct onestop_check_view, national, TX(onestop_check_national), .min = 1,
                .max = 10),
      SHAPE_TEXT(struct onestop_check_view, status, TX(onestop_check_status), .max = 100),
      SHAPE_TEXT(struct onestop_check_view, keeper, TX(onestop_check_keeper), .max = 200),
      SHAPE_TEXT(struct onestop_check_view, sha256, TX(onestop_check_sha256), .max = 64),
      SHAPE_INT(struct onestop_check_view, record, TX(onestop_check_trail)),
      SHAPE_INT(struct onestop_check_view, head_size, TX(onestop_check_head)),
      SHAPE_TEXT(struct onestop_check_view, head_root, TX(onestop_check_head), .max = 64),
      SHAPE_TEXT(struct onestop_check_view, proof, TX(onestop_check_trail_proof), .max = 60));

static const struct route routes[] = {
    {.method = "GET",
     .path = "/mot-cua",
     .query = "hang sau !tu",
     .permission = "onestop.inbox",
     .handler = onestop_inbox,
     .out = &onestop_inbox_shape,
     .title = TX(onestop_inbox_title)},
    {.method = "POST",
     .path = "/mot-cua",
     .permission = "onestop.inbox",
     .prepare = web_ask,
     .in = &onestop_seeking_shape,
     .out = &location_shape,
     .flags = ROUTE_PREPARED,
     .title = TX(onestop_inbox_search)},
    {.method = "GET",
     .path = "/mot-cua/so",
     .query = "don-vi nam truoc",
     .permission = "onestop.book",
     .handler = onestop_book,
     .out = &onestop_book_shape,
     .title = TX(onestop_book_title)},
    {.method = "GET",
     .path = "/mot-cua/so/giay",
     .query = "don-vi nam phan",
     .permission = "onestop.book",
     .prepare = onestop_book_paper,
     .flags = ROUTE_PREPARED | ROUTE_HEAVY,
     .title = TX(onestop_book_paper_title)},
    {.method = "GET",
     .path = "/mot-cua/{code}",
     .query = "xong",
     .permission = "onestop.inbox",
     .handler = onestop_dossier,
     .out = &onestop_dossier_shape,
     .title = TX(onestop_dossier_title),
     .purpose = PURPOSE_HANDLING},
    {.method = "POST",
     .path = "/mot-cua/{code}/viec/{action}",
     .permission = "onestop.inbox",
     .handler = onestop_act,
     .again = onestop_act_again,
     .in = &onestop_decision_shape,
     .flags = ROUTE_WRITE,
     .title = TX(onestop_act_title),
     .purpose = PURPOSE_HANDLING},
    {.method = "GET",
     .path = "/mot-cua/{code}/giay/{kind}",
     .permission = "onestop.inbox",
     .prepare = onestop_download,
     .flags = ROUTE_PREPARED,
     .title = TX(onestop_paper_title),
     .purpose = PURPOSE_HANDLING},
    {.method = "GET",
     .path = "/mot-cua/{code}/tep/{field}",
     .permission = "onestop.inbox",
     .handler = onestop_attachment,
     .title = TX(onestop_file_title),
     .purpose = PURPOSE_HANDLING},
    {.method = "GET",
     .path = "/giay/{code}/{kind}/{token}",
     .permission = PUBLIC,
     .handler = onestop_check,
     .out = &onestop_check_shape,
     .per_minute = 30,
     .title = TX(onestop_check_title)},
};
static const struct menu_item menu[] = {
    {"/mot-cua", "onestop.inbox", TX(onestop_inbox_title), MENU_WORK},
    {"/mot-cua/so", "onestop.book", TX(onestop_book_title), MENU_WORK},
};
static const struct permission permissions[] = {
    {"onestop.inbox", TX(onestop_permission_inbox)},
    {"onestop.receive", TX(onestop_permission_receive)},
    {"onestop.supplement", TX(onestop_permission_supplement)},
    {"onestop.refuse", TX(onestop_permission_refuse)},
    {"onestop.review", TX(onestop_permission_review)},
    {"onestop.decide", TX(onestop_permission_decide)},
    {"onestop.stop", TX(onestop_permission_stop)},
    {"onestop.apologise", TX(onestop_permission_apologise)},
    {"onestop.return", TX(onestop_permission_return)},
    {"onestop.book", TX(onestop_permission_book)},
};
static const struct reply_handler replies[] = {
    {"population.assign", onestop_pin_answered},
    {"insurance.issue", onestop_card_answered},
};

static enum err make_all(struct ctx *c)
{
    return onestop_make_papers(c, NULL);
}

static enum err count_offered(struct ctx *c)
{
    return db_write(c, c->node->db, onestop_count_offered, NULL);
}

static const struct job jobs[] = {
    {.name = "onestop.papers", .every_us = 2 * SECOND_US, .run = make_all},
    {.name = "onestop.offered", .every_us = HOUR_US, .run = count_offered}, /* a new year begins */
};
static const struct indicator indicators[] = {
    {"T03", TX(onestop_indicator_used)},
    {"T04", TX(onestop_indicator_online)},
};

static enum err start(struct ctx *c)
{
    enum err e = onestop_forms_load(c);
    casework_listen(onestop_listen);
    onestop_reseal();
    return e ? e : onestop_count_offered(c, NULL);
}

static const char *const needs[] = {"identity", "casework",    "exchange",
                                    "measure",  "civilstatus", NULL};

const struct module onestop_module = {.name = "onestop",
                                      .needs = needs,
                                      TABLE(routes, routes),
                                      TABLE(menu, menu),
                                      TABLE(permissions, permissions),
                                      TABLE(replies, replies),
                                      TABLE(jobs, jobs),
                                      TABLE(indicators, indicators),
                                      .start = start,
                                      .stop = onestop_forms_stop};
