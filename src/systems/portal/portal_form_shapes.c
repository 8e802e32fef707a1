/* SPDX-License-Identifier: Apache-2.0 */
/* The pages that ask something, as JSON; the bodies that answer them. */
#include "systems/portal/portal_views.h"

#define T(v, member, text)    SHAPE_TEXT(struct v, member, text)
#define YES(v, member, text)  SHAPE_NUMBER(struct v, member, KIND_BOOL, text)
#define NUM(v, member, text)  SHAPE_INT(struct v, member, text)
#define ACTS(v)               SHAPE_LIST(struct v, acts, &next_act_shape, TX(web_acts))
#define MINE(v, member, text) SHAPE_TEXT(struct v, member, text, .flags = F_PERSONAL)
#define VERSION(v)                                                                                 \
    SHAPE_INT(struct v, _version, TX(portal_field_version), .min = 1, .max = 1000000,              \
              .flags = F_REQUIRED)
/* A list inside of the view's struct portal_asked. */
#define ASKED(v, member, inner, text)                                                              \
    {                                                                                              \
        .name = #member, .kind = KIND_LIST, .label_text = (text),                                  \
        .offset = offsetof(struct v, asked.member), .of = (inner)                                  \
    }
#define FIELDS(v)  ASKED(v, fields, &portal_asked_field_shape, TX(portal_fields))
#define CHOICES(v) ASKED(v, choices, &portal_asked_choice_shape, TX(portal_choices))

SHAPE(portal_asked_field_shape, struct portal_field, T(portal_field, name, TX(portal_field_name)),
      T(portal_field, group, TX(portal_field_group)),
      T(portal_field, label, TX(portal_field_words_for)),
      T(portal_field, hint, TX(portal_field_hint)), T(portal_field, kind, TX(portal_field_kind)),
      MINE(portal_field, value, TX(portal_field_value)),
      MINE(portal_field, shown, TX(portal_field_shown)),
      T(portal_field, source, TX(portal_field_source)),
      T(portal_field, catalogue, TX(portal_field_catalogue)),
      T(portal_field, suggest, TX(portal_field_suggest)),
      T(portal_field, accept, TX(portal_field_accept)),
      T(portal_field, visible_field, TX(portal_field_visible_field)),
      T(portal_field, visible_value, TX(portal_field_visible_value)),
      YES(portal_field, required, TX(portal_field_required)),
      YES(portal_field, read_only, TX(portal_field_read_only)),
      YES(portal_field, visible, TX(portal_field_visible)),
      NUM(portal_field, min, TX(portal_field_min)), NUM(portal_field, max, TX(portal_field_max)),
      NUM(portal_field, max_bytes, TX(portal_field_max_bytes)));
SHAPE(portal_asked_choice_shape, struct portal_choice,
      T(portal_choice, catalogue, TX(portal_field_catalogue)),
      T(portal_choice, code, TX(portal_field_choice)),
      T(portal_choice, label, TX(portal_field_words_for)));
SHAPE(portal_title_shape, struct portal_line, T(portal_line, title, TX(portal_field_title)));

SHAPE(portal_start_shape, struct portal_start_view,
      T(portal_start_view, code, TX(portal_field_procedure)),
      T(portal_start_view, name, TX(portal_field_procedure_name)),
      MINE(portal_start_view, person, TX(portal_field_who)),
      SHAPE_LIST(struct portal_start_view, groups, &portal_title_shape, TX(portal_start_known)),
      SHAPE_LIST(struct portal_start_view, files, &portal_title_shape, TX(portal_start_have)),
      FIELDS(portal_start_view), CHOICES(portal_start_view), ACTS(portal_start_view));

SHAPE(portal_group_shape, struct portal_group_view,
      T(portal_group_view, id, TX(portal_field_draft)),
      T(portal_group_view, name, TX(portal_field_procedure_name)),
      T(portal_group_view, label, TX(portal_field_words_for)),
      T(portal_group_view, hint, TX(portal_field_hint)),
      T(portal_group_view, step, TX(portal_field_progress)),
      NUM(portal_group_view, version, TX(portal_field_version)),
      YES(portal_group_view, unreachable, TX(portal_field_unreachable)),
      YES(portal_group_view, look_over, TX(portal_field_look_over)), FIELDS(portal_group_view),
      CHOICES(portal_group_view), ACTS(portal_group_view));

