/* SPDX-License-Identifier: Apache-2.0 */
#include "core/jobs.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/id.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/files.h"
#include "core/outbox.h"
#include "core/reseal.h"
#include "core/subject.h"
#include "core/tree.h"

#define THREADS      3
#define SLOTS_MAX    64
#define NODES_MAX    16
#define LONG_NAP_US  (250 * 1000) /* a moved clock is noticed within */
#define SHORT_NAP_US (5 * 1000)

struct slot {
    const struct job *job;
    const char *module;
    int64_t next_us;
    bool woken, running;
};
struct timetable {
    struct slot slots[SLOTS_MAX];
    size_t n;
};
struct jobs {
    struct arena *arena;
    const struct node *node;
    struct timetable table;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t threads[THREADS];
    int n_threads;
    bool stop;
};

static pthread_mutex_t running_lock = PTHREAD_MUTEX_INITIALIZER;
static struct jobs *running[NODES_MAX];
/* Timetables of nodes without threads, told apart by their root key. */
static struct {
    struct sha256 mark; /* of the node's keys: its address may be another node's later */
    struct timetable table;
} standing[NODES_MAX];
static size_t n_standing;

/* ---- what there is to run ---- */

static enum err seal_work(struct ctx *c, void *arg)
{
    (void)arg;
    return audit_seal(c);
}

static enum err seal_head(struct ctx *c)
{
    return db_write(c, c->node->db, seal_work, NULL);
}

/* Witnesses hear of it at once. */
static enum err make_tree(struct ctx *c)
{
    bool made = false;
    enum err e = tree_make(c, &made);
    if (made)
        job_wake("exchange.witness");
    return e;
}

static const struct job core_jobs[] = {
    {"core.outbox", SECOND_US, outbox_run},           {"core.seal", 10 * SECOND_US, seal_head},
    {"core.tree", 30 * SECOND_US, make_tree},         {"core.files", 5 * MINUTE_US, files_sweep},
    {"core.subjects", 2 * SECOND_US, subjects_shred}, {"core.reseal", 30 * SECOND_US, reseal_step},
};

static void add_jobs(struct timetable *t, const char *module, const struct job *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ASSERT(t->n < SLOTS_MAX);
        t->slots[t->n++] = (struct slot){.job = &rows[i], .module = module};
    }
}

static void fill(struct timetable *t, const struct node *n)
{
    add_jobs(t, "core", core_jobs, ARRAY_LEN(core_jobs));
    for (size_t i = 0; i < n->n_modules; i++)
        add_jobs(t, n->modules[i]->name, n->modules[i]->jobs, n->modules[i]->n_jobs);
}

/* The next slot to run, taken; NULL when none is due. A clock set back doesn't stretch a pace. */
static struct slot *take_due(struct timetable *t, int64_t now_us)
{
    for (size_t i = 0; i < t->n; i++) {
        struct slot *s = &t->slots[i];
        if (s->next_us > now_us + s->job->every_us)
            s->next_us = now_us + s->job->every_us;
        if (s->running || (!s->woken && s->next_us > now_us))
            continue;
        s->running = true;
        s->woken = false;
        s->next_us = now_us + s->job->every_us;
        return s;
    }
    return NULL;
}

void ctx_of_system(struct ctx *ret, struct arena *a, const struct node *n, const char *module)
{
    static const char *const no_permissions[] = {NULL};
    struct actor *who = ARENA_NEW(a, struct actor);
    *who = (struct actor){.kind = ACTOR_SYSTEM,
                          .account = module,
                          .person = "",
                          .name = n->title[LANG_VI] ? n->title[LANG_VI] : n->name,
                          .unit = n->agency,
                          .unit_name = n->title[LANG_VI] ? n->title[LANG_VI] : n->agency,
                          .role = "system",
                          .permissions = no_permissions};
    memset(ret, 0, sizeof *ret);
    ret->arena = a;
    ret->now_us = sys_now_us();
    ret->actor = who;
    ret->node = n;
    ret->request_id = id_new(a, ret->now_us);
}

static enum err run_slot(const struct node *n, const struct slot *s)
{
    struct arena *a = arena_new(0);
    struct ctx c;
    ctx_of_system(&c, a, n, s->module);
    enum err e = FAULT_POINT("jobs.run.before") ? ERR_IO : s->job->run(&c);
    if (e)
        log_line(LOG_ERROR_, s->module, c.request_id, "job %s: %s %s", s->job->name,
                 err_row(e)->name, c.n_faults ? c.faults[0].field : "");
    arena_end(a);
    return e;
}

/* ---- threads ---- */

