/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP client (libcurl): only to addresses a caller was told to use, no redirects, no proxies, no
 * cookies; kept-alive connections pooled a thread. Blocks: call it in prepare steps and jobs.
 */
#ifndef DINH_NET_CLIENT_H
#define DINH_NET_CLIENT_H

#include "net/http.h"

struct client_tls {        /* for https */
    const char *ca_pem;    /* the only roots believed */
    const char *cert_pem, *key_pem; /* ours, for mutual TLS; NULL = none */
    bool tls13_only;
    const char *pin_sha256_hex; /* fingerprint the peer's certificate must have; NULL = any of the CA */
};
struct client_request {
    const char *method, *url;
    const struct http_header *headers;
    size_t n_headers;
    struct bytes body;
    int64_t connect_timeout_us, timeout_us; /* 0: 5 s, 30 s */
    size_t max_answer_bytes;                /* 0: 16 MiB */
    const struct client_tls *tls;
};
struct client_answer {
    int status;
    struct http_header headers[HTTP_MAX_HEADERS];
    size_t n_headers;
    struct bytes body;
};
/* ERR_NET_CONNECT (nothing was sent), ERR_NET_TIMEOUT and ERR_NET_BROKEN (unknown outcome: ask again
   with the same idempotency key), ERR_NET_TLS, ERR_NET_ANSWER (too large or malformed). */
MUST_CHECK enum err client_send(struct ctx *c, const struct client_request *q,
                                struct client_answer *ret_answer);
const char *client_answer_header(const struct client_answer *a, const char *name);

#endif
