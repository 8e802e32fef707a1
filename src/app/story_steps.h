/* SPDX-License-Identifier: Apache-2.0 */
/* The steps stories are made of. A step gives NULL when all it looked for was there, else what was
   missing, in English, for the operator. */
#ifndef DINH_APP_STORY_STEPS_H
#define DINH_APP_STORY_STEPS_H

#include "app/story.h"
#include "app/story_client.h"

#define STORY_T04_PLACES 4
struct story {
    struct ctx *c;
    struct nation *na;
    struct browser citizen, clerk, registrar, chairman, insurer;
    const char *account; /* the mother's user name */
    const char *mother_name;
    const char *child;      /* name of the child */
    const char *child_born; /* dd/mm/yyyy */
    const char *draft;      /* /ban-nhap/ID */
    const char *code;       /* dossier code */
    const char *pin;
    const char *tale;
    int64_t began_us, clock_us; /* when it began; the virtual clock's offset */
    int64_t t04_before[STORY_T04_PLACES];
};
typedef const char *(*story_step)(struct story *s);
struct story_line {
    const char *label;
    story_step run;
};
struct story_tale {
    const char *name;
    const char *account, *mother_name, *child, *child_born; /* born NULL: five days ago */
    const struct story_line *lines;
    size_t n;
};
extern const struct story_tale story_birth, story_refused, story_withdrawn, story_duplicate,
    story_offline, story_simultaneous, story_calendar;

/* One tale, as story_play() plays those it knows. */
MUST_CHECK enum err story_tell(struct ctx *c, const struct story_tale *t, struct nation *na);

/* ---- helpers ---- */
/* The step's failure in words with the page's address and status. */
const char *story_missing(struct story *s, const struct browser *b, const char *what);
#define EXPECT(s, b, cond, what)                                                                   \
    do {                                                                                           \
        if (!(cond))                                                                               \
            return story_missing((s), (b), (what));                                                \
    } while (0)
/* An error of the client is a missing answer. */
#define MUST(s, b, e) EXPECT((s), (b), (e) == OK, "an answer")
const char *story_at(struct story *s, size_t node, const char *path); /* absolute address */
const char *story_sign_in(struct story *s, struct browser *b, size_t node, const char *username);
/* The act's button on the dossier's page, with a reason or NULL. */
const char *story_act(struct story *s, struct browser *b, const char *action, const char *reason);
/* Reads the dossier's page until it shows text, at most `seconds`. */
const char *story_wait(struct story *s, const char *text, int seconds);

/* The page shown is a PDF to its end, and the last signature in it covers all but itself. */
const char *story_signed_pdf(struct story *s, const struct browser *b, const char *what);
/* From the first `head` of the page on to the next `end`; behind `after` when that isn't NULL. ""
   when there is none. */
const char *story_part(struct story *s, const char *after, const char *head, const char *end);

void story_pause(int milliseconds);
bool story_clock_move(struct story *s, int64_t by_us);

/* ---- steps used by several stories ---- */
const char *step_child_is_born(struct story *s); /* each play in a nation has a child of its own */
const char *step_citizen_signs_in(struct story *s);
const char *step_finds_service(struct story *s);
const char *step_opens_service(struct story *s);
const char *step_begins_draft(struct story *s);
const char *step_fills_requester(struct story *s);
const char *step_fills_child(struct story *s);
const char *step_fills_birth_place(struct story *s);
const char *step_attaches_notice(struct story *s);
const char *step_confirms_mother(struct story *s);
const char *step_confirms_father(struct story *s);
const char *step_chooses_clinic(struct story *s);
const char *step_chooses_result(struct story *s);
const char *step_reviews_and_files(struct story *s);
const char *step_gets_receipt(struct story *s);
const char *step_officials_sign_in(struct story *s);
const char *step_clerk_accepts(struct story *s);
const char *step_registrar_reviews(struct story *s);
const char *step_registrar_proposes(struct story *s);
const char *step_chairman_signs(struct story *s);
#define STORY_FILING                                                                               \
    {"the mother signs in on the national portal", step_citizen_signs_in},                         \
        {"finds the service by typing it", step_finds_service},                                    \
        {"opens it; single sign-on carries her to the province", step_opens_service},              \
        {"begins; the registers fill in what they know", step_begins_draft},                       \
        {"requester", step_fills_requester}, {"child", step_fills_child},                          \
        {"place of birth", step_fills_birth_place},                                                \
        {"photo of the birth notice", step_attaches_notice},                                       \
        {"mother, from the register", step_confirms_mother},                                       \
        {"father, from the register", step_confirms_father}, {"clinic", step_chooses_clinic},      \
        {"way of the result", step_chooses_result},                                                \
    {                                                                                              \
        "reviews and files", step_reviews_and_files                                                \
    }
#define STORY_DECIDING                                                                             \
    {"the registrar reviews", step_registrar_reviews}, {"and proposes", step_registrar_proposes},  \
    {                                                                                              \
        "the chairman signs", step_chairman_signs                                                  \
    }

#endif
