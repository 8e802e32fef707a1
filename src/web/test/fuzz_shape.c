/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a body against a shape of every kind: what was taken must be written and read back
   as the same. First byte 'f': a form. */
#include <string.h>

#include "base/text.h"
#include "net/http.h"
#include "test/fuzz.h"
#include "web/json.h"
#include "web/shape.h"

static const char every_kind[] =
    "[{'name':'t','kind':'text','max':20},{'name':'long','kind':'long_text'},"
    "{'name':'code','kind':'code'},{'name':'id','kind':'id'},{'name':'d','kind':'date'},"
    "{'name':'p','kind':'partial_date'},{'name':'tel','kind':'phone'},"
    "{'name':'mail','kind':'email'},{'name':'pin','kind':'pin'},{'name':'n','kind':'int'},"
    "{'name':'m','kind':'money','max':5000000},{'name':'at','kind':'time'},"
    "{'name':'b','kind':'bool'},{'name':'l','kind':'list','max':3,'fields':["
    "{'name':'x','kind':'text'},{'name':'y','kind':'int'}]}]";

static const struct shape *make_shape(struct ctx *c)
{
    struct buf b = buf_new(c->arena, 10000);
    for (const char *at = every_kind; *at; at++) {
        if (*at == '}')
            buf_text(&b, ",\"label\":{\"vi\":\"v\",\"en\":\"e\"}");
        buf_char(&b, *at == '\'' ? '"' : *at);
    }
    json_t *j = NULL;
    const struct shape *s = NULL;
    if (json_definition(c, "f", buf_bytes(&b), &j) || shape_load(c, c->arena, "f", "f", j, &s))
        BUG("the fuzz target's own shape");
    json_end(j);
    return s;
}

static enum err from_form(struct ctx *c, const struct shape *s, struct bytes in, void *object)
{
    struct http_header pairs[32];
    size_t n = 0;
    char *text = arena_text_n(c->arena, (const char *)in.ptr, in.len);
    for (char *at = text; n < ARRAY_LEN(pairs) && *at;) {
        char *next = strchr(at, '\n'), *eq = strchr(at, '=');
        if (next)
            *next = 0;
        if (eq && (!next || eq < next)) {
            *eq = 0;
            pairs[n++] = (struct http_header){at, eq + 1};
        }
        at = next ? next + 1 : at + strlen(at);
    }
    return shape_from_form(c, s, pairs, n, object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx c = {.arena = arena_new(0), .now_us = 1, .request_id = "fuzz"};
    const struct shape *s = make_shape(&c);
    void *object = shape_new(c.arena, s), *again = shape_new(c.arena, s);
    bool form = size > 0 && data[0] == 'f';
    struct bytes in = {data + form, size - form};
    enum err e = form ? from_form(&c, s, in, object) : shape_from_json(&c, s, in, object);
    if (!e) {
        struct buf a = buf_new(c.arena, 1 << 20), b = buf_new(c.arena, 1 << 20);
        shape_to_json(&a, s, object);
        if (shape_from_json(&c, s, buf_bytes(&a), again))
            BUG("what was written cannot be read back");
        shape_to_json(&b, s, again);
        ASSERT(text_eq(a.ptr, b.ptr));
    } else {
        ASSERT(c.n_faults > 0);
    }
    arena_end(c.arena);
    return 0;
}
