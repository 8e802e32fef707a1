/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of this folder show. Their shapes for JSON: portal_shapes.c. */
#ifndef DINH_SYSTEMS_PORTAL_VIEWS_H
#define DINH_SYSTEMS_PORTAL_VIEWS_H

#include "core/files.h"
#include "systems/portal/portal_private.h"
#include "web/page.h"

struct portal_line { /* a word of text, somewhere to go, or both */
    const char *title, *text, *href;
};
/* ---- for clients of JSON: the form as a table; portal_fields.c ---- */
struct portal_field {
    const char *name, *group, *label, *hint;
    const char *kind;   /* as in the country pack: "partial_date" */
    const char *value;  /* as a POST takes it: ISO dates, codes, "1" and "0", a file's id */
    const char *shown;  /* as people read it */
    const char *source; /* whose record it comes from, by name; "" = typed, or nothing yet */
    const char *catalogue, *suggest; /* codes to choose from; where to ask for them by words */
    const char *accept;              /* of a file: media types, blank-separated */
    const char *visible_field, *visible_value; /* asked for when that field has that value */
    int64_t required, read_only, visible;      /* yes or no */
    int64_t min, max;  /* characters or value; both 0: none but the kind's own */
    int64_t max_bytes; /* of a file; 0: the node's cap */
};
struct portal_choice {
    const char *catalogue, *code, *label;
};
struct portal_asked {            /* what a page asks for */
    struct list fields, choices; /* portal_field; portal_choice: of the fields' catalogues */
};
/* What s asks; known: what the register told, NULL = nothing. Empty for a browser, whose page draws
   the fields itself. */
struct portal_asked portal_asks(struct ctx *c, const struct req *r, const struct shape *s,
                                const void *form, const struct procedure *p, const void *known);
/* A value as people read it: communes with district and province, files by name. */
const char *portal_shown(struct ctx *c, const struct field *f, const void *form,
                         const struct shape *whole);
const char *portal_source_name(const struct ctx *c, const struct field *f);

struct portal_row { /* a procedure in a list */
    const char *code, *name, *summary, *level, *deadline, *fee, *href;
    bool online;
};
struct portal_dossier_row {
    const char *code, *title, *procedure, *status, *colour, *due, *href;
};
struct portal_home_view {
    const char *person; /* name; "" when nobody is signed in */
    const char *sign_in;
    bool national, official;
    struct list events, dossiers, drafts; /* portal_line, portal_dossier_row, portal_line */
};
struct portal_search_view {
    const char *words, *count, *none; /* none: said when nothing is found */
    struct list rows;                 /* portal_row */
};
struct portal_suggestion {
    const char *title, *code;
};
struct portal_suggest_view { /* communes that fit what was typed so far */
    struct list rows;        /* portal_suggestion */
};
struct portal_service_view {
    const char *code, *name, *summary, *deadline, *agency, *level;
    bool online;
    struct list papers, fees, steps, legal, subjects, results, needs; /* portal_line */
    struct list buttons;                                              /* portal_line */
};
struct portal_start_view {
    const char *code, *name, *person;
    const struct field *relation; /* NULL: not asked */
    struct list groups, files;    /* portal_line */
    struct portal_asked asked;
    struct list acts; /* next_act */
};
struct portal_drafts_view {
    struct list rows; /* portal_line */
};
struct portal_task {
    const char *name, *label, *state, *shown, *href; /* state: "to_do", "known", "done" */
};
struct portal_draft_view {
    const char *id, *name, *code, *saved, *expires, *progress;
    int64_t unreachable, ready;
    const struct page_task *tasks;
    size_t n_tasks;
    struct list groups, acts; /* portal_task: the same as tasks; next_act */
};
struct portal_group_view {
    const char *id, *label, *hint, *name, *step, *action, *save;
    int64_t version;
    bool upload, open; /* has files; of a supplement: not folded away */
    int64_t unreachable;
    int64_t look_over; /* all there from the register: shown to be confirmed */
    const struct procedure *procedure;
    const struct shape *shape; /* of the group */
    const void *form, *known;
    const void *filed; /* of a supplement: as it was filed; NULL otherwise */
    struct portal_asked asked;
    struct list acts;
};
/* The fields of a group with their sources; portal_draw.c. */
void portal_draw_fields(struct page *p, const struct portal_group_view *v);
/* Check-your-answers: communes with district and province, files by name; nothing of what is empty
   and may be. */
