/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the one-stop shop share: a ward's office at its browsers, parents who file, and
   the other agencies' nodes, scripted. */
#ifndef DINH_SYSTEMS_ONESTOP_TEST_H
#define DINH_SYSTEMS_ONESTOP_TEST_H

#include "test/harness/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/access.h"
#include "core/jobs.h"
#include "core/outbox.h"
#include "engine/exchange/exchange.h"
#include "engine/measure/measure.h"
#include "engine/registry/registry.h"
#include "systems/civilstatus/civilstatus.h"
#include "systems/onestop/onestop_private.h"
#include "test/harness/office_test.h"

#define LAN      "046194900001"
#define MINH     "046091900002"
#define WARD     "H57.31.08"
#define NEXT     "H57.31.09" /* the ward next door */
#define DISTRICT "H57.31"
#define BIRTH    "1.001193"
#define PHOTO    "01HXYZ00000000000000000000" /* the id of a file that isn't there */

static const struct module *const modules[] UNUSED = {&registry_module,    &casework_module,
                                                      &exchange_module,    &measure_module,
                                                      &civilstatus_module, &onestop_module};

/* ---- the other agencies ---- */

/* The insurance node's paper, and how it travels. */
#define CARD_PAPER  "%PDF-1.4\n% the card, as it came\n%%EOF\n"
#define CARD_BASE64 "JVBERi0xLjQKJSB0aGUgY2FyZCwgYXMgaXQgY2FtZQolJUVPRgo"

struct peer {
    int pin_status, card_status;
    const char *pin_answer, *card_answer;
    int pins, cards, statuses;                    /* messages that came */
    char assign[4096], issue[4096], status[4096]; /* the last of each */
};
static struct peer peer;

static UNUSED void peer_says_yes(void)
{
    peer = (struct peer){.pin_status = 200,
                         .card_status = 200,
                         .pin_answer = "{\"pin\":\"046320900009\"}",
                         .card_answer = "{\"card_code\":\"TE1460123456789\",\"social_number\":"
                                        "\"0123456789\",\"valid_from\":\"2020-05-17\","
                                        "\"valid_to\":\"2026-09-30\",\"pdf\":\"" CARD_BASE64 "\"}"};
}

static void keep_body(char *to, size_t max, struct bytes body)
{
    snprintf(to, max, "%.*s", (int)body.len, (const char *)body.ptr);
}

static UNUSED enum err peer_send(struct ctx *c, const struct outbox_item *item, int *ret_status,
                                 struct bytes *ret_answer)
{
    (void)c;
    *ret_status = 200;
    *ret_answer = bytes_of("{}");
    if (text_eq(item->what, "population.assign")) {
        assert_string_equal(item->to, "G01");
        peer.pins++;
        keep_body(peer.assign, sizeof peer.assign, item->body);
        *ret_status = peer.pin_status;
        *ret_answer = bytes_of(peer.pin_answer);
    } else if (text_eq(item->what, "insurance.issue")) {
        assert_string_equal(item->to, "G24");
        peer.cards++;
        keep_body(peer.issue, sizeof peer.issue, item->body);
        *ret_status = peer.card_status;
        *ret_answer = bytes_of(peer.card_answer);
    } else if (text_eq(item->what, "portal.status")) {
        assert_string_equal(item->to, "G22");
        peer.statuses++;
        keep_body(peer.status, sizeof peer.status, item->body);
    }
    return *ret_status == 503 ? ERR_EXCHANGE_DOWN : OK;
}

static UNUSED enum err peer_answered(struct ctx *c, const struct outbox_item *item, int status,
                                     struct bytes answer)
{
    for (size_t i = 0; i < onestop_module.n_replies; i++) {
        const struct reply_handler *h = &onestop_module.replies[i];
        if (text_eq(h->service, item->what))
            return h->answered(c, item->matter, item->id, status, answer);
    }
    return OK;
}

/* ---- the world ---- */

struct desk {
    struct node_world *w;
    struct office o;
    void (*body)(struct desk *d);
};

static UNUSED void good(struct ctx *c, enum err e)
{
    if (e && c->n_faults)
        print_error("%s: %s\n", err_row(e)->name, c->faults[0].field);
    assert_int_equal(e, OK);
}

static UNUSED void open_desk(struct node_world *w, void *arg)
{
    struct desk *d = arg;
    d->w = w;
    d->o = office_open(w);
    peer_says_yes();
    outbox_channel("exchange", peer_send, peer_answered);
    d->body(d);
    office_close(&d->o);
}

/* The body runs on SQLite and on PostgreSQL. */
static UNUSED void desk_test(void (*body)(struct desk *d))
{
    struct desk d = {.body = body};
    node_test(modules, ARRAY_LEN(modules), open_desk, &d);
}

#define DESK_TEST(name)                                                                            \
    static void test_onestop_##name(void **state)                                                  \
    {                                                                                              \
        (void)state;                                                                               \
        desk_test(name);                                                                           \
    }

/* ---- a parent ---- */

struct work { /* arguments and results of one call */
    const char *code, *action, *reason, *unit, *name, *value;
    const char *child, *person, *person_name;
    int64_t version;
    const void *form;
    struct casework_case k;
    struct casework_document documents[9];
    size_t n;
};

