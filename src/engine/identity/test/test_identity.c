/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts, passwords, posts and counted tries, below the pages. */
#include "engine/identity/test/identity_test.h"

#include "core/scope.h"

/* ---- accounts ---- */

static enum err find_by_name(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return identity_store_username(c, k->text, &k->yes, &k->row);
}

static enum err find_by_person(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return identity_store_person(c, k->text, &k->yes, &k->row);
}

static enum err raw_row(struct ctx *c, const struct db_row *r, void *arg)
{
    struct work *k = arg;
    for (int i = 0; i < row_columns(r); i++) {
        struct bytes b = row_blob(r, i);
        k->n += b.len && (memmem(b.ptr, b.len, LAN, 12) ||
                          memmem(b.ptr, b.len, "Thị Lan", strlen("Thị Lan")));
    }
    (void)c;
    return OK;
}

static enum err read_raw(struct ctx *c, void *arg)
{
    return db_each(c, raw_row, arg, "SELECT * FROM identity_account");
}

static void keeps_accounts(struct node_world *w, void *arg)
{
    (void)arg;
    const char *id = citizen(w, "Lan.Tran", LAN);
    struct work k = {.text = "lan.tran"};
    assert_int_equal(do_read(w, find_by_name, &k), OK);
    assert_true(k.yes);
    assert_string_equal(k.row.a.id, id);
    assert_string_equal(k.row.a.name, "Trần Thị Lan");
    assert_string_equal(k.row.a.person, LAN);
    assert_int_equal(k.row.a.kind, ACTOR_CITIZEN);
    assert_int_equal(k.row.a.assurance, 2);
    k.text = LAN;
    assert_int_equal(do_read(w, find_by_person, &k), OK);
    assert_true(k.yes);
    k.text = "046194900002";
    assert_int_equal(do_read(w, find_by_person, &k), OK);
    assert_false(k.yes);
    assert_int_equal(do_read(w, read_raw, &k), OK);
    assert_int_equal(k.n, 0); /* neither number nor name lies in the database */
}

static void refuses_doubles(struct node_world *w, void *arg)
{
    (void)arg;
    citizen(w, "lan", LAN);
    struct work k = {
        .account = {.username = "LAN", .person = "", .name = "B", .kind = ACTOR_OFFICIAL}};
    assert_int_equal(do_write(w, add_account, &k), ERR_USERNAME_TAKEN);
    k.account = (struct identity_account){
        .username = "khac", .person = LAN, .name = "B", .kind = ACTOR_CITIZEN};
    assert_int_equal(do_write(w, add_account, &k), ERR_CONFLICT);
    k.account.kind = ACTOR_OFFICIAL; /* the same person may be an official too */
    assert_int_equal(do_write(w, add_account, &k), OK);
    for (int i = 0; i < 2; i++) { /* any number without a user name: they sign in elsewhere */
        k.account = (struct identity_account){.username = "", .person = "", .name = "C"};
        assert_int_equal(do_write(w, add_account, &k), OK);
    }
    k.text = "";
    assert_int_equal(do_read(w, find_by_name, &k), OK);
    assert_false(k.yes);
}

static void folds_user_names(struct node_world *w, void *arg)
{
    static const char *const cases[][2] = {{"Lan.Tran", "lan.tran"},
                                           {"a_b-c@H57", "a_b-c@h57"},
                                           {"lan tran", ""},
                                           {"lần", ""},
                                           {"a'or'1", ""},
                                           {"a\nb", ""},
                                           {"", ""}};
    (void)arg;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(identity_username(w->c->arena, cases[i][0]), cases[i][1]);
    char *longest = arena_text(w->c->arena, "0123456789012345678901234567890123456789"
                                            "0123456789012345678901234");
    assert_string_equal(identity_username(w->c->arena, longest), "");
    longest[64] = '\0';
    assert_int_equal(strlen(identity_username(w->c->arena, longest)), 64);
}

/* ---- passwords ---- */

