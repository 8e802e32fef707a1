/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "base/time.h"
#include "gen/html.h"
#include "systems/oversight/oversight_views.h"

SHAPE(oversight_asking_shape, struct oversight_asking,
      SHAPE_STRING(struct oversight_asking, kind, KIND_CODE, TX(oversight_field_permit), .max = 20,
                   .flags = F_REQUIRED),
      SHAPE_STRING(struct oversight_asking, person, KIND_PIN, TX(oversight_field_person),
                   .flags = F_PERSONAL),
      SHAPE_TEXT(struct oversight_asking, what, TX(oversight_field_what), .max = 300),
      SHAPE_STRING(struct oversight_asking, basis, KIND_CODE, TX(oversight_field_basis), .max = 60,
                   .catalogue = "disclosure_bases"),
      SHAPE_TEXT(struct oversight_asking, document, TX(oversight_field_document), .max = 80),
      SHAPE_STRING(struct oversight_asking, until, KIND_DATE, TX(oversight_field_delay_until)),
      SHAPE_STRING(struct oversight_asking, reason, KIND_LONG_TEXT, TX(oversight_field_reason),
                   .min = 20, .max = 500, .flags = F_REQUIRED));
SHAPE(oversight_ask_shape, struct oversight_ask_view,
      SHAPE_TEXT(struct oversight_ask_view, kind, TX(oversight_field_permit), .max = 20),
      SHAPE_TEXT(struct oversight_ask_view, title, TX(oversight_ask_title), .max = 200),
      SHAPE_TEXT(struct oversight_ask_view, about, TX(oversight_ask_about), .max = 1000));

void oversight_needed(struct page *p, const struct oversight_asking *in, const char *name)
{
    struct field *f = ARENA_NEW(p->c->arena, struct field);
    *f = *shape_field(&oversight_asking_shape, name);
    f->flags |= F_REQUIRED;
    page_field_as(p, f, in, name);
}

static struct oversight_ask_view view_of(const struct ctx *c, const char *kind, const char *what)
{
    static const enum text about[PERMIT_KINDS] = {
        TX(oversight_about_emergency), TX(oversight_about_delay), TX(oversight_about_export)};
    enum permit_kind k = PERMIT_EMERGENCY;
    permit_kind_named(kind, &k);
    kind = permit_kind_name(k);
    return (struct oversight_ask_view){
        .in = {.kind = kind, .person = "", .what = what, .basis = "", .document = "", .until = ""},
        .kind = kind,
        .title = oversight_kind(c, kind),
        .about = text_get(about[k], c->lang)};
}

enum err oversight_ask(struct ctx *c, struct req *r)
{
    struct oversight_ask_view v = view_of(c, req_query(r, "loai"), req_query(r, "what"));
    return answer(c, r, 200, &oversight_ask_shape, &v, oversight_ask_html);
}

enum err oversight_ask_again(struct ctx *c, struct req *r)
{
    struct oversight_ask_view v = view_of(c, req_form(r, "kind"), req_form(r, "what"));
    return answer_again(c, r, &oversight_asking_shape, &v, oversight_ask_html);
}

enum err oversight_asked(struct ctx *c, struct req *r)
{
    const struct oversight_asking *in = r->in;
    struct permit_ask x = {.person = in->person,
                           .what = in->what,
                           .reason = in->reason,
                           .basis = in->basis,
                           .document = in->document};
    const char *id;
    if (!permit_kind_named(in->kind, &x.kind))
        return fail(c, ERR_BAD_CODE, "kind", in->kind);
    if (x.kind == PERMIT_EXPORT && !text_empty(in->what) && !path_is_own(in->what))
        return fail(c, ERR_BAD_CODE, "what", in->what);
    if (!text_empty(in->until)) /* to the end of that day in Viet Nam */
        x.until_us = (int64_t)(day_from_iso(in->until) + 1) * DAY_US - LOCAL_OFFSET_US;
    enum err e = permit_ask(c, &x, &id);
    return e ? e : answer_redirect(c, r, arena_printf(c->arena, "/phep/%s", id));
}
