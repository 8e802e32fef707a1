/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A browser in the test's own process: requests go straight into web_handle() and the answer is
 * waited for, so that a story of many steps runs in milliseconds. Cookies are kept, forms carry the
 * token and key of the page that was read last.
 */
#ifndef DINH_TEST_HARNESS_WEB_TEST_H
#define DINH_TEST_HARNESS_WEB_TEST_H

#include "web/web.h"

struct web_client {
    struct arena *arena; /* everything lives here */
    struct web *web;
    const char *cookies;        /* "a=b; c=d" */
    const char *token;          /* _csrf of the last page that had one; "" */
    const char *peer;           /* "127.0.0.1" */
    const char *host;           /* "localhost:8801"; NULL: none, as HTTP/1.0 may */
    const char *accept;         /* "text/html" */
    const char *language;       /* "vi" */
    const char *origin;         /* sent with POST; NULL: none */
    const char *site;           /* Sec-Fetch-Site of POST; NULL: none */
    const char *key;            /* idempotency key of the next POST; NULL: a fresh one each time */
    struct bytes peer_cert;     /* as if the exchange listener had seen it */
    struct http_header more[8]; /* further headers of every request */
    size_t n_more;

    /* the last answer */
    int status;
    struct http_header headers[48];
    size_t n_headers;
    struct bytes body;
    const char *text; /* body as text */
    struct http_stream *stream;
};

/* Set web_options.reply to this before web_new(). */
void web_test_reply(struct http_request *r, const struct http_answer *a);
struct web_client web_client_new(struct arena *a, struct web *w);

/* Each gives the status. path may have a query. */
int web_get(struct web_client *b, const char *path);
/* fields: name, value, ..., NULL; the token is added, and the key. */
int web_post(struct web_client *b, const char *path, const char *const *fields);
#define WEB_POST(b, path, ...) web_post((b), (path), (const char *const[]){__VA_ARGS__, NULL})
struct web_file {
    const char *field, *name, *type;
    struct bytes content;
};
int web_post_files(struct web_client *b, const char *path, const char *const *fields,
                   const struct web_file *files, size_t n);
/* JSON with Accept: application/json and X-CSRF-Token. */
int web_post_json(struct web_client *b, const char *path, const char *json);
int web_send(struct web_client *b, const char *method, const char *path, const char *type,
             struct bytes body);
/* path?name=value&..: the form of the page at path, sent with these fields as its search, and what
   it leads to. The status of the last of them. */
int web_search(struct web_client *b, const char *address);
/* GETs what Location says, again and again (at most 10 times); paths of other hosts are not
   followed: the status stays 303. */
int web_follow(struct web_client *b);
const char *web_answer_header(const struct web_client *b, const char *name); /* or NULL */
bool web_shows(const struct web_client *b, const char *text);
/* The value of the first input of that name on the page; NULL when there is none. */
const char *web_input(const struct web_client *b, const char *name);

#endif
