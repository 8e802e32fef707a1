/* SPDX-License-Identifier: Apache-2.0 */
/* The unhappy ways: refused, withdrawn, already registered, the other side down, two at once. */
#include <signal.h>
#include <string.h>

#include "app/story_steps.h"
#include "base/text.h"
#include "base/time.h"

static const char *sees_on_dossier(struct story *s, const char *text)
{
    struct browser *b = &s->citizen;
    const char *page = arena_printf(s->c->arena, "/ho-so/%s", s->code);
    MUST(s, b, browser_get(b, story_at(s, PROVINCE, page)));
    EXPECT(s, b, browser_sees(b, text), text);
    return NULL;
}

/* ---- refused at reception ---- */

#define REFUSAL "Trẻ không cư trú tại phường này; đề nghị nộp tại nơi cư trú của mẹ."

static const char *clerk_refuses_without_reason(struct story *s)
{
    struct browser *b = &s->clerk;
    const char *page = arena_printf(s->c->arena, "/mot-cua/%s", s->code);
    MUST(s, b, browser_get(b, story_at(s, PROVINCE, page)));
    MUST(s, b, browser_submit(b, arena_printf(s->c->arena, "%s/viec/refuse", page), NULL));
    EXPECT(s, b, b->status == 422, "a refusal without reason to be turned back (422)");
    return NULL;
}

static const char *clerk_refuses(struct story *s)
{
    return story_act(s, &s->clerk, "refuse", REFUSAL);
}

static const char *citizen_reads_refusal(struct story *s)
{
    struct browser *b = &s->citizen;
    const char *missing = sees_on_dossier(s, REFUSAL);
    if (missing)
        return missing;
    MUST(s, b,
         browser_get(b, story_at(s, PROVINCE,
                                 arena_printf(s->c->arena, "/ho-so/%s/giay/form_03", s->code))));
    EXPECT(s, b, b->status == 200 && memcmp(b->raw.ptr, "%PDF", 4) == 0, "form 03 as PDF");
    return NULL;
}

static const struct story_line refused[] = {
    STORY_FILING,
    {"officials sign in", step_officials_sign_in},
    {"a refusal needs a reason", clerk_refuses_without_reason},
    {"the clerk refuses with the reason", clerk_refuses},
    {"the citizen reads why, form 03", citizen_reads_refusal},
};
const struct story_tale story_refused = {"refused", "me.hoa", "Lê Thị Hòa",      "Phạm Lê Khánh Vy",
                                         NULL,      refused,  ARRAY_LEN(refused)};

/* ---- withdrawn by the citizen ---- */

static const char *citizen_withdraws(struct story *s)
{
    struct browser *b = &s->citizen;
    const char *path = arena_printf(s->c->arena, "/ho-so/%s/rut", s->code);
    const char *const fields[] = {"reason", "Gia đình muốn đăng ký ở quê cha.", NULL};
    MUST(s, b, browser_get(b, story_at(s, PROVINCE, path)));
    MUST(s, b, browser_submit(b, path, fields));
    EXPECT(s, b, b->status == 200 && browser_sees(b, s->code), "the withdrawal to be taken");
    return NULL;
}

static const char *clerk_confirms(struct story *s)
{
    return story_act(s, &s->clerk, "confirm_withdrawal", NULL);
}

static const char *citizen_sees_withdrawn(struct story *s)
{
    return sees_on_dossier(s, "Đã rút hồ sơ");
}

static const struct story_line withdrawn[] = {
    STORY_FILING,
    {"officials sign in", step_officials_sign_in},
    {"the citizen withdraws with a reason", citizen_withdraws},
    {"the clerk confirms", clerk_confirms},
    {"the dossier is withdrawn", citizen_sees_withdrawn},
};
const struct story_tale story_withdrawn = {
    "withdrawn", "me.thao", "Hồ Thị Thảo", "Hoàng Nhật Nam", NULL, withdrawn, ARRAY_LEN(withdrawn)};

/* ---- a child the population register has already ---- */

static const char *population_refuses(struct story *s)
{
    return story_wait(s, "Chờ xử lý phản hồi từ chối", 20);
}

static const char *registrar_stops(struct story *s)
{
    return story_act(s, &s->registrar, "stop",
                     "Trẻ đã được đăng ký khai sinh và cấp số định danh trước đây.");
}

static const char *citizen_sees_stopped(struct story *s)
{
    return sees_on_dossier(s, "đã được đăng ký khai sinh");
}

