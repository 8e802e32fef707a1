/* SPDX-License-Identifier: Apache-2.0 */
/* Drafts, reasons, opinions and papers that are owed, of before subjects had keys: the next root
   key brings each under its subject's, and the subject's end is theirs. */
#include "systems/portal/test/portal_world.h"

#include "core/test/reseal_killed.h"

#define CODE  "000.08.31.H57-200604-0001"
#define DRAFT "01DRAFT"
#define WORDS "Nguyễn Thị Lan"
#define DEAD  "01DEAD" /* a draft that was thrown away, its row still there */

struct late {
    struct bytes form, known, reason, comment, name, why, dead;
};

static struct bytes as_before(struct ctx *c, enum secret_use use, const char *place)
{
    return secret_seal(c, use, place, bytes_of(WORDS));
}
#define PORTAL(place)  P_BLOB(as_before(c, SECRET_PORTAL, place))
#define ONESTOP(place) P_BLOB(as_before(c, SECRET_ONESTOP, place))

static enum err draft(struct ctx *c, const char *id)
{
    return db_exec(c, NULL,
                   "INSERT INTO portal_draft (id, owner, procedure, version, created_us, saved_us,"
                   " expires_us, done, unreachable, code, form, known)"
                   " VALUES ($1, 'p', $2, 1, 1, 1, 9, '', 0, '', $3, $4)",
                   P_TEXT(id), P_TEXT(BIRTH), PORTAL(arena_printf(c->arena, "portal/%s/form", id)),
                   PORTAL(arena_printf(c->arena, "portal/%s/known", id)));
}

static enum err dossier(struct ctx *c)
{
    enum err e = db_exec(c, NULL,
                         "INSERT INTO portal_dossier (code, owner, procedure, procedure_name, unit,"
                         " unit_name, version, status, filed_us, due_us, at_us)"
                         " VALUES ($1, 'p', $2, '', '', '', 1, 1, 1, 1, 1)",
                         P_TEXT(CODE), P_TEXT(BIRTH));
    if (!e)
        e = db_exec(c, NULL,
                    "INSERT INTO portal_dossier_event (code, version, status, label, label_en,"
                    " at_us, reason) VALUES ($1, 7, 1, '', '', 1, $2)",
                    P_TEXT(CODE), PORTAL("portal/event/" CODE "/7/reason"));
    if (!e)
        e = db_exec(c, NULL,
                    "INSERT INTO portal_rating (code, unit, procedure, score, answers, comment,"
                    " at_us) VALUES ($1, '', $2, 1, '', $3, 1)",
                    P_TEXT(CODE), P_TEXT(BIRTH), PORTAL("portal/rating/" CODE "/comment"));
    return e ? e
             : db_exec(c, NULL,
                       "INSERT INTO onestop_paper (code, kind, asked_us, actor_name, reason, made)"
                       " VALUES ($1, 'form_01', 1, $2, $3, 1)",
                       P_TEXT(CODE), ONESTOP("onestop/" CODE "/form_01/name"),
                       ONESTOP("onestop/" CODE "/form_01/reason"));
}

static enum err fill(struct ctx *c, void *arg)
{
    const struct subject_wish wish = {SUBJECT_DRAFT, DEAD, BIRTH, "p"};
    int64_t number;
    (void)arg;
    enum err e = db_exec(c, NULL, "DELETE FROM core_outbox"); /* of the keys before these */
    if (!e)
        e = draft(c, DRAFT);
    if (!e)
        e = draft(c, DEAD);
    if (!e)
        e = subject_make(c, &wish, &number);
    if (!e)
        e = subject_destroy(c, number, "test");
    return e ? e : dossier(c);
}

static enum err end_case(struct ctx *c, void *arg)
{
    (void)arg;
    return subject_destroy_of(c, SUBJECT_CASE, CODE, "test");
}

static enum err take(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct late *)arg =
        (struct late){row_blob(r, 0), row_blob(r, 1), row_blob(r, 2), row_blob(r, 3),
                      row_blob(r, 4), row_blob(r, 5), row_blob(r, 6)};
    return OK;
}

