/* SPDX-License-Identifier: Apache-2.0 */
/* Who may read a register, who is told, what lies in its table, which definitions are refused. */
#include "test/harness/unit.h"

#include <string.h>

#include "core/access.h"
#include "core/audit.h"
#include "db/dynamic.h"
#include "engine/registry/test/registry_test.h"

/* ---- who may read, and who is told ---- */

static void purposes(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    struct work k = {.id = added(w, "4690000001", LAN, "Nguyễn Thị Lan"), .words = "lan", .max = 9};
    const struct {
        const char *role, *unit, *purpose;
        enum err wanted;
    } rows[] = {
        {"insurance_officer", "G24", "health_card", OK},
        {"insurance_officer", "G24.46", "health_card", OK}, /* a unit below */
        {"insurance_officer", "G24", NULL, ERR_PURPOSE},
        {"insurance_officer", "G24", "treatment", ERR_PURPOSE}, /* for the ministry of health */
        {"insurance_officer", "G24", "curiosity", ERR_PURPOSE},
        {"insurance_officer", "G24", "own_data", ERR_PURPOSE}, /* not his own */
        {"commune_clerk", "H57.31.08", "birth_registration", OK},
        {"commune_clerk", "H57.31.08", "health_card", ERR_PURPOSE},
        {"commune_clerk", "H571", "birth_registration", ERR_PURPOSE}, /* begins alike */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        as_official(w, rows[i].role, rows[i].unit, "Cán bộ");
        with_purpose(w, rows[i].purpose, NULL);
        w->c->access = NULL;
        assert_int_equal(do_read(w, get, &k), rows[i].wanted);
        assert_int_equal(do_read(w, search, &k), rows[i].wanted);
        assert_true((w->c->access != NULL) == (rows[i].wanted == OK));
    }
}

static void test_registry_purposes(void **state)
{
    (void)state;
    node_test(modules, 1, purposes, NULL);
}

static size_t lines_of(struct node_world *w)
{
    size_t n = 0;
    for (const struct access_line *l = w->c->access; l; l = l->next)
        n++;
    return n;
}

static void each_subject_is_told(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    struct work k = {.id = added(w, "4690000002", MINH, "Trần Quang Minh")};
    assert_int_equal(do_read(w, get, &k), OK);
    assert_int_equal(lines_of(w), 2); /* his, and hers: she is his guardian there */
    assert_string_equal(w->c->access->person, MINH);
    assert_string_equal(w->c->access->next->person, LAN);
    assert_string_equal(w->c->access->record, k.id);
    assert_string_equal(w->c->access->what, "insurance");
    assert_string_equal(w->c->access->purpose, "health_card");
    assert_string_equal(w->c->access->matter, "case-1");
    assert_string_equal(w->c->access->reader_unit, "G24");
    /* In a write the line is there at once. */
    w->c->access = NULL;
    assert_int_equal(do_write(w, get, &k), OK);
    assert_null(w->c->access);
}

static enum err lines_of_lan(struct ctx *c, void *arg)
{
    struct access_line lines[5];
    return access_of_person(c, LAN, "", lines, 5, arg);
}

static void lines_are_kept(struct node_world *w, void *arg)
{
    (void)arg;
    size_t n = 9;
    insurer(w);
    struct work k = {.id = added(w, "4690000002", MINH, "Trần Quang Minh")};
    assert_int_equal(do_write(w, get, &k), OK);
    assert_int_equal(do_read(w, lines_of_lan, &n), OK);
    assert_int_equal(n, 1);
}

static void own_data(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    struct work k = {.id = added(w, "4690000002", MINH, "Trần Quang Minh")};
    as_citizen(w, MINH, "Trần Quang Minh");
    with_purpose(w, NULL, NULL);
    assert_int_equal(do_read(w, get, &k), OK);
    assert_int_equal(lines_of(w), 1); /* hers: his own look needs no line */
    assert_string_equal(w->c->access->person, LAN);
    assert_string_equal(w->c->access->purpose, "own_data");
    const struct actor far = {.kind = ACTOR_AGENCY, /* a node's word that he asks opens nothing */
                              .account = "H57",
                              .person = MINH,
                              .name = "Trần Quang Minh",
                              .unit = "H57",
                              .role = "citizen"};
    w->c->actor = &far;
    with_purpose(w, NULL, NULL);
    w->c->access = NULL;
    assert_int_equal(do_read(w, get, &k), ERR_PURPOSE);
    as_citizen(w, "046094000009", "Người Khác");
    with_purpose(w, NULL, NULL);
    w->c->access = NULL;
    assert_int_equal(do_read(w, get, &k), ERR_PURPOSE);
    assert_null(w->c->access);
}