void portal_draw_summary(struct page *p, const struct shape *s, const void *form);

struct portal_part { /* a group in a summary */
    const char *name, *label, *change;
    const struct shape *shape;
};
struct portal_review_view {
    const char *id, *name, *unit, *elsewhere; /* elsewhere: the place whose dossiers lie not here */
    const void *form;
    struct list parts, problems; /* portal_part, portal_line: text is the field's name */
    struct portal_asked asked;
    struct list acts;
};
struct portal_filed_view {
    const char *code, *due, *unit, *receipt, *follow;
    struct list why; /* portal_line: how the due date came about */
};
struct portal_dossiers_view {
    bool national;
    struct list rows; /* portal_dossier_row */
    const char *next;
};
struct portal_step { /* of the way a dossier goes */
    const char *title, *when;
    int64_t done, now;
};
struct portal_past {
    const char *at, *what, *who, *reason;
};
struct portal_dossier_view {
    const char *code, *name, *title, *unit, *status, *status_colour, *state, *filed, *due, *clock;
    const char *notice, *reason; /* what the person should know or do now */
    const char *live, *there;    /* event stream; the page on the node that handles it */
    const char *unsent;          /* a supplement begun and not sent; "" = none */
    const char *sent;            /* what the person has just done; "" = nothing */
    const char *keep;            /* until when it is kept, and why; "" = nobody says */
    int64_t version, rated;
    bool can_supplement, can_withdraw, can_collect, can_rate, can_file_anew;
    struct list steps, past, papers, why; /* portal_step, portal_past, portal_line, portal_line */
    struct list acts;
    struct list items; /* portal_line: what a supplement is asked for */
};
struct portal_supplement_view {
    const char *code, *name, *reason, *until, *save;
    const char *saved; /* since when it is kept, until when; "" = nothing is */
    int64_t version;
    struct portal_group_view *groups;
    size_t n_groups;
    struct list parts; /* portal_part: the same as groups */
    struct portal_asked asked;
    struct list acts, items; /* items: portal_line */
};
struct portal_drop_view { /* a part: throws the draft of a supplement away */
    const char *code;     /* of the dossier */
};
struct portal_overtaken_view { /* somebody was first */
    const char *code, *name, *title, *heading;
    const char *unsent; /* "Phần bổ sung này chưa được gửi." */
    const char *status, *colour, *notice, *next, *kept;
    struct portal_past what;                 /* the act that came first */
    bool late, own, can_file_anew, can_drop; /* late: something was sent; own: the person's act */
    struct list typed;                       /* portal_line: label, value */
};
/* portal_items.c. words: the reason as it was told; becomes the official's own. */
MUST_CHECK enum err portal_items(struct ctx *c, const struct casework_case *k, const char **words,
                                 struct list *ret);
extern const struct shape portal_line_shape;
void portal_draw_items(struct page *p, const struct list *items);
struct portal_withdraw_view {
    const char *code, *name;
    int64_t version;
    struct list acts;
};
struct portal_criterion {
    const char *code, *title;
    struct choice *answers;
    size_t n_answers;
};
struct portal_answer { /* one way to answer a criterion, by its code */
    const char *criterion, *points, *label;
};
struct portal_rate_view {
    const char *code, *name;
    struct list criteria; /* portal_criterion */
    struct list answers;  /* portal_answer: those of all criteria */
    struct list acts;
};
void portal_draw_criterion(struct page *p, const struct portal_criterion *x);
/* The criteria as fields of points, over that many int64_t. */
const struct shape *portal_rate_shape(struct arena *a, const struct list *criteria);
/* The same, for the fault summary. */
const struct shape *portal_rate_labels(struct page *p, const struct portal_rate_view *v);
struct portal_past portal_past_of(struct ctx *c, const struct procedure *p,
                                  const struct casework_event *e);
