/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages say as JSON, and the bodies they take. */
#include "systems/portal/portal_views.h"

#define LINE(v, member, text) SHAPE_LIST(struct v, member, &portal_line_shape, text)
#define T(v, member, text, n) SHAPE_TEXT(struct v, member, text, .max = (n))
#define YES(v, member, text)  SHAPE_NUMBER(struct v, member, KIND_BOOL, text)
#define ACTS(v)               SHAPE_LIST(struct v, acts, &next_act_shape, TX(web_acts))

SHAPE(portal_line_shape, struct portal_line, T(portal_line, title, TX(portal_field_title), 500),
      T(portal_line, text, TX(portal_field_text), 2000),
      T(portal_line, href, TX(portal_field_href), 2000));
SHAPE(portal_row_shape, struct portal_row, T(portal_row, code, TX(portal_field_procedure), 60),
      T(portal_row, name, TX(portal_field_procedure_name), 300),
      T(portal_row, summary, TX(portal_field_summary), 1000),
      T(portal_row, level, TX(portal_field_level), 100),
      T(portal_row, deadline, TX(portal_field_deadline), 300),
      T(portal_row, fee, TX(portal_field_fee), 100),
      T(portal_row, href, TX(portal_field_href), 500));
SHAPE(portal_dossier_row_shape, struct portal_dossier_row,
      T(portal_dossier_row, code, TX(portal_field_code), 60),
      T(portal_dossier_row, title, TX(portal_field_title), 300),
      T(portal_dossier_row, procedure, TX(portal_field_procedure_name), 300),
      T(portal_dossier_row, status, TX(portal_field_status), 100),
      T(portal_dossier_row, due, TX(portal_field_due_us), 30),
      T(portal_dossier_row, href, TX(portal_field_href), 200));
SHAPE(portal_home_shape, struct portal_home_view,
      T(portal_home_view, person, TX(portal_field_person), 200),
      LINE(portal_home_view, events, TX(portal_home_events)),
      SHAPE_LIST(struct portal_home_view, dossiers, &portal_dossier_row_shape,
                 TX(portal_dossiers_title)),
      LINE(portal_home_view, drafts, TX(portal_drafts_title)));
SHAPE(portal_search_shape, struct portal_search_view,
      T(portal_search_view, words, TX(portal_field_words), 2000),
      T(portal_search_view, none, TX(portal_field_none), 500),
      SHAPE_LIST(struct portal_search_view, rows, &portal_row_shape, TX(portal_search_title)));
SHAPE(portal_suggestion_shape, struct portal_suggestion,
      T(portal_suggestion, title, TX(portal_field_title), 500),
      T(portal_suggestion, code, TX(portal_field_choice), 60));
SHAPE(portal_suggest_shape, struct portal_suggest_view,
      SHAPE_LIST(struct portal_suggest_view, rows, &portal_suggestion_shape,
                 TX(portal_suggest_title)));
SHAPE(portal_service_shape, struct portal_service_view,
      T(portal_service_view, code, TX(portal_field_procedure), 60),
      T(portal_service_view, name, TX(portal_field_procedure_name), 300),
      T(portal_service_view, summary, TX(portal_field_summary), 1000),
      T(portal_service_view, deadline, TX(portal_field_deadline), 1000),
      T(portal_service_view, agency, TX(portal_field_unit_name), 500),
      T(portal_service_view, level, TX(portal_field_level), 100),
      LINE(portal_service_view, papers, TX(portal_service_papers)),
      LINE(portal_service_view, fees, TX(portal_service_fees)),
      LINE(portal_service_view, steps, TX(portal_service_steps)),
      LINE(portal_service_view, legal, TX(portal_service_legal)),
      LINE(portal_service_view, subjects, TX(portal_service_who)),
      LINE(portal_service_view, results, TX(portal_service_results)),
      LINE(portal_service_view, needs, TX(portal_service_needs)),
      LINE(portal_service_view, buttons, TX(portal_file_button)));
SHAPE(portal_drafts_shape, struct portal_drafts_view,
      LINE(portal_drafts_view, rows, TX(portal_drafts_title)));
SHAPE(portal_task_shape, struct portal_task, T(portal_task, name, TX(portal_field_group), 60),
      T(portal_task, label, TX(portal_field_words_for), 300),
      T(portal_task, state, TX(portal_field_state), 20),
      T(portal_task, shown, TX(portal_field_label), 100),
      T(portal_task, href, TX(portal_field_href), 200));
SHAPE(portal_draft_shape, struct portal_draft_view,
      T(portal_draft_view, id, TX(portal_field_draft), 26),
      T(portal_draft_view, name, TX(portal_field_procedure_name), 300),
      T(portal_draft_view, code, TX(portal_field_procedure), 60),
      T(portal_draft_view, saved, TX(portal_field_saved), 30),
      T(portal_draft_view, expires, TX(portal_field_expires), 30),
      T(portal_draft_view, progress, TX(portal_field_progress), 100),
      YES(portal_draft_view, unreachable, TX(portal_field_unreachable)),
      YES(portal_draft_view, ready, TX(portal_field_ready)),
      SHAPE_LIST(struct portal_draft_view, groups, &portal_task_shape, TX(portal_field_groups)),
      ACTS(portal_draft_view));
