/* SPDX-License-Identifier: Apache-2.0 */
/* Procedures by the words people use for them. */
#include <string.h>

#include "base/text.h"
#include "systems/portal/portal_private.h"

#define MAX_WORDS 12
#define IN_NAME   4 /* a word of the name counts more than one of the keywords */
#define IN_WORDS  2
#define JOINED    3 /* typed without blanks: "khaisinh" */

const char *portal_label(const struct ctx *c, const json_t *o, const char *name)
{
    const json_t *label = json_object_get(o, name);
    const char *vi = json_text_of(label, "vi", "");
    return c->lang == LANG_EN ? json_text_of(label, "en", vi) : vi;
}

bool portal_online(const struct procedure *p)
{
    return json_int_of(p->doc, "level", 1) >= 3;
}

char *portal_fold(struct arena *a, const char *text)
{
    char *folded = text_fold(a, text);
    for (char *at = folded; *at; at++)
        *at = *at == 'y' ? 'i' : *at;
    return folded;
}

bool portal_has_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = text; at; at = strchr(at, ' ')) {
        at += *at == ' ';
        if (strncmp(at, word, n) == 0)
            return true;
    }
    return false;
}

static const char *joined(struct arena *a, const char *text)
{
    char *out = arena_text(a, text);
    size_t n = 0;
    for (const char *at = text; *at; at++)
        if (*at != ' ')
            out[n++] = *at;
    out[n] = 0;
    return out;
}

struct findable { /* a procedure's words, folded */
    const char *name, *words, *joined;
};

static struct findable findable_of(struct ctx *c, const struct procedure *p)
{
    struct buf b = buf_new(c->arena, 16 * 1024);
    const json_t *words = json_list_of(p->doc, "keywords");
    for (size_t i = 0; words && i < json_array_size(words); i++)
        buf_printf(&b, "%s ", json_string_value(json_array_get(words, i)));
    buf_printf(&b, "%s %s", p->code, json_text_of(json_object_get(p->doc, "summary"), "vi", ""));
    const char *name =
        portal_fold(c->arena, arena_printf(c->arena, "%s %s", p->name[LANG_VI], p->name[LANG_EN]));
    const char *all = portal_fold(c->arena, b.ptr);
    return (struct findable){name, all,
                             joined(c->arena, arena_printf(c->arena, "%s %s", name, all))};
}

/* 0: some word is found nowhere. */
static int score_of(struct ctx *c, const struct procedure *p, const char *const *words, size_t n)
{
    struct findable f = findable_of(c, p);
    int score = 1;
    for (size_t i = 0; i < n; i++) {
        if (portal_has_word(f.name, words[i]))
            score += IN_NAME;
        else if (portal_has_word(f.words, words[i]))
            score += IN_WORDS;
        else if (strlen(words[i]) >= 5 && strstr(f.joined, words[i]))
            score += JOINED;
        else
            return 0;
    }
    return score;
}

size_t portal_search(struct ctx *c, const char *words, const struct procedure **ret, size_t max)
{
    size_t n_words, n_all, n = 0;
    const char *folded = portal_fold(c->arena, words);
    const char **word = text_split(c->arena, folded, ' ', &n_words);
    const struct procedure *const *all = procedure_all(c, &n_all);
    int *scores = ARENA_ARRAY(c->arena, max + 1, int);
    if (!*folded && *words)
        return 0;
    n_words = n_words > MAX_WORDS ? MAX_WORDS : n_words;
    for (size_t i = 0; i < n_all; i++) {
        int score = score_of(c, all[i], word, n_words);
        if (score == 0 || (n == max && scores[n - 1] >= score))
            continue;
        size_t at = n == max ? n - 1 : n++;
        for (; at > 0 && scores[at - 1] < score; at--) {
            scores[at] = scores[at - 1];
            ret[at] = ret[at - 1];
        }
        scores[at] = score;
        ret[at] = all[i];
    }
    return n;
}
