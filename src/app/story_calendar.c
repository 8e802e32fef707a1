/* SPDX-License-Identifier: Apache-2.0 */
/* The same filing at three instants of the law's calendar; each due date is known from the official
   closures (country/vn/calendar). The nation's virtual clock is set for each and then put back. */
#include <stdio.h>

#include "app/story_steps.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"

/* In place: the nodes have the file mapped. */
static bool write_offset(struct story *s, int64_t offset_us)
{
    FILE *f = fopen(s->na->clock_file, "r+b");
    if (!f)
        return false;
    uint8_t b[8];
    for (size_t i = 0; i < sizeof b; i++)
        b[i] = (uint8_t)((uint64_t)offset_us >> (8 * i));
    bool done = fwrite(b, sizeof b, 1, f) == 1;
    return fclose(f) == 0 && done;
}

bool story_clock_move(struct story *s, int64_t by_us)
{
    s->clock_us += by_us;
    return write_offset(s, s->clock_us);
}

static const char *clock_to(struct story *s, struct civil t)
{
    int64_t now = sys_now_us(), wanted = us_from_civil(t, LOCAL_OFFSET_US);
    s->clock_us = 0;
    EXPECT(s, NULL, story_clock_move(s, wanted - now), "expected the clock to move");
    s->child_born = day_show(s->c->arena, local_day(wanted) - 5);
    return NULL;
}

static const char *after_the_cutoff(struct story *s) /* Thursday, 15:30 */
{
    return clock_to(s, (struct civil){2020, 6, 4, 15, 30, 0});
}

static const char *before_tet(struct story *s) /* Wednesday; closed 23/1 to 29/1 */
{
    return clock_to(s, (struct civil){2020, 1, 22, 10, 0, 0});
}

static const char *before_a_swap(struct story *s) /* Mon 29/4 off, Sat 4/5/2024 made up */
{
    return clock_to(s, (struct civil){2024, 4, 26, 10, 0, 0});
}

static const char *due(struct story *s, const char *day, const char *word)
{
    struct browser *b = &s->citizen;
    const char *page = arena_printf(s->c->arena, "/ho-so/%s", s->code);
    MUST(s, b, browser_get(b, story_at(s, PROVINCE, page)));
    EXPECT(s, b, browser_sees(b, day), day);
    EXPECT(s, b, browser_sees(b, word), word);
    return NULL;
}

static const char *due_after_the_cutoff(struct story *s)
{
    return due(s, "10/06/2020", "15:00");
}

static const char *due_over_tet(struct story *s)
{
    return due(s, "03/02/2020", "Tết");
}

static const char *due_over_a_swap(struct story *s)
{
    return due(s, "04/05/2024", "bù");
}

static const char *clock_back(struct story *s)
{
    EXPECT(s, NULL, story_clock_move(s, -s->clock_us), "expected the clock to go back");
    return NULL;
}

static const struct story_line lines[] = {
    {"Thursday 04/06/2020, 15:30", after_the_cutoff},
    STORY_FILING,
    {"due 10/06: counted from Friday", due_after_the_cutoff},
    {"Wednesday 22/01/2020, the day before Tết", before_tet},
    STORY_FILING,
    {"due 03/02: Tết doesn't count", due_over_tet},
    {"Friday 26/04/2024, before a swapped day", before_a_swap},
    STORY_FILING,
    {"due Saturday 04/05: the make-up day counts", due_over_a_swap},
    {"the clock is put back", clock_back},
};
const struct story_tale story_calendar = {"calendar", "me.thao", "Hồ Thị Thảo",   "Hoàng Nhật Minh",
                                          NULL,       lines,     ARRAY_LEN(lines)};
