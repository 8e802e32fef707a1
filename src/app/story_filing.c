/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of the citizen up to the filing, and of the officials up to the signature. */
#include <stdio.h>
#include <string.h>

#include "app/story_steps.h"
#include "base/buf.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"

#define SOURCE "Cơ sở dữ liệu quốc gia về dân cư"

/* A photo: the smallest sound JPEG, with an EXIF block that must not survive. */
static struct bytes photo(struct ctx *c)
{
    static const uint8_t start[] = {0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x10, 'J',  'F',  'I',  'F',
                                    0x00, 0x01, 0x01, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00};
    static const uint8_t exif[] = {0xFF, 0xE1, 0x00, 0x10, 'E', 'x', 'i', 'f', 0x00,
                                   0x00, 'G',  'P',  'S',  '1', '6', '.', '4', '6'};
    static const uint8_t image[] = {
        0xFF, 0xDB, 0x00, 0x43, 0x00, 1,    1,    1,    1,    1,    1,    1,    1,    1,    1,
        1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,
        1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,
        1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,
        1,    1,    1,    1,    1,    1,    1,    1,    1,    0xFF, 0xC9, 0x00, 0x0B, 0x08, 0x00,
        0x01, 0x00, 0x01, 0x01, 0x01, 0x11, 0x00, 0xFF, 0xCC, 0x00, 0x06, 0x00, 0x10, 0x10, 0x05,
        0xFF, 0xDA, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3F, 0x00, 0xD2, 0xCF, 0x20, 0xFF, 0xD9};
    struct buf b = buf_new(c->arena, 1024);
    buf_add(&b, start, sizeof start);
    buf_add(&b, exif, sizeof exif);
    buf_add(&b, image, sizeof image);
    return buf_bytes(&b);
}

const char *step_citizen_signs_in(struct story *s)
{
    return story_sign_in(s, &s->citizen, NATIONAL, s->account);
}

const char *step_finds_service(struct story *s)
{
    struct browser *b = &s->citizen;
    const char *const ways[] = {"/tim?q=khai%20sinh", "/tim?q=KHAI+SINH",
                                "/tim?q=%C4%91%C4%83ng%20k%C3%BD%20khai%20sinh"};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        MUST(s, b, browser_get(b, story_at(s, NATIONAL, ways[i])));
        EXPECT(s, b, browser_sees(b, "/dich-vu/1.001193"), "the birth service among the results");
    }
    return NULL;
}

#define CONSENT "/dang-nhap/dong-y"

const char *step_opens_service(struct story *s)
{
    static const char *const allow[] = {"answer", "allow", NULL};
    struct browser *b = &s->citizen;
    MUST(s, b, browser_get(b, story_at(s, NATIONAL, "/dich-vu/1.001193")));
    const char *link = browser_link(b, s->na->url[PROVINCE]);
    EXPECT(s, b, !text_empty(link), "a way to the province");
    MUST(s, b, browser_get(b, link));
    if (text_starts(b->url, story_at(s, NATIONAL, CONSENT))) /* the first time only */
        MUST(s, b, browser_submit(b, CONSENT, allow));
    EXPECT(s, b, text_starts(b->url, s->na->url[PROVINCE]), "to be on the province's node");
    EXPECT(s, b, b->status == 200 && browser_sees(b, "/dang-xuat"), "to be signed in there");
    return NULL;
}

const char *step_begins_draft(struct story *s)
{
    struct browser *b = &s->citizen;
    MUST(s, b, browser_get(b, story_at(s, PROVINCE, "/dich-vu/1.001193/nop")));
    MUST(s, b, browser_submit(b, "/dich-vu/1.001193/nop", NULL));
    const char *at = b->url ? strstr(b->url, "/ban-nhap/") : NULL;
    EXPECT(s, b, b->status == 200 && at, "a draft");
    s->draft = arena_text(s->c->arena, at);
    return NULL;
}

static const char *fill(struct story *s, const char *group, const char *sees,
                        const char *const *fields)
{
    struct browser *b = &s->citizen;
    const char *path = arena_printf(s->c->arena, "%s/%s", s->draft, group);
    MUST(s, b, browser_get(b, story_at(s, PROVINCE, path)));
    EXPECT(s, b, b->status == 200 && (!sees || browser_sees(b, sees)), sees ? sees : group);
    MUST(s, b, browser_submit(b, path, fields));
    EXPECT(s, b, b->status == 200, "the page to be taken");
    return NULL;
}

