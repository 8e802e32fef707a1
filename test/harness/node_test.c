/* SPDX-License-Identifier: Apache-2.0 */
#include "test/harness/unit.h"

#include "test/harness/node_test.h"

#include <stdlib.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/calendar.h"
#include "core/country.h"
#include "core/secrets.h"
#include "core/subject.h"
#include "gen/assets.h"
#include "web/answers.h"

#define DAY_OF_TEST  20200604
#define HOUR_OF_TEST 900

struct running {
    const struct module *const *modules;
    size_t n;
    void (*body)(struct node_world *w, void *arg);
    void *arg;
};

static void good(struct ctx *c, enum err e)
{
    if (!e)
        return;
    const struct fault *f = &c->faults[0];
    print_error("%s: %s %s %s\n", err_row(e)->name, c->n_faults ? f->field : "",
                c->n_faults && f->args[0] ? f->args[0] : "",
                c->n_faults && f->args[0] && f->args[1] ? f->args[1] : "");
    assert_int_equal(e, OK);
}

int64_t local_us(int ymd, int hhmm)
{
    struct civil t = {ymd / 10000, ymd / 100 % 100, ymd % 100, hhmm / 100, hhmm % 100, 0};
    return us_from_civil(t, LOCAL_OFFSET_US);
}

void clock_at(struct node_world *w, int ymd, int hhmm)
{
    sys_clock_set(local_us(ymd, hhmm));
    w->c->now_us = sys_now_us();
}

void clock_by(struct node_world *w, int64_t by_us)
{
    sys_clock_set(sys_now_us() + by_us);
    w->c->now_us = sys_now_us();
}

static void act_as(struct node_world *w, struct actor who)
{
    struct actor *a = ARENA_NEW(w->c->arena, struct actor);
    *a = who;
    w->c->actor = a;
    ctx_clear_faults(w->c);
}

static const char *const no_permissions[] = {NULL};

void as_citizen(struct node_world *w, const char *person, const char *name)
{
    act_as(w, (struct actor){.kind = ACTOR_CITIZEN,
                             .account = arena_printf(w->c->arena, "account-%s", person),
                             .person = person,
                             .name = name,
                             .unit = "",
                             .unit_name = "",
                             .role = "citizen",
                             .permissions = country_role(w->n->country, "citizen"),
                             .assurance = 2});
}

void as_official(struct node_world *w, const char *role, const char *unit, const char *name)
{
    const struct agency *agency = country_agency(w->n->country, unit);
    const char *const *permissions = country_role(w->n->country, role);
    act_as(w, (struct actor){.kind = ACTOR_OFFICIAL,
                             .account = arena_printf(w->c->arena, "account-%s", role),
                             .person = "",
                             .name = name,
                             .unit = unit,
                             .unit_name = agency ? agency->name[LANG_VI] : unit,
                             .role = role,
                             .permissions = permissions ? permissions : no_permissions,
                             .reach = country_role_reach(w->n->country, role),
                             .assurance = 3});
}

void as_system(struct node_world *w, const char *module)
{
    act_as(w, (struct actor){.kind = ACTOR_SYSTEM,
                             .account = module,
                             .person = "",
                             .name = module,
                             .unit = w->n->agency,
                             .unit_name = w->n->agency,
                             .role = "",
                             .permissions = no_permissions});
}

void with_purpose(struct node_world *w, const char *purpose, const char *matter)
{
    w->c->purpose = purpose;
    w->c->matter = matter;
}

enum err do_write(struct node_world *w, db_work work, void *arg)
{
    w->c->now_us = sys_now_us();
    ctx_clear_faults(w->c);
    return db_write(w->c, w->n->db, work, arg);
}

enum err do_read(struct node_world *w, db_work work, void *arg)
{
    w->c->now_us = sys_now_us();
    ctx_clear_faults(w->c);
    return db_read(w->c, w->n->db, work, arg);
}

/* Read once: tests don't change it, and 11,000 units take their time under sanitizers. */
static void share_country(struct ctx *c, struct node *n)
{
    static struct arena *arena;
    static const struct country *country;
    static const struct calendar *calendar;
    if (!arena) {
        arena = arena_new(0);
        good(c, country_load(c, arena, NULL, &country));
        good(c, calendar_load(c, arena, NULL, &calendar));
    }
    n->country = country;
    n->calendar = calendar;
}

static const char *members[] = {"H57", NULL};

static void make_keys(struct ctx *c, struct node *n)
{
    struct key *ca_key;
    struct cert_wish ca = {.common_name = "Test CA",
                           .ca = true,
                           .from_us = c->now_us - 365 * DAY_US,
                           .until_us = c->now_us + 3650 * DAY_US};
    struct cert_wish sign = {.common_name = arena_printf(c->arena, "%s sign", members[0]),
                             .serial_number = members[0],
                             .country = "VN",
                             .sign = true,
                             .from_us = ca.from_us,
                             .until_us = ca.until_us};
    uint8_t root[32];
    good(c, key_new(c, &ca_key));
    good(c, key_new(c, &n->sign_key));
    good(c, cert_issue(c, &ca, ca_key, NULL, NULL, &n->ca_cert));
    good(c, cert_issue(c, &sign, n->sign_key, ca_key, n->ca_cert, &n->sign_cert));
    key_end(ca_key);
    sys_random(root, sizeof root);
    n->keeper = keeper_of_root((struct bytes){root, sizeof root});
}