static UNUSED void *form_of(struct desk *d, const char *child)
{
    static const char *const declared[][2] = {{"requester_name", "Nguyễn Thị Lan"},
                                              {"requester_pin", LAN},
                                              {"requester_relation", "mother"},
                                              {"child_sex", "female"},
                                              {"child_birth_date", "2020-05-17"},
                                              {"child_ethnic_group", "01"},
                                              {"child_nationality", "VN"},
                                              {"child_home_town", "Huế"},
                                              {"birth_facility", "Trạm y tế"},
                                              {"mother_name", "Nguyễn Thị Lan"},
                                              {"mother_pin", LAN},
                                              {"birth_notice_file", PHOTO},
                                              {"clinic", "46001"},
                                              {"card_address", "12 Nguyễn Sinh Cung"}};
    const struct procedure *p = procedure_find(d->w->c, BIRTH);
    void *form = shape_new(d->w->c->arena, p->form);
    for (size_t i = 0; i < ARRAY_LEN(declared); i++)
        shape_set_text(p->form, form, declared[i][0], declared[i][1]);
    shape_set_text(p->form, form, "child_name", child);
    return form;
}

static UNUSED enum err file_now(struct ctx *c, void *arg)
{
    struct work *x = arg;
    return casework_file(c, procedure_find(c, BIRTH), x->unit, "online", x->form, &x->k);
}

static UNUSED enum err act_now(struct ctx *c, void *arg)
{
    struct work *x = arg;
    return casework_act(c, x->code, x->action, x->version, x->reason, NULL, &x->k);
}

static UNUSED enum err get_now(struct ctx *c, void *arg)
{
    struct work *x = arg;
    return casework_get(c, x->code, &x->k);
}

static UNUSED enum err papers_now(struct ctx *c, void *arg)
{
    struct work *x = arg;
    return casework_documents(c, x->code, x->documents, ARRAY_LEN(x->documents), &x->n);
}

/* Filed by Lan at the unit, now; its code. */
static UNUSED const char *filed_at(struct desk *d, const char *unit, const char *child)
{
    struct work x = {.unit = unit, .form = form_of(d, child)};
    as_citizen(d->w, LAN, "Nguyễn Thị Lan");
    with_purpose(d->w, NULL, NULL);
    good(d->w->c, do_write(d->w, file_now, &x));
    return x.k.code;
}

static UNUSED const char *filed(struct desk *d, const char *child)
{
    return filed_at(d, WARD, child);
}

/* As the system sees it, no line left: the papers of the case and its row. */
static UNUSED struct work looked(struct desk *d, const char *code)
{
    struct work x = {.code = code};
    as_system(d->w, "onestop");
    with_purpose(d->w, "case_handling", code);
    good(d->w->c, do_read(d->w, get_now, &x));
    good(d->w->c, do_read(d->w, papers_now, &x));
    d->w->c->access = NULL;
    return x;
}

static UNUSED bool has_paper(const struct work *x, const char *kind)
{
    for (size_t i = 0; i < x->n; i++)
        if (text_eq(x->documents[i].kind, kind))
            return true;
    return false;
}

/* The citizen's own act, at the version the case has. */
static UNUSED void citizen(struct desk *d, const char *code, const char *action, const char *reason)
{
    struct work x = {
        .code = code, .action = action, .reason = reason, .version = looked(d, code).k.version};
    as_citizen(d->w, LAN, "Nguyễn Thị Lan");
    with_purpose(d->w, NULL, NULL);
    good(d->w->c, do_write(d->w, act_now, &x));
}

/* ---- officials ---- */

/* At a browser of their own, with a page before them. */
static UNUSED void sits(struct desk *d, const char *role, const char *unit, const char *name)
{
    d->o.b = web_client_new(d->w->c->arena, d->o.web);
    office_as(&d->o, role, unit, name);
    assert_int_not_equal(office_get(&d->o, "/mot-cua"), 401);
}
static UNUSED void clerk(struct desk *d)
{
    sits(d, "commune_clerk", WARD, "Phan Thị Thu Hà");
}
static UNUSED void officer(struct desk *d)
{
    sits(d, "civil_status_officer", WARD, "Ngô Đức Thịnh");
}
static UNUSED void chairman(struct desk *d)
{
    sits(d, "commune_chairman", WARD, "Tôn Thất Vinh");
}

/* Opens the dossier and presses the button, as whoever sits there; the status. */
static UNUSED int press_at(struct desk *d, const char *code, const char *action,
                           const char *version, const char *reason)
{
    const char *path = arena_printf(d->w->c->arena, "/mot-cua/%s/viec/%s", code, action);
    return WEB_POST(&d->o.b, path, "version", version, "reason", reason);
}
static UNUSED int press(struct desk *d, const char *code, const char *action, const char *reason)
{
    assert_int_equal(office_get(&d->o, "/mot-cua/%s", code), 200);
    const char *v = web_input(&d->o.b, "version");
    return press_at(d, code, action, v ? v : "1", reason);
}

/* What waits in the outbox goes out, what was owed is made. */
static UNUSED void deliver(struct desk *d)
{
    as_system(d->w, "core");
    for (int i = 0; i < 4; i++)
        good(d->w->c, outbox_run(d->w->c));
    as_system(d->w, "onestop");
    good(d->w->c, onestop_make_papers(d->w->c, NULL));
}

static UNUSED const char *signed_case(struct desk *d, const char *child)
{
    const char *code = filed(d, child);
    clerk(d);
    assert_int_equal(press(d, code, "accept", ""), 303);
    officer(d);
    assert_int_equal(press(d, code, "start_review", ""), 303);
    assert_int_equal(press(d, code, "propose", ""), 303);
    chairman(d);
    assert_int_equal(press(d, code, "sign", ""), 303);
    return code;
}

#endif