static int64_t nap_us(const struct timetable *t, int64_t now_us)
{
    int64_t nap = LONG_NAP_US;
    for (size_t i = 0; i < t->n; i++) {
        int64_t left = t->slots[i].next_us - now_us;
        if (!t->slots[i].running && left < nap)
            nap = left;
    }
    return nap > SHORT_NAP_US ? nap : SHORT_NAP_US;
}

static void nap(struct jobs *j)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t us = until.tv_nsec / 1000 + nap_us(&j->table, sys_now_us());
    until.tv_sec += us / SECOND_US;
    until.tv_nsec = us % SECOND_US * 1000;
    pthread_cond_timedwait(&j->changed, &j->lock, &until);
}

static void *work(void *arg)
{
    struct jobs *j = arg;
    pthread_mutex_lock(&j->lock);
    while (!j->stop) {
        struct slot *s = take_due(&j->table, sys_now_us());
        if (!s) {
            nap(j);
            continue;
        }
        pthread_mutex_unlock(&j->lock);
        (void)!run_slot(j->node, s); /* logged */
        pthread_mutex_lock(&j->lock);
        s->running = false;
    }
    pthread_mutex_unlock(&j->lock);
    return NULL;
}

static bool enlist(struct jobs *j)
{
    bool found = false;
    pthread_mutex_lock(&running_lock);
    for (size_t i = 0; i < NODES_MAX && !found; i++) {
        if (!running[i]) {
            running[i] = j;
            found = true;
        }
    }
    pthread_mutex_unlock(&running_lock);
    return found;
}

enum err jobs_start(struct ctx *c, const struct node *n, struct jobs **ret_jobs)
{
    struct arena *a = arena_new(0);
    struct jobs *j = ARENA_NEW(a, struct jobs);
    pthread_condattr_t attr;
    j->arena = a;
    j->node = n;
    fill(&j->table, n);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&j->changed, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&j->lock, NULL);
    bool good = enlist(j);
    while (good && j->n_threads < THREADS) {
        good = pthread_create(&j->threads[j->n_threads], NULL, work, j) == 0;
        j->n_threads += good;
    }
    if (!good) {
        jobs_stop(j);
        return fail(c, ERR_TOO_MANY, "threads");
    }
    *ret_jobs = j;
    return OK;
}

void jobs_stop(struct jobs *j)
{
    if (!j)
        return;
    pthread_mutex_lock(&running_lock);
    for (size_t i = 0; i < NODES_MAX; i++) {
        if (running[i] == j)
            running[i] = NULL;
    }
    pthread_mutex_unlock(&running_lock);
    pthread_mutex_lock(&j->lock);
    j->stop = true;
    pthread_cond_broadcast(&j->changed);
    pthread_mutex_unlock(&j->lock);
    for (int i = 0; i < j->n_threads; i++)
        pthread_join(j->threads[i], NULL);
    pthread_cond_destroy(&j->changed);
    pthread_mutex_destroy(&j->lock);
    arena_end(j->arena);
}

static void wake(struct timetable *t, const char *name)
{
    for (size_t i = 0; i < t->n; i++)
        t->slots[i].woken |= text_eq(t->slots[i].job->name, name);
}

void job_wake(const char *name)
{
    pthread_mutex_lock(&running_lock);
    for (size_t i = 0; i < NODES_MAX; i++) {
        struct jobs *j = running[i];
        wake(&standing[i].table, name);
        if (!j)
            continue;
        pthread_mutex_lock(&j->lock);
        wake(&j->table, name);
        pthread_cond_signal(&j->changed);
        pthread_mutex_unlock(&j->lock);
    }
    pthread_mutex_unlock(&running_lock);
}

/* ---- tests that own the clock ---- */

static struct timetable *table_of(const struct node *n)
{
    struct sha256 mark = keeper_mark(n->keeper);
    for (size_t i = 0; i < NODES_MAX; i++) {
        if (memcmp(standing[i].mark.b, mark.b, SHA256_LEN) == 0)
            return &standing[i].table;
    }
    size_t i = n_standing++ % NODES_MAX;
    standing[i].mark = mark;
    standing[i].table = (struct timetable){0};
    fill(&standing[i].table, n);
    return &standing[i].table;
}

enum err jobs_run_due(struct ctx *c)
{
    enum err first = OK;
    int64_t now = sys_now_us();
    pthread_mutex_lock(&running_lock);
    struct timetable *t = table_of(c->node);
    for (struct slot *s; (s = take_due(t, now)) != NULL;) {
        pthread_mutex_unlock(&running_lock);
        enum err e = run_slot(c->node, s);
        first = first ? first : e;
        pthread_mutex_lock(&running_lock);
    }
    for (size_t i = 0; i < t->n; i++)
        t->slots[i].running = false;
    pthread_mutex_unlock(&running_lock);
    return first ? fail(c, first, "jobs") : OK;
}
