/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of a module (an engine or a system): one const struct module with designated
 * initialisers in its module.c, one line in app/modules.def. Routing, menus, the permission matrix,
 * OpenAPI, jobs, exchange services, metrics and the contract tests come from these tables.
 */
#ifndef DINH_CORE_MODULE_H
#define DINH_CORE_MODULE_H

#include "core/node.h"
#include "web/web.h"

struct permission {
    const char *name; /* "onestop.decide" */
    enum text title;
};
struct menu_item { /* shown to who holds the permission */
    const char *path, *permission;
    enum text title;
    enum menu_place place; /* then as the modules stand in modules.def */
    menu_waits waits;      /* how much there waits for the actor, shown beside it; or NULL */
};
struct job { /* runs in the job thread, outside any transaction; opens its own through db_write */
    const char *name;
    int64_t every_us;
    enum err (*run)(struct ctx *c);
};
/* A service offered to other agencies; called in-process on this node or over the exchange. The
   caller's agency is c->actor->unit, purpose and matter are in c. Answer: an HTTP-like status and
   JSON. A refusal is an answer with status 4xx and a problem+json, not an error of the transport.
 */
struct service_call {
    const char *client; /* agency that asks, "H57" */
    const char *member; /* agency asked, "G01" */
    const char *message_id;
    struct bytes body;
    int status;          /* out; 200 */
    struct bytes answer; /* out, JSON */
};
struct service {
    const char *code; /* "population.person" */
    enum text title;
    const char *member;          /* the agency that answers for it */
    bool write;                  /* runs in the writer */
    const char *const *purposes; /* keys allowed; NULL = no personal data */
    enum err (*serve)(struct ctx *c, struct service_call *call);
};
/* What becomes of a message sent through the outbox: called in the write transaction that marks it
   answered. status as in service_call. */
struct reply_handler {
    const char *service; /* "population.assign" */
    enum err (*answered)(struct ctx *c, const char *matter, const char *message_id, int status,
                         struct bytes answer);
};
struct indicator {
    const char *code; /* "T04" */
    enum text title;
};
struct setting {
    const char *name, *unit, *fallback;
    int64_t min, max;
    enum text title;
};

struct module {
    const char *name;
    const char *const *needs; /* modules whose public header it includes; NULL-terminated */
    const struct permission *permissions;
    size_t n_permissions;
    const struct route *routes;
    size_t n_routes;
    const struct menu_item *menu;
    size_t n_menu;
    const struct job *jobs;
    size_t n_jobs;
    const struct service *services;
    size_t n_services;
    const struct reply_handler *replies;
    size_t n_replies;
    const struct indicator *indicators;
    size_t n_indicators;
    const struct setting *settings;
    size_t n_settings;
    enum err (*start)(struct ctx *c); /* after migrations, before listening; write transaction */
    void (*stop)(void);
};
#define TABLE(field, array) .field = (array), .n_##field = ARRAY_LEN(array)

#endif
