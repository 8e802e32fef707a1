/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim [--seeds N] [--first N] [--workers N] [--twice N] [--play SEED] [--control lies|forgets]
 * Plays N seeds from the first on, by so many processes at once, one seed in --twice a second time:
 * its trace must be the same. --play tells a seed line by line. DINH_ROUNDS stands for --seeds.
 * --control: disks that lie about syncs, so that acts are acknowledged that aren't kept; receivers
 * that forget the ids of messages when they start again. 0 when seeds turned red over it.
 */
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "test/harness/cut.h"
#include "test/harness/shell_test.h"
#include "test/sim/sim_quick.h"
#include "test/sim/sim_world.h"

#define EVENTS_LEAST 60
#define EVENTS_MORE  80
#define CALM_ROUNDS  80
#define STEPS_MAX    64
#define HALF_HOUR_US (30 * MINUTE_US)

/* ---- one seed ---- */

static int any_node(struct sim *s)
{
    return (int)sim_dice(s, SIM_NODES);
}

static int any_down(struct sim *s)
{
    int from = any_node(s);
    for (int k = 0; k < SIM_NODES; k++)
        if (!s->node[(from + k) % SIM_NODES].up)
            return (from + k) % SIM_NODES;
    return -1;
}

static void leap(struct sim *s)
{
    s->counts.leaps++;
    if (sim_dice(s, 3) == 0) /* one node's clock goes wrong */
        s->skew_us[any_node(s)] = (int64_t)sim_dice(s, 4 * 60) * SECOND_US - 2 * MINUTE_US;
    else
        s->now_us += (int64_t)sim_dice(s, 10 * 60) * SECOND_US;
}

static void one_step(struct sim *s, int i)
{
    s->counts.steps++;
    sim_order(s, i, (struct sim_frame){.kind = SIM_STEP, .a = (int64_t)sim_dice(s, 2)});
}

static void arm_cut(struct sim *s, int i)
{
    struct sim_frame f = {.kind = SIM_CUT, .a = 1 + (int64_t)sim_dice(s, 60)};
    f.b = (int64_t)sim_dice(s, UINT64_C(1) << 62);
    if (sim_dice(s, 4) == 0)
        f.a = -1;
    sim_order(s, i, f);
}

/* Only test builds know plans (DINH_FAULTS): elsewhere nothing is armed. */
static void arm_fault(struct sim *s, int i)
{
    static const char *const whats[] = {"db:%d:EIO",
                                        "db:%d:EAGAIN",
                                        "db:%d:ENOSPC",
                                        "write:%d:ENOSPC",
                                        "fsync:%d:EIO",
                                        "rename:%d:EIO",
                                        "db:%d:EIO:sticky",
                                        "fsync:%d:crash",
                                        "point:db.commit.after:1:fail",
                                        "point:exchange.serve.done:1:fail",
                                        "point:outbox.send.after:1:fail",
                                        "point:exchange.ask.after:1:fail"};
    const char *what = whats[sim_dice(s, ARRAY_LEN(whats))], *hole = strstr(what, "%d");
    struct arena *a = s->c->arena;
    if (hole)
        what = arena_printf(a, "%s%d%s", arena_text_n(a, what, (size_t)(hole - what)),
                            1 + (int)sim_dice(s, 40), hole + 2);
    struct sim_frame done =
        sim_order(s, i, (struct sim_frame){.kind = SIM_ARM, .word = {what}, .n = 1});
    s->counts.faults += done.kind == SIM_DONE && !done.a;
    sim_say(s, "%s: %s", s->node[i].n->name, what);
}

static void one_event(struct sim *s)
{
    uint64_t what = sim_dice(s, 100);
    int down = any_down(s), i = any_node(s);
    s->counts.events++;
    s->now_us += (int64_t)sim_dice(s, 500) * 1000;
    if (down >= 0 && sim_dice(s, 4) == 0) {
        s->counts.restarts++;
        sim_start(s, down);
    } else if (what < 44)
        sim_client_acts(s, sim_dice(s, s->n_clients));
    else if (what < 72)
        one_step(s, sim_dice(s, 2) ? 1 : i);
    else if (what < 86)
        sim_order(s, i, (struct sim_frame){.kind = SIM_JOBS});
    else if (what < 91)
        sim_deliver_late(s);
    else if (what < 95)
        arm_cut(s, i);
    else if (what < 97)
        sim_kill(s, i);
    else if (what < 98)
        arm_fault(s, i);
    else
        leap(s);
}

static bool quiet(struct sim *s, bool *ret_owed)
{
    *ret_owed = false;
    for (int i = 0; i < SIM_NODES; i++) {
        struct sim_frame done =
            sim_order(s, i, (struct sim_frame){.kind = SIM_TELL, .word = {""}, .n = 1});
        *ret_owed = *ret_owed || (done.kind == SIM_DONE && strstr(done.word[0], "\nwaiting "));
    }
    return sim_clients_idle(s) && !*ret_owed && !s->n_late;
}

