/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of this folder only. */
#ifndef DINH_SYSTEMS_ONESTOP_PRIVATE_H
#define DINH_SYSTEMS_ONESTOP_PRIVATE_H

#include "base/time.h"
#include "systems/onestop/onestop.h"

#define POPULATION            "G01" /* agencies that answer for the national registers */
#define INSURANCE             "G24"
#define NATIONAL_PORTAL       "G22"
#define PURPOSE_HANDLING      "case_handling"
#define ONESTOP_CONTROL_SHEET "form_05"
#define PURPOSE_BIRTH         "birth_registration"

/* ---- what an act sets in motion (onestop_effects.c) ---- */
struct onestop_act {
    const struct procedure *procedure;
    const struct casework_case *k;
    const struct process_action *action; /* NULL: filed */
    const char *reason;
};
MUST_CHECK enum err onestop_listen(struct ctx *c, const struct procedure *p,
                                   const struct casework_case *k,
                                   const struct process_action *action, const char *reason);
/* Every online service counts in T03's denominator, once a year. Write transaction. */
MUST_CHECK enum err onestop_count_offered(struct ctx *c, void *arg);
/* Replies of other agencies (onestop_replies.c). */
MUST_CHECK enum err onestop_pin_answered(struct ctx *c, const char *matter, const char *message_id,
                                         int status, struct bytes answer);
MUST_CHECK enum err onestop_card_answered(struct ctx *c, const char *matter, const char *message_id,
                                          int status, struct bytes answer);
#define CARD_PDF "card_pdf" /* fact of a case: the card as its issuer signed it, base64url */
/* Bodies of messages (onestop_messages.c). */
struct bytes onestop_assign_body(struct ctx *c, const struct procedure *p,
                                 const struct casework_case *k, int64_t entry_number,
                                 const char *entry_book);
struct bytes onestop_issue_body(struct ctx *c, const struct procedure *p,
                                const struct casework_case *k, const char *pin);
struct bytes onestop_status_body(struct ctx *c, const struct onestop_act *a);

/* ---- papers (onestop_papers.c) ---- */
struct onestop_owed {
    const char *code, *kind, *reason;
    const char *actor_name;   /* the official whose act made it due; "": the system did */
    int64_t asked_us, number; /* number: in the form's series; 0 = none */
};
struct onestop_source { /* all a paper is drawn from */
    struct onestop_owed owed;
    const struct procedure *procedure;
    struct casework_case k;
};
struct paper;
MUST_CHECK enum err onestop_draw(struct ctx *c, const struct onestop_source *s,
                                 struct paper **ret_paper);

/* ---- onestop_ask.c ---- */
#define ONESTOP_MAX_ITEMS 8
struct onestop_item {
    const char *name, *reason; /* a field or group of the form, "", or words; what is to be done */
};
extern const struct shape onestop_item_shape;
/* The whole reason: the words, then the items. ERR_TOO_LONG. */
MUST_CHECK enum err onestop_words(struct ctx *c, const struct procedure *p, const char *reason,
                                  const struct list *items, const char **ret);
/* Kept with the case instead of what was asked before. */
MUST_CHECK enum err onestop_ask(struct ctx *c, const char *code, const struct list *items);

/* ---- onestop_store.c ---- */
MUST_CHECK enum err onestop_store_owe(struct ctx *c, const char *code, const char *kind,
                                      const char *reason, bool *ret_new);
/* The next number of the form's series in the unit and this year: unique, and without gaps, for
   it is given in the transaction that makes the paper due. */
MUST_CHECK enum err onestop_store_number(struct ctx *c, const char *code, const char *kind,
                                         const char *unit);
MUST_CHECK enum err onestop_store_owed(struct ctx *c, const char *code, struct onestop_owed *ret,
                                       size_t max, size_t *ret_n);
MUST_CHECK enum err onestop_store_made(struct ctx *c, const char *code, const char *kind);
/* When the paper fell due: its date; its number. 0: none. */
MUST_CHECK enum err onestop_store_asked(struct ctx *c, const char *code, const char *kind,
                                        int64_t *ret_us, int64_t *ret_number);
MUST_CHECK enum err onestop_store_book(struct ctx *c, const struct casework_case *k);
MUST_CHECK enum err onestop_store_book_returned(struct ctx *c, const char *code);
struct onestop_book_row {
    const char *code, *procedure;
    int64_t number, received_us, due_us, returned_us;
};
/* The entry of one dossier; code NULL: not entered. */
MUST_CHECK enum err onestop_store_book_of(struct ctx *c, const char *code,
                                          struct onestop_book_row *ret);
MUST_CHECK enum err onestop_store_book_list(struct ctx *c, const char *unit, int64_t year,
                                            int64_t before, struct onestop_book_row *ret,
                                            size_t max, size_t *ret_n);
/* The entries after that number, in order. */
MUST_CHECK enum err onestop_store_book_part(struct ctx *c, const char *unit, int64_t year,
                                            int64_t after, struct onestop_book_row *ret, size_t max,
                                            size_t *ret_n);
MUST_CHECK enum err onestop_store_book_last(struct ctx *c, const char *unit, int64_t year,
                                            int64_t *ret_number); /* 0: an empty book */

/* ---- onestop_pages.c, onestop_book.c ---- */
enum err onestop_inbox(struct ctx *c, struct req *r);
enum err onestop_dossier(struct ctx *c, struct req *r);
enum err onestop_act(struct ctx *c, struct req *r);
enum err onestop_act_again(struct ctx *c, struct req *r);
enum err onestop_download(struct ctx *c, struct req *r);
enum err onestop_attachment(struct ctx *c, struct req *r);
enum err onestop_book(struct ctx *c, struct req *r);
enum err onestop_book_paper(struct ctx *c, struct req *r);
enum err onestop_check(struct ctx *c, struct req *r); /* onestop_check.c */

void onestop_reseal(void); /* onestop_reseal.c, at start */

#endif
