/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much one official reads: different records an hour and a day, different places a day,
 * searches a minute. Counted in the transaction of each access line by a few row look-ups, so
 * that neither a restart nor another node of the same database forgets. At the lower figure the
 * official is warned and a supervisor gets an alert to resolve; past the upper one nothing more is
 * read. Figures are settings (reading_settings). Emergency access is neither counted nor stopped.
 */
#ifndef DINH_CORE_READING_H
#define DINH_CORE_READING_H

#include "core/module.h"
#include "core/scope.h"

#define READING_WATCH "oversight.watch" /* permission: see and resolve alerts, review permits */

enum reading_kind {
    READING_HOUR,
    READING_DAY,
    READING_PLACES,
    READING_SEARCHES,
    READING_CASES,
    READING_KINDS
};
const char *reading_kind_name(
    enum reading_kind k); /* "hour", "day", "places", "searches", "cases" */

/* Write transaction, c->actor an official. what: key of the record; place: "" when it has none.
   ERR_READ_LIMIT names the kind and the figure: the caller's transaction must be rolled back. */
MUST_CHECK enum err reading_count(struct ctx *c, const char *what, const char *place);
MUST_CHECK enum err reading_count_search(struct ctx *c);
/* A dossier of the official's own unit, opened to work on it: counted for itself. */
MUST_CHECK enum err reading_count_case(struct ctx *c, const char *what);
#define READING_WORK "case_handling" /* the purpose of that */

struct reading_state {
    int64_t n, warn, stop; /* of the kind nearest to its limit */
    enum reading_kind kind;
    bool warned, stopped; /* n has reached warn; stop */
};
/* Of the actor, now; nothing of citizens and systems. In a transaction. */
MUST_CHECK enum err reading_state(struct ctx *c, struct reading_state *ret);

struct reading_alert {
    const char *id, *account, *unit, *role, *kind, *reader, *resolver, *words;
    int64_t level, n, most, usual_hundredths, at_us, resolved_us;
};
/* Of the units that the actor watches; open ones first, then newest first; at most max. */
MUST_CHECK enum err reading_alerts(struct ctx *c, const char *before, struct reading_alert *ret,
                                   size_t max, size_t *ret_n);
/* ERR_NOT_FOUND: not there, or not of a unit the actor watches. */
MUST_CHECK enum err reading_alert_get(struct ctx *c, const char *id, struct reading_alert *ret);
/* By another official than the one it is about (ERR_SECOND_PERSON), once (ERR_CONFLICT). */
MUST_CHECK enum err reading_alert_resolve(struct ctx *c, const char *id, const char *words);
/* What was counted before yesterday goes. Write transaction. */
MUST_CHECK enum err reading_clean(struct ctx *c);

extern const struct setting reading_settings[];
extern const size_t n_reading_settings;

#endif
