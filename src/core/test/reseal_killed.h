/* SPDX-License-Identifier: Apache-2.0 */
/* The walk of core/reseal.h in processes that are killed (-9) before a call of the database, each
   one later than the one before: the next goes on, until one comes to the walk's end. */
#ifndef DINH_CORE_TEST_RESEAL_KILLED_H
#define DINH_CORE_TEST_RESEAL_KILLED_H

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/harness/root_keys.h"

#define RESEAL_KILLS 20 /* at least, or they prove nothing */

/* As a node that starts, and has nothing else to do. */
static inline enum err reseal_walk(struct node_world *w, const struct key_place *p,
                                   const char *plan)
{
    struct reseal_progress told = {.whole = false};
    struct ctx *c = w->c;
    enum err e = db_open(c, w->d->url, &w->n->db);
    if (!e)
        e = keeper_open(c, p, &w->n->keeper);
    if (!e)
        e = db_write(c, w->n->db, root_keys_begin, w->n);
    if (!e && !sys_fault_arm(plan))
        return ERR_IO;
    while (!e && !told.whole) {
        e = reseal_step(c);
        if (!e)
            e = db_read(c, w->n->db, root_keys_progress, &told);
    }
    return e;
}

/* How often it was killed. The node is open again then, as after a start. */
static inline int reseal_killed(struct node_world *w, const struct key_place *p)
{
    int killed = 0, status;
    subjects_stop(w->n);
    keeper_end(w->n->keeper);
    w->n->keeper = NULL;
    db_close(w->d->db);
    for (int call = 1;; call += 2) {
        pid_t child = fork();
        if (child == 0)
            _exit(reseal_walk(w, p, arena_printf(w->c->arena, "db:%d:crash", call)) != OK);
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFSIGNALED(status))
            break;
        assert_int_equal(WTERMSIG(status), SIGKILL);
        killed++;
    }
    print_message("killed %d times\n", killed);
    assert_int_equal(status, 0);
    assert_int_equal(db_open(w->c, w->d->url, &w->d->db), OK);
    w->n->db = w->d->db;
    assert_int_equal(root_keys_start(w, p), OK);
    assert_true(root_keys_told(w).whole);
    return killed;
}

struct reseal_counted {
    const char *columns, *object; /* LIKE; of subjects */
    int64_t anew, subjects;
};

static inline enum err reseal_count_work(struct ctx *c, void *arg)
{
    struct reseal_counted *n = arg;
    enum err e =
        db_int(c, &n->anew, "SELECT CAST(sum(anew) AS BIGINT) FROM core_reseal WHERE name LIKE $1",
               P_TEXT(n->columns));
    return e ? e
             : db_int(c, &n->subjects, "SELECT count(*) FROM core_subject WHERE object = $1",
                      P_TEXT(n->object));
}

/* Each field was sealed anew once, and nobody has two keys. */
static inline void reseal_once(struct node_world *w, const char *columns, int64_t anew,
                               const char *object)
{
    struct reseal_counted n = {columns, object, 0, 0};
    assert_int_equal(do_read(w, reseal_count_work, &n), OK);
    assert_int_equal(n.anew, anew);
    assert_int_equal(n.subjects, 1);
}

#endif
