/* SPDX-License-Identifier: Apache-2.0 */
/* A program that speaks JSON to the portal: it reads pages, finds acts in them, sends bodies. */
#ifndef DINH_SYSTEMS_PORTAL_TEST_PROGRAM_H
#define DINH_SYSTEMS_PORTAL_TEST_PROGRAM_H

#include "systems/portal/test/portal_acting.h"

#include <jansson.h>

#include "core/choices.h"
#include "web/json.h"

static json_t *doc; /* the last page */

static void forget(void)
{
    json_end(doc);
    doc = NULL;
}

static UNUSED const char *base64(struct arena *a, struct bytes in)
{
    struct buf b = buf_new(a, in.len * 2 + 8);
    buf_base64url(&b, in);
    while (b.len % 4)
        buf_char(&b, '=');
    for (char *at = b.ptr; *at; at++)
        *at = *at == '-' ? '+' : *at == '_' ? '/' : *at;
    return b.ptr;
}

static void read_answer(struct portal_world *p)
{
    forget();
    good(p->w->c, json_in(p->w->c, "answer", p->b.body, &doc));
}

static void get(struct portal_world *p, const char *path)
{
    if (web_get(&p->b, path) != 200)
        print_error("%s: %d %s\n", path, p->b.status, p->b.text);
    assert_int_equal(p->b.status, 200);
    assert_string_equal(web_answer_header(&p->b, "Content-Type"), "application/json");
    read_answer(p);
}

static const char *told(struct portal_world *p, const char *name)
{
    return arena_text(p->w->c->arena, json_text_of(doc, name, NULL));
}

/* The row of a list whose member has that value; NULL. */
static const json_t *row(const char *list, const char *member, const char *value)
{
    const json_t *rows = json_list_of(doc, list);
    assert_non_null(rows);
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (text_eq(json_text_of(json_array_get(rows, i), member, ""), value))
            return json_array_get(rows, i);
    return NULL;
}

/* Where an act of the page leads. */
static const char *act(struct portal_world *p, const char *name, const char *method)
{
    const json_t *a = row("acts", "name", name);
    assert_non_null(a);
    assert_string_equal(json_text_of(a, "method", ""), method);
    assert_true(strlen(json_text_of(a, "title", "")) > 2);
    return arena_text(p->w->c->arena, json_text_of(a, "href", ""));
}

/* Sends it and gives where that leads; good or not at all. */
static const char *post(struct portal_world *p, const char *path, const char *body)
{
    if (web_post_json(&p->b, path, body) != 200)
        print_error("%s %s: %d %s\n", path, body, p->b.status, p->b.text);
    assert_int_equal(p->b.status, 200);
    read_answer(p);
    return told(p, "location");
}

/* It is refused with that status, and the field named by that code and in words. */
static void refuses(struct portal_world *p, const char *path, const char *body, int status,
                    const char *field, const char *code)
{
    web_post_json(&p->b, path, body);
    if (p->b.status != status)
        print_error("%s %s: %d %s\n", path, body, p->b.status, p->b.text);
    assert_int_equal(p->b.status, status);
    assert_string_equal(web_answer_header(&p->b, "Content-Type"), "application/problem+json");
    read_answer(p);
    const json_t *fault = row("errors", "field", field);
    if (!fault)
        print_error("%s is not named: %s\n", field, p->b.text);
    assert_non_null(fault);
    assert_string_equal(json_text_of(fault, "code", ""), code);
    assert_true(strlen(json_text_of(fault, "detail", "")) > 5);
    forget();
}

static void enter(struct portal_world *p, const char *who)
{
    choices_use_country();
    sign_in(p, who);
    p->b.accept = "application/json";
    get(p, "/phien");
    p->b.token = told(p, "csrf");
}

#endif
