/* SPDX-License-Identifier: Apache-2.0 */
/* Giấy khai sinh: what TT 04/2020/TT-BTP has on it, in its order. */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "core/paper.h"
#include "core/say.h"
#include "systems/civilstatus/civilstatus_private.h"

#define CODE_MAX_BYTES 1024
#define SIGNATURE_LEN  64

struct sheet {
    struct ctx *c;
    struct paper *paper;
    const struct shape *s;
    const void *data;
};

static const char *word(enum text t)
{
    return text_get(t, LANG_VI);
}

static const char *text_of(const struct sheet *x, const char *field)
{
    return shape_text(x->s, x->data, field);
}

static const char *name_of(const struct sheet *x, const char *catalogue, const char *field)
{
    const char *code = text_of(x, field);
    return text_empty(code) ? "" : country_name(x->c->node->country, catalogue, code, LANG_VI);
}

static void put(struct sheet *x, enum text label, const char *value)
{
    paper_row(x->paper, word(label), text_empty(value) ? "-" : value);
}

static const char *joined(const struct sheet *x, const char *a, const char *b)
{
    if (text_empty(a) || text_empty(b))
        return text_empty(a) ? b : a;
    return arena_printf(x->c->arena, "%s, %s", a, b);
}

static const char *birth_place(const struct sheet *x)
{
    const char *unit = text_of(x, "birth_unit");
    const char *where = text_empty(unit) ? name_of(x, "countries", "birth_country")
                                         : country_place(x->c->arena, x->c->node->country, unit);
    return joined(x, text_of(x, "birth_facility"), where);
}

static void child(struct sheet *x)
{
    struct arena *a = x->c->arena;
    put(x, TX(civilstatus_paper_name), text_of(x, "child_name"));
    put(x, TX(civilstatus_paper_born), date_show(a, text_of(x, "child_birth_date")));
    put(x, TX(civilstatus_paper_words), text_of(x, "child_birth_date_words"));
    put(x, TX(civilstatus_paper_sex), name_of(x, "sex", "child_sex"));
    put(x, TX(civilstatus_paper_ethnic),
        joined(x, name_of(x, "ethnic_groups", "child_ethnic_group"),
               text_of(x, "child_ethnic_subgroup")));
    put(x, TX(civilstatus_paper_nationality), name_of(x, "countries", "child_nationality"));
    put(x, TX(civilstatus_paper_birth_place), birth_place(x));
    put(x, TX(civilstatus_paper_home_town), text_of(x, "child_home_town"));
    put(x, TX(civilstatus_paper_pin), text_of(x, "child_pin"));
}

/* One of the parents; fields begin with "mother" or "father". */
static void parent(struct sheet *x, const char *who, enum text label)
{
    struct arena *a = x->c->arena;
    put(x, label, text_of(x, arena_printf(a, "%s_name", who)));
    put(x, TX(civilstatus_paper_parent_born),
        date_show(a, text_of(x, arena_printf(a, "%s_birth_date", who))));
    put(x, TX(civilstatus_paper_ethnic),
        joined(x, name_of(x, "ethnic_groups", arena_printf(a, "%s_ethnic_group", who)),
               text_of(x, arena_printf(a, "%s_ethnic_subgroup", who))));
    put(x, TX(civilstatus_paper_nationality),
        name_of(x, "countries", arena_printf(a, "%s_nationality", who)));
    put(x, TX(civilstatus_paper_residence),
        text_of(x, arena_printf(a, "%s_residence_address", who)));
}