static const struct story_line duplicate[] = {
    STORY_FILING,
    {"officials sign in", step_officials_sign_in},
    {"the clerk accepts", step_clerk_accepts},
    STORY_DECIDING,
    {"the population register refuses, finally", population_refuses},
    {"the registrar stops the dossier", registrar_stops},
    {"the citizen reads why", citizen_sees_stopped},
};
const struct story_tale story_duplicate = {"duplicate",         "me.ngoc",    "Võ Thị Ngọc",
                                           "Đặng Võ Gia Hân",   "08/03/2022", duplicate,
                                           ARRAY_LEN(duplicate)};

/* ---- the insurance node down for two days ---- */

static const char *insurance_goes_down(struct story *s)
{
    nation_stop_node(s->na, INSURANCE, SIGKILL);
    return NULL;
}

static const char *certificate_comes_anyway(struct story *s)
{
    const char *missing = story_wait(s, "/giay/birth_certificate", 20);
    if (missing)
        return missing;
    EXPECT(s, &s->citizen, !browser_sees(&s->citizen, "/giay/health_card"), "no card yet");
    return NULL;
}

static const char *two_days_pass(struct story *s)
{
    EXPECT(s, NULL, story_clock_move(s, 2 * DAY_US), "the clock to move");
    return NULL;
}

static const char *insurance_comes_back(struct story *s)
{
    if (nation_start_node(s->c, s->na, INSURANCE) || nation_wait_ready(s->c, s->na, INSURANCE))
        return "expected the insurance node to start";
    return step_citizen_signs_in(s);
}

static const char *card_arrives(struct story *s)
{
    struct browser *b = &s->citizen;
    const char *in = arena_printf(s->c->arena, "/dang-nhap/quoc-gia?next=/ho-so/%s", s->code);
    MUST(s, b, browser_get(b, story_at(s, PROVINCE, in)));
    return story_wait(s, "/giay/health_card", 40);
}

static const char *delivered_once(struct story *s)
{
    struct browser *b = &s->insurer;
    const char *missing = story_sign_in(s, b, INSURANCE, "bhxh");
    if (missing)
        return missing;
    MUST(s, b, browser_get(b, story_at(s, INSURANCE, "/the-bao-hiem")));
    const char *cell = arena_printf(s->c->arena, ">%s</td>", s->code);
    const char *first = b->page ? strstr(b->page, cell) : NULL;
    EXPECT(s, b, first && !strstr(first + 1, cell), "the dossier's card exactly once");
    return NULL;
}

static const struct story_line offline[] = {
    {"a child is born", step_child_is_born},
    {"the insurance node goes down", insurance_goes_down},
    STORY_FILING,
    {"officials sign in", step_officials_sign_in},
    {"the clerk accepts", step_clerk_accepts},
    STORY_DECIDING,
    {"the certificate comes anyway", certificate_comes_anyway},
    {"two days pass", two_days_pass},
    {"the insurance node is back", insurance_comes_back},
    {"the card arrives", card_arrives},
    {"it was issued once", delivered_once},
};
const struct story_tale story_offline = {"offline", "me.lan", "Nguyễn Thị Lan",  "Trần Minh Khôi",
                                         NULL,      offline,  ARRAY_LEN(offline)};

/* ---- two at once ---- */

static const char *clerk_opens(struct story *s)
{
    struct browser *b = &s->clerk;
    const char *page = arena_printf(s->c->arena, "/mot-cua/%s", s->code);
    MUST(s, b, browser_get(b, story_at(s, PROVINCE, page)));
    EXPECT(s, b, b->status == 200, "the dossier");
    return NULL;
}

static const char *clerk_comes_second(struct story *s)
{
    struct browser *b = &s->clerk;
    const char *target = arena_printf(s->c->arena, "/mot-cua/%s/viec/request_supplement", s->code);
    const char *const fields[] = {"reason", "Xin bổ sung ảnh rõ hơn.", NULL};
    MUST(s, b, browser_submit(b, target, fields));
    EXPECT(s, b, b->status == 409 || b->status == 422, "to be told that somebody came first");
    EXPECT(s, b, browser_sees(b, "Xin bổ sung ảnh rõ hơn."), "what the clerk typed, kept");
    return NULL;
}

static const struct story_line simultaneous[] = {
    STORY_FILING,
    {"officials sign in", step_officials_sign_in},
    {"the clerk opens the dossier", clerk_opens},
    {"meanwhile the citizen withdraws", citizen_withdraws},
    {"the clerk comes second and keeps what was typed", clerk_comes_second},
    {"the clerk confirms the withdrawal", clerk_confirms},
};
const struct story_tale story_simultaneous = {"simultaneous",         "me.hoa", "Lê Thị Hòa",
                                              "Phạm Lê Bảo An",       NULL,     simultaneous,
                                              ARRAY_LEN(simultaneous)};
