/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of this folder only. */
#ifndef DINH_SYSTEMS_PORTAL_PRIVATE_H
#define DINH_SYSTEMS_PORTAL_PRIVATE_H

#include "base/time.h"
#include "core/matter.h"
#include "engine/casework/casework.h"
#include "systems/portal/portal.h"
#include "web/json.h"

#define POPULATION_AGENCY   "G01"
#define POPULATION_REGISTER "population"
#define PURPOSE_PREFILL     "prefill"
#define PURPOSE_OWN         "own_data"
#define DRAFT_US            (30 * DAY_US)

/* ---- procedures and places (portal_search.c, portal_places.c) ---- */
/* Procedures that match the words, best first; marks, case and blanks between words don't matter.
   "": all. Signs and pictures without a word: none. */
size_t portal_search(struct ctx *c, const char *words, const struct procedure **ret, size_t max);
/* Folded for search; i and y are one: people write both, "Vỹ Dạ" and "Vĩ Dạ", "ký" and "kí". */
char *portal_fold(struct arena *a, const char *text);
/* Does a word of the text begin with it? Both folded. */
bool portal_has_word(const char *text, const char *word);
/* A member of the document in the reader's language: o[name].vi or .en; "" when absent. */
const char *portal_label(const struct ctx *c, const json_t *o, const char *name);
bool portal_online(const struct procedure *p); /* level 3 or 4: can be filed here */

/* Beside a commune's name that fits several: the code of the one that was chosen. */
#define PORTAL_CHOSEN "_chon."
struct portal_place {
    const char *code, *name; /* "19777", "Phường Vỹ Dạ, Thành phố Huế, Tỉnh Thừa Thiên Huế" */
};
/* Communes by name, with words of district and province to tell them apart: those that fit best. */
size_t portal_places(struct ctx *c, const char *words, struct portal_place *ret, size_t max);
void portal_places_stop(void);
bool portal_is_place(const struct field *f);
/* The agency that receives this form (competent_unit_from); NULL when none is known yet.
   ret_here: this node carries it. */
const struct agency *portal_receiver(struct ctx *c, const struct procedure *p, const void *form,
                                     bool *ret_here);
bool portal_files_here(const struct node *n); /* carries a province, so that dossiers lie here */
/* The other nodes that do. */
size_t portal_provinces(const struct node *n, const struct node_peer **ret, size_t max);
/* PEER/dang-nhap/quoc-gia?next=PATH: there, signed in */
const char *portal_there(struct arena *a, const struct node_peer *peer, const char *path);

/* ---- drafts (portal_draft.c, portal_prefill.c, portal_form.c) ---- */
struct portal_draft {
    const char *id, *done, *code;
    const char *supplements; /* the dossier it adds to; "" or NULL: it becomes a new one */
    const struct procedure *procedure;
    int64_t version, created_us, saved_us, expires_us;
    int64_t subject;        /* whose key seals it; 0: none yet */
    bool unreachable, kept; /* kept: has its row */
    void *form, *known;     /* by procedure->form */
};
struct portal_known { /* what the population register told, NULL = nothing */
    json_t *self, *spouse;
    bool unreachable;
};
/* Asks for the person and, when the record names one, the spouse. Outside any transaction. An
   unreachable register isn't an error: unreachable is set. */
MUST_CHECK enum err portal_ask(struct ctx *c, struct portal_known *ret);
/* relation: code of the person's relation to the matter ("mother", "grandparent"); "" = unsaid. */
void portal_prefill(struct ctx *c, const struct portal_known *k, const char *relation,
                    struct portal_draft *d);
/* The field that asks for the relation (catalogue relations); NULL when the form has none. */
const struct field *portal_relation_field(const struct procedure *p);
struct portal_share {
    int64_t part, whole; /* filled by itself and left so; filled at all */
};
struct portal_share portal_share_of(const struct procedure *p, const void *form, const void *known);
/* Is this value as the register gave it? */
bool portal_as_known(const struct procedure *p, const struct field *f, const void *form,
                     const void *known);

enum portal_state { GROUP_TO_DO, GROUP_KNOWN, GROUP_DONE };
struct portal_group {
    const char *name, *label, *hint;
    enum portal_state state;
};
size_t portal_groups(struct ctx *c, const struct portal_draft *d, struct portal_group *ret,
                     size_t max);
