/* SPDX-License-Identifier: Apache-2.0 */
#include "app/story.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/story_steps.h"
#include "base/buf.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "web/json.h"

const char *story_missing(struct story *s, const struct browser *b, const char *what)
{
    if (!b)
        return what;
    const char *problem = browser_between(&(struct browser){.c = s->c, .page = b->page},
                                          "govuk-error-summary__list", "</ul>");
    return arena_printf(s->c->arena, "expected %s (%s answered %d) %.300s", what,
                        b->url ? b->url : "?", b->status, problem);
}

const char *story_at(struct story *s, size_t node, const char *path)
{
    return arena_printf(s->c->arena, "%s%s", s->na->url[node], path);
}

static const char *password(struct story *s)
{
    json_t *doc;
    if (demo_document(s->c, "people/demo_accounts.json", &doc))
        return "";
    const char *text = arena_text(s->c->arena, json_text_of(doc, "password", ""));
    json_end(doc);
    return text;
}

const char *story_sign_in(struct story *s, struct browser *b, size_t node, const char *username)
{
    b->c = s->c;
    const char *const fields[] = {"username", username, "password", password(s), NULL};
    MUST(s, b, browser_get(b, story_at(s, node, "/dang-nhap")));
    EXPECT(s, b, b->status == 200, "the sign-in page");
    MUST(s, b, browser_submit(b, "/dang-nhap", fields));
    EXPECT(s, b, b->status == 200 && browser_sees(b, "/dang-xuat"), "to be signed in");
    return NULL;
}

const char *story_act(struct story *s, struct browser *b, const char *action, const char *reason)
{
    const char *page = arena_printf(s->c->arena, "/mot-cua/%s", s->code);
    const char *target = arena_printf(s->c->arena, "%s/viec/%s", page, action);
    const char *const fields[] = {reason ? "reason" : NULL, reason, NULL};
    MUST(s, b, browser_get(b, story_at(s, PROVINCE, page)));
    EXPECT(s, b, b->status == 200, "the dossier's page");
    MUST(s, b, browser_submit(b, target, fields));
    EXPECT(s, b, b->status == 200 && browser_sees(b, s->code), "the act to be done");
    return NULL;
}

const char *story_wait(struct story *s, const char *text, int seconds)
{
    struct browser *b = &s->citizen;
    const char *page = arena_printf(s->c->arena, "/ho-so/%s", s->code);
    int64_t until = sys_mono_us() + seconds * SECOND_US;
    for (;;) {
        MUST(s, b, browser_get(b, story_at(s, PROVINCE, page)));
        if (browser_sees(b, text))
            return NULL;
        EXPECT(s, b, sys_mono_us() < until, text);
        usleep(20000);
    }
}

/* ---- what a page holds ---- */

const char *story_part(struct story *s, const char *after, const char *head, const char *end)
{
    const char *from = strstr(after ? after : s->citizen.page, head);
    const char *to = from ? strstr(from, end) : NULL;
    return to ? arena_text_n(s->c->arena, from, (size_t)(to - from)) : "";
}

static const char *last_of(const struct browser *b, const char *word)
{
    const char *found = NULL, *from = b->page, *until = from + b->raw.len;
    for (const char *at; (at = memmem(from, (size_t)(until - from), word, strlen(word)));
         from = at + 1)
        found = at;
    return found;
}

static bool ends_as_pdf(const struct browser *b)
{
    size_t n = b->raw.len;
    while (n && (b->page[n - 1] == '\n' || b->page[n - 1] == '\r'))
        n--;
    return n > 1000 && memcmp(b->page, "%PDF-", 5) == 0 && memcmp(b->page + n - 5, "%%EOF", 5) == 0;
}

/* The range leaves out one hexadecimal text, the signature, and nothing else of the file. */
static bool covers_all(const struct browser *b, const char *range)
{
    size_t from, first, second, last, n = b->raw.len, digits = 0;
    if (!range || sscanf(range, "/ByteRange [%zu %zu %zu %zu]", &from, &first, &second, &last) != 4)
        return false;
    if (from != 0 || first >= second || second > n || last != n - second || b->page[first] != '<' ||
        b->page[second - 1] != '>')
        return false;
    for (size_t i = first + 1; i < second - 1; i++) {
        if (!isxdigit((unsigned char)b->page[i]))
            return false;
        digits += b->page[i] != '0';
    }
    return digits > 100; /* more than an empty place */
}