static void hashes_passwords(struct node_world *w, void *arg)
{
    const char *one, *two, *dollar;
    (void)arg;
    assert_int_equal(password_hash(w->c, PASSWORD, &one), OK);
    assert_int_equal(password_hash(w->c, PASSWORD, &two), OK);
    assert_string_not_equal(one, two); /* each its own salt */
    assert_true(text_starts(one, "$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_true(password_check(PASSWORD, one));
    assert_false(password_check("chợ Đông Ba sáng sớn", one));
    assert_false(password_check("", one));
    /* who has no password costs as much as who has one */
    dollar = strrchr(one, '$');
    size_t head = strlen("$argon2id$v=19$m=19456,t=2,p=1$");
    assert_int_equal(strncmp(one, IDENTITY_NO_PASSWORD, head), 0);
    assert_int_equal(strlen(one), strlen(IDENTITY_NO_PASSWORD));
    assert_int_equal(dollar - one, strrchr(IDENTITY_NO_PASSWORD, '$') - IDENTITY_NO_PASSWORD);
    assert_false(password_check(PASSWORD, IDENTITY_NO_PASSWORD));
    assert_false(password_check("", IDENTITY_NO_PASSWORD));
}

static void weighs_passwords(struct node_world *w, void *arg)
{
    static const struct {
        const char *password;
        bool good;
    } cases[] = {
        {"chợ Đông Ba", true},     {"ngày mai mưa to", true}, {"Tr0ng-nha.ngoai-ngo", true},
        {"ngắn quá", false},       {"123456789", false},      {"1234567890", false},
        {"9876543210ab", false},   {"qwertyuiop12", false},   {"aaaaaaaaaaaa", false},
        {"abababababab", false},   {"lan.tran2020", false},   {"xLAN.TRANxyyz", false},
        {"asdfghjklzxcvb", false}, {"mười chữ ạ", true},      {"abcdefghijkl", false},
    };
    (void)arg;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum err e = identity_password_good(w->c, "new_password", "lan.tran", cases[i].password);
        if ((e == OK) != cases[i].good)
            print_error("%s\n", cases[i].password);
        assert_int_equal(e, cases[i].good ? OK : ERR_PASSWORD_WEAK);
    }
    assert_int_equal(identity_password_good(w->c, "p", "an", "một ngày anh đào"), OK);
}

/* ---- posts ---- */

static enum err look_as(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return identity_actor_of(c, &k->session, &k->actor);
}

/* The live actor of a session of that account in that post. */
static const struct actor *acts_as(struct node_world *w, const char *account, const char *role,
                                   const char *unit)
{
    struct work *k = ARENA_NEW(w->c->arena, struct work);
    k->session = (struct session){.account = account, .role = role, .unit = unit, .assurance = 2};
    assert_int_equal(do_read(w, look_as, k), OK);
    return &k->actor;
}

static void holds_roles_at_units(struct node_world *w, void *arg)
{
    (void)arg;
    const char *id = official(w, "can");
    post(w, id, "commune_clerk", "H57.31");
    const struct actor *a = acts_as(w, id, "commune_clerk", "H57.31");
    assert_int_equal(a->kind, ACTOR_OFFICIAL);
    assert_true(actor_can(a, "onestop.receive"));
    assert_false(actor_can(a, "onestop.decide"));
    w->c->actor = a;
    struct scope s = scope_of(w->c, "onestop.receive");
    assert_true(scope_allows(&s, "H57.31", ""));
    assert_false(scope_allows(&s, "H57.31.01", "")); /* below: a clerk reaches one unit */
    assert_false(scope_allows(&s, "H57.32", ""));    /* the neighbour */
    assert_false(scope_allows(&s, "H57.310", ""));   /* looks alike */
    assert_false(scope_allows(&s, "H57", ""));       /* the parent */
    assert_false(scope_allows(&s, "", ""));
    post(w, id, "supervisor", "H57.31"); /* the post one acts in counts, not the widest one has */
    w->c->actor = acts_as(w, id, "supervisor", "H57.31");
    s = scope_of(w->c, "onestop.book");
    assert_true(scope_allows(&s, "H57.31.01", ""));
    assert_false(scope_allows(&s, "H57.32", ""));
    w->c->actor = acts_as(w, id, "commune_clerk", "H57.31");
    s = scope_of(w->c, "onestop.book");
    assert_false(scope_allows(&s, "H57.31.01", ""));
    s = scope_of(w->c, "onestop.decide"); /* not a right of the role: nowhere */
    assert_false(scope_allows(&s, "H57.31", ""));
    /* a session that claims a post which was never given is nobody's */
    assert_int_equal(acts_as(w, id, "commune_clerk", "H57.32")->kind, ACTOR_NOBODY);
    assert_int_equal(acts_as(w, id, "commune_clerk", "H57")->kind, ACTOR_NOBODY);
    assert_int_equal(acts_as(w, id, "commune_chairman", "H57.31")->kind, ACTOR_NOBODY);
    assert_int_equal(acts_as(w, "no-such-account", "commune_clerk", "H57.31")->kind, ACTOR_NOBODY);
    assert_int_equal(acts_as(w, "", "commune_clerk", "H57.31")->kind, ACTOR_NOBODY);
}

static void posts_have_their_time(struct node_world *w, void *arg)
{
    (void)arg;
    const char *id = official(w, "can");
    struct work k = {.id = id,
                     .grant = {.account = id,
                               .role = "commune_clerk",
                               .unit = "H57.31",
                               .from_us = w->c->now_us + HOUR_US,
                               .until_us = w->c->now_us + 2 * HOUR_US}};
    assert_int_equal(do_write(w, add_grant, &k), OK);
    assert_int_equal(acts_as(w, id, "commune_clerk", "H57.31")->kind, ACTOR_NOBODY);
    clock_by(w, HOUR_US);
    assert_int_equal(acts_as(w, id, "commune_clerk", "H57.31")->kind, ACTOR_OFFICIAL);
    clock_by(w, HOUR_US);
    assert_int_equal(acts_as(w, id, "commune_clerk", "H57.31")->kind, ACTOR_NOBODY);
    assert_int_equal(do_read(w, find_posts, &k), OK);
    assert_int_equal(k.n, 0);
}

static void ends_at_once(struct node_world *w, void *arg)
{
    (void)arg;
    const char *id = official(w, "can");
    struct work k = {.id = post(w, id, "commune_clerk", "H57.31")};
    const char *grant = k.id;
    assert_int_equal(do_write(w, end_grant, &k), OK);
    assert_int_equal(acts_as(w, id, "commune_clerk", "H57.31")->kind, ACTOR_NOBODY);
    clock_by(w, HOUR_US); /* ended stays ended when it was: history isn't moved */
    assert_int_equal(do_write(w, end_grant, &k), OK);
    k = (struct work){.id = grant};
    post(w, id, "commune_clerk", "H57.31");
    k = (struct work){.id = id, .yes = true};
    assert_int_equal(do_write(w, disable, &k), OK);
    assert_int_equal(acts_as(w, id, "commune_clerk", "H57.31")->kind, ACTOR_NOBODY);
    k = (struct work){.id = "no-such-account", .yes = true};
    assert_int_equal(do_write(w, disable, &k), ERR_NOT_FOUND);
}

/* ---- counted tries ---- */

static enum err look_locked(struct ctx *c, void *arg)
{
    const struct work *k = arg;
    return identity_locked(c, &(struct identity_guess){.username = k->text, .peer = k->peer});
}

static enum err locked(struct node_world *w, const char *name, const char *peer)
{
    struct work k = {.text = name, .peer = peer};
    return do_read(w, look_locked, &k);
}

static void locks_a_name(struct node_world *w, void *arg)
{
    (void)arg;
    wrong_times(w, "lan", "10.0.0.1", IDENTITY_TRIES - 1);
    assert_int_equal(locked(w, "lan", "10.0.0.1"), OK);
    clock_by(w, 10 * MINUTE_US);
    wrong_times(w, "lan", "10.0.0.2", 1);
    assert_int_equal(locked(w, "lan", "10.0.0.9"), ERR_LOCKED); /* whoever comes, from anywhere */
    assert_string_equal(w->c->faults[0].args[0], "5");          /* minutes that are left */
    assert_int_equal(locked(w, "minh", "10.0.0.1"), OK);        /* nobody else */
    clock_by(w, 5 * MINUTE_US - SECOND_US);
    assert_int_equal(locked(w, "lan", "10.0.0.1"), ERR_LOCKED);
    assert_string_equal(w->c->faults[0].args[0], "1");
    clock_by(w, SECOND_US);
    assert_int_equal(locked(w, "lan", "10.0.0.1"), OK);
    wrong_times(w, "lan", "10.0.0.1", 1); /* a new window */
    assert_int_equal(locked(w, "lan", "10.0.0.1"), OK);
}

static void tries_from(struct node_world *w, const char *net, int least, int most, int times)
{
    for (int i = 0; i < times; i++) {
        const char *peer = arena_printf(w->c->arena, "%s%d", net, least + i % (most - least + 1));
        wrong_times(w, arena_printf(w->c->arena, "user%d", i), peer, 1);
    }
}

/* A crowd of addresses of one network counts as one; the network beside it isn't hit. */
static void locks_a_network(struct node_world *w, void *arg)
{
    (void)arg;
    tries_from(w, "10.0.0.", 1, 200, IDENTITY_NET - 1);
    assert_int_equal(locked(w, "lan", "10.0.0.250"), OK);
    tries_from(w, "10.0.0.", 201, 201, 1);
    assert_int_equal(locked(w, "lan", "10.0.0.250"), ERR_LOCKED);
    assert_int_equal(locked(w, "lan", "10.0.1.250"), OK);
    tries_from(w, "2001:db8:0:1::", 1, 200, IDENTITY_NET);
    assert_int_equal(locked(w, "lan", "2001:db8:0:1:ffff::9"), ERR_LOCKED);
    assert_int_equal(locked(w, "lan", "2001:db8:0:2::9"), OK);
    clock_by(w, IDENTITY_WINDOW_US);
    assert_int_equal(locked(w, "lan", "10.0.0.250"), OK);
}

static void locks_an_address(struct node_world *w, void *arg)
{
    (void)arg;
    for (int i = 0; i < IDENTITY_PEER - 1; i++)
        wrong_times(w, arena_printf(w->c->arena, "user%d", i), "10.0.0.1", 1);
    assert_int_equal(locked(w, "lan", "10.0.0.1"), OK);
    wrong_times(w, "one-more", "10.0.0.1", 1);
    assert_int_equal(locked(w, "lan", "10.0.0.1"), ERR_LOCKED);
    assert_int_equal(locked(w, "lan", "10.0.0.2"), OK);
    clock_by(w, IDENTITY_WINDOW_US);
    assert_int_equal(locked(w, "lan", "10.0.0.1"), OK);
    for (int i = 0; i < IDENTITY_PEER; i++) /* a proxy that doesn't say for whom */
        wrong_times(w, arena_printf(w->c->arena, "user%d", i), "unix", 1);
    assert_int_equal(locked(w, "lan", "unix"), OK);
}

/* A clock that was a year ahead and is set right locks nobody for a year. */
static void survives_a_clock(struct node_world *w, void *arg)
{
    (void)arg;
    clock_by(w, 365 * DAY_US);
    wrong_times(w, "lan", "10.0.0.1", IDENTITY_TRIES);
    assert_int_equal(locked(w, "lan", "10.0.0.1"), ERR_LOCKED);
    clock_by(w, -365 * DAY_US);
    assert_int_equal(locked(w, "lan", "10.0.0.1"), OK);
    wrong_times(w, "lan", "10.0.0.1", IDENTITY_TRIES - 1); /* and counts from one again */
    assert_int_equal(locked(w, "lan", "10.0.0.1"), OK);
    wrong_times(w, "lan", "10.0.0.1", 1);
    assert_int_equal(locked(w, "lan", "10.0.0.1"), ERR_LOCKED);
}

static enum err count_tries(struct ctx *c, void *arg)
{
    int64_t n = 0;
    enum err e = db_int(c, &n, "SELECT count(*) FROM identity_try");
    ((struct work *)arg)->n = (size_t)n;
    return e;
}

static enum err clean(struct ctx *c, void *arg)
{
    (void)arg;
    return identity_store_clean(c);
}

static void forgets_old_tries(struct node_world *w, void *arg)
{
    struct work k = {0};
    (void)arg;
    wrong_times(w, "lan", "10.0.0.1", 1);
    assert_int_equal(do_write(w, clean, NULL), OK);
    assert_int_equal(do_read(w, count_tries, &k), OK);
    assert_int_equal(k.n, 3); /* name, address, network */
    clock_by(w, 2 * DAY_US);
    assert_int_equal(do_write(w, clean, NULL), OK);
    assert_int_equal(do_read(w, count_tries, &k), OK);
    assert_int_equal(k.n, 1); /* the name's, as long as a streak may go on */
    clock_by(w, IDENTITY_STREAK_US);
    assert_int_equal(do_write(w, clean, NULL), OK);
    assert_int_equal(do_read(w, count_tries, &k), OK);
    assert_int_equal(k.n, 0);
}

/* ---- what other nodes are told of looks ---- */

static enum err note_three(struct ctx *c, void *arg)
{
    (void)arg;
    enum err e = OK;
    for (int i = 0; i < 3 && !e; i++)
        e = access_note(c, LAN, "population", i ? "P2" : "P1", "");
    return e;
}

static enum err asked(struct ctx *c, void *arg)
{
    struct service_call *call = arg;
    return identity_module.services[0].serve(c, call);
}

static const char *told(struct node_world *w, const char *body, enum err e)
{
    struct service_call call = {.body = bytes_of(body)};
    assert_int_equal(do_read(w, asked, &call), e);
    return arena_text_n(w->c->arena, (const char *)call.answer.ptr, call.answer.len);
}

static void tells_looks(struct node_world *w, void *arg)
{
    (void)arg;
    as_official(w, "commune_clerk", "H57.31.08", "Phan Thị Thu Hà");
    with_purpose(w, "birth_registration", "H57-1");
    assert_int_equal(do_write(w, note_three, NULL), OK);
    const char *all = told(w, "{\"person\":\"" LAN "\"}", OK);
    const char *two = strstr(all, "\"n\":2"), *one = strstr(all, "\"n\":1");
    assert_true(two && one && two < one); /* the newest first, equal ones as one */
    assert_non_null(strstr(two, "\"times\":[1591236000000000,1591236000000000]"));
    const char *id = arena_text_n(w->c->arena, strstr(two, "\"id\":\"") + 6, 26);
    const char *body = arena_printf(w->c->arena, "{\"person\":\"" LAN "\",\"before\":\"%s\"}", id);
    const char *older = told(w, body, OK);
    assert_null(strstr(older, "\"n\":2"));
    assert_non_null(strstr(older, "\"record\":\"P1\""));
    told(w, "{\"person\":\"" LAN "\",\"before\":\"' OR 1\"}", ERR_BAD_CODE);
}

#define CASE(body)                                                                                 \
    static void test_identity_##body(void **state)                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(modules, ARRAY_LEN(modules), body, NULL);                                        \
    }
