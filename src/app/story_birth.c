/* SPDX-License-Identifier: Apache-2.0 */
/* The happy story, from the mother's browser to three registers and back. */
#include <string.h>

#include "app/story_steps.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "web/json.h"

#define REASON "Ảnh giấy chứng sinh bị mờ ở góc phải; đề nghị chụp lại rõ bốn góc."

static int64_t t04_part(struct story *s, size_t node, const char *unit)
{
    struct browser b = {.c = s->c};
    json_t *o;
    const char *path = arena_printf(s->c->arena, "/chi-so/T04/%s", unit);
    if (browser_get_json(&b, story_at(s, node, path)) || b.status != 200 ||
        json_in(s->c, "chi-so", b.raw, &o))
        return -1;
    int64_t part = json_int_of(o, "part", -1);
    json_end(o);
    return part;
}

/* Every level above the commune, then the nation's own node, which learns of it by exchange. */
static const struct {
    size_t node;
    const char *unit;
} t04_places[STORY_T04_PLACES] = {
    {PROVINCE, "H57.31.08"}, {PROVINCE, "H57.31"}, {PROVINCE, "H57"}, {NATIONAL, "VN"}};

static const char *look_at_t04(struct story *s)
{
    for (size_t i = 0; i < STORY_T04_PLACES; i++) {
        s->t04_before[i] = t04_part(s, t04_places[i].node, t04_places[i].unit);
        EXPECT(s, NULL, s->t04_before[i] >= 0, t04_places[i].unit);
    }
    return NULL;
}

static const char *clerk_asks(struct story *s)
{
    return story_act(s, &s->clerk, "request_supplement", REASON);
}

static const char *mother_supplements(struct story *s)
{
    struct browser *b = &s->citizen;
    const char *path = arena_printf(s->c->arena, "/ho-so/%s/bo-sung", s->code);
    MUST(s, b, browser_get(b, story_at(s, PROVINCE, path)));
    EXPECT(s, b, browser_sees(b, "mờ ở góc phải"), "the clerk's reason");
    MUST(s, b, browser_submit(b, path, NULL));
    EXPECT(s, b, b->status == 200 && browser_sees(b, s->code), "the supplement to be taken");
    return NULL;
}

static const char *clerk_accepts_supplement(struct story *s)
{
    return story_act(s, &s->clerk, "accept_supplemented", NULL);
}

static const char *waits_for_result(struct story *s)
{
    return story_wait(s, "/giay/health_card", 30);
}

static const char *downloads(struct story *s)
{
    struct browser *b = &s->citizen;
    const char *const kinds[] = {"birth_certificate", "health_card", "form_01", "form_02"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const char *path = arena_printf(s->c->arena, "/ho-so/%s/giay/%s", s->code, kinds[i]);
        MUST(s, b, browser_get(b, story_at(s, PROVINCE, path)));
        const char *missing = story_signed_pdf(s, b, kinds[i]);
        if (missing)
            return missing;
    }
    return NULL;
}

static const char *collects(struct story *s)
{
    struct browser *b = &s->citizen;
    const char *page = arena_printf(s->c->arena, "/ho-so/%s", s->code);
    MUST(s, b, browser_get(b, story_at(s, PROVINCE, page)));
    MUST(s, b, browser_submit(b, arena_printf(s->c->arena, "%s/nhan", page), NULL));
    EXPECT(s, b, b->status == 200, "the result to be collected");
    return NULL;
}

static const char *rates(struct story *s)
{
    struct browser *b = &s->citizen;
    const char *path = arena_printf(s->c->arena, "/ho-so/%s/danh-gia", s->code);
    const char *const points[] = {"tieu_chi_a", "2", "tieu_chi_b",  "2", "tieu_chi_c", "1",
                                  "tieu_chi_d", "2", "tieu_chi_dd", "2", "tieu_chi_e", "2",
                                  "tieu_chi_g", "2", "tieu_chi_h",  "2", "tieu_chi_i", "2",
                                  NULL};
    MUST(s, b, browser_get(b, story_at(s, PROVINCE, path)));
    EXPECT(s, b, b->status == 200, "the rating page");
    MUST(s, b, browser_submit(b, path, points));
    EXPECT(s, b, b->status == 200, "the rating to be taken");
    return NULL;
}

