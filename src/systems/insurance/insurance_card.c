/* SPDX-License-Identifier: Apache-2.0 */
/* The card as a paper: the issuing agency's own, with its name in the head and its node's seal. No
   officer signs a card that the register issues by itself. */
#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "core/paper.h"
#include "systems/insurance/insurance_private.h"

static const char *word(enum text t)
{
    return text_get(t, LANG_VI);
}

static void rows(struct ctx *c, struct paper *p, const struct shape *s, const void *data)
{
    const struct {
        enum text label;
        const char *value;
    } all[] = {
        {TX(insurance_day_card), shape_text(s, data, "card_code")},
        {TX(insurance_card_social_number), shape_text(s, data, "social_number")},
        {TX(insurance_field_pin), shape_text(s, data, "pin")},
        {TX(insurance_field_name), shape_text(s, data, "full_name")},
        {TX(insurance_field_born), date_show(c->arena, shape_text(s, data, "birth_date"))},
        {TX(insurance_field_sex),
         country_name(c->node->country, "sex", shape_text(s, data, "sex"), LANG_VI)},
        {TX(insurance_field_address), shape_text(s, data, "address")},
        {TX(insurance_field_clinic),
         country_name(c->node->country, "clinics", shape_text(s, data, "clinic"), LANG_VI)},
        {TX(insurance_card_valid_from), date_show(c->arena, shape_text(s, data, "valid_from"))},
        {TX(insurance_day_valid_to), date_show(c->arena, shape_text(s, data, "valid_to"))},
        {TX(insurance_field_dossier), shape_text(s, data, "dossier_code")},
    };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (!text_empty(all[i].value))
            paper_row(p, word(all[i].label), all[i].value);
}

enum err insurance_card_pdf(struct ctx *c, const struct shape *s, const void *data,
                            struct bytes *ret_pdf)
{
    const char *code = shape_text(s, data, "card_code"), *title = word(TX(insurance_card_title));
    const char *office = shape_text(s, data, "issued_at"),
               *home = country_agency_name(c->node->country, INSURANCE_HOME, LANG_VI);
    const char *head = text_eq(office, INSURANCE_HOME)
                           ? home
                           : arena_printf(c->arena, "%s\n%s", home,
                                          country_agency_name(c->node->country, office, LANG_VI));
    struct paper *p = paper_new(c->arena, true, title);
    paper_national_header(p, head, code);
    paper_heading(p, title, word(TX(insurance_card_object)));
    rows(c, p, s, data);
    paper_signature(p, word(TX(insurance_card_signer)), home, time_show(c->arena, c->now_us));
    paper_qr(p,
             arena_printf(c->arena, "%s|%s|%s|%s", code, shape_text(s, data, "valid_from"),
                          shape_text(s, data, "valid_to"), INSURANCE_HOME),
             code);
    return paper_finish(c, p, title, ret_pdf);
}