SHAPE(portal_filed_shape, struct portal_filed_view,
      T(portal_filed_view, code, TX(portal_field_code), 60),
      T(portal_filed_view, due, TX(portal_field_due_us), 30),
      T(portal_filed_view, unit, TX(portal_field_unit_name), 300),
      T(portal_filed_view, receipt, TX(portal_filed_receipt), 200),
      T(portal_filed_view, follow, TX(portal_filed_follow), 200),
      LINE(portal_filed_view, why, TX(portal_filed_why)));
SHAPE(portal_dossiers_shape, struct portal_dossiers_view,
      SHAPE_LIST(struct portal_dossiers_view, rows, &portal_dossier_row_shape,
                 TX(portal_dossiers_title)),
      T(portal_dossiers_view, next, TX(portal_field_href), 500));
SHAPE(portal_past_shape, struct portal_past, T(portal_past, at, TX(portal_field_at_us), 30),
      T(portal_past, what, TX(portal_field_label), 200),
      T(portal_past, who, TX(portal_field_who), 300),
      T(portal_past, reason, TX(portal_field_reason), 2000));
SHAPE(portal_step_shape, struct portal_step, T(portal_step, title, TX(portal_field_title), 100),
      T(portal_step, when, TX(portal_field_at_us), 30),
      YES(portal_step, done, TX(portal_field_done)), YES(portal_step, now, TX(portal_field_now)));
SHAPE(portal_dossier_shape, struct portal_dossier_view,
      T(portal_dossier_view, code, TX(portal_field_code), 60),
      T(portal_dossier_view, name, TX(portal_field_procedure_name), 300),
      T(portal_dossier_view, title, TX(portal_field_title), 300),
      T(portal_dossier_view, unit, TX(portal_field_unit_name), 300),
      T(portal_dossier_view, status, TX(portal_field_status), 100),
      T(portal_dossier_view, state, TX(portal_field_label), 200),
      T(portal_dossier_view, filed, TX(portal_field_filed_us), 30),
      T(portal_dossier_view, due, TX(portal_field_due_us), 30),
      T(portal_dossier_view, notice, TX(portal_field_text), 1000),
      T(portal_dossier_view, reason, TX(portal_field_reason), 2000),
      T(portal_dossier_view, unsent, TX(portal_field_unsent), 300),
      T(portal_dossier_view, there, TX(portal_field_href), 500),
      T(portal_dossier_view, clock, TX(portal_dossier_clock), 300),
      T(portal_dossier_view, live, TX(portal_field_live), 500),
      T(portal_dossier_view, keep, TX(portal_dossier_keep), 600),
      YES(portal_dossier_view, rated, TX(portal_rate_thanks)),
      SHAPE_INT(struct portal_dossier_view, version, TX(portal_field_version)),
      SHAPE_LIST(struct portal_dossier_view, steps, &portal_step_shape, TX(portal_dossier_way)),
      SHAPE_LIST(struct portal_dossier_view, past, &portal_past_shape, TX(portal_dossier_past)),
      LINE(portal_dossier_view, papers, TX(portal_dossier_papers)),
      LINE(portal_dossier_view, why, TX(portal_filed_why)),
      LINE(portal_dossier_view, items, TX(portal_field_items)), ACTS(portal_dossier_view));
SHAPE(portal_reader_shape, struct portal_reader, T(portal_reader, when, TX(portal_access_when), 30),
      T(portal_reader, who, TX(portal_access_who), 200),
      T(portal_reader, agency, TX(portal_access_agency), 300),
      T(portal_reader, role, TX(portal_access_role), 200),
      T(portal_reader, what, TX(portal_access_what), 200),
      T(portal_reader, purpose, TX(portal_access_purpose), 300),
      T(portal_reader, dossier, TX(portal_access_dossier), 60),
      T(portal_reader, where, TX(portal_access_where), 300),
      T(portal_reader, since, TX(portal_access_since), 30),
      T(portal_reader, all, TX(portal_access_all), 1000),
      T(portal_reader, late, TX(portal_access_late_label), 600),
      SHAPE_INT(struct portal_reader, times, TX(portal_access_times)));
SHAPE(portal_access_shape, struct portal_access_view,
      SHAPE_LIST(struct portal_access_view, rows, &portal_reader_shape, TX(portal_access_title)),
      SHAPE_LIST(struct portal_access_view, own, &portal_reader_shape, TX(portal_access_own)),
      LINE(portal_access_view, away, TX(portal_access_away)),
      LINE(portal_access_view, kept, TX(portal_access_kept)),
      T(portal_access_view, older, TX(portal_access_older), 300));
SHAPE(portal_withdrawal_shape, struct portal_withdrawal,
      SHAPE_STRING(struct portal_withdrawal, reason, KIND_LONG_TEXT, TX(portal_withdraw_reason),
                   .max = 1000, .flags = F_REQUIRED),
      SHAPE_INT(struct portal_withdrawal, version, TX(portal_field_version), .min = 1,
                .max = 1000000, .flags = F_REQUIRED | F_CARRIED));
SHAPE(portal_version_shape, struct portal_version,
      SHAPE_INT(struct portal_version, version, TX(portal_field_version), .min = 1, .max = 1000000,
                .flags = F_REQUIRED | F_CARRIED));
SHAPE(portal_opinion_shape, struct portal_opinion,
      SHAPE_STRING(struct portal_opinion, comment, KIND_LONG_TEXT, TX(portal_rate_comment),
                   .max = 2000));