#define PORTAL_GROUPS 24
/* What shape_check would say of the form as it stands, told nowhere. */
bool portal_complete(struct ctx *c, const struct shape *s, const void *form);
void portal_mark_done(struct ctx *c, struct portal_draft *d, const char *group);
/* Values the form works out of others: dates in words. */
void portal_work_out(struct ctx *c, const struct procedure *p, void *form);
/* A copy of an object that may be changed without harm. */
void *portal_copy(struct arena *a, const struct shape *s, const void *object);
/* Do two forms hold the same there? Files by content and name. */
bool portal_same(struct ctx *c, const struct shape *s, const struct field *f, const void *one,
                 const void *other);
const char *portal_draft_path(struct ctx *c, const struct portal_draft *d);
const char *portal_draft_title(struct ctx *c, const struct portal_draft *d);
/* Saved, or begun when it has no id yet; its version stands. Write transaction. */
MUST_CHECK enum err portal_draft_keep(struct ctx *c, struct portal_draft *d);

struct portal_taken { /* files of one request, kept by prepare for the handler */
    struct {
        const char *field;
        const struct file *file;
    } rows[MAX_UPLOADS];
    size_t n;
};
struct req;
MUST_CHECK enum err portal_take_files(struct ctx *c, struct req *r, const struct shape *s,
                                      struct portal_taken *ret);
/* The rows of the files, and their ids into the draft's form. Write transaction. */
MUST_CHECK enum err portal_keep_files(struct ctx *c, const struct portal_taken *t,
                                      const struct shape *s, struct portal_draft *d);
/* All files the form names are that subject's from now on. Write transaction. */
MUST_CHECK enum err portal_hand_over(struct ctx *c, const struct shape *s, void *form,
                                     int64_t subject);
/* The draft's own key, made when it has none; its id too. Write transaction. */
MUST_CHECK enum err portal_draft_subject(struct ctx *c, struct portal_draft *d);
/* Beside a file that is there: a tick that it goes. */
#define PORTAL_FILE_GOES "_bo."
bool portal_file_goes(const struct req *r); /* any of them is ticked */
/* Those go from the form: back to what before holds (NULL: nothing). A new one stays. */
void portal_drop_files(const struct req *r, const struct shape *s, void *form, const void *before);
/* The fields of s that a form or JSON brings, into the form: communes by name, dates in words;
   faults at their fields, then ERR_INVALID. Files are never taken from the fields. */
MUST_CHECK enum err portal_typed(struct ctx *c, struct req *r, const struct shape *s, void *form);
/* Of what is typed so far, what is sound: for a draft kept while typing. */
void portal_typed_so_far(struct ctx *c, const struct req *r, const struct shape *s, void *form);

/* ---- portal_store.c ---- */
/* ERR_DRAFTS_MANY: this person has as many drafts as anybody may; supplements don't count. */
#define PORTAL_MOST_DRAFTS 50
MUST_CHECK enum err portal_store_draft_room(struct ctx *c);
MUST_CHECK enum err portal_store_draft_add(struct ctx *c, struct portal_draft *d);
/* One that never got its row: its key goes, and with it what was attached. */
MUST_CHECK enum err portal_store_draft_forget(struct ctx *c, const struct portal_draft *d);
/* The person's own draft of a new dossier; ERR_NOT_FOUND otherwise. */
MUST_CHECK enum err portal_store_draft(struct ctx *c, const char *id, struct portal_draft *ret);
/* What the person has put together to supplement that dossier, if anything. */
MUST_CHECK enum err portal_store_supplement(struct ctx *c, const char *code, bool *ret_found,
                                            struct portal_draft *ret);
/* It was sent, or isn't wanted any more. */
MUST_CHECK enum err portal_store_supplement_end(struct ctx *c, const char *code);
/* When its version is still expected; bump: a page was gone through. ERR_DRAFT_CHANGED. */
MUST_CHECK enum err portal_store_draft_save(struct ctx *c, struct portal_draft *d, bool bump);
/* It became that dossier: the values go, the id keeps leading to it. */
MUST_CHECK enum err portal_store_draft_filed(struct ctx *c, const char *id, const char *code);
MUST_CHECK enum err portal_store_drafts(struct ctx *c, struct portal_draft *ret, size_t max,
                                        size_t *ret_n);
MUST_CHECK enum err portal_store_draft_drop(struct ctx *c, const char *id);
MUST_CHECK enum err portal_store_drafts_expire(struct ctx *c, int64_t *ret_n);

#include "systems/portal/portal_follow.h"

void portal_reseal(void); /* portal_reseal.c, at start */

#endif
