/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts of before subjects had keys are sealed under their own when the root key gets a
   successor, also when the process is killed on the way, again and again; of one that was destroyed
   meanwhile nothing is left that opens. */
#include "engine/identity/test/identity_test.h"

#include "core/test/reseal_killed.h"
#include "engine/identity/identity_admin.h"

#define NAME "Lê Văn Cán"
#define ACT  "act-1"

struct late {
    struct node_world *w;
    struct key_place p;
    const char *living, *gone;
    int64_t number; /* of the one that is gone */
};
typedef void (*walk_fn)(struct node_world *w, const struct key_place *p);
struct lying { /* as the tables have it */
    const char *id;
    struct bytes name, actor;
};

static struct bytes as_before(struct ctx *c, const char *column, const char *id)
{
    return secret_seal(c, SECRET_IDENTITY, arena_printf(c->arena, "identity/%s/%s", column, id),
                       bytes_of(NAME));
}

static enum err make_old(struct ctx *c, const char *id)
{
    return db_exec(c, NULL, "UPDATE identity_account SET name = $2 WHERE id = $1", P_TEXT(id),
                   P_BLOB(as_before(c, "name", id)));
}

static enum err old_work(struct ctx *c, void *arg)
{
    const struct late *x = arg;
    struct bytes none = {NULL, 0};
    enum err e = make_old(c, x->living);
    if (!e)
        e = make_old(c, x->gone);
    if (!e)
        e = db_exec(c, NULL, "DELETE FROM core_subject WHERE object = $1", P_TEXT(x->living));
    return e ? e
             : db_exec(c, NULL,
                       "INSERT INTO identity_act (id, account, action, about, actor, reason, at_us)"
                       " VALUES ($1, $2, 'disable', '', $3, $4, 1)",
                       P_TEXT(ACT), P_TEXT(x->living), P_BLOB(as_before(c, "act.actor", ACT)),
                       P_BLOB(none));
}

static enum err end_work(struct ctx *c, void *arg)
{
    return subject_destroy_of(c, SUBJECT_ACCOUNT, arg, "test");
}

static enum err number_work(struct ctx *c, void *arg)
{
    struct late *x = arg;
    return db_int(c, &x->number, "SELECT number FROM core_subject WHERE object = $1",
                  P_TEXT(x->gone));
}

static void destroyed(struct late *x, const char *id)
{
    assert_int_equal(do_write(x->w, end_work, (void *)(uintptr_t)id), OK);
    assert_int_equal(subjects_shred(x->w->c), OK);
}

static enum err take_name(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    ((struct lying *)arg)->name = row_blob(r, 0);
    return OK;
}

static enum err take_actor(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    ((struct lying *)arg)->actor = row_blob(r, 0);
    return OK;
}

static enum err lying_work(struct ctx *c, void *arg)
{
    struct lying *l = arg;
    bool found;
    enum err e = db_one(c, &found, take_name, l, "SELECT name FROM identity_account WHERE id = $1",
                        P_TEXT(l->id));
    return e ? e
             : db_one(c, &found, take_actor, l, "SELECT actor FROM identity_act WHERE account = $1",
                      P_TEXT(l->id));
}

static struct lying lying(struct late *x, const char *id)
{
    struct lying l = {.id = id};
    assert_int_equal(do_read(x->w, lying_work, &l), OK);
    return l;
}

static const char *said(struct late *x, const char *column, const char *id, struct bytes in)
{
    const char *text = NULL;
    assert_int_equal(identity_open(x->w->c, column, id, in, &text), OK);
    return text;
}

/* Under a key of its own, which is told by its number. */
static void lives(struct late *x, const char *name)
{
    struct lying l = lying(x, x->living);
    assert_int_not_equal(subject_sealed_under(l.name), 0);
    assert_int_equal(subject_sealed_under(l.name), subject_sealed_under(l.actor));
    assert_string_equal(said(x, "name", x->living, l.name), name);
    assert_string_equal(said(x, "act.actor", ACT, l.actor), name);
}

static void is_gone(struct late *x)
{
    struct bytes plain;
    struct ctx *c = x->w->c;
    struct lying l = lying(x, x->gone);
    const char *place = arena_printf(c->arena, "identity/name/%s", x->gone);
    assert_int_equal(subject_sealed_under(l.name), x->number);
    assert_string_equal(said(x, "name", x->gone, l.name), "");
    assert_int_equal(subject_open(c, SECRET_IDENTITY, place, l.name, &plain), ERR_DISPOSED);
    assert_null(memmem(l.name.ptr, l.name.len, "Cán", strlen("Cán")));
}

static void settle(struct node_world *w, const struct key_place *p)
{
    (void)p;
    root_keys_settle(w);
}

/* how: the walk to its end */
static void late(struct node_world *w, void *how)
{
    struct late x = {.w = w};
    size_t n;
    root_keys_plant(w, &x.p);
    root_keys_use(w, &x.p);
    x.living = official(w, "canbo");
    x.gone = official(w, "quantri");
    assert_int_equal(do_read(w, number_work, &x), OK);
    assert_int_equal(do_write(w, old_work, &x), OK);
    destroyed(&x, x.gone);
    assert_string_equal(said(&x, "name", x.gone, lying(&x, x.gone).name), NAME); /* of before */
    root_keys_rotate(w, &x.p, 2);
    assert_int_equal(root_keys_start(w, &x.p), OK);
    (*(const walk_fn *)how)(w, &x.p);
    reseal_once(w, "identity%", 3, x.living);
    for (int retired = 0; retired < 2; retired++) {
        lives(&x, NAME);
        is_gone(&x);
        assert_int_equal(do_read(w, root_keys_check, NULL), OK);
        assert_int_equal(keeper_retire(w->c, &x.p, &n), OK);
        assert_int_equal(root_keys_start(w, &x.p), OK);
    }
    destroyed(&x, x.living); /* the act's words about it, too */
    lives(&x, "");
}

static void test_identity_of_before_is_sealed_late(void **state)
{
    (void)state;
    walk_fn how = settle;
    node_test(modules, ARRAY_LEN(modules), late, &how);
}

#ifdef DINH_FAULTS
static void killed(struct node_world *w, const struct key_place *p)
{
    assert_in_range(reseal_killed(w, p), RESEAL_KILLS, 200);
}

static void test_identity_of_before_is_sealed_through_kills(void **state)
{
    (void)state;
    walk_fn how = killed;
    node_test(modules, ARRAY_LEN(modules), late, &how);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_of_before_is_sealed_late),
#ifdef DINH_FAULTS
        cmocka_unit_test(test_identity_of_before_is_sealed_through_kills),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