static enum err read_all(struct ctx *c, void *arg)
{
    bool found;
    return db_one(c, &found, take, arg,
                  "SELECT d.form, d.known, e.reason, r.comment, o.actor_name, o.reason, x.form"
                  " FROM portal_draft d, portal_dossier_event e, portal_rating r, onestop_paper o,"
                  " portal_draft x WHERE d.id = $1 AND x.id = $2",
                  P_TEXT(DRAFT), P_TEXT(DEAD));
}

/* It opens there, under a subject of that class; or its end is told. */
static void lies(struct portal_world *p, enum subject_class class, enum secret_use use,
                 const char *place, struct bytes sealed, enum err how)
{
    struct bytes plain;
    int64_t number = subject_sealed_under(sealed);
    assert_int_equal(subject_class_of(number), class);
    assert_int_equal(subject_open(p->w->c, use, place, sealed, &plain), how);
    if (how) {
        ctx_clear_faults(p->w->c);
        return;
    }
    assert_int_equal(plain.len, strlen(WORDS));
    assert_memory_equal(plain.ptr, WORDS, plain.len);
}

static void all_lie(struct portal_world *p, enum err of_case)
{
    struct late x;
    good(p->w->c, do_read(p->w, read_all, &x));
    lies(p, SUBJECT_DRAFT, SECRET_PORTAL, "portal/" DRAFT "/form", x.form, OK);
    lies(p, SUBJECT_DRAFT, SECRET_PORTAL, "portal/" DRAFT "/known", x.known, OK);
    lies(p, SUBJECT_CASE, SECRET_PORTAL, "portal/event/" CODE "/7/reason", x.reason, of_case);
    lies(p, SUBJECT_CASE, SECRET_PORTAL, "portal/rating/" CODE "/comment", x.comment, of_case);
    lies(p, SUBJECT_CASE, SECRET_ONESTOP, "onestop/" CODE "/form_01/name", x.name, of_case);
    lies(p, SUBJECT_CASE, SECRET_ONESTOP, "onestop/" CODE "/form_01/reason", x.why, of_case);
    lies(p, SUBJECT_DRAFT, SECRET_PORTAL, "portal/" DEAD "/form", x.dead, ERR_DISPOSED);
}

static void walk_killed(struct portal_world *p, const struct key_place *k)
{
#ifdef DINH_FAULTS
    assert_in_range(reseal_killed(p->w, k), RESEAL_KILLS, 200);
#else
    (void)p, (void)k;
#endif
}

static void before(struct portal_world *p, bool killed)
{
    struct key_place k;
    size_t n;
    root_keys_plant(p->w, &k);
    root_keys_use(p->w, &k);
    good(p->w->c, do_write(p->w, fill, NULL));
    good(p->w->c, subjects_shred(p->w->c));
    root_keys_rotate(p->w, &k, 2);
    good(p->w->c, root_keys_start(p->w, &k));
    assert_int_equal(do_read(p->w, root_keys_check, NULL), ERR_KEY_STANDS);
    if (killed)
        walk_killed(p, &k);
    else
        root_keys_settle(p->w);
    reseal_once(p->w, "portal%", 6, DRAFT);
    reseal_once(p->w, "onestop%", 2, CODE);
    good(p->w->c, do_read(p->w, root_keys_check, NULL));
    good(p->w->c, keeper_retire(p->w->c, &k, &n));
    good(p->w->c, root_keys_start(p->w, &k));
    all_lie(p, OK);
    good(p->w->c, do_write(p->w, end_case, NULL));
    good(p->w->c, subjects_shred(p->w->c));
    all_lie(p, ERR_DISPOSED);
}

static void of_before(struct portal_world *p)
{
    before(p, false);
}

WORLD_TEST(of_before)

#ifdef DINH_FAULTS
static void of_before_through_kills(struct portal_world *p)
{
    before(p, true);
}

WORLD_TEST(of_before_through_kills)
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_before),
#ifdef DINH_FAULTS
        cmocka_unit_test(test_of_before_through_kills),
#endif
    };
    return cmocka_run_group_tests_name("portal sealed late", tests, NULL, NULL);
}