static void test_registry_each_subject_is_told(void **state)
{
    (void)state;
    node_test(modules, 1, each_subject_is_told, NULL);
    node_test(modules, 1, lines_are_kept, NULL);
    node_test(modules, 1, own_data, NULL);
}

/* ---- what lies in the table ---- */

struct bytes_seen {
    const char *needle;
    size_t n_values, n_found;
};

static enum err look_for(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct bytes_seen *s = arg;
    for (int i = 0; i < row_columns(r); i++, s->n_values++) {
        struct bytes b = row_blob(r, i);
        if (b.len && memmem(b.ptr, b.len, s->needle, strlen(s->needle)))
            s->n_found++;
        if (strstr(row_text(r, i), s->needle))
            s->n_found++;
    }
    return OK;
}

static enum err dump(struct ctx *c, void *arg)
{
    enum err e = db_each_dynamic(c, look_for, arg, "SELECT * FROM registry_r_insurance", NULL, 0);
    return e ? e : db_each_dynamic(c, look_for, arg, "SELECT * FROM registry_word", NULL, 0);
}

static void nothing_in_clear(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    (void)added(w, "4690000002", MINH, "Trần Quang Thượng");
    const char *const secrets[] = {"Thượng", "thuong", MINH, "4690000002", LAN, "Sinh Cung"};
    struct bytes_seen s = {.needle = "46001"}; /* the clinic is nobody's secret: it is found */
    assert_int_equal(do_read(w, dump, &s), OK);
    assert_int_equal(s.n_found > 0, 1);
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
        s = (struct bytes_seen){.needle = secrets[i]};
        assert_int_equal(do_read(w, dump, &s), OK);
        assert_true(s.n_values > 20);
        assert_int_equal(s.n_found, 0);
    }
}

static enum err swap_names(struct ctx *c, void *arg)
{
    struct work *k = arg;
    const struct db_value p[] = {P_TEXT(k->id)};
    return db_exec_dynamic(c, &k->n,
                           "UPDATE registry_r_insurance SET a_full_name = (SELECT x.a_full_name"
                           " FROM registry_r_insurance x WHERE x.id <> $1) WHERE id = $1",
                           p, 1);
}

static void moved_ciphertext(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    (void)added(w, "4690000001", LAN, "Nguyễn Thị Lan");
    struct work k = {.id = added(w, "4690000002", MINH, "Trần Quang Minh")};
    assert_int_equal(do_write(w, swap_names, &k), OK);
    assert_int_equal(k.n, 1);
    assert_int_equal(do_read(w, get, &k), ERR_SEALED);
}

/* As if names weren't personal yet; held: what the table of columns says of them. */
static enum err make_clear(struct ctx *c, void *arg)
{
    static const char *const sql[] = {
        "ALTER TABLE registry_r_insurance DROP COLUMN a_full_name",
        "ALTER TABLE registry_r_insurance ADD COLUMN a_full_name TEXT"};
    enum err e = OK;
    for (size_t i = 0; i < insurance->shape->n; i++)
        if (text_eq(insurance->shape->fields[i].name, "full_name"))
            insurance->columns[i].sealed = false;
    for (size_t i = 0; i < insurance->n_stored; i++)
        if (text_eq(insurance->stored[i].name, "a_full_name"))
            ((struct registry_stored *)(uintptr_t)insurance->stored)[i].type = DB_TEXT;
    for (size_t i = 0; i < ARRAY_LEN(sql) && !e; i++)
        e = db_exec_dynamic(c, NULL, sql[i], NULL, 0);
    return e ? e
             : db_exec(c, NULL, "UPDATE registry_column SET sealed = $1 WHERE name = 'a_full_name'",
                       P_INT(*(int *)arg));
}

static enum err prove(struct ctx *c, void *arg)
{
    return registry_verify(c, arg);
}

static void proved(struct node_world *w, const char *problem)
{
    struct registry_report report;
    assert_int_equal(do_read(w, prove, &report), OK);
    if (!text_eq(report.problem, problem))
        assert_non_null(strstr(report.problem, problem));
    assert_int_equal(report.versions, 3);
}

static enum err move_card(struct ctx *c, void *arg)
{
    const struct db_value p[] = {P_TEXT(arg)};
    return db_exec_dynamic(c, NULL, "UPDATE registry_r_insurance SET known_us = 1 WHERE id = $1", p,
                           1);
}

