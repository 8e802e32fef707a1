/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of the country pack: written, corrected, searched, and who may read them. */
#include "test/harness/unit.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/access.h"
#include "core/audit.h"
#include "db/dynamic.h"
#include "engine/registry/registry_private.h"
#include "test/harness/node_test.h"

#define LAN  "046194900001"
#define MINH "046091900002"

static const struct module *const modules[] = {&registry_module};
static const struct registry *insurance;

/* ---- the world ---- */

static enum err start_again(struct ctx *c, void *arg)
{
    (void)arg;
    return registry_module.start(c);
}

/* The test node carries the insurer too: its register has every kind of rule. */
static void insurer(struct node_world *w)
{
    static const char *const members[] = {"H57", "G24", NULL};
    w->n->members = members;
    w->n->agency = "G24";
    assert_int_equal(do_write(w, start_again, NULL), OK);
    insurance = registry_find(w->c, "insurance");
    assert_non_null(insurance);
    as_official(w, "insurance_officer", "G24", "Lê Văn Bảo");
    with_purpose(w, "health_card", "case-1");
}

static int card; /* each has another */

static void *person(struct node_world *w, const char *number, const char *pin, const char *name)
{
    const struct shape *s = registry_shape(insurance);
    void *d = registry_blank(w->c->arena, insurance);
    const char *const values[] = {"social_number", number,
                                  "pin",           pin,
                                  "full_name",     name,
                                  "sex",           "female",
                                  "birth_date",    "1994-05-12",
                                  "object",        "DN",
                                  "benefit_level", "4",
                                  "card_code",     arena_printf(w->c->arena, "DN%013d", ++card),
                                  "clinic",        "46001",
                                  "valid_from",    "2017-01-01",
                                  "status",        "active",
                                  "issued_on",     "2017-01-01",
                                  "issued_at",     "G24",
                                  "guardian_pin",  text_eq(pin, MINH) ? LAN : "",
                                  "address",       "12 Nguyễn Sinh Cung"};
    for (size_t i = 0; i < ARRAY_LEN(values); i += 2)
        shape_set_text(s, d, values[i], values[i + 1]);
    return d;
}

struct work { /* arguments and results of one call */
    void *data;
    const char *id, *words, *field, *after;
    int64_t version, valid_us, known_us, n;
    struct registry_record record, page[60];
    size_t max, n_page;
    bool yes;
};

static enum err add(struct ctx *c, void *arg)
{
    struct work *k = arg;
    int64_t from = k->valid_us ? k->valid_us : c->now_us;
    return registry_add(c, insurance, k->data, from, "đăng ký mới", &k->id);
}

static enum err change(struct ctx *c, void *arg)
{
    struct work *k = arg;
    int64_t from = k->valid_us ? k->valid_us : c->now_us;
    return registry_change(c, insurance, k->id, k->version, k->data, from, "cải chính");
}

static enum err cancel(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return registry_cancel(c, insurance, k->id, "thu hồi");
}

static enum err get(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return registry_get(c, insurance, k->id, &k->record);
}

static enum err get_at(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return registry_get_at(c, insurance, k->id, k->valid_us, k->known_us, &k->record);
}

static enum err by(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return registry_by(c, insurance, k->field, k->words, &k->record);
}

static enum err search(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return registry_search(c, insurance, k->words, k->after, k->page, k->max, &k->n_page);
}

static enum err count(struct ctx *c, void *arg)
{
    return registry_count(c, insurance, &((struct work *)arg)->n);
}

static const char *added(struct node_world *w, const char *number, const char *pin,
                         const char *name)
{
    struct work k = {.data = person(w, number, pin, name)};
    assert_int_equal(do_write(w, add, &k), OK);
    return k.id;
}

static const char *name_of(const struct registry_record *r)
{
    return shape_text(registry_shape(insurance), r->data, "full_name");
}

static void assert_fault(struct node_world *w, const char *field)
{
    assert_true(w->c->n_faults > 0);
    assert_string_equal(w->c->faults[0].field, field);
}

/* ---- writing and reading ---- */

