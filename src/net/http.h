/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP server behind a dozen functions (libmicrohttpd today) with strict framing: duplicate or
 * conflicting Content-Length, Content-Length with Transfer-Encoding, odd Transfer-Encoding, bare CR
 * or NUL, missing or second Host: 4xx and close. A request reaches its handler whole: headers, then
 * the body, up to the limit its route gives: in memory, or sealed in a file of spool_dir.
 * Heads over 16 KiB get 431, targets over 8 KiB or 100 parameters 414, other methods than GET HEAD
 * POST PUT PATCH DELETE OPTIONS 405; who is slower than the deadlines is cut off.
 */
#ifndef DINH_NET_HTTP_H
#define DINH_NET_HTTP_H

#include "base/ctx.h"

#define HTTP_MAX_HEADERS 64
struct http_header {
    const char *name; /* as sent */
    const char *value;
};

struct http_request {
    struct arena *arena;    /* lives until the answer is sent; holds 64 MiB beside the body */
    const char *method;     /* "GET" ... */
    const char *path;       /* raw, before '?', not decoded; begins with / */
    const char *query;      /* raw, "" when none */
    const char *peer;       /* address without port */
    struct bytes peer_cert; /* DER of the client certificate of mutual TLS; empty when none */
    struct http_header headers[HTTP_MAX_HEADERS]; /* values trimmed, without controls */
    size_t n_headers;
    struct bytes body; /* when it fits in memory */
    bool body_spooled; /* it didn't: http_body() */
    size_t body_bytes;
    void *handle; /* net's own */
};
/* A spooled body comes into body, in the request's arena; by who answers, and it reads a disk. Else
   nothing. ERR_IO. */
MUST_CHECK enum err http_body(struct ctx *c, struct http_request *r);
/* Value of the first header of that name (any case), or NULL. */
const char *http_header(const struct http_request *r, const char *name);

struct http_answer {
    int status;
    struct http_header headers[32]; /* Content-Type among them; net adds Date, Content-Length */
    size_t n_headers;
    struct bytes body;          /* not copied: lies in the request's arena ... */
    bool body_static;           /* ... or outlives everything (embedded assets) */
    const char *file;           /* or a regular file to stream; unreadable: 500 */
    bool close;                 /* close the connection after it */
    struct http_stream *stream; /* or an open-ended event stream; NULL */
};
void http_answer_header(struct http_answer *a, const char *name, const char *value);

/* A private key that lies elsewhere: signs a SHA-256 digest (P-256), DER into ret_der; false: it
   can't now, and the handshake fails. From any thread. */
#define TLS_KEY_DER_MAX 80
struct tls_key {
    bool (*sign)(const void *arg, const uint8_t digest[32], uint8_t ret_der[TLS_KEY_DER_MAX],
                 size_t *ret_len);
    const void *arg;
};

struct http_server;
struct http_options {
    const char *name;      /* in the figures (net/http_stats.h) and the log; NULL: not told of */
    const char *address;   /* "127.0.0.1", "::1", "0.0.0.0", or a Unix socket "unix:/path" */
    int port;              /* 0: any free one */
    int listen_fd;         /* a listening socket opened for us; > 0: address is only a name */
    bool door_shut;        /* callers wait until http_server_open() */
    int threads;           /* event threads; 0 = one a core, at most 4 */
    size_t max_body_bytes; /* the largest any route takes */
    size_t max_memory_body_bytes; /* above: spooled; 0: 16 KiB */
    int64_t max_spool_bytes;      /* of all bodies, a quarter for one peer, else 503; 0: 1 GiB */
    const char *spool_dir;        /* made when absent */
    const char *stylesheet;       /* its address, for pages on which browsers read refusals; NULL */
    int64_t max_answer_bytes;     /* in memory, on their way; beyond: 503. 0: 256 MiB */
    int max_connections, max_connections_per_peer; /* 0: 4,096; no limit per peer */
    /* Absolute deadlines, 0 = 10 s, 30 s, 60 s: whole head; body or answer, unless at 500 bytes/s
       or more; kept connection without a request. With 3/4 of the connections taken, half for a
       head, a twelfth for a kept one; with half of max_answer_bytes, 2 s for an answer. */
    int64_t head_deadline_us, body_deadline_us, idle_us;
    /* TLS 1.2 and 1.3: PEM texts; NULL = plain. client_ca set: mutual TLS, 1.3 only, and a client
       certificate of that CA is required in the handshake. */
    const char *tls_cert_pem, *tls_key_pem, *client_ca_pem;
    struct tls_key tls_key; /* in place of tls_key_pem */
    /* The body limit for this method and path (413 before reading more), after the headers. */
    size_t (*body_limit)(void *arg, const struct http_request *r);
    /* Called on an event thread with the whole request: must not block. Answer now or later, from
       any thread, exactly once, with http_reply(). */
    void (*handle)(void *arg, struct http_request *r);
    void *arg;
};
MUST_CHECK enum err http_server_start(struct ctx *c, const struct http_options *o,
                                      struct http_server **ret_server);
/* ERR_NET_LISTEN, address and port named, when a server couldn't listen there now. */
MUST_CHECK enum err http_port_free(struct ctx *c, const char *address, int port);
/* Takes callers from now on. Once or more. */
MUST_CHECK enum err http_server_open(struct ctx *c, struct http_server *s);
int http_server_port(const struct http_server *s);
/* Does the event loop answer a GET /healthz, put before it without the line of callers? Whatever
   the answer says. Too full to take it: true. For a supervisor; plain servers only. */
bool http_server_answers(struct http_server *s, int64_t within_us);
/* Stops listening, ends streams, waits up to grace_us for open requests and a second for those
   whose first bytes aren't in yet, answers 503 to what is still unanswered (a later http_reply is
   then dropped), closes. A socket opened for us stays: its callers wait for the next run. */
void http_server_stop(struct http_server *s, int64_t grace_us);
void http_reply(struct http_request *r, const struct http_answer *a);

/* ---- event streams (text/event-stream): answer with .stream, then push from any thread ----
   event_text is sent as it is, blank line included. A client that is gone, or so slow that more
   than max_queued_bytes wait, makes push false for good. A comment (":\n\n") each 15 s keeps
   proxies awake and finds the dead. Whoever made the stream ends it once, and pushes no more. */
struct http_stream *http_stream_new(size_t max_queued_bytes);
bool http_stream_push(struct http_stream *s, const char *event_text);
void http_stream_end(struct http_stream *s);

#endif