/* No more faults: what was begun comes to its end, retries and witnesses included. */
static void calm_down(struct sim *s)
{
    bool owed = true;
    s->calm = true;
    for (int i = 0; i < SIM_NODES; i++) {
        s->skew_us[i] = 0;
        sim_order(s, i, (struct sim_frame){.kind = SIM_CUT});
        sim_order(s, i, (struct sim_frame){.kind = SIM_ARM, .word = {""}, .n = 1});
        if (!s->node[i].up)
            sim_start(s, i);
    }
    for (int round = 0; round < CALM_ROUNDS && !s->wrong; round++) {
        for (size_t i = 0; i < s->n_clients; i++)
            sim_client_acts(s, i);
        for (int i = 0; i < SIM_NODES; i++) {
            struct sim_frame done = {.kind = SIM_DONE, .a = 1};
            for (int k = 0; k < STEPS_MAX && done.kind == SIM_DONE && done.a; k++)
                done = sim_order(s, i, (struct sim_frame){.kind = SIM_STEP});
            sim_order(s, i, (struct sim_frame){.kind = SIM_JOBS});
        }
        sim_deliver_late(s);
        s->now_us += round < 4 ? 35 * SECOND_US : 5 * MINUTE_US;
        if (round >= 4 && quiet(s, &owed))
            break;
    }
}

static void end_nodes(struct sim *s)
{
    for (int i = 0; i < SIM_NODES; i++)
        if (s->node[i].up)
            sim_kill(s, i);
}

static void play(const struct sim_world *w, struct sim *s, uint64_t seed, bool loud)
{
    struct sim fresh = {.c = s->c, .seed = seed, .control = s->control};
    sim_dice_begin(&fresh);
    struct civil morning = {2026, 6, 3, 10, 0, 0};
    for (int i = 0; i < SIM_NODES; i++) {
        fresh.node[i].n = s->node[i].n;
        fresh.node[i].dir = s->node[i].dir;
    }
    *s = fresh;
    s->trace = UINT64_C(0xcbf29ce484222325);
    s->loud = loud;
    s->now_us = us_from_civil(morning, LOCAL_OFFSET_US);
    sim_quick_seed(seed);
    sim_world_again(w, s);
    sim_clients_begin(s);
    memcpy(s->book->drafts, w->drafts, sizeof w->drafts);
    s->book->n_drafts = w->n_drafts;
    for (int i = 0; i < SIM_NODES; i++)
        sim_start(s, i);
    int64_t n = EVENTS_LEAST + (int64_t)sim_dice(s, EVENTS_MORE);
    for (int64_t k = 0; k < n && !s->wrong; k++)
        one_event(s);
    calm_down(s);
    if (!s->wrong)
        sim_judge(s);
    struct sim_counts counts = s->counts; /* the ends below aren't the seed's */
    end_nodes(s);
    s->counts = counts;
}

/* ---- many seeds ---- */

struct options {
    uint64_t first;
    int64_t seeds, workers, twice;
    enum sim_control control;
    bool loud;
};

struct result {
    struct sim_counts counts;
    int64_t seeds, twice, bad;
};

static void add(struct sim_counts *to, const struct sim_counts *from)
{
    const int64_t *f = (const int64_t *)from;
    for (size_t i = 0; i < sizeof *to / sizeof *f; i++)
        ((int64_t *)to)[i] += f[i];
}

static void one_seed(const struct sim_world *w, struct sim *s, const struct options *o,
                     uint64_t seed, struct result *r)
{
    struct arena *before = s->c->arena;
    s->c->arena = arena_new((size_t)1 << 30);
    play(w, s, seed, o->loud);
    uint64_t trace = s->trace;
    struct sim_counts counts = s->counts;
    const char *wrong = s->wrong;
    r->seeds++;
    if (!wrong && o->twice && seed % (uint64_t)o->twice == 0) {
        play(w, s, seed, false);
        r->twice++;
        if (s->trace != trace)
            wrong = "played twice, it went another way";
    }
    if (o->loud)
        printf("trace %016llx\n", (unsigned long long)trace);
    add(&r->counts, &counts);
    r->bad += wrong != NULL;
    if (wrong && !o->control)
        printf("seed %llu: %s\n  to see it: build/test/sim --play %llu\n", (unsigned long long)seed,
               wrong, (unsigned long long)seed);
    fflush(stdout);
    arena_end(s->c->arena);
    s->c->arena = before;
}

/* Of a worker and its nodes one runs at a time: one processor is theirs, and nothing is woken
 * across. */
static void stay_on_one(int64_t number)
{
    cpu_set_t all, one;
    int64_t n = 0;
    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof all, &all) != 0)
        return;
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &all) && n++ == number % CPU_COUNT(&all))
            CPU_SET(cpu, &one);
    (void)!sched_setaffinity(0, sizeof one, &one);
}

