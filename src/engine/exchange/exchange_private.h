/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files of this folder only. On the wire between nodes (mutual TLS 1.3, both
 * certificates pinned): POST /x/1, body as it is, and two headers:
 *   Dinh-Head: base64url of a JSON head; Dinh-Signature: base64url of ECDSA P-256 over
 *   "dinh-x1\n" and the head's bytes, by the member key of the node that speaks.
 * The answer carries the same two headers; its head names the request by its hash.
 */
#ifndef DINH_ENGINE_EXCHANGE_PRIVATE_H
#define DINH_ENGINE_EXCHANGE_PRIVATE_H

#include "base/time.h"
#include "core/matter.h"
#include "engine/exchange/exchange.h"

#define EXCHANGE_PATH     "/x/1"
#define EXCHANGE_MAX_BODY (8 * 1024 * 1024)
#define EXCHANGE_VALID_US (5 * MINUTE_US) /* a head is believed this long, and as long before */

struct exchange_head {
    const char *id, *client, *member, *service, *purpose, *matter;
    const char *reader, *reader_unit, *reader_role; /* who asks, for the person's own log */
    const char *reader_person; /* a citizen's personal number; "" for all others */
    const char *body_sha256;
    int64_t created_us;
};
struct exchange_answer_head {
    const char *id, *request_sha256, *body_sha256;
    int64_t status, created_us;
};
extern const struct shape exchange_head_shape, exchange_answer_head_shape;

struct exchange_signed {   /* a head as it travels and as it is logged */
    const char *head;      /* JSON */
    const char *signature; /* base64url */
};
struct exchange_signed exchange_sign(struct ctx *c, const struct shape *s, const void *head);
/* The signature is peer's over exactly these bytes, by a key that stands; then the head is read. */
UNTRUSTED MUST_CHECK enum err exchange_check(struct ctx *c, const struct node_peer *peer,
                                             const struct exchange_signed *in,
                                             const struct shape *s, void *ret_head);
/* The same of one that was logged: by a key that stood at created_us, which lies in ret_head. */
UNTRUSTED MUST_CHECK enum err exchange_prove(struct ctx *c, const struct node_peer *peer,
                                             const struct exchange_signed *in,
                                             const struct shape *s, void *ret_head,
                                             const int64_t *created_us);

/* What the other node means that answered without a signed head: ERR_EXCHANGE_DENIED,
   ERR_EXCHANGE_EXPIRED, ERR_EXCHANGE_REFUSED; anything it doesn't name is ERR_EXCHANGE_DOWN. */
UNTRUSTED enum err exchange_refusal(struct ctx *c, int status, struct bytes problem);
/* Never works, however often it is sent. */
bool exchange_is_final(enum err e);
/* The error and c's first fault as a problem (RFC 9457), its title a whole sentence. */
struct bytes exchange_problem(struct ctx *c, enum err e);

struct exchange_record { /* a row of the log */
    const char *id, *direction, *client, *member, *service, *purpose, *matter;
    struct exchange_signed request, reply;
    struct bytes body, answer; /* in clear here, sealed in the table */
    int64_t at_us, status, answered_us;
};
/* exchange_store.c */
MUST_CHECK enum err exchange_store_open(struct ctx *c, const struct exchange_record *m);
MUST_CHECK enum err exchange_store_answer(struct ctx *c, const struct exchange_record *m);
MUST_CHECK enum err exchange_store_find(struct ctx *c, const char *id, const char *direction,
                                        bool *ret_found, struct exchange_record *ret);
/* The same without bodies. */
MUST_CHECK enum err exchange_store_heads(struct ctx *c, const char *id, const char *direction,
                                         bool *ret_found, struct exchange_record *ret);
MUST_CHECK enum err exchange_store_right(struct ctx *c, const char *client, const char *member,
                                         const char *service, bool *ret_has);
MUST_CHECK enum err exchange_store_allow(struct ctx *c, const char *client, const char *member,
                                         const char *service, bool *ret_changed);
MUST_CHECK enum err exchange_store_deny(struct ctx *c, const char *client, const char *member,
                                        const char *service, bool *ret_changed);
/* Heads logged before they were sealed, so many at a time; how many there were. Write transaction.
 */
#define EXCHANGE_CLEAR_AT_ONCE 100
MUST_CHECK enum err exchange_store_seal_heads(struct ctx *c, size_t *ret_n);
struct exchange_key {
    int64_t at_us;
    const char *id, *direction;
};
/* The keys of the log after one of them, oldest first. */
MUST_CHECK enum err exchange_store_keys(struct ctx *c, const struct exchange_key *after,
                                        struct exchange_key *ret_keys, size_t max, size_t *ret_n);
/* exchange_log.c: the answer of m into the log, and a record of it into the audit trail, so that an
   answer or a whole row taken away is missed. */
MUST_CHECK enum err exchange_log_answer(struct ctx *c, const struct exchange_record *m);
#define EXCHANGE_ANSWERED "exchange.answered" /* audit action; object "id/direction" */
#define EXCHANGE_RESEALED "exchange.reseal"   /* the row as it lies from there on */
/* Does the trail name the row as it lies? Then, sealed anew, it gets a record of what it is now. */
MUST_CHECK enum err exchange_log_proves(struct ctx *c, const struct exchange_record *m,
                                        bool *ret_proves);
