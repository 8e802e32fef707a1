/* SPDX-License-Identifier: Apache-2.0 */
/* Communes by name, and who receives what. The names are folded once, when somebody first asks. */
#include <pthread.h>
#include <string.h>

#include "base/text.h"
#include "core/country.h"
#include "systems/portal/portal_private.h"

#define UNITS     "admin_units"
#define MAX_WORDS 24

struct known_place {
    const char *code;
    const char *own, *bare, *all; /* folded: its own name, without its kind, with all above it */
    bool here;                    /* of a province whose dossiers lie on this node */
};
static pthread_mutex_t places_lock = PTHREAD_MUTEX_INITIALIZER;
static struct arena *places_arena; /* NULL: nobody asked yet; then nothing changes any more */
static struct known_place *places;
static size_t n_places;

bool portal_is_place(const struct field *f)
{
    return f->kind == KIND_CODE && text_eq(f->catalogue, UNITS);
}

static const char *after_word(const char *text)
{
    const char *blank = strchr(text, ' ');
    return blank ? blank + 1 : "";
}

/* "Vỹ Dạ" of "Phường Vỹ Dạ", "Lăng Cô" of "Thị trấn Lăng Cô": the kind goes on in small letters. */
static const char *without_kind(const char *name)
{
    do
        name = after_word(name);
    while (*name >= 'a' && *name <= 'z');
    return name;
}

/* Ten thousand of these stay as long as the node: what folding leaves behind doesn't. */
static void add_communes(const struct country *k, const struct code_row *district, bool here)
{
    struct arena *waste = arena_new(0);
    size_t n;
    const struct code_row *const *rows = country_children(k, district->code, &n);
    for (size_t i = 0; i < n; i++) {
        const char *name = rows[i]->name[LANG_VI], *place, *bare;
        place = country_place(waste, k, rows[i]->code);
        bare = portal_fold(waste, without_kind(name));
        struct known_place *p = &places[n_places++];
        *p = (struct known_place){.code = rows[i]->code,
                                  .here = here,
                                  .own = arena_text(places_arena, portal_fold(waste, name)),
                                  .all = arena_text(places_arena, portal_fold(waste, place))};
        p->bare = p->own + (strlen(p->own) - strlen(bare)); /* the kind stands before it */
        ASSERT(text_eq(p->bare, bare));
    }
    arena_end(waste);
}

static bool is_here(const struct node *n, const char *province)
{
    for (const char *const *m = n->members; *m; m++) {
        const struct agency *a = country_agency(n->country, *m);
        if (a && text_eq(a->admin_unit, province))
            return true;
    }
    return false;
}

static void fold_all(const struct node *node)
{
    const struct country *k = node->country;
    size_t all, n, m;
    (void)country_codes(k, UNITS, &all);
    places_arena = arena_new(0);
    places = ARENA_ARRAY(places_arena, all + 1, struct known_place);
    const struct code_row *const *provinces = country_children(k, "", &n);
    for (size_t i = 0; i < n; i++) {
        bool here = is_here(node, provinces[i]->code);
        const struct code_row *const *districts = country_children(k, provinces[i]->code, &m);
        for (size_t j = 0; j < m; j++)
            add_communes(k, districts[j], here);
    }
}

static void fold_once(const struct node *node)
{
    pthread_mutex_lock(&places_lock);
    if (!places_arena)
        fold_all(node);
    pthread_mutex_unlock(&places_lock);
}

void portal_places_stop(void)
{
    arena_end(places_arena);
    places_arena = NULL;
    places = NULL;
    n_places = 0;
}

/* How well a place fits: by its whole name, by its name and more, by whole words, by beginnings of
 * words. */
enum fit { FIT_NOT, FIT_BEGINNINGS, FIT_WORDS, FIT_NAME, FIT_WHOLE };

static bool has_whole_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        if ((at == text || at[-1] == ' ') && (at[n] == ' ' || at[n] == 0))
            return true;
    return false;
}

static bool begins_with(const char *typed, const char *name)
{
    size_t n = strlen(name);
    return n && strncmp(typed, name, n) == 0 && (typed[n] == ' ' || typed[n] == 0);
}

static enum fit fit_of(const struct known_place *p, const char *typed, const char *const *words,
                       size_t n)
{
    bool whole = true, own = false;
    for (size_t i = 0; i < n; i++) {
        if (!portal_has_word(p->all, words[i]))
            return FIT_NOT;
        own = own || portal_has_word(p->own, words[i]);
        whole = whole && has_whole_word(p->all, words[i]);
    }
    if (!own) /* only district or province */
        return FIT_NOT;
    if (!whole)
        return FIT_BEGINNINGS;
    if (text_eq(typed, p->own) || text_eq(typed, p->bare))
        return FIT_WHOLE;
    bool named = begins_with(typed, p->own) || begins_with(typed, p->bare);
    return named ? FIT_NAME : FIT_WORDS;
}

struct asked {
    const char *typed, **words;
    size_t n;
};

static void gather(const struct asked *q, enum fit best, bool here, struct portal_place *ret,
                   size_t max, size_t *n)
{
    for (size_t i = 0; i < n_places && *n < max; i++)
        if (places[i].here == here && fit_of(&places[i], q->typed, q->words, q->n) == best)
            ret[(*n)++].code = places[i].code;
}

/* What fits less well falls out; places of this node's province come first. */
size_t portal_places(struct ctx *c, const char *words, struct portal_place *ret, size_t max)
{
    struct asked q = {.typed = portal_fold(c->arena, words)};
    enum fit best = FIT_NOT;
    size_t n = 0;
    q.words = text_split(c->arena, q.typed, ' ', &q.n);
    if (!q.n || q.n > MAX_WORDS)
        return 0;
    fold_once(c->node);
    for (size_t i = 0; i < n_places; i++) {
        enum fit fit = fit_of(&places[i], q.typed, q.words, q.n);
        best = fit > best ? fit : best;
    }
    if (best == FIT_NOT)
        return 0;
    gather(&q, best, true, ret, max, &n);
    gather(&q, best, false, ret, max, &n);
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
