/* SPDX-License-Identifier: Apache-2.0 */
/* What this process is and holds; one per process, made by app/, read by all through ctx.node. */
#ifndef DINH_CORE_NODE_H
#define DINH_CORE_NODE_H

#include "crypto/keeper.h"
#include "db/db.h"

struct calendar;
struct country;
/* A key that a member signs with, will sign with, or signed with. */
struct node_key {
    const char *point_b64; /* 65 bytes base64url */
    int64_t until_us;      /* what it signed bears no later time; or NODE_KEY_STANDS */
};
#define NODE_KEY_STANDS INT64_MAX
struct node_peer {      /* another node, as the federation file tells */
    const char *agency; /* its owner, "G24" */
    const char *name;
    const char *url;              /* "http://127.0.0.1:8803": where people go */
    const char *exchange_url;     /* "https://127.0.0.1:8806" */
    const char *cert_sha256;      /* pinned TLS certificate, hex */
    const char *next_cert_sha256; /* the one it is about to change to; NULL: none */
    const char *sign_point_b64;   /* member signing key, 65 bytes base64url */
    const struct node_key *keys;  /* beside that: the next one, which stands; those before it */
    size_t n_keys;
    const char *const *members; /* agency codes it carries, NULL-terminated */
    bool plain_requests;        /* it may ask who people are without pushing first (RFC 9126) */
    bool bearer_tokens;         /* and take tokens that no key of its own guards (RFC 9449) */
    const char *sign_out_url;   /* where it hears of ended sign-ins; NULL: as our nodes; "": not */
};
struct node {
    const char *name;           /* "national", "h57", "g24" */
    const char *title[2];       /* by enum lang */
    const char *agency;         /* owner: "G22", "H57", "G24" */
    const char *const *members; /* agency codes this node carries, NULL-terminated */
    const char *instance;       /* exchange instance: "VN" */
    const char *const
        *systems; /* folders of src/systems it runs, NULL-terminated; engines always */
    const char *data_dir, *url, *exchange_url;
    const char *country_dir;      /* a completed country pack; NULL: the one built in */
    const char *db_url;           /* db_open(); "" = sqlite in data_dir */
    const char *identity_url;     /* the OpenID Provider's address; NULL when this node is it */
    const char *address;          /* it listens on, "127.0.0.1", "unix:/run/dinh/http.sock" */
    const char *exchange_address; /* the same for the exchange; never a Unix socket */
    int port, exchange_port;
    int lock; /* sys_lock_dir() of data_dir */
    struct db *db;
    struct key *sign_key, *tls_key; /* member signature; transport */
    struct cert *sign_cert, *tls_cert, *ca_cert;
    struct cert *next_sign_cert;   /* of the key that comes next, once there is one; or NULL */
    struct keeper *keeper;         /* of the keys; sign_key and tls_key sign through it */
    struct subject_keys *subjects; /* core/subject.h; NULL before subjects_start() */
    const struct calendar *calendar;
    const struct country *country;
    const struct node_peer *peers;
    size_t n_peers;
    const struct module *const *modules;
    size_t n_modules;
    struct web *web;
    const char *scanner; /* of malware, net/scanner.h: each upload is shown to it; "" none */
    bool demo;           /* the demonstration nation: pages say so */
    bool second_factor;  /* whose role in the pack needs a second factor has no right without one */
};
/* Does what was signed hold with that key? */
typedef bool (*node_holds)(struct arena *a, struct bytes point, const void *what);
/* With one of p's that stood at at_us: what is told of the past. At NODE_KEY_STANDS, with one that
   stands: a live message, a token. */
bool node_peer_signed(struct arena *a, const struct node_peer *p, int64_t at_us, node_holds holds,
                      const void *what);
const struct node_peer *node_peer_of(const struct node *n, const char *member); /* NULL when none */
/* member or a unit above it is in members: H57 carries H57.31.01. */
bool node_carries(const struct node *n, const char *member);
bool node_runs(const struct node *n, const char *system);
/* ERR_CLOCK when the clock went back by more than a minute since the program began: nothing that
   lasts (session, code, token) is issued then. The demonstration moves its clock as it likes. */
MUST_CHECK enum err node_clock_sound(struct ctx *c);

#endif
