/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of the HTTP server; nobody outside src/net includes this. A conn is a connection, a turn
 * one request on it with its answer. The engine's threads own a turn except between the handler's
 * call and http_reply(); turn.state says who moves next:
 *   HANDED -> ANSWERED                 the reply came while the handler ran
 *   HANDED -> SUSPENDED -> ANSWERED    it came later: the replier resumes the connection
 *   SUSPENDED -> KILLED                the server stops: 503; the turn outlives its connection
 *   ... -> DONE                        the connection is through with it
 */
#ifndef DINH_NET_ENGINE_H
#define DINH_NET_ENGINE_H
#include <microhttpd.h>

#include "base/address.h"
#include "net/door.h"
#include "net/guard.h"
#include "net/http_spool.h"

enum phase { PHASE_HEAD, PHASE_IDLE, PHASE_BODY, PHASE_HANDLER, PHASE_ANSWER, PHASE_STREAM };
enum turn_state { TURN_HANDED, TURN_SUSPENDED, TURN_ANSWERED, TURN_KILLED, TURN_DONE };
enum turn_step { STEP_HEAD, STEP_BODY, STEP_HANDED, STEP_REFUSED };

struct conn {
    struct conn *next, *prev; /* server.conns */
    pthread_mutex_t lock;     /* turn; taken after server.lock */
    struct turn *turn;        /* of now, or NULL */
    struct http_server *server;
    int fd;
    _Atomic int phase;
    _Atomic int64_t since_us; /* when the phase began */
    _Atomic int64_t moved;    /* body bytes read in this phase */
    uint64_t seen_bytes;      /* the sweeper's: the socket's counter when the phase began */
    int64_t seen_since_us, left_since_us, left_moved;
    int64_t dribble_us; /* when the next head of a kept connection began, 0 = not yet */
    bool cert_checked, cert_ok, linger, cut;
    struct bytes cert;
    char peer[ADDRESS_SOURCE_MAX], payer[ADDRESS_SOURCE_MAX];
    int64_t spooled; /* room on the disk that its body has, payer's; server.lock */
};

struct turn {
    struct http_request r; /* r.handle is this turn */
    struct turn *next_spare;
    struct http_server *server;
    struct conn *conn;
    struct MHD_Connection *link;
    _Atomic int state;
    enum turn_step step;
    const char *target_at; /* in the engine's block, for block_exact */
    char *target;          /* our copy */
    size_t target_len, n_parameters;
    struct head_meaning meaning;
    size_t limit;    /* of the body */
    uint8_t *memory; /* the body, or its next piece for the spool */
    size_t memory_cap, memory_len, out_bytes;
    struct spool spool; /* the handler's from its call to its reply */
    struct MHD_Response *response;
    int64_t held, counted; /* by its answer, in memory; of that in server.held */
    unsigned status;
    bool close, copied; /* the answer lies outside of the arena */
    char peer[ADDRESS_SOURCE_MAX];
    struct http_stream *stream;
};
struct http_server {
    struct http_options o;
    struct arena *arena; /* copies of the options' texts */
    struct MHD_Daemon *daemon;
    struct door door;
    int port;
    pthread_mutex_t lock; /* conns, lingering, spooled; no request with a body in memory takes it */
    struct conn *conns;
    struct lingering *lingering;
    pthread_t sweeper;
    pthread_cond_t wake;
    bool tls, sweeping;
    _Atomic bool draining, stopping; /* http_server_stop: letting run out, then no more */
    _Atomic int64_t tick_us;         /* the sweeper's clock, cheap to read */
    char apart[64];                  /* what every request writes, from what it reads */
    _Atomic int64_t open_turns, requests, refused, slow, bytes_in, bytes_out, n_conns;
    _Atomic int64_t held, no_room, spooled; /* the last changes under lock */
};

/* http_turn.c: what the engine calls */
void *turn_begin(void *server, const char *target, struct MHD_Connection *link);
enum MHD_Result turn_step(void *server, struct MHD_Connection *link, const char *url,
                          const char *method, const char *version, const char *data,
                          size_t *data_len, void **turn);
void turn_completed(void *server, struct MHD_Connection *link, void **turn,
                    enum MHD_RequestTerminationCode code);
void turn_free(struct turn *t);
void turn_kill(struct turn *t); /* conn.lock held; takes an unanswered turn from its handler */

/* http_head.c and http_body.c: the engine's pieces become t->r, checked */
enum err turn_read_head(struct turn *t, const char *method, const char *version);
enum err body_begin(struct turn *t);
enum err body_add(struct turn *t, const void *data, size_t len);
enum err body_finish(struct turn *t);
void body_end(struct turn *t); /* its room on the disk is others' again; the spool may live on */
/* http_answer.c, http_refusal.c; engine_queue is the library's own MHD_queue_response */
struct MHD_Response *response_of(struct turn *t, const struct http_answer *a);
enum MHD_Result turn_send(struct turn *t);
enum MHD_Result engine_queue(struct MHD_Connection *link, unsigned status, struct MHD_Response *r);
enum MHD_Result turn_refuse(struct turn *t, enum err e);
enum MHD_Result turn_cut(struct turn *t, enum err e); /* answers past the engine */
/* http_conn.c */
void conn_notify(void *server, struct MHD_Connection *link, void **conn,
                 enum MHD_ConnectionNotificationCode code);
void conn_phase(struct turn *t, enum phase p);
enum err conn_check_cert(struct http_server *s, struct conn *x, struct MHD_Connection *link);
/* http_sweep.c */
bool sweep_start(struct http_server *s);
void sweep_stop(struct http_server *s);
void sweep_linger(struct http_server *s, int fd); /* server.lock held; keeps a copy of fd a while */
/* http_stream.c */
struct MHD_Response *stream_response(struct http_stream *st, struct MHD_Connection *link);
void stream_cut(struct http_stream *st); /* the server stops, or the client is gone */
bool stream_lives(struct http_stream *st, int64_t now); /* it says so, when it was silent long */

#endif
