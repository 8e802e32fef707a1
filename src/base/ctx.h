/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every function that may fail or act is given: memory, the clock's reading, the open
 * transaction, who acts and why, and the place where errors are recorded. A handler never calls a
 * clock, opens a transaction or frees; it uses its context.
 */
#ifndef DINH_BASE_CTX_H
#define DINH_BASE_CTX_H

#include "base/arena.h"
#include "base/err.h"

enum lang { LANG_VI, LANG_EN };

/* A person or system that acts. Never absent: no act without an actor. */
enum actor_kind { ACTOR_NOBODY, ACTOR_CITIZEN, ACTOR_OFFICIAL, ACTOR_SYSTEM, ACTOR_AGENCY };

/* How far a role reaches from the unit it is held at, as the country pack says ("scope" in
   roles.json; core/scope.h makes it law). The narrowest is 0: who forgets it sees less, not more.
 */
enum reach { REACH_SELF, REACH_UNIT, REACH_BELOW, REACH_NODE };

struct actor {
    enum actor_kind kind;
    const char *account; /* account id on this node, or module name for ACTOR_SYSTEM */
    const char *person;  /* 12-digit personal number, "" when none */
    const char *name;    /* as shown to people */
    const char *unit;    /* agency code the actor acts for, e.g. "H57.31.01"; "" for citizens */
    const char *unit_name;
    const char *role;               /* role code acted in, e.g. "commune_clerk" */
    const char *const *permissions; /* sorted, NULL-terminated */
    enum reach reach;               /* of the role */
    int assurance; /* 0 none, 1 low, 2 substantial, 3 high (eIDAS, NĐ 59/2022 levels 1-2) */
};
extern const struct actor actor_nobody; /* before a sign-in: no text NULL, nothing permitted */
bool actor_can(const struct actor *a, const char *permission);

struct db_tx; /* db/db.h */

/* One recorded error; args fill {1}, {2} of its text. */
struct fault {
    enum err err;
    const char *field;   /* the field, header or key it names; "" when none */
    const char *args[4]; /* NULL after the last */
};
#define CTX_MAX_FAULTS 64

struct ctx {
    struct arena *arena;
    int64_t now_us;   /* microseconds UTC, read once at the start */
    struct db_tx *tx; /* NULL outside a transaction (prepare steps) */
    const struct actor *actor;
    const char *purpose; /* why personal data is read, a key of the purposes catalogue; or NULL */
    const char *matter;  /* the case the act belongs to (code), or NULL */
    enum lang lang;
    const char *request_id;     /* 26 characters; also on the log line and in 5xx answers */
    const struct node *node;    /* core/node.h: what this process is and holds */
    struct access_line *access; /* reads of personal data not yet committed: core/access.h */
    struct fault faults[CTX_MAX_FAULTS];
    size_t n_faults;
};

/* Records the error and gives it back: return fail(c, ERR_REQUIRED, "child_name"); */
#undef fail /* cmocka.h has one of its own: tests include it first */
#define fail(c, e, ...) ctx_fail((c), (e), (const char *const[]){__VA_ARGS__, NULL})
/* fault[0] is the field, the rest args. Past CTX_MAX_FAULTS the fault is dropped, e returned. */
enum err ctx_fail(struct ctx *c, enum err e, const char *const *field_and_args);
/* The first fault of that field; NULL when there is none. */
const struct fault *ctx_fault_of(const struct ctx *c, const char *field);
/* Forgets recorded faults (after they were dealt with, e.g. a retried attempt). */
void ctx_clear_faults(struct ctx *c);

#endif
