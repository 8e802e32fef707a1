/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/country.h"
#include "core/jobs.h"
#include "core/pack.h"
#include "systems/civilstatus/civilstatus_private.h"

#define ON_TIME_DAYS 60 /* Luật Hộ tịch 2014 art. 15 */

/* Of the register's definition; the same for the life of the process. */
static struct {
    int64_t entries_per_page, pages_per_book;
} numbering;

enum err civilstatus_load_numbering(struct ctx *c)
{
    struct pack_file f;
    enum err e =
        pack_open(c, country_dir(c->node->country), "registers/" BIRTH_REGISTER ".json", &f);
    if (e)
        return e;
    const json_t *o = json_object_get(f.root, "numbering");
    numbering.entries_per_page = json_int_of(o, "entries_per_page", 0);
    numbering.pages_per_book = json_int_of(o, "pages_per_book", 0);
    if (numbering.entries_per_page < 1 || numbering.pages_per_book < 1)
        e = pack_fault(c, &f, "numbering", "entries_per_page and pages_per_book from 1");
    pack_close(&f);
    return e;
}

static const struct registry *births(const struct ctx *c)
{
    const struct registry *r = registry_find(c, BIRTH_REGISTER);
    ASSERT(r); /* start() has looked */
    return r;
}

/* ---- entering ---- */

/* Number, book and page of the next entry of a unit, without gaps. */
static enum err next_place(struct ctx *c, const char *unit, struct civilstatus_entry *x)
{
    int64_t year = civil_from_us(c->now_us, LOCAL_OFFSET_US).year;
    const char *scope = arena_printf(c->arena, "%s/%lld", unit, (long long)year);
    enum err e = counter_next(c, "civilstatus.birth", scope, &x->number);
    if (e)
        return e;
    int64_t sheet = (x->number - 1) / numbering.entries_per_page;
    x->unit = unit;
    x->year = year;
    x->page = sheet % numbering.pages_per_book + 1;
    x->book = arena_printf(c->arena, "%02lld/%lld",
                           (long long)(sheet / numbering.pages_per_book + 1), (long long)year);
    return OK;
}

static bool same_storage(const struct field *a, const struct field *b)
{
    bool a_number = a->kind == KIND_INT || a->kind == KIND_BOOL;
    bool b_number = b->kind == KIND_INT || b->kind == KIND_BOOL;
    return a_number == b_number && a->kind != KIND_LIST && b->kind != KIND_LIST;
}

/* What form and register call by the same name goes over as it was declared. */
static void copy_form(const struct shape *to, void *data, const struct shape *form,
                      const void *declared)
{
    for (size_t i = 0; i < to->n; i++) {
        const struct field *t = &to->fields[i], *f = shape_field(form, t->name);
        if (!f || !same_storage(t, f) || !shape_visible(form, f, declared))
            continue;
        if (t->kind == KIND_INT || t->kind == KIND_BOOL)
            shape_set_int(to, data, t->name, shape_int(form, declared, t->name));
        else
            shape_set_text(to, data, t->name, shape_text(form, declared, t->name));
    }
}

static const char *registration_kind(const struct ctx *c, const char *birth_date)
{
    int born = day_from_iso(birth_date);
    return local_day(c->now_us) - born > ON_TIME_DAYS ? "late" : "on_time";
}

static void fill(struct ctx *c, const struct shape *s, void *data,
                 const struct civilstatus_entry *x)
{
    const char *born = shape_text(s, data, "child_birth_date");
    struct civil t = civil_from_us(c->now_us, LOCAL_OFFSET_US);
    shape_set_int(s, data, "entry_number", x->number);
    shape_set_int(s, data, "entry_year", x->year);
    shape_set_int(s, data, "page", x->page);
    shape_set_text(s, data, "book", x->book);
    shape_set_text(s, data, "registered_at", x->unit);
    shape_set_text(s, data, "registered_on",
                   arena_printf(c->arena, "%04d-%02d-%02d", t.year, t.month, t.day));
    shape_set_text(s, data, "registration_kind", registration_kind(c, born));
    shape_set_text(s, data, "child_birth_date_words", date_words_vi(c->arena, born));
    shape_set_text(s, data, "dossier_code", x->dossier);
    shape_set_text(s, data, "child_pin", "");
}

enum err civilstatus_register_birth(struct ctx *c, const struct procedure *p,
                                    const struct casework_case *k, const char *signer_name,
                                    const char *signer_title, const char *performer,
                                    struct civilstatus_entry *ret_entry)
{
    const struct registry *r = births(c);
    const struct shape *s = registry_shape(r);
    void *data = registry_blank(c->arena, r);
    struct civilstatus_entry x = {.dossier = k->code};
    bool entered;
    enum err e = civilstatus_store_of(c, k->code, &entered, &x);
    if (!e && entered)
        e = fail(c, ERR_BIRTH_ENTERED, "dossier_code", x.book);
    if (e || (e = next_place(c, k->unit, &x)))
        return e;
    copy_form(s, data, p->form, k->form);
    fill(c, s, data, &x);
    shape_set_text(s, data, "signer_name", signer_name);
    shape_set_text(s, data, "signer_title", signer_title);
    shape_set_text(s, data, "performer_name", performer);
    e = registry_add(c, r, data, c->now_us, text_key(TX(civilstatus_reason_new)), &x.record);
    if (!e)
        e = civilstatus_store_add(c, &x);
    if (!e)
        *ret_entry = x;
    return e;
}

/* ---- later ---- */

enum err civilstatus_entry_of(struct ctx *c, const char *dossier_code,
                              struct civilstatus_entry *ret_entry)
{
    bool found;
    enum err e = civilstatus_store_of(c, dossier_code, &found, ret_entry);
    return !e && !found ? fail(c, ERR_NOT_FOUND, "dossier_code", dossier_code) : e;
}

enum err civilstatus_set_pin(struct ctx *c, const char *dossier_code, const char *pin)
{
    const struct registry *r = births(c);
    const struct shape *s = registry_shape(r);
    struct civilstatus_entry x;
    struct registry_record k;
    enum err e = civilstatus_entry_of(c, dossier_code, &x);
    if (!e && !text_matches_digits(pin, 12))
        e = fail(c, ERR_BIRTH_PIN, "child_pin", dossier_code);
    if (!e)
        e = registry_get(c, r, x.record, &k);
    if (e)
        return e;
    const char *has = shape_text(s, k.data, "child_pin");
    if (text_eq(has, pin))
        return OK;
    if (!text_empty(has))
        return fail(c, ERR_BIRTH_PIN, "child_pin", dossier_code);
    shape_set_text(s, k.data, "child_pin", pin);
    return registry_change(c, r, x.record, k.version, k.data, c->now_us,
                           text_key(TX(civilstatus_reason_pin)));
}

enum err civilstatus_void(struct ctx *c, const char *dossier_code, const char *reason)
{
    struct civilstatus_entry x;
    bool found;
    enum err e = civilstatus_store_of(c, dossier_code, &found, &x);
    if (e || !found)
        return e;
    e = registry_cancel(c, births(c), x.record, reason);
    return e ? e : civilstatus_store_revoke(c, x.record);
}

enum err civilstatus_exists(struct ctx *c, const char *child_name, const char *birth_date,
                            const char *mother_pin, bool *ret_exists)
{
    const char *const pairs[] = {"mother_pin",       mother_pin, "child_name", child_name,
                                 "child_birth_date", birth_date, NULL};
    *ret_exists = false;
    return registry_exists(c, births(c), pairs, ret_exists);
}
