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