MUST_CHECK enum err exchange_log_resealed(struct ctx *c, const struct exchange_record *m);
/* All its parts under the newest key. Write transaction. */
MUST_CHECK enum err exchange_store_reseal(struct ctx *c, const struct exchange_record *m);
/* Detail of that record: digests of the two heads and of the row as it lies; row NULL: as records
   were before they told rows. */
const char *exchange_answer_proof(struct ctx *c, const struct exchange_record *m, const char *row);
/* audit_row_sha256() of the message's row; "" when there is none. */
MUST_CHECK enum err exchange_store_row(struct ctx *c, const char *id, const char *direction,
                                       const char **ret_sha256);
/* Answered messages, but those of witnesses: a seal handed over leaves no record. */
MUST_CHECK enum err exchange_store_answered(struct ctx *c, int64_t *ret_n);
/* "client:member:service" of a right that the trail's last word doesn't give; NULL: none. */
MUST_CHECK enum err exchange_store_not_allowed(struct ctx *c, const char **ret_right);

struct exchange_peer { /* what we remember of a peer as our witness */
    const char *name;
    int64_t seal_seq, head_size, tried_us, heard_us; /* seal and head of ours that it holds */
    const char *problem;
};
/* All zero and "" when there is no row yet. */
MUST_CHECK enum err exchange_store_peer(struct ctx *c, const char *name,
                                        struct exchange_peer *ret_peer);
MUST_CHECK enum err exchange_store_peer_set(struct ctx *c, const struct exchange_peer *p);

/* exchange_witness.c: our newest seal and head to each peer that hasn't them, at least once after
   start; exchange_letter.h is what they say. */
#define EXCHANGE_WITNESS "audit.witness" /* service */

/* exchange_status.c: federation.json and, once there was one, the authority's list are read anew
   each 10 s. A peer that isn't in the file any more with that certificate, or whose certificate the
   list names, is refused from then on (ERR_EXCHANGE_DENIED); a status older than an hour believes
   nobody (ERR_EXCHANGE_DOWN: it may work later). Nodes without these files believe their pins. */
#define EXCHANGE_CRL "revoked.crl" /* in the data folder, PEM or DER */
MUST_CHECK enum err exchange_status(struct ctx *c);
MUST_CHECK enum err exchange_status_cert(struct ctx *c, const struct cert *x);
/* certs: those that are asked for; it is refused when none of them stands. */
enum { EXCHANGE_NOW = 1, EXCHANGE_NEXT = 2 }; /* cert_sha256, next_cert_sha256 */
MUST_CHECK enum err exchange_status_peer(struct ctx *c, const struct node_peer *p, unsigned certs);
const char *exchange_status_crl(struct ctx *c); /* PEM; NULL: none */
void exchange_status_end(const struct node *n);

/* exchange_matter.c: is that case there, open and whose? Told of the asked member's own cases. */
#define EXCHANGE_MATTER "casework.matter" /* service: {"code"} -> {"word","unit"} */
MUST_CHECK enum err exchange_tell_matter(struct ctx *c, struct service_call *call);
MUST_CHECK enum err exchange_ask_matter(struct ctx *c, const char *agency, const char *code,
                                        enum matter_word *ret_word, struct matter_case *ret);
MUST_CHECK enum err exchange_witness_start(struct ctx *c);
MUST_CHECK enum err exchange_witness(struct ctx *c);

/* exchange_listen.c: a whole request of another node (or of a member's system) as the listener got
   it; the answer goes out by reply, once. */
typedef void (*exchange_reply)(struct http_request *r, const struct http_answer *a);
void exchange_take(const struct node *n, struct http_request *r, exchange_reply reply);
/* On each answer of that port: nothing keeps it, guesses its type or runs it (ASVS 3.4, 14.3). */
void exchange_guard(struct http_answer *a);
/* exchange_serve.c: in the write transaction; answers with the service's word or a problem. */
MUST_CHECK enum err exchange_serve(struct ctx *c, const struct exchange_head *head,
                                   struct bytes body, int *ret_status, struct bytes *ret_answer);
/* exchange_client.c: the head of a message in c->actor's name, with an id of its own. */
void exchange_head_of(struct ctx *c, const char *member, const char *service, struct bytes body,
                      struct exchange_head *ret_head);
/* With a given message id, for the outbox. */
MUST_CHECK enum err exchange_deliver(struct ctx *c, const struct exchange_head *head,
                                     struct bytes body, int *ret_status, struct bytes *ret_answer);
/* The member that speaks for a unit: "H57.31.08" to "H57"; the node's owner when it carries none.
 */
const char *exchange_client_of(struct ctx *c, const char *unit);

/* exchange_quota.c */
#define EXCHANGE_PER_MINUTE 180000 /* of one client, unless the setting says otherwise */
/* Seconds until that client may ask again; 0: now, and it is counted. */
int64_t exchange_quota_wait(const char *client);
/* The job: takes over the setting, and records who was refused how often (exchange.quota). */
MUST_CHECK enum err exchange_quota(struct ctx *c);

void exchange_reseal(void); /* exchange_reseal.c, at start */

#endif