SHAPE(portal_part_shape, struct portal_part, T(portal_part, name, TX(portal_field_group)),
      T(portal_part, label, TX(portal_field_words_for)),
      T(portal_part, change, TX(portal_field_change)));
/* A line whose text is the name of a field. */
static const struct field problem_fields[] = {
    {.name = "field",
     .kind = KIND_TEXT,
     .label_text = TX(portal_field_name),
     .offset = offsetof(struct portal_line, text)},
    T(portal_line, title, TX(portal_field_problem)),
    T(portal_line, href, TX(portal_field_change)),
};
static const struct shape problem_shape = {.name = "portal_problem",
                                           .fields = problem_fields,
                                           .n = ARRAY_LEN(problem_fields),
                                           .size = sizeof(struct portal_line)};
SHAPE(portal_review_shape, struct portal_review_view,
      T(portal_review_view, id, TX(portal_field_draft)),
      T(portal_review_view, name, TX(portal_field_procedure_name)),
      T(portal_review_view, unit, TX(portal_field_unit_name)),
      T(portal_review_view, elsewhere, TX(portal_field_elsewhere)),
      SHAPE_LIST(struct portal_review_view, parts, &portal_part_shape, TX(portal_field_groups)),
      FIELDS(portal_review_view),
      SHAPE_LIST(struct portal_review_view, problems, &problem_shape, TX(portal_review_open)),
      ACTS(portal_review_view));

SHAPE(portal_supplement_shape, struct portal_supplement_view,
      T(portal_supplement_view, code, TX(portal_field_code)),
      T(portal_supplement_view, reason, TX(portal_supplement_asked)),
      T(portal_supplement_view, until, TX(portal_field_until)),
      T(portal_supplement_view, saved, TX(portal_field_saved)),
      NUM(portal_supplement_view, version, TX(portal_field_version)),
      SHAPE_LIST(struct portal_supplement_view, items, &portal_line_shape, TX(portal_field_items)),
      SHAPE_LIST(struct portal_supplement_view, parts, &portal_part_shape, TX(portal_field_groups)),
      FIELDS(portal_supplement_view), CHOICES(portal_supplement_view),
      ACTS(portal_supplement_view));

SHAPE(portal_withdraw_shape, struct portal_withdraw_view,
      T(portal_withdraw_view, code, TX(portal_field_code)),
      T(portal_withdraw_view, name, TX(portal_field_procedure_name)),
      NUM(portal_withdraw_view, version, TX(portal_field_version)), ACTS(portal_withdraw_view));

SHAPE(portal_criterion_shape, struct portal_criterion,
      T(portal_criterion, code, TX(portal_field_criterion)),
      T(portal_criterion, title, TX(portal_field_words_for)));
SHAPE(portal_answer_shape, struct portal_answer,
      T(portal_answer, criterion, TX(portal_field_criterion)),
      T(portal_answer, points, TX(portal_field_points)),
      T(portal_answer, label, TX(portal_field_words_for)));
SHAPE(portal_rate_page_shape, struct portal_rate_view,
      T(portal_rate_view, code, TX(portal_field_code)),
      T(portal_rate_view, name, TX(portal_field_procedure_name)),
      SHAPE_LIST(struct portal_rate_view, criteria, &portal_criterion_shape,
                 TX(portal_field_criteria)),
      SHAPE_LIST(struct portal_rate_view, answers, &portal_answer_shape, TX(portal_field_answers)),
      ACTS(portal_rate_view));

/* ---- bodies ---- */

SHAPE(portal_save_shape, struct portal_save, VERSION(portal_save),
      YES(portal_save, _dung, TX(portal_known_right)));
SHAPE(portal_resend_shape, struct portal_save, VERSION(portal_save));
/* While typing: an old version or none is a draft that changed, not a fault of a field. */
SHAPE(portal_keep_shape, struct portal_save,
      SHAPE_INT(struct portal_save, _version, TX(portal_field_version), .max = 1000000));
