/* SPDX-License-Identifier: Apache-2.0 */
/* A browser without scripts, for stories: cookies by origin, redirects, forms with their hidden
   fields. Says "text/html" and reads what people read. */
#ifndef DINH_APP_STORY_CLIENT_H
#define DINH_APP_STORY_CLIENT_H

#include "base/ctx.h"

#define BROWSER_COOKIES 32
struct browser {
    struct ctx *c;
    struct {
        const char *origin, *name, *value;
    } cookies[BROWSER_COOKIES];
    size_t n_cookies;
    const char *url;  /* of the page shown, after redirects */
    const char *page; /* its body as text */
    struct bytes raw; /* its body as bytes */
    const char *type;
    int status, requests;
};
/* url absolute, or a path on the origin of the page shown. Follows up to 10 redirects. */
MUST_CHECK enum err browser_get(struct browser *b, const char *url);
/* The same asking for JSON. */
MUST_CHECK enum err browser_get_json(struct browser *b, const char *url);
/* Sends the form of the page shown whose action is `action`, with its hidden fields, default values
   and these name, value pairs (NULL-terminated); a pair replaces the form's own field. */
MUST_CHECK enum err browser_submit(struct browser *b, const char *action,
                                   const char *const *name_value_pairs);
/* The same as multipart with one file. */
MUST_CHECK enum err browser_upload(struct browser *b, const char *action,
                                   const char *const *name_value_pairs, const char *field,
                                   const char *file_name, struct bytes content);
bool browser_sees(const struct browser *b, const char *text); /* anywhere in the page */
/* Value of a field of the page shown, "" when absent. */
const char *browser_value(struct browser *b, const char *action, const char *name);
/* First text between `before` and `after` in the page, "" when absent. */
const char *browser_between(struct browser *b, const char *before, const char *after);
/* First address in the page that begins with prefix. */
const char *browser_link(struct browser *b, const char *prefix);

#endif