const char *story_signed_pdf(struct story *s, const struct browser *b, const char *what)
{
    EXPECT(s, b, b->status == 200 && ends_as_pdf(b),
           arena_printf(s->c->arena, "%s: a whole PDF", what));
    EXPECT(s, b, covers_all(b, last_of(b, "/ByteRange")),
           arena_printf(s->c->arena, "%s: a signature over the whole file", what));
    return NULL;
}

/* ---- a child for each play ---- */

#define COUNT_MAX_BYTES 20

const char *step_child_is_born(struct story *s)
{
    static const char *const given[] = {"Bình", "Chi", "Diệp", "Giang", "Hà",   "Khánh",
                                        "Lam",  "Mai", "Ngân", "Oanh",  "Phú",  "Quỳnh",
                                        "Sơn",  "Thư", "Uyên", "Vy",    "Xuân", "Yến"};
    const char *path = arena_printf(s->c->arena, "%s/played.%s", s->na->dir, s->tale);
    struct bytes in;
    int64_t k = 0;
    if (sys_read_file(s->c, path, COUNT_MAX_BYTES, &in) == OK &&
        !text_to_int(arena_text_n(s->c->arena, (const char *)in.ptr, in.len), &k))
        return arena_printf(s->c->arena, "%s isn't a number", path);
    ctx_clear_faults(s->c);
    const char *next = arena_printf(s->c->arena, "%" PRId64, k + 1);
    EXPECT(s, NULL, !sys_write_file(s->c, path, bytes_of(next), 0600), path);
    size_t n = ARRAY_LEN(given), at = (size_t)k;
    if (k)
        s->child = arena_printf(s->c->arena, "%.*s %s %s", (int)(strrchr(s->child, ' ') - s->child),
                                s->child, given[at / n % n], given[at % n]);
    return NULL;
}

void story_pause(int milliseconds)
{
    usleep((unsigned)milliseconds * 1000);
}

static void open_browsers(struct story *s)
{
    struct browser *all[] = {&s->citizen, &s->clerk, &s->registrar, &s->chairman, &s->insurer};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        all[i]->c = s->c;
}

enum err story_tell(struct ctx *c, const struct story_tale *t, struct nation *na)
{
    struct story s = {.c = c,
                      .began_us = sys_now_us(),
                      .na = na,
                      .tale = t->name,
                      .account = t->account,
                      .mother_name = t->mother_name,
                      .child = t->child};
    int64_t begin = sys_mono_us();
    open_browsers(&s);
    s.child_born = t->child_born ? t->child_born : day_show(c->arena, local_day(sys_now_us()) - 5);
    printf("story %s\n", t->name);
    for (size_t i = 0; i < t->n; i++) {
        int64_t from = sys_mono_us();
        const char *missing = t->lines[i].run(&s);
        printf("  %-4s %7.1f ms  %s\n", missing ? "FAIL" : "ok",
               (double)(sys_mono_us() - from) / 1000.0, t->lines[i].label);
        fflush(stdout);
        if (missing) {
            printf("       %s\n", missing);
            ctx_clear_faults(c);
            return fail(c, ERR_STORY, arena_printf(c->arena, "%s/%s", t->name, t->lines[i].label),
                        missing);
        }
    }
    printf("  %.0f ms in all\n", (double)(sys_mono_us() - begin) / 1000.0);
    return OK;
}

static const struct story_tale *const tales[] = {
    &story_birth,   &story_refused,      &story_withdrawn, &story_duplicate,
    &story_offline, &story_simultaneous, &story_calendar};

static bool means(const char *name, const struct story_tale *t)
{
    return text_eq(name, "all") || text_eq(name, t->name);
}

enum err story_check(struct ctx *c, const char *name)
{
    size_t n;
    struct buf all = buf_new(c->arena, 512);
    const char **names = text_split(c->arena, name, ',', &n);
    for (size_t i = 0; i < ARRAY_LEN(tales); i++)
        buf_printf(&all, "%s | ", tales[i]->name);
    buf_text(&all, "all");
    for (size_t k = 0; k < n; k++) {
        bool known = false;
        for (size_t i = 0; i < ARRAY_LEN(tales); i++)
            known = known || means(names[k], tales[i]);
        if (!known)
            return fail(c, ERR_OPTION_VALUE, "--story", names[k], all.ptr);
    }
    return OK;
}

enum err story_play(struct ctx *c, const char *name, struct nation *na)
{
    size_t n;
    const char **names = text_split(c->arena, name, ',', &n);
    enum err e = OK;
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < ARRAY_LEN(tales) && !e; i++)
            if (means(names[k], tales[i]))
                e = story_tell(c, tales[i], na);
    return e;
}