/* "giấy chứng sinh.jpg (1,2 MB)" */
const char *portal_file_shown(struct ctx *c, const struct file *f);
struct portal_reader { /* one line of who saw my data */
    const char *when, *who, *agency, *role, *what, *purpose, *dossier, *where;
    const char *id;    /* of the first of equal looks of one day: its place in the list */
    const char *since; /* the first, when there are several; when: the last */
    const char *late;  /* why it is told later than it was; "" */
    const char *all;   /* their times, newest first, as many as are told */
    bool own;          /* the person themself */
    int64_t times;     /* so many equal ones on that day */
    int64_t told;      /* how many of them all holds */
};
struct portal_access_view {
    struct list rows, own, away; /* portal_reader, portal_reader, portal_line */
    struct list kept;            /* portal_line: what this node keeps, and until when */
    const char *older;           /* the page of the older ones; "" = none */
    int64_t later;               /* not the first page */
};

/* Bodies and answers. */
struct portal_withdrawal {
    const char *reason;
    int64_t version;
};
struct portal_version {
    int64_t version;
};
struct portal_opinion {
    const char *comment;
};
struct portal_save {  /* beside the fields of a group */
    int64_t _version; /* the one that was read */
    int64_t _dung;    /* what the register filled in is right, nothing is typed */
};
extern const struct shape portal_home_shape, portal_search_shape, portal_suggest_shape,
    portal_service_shape, portal_drafts_shape, portal_draft_shape, portal_filed_shape,
    portal_dossiers_shape, portal_dossier_shape, portal_access_shape, portal_withdrawal_shape,
    portal_version_shape, portal_opinion_shape, portal_status_shape;
/* The pages that ask: portal_form_shapes.c. */
extern const struct shape portal_start_shape, portal_group_shape, portal_review_shape,
    portal_supplement_shape, portal_withdraw_shape, portal_rate_page_shape, portal_save_shape,
    portal_resend_shape, portal_keep_shape;

/* The person's dossiers, newest first: from here, or as other nodes told; portal_follow.c. */
MUST_CHECK enum err portal_dossier_rows(struct ctx *c, size_t max, struct list *ret);

/* ---- handlers ---- */
enum err portal_home(struct ctx *c, struct req *r);
enum err portal_find(struct ctx *c, struct req *r);
enum err portal_suggest(struct ctx *c, struct req *r);
enum err portal_service(struct ctx *c, struct req *r);
enum err portal_start_page(struct ctx *c, struct req *r);
enum err portal_begin_prepare(struct ctx *c, struct req *r);
enum err portal_begin(struct ctx *c, struct req *r);
enum err portal_drafts(struct ctx *c, struct req *r);
enum err portal_draft_page(struct ctx *c, struct req *r);
enum err portal_draft_drop(struct ctx *c, struct req *r);
enum err portal_group_page(struct ctx *c, struct req *r);
enum err portal_group_prepare(struct ctx *c, struct req *r);
enum err portal_group_save(struct ctx *c, struct req *r);
enum err portal_group_again(struct ctx *c, struct req *r);
enum err portal_autosave(struct ctx *c, struct req *r);
enum err portal_review(struct ctx *c, struct req *r);
enum err portal_file(struct ctx *c, struct req *r);
enum err portal_file_again(struct ctx *c, struct req *r);
enum err portal_filed(struct ctx *c, struct req *r);
enum err portal_dossiers(struct ctx *c, struct req *r);
enum err portal_dossier(struct ctx *c, struct req *r);
enum err portal_paper(struct ctx *c, struct req *r);
enum err portal_events(struct ctx *c, struct req *r);
enum err portal_supplement_page(struct ctx *c, struct req *r);
enum err portal_supplement_prepare(struct ctx *c, struct req *r);
enum err portal_supplement(struct ctx *c, struct req *r);
enum err portal_supplement_again(struct ctx *c, struct req *r);
enum err portal_supplement_save(struct ctx *c, struct req *r);
enum err portal_supplement_drop(struct ctx *c, struct req *r);
enum err portal_file_anew(struct ctx *c, struct req *r);
enum err portal_withdraw_page(struct ctx *c, struct req *r);
enum err portal_withdraw(struct ctx *c, struct req *r);
enum err portal_withdraw_again(struct ctx *c, struct req *r);
enum err portal_collect(struct ctx *c, struct req *r);
enum err portal_rate_page(struct ctx *c, struct req *r);
enum err portal_rate(struct ctx *c, struct req *r);
enum err portal_rate_again(struct ctx *c, struct req *r);
enum err portal_my_data_prepare(struct ctx *c, struct req *r);
enum err portal_my_data(struct ctx *c, struct req *r);

#endif