void node_test_agency(const char *agency)
{
    members[0] = agency;
}

static struct node *make_node(struct ctx *c, struct db_world *d, const struct running *r)
{
    struct node *n = ARENA_NEW(c->arena, struct node);
    const char **systems = ARENA_ARRAY(c->arena, r->n + 1, const char *);
    for (size_t i = 0; i < r->n; i++)
        systems[i] = r->modules[i]->name;
    *n = (struct node){.name = "h57",
                       .title = {"Nút thử nghiệm", "Test node"},
                       .agency = members[0],
                       .members = members,
                       .instance = "VN",
                       .systems = systems,
                       .data_dir = d->dir,
                       .url = "http://127.0.0.1:8802",
                       .exchange_url = "https://127.0.0.1:8805",
                       .address = "127.0.0.1",
                       .exchange_address = "127.0.0.1",
                       .db = d->db,
                       .modules = r->modules,
                       .n_modules = r->n};
    share_country(c, n);
    make_keys(c, n);
    return n;
}

static bool wanted(const struct running *r, const char *module)
{
    if (text_eq(module, "core") || text_eq(module, "web"))
        return true;
    for (size_t i = 0; i < r->n; i++) {
        if (text_eq(r->modules[i]->name, module))
            return true;
    }
    return false;
}

#define FILES_MAX 128

static size_t list_files(const struct running *r, struct db_schema *files)
{
    size_t n = 0;
    for (const struct schema_file *f = schema_files; f->module && n < FILES_MAX; f++) {
        if (wanted(r, f->module))
            files[n++] = (struct db_schema){f->module, f->version, f->sql, f->sha256};
    }
    return n;
}

static enum err start_all(struct ctx *c, void *arg)
{
    const struct running *r = arg;
    enum err e = OK;
    for (size_t i = 0; i < r->n && !e; i++)
        e = r->modules[i]->start ? r->modules[i]->start(c) : OK;
    return e;
}

static enum err own_keys(struct ctx *c, void *arg)
{
    return subjects_start(c, arg);
}

static void stop_all(const struct running *r)
{
    for (size_t i = r->n; i-- > 0;) {
        if (r->modules[i]->stop)
            r->modules[i]->stop();
    }
}

/* test/meson.build sets it for some suites. */
static bool as_role(void)
{
    return getenv("DINH_TEST_ROLE") != NULL;
}

/* As a node serves after `dinh migrate`: with a role that may no more than it needs. */
static void serve(struct node_world *w, struct running *r)
{
    static struct db_kept kept[128];
    struct db_schema files[FILES_MAX];
    size_t n = 0, n_files = list_files(r, files);
    for (const struct schema_kept *k = schema_kept; k->table && n < ARRAY_LEN(kept); k++)
        kept[n++] = (struct db_kept){k->table, k->columns, k->thinned != 0};
    if (w->d->kind == DB_POSTGRES) {
        const char *excess;
        stop_all(r);
        db_test_as_role(w->d, kept, n);
        w->n->db = w->d->db;
        good(w->c, db_migrate(w->c, w->d->db, files, n_files));
        good(w->c, db_excess(w->c, w->n->db, kept, n, &excess));
        assert_string_equal(excess, "");
        good(w->c, db_write(w->c, w->n->db, start_all, r));
    }
    db_guard(w->n->db, kept, n);
}

static void run(struct db_world *d, void *arg)
{
    struct running *r = arg;
    struct node_world w = {.c = d->c, .d = d};
    sys_clock_set(local_us(DAY_OF_TEST, HOUR_OF_TEST));
    w.c->now_us = sys_now_us();
    w.n = make_node(w.c, d, r);
    w.c->node = w.n;
    as_system(&w, "test");
    good(w.c, db_write(w.c, w.n->db, own_keys, w.n));
    good(w.c, db_write(w.c, w.n->db, start_all, r));
    if (as_role())
        serve(&w, r);
    r->body(&w, r->arg);
    stop_all(r);
    d->db = w.n->db;
    subjects_stop(w.n);
    key_end(w.n->sign_key);
    keeper_end(w.n->keeper);
    cert_end(w.n->sign_cert);
    cert_end(w.n->ca_cert);
}

static struct bytes seal_answer(struct ctx *c, const char *aad, struct bytes plain)
{
    return secret_seal(c, SECRET_ANSWER, aad, plain);
}

static bool open_answer(struct ctx *c, const char *aad, struct bytes sealed, struct bytes *ret)
{
    return secret_opens(c, SECRET_ANSWER, aad, sealed, ret);
}

void node_test_on(enum db_kind kind, const struct module *const *modules, size_t n,
                  void (*body)(struct node_world *w, void *arg), void *arg)
{
    struct running r = {modules, n, body, arg};
    struct db_schema files[FILES_MAX];
    size_t n_files = list_files(&r, files);
    web_answers_sealed(seal_answer, open_answer);
    (as_role() ? db_test_on : db_test_moulded)(kind, files, n_files, run, &r);
}

void node_test(const struct module *const *modules, size_t n,
               void (*body)(struct node_world *w, void *arg), void *arg)
{
    node_test_on(DB_SQLITE, modules, n, body, arg);
    node_test_on(DB_POSTGRES, modules, n, body, arg);
}