static void becomes_personal(struct node_world *w, void *arg)
{
    struct bytes_seen s = {.needle = "Thượng"};
    insurer(w);
    assert_int_equal(do_write(w, make_clear, arg), OK);
    struct work k = {
        .id = added(w, "4690000002", MINH, "Trần Quang Thượng"), .version = 1, .max = 9};
    k.data = person(w, "4690000002", MINH, "Trần Thượng");
    assert_int_equal(do_write(w, change, &k), OK);
    const char *other = added(w, "4690000001", LAN, "Nguyễn Thị Lan");
    proved(w, "");
    assert_int_equal(do_read(w, dump, &s), OK);
    assert_true(s.n_found > 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(do_write(w, start_again, NULL), OK);
    insurance = registry_find(w->c, "insurance");
    s.n_found = 0;
    assert_int_equal(do_read(w, dump, &s), OK);
    assert_int_equal(s.n_found, 0);
    proved(w, "");
    assert_int_equal(do_read(w, all_versions, &k), OK);
    assert_int_equal(k.n_page, 2);
    assert_string_equal(name_of(&k.page[0]), "Trần Thượng");
    assert_string_equal(name_of(&k.page[1]), "Trần Quang Thượng");
    assert_int_equal(do_write(w, move_card, (void *)(uintptr_t)other), OK);
    proved(w, "is not what the audit trail says");
}

/* A row that somebody changed isn't made good by sealing it. */
static void harmed_before(struct node_world *w, void *arg)
{
    insurer(w);
    assert_int_equal(do_write(w, make_clear, arg), OK);
    for (int i = 0; i < 2; i++)
        (void)added(w, i ? "4690000002" : "4690000001", i ? MINH : LAN, "Trần Quang Minh");
    const char *other = added(w, "4690000003", "046194900003", "Lê Thị Hòa");
    assert_int_equal(do_write(w, move_card, (void *)(uintptr_t)other), OK);
    assert_int_equal(do_write(w, start_again, NULL), OK);
    insurance = registry_find(w->c, "insurance");
    proved(w, "is not what the audit trail says");
}

static void test_registry_seals_what_became_personal(void **state)
{
    (void)state;
    int held = HELD_UNKNOWN; /* a table of before it was noted */
    node_test(modules, 1, becomes_personal, &held);
    held = HELD_CLEAR;
    node_test(modules, 1, becomes_personal, &held);
    node_test(modules, 1, harmed_before, &held);
}

static void test_registry_sealed(void **state)
{
    (void)state;
    node_test(modules, 1, nothing_in_clear, NULL);
    node_test(modules, 1, moved_ciphertext, NULL);
}

static enum err audit_problem(struct ctx *c, void *arg)
{
    return audit_verify(c, NULL, arg);
}

static void acts_are_audited(struct node_world *w, void *arg)
{
    (void)arg;
    struct audit_report before, after;
    insurer(w);
    assert_int_equal(do_read(w, audit_problem, &before), OK);
    struct work k = {.id = added(w, "4690000001", LAN, "Nguyễn Thị Lan"), .version = 1};
    k.data = person(w, "4690000001", LAN, "Lan");
    assert_int_equal(do_write(w, change, &k), OK);
    assert_int_equal(do_write(w, cancel, &k), OK);
    assert_int_equal(do_read(w, audit_problem, &after), OK);
    assert_string_equal(after.problem, "");
    assert_int_equal(after.records, before.records + 3);
}

static void test_registry_acts_are_audited(void **state)
{
    (void)state;
    node_test(modules, 1, acts_are_audited, NULL);
}

/* ---- definitions ---- */

static void starts_twice(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    struct work k = {.id = added(w, "4690000001", LAN, "Nguyễn Thị Lan")};
    assert_int_equal(do_write(w, start_again, NULL), OK);
    insurance = registry_find(w->c, "insurance");
    assert_int_equal(do_read(w, get, &k), OK);
    assert_string_equal(name_of(&k.record), "Nguyễn Thị Lan");
    assert_null(registry_find(w->c, "population")); /* carried by another node */
    assert_non_null(registry_find(w->c, "civil_status_birth"));
    assert_null(registry_find(w->c, "none"));
}

static void test_registry_starts_twice(void **state)
{
    (void)state;
    node_test(modules, 1, starts_twice, NULL);
}

#define HEAD                                                                                       \
    "{\"register\":\"tiny\",\"version\":\"1\",\"owner\":\"H57\",\"label\":{\"vi\":\"Sổ\"},\n"    \
    "\"title\":\"name\",\n"
#define FIELDS                                                                                     \
    "\"fields\":[\n{\"name\":\"name\",\"kind\":\"text\",\"max\":9,\"label\":{\"vi\":\"Tên\","     \
    "\"en\":\"Name\"}},\n{\"name\":\"pin\",\"kind\":\"pin\",\"personal\":true,\"label\":{"         \
    "\"vi\":\"Số\",\"en\":\"Pin\"}}]"
#define PURPOSES "\"purposes\":[{\"code\":\"p\",\"clients\":[\"*\"],\"matter\":\"none\"}],\n"

static void refuses_definitions(struct node_world *w, void *arg)
{
    (void)arg;
    const struct {
        const char *json, *place, *reason;
    } rows[] = {
        {HEAD PURPOSES "\"subject\":\"pin\"," FIELDS "}", NULL, NULL},
        {HEAD PURPOSES "\"subject\":\"name\"," FIELDS "}", "line 4: subject", "personal number"},
        {HEAD PURPOSES "\"subject\":\"nobody\"," FIELDS "}", "line 4: subject", "personal number"},
        {HEAD "\"purposes\":[],\"subject\":\"pin\"," FIELDS "}", "line 3: purposes", "1 to 24"},
        {HEAD "\"purposes\":[{\"code\":\"p\",\"clients\":[]}],\"subject\":\"pin\"," FIELDS "}",
         "line 3: purposes[0]", "clients"},
        {HEAD "\"purposes\":[{\"code\":\"p\",\"clients\":[\"*\"],\"matter\":\"words\"}],"
              "\"subject\":\"pin\"," FIELDS "}",
         "line 3: purposes[0]", "case, paper or none"},
        {HEAD PURPOSES "\"subject\":\"pin\",\"place\":\"moon\"," FIELDS "}", "line 4: place",
         "no such field"},
        {HEAD PURPOSES
         "\"subject\":\"pin\",\"unique\":[{\"name\":\"a b\",\"fields\":[\"pin\"]}]," FIELDS "}",
         "line 4: unique[0]", "name"},
        {HEAD PURPOSES
         "\"subject\":\"pin\",\"unique\":[{\"name\":\"u\",\"fields\":[\"nothing\"]}]," FIELDS "}",
         "line 4: unique[0]", "no such field"},
        {HEAD PURPOSES "\"subject\":\"pin\",\"colour\":1," FIELDS "}", "line 4: colour", "unknown"},
        {HEAD PURPOSES "\"subject\":\"pin\",\n\"fields\":[{\"name\":\"select\",\"kind\":\"text\","
                       "\"label\":{\"vi\":\"a\",\"en\":\"a\"}}]}",
         "line 5: fields[0].name", "column"},
        {HEAD PURPOSES "\"subject\":\"pin\",\n\"fields\":[\n{\"name\":\"name\",\"kind\":\"colour\","
                       "\"label\":{\"vi\":\"a\",\"en\":\"a\"}}]}",
         "line 6: fields[0].kind", ""},
        {HEAD PURPOSES "\"subject\":\"pin\",\n\"fields\":[{\"name\":\"name\",\"kind\":\"text\","
                       "\"search\":\"fuzzy\",\"label\":{\"vi\":\"a\",\"en\":\"a\"}}]}",
         "line 5: fields[0].search", "none, equal or name"},
        {"{\"register\":\"Bad Name\",\"version\":\"1\",\"owner\":\"H57\",\"label\":{\"vi\":\"Sổ\"},"
         "\"title\":\"name\"," PURPOSES "\"subject\":\"pin\"," FIELDS "}",
         "line 1: register", "table"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct pack_file f = {.name = "registers/tiny.json", .text = bytes_of(rows[i].json)};
        struct registry *r = NULL;
        ctx_clear_faults(w->c);
        assert_int_equal(json_definition(w->c, f.name, f.text, &f.root), OK);
        enum err e = registry_define(w->c, w->c->arena, &f, &r);
        pack_close(&f);
        assert_int_equal(e, rows[i].place ? ERR_DEFINITION : OK);
        if (!rows[i].place)
            continue;
        assert_null(r);
        assert_fault(w, "registers/tiny.json");
        assert_string_equal(w->c->faults[0].args[0], rows[i].place);
        assert_non_null(strstr(w->c->faults[0].args[1], rows[i].reason));
    }
}

static void test_registry_refuses_definitions(void **state)
{
    (void)state;
    node_test_on(DB_SQLITE, modules, 1, refuses_definitions, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registry_purposes),
        cmocka_unit_test(test_registry_each_subject_is_told),
        cmocka_unit_test(test_registry_sealed),
        cmocka_unit_test(test_registry_seals_what_became_personal),
        cmocka_unit_test(test_registry_acts_are_audited),
        cmocka_unit_test(test_registry_starts_twice),
        cmocka_unit_test(test_registry_refuses_definitions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