static int work(struct ctx *c, const struct sim_world *w, const struct options *o, int64_t number,
                int out)
{
    struct sim s = {.c = c, .control = o->control};
    struct result r = {.seeds = 0};
    stay_on_one(number);
    const char *dir = arena_printf(c->arena, "%s/worker-%d", w->dir, (int)number);
    if (mkdirat(-100, dir, 0700) != 0 || sim_world_copy(c, w, dir, &s) || sim_quick(c, &s))
        return app_say_faults(c);
    mallopt(M_MMAP_THRESHOLD, 256 << 10); /* large zeros are the kernel's, untouched */
    malloc_trim(0);                       /* what nodes inherit is what their birth costs */
    for (int64_t k = number; k < o->seeds; k += o->workers)
        one_seed(w, &s, o, o->first + (uint64_t)k, &r);
    return write(out, &r, sizeof r) == (ssize_t)sizeof r ? 0 : 1;
}

static int say_control(const struct result *r)
{
    printf("control: %lld of %lld seeds red\n", (long long)r->bad, (long long)r->seeds);
    return r->bad > r->seeds / 10 ? 0 : 1;
}

static int say(const struct result *r, double seconds)
{
    const struct sim_counts *n = &r->counts;
    printf("figure C13 seeds=%lld events=%lld acts=%lld again=%lld messages=%lld late=%lld "
           "doubled=%lld lost_messages=%lld lost_answers=%lld cuts=%lld kills=%lld restarts=%lld "
           "faults=%lld leaps=%lld twice=%lld lost=%lld seconds=%.0f\n",
           (long long)r->seeds, (long long)n->events, (long long)n->acts, (long long)n->again,
           (long long)n->messages, (long long)n->late, (long long)n->doubled,
           (long long)n->lost_messages, (long long)n->lost_answers, (long long)n->cuts,
           (long long)n->kills, (long long)n->restarts, (long long)n->faults, (long long)n->leaps,
           (long long)r->twice, (long long)r->bad, seconds);
    if (r->seeds < 10)
        return r->bad ? 1 : 0;
    const int64_t least[] = {n->acts,          n->again,        n->messages, n->late,  n->doubled,
                             n->lost_messages, n->lost_answers, n->cuts,     n->kills, n->restarts};
    for (size_t i = 0; i < ARRAY_LEN(least); i++)
        if (least[i] < r->seeds / 4) {
            printf("too little happened to prove anything: figure %zu is %lld\n", i,
                   (long long)least[i]);
            return 1;
        }
    return r->bad ? 1 : 0;
}

static int play_all(struct ctx *c, const struct sim_world *w, const struct options *o)
{
    struct result sum = {.seeds = 0}, r;
    int status, bad = 0, pipes[2];
    int64_t begun_us = sys_mono_us();
    if (pipe(pipes) != 0)
        return 1;
    for (int64_t i = 0; i < o->workers; i++) {
        fflush(stdout);
        if (fork() == 0)
            _exit(work(c, w, o, i, pipes[1]));
    }
    for (int64_t i = 0; i < o->workers; i++) {
        if (wait(&status) < 0 || status != 0 || read(pipes[0], &r, sizeof r) != (ssize_t)sizeof r) {
            bad = 1;
            continue;
        }
        add(&sum.counts, &r.counts);
        sum.seeds += r.seeds;
        sum.twice += r.twice;
        sum.bad += r.bad;
    }
    if (o->control != CONTROL_NONE)
        return say_control(&sum) || bad;
    if (bad)
        printf("a worker ended by itself\n");
    return say(&sum, (double)(sys_mono_us() - begun_us) / 1e6) || bad;
}

static bool read_options(int argc, char **argv, struct options *o)
{
    const char *rounds = getenv("DINH_ROUNDS");
    int64_t n = rounds && text_to_int(rounds, &n) ? n : 1000;
    int64_t play = option_int(argc, argv, "play", -1);
    *o =
        (struct options){.seeds = play >= 0 ? 1 : option_int(argc, argv, "seeds", n),
                         .first = (uint64_t)(play >= 0 ? play : option_int(argc, argv, "first", 1)),
                         .workers = play >= 0 ? 1 : option_int(argc, argv, "workers", 2),
                         .twice = option_int(argc, argv, "twice", play >= 0 ? 1 : 20),
                         .loud = play >= 0};
    const char *broken = option(argc, argv, "control", "");
    o->control = text_eq(broken, "lies")      ? CONTROL_LIES
                 : text_eq(broken, "forgets") ? CONTROL_FORGETS
                                              : CONTROL_NONE;
    return o->seeds > 0 && o->workers > 0;
}

int main(int argc, char **argv)
{
    static const struct actor operator_ = {.kind = ACTOR_SYSTEM,
                                           .account = "operator",
                                           .person = "",
                                           .name = "operator",
                                           .unit = "",
                                           .unit_name = "",
                                           .role = "operator"};
    struct ctx c = {.arena = arena_new((size_t)1 << 30), .actor = &operator_, .lang = LANG_EN};
    struct options o;
    struct sim_world w = {.dir = NULL};
    if (!read_options(argc - 1, argv + 1, &o))
        return 2;
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0);
    cut_install();
    log_level_set(LOG_ERROR_);
    c.request_id = "sim";
    const char *dir = test_dir(&c);
    enum err e = sim_world_make(&c, dir, getenv("SIM_LOUD") != NULL, &w);
    int code = e ? app_say_faults(&c) : play_all(&c, &w, &o);
    test_dir_end(dir);
    arena_end(c.arena);
    return code;
}
