/* SPDX-License-Identifier: Apache-2.0 */
/* Dossiers as the portal knows them, ratings, live news; comes with portal_private.h. */
#ifndef DINH_SYSTEMS_PORTAL_FOLLOW_H
#define DINH_SYSTEMS_PORTAL_FOLLOW_H

#include "engine/casework/casework.h"

struct portal_dossier { /* of another node, as its messages tell */
    const char *code, *person, *procedure, *procedure_name, *unit, *unit_name;
    const char *label[2], *reason; /* of the newest status */
    int64_t status, version, filed_us, due_us, at_us;
};
struct portal_event {
    const char *label[2], *reason;
    int64_t status, at_us;
};
/* Keeps a status whatever the order they come in; the newest by version shows. The same one again
   changes nothing. Write transaction. */
MUST_CHECK enum err portal_store_status(struct ctx *c, const struct portal_dossier *d);
/* For core/matter.h: the unit that handles it, and whether it is open. */
MUST_CHECK enum err portal_store_matter(struct ctx *c, const char *code, bool *ret_found,
                                        struct matter_case *ret);
/* The actor's own; ERR_NOT_FOUND otherwise. */
MUST_CHECK enum err portal_store_dossier(struct ctx *c, const char *code,
                                         struct portal_dossier *ret);
MUST_CHECK enum err portal_store_dossiers(struct ctx *c, struct portal_dossier *ret, size_t max,
                                          size_t *ret_n);
MUST_CHECK enum err portal_store_events(struct ctx *c, const char *code, struct portal_event *ret,
                                        size_t max, size_t *ret_n);

struct portal_rating {
    const char *code, *unit, *procedure, *answers, *comment;
    int64_t score;
};
/* Once a dossier: ERR_RATED. Write transaction. */
MUST_CHECK enum err portal_store_rating(struct ctx *c, const struct portal_rating *r);
MUST_CHECK enum err portal_store_rated(struct ctx *c, const char *code, bool *ret_rated);

/* ---- what may be done with a dossier (portal_acts.c, portal_supplement.c, portal_overtaken.c)
 * ---- */
enum portal_status { /* national status, TT 18/2019/TT-BTTTT */
                     PORTAL_NEW = 1,
                     PORTAL_ACCEPTED,
                     PORTAL_REFUSED,
                     PORTAL_PROCESSING,
                     PORTAL_SUPPLEMENT,
                     PORTAL_PAYMENT,
                     PORTAL_WITHDRAWING,
                     PORTAL_STOPPED,
                     PORTAL_DONE,
                     PORTAL_RETURNED
};
const char *portal_status_word(const struct ctx *c, int64_t status); /* "Đang xử lý" */
const char *portal_status_colour(int64_t status);
const char *portal_notice_of(struct ctx *c, int64_t status); /* what it means, what to do */
const char *portal_path(struct ctx *c, const char *code, const char *rest);
/* Is this action among those the person may do now? */
bool portal_may(struct ctx *c, const struct casework_case *k, const char *action);
struct req;
/* The dossier of the request, for this action; ERR_CASE_STATE: it is theirs, ret is filled in, but
   the action isn't for it now. */
MUST_CHECK enum err portal_own_case(struct ctx *c, struct req *r, const char *action,
                                    struct casework_case *ret);
/* To the dossier's page, which says what the person has just done. */
MUST_CHECK enum err portal_done(struct ctx *c, struct req *r, const char *code, const char *action);
struct portal_draft;
/* What was put together so far over what was filed; without an id when nothing was. */
MUST_CHECK enum err portal_supplement_draft(struct ctx *c, const struct casework_case *k,
                                            struct portal_draft *ret);
/* The dossier moved: its draft may be over. Write transaction. */
MUST_CHECK enum err portal_supplement_over(struct ctx *c, const struct casework_case *k,
                                           const struct process_action *action);
/* Somebody was first: what happened, what was typed, what to do now. 409. */
MUST_CHECK enum err portal_overtaken(struct ctx *c, struct req *r, const struct casework_case *k,
                                     const char *action);
/* It ended without a result, and this node takes such dossiers. */
bool portal_can_file_anew(struct ctx *c, const struct casework_case *k);

/* ---- live news: who follows a dossier is told that it moved (portal_live.c) ---- */
/* The address of a dossier's news for the person who may see it now. */
const char *portal_live_path(struct ctx *c, const char *code);
/* Was that address made for this actor? */
bool portal_live_allowed(struct ctx *c, const char *code, const char *token);
struct http_stream;
/* Watches the dossier until its page is left; NULL: too many follow already. */
struct http_stream *portal_live_open(const char *code);
/* It moved in the open transaction: watchers are told by the job soon after. */
void portal_live_mark(const char *code);
MUST_CHECK enum err portal_live_tell(struct ctx *c); /* the job */
void portal_live_stop(void);

#endif