static void add_and_get(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    struct work k = {.id = added(w, "4690000001", LAN, "Nguyễn Thị Lan")};
    assert_true(strlen(k.id) == 26);
    assert_int_equal(do_read(w, get, &k), OK);
    assert_string_equal(name_of(&k.record), "Nguyễn Thị Lan");
    assert_string_equal(shape_text(registry_shape(insurance), k.record.data, "clinic"), "46001");
    assert_int_equal(k.record.version, 1);
    assert_string_equal(k.record.reason, "đăng ký mới");
    assert_false(k.record.cancelled);
    k.id = "01AAAAAAAAAAAAAAAAAAAAAAAA";
    assert_int_equal(do_read(w, get, &k), ERR_NOT_FOUND);
}

static void test_registry_add_and_get(void **state)
{
    (void)state;
    node_test(modules, 1, add_and_get, NULL);
}

static void refuses_bad_data(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    struct work k = {.data = person(w, "4690000001", LAN, "")};
    assert_int_equal(do_write(w, add, &k), ERR_REQUIRED);
    assert_fault(w, "full_name");
    assert_int_equal(do_read(w, count, &k), OK);
    assert_int_equal(k.n, 0);
}

static void test_registry_refuses_bad_data(void **state)
{
    (void)state;
    node_test(modules, 1, refuses_bad_data, NULL);
}

static void unique_rules(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    const char *id = added(w, "4690000001", LAN, "Nguyễn Thị Lan");
    struct work k = {.data = person(w, "4690000001", MINH, "Trần Quang Minh")};
    assert_int_equal(do_write(w, add, &k), ERR_REGISTERED);
    assert_fault(w, "social_number");
    k.data = person(w, "4690000002", LAN, "Nguyễn Thị Lan");
    assert_int_equal(do_write(w, add, &k), ERR_REGISTERED);
    assert_fault(w, "pin");
    /* Nothing said is nothing that clashes. */
    (void)added(w, "4690000003", "", "Bé Một");
    (void)added(w, "4690000004", "", "Bé Hai");
    /* A change to somebody else's number is refused, a correction of one's own isn't. */
    k = (struct work){.id = id, .version = 1, .data = person(w, "4690000003", LAN, "Lan")};
    assert_int_equal(do_write(w, change, &k), ERR_REGISTERED);
    k.data = person(w, "4690000001", LAN, "Nguyễn Thị Lân");
    assert_int_equal(do_write(w, change, &k), OK);
    /* What was cancelled gives its number back. */
    assert_int_equal(do_write(w, cancel, &k), OK);
    (void)added(w, "4690000001", LAN, "Nguyễn Thị Lan");
    assert_int_equal(do_read(w, count, &k), OK);
    assert_int_equal(k.n, 3);
}

static void test_registry_unique_rules(void **state)
{
    (void)state;
    node_test(modules, 1, unique_rules, NULL);
}

static void versions(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    struct work k = {.id = added(w, "4690000001", LAN, "Nguyễn Thị Lan")};
    clock_by(w, HOUR_US);
    k.version = 1;
    k.data = person(w, "4690000001", LAN, "Nguyễn Thị Lân");
    assert_int_equal(do_write(w, change, &k), OK);
    assert_int_equal(do_write(w, change, &k), ERR_RECORD_CHANGED);
    k.version = 2;
    assert_int_equal(do_write(w, cancel, &k), OK);
    assert_int_equal(do_write(w, change, &k), ERR_RECORD_CHANGED);
    k.version = 3;
    assert_int_equal(do_write(w, change, &k), ERR_RECORD_CANCELLED);
    assert_int_equal(do_read(w, get, &k), OK);
    assert_true(k.record.cancelled);
    assert_int_equal(k.record.version, 3);
    assert_string_equal(k.record.reason, "thu hồi");
    k.field = "pin", k.words = LAN;
    assert_int_equal(do_read(w, by, &k), ERR_NOT_FOUND);
}

static void test_registry_versions(void **state)
{
    (void)state;
    node_test(modules, 1, versions, NULL);
}

/* Born 2 June, entered 4 June; corrected 5 June for the time since 2 June; changed 6 June from 6
   June on. */
