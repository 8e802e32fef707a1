/* SPDX-License-Identifier: Apache-2.0 */
/* Communes by name, and who receives what. The names are folded once at start. */
#include <string.h>

#include "base/text.h"
#include "core/country.h"
#include "systems/portal/portal_private.h"

#define UNITS     "admin_units"
#define MAX_WORDS 24

struct known_place {
    const char *code, *own, *all; /* folded: its own name; with district and province */
};
static struct known_place *places;
static size_t n_places;

bool portal_is_place(const struct field *f)
{
    return f->kind == KIND_CODE && text_eq(f->catalogue, UNITS);
}

static void add_communes(struct ctx *c, const struct code_row *district)
{
    size_t n;
    const struct code_row *const *rows = country_children(c->node->country, district->code, &n);
    for (size_t i = 0; i < n; i++) {
        const char *full = country_place(c->arena, c->node->country, rows[i]->code);
        places[n_places++] = (struct known_place){
            rows[i]->code, text_fold(c->arena, rows[i]->name[LANG_VI]), text_fold(c->arena, full)};
    }
}

enum err portal_places_start(struct ctx *c)
{
    const struct country *k = c->node->country;
    size_t all, n, m;
    (void)country_codes(k, UNITS, &all);
    places = ARENA_ARRAY(c->arena, all + 1, struct known_place);
    n_places = 0;
    const struct code_row *const *provinces = country_children(k, "", &n);
    for (size_t i = 0; i < n; i++) {
        const struct code_row *const *districts = country_children(k, provinces[i]->code, &m);
        for (size_t j = 0; j < m; j++)
            add_communes(c, districts[j]);
    }
    return OK;
}

void portal_places_stop(void)
{
    places = NULL;
    n_places = 0;
}

/* How many words stand in the place's own name; -1: one stands nowhere. */
static int score_of(const struct known_place *p, const char *const *words, size_t n)
{
    int own = 0;
    for (size_t i = 0; i < n; i++) {
        if (portal_has_word(p->own, words[i]))
            own++;
        else if (!portal_has_word(p->all, words[i]))
            return -1;
    }
    return own;
}

size_t portal_places(struct ctx *c, const char *words, struct portal_place *ret, size_t max)
{
    const char *folded = text_fold(c->arena, words);
    size_t n_words, n = 0;
    const char **word = text_split(c->arena, folded, ' ', &n_words);
    int *scores = ARENA_ARRAY(c->arena, max + 1, int);
    for (size_t i = 0; i < n_places && n_words && n_words <= MAX_WORDS; i++) {
        bool whole = text_eq(places[i].own, folded) || text_eq(places[i].all, folded);
        int score = score_of(&places[i], word, n_words);
        if (score < 1 || (n == max && !whole && scores[n - 1] >= score))
            continue;
        score += whole ? MAX_WORDS : 0;
        size_t at = n == max ? n - 1 : n++;
        for (; at > 0 && scores[at - 1] < score; at--) {
            scores[at] = scores[at - 1];
            ret[at] = ret[at - 1];
        }
        scores[at] = score;
        ret[at].code = places[i].code;
    }
    for (size_t i = 0; i < n; i++)
        ret[i].name = country_place(c->arena, c->node->country, ret[i].code);
    return n;
}

/* ---- who receives ---- */

static const struct agency *agency_of_place(const struct country *k, const char *place)
{
    size_t n;
    const struct agency *all = country_agencies(k, &n), *found = NULL;
    for (size_t i = 0; i < n; i++) {
        bool mine = text_eq(all[i].admin_unit, place);
        if (mine && (!found || strlen(all[i].code) < strlen(found->code)))
            found = &all[i]; /* the People's Committee, not its counter below it */
    }
    return found;
}

const struct agency *portal_receiver(struct ctx *c, const struct procedure *p, const void *form,
                                     bool *ret_here)
{
    const char *field = json_text_of(p->doc, "competent_unit_from", "");
    const char *place = shape_field(p->form, field) ? shape_text(p->form, form, field) : "";
    const struct agency *a = text_empty(place) ? NULL : agency_of_place(c->node->country, place);
    *ret_here = a && node_carries(c->node, a->code);
    return a;
}

static bool carries_province(const struct country *k, const char *const *members)
{
    for (; *members; members++) {
        const struct agency *a = country_agency(k, *members);
        if (a && !text_empty(a->admin_unit))
            return true;
    }
    return false;
}

bool portal_files_here(const struct node *n)
{
    return carries_province(n->country, n->members);
}

size_t portal_provinces(const struct node *n, const struct node_peer **ret, size_t max)
{
    size_t found = 0;
    for (size_t i = 0; i < n->n_peers && found < max; i++)
        if (carries_province(n->country, n->peers[i].members))
            ret[found++] = &n->peers[i];
    return found;
}

const char *portal_there(struct arena *a, const struct node_peer *peer, const char *path)
{
    struct buf b = buf_new(a, 8192);
    buf_printf(&b, "%s/dang-nhap/quoc-gia?next=", peer->url);
    buf_url(&b, path);
    return b.ptr;
}