CASE(keeps_accounts)
CASE(refuses_doubles)
CASE(folds_user_names)
CASE(hashes_passwords)
CASE(weighs_passwords)
CASE(holds_roles_at_units)
CASE(posts_have_their_time)
CASE(ends_at_once)
CASE(locks_a_name)
CASE(locks_an_address)
CASE(locks_a_network)
CASE(survives_a_clock)
CASE(forgets_old_tries)
CASE(tells_looks)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_keeps_accounts),
        cmocka_unit_test(test_identity_refuses_doubles),
        cmocka_unit_test(test_identity_folds_user_names),
        cmocka_unit_test(test_identity_hashes_passwords),
        cmocka_unit_test(test_identity_weighs_passwords),
        cmocka_unit_test(test_identity_holds_roles_at_units),
        cmocka_unit_test(test_identity_posts_have_their_time),
        cmocka_unit_test(test_identity_ends_at_once),
        cmocka_unit_test(test_identity_locks_a_name),
        cmocka_unit_test(test_identity_locks_an_address),
        cmocka_unit_test(test_identity_locks_a_network),
        cmocka_unit_test(test_identity_survives_a_clock),
        cmocka_unit_test(test_identity_forgets_old_tries),
        cmocka_unit_test(test_identity_tells_looks),
    };
    return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