static void as_known_then(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    struct work k = {.valid_us = local_us(20200602, 0)};
    k.data = person(w, "4690000001", LAN, "Một");
    assert_int_equal(do_write(w, add, &k), OK);
    clock_at(w, 20200605, 900);
    k.version = 1, k.data = person(w, "4690000001", LAN, "Hai");
    assert_int_equal(do_write(w, change, &k), OK);
    clock_at(w, 20200606, 900);
    k.version = 2, k.valid_us = local_us(20200606, 0);
    k.data = person(w, "4690000001", LAN, "Ba");
    assert_int_equal(do_write(w, change, &k), OK);
    const struct {
        int valid, known;
        const char *name;
        int until;
    } rows[] = {
        {20200603, 20200604, "Một", 0}, /* the day of a decision before the correction */
        {20200603, 20200605, "Hai", 0}, {20200603, 20200607, "Hai", 20200606},
        {20200607, 20200605, "Hai", 0}, {20200607, 20200607, "Ba", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        k.valid_us = local_us(rows[i].valid, 1200);
        k.known_us = local_us(rows[i].known, 1200);
        assert_int_equal(do_read(w, get_at, &k), OK);
        assert_string_equal(name_of(&k.record), rows[i].name);
        assert_int_equal(k.record.valid_until_us, rows[i].until ? local_us(rows[i].until, 0) : 0);
    }
    k.valid_us = local_us(20200601, 1200);
    assert_int_equal(do_read(w, get_at, &k), ERR_NOT_FOUND);
    k.valid_us = local_us(20200603, 1200), k.known_us = local_us(20200603, 1200);
    assert_int_equal(do_read(w, get_at, &k), ERR_NOT_FOUND);
}

static void test_registry_as_known_then(void **state)
{
    (void)state;
    node_test(modules, 1, as_known_then, NULL);
}

static enum err all_versions(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return registry_versions(c, insurance, k->id, k->page, k->max, &k->n_page);
}

static void all_of_them(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    struct work k = {.id = added(w, "4690000001", LAN, "Một"), .version = 1, .max = 60};
    for (; k.version < 4; k.version++) {
        k.data = person(w, "4690000001", LAN, k.version < 3 ? "Hai" : "Ba");
        assert_int_equal(do_write(w, change, &k), OK);
    }
    w->c->access = NULL;
    assert_int_equal(do_read(w, all_versions, &k), OK);
    assert_int_equal(k.n_page, 4);
    assert_string_equal(name_of(&k.page[0]), "Ba");
    assert_string_equal(name_of(&k.page[3]), "Một");
    assert_null(w->c->access->next); /* one look, one line */
    k.max = 2;
    assert_int_equal(do_read(w, all_versions, &k), OK);
    assert_int_equal(k.n_page, 2);
    with_purpose(w, NULL, NULL);
    assert_int_equal(do_read(w, all_versions, &k), ERR_PURPOSE);
    assert_int_equal(k.n_page, 0);
}

static void test_registry_all_versions(void **state)
{
    (void)state;
    node_test(modules, 1, all_of_them, NULL);
}

/* ---- finding ---- */

static void finds_by_field(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    (void)added(w, "4690000001", LAN, "Nguyễn Thị Lan");
    (void)added(w, "4690000002", MINH, "Trần Quang Minh");
    struct work k = {.field = "pin", .words = MINH};
    assert_int_equal(do_read(w, by, &k), OK);
    assert_string_equal(name_of(&k.record), "Trần Quang Minh");
    k.words = "046091900009";
    assert_int_equal(do_read(w, by, &k), ERR_NOT_FOUND);
    k.words = "";
    assert_int_equal(do_read(w, by, &k), ERR_NOT_FOUND);
}

static void test_registry_finds_by_field(void **state)
{
    (void)state;
    node_test(modules, 1, finds_by_field, NULL);
}

static size_t hits(struct node_world *w, const char *words)
{
    struct work k = {.words = words, .max = 50};
    assert_int_equal(do_read(w, search, &k), OK);
    return k.n_page;
}

static void finds_by_words(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    (void)added(w, "4690000001", LAN, "Đặng Thị Lan Hoà");
    struct work k = {.id = added(w, "4690000002", MINH, "Trần Quang Minh"), .version = 1};
    const char *const spellings[] = {"Đặng Thị Lan Hoà", "dang thi lan hoa", "DANG HÒA", "hoà",
                                     "lan  đặng"};
    for (size_t i = 0; i < ARRAY_LEN(spellings); i++)
        assert_int_equal(hits(w, spellings[i]), 1);
    assert_int_equal(hits(w, "Đặng Minh"), 0);
    assert_int_equal(hits(w, "Lann"), 0);
    assert_int_equal(hits(w, " "), 0);
    k.data = person(w, "4690000002", MINH, "Trần Quang Sáng");
    assert_int_equal(do_write(w, change, &k), OK);
    assert_int_equal(hits(w, "minh"), 0);
    assert_int_equal(hits(w, "sang"), 1);
    assert_int_equal(do_write(w, cancel, &k), OK);
    assert_int_equal(hits(w, "sang"), 0);
}

static void test_registry_finds_by_words(void **state)
{
    (void)state;
    node_test(modules, 1, finds_by_words, NULL);
}

static void pages_by_key(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    for (int i = 0; i < 7; i++)
        (void)added(w, arena_printf(w->c->arena, "46900000%02d", i), "", "Lê Thị Hoa");
    struct work k = {.words = "hoa", .max = 3};
    size_t seen = 0;
    do {
        assert_int_equal(do_read(w, search, &k), OK);
        for (size_t i = 1; i < k.n_page; i++)
            assert_true(strcmp(k.page[i - 1].id, k.page[i].id) < 0);
        seen += k.n_page;
        if (k.n_page)
            k.after = k.page[k.n_page - 1].id;
    } while (k.n_page);
    assert_int_equal(seen, 7);
}

static void test_registry_pages_by_key(void **state)
{
    (void)state;
    node_test(modules, 1, pages_by_key, NULL);
}

static enum err exists(struct ctx *c, void *arg)
{
    struct work *k = arg;
    const char *const pairs[] = {"social_number", k->words, "full_name", k->field, NULL};
    return registry_exists(c, insurance, pairs, &k->yes);
}

static void exists_tells_no_more(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    (void)added(w, "4690000001", LAN, "Nguyễn Thị Lan");
    with_purpose(w, NULL, NULL); /* no data leaves, so none is needed */
    struct work k = {.words = "4690000001", .field = "nguyen thi lan"};
    assert_int_equal(do_read(w, exists, &k), OK);
    assert_true(k.yes);
    assert_null(w->c->access);
    k.field = "ai khac";
    assert_int_equal(do_read(w, exists, &k), OK);
    assert_false(k.yes);
    k.words = "";
    assert_int_equal(do_read(w, exists, &k), OK);
    assert_false(k.yes);
}

static void test_registry_exists_tells_no_more(void **state)
{
    (void)state;
    node_test(modules, 1, exists_tells_no_more, NULL);
}

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
    assert_int_equal(lines_of(w), 2);
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
    (void)added(w, "4690000002", MINH, "Trần Quang Minh");
    const char *const secrets[] = {"Minh", "minh", MINH, "4690000002", LAN, "Sinh Cung"};
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

static void test_registry_sealed(void **state)
{
    (void)state;
    node_test(modules, 1, nothing_in_clear, NULL);
    node_test(modules, 1, moved_ciphertext, NULL);
}

static enum err audit_problem(struct ctx *c, void *arg)
{
    return audit_verify(c, arg);
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
#define PURPOSES "\"purposes\":[{\"code\":\"p\",\"clients\":[\"*\"]}],\n"

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
        cmocka_unit_test(test_registry_add_and_get),
        cmocka_unit_test(test_registry_refuses_bad_data),
        cmocka_unit_test(test_registry_unique_rules),
        cmocka_unit_test(test_registry_versions),
        cmocka_unit_test(test_registry_as_known_then),
        cmocka_unit_test(test_registry_all_versions),
        cmocka_unit_test(test_registry_finds_by_field),
        cmocka_unit_test(test_registry_finds_by_words),
        cmocka_unit_test(test_registry_pages_by_key),
        cmocka_unit_test(test_registry_exists_tells_no_more),
        cmocka_unit_test(test_registry_purposes),
        cmocka_unit_test(test_registry_each_subject_is_told),
        cmocka_unit_test(test_registry_sealed),
        cmocka_unit_test(test_registry_acts_are_audited),
        cmocka_unit_test(test_registry_starts_twice),
        cmocka_unit_test(test_registry_refuses_definitions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