static void registration(struct sheet *x, const struct civilstatus_entry *k)
{
    struct ctx *c = x->c;
    const char *place =
        arena_printf(c->arena, "%lld/%lld", (long long)k->number, (long long)k->year);
    put(x, TX(civilstatus_paper_requester), text_of(x, "requester_name"));
    put(x, TX(civilstatus_paper_requester_paper),
        joined(x, name_of(x, "paper_types", "requester_paper_type"),
               text_of(x, "requester_paper_number")));
    put(x, TX(civilstatus_paper_at), country_agency_name(c->node->country, k->unit, LANG_VI));
    put(x, TX(civilstatus_paper_on), date_show(c->arena, text_of(x, "registered_on")));
    put(x, TX(civilstatus_paper_entry),
        say(c->arena, LANG_VI, TX(civilstatus_paper_entry_words), place, k->book,
            arena_printf(c->arena, "%lld", (long long)k->page)));
}

/* ---- the code ---- */

const char *civilstatus_code(struct ctx *c, const struct civilstatus_entry *x,
                             const struct shape *s, const void *data)
{
    struct buf b = buf_new(c->arena, CODE_MAX_BYTES);
    buf_printf(&b, "KS1;%s;%lld/%lld;%s;%lld;", x->unit, (long long)x->number, (long long)x->year,
               x->book, (long long)x->page);
    buf_printf(&b, "%s;%s;%s", shape_text(s, data, "child_pin"), shape_text(s, data, "child_name"),
               shape_text(s, data, "child_birth_date"));
    struct bytes signature = key_sign(c->arena, c->node->sign_key, buf_bytes(&b));
    buf_char(&b, ';');
    buf_base64url(&b, signature);
    ASSERT(!buf_full(&b)); /* a name has at most 100 characters */
    return b.ptr;
}

bool civilstatus_code_holds(struct arena *a, const char *code, struct bytes public_point)
{
    const char *cut = strrchr(code, ';');
    struct bytes signature;
    if (!text_starts(code, "KS1;") || !cut || !base64url_decode(a, cut + 1, &signature))
        return false;
    struct bytes said = {(const uint8_t *)code, (size_t)(cut - code)};
    return signature.len == SIGNATURE_LEN && key_verify(public_point, said, signature);
}

/* ---- the certificate ---- */

static struct paper *draw(struct ctx *c, const struct civilstatus_entry *k, const struct shape *s,
                          const struct registry_record *record)
{
    struct sheet x = {c, paper_new(c->arena, false, word(TX(civilstatus_paper_title))), s,
                      record->data};
    paper_national_header(
        x.paper, country_agency_name(c->node->country, k->unit, LANG_VI),
        arena_printf(c->arena, "%lld/%lld", (long long)k->number, (long long)k->year));
    paper_heading(x.paper, word(TX(civilstatus_paper_heading)),
                  word(TX(civilstatus_paper_original)));
    child(&x);
    paper_text(x.paper, "");
    parent(&x, "mother", TX(civilstatus_paper_mother));
    paper_text(x.paper, "");
    parent(&x, "father", TX(civilstatus_paper_father));
    paper_text(x.paper, "");
    registration(&x, k);
    paper_signature(x.paper, text_of(&x, "signer_title"), text_of(&x, "signer_name"),
                    date_show(c->arena, text_of(&x, "registered_on")));
    paper_qr(x.paper, civilstatus_code(c, k, s, record->data), word(TX(civilstatus_paper_code)));
    return x.paper;
}

enum err civilstatus_certificate(struct ctx *c, const char *dossier_code, struct paper **ret_paper)
{
    const struct registry *r = registry_find(c, BIRTH_REGISTER);
    const struct shape *s = registry_shape(r);
    const char *purpose = c->purpose;
    struct civilstatus_entry x;
    struct registry_record k;
    enum err e = civilstatus_entry_of(c, dossier_code, &x);
    if (e)
        return e;
    c->purpose = BIRTH_PURPOSE;
    e = registry_get(c, r, x.record, &k);
    c->purpose = purpose;
    if (!e && text_empty(shape_text(s, k.data, "child_pin")))
        e = fail(c, ERR_BIRTH_PIN_AWAITED, "child_pin", dossier_code);
    if (!e)
        *ret_paper = draw(c, &x, s, &k);
    return e;
}
