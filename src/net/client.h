/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP client (libcurl): only to addresses a caller was told to use, no redirects, no proxies, no
 * cookies; kept-alive connections pooled a thread. Blocks: call it in prepare steps and jobs.
 */
#ifndef DINH_NET_CLIENT_H
#define DINH_NET_CLIENT_H

#include "net/http.h"

struct client_tls {                 /* for https */
    const char *ca_pem;             /* the only roots believed; NULL = the system's */
    const char *cert_pem, *key_pem; /* ours, for mutual TLS; NULL = none */
    struct tls_key key;             /* in place of key_pem */
    bool tls13_only;
    const char *crl_pem;        /* of the CA: whom it names, or once it is over, isn't believed */
    const char *pin_sha256_hex; /* of the peer's certificate (DER); NULL = any of the CA */
    const char *or_pin_sha256_hex; /* beside that: of the one it is about to change to; or NULL */
};
struct client_request {
    const char *method, *url;
    const struct http_header *headers;
    size_t n_headers;
    struct bytes body;
    int64_t connect_timeout_us, timeout_us; /* 0: 5 s, 30 s */
    size_t max_answer_bytes;                /* 0: 16 MiB */
    const struct client_tls *tls;           /* NULL: the system's roots, no certificate of ours */
};
struct client_answer {
    int status;
    struct http_header headers[HTTP_MAX_HEADERS];
    size_t n_headers;
    struct bytes body;
};
/* The answer lies in c->arena. ERR_NET_CONNECT (nothing was sent), ERR_NET_TIMEOUT and
   ERR_NET_BROKEN (unknown outcome: ask again with the same idempotency key), ERR_NET_TLS,
   ERR_NET_ANSWER (too large or malformed), ERR_BAD_ENCODING (a line break in a header of ours).
   Faults of SYS_NET are consulted once a call: ECONNRESET and EPIPE let the request go out and lose
   the answer (BROKEN), ETIMEDOUT the same (TIMEOUT), any other errno sends nothing (CONNECT). */
MUST_CHECK enum err client_send(struct ctx *c, const struct client_request *q,
                                struct client_answer *ret_answer);
/* Tests that bring a network of their own: calls are made by it; NULL: by libcurl. */
typedef enum err (*client_way)(struct ctx *c, const struct client_request *q,
                               struct client_answer *ret_answer);
void client_goes_by(client_way way);
const char *client_answer_header(const struct client_answer *a, const char *name);

#endif