/* The tenth status came over the exchange: the dossier's own card says its word. */
static const char *sees_national_status(struct story *s)
{
    struct browser *b = &s->citizen;
    for (int i = 0; i < 250; i++) {
        MUST(s, b, browser_get(b, story_at(s, NATIONAL, "/ho-so")));
        EXPECT(s, b, browser_sees(b, s->code), "the dossier on the national portal");
        if (strstr(story_part(s, NULL, s->code, "</li>"), "Đã trả kết quả"))
            return NULL;
        story_pause(20);
    }
    return story_missing(s, b, "the national status “Đã trả kết quả”");
}

/* One card of this reader tells the dossier, why, and that it was today, or before midnight. */
static bool tells_why_and_when(struct story *s, const char *reader)
{
    struct ctx *c = s->c;
    const char *head = arena_printf(c->arena, "<strong>%s</strong>", reader);
    const char *today = day_show(c->arena, local_day(sys_now_us() + s->clock_us));
    const char *first = day_show(c->arena, local_day(s->began_us + s->clock_us));
    for (const char *at = strstr(s->citizen.page, head); at; at = strstr(at + 1, head)) {
        const char *card = story_part(s, at, head, "</li>"), *why = strstr(card, "Để làm gì: ");
        if (strstr(card, s->code) && (strstr(card, today) || strstr(card, first)) && why &&
            strcspn(why + strlen("Để làm gì: "), "<") > strlen("…"))
            return true;
    }
    return false;
}

static const char *sees_who_looked(struct story *s)
{
    struct browser *b = &s->citizen;
    const char *const readers[] = {"Phan Thị Thu Hà", "Ngô Đức Thịnh", "Tôn Thất Vinh"};
    MUST(s, b, browser_get(b, story_at(s, NATIONAL, "/du-lieu-cua-toi")));
    for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
        EXPECT(s, b, browser_sees(b, readers[i]), readers[i]);
        EXPECT(s, b, tells_why_and_when(s, readers[i]),
               arena_printf(s->c->arena, "for which dossier, why and when %s looked", readers[i]));
    }
    return NULL;
}

static const char *insurer_sees_card(struct story *s)
{
    struct browser *b = &s->insurer;
    const char *missing = story_sign_in(s, b, INSURANCE, "bhxh");
    if (missing)
        return missing;
    MUST(s, b, browser_get(b, story_at(s, INSURANCE, "/the-bao-hiem")));
    EXPECT(s, b, b->status == 200 && browser_sees(b, "TE146"), "the new card");
    return NULL;
}

static const char *t04_rose(struct story *s)
{
    for (size_t i = 0; i < STORY_T04_PLACES; i++) {
        bool rose = false;
        for (int k = 0; k < 200 && !rose; k++) {
            rose = t04_part(s, t04_places[i].node, t04_places[i].unit) > s->t04_before[i];
            if (!rose)
                story_pause(20);
        }
        EXPECT(s, NULL, rose,
               arena_printf(s->c->arena, "expected T04 to rise at %s on node %zu",
                            t04_places[i].unit, t04_places[i].node));
    }
    return NULL;
}

static const struct story_line lines[] = {
    {"a child is born", step_child_is_born},
    {"T04 before", look_at_t04},
    STORY_FILING,
    {"gets a signed receipt", step_gets_receipt},
    {"officials sign in; the dossier is in the inbox", step_officials_sign_in},
    {"the clerk asks for one supplement", clerk_asks},
    {"the mother supplements", mother_supplements},
    {"the clerk accepts", clerk_accepts_supplement},
    {"the registrar proposes", step_registrar_proposes},
    {"the chairman signs", step_chairman_signs},
    {"personal number and card arrive", waits_for_result},
    {"the mother downloads certificate and card", downloads},
    {"collects the result", collects},
    {"rates the service", rates},
    {"the national portal followed", sees_national_status},
    {"she sees who read her data", sees_who_looked},
    {"the insurance officer sees the card", insurer_sees_card},
    {"T04 rose on every level", t04_rose},
};
const struct story_tale story_birth = {.name = "birth",
                                       .account = "me.lan",
                                       .mother_name = "Nguyễn Thị Lan",
                                       .child = "Trần Nguyễn An Nhiên",
                                       .lines = lines,
                                       .n = ARRAY_LEN(lines)};
