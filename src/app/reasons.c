/* SPDX-License-Identifier: Apache-2.0 */
/* Why a definition or a backup is refused: its reader says it in English, an operator reads it in
   their own language. English texts are the readers' own words; {1} stands for what they name. */
#include <string.h>

#include "app/app.h"
#include "base/text.h"

/* Those without a hole are tried first. */
static const enum text reasons[] = {
    TX(app_reason_line_x),
    TX(app_reason_needs_not_before_or_not_after_one_of_them),
    TX(app_reason_not_a_list_of_at_most_50),
    TX(app_reason_not_a_seal_as_witnessed_for_prints_it),
    TX(app_reason_years_out_of_range),
    TX(app_reason_names_a_field_that_is_no_date_of_the_form),
    TX(app_reason_x_expected),
    TX(app_reason_x_is_missing),
    TX(app_reason_x_is_not_known),
    TX(app_reason_another_kind),
    TX(app_reason_does_not_match_x),
    TX(app_reason_fits_none_of_the_allowed_forms),
    TX(app_reason_has_x_characters),
    TX(app_reason_has_x_items),
    TX(app_reason_holds_a_zero_byte),
    TX(app_reason_is_no_date_yyyy_mm_dd),
    TX(app_reason_is_not_a_key_of_this_object),
    TX(app_reason_is_not_one_of_the_allowed_values),
    TX(app_reason_is_out_of_range),
    TX(app_reason_is_not_the_name_of_the_file),
    TX(app_reason_occurs_twice),
    TX(app_reason_is_before_valid_from),
    TX(app_reason_no_file_of_this_name_belongs_to_a_pack),
    TX(app_reason_1_to_120_rows),
    TX(app_reason_1_to_24_rows),
    TX(app_reason_1_to_6_fields),
    TX(app_reason_a_client_without_a_code),
    TX(app_reason_a_register_has_no_lists),
    TX(app_reason_a_register_of_this_name_exists),
    TX(app_reason_more_than_64_registers),
    TX(app_reason_more_than_16_forms),
    TX(app_reason_it_has_no_place_for_the_number),
    TX(app_reason_nothing_is_known_to_fill_this_table),
    TX(app_reason_nothing_is_known_to_stand_on_this_line),
    TX(app_reason_more_than_4),
    TX(app_reason_more_than_8),
    TX(app_reason_code_and_clients_are_needed),
    TX(app_reason_no_vietnamese_label),
    TX(app_reason_no_field_with_a_personal_number),
    TX(app_reason_no_name_for_a_column),
    TX(app_reason_no_name_for_a_table),
    TX(app_reason_no_name_of_its_own),
    TX(app_reason_no_such_field),
    TX(app_reason_none_equal_or_name),
    TX(app_reason_matter_is_case_paper_or_none),
    TX(app_reason_a_half_day_needs_off_morning_or_afternoon),
    TX(app_reason_days_must_rise),
    TX(app_reason_is_missing),
    TX(app_reason_is_missing_or_no_text),
    TX(app_reason_is_no_date_of_this_year),
    TX(app_reason_is_no_kind_of_day),
    TX(app_reason_is_no_month_and_day_mm_dd),
    TX(app_reason_is_no_text),
    TX(app_reason_is_neither_required_nor_offered),
    TX(app_reason_is_no_weekday),
    TX(app_reason_needs_at_least_one_day),
    TX(app_reason_needs_at_least_one_row),
    TX(app_reason_needs_at_least_one_year),
    TX(app_reason_needs_one_to_four_spans),
    TX(app_reason_needs_rising_times_from_and_to_hh_mm),
    TX(app_reason_needs_texts_vi_and_en),
    TX(app_reason_years_must_follow_one_another),
    TX(app_reason_years_must_rise),
    TX(app_reason_is_none_of_self_unit_unit_and_below_node),
    TX(app_reason_its_parent_is_missing),
    TX(app_reason_its_level_is_not_below_that_of_its_parent),
    TX(app_reason_needs_a_level_of_1_2_or_3),
    TX(app_reason_its_unit_is_not_in_admin_units_tsv),
    TX(app_reason_needs_utf_8_lines_under_the_head_x),
    TX(app_reason_needs_a_code_and_both_names),
    TX(app_reason_needs_code_and_label),
    TX(app_reason_needs_six_cells_parted_by_tabs),
    TX(app_reason_the_code_x_occurs_twice),
    TX(app_reason_the_file_is_missing),
    TX(app_reason_a_procedure_of_this_code_exists),
    TX(app_reason_more_than_512_procedures),
    TX(app_reason_code_and_vietnamese_name_are_needed),
    TX(app_reason_does_not_fit_the_kind),
    TX(app_reason_occurs_twice_or_is_the_65th),
    TX(app_reason_only_percent_is_counted),
    TX(app_reason_benefit_level_until_months_until_not_before_want),
    TX(app_reason_no_row_x),
    TX(app_reason_entries_per_page_and_pages_per_book_from_1),
    TX(app_reason_no_module_names_the_permission_x),
    TX(app_reason_no_module_feeds_the_indicator_x),
    TX(app_reason_no_module_is_called_x),
    TX(app_reason_a_list_within_a_list),
    TX(app_reason_a_second_field_of_this_name),
    TX(app_reason_belongs_to_kind_list_and_only_to_it),
    TX(app_reason_more_than_max),
    TX(app_reason_must_be_a_text_code_or_bool),
    TX(app_reason_must_be_true_or_false),
    TX(app_reason_no_such_field_before_this_one),
    TX(app_reason_not_a_bound_of_this_kind),
    TX(app_reason_not_a_date),
    TX(app_reason_not_a_list_of_1_to_400_fields),
    TX(app_reason_not_a_list_of_texts),
    TX(app_reason_not_a_text_integer_or_boolean),
    TX(app_reason_not_a_value_of_this_field),
    TX(app_reason_not_an_object),
    TX(app_reason_not_of_kind_x),
    TX(app_reason_not_of_the_form_a_z_a_z0_9_at_most_60),
    TX(app_reason_out_of_range),
    TX(app_reason_unknown_format),
    TX(app_reason_unknown_kind),
    TX(app_reason_unknown_member),
    TX(app_reason_missing),
    TX(app_reason_changed),
    TX(app_reason_missing_or_unreadable),
    TX(app_reason_names_a_file_that_is_none_of_a_node),
    TX(app_reason_not_a_backup_of_this_program),
    TX(app_reason_not_as_long_as_the_manifest_says),
    TX(app_reason_unreadable),
    TX(app_reason_wrong_passphrase_or_changed),
    TX(web_json_syntax),
    TX(web_json_utf8),
    TX(web_json_end),
    TX(web_json_more),
    TX(web_json_null),
    TX(web_json_twice),
    TX(web_json_number),
    TX(web_json_deep),
};

/* What stands in the hole; NULL when the words are others. */
static const char *hole_of(struct ctx *c, const char *pattern, const char *words)
{
    const char *hole = strstr(pattern, "{1}");
    size_t before = hole ? (size_t)(hole - pattern) : 0, n = strlen(words);
    if (!hole)
        return text_eq(pattern, words) ? "" : NULL;
    size_t after = strlen(hole + 3);
    if (n < before + after || strncmp(pattern, words, before) != 0 ||
        strcmp(words + n - after, hole + 3) != 0)
        return NULL;
    return arena_text_n(c->arena, words + before, n - before - after);
}

static const char *filled(struct ctx *c, const char *words, const char *one)
{
    const char *hole = strstr(words, "{1}");
    return hole ? arena_printf(c->arena, "%.*s%s%s", (int)(hole - words), words, one, hole + 3)
                : words;
}

const char *app_reason(struct ctx *c, const char *english, enum lang lang)
{
    for (int holes = 0; holes < 2; holes++)
        for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
            const char *pattern = text_get(reasons[i], LANG_EN);
            const char *one = hole_of(c, pattern, english);
            if (one && holes == (strstr(pattern, "{1}") != NULL))
                return filled(c, text_get(reasons[i], lang), one);
        }
    return english;
}
