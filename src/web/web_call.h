/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of web/: the running web and one request on its way through it. */
#ifndef DINH_WEB_WEB_CALL_H
#define DINH_WEB_WEB_CALL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/address.h"
#include "web/web.h"

#define MAX_PARAMS   8
#define MAX_SEGMENTS 32
#define METHODS      6
#define N_STATUSES   20
#define N_BUCKETS    11

struct web_route {
    const struct route *row;
    const char *module;
    _Atomic int64_t status[N_STATUSES], bucket[N_BUCKETS + 1], total_us;
};

struct branch {          /* of the tree of paths; one segment deeper than its parent */
    const char *segment; /* NULL: a parameter */
    bool rest;           /* a parameter that takes all that follows */
    struct branch *child, *next;
    struct web_route *method[METHODS];
};

struct menu_row {
    const char *path, *permission;
    enum text title;
    enum menu_place place;
    menu_waits waits; /* or NULL */
    struct menu_row *next;
};

struct web {
    struct web_options o;
    struct arena *arena;
    struct branch root;
    struct web_route **routes;
    const struct route **rows;
    size_t n_routes, cap_routes;
    struct web_route other; /* what no route took */
    struct menu_row *menu;
    const char *cookie; /* its name */
    const char *csp;
    struct pool *pool;  /* what asks other machines in its prepare step; all on PostgreSQL */
    struct pool *heavy; /* ROUTE_HEAVY */
    struct gate *gate;
    struct rate *rate;
    int64_t started_us;
    pthread_mutex_t lock;           /* openapi */
    struct bytes openapi;           /* web_openapi(), once somebody asked */
    const char *_Atomic undeclared; /* web_undeclared() */
};

enum stage { STAGE_GATE, STAGE_PREPARE, STAGE_HANDLER, STAGE_AGAIN };

struct call {
    struct req q; /* first: a req is its call */
    struct ctx c;
    struct web *w;
    struct web_route *at;
    struct actor actor;
    struct session session;
    char source[ADDRESS_SOURCE_MAX]; /* whose its rates and lines are */
    const char *secret_hash;         /* of the cookie; NULL without one */
    const char *set_cookie;          /* a Set-Cookie of this answer */
    const char *kept_cookie;         /* the same, whatever comes of the act: proved anew, ended */
    const char *proof;               /* as typed beside a grave act; NULL: nothing */
    enum proof_kind proof_kind;      /* by what it is to be proved, once ERR_PROVE was said */
    const char *proof_about;         /* and whom or what the act is about; "" */
    bool proving;                    /* what is wrong is wrong with the proof, not with the act */
    const char *body_hash;           /* for the key; hex */
    enum stage stage;
    enum err body_err; /* of parsing and decoding; reported after the permission */
    struct fault *body_faults;
    size_t n_body_faults;
    bool answered, refused, replayed, touch, form_body, read_again, dense;
    bool signed_out;                         /* its session was ended from elsewhere */
    bool unacceptable;                       /* its Accept takes neither HTML nor JSON */
    struct access_line *prepared_access;     /* noted in prepare */
    const struct http_header *query, *asked; /* of its address; what lay sealed there */
    size_t n_query, n_asked;
    struct http_header extra[12]; /* answer_header() */
    size_t n_extra;
    int64_t began_us;  /* monotonic */
    struct call *next; /* in a line */
};
struct call *call_of(const struct req *r);
enum err session_told(struct call *k); /* web_session.c: ERR_SIGNED_OUT, ended from elsewhere */

#include "web/web_steps.h"

#endif