const char *step_fills_requester(struct story *s)
{
    const char *const fields[] = {"requester_relation", "mother", NULL};
    const char *missing = fill(s, "requester", s->mother_name, fields);
    return missing;
}

const char *step_fills_child(struct story *s)
{
    const char *const fields[] = {
        "child_name",        s->child, "child_sex", "female", "child_birth_date", s->child_born,
        "child_nationality", "VN",     NULL};
    return fill(s, "child", NULL, fields);
}

const char *step_fills_birth_place(struct story *s)
{
    const char *const fields[] = {"birth_facility", "Bệnh viện Trung ương Huế", "birth_unit",
                                  "19777", NULL};
    return fill(s, "birth_place", NULL, fields);
}

const char *step_attaches_notice(struct story *s)
{
    struct browser *b = &s->citizen;
    const char *path = arena_printf(s->c->arena, "%s/birth_notice", s->draft);
    const char *number = arena_printf(s->c->arena, "GCS-%s", s->draft + strlen("/ban-nhap/") + 18);
    const char *const fields[] = {"birth_notice_number", number, "birth_notice_date", s->child_born,
                                  NULL};
    MUST(s, b, browser_get(b, story_at(s, PROVINCE, path)));
    MUST(s, b,
         browser_upload(b, path, fields, "birth_notice_file", "giấy chứng sinh.jpg", photo(s->c)));
    EXPECT(s, b, b->status == 200, "the photo to be taken");
    return NULL;
}

const char *step_confirms_mother(struct story *s)
{
    const char *missing = fill(s, "mother", SOURCE, NULL);
    return missing;
}

const char *step_confirms_father(struct story *s)
{
    return fill(s, "father", SOURCE, NULL);
}

const char *step_chooses_clinic(struct story *s)
{
    const char *const fields[] = {"clinic", "46001", NULL};
    return fill(s, "health_card", NULL, fields);
}

const char *step_chooses_result(struct story *s)
{
    const char *const fields[] = {"copies",         "2",    "result_way", "online",
                                  "truth_declared", "true", NULL};
    return fill(s, "result", NULL, fields);
}

const char *step_reviews_and_files(struct story *s)
{
    struct browser *b = &s->citizen;
    const char *review = arena_printf(s->c->arena, "%s/xem-lai", s->draft);
    MUST(s, b, browser_get(b, story_at(s, PROVINCE, review)));
    EXPECT(s, b, browser_sees(b, s->child), "the child's name to check");
    MUST(s, b, browser_submit(b, arena_printf(s->c->arena, "%s/nop", s->draft), NULL));
    const char *at = b->url ? strstr(b->url, "/ho-so/") : NULL;
    EXPECT(s, b, b->status == 200 && at, "the confirmation");
    at += strlen("/ho-so/");
    s->code = arena_text_n(s->c->arena, at, strcspn(at, "/?"));
    EXPECT(s, b, text_starts(s->code, "000.08.31.H57-"), "a code of the TT 01/2018 form");
    EXPECT(s, b, browser_sees(b, s->code), "the code on the page");
    return NULL;
}

const char *step_gets_receipt(struct story *s)
{
    struct browser *b = &s->citizen;
    const char *path = arena_printf(s->c->arena, "/ho-so/%s/giay/receipt", s->code);
    MUST(s, b, browser_get(b, story_at(s, PROVINCE, path)));
    return story_signed_pdf(s, b, "receipt");
}

const char *step_officials_sign_in(struct story *s)
{
    const char *missing = story_sign_in(s, &s->clerk, PROVINCE, "canbo.motcua");
    if (!missing)
        missing = story_sign_in(s, &s->registrar, PROVINCE, "hotich");
    if (!missing)
        missing = story_sign_in(s, &s->chairman, PROVINCE, "chutich");
    if (missing)
        return missing;
    struct browser *b = &s->clerk;
    MUST(s, b, browser_get(b, story_at(s, PROVINCE, "/mot-cua")));
    EXPECT(s, b, browser_sees(b, s->code), "the dossier in the inbox");
    return NULL;
}

const char *step_clerk_accepts(struct story *s)
{
    return story_act(s, &s->clerk, "accept", NULL);
}

const char *step_registrar_reviews(struct story *s)
{
    return story_act(s, &s->registrar, "start_review", NULL);
}

const char *step_registrar_proposes(struct story *s)
{
    return story_act(s, &s->registrar, "propose", NULL);
}

const char *step_chairman_signs(struct story *s)
{
    return story_act(s, &s->chairman, "sign", NULL);
}
