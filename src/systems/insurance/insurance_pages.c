/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "core/scope.h"
#include "gen/html.h"
#include "systems/insurance/insurance_views.h"

#define PAGE_ROWS 25
#define LAST_ID   "~" /* after every id */

static const char *const numbers[] = {"card_code", "social_number", "pin", NULL};
static const char *const columns[] = {"card_code", "birth_date", "clinic", "valid_to", NULL};
static const struct registry_desk desk = {
    .path = "/bao-hiem", .numbers = numbers, .columns = columns};

enum err insurance_desk_prepare(struct ctx *c, struct req *r)
{
    return registry_desk_prepare(c, r, registry_find(c, INSURANCE));
}

enum err insurance_search_page(struct ctx *c, struct req *r)
{
    return registry_desk_search(c, r, registry_find(c, INSURANCE), &desk);
}

enum err insurance_search_again(struct ctx *c, struct req *r)
{
    return registry_desk_again(c, r, registry_find(c, INSURANCE), &desk);
}

enum err insurance_record_page(struct ctx *c, struct req *r)
{
    return registry_desk_record(c, r, registry_find(c, INSURANCE), &desk);
}

/* ---- cards of a day ---- */

static enum err line_of(struct ctx *c, const struct insurance_card *x, struct insurance_line *ret)
{
    const struct registry *g = registry_find(c, INSURANCE);
    const struct shape *s = registry_shape(g);
    struct registry_record k;
    c->matter = x->dossier;
    enum err e = registry_get(c, g, x->record, &k);
    if (e)
        return e;
    struct buf href = buf_new(c->arena, 1024);
    buf_printf(&href, "/bao-hiem/%s?purpose=" INSURANCE_PURPOSE "&matter=", x->record);
    buf_url(&href, x->dossier);
    *ret =
        (struct insurance_line){.at = time_show(c->arena, x->at_us),
                                .name = shape_text(s, k.data, "full_name"),
                                .born = date_show(c->arena, shape_text(s, k.data, "birth_date")),
                                .card_code = shape_text(s, k.data, "card_code"),
                                .clinic = country_name(c->node->country, "clinics",
                                                       shape_text(s, k.data, "clinic"), c->lang),
                                .valid_to = date_show(c->arena, shape_text(s, k.data, "valid_to")),
                                .unit = x->unit,
                                .dossier = x->dossier,
                                .href = href.ptr};
    return OK;
}

enum err insurance_day_page(struct ctx *c, struct req *r)
{
    struct insurance_card x[PAGE_ROWS + 1];
    struct insurance_line *lines = ARENA_ARRAY(c->arena, PAGE_ROWS, struct insurance_line);
    struct scope mine = scope_of(c, INSURANCE_READ);
    const char *before = req_query(r, "truoc"), *typed = req_query(r, "ngay"), *iso = "";
    struct insurance_day_view v = {.asking.ngay = typed};
    size_t n = 0;
    if (!text_empty(typed) && date_parse(c, "ngay", typed, false, &iso))
        return answer_again(c, r, &insurance_day_shape, &v, insurance_day_html);
    int day = text_empty(iso) ? local_day(c->now_us) : day_from_iso(iso);
    enum err e = insurance_store_list(c, mine.unit_from, mine.unit_until, day,
                                      text_empty(before) ? LAST_ID : before, x, PAGE_ROWS + 1, &n);
    size_t shown = n > PAGE_ROWS ? PAGE_ROWS : n;
    for (size_t i = 0; i < shown && !e; i++)
        e = line_of(c, &x[i], &lines[i]);
    if (e)
        return e;
    v.day = v.asking.ngay = day_show(c->arena, day);
    v.rows = (struct list){lines, shown};
    if (n > shown)
        v.next =
            arena_printf(c->arena, "/the-bao-hiem?ngay=%s&truoc=%s", v.day, x[shown - 1].record);
    return answer(c, r, 200, &insurance_day_shape, &v, insurance_day_html);
}
