/* SPDX-License-Identifier: Apache-2.0 */
/* The nodes from outside: their processes, their power, the network between them. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "test/harness/cut.h"
#include "test/sim/sim.h"

#define CERT_MAX_BYTES 4096
#define STEPS_MAX      64
#define WRONG_BYTES    2048

struct sim_late { /* a message that the network still has */
    struct sim_late *next;
    int to;
    const char *word[4];
};

static uint64_t mixed(uint64_t z) /* of SplitMix64 */
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void sim_dice_begin(struct sim *s)
{
    s->dice = mixed(mixed(s->seed) ^ UINT64_C(0x64696e68));
}

uint64_t sim_dice(struct sim *s, uint64_t below)
{
    return mixed(s->dice += UINT64_C(0x9e3779b97f4a7c15)) % below;
}

bool sim_chance(struct sim *s, int percent)
{
    return !s->calm && sim_dice(s, 100) < (uint64_t)percent;
}

void sim_fail(struct sim *s, const char *fmt, ...)
{
    char *why = arena_alloc(s->c->arena, WRONG_BYTES);
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, WRONG_BYTES, fmt, args);
    va_end(args);
    if (!s->wrong)
        s->wrong = why;
    sim_say(s, "WRONG: %s", why);
}

void sim_say(const struct sim *s, const char *fmt, ...)
{
    if (!s->loud)
        return;
    va_list args;
    va_start(args, fmt);
    printf("%12.3f ", (double)(s->now_us % DAY_US) / 1e6);
    vprintf(fmt, args);
    printf("\n");
    va_end(args);
}

static void trace(struct sim *s, const void *ptr, size_t n)
{
    for (size_t i = 0; i < n; i++) /* FNV-1a */
        s->trace = (s->trace ^ ((const uint8_t *)ptr)[i]) * UINT64_C(0x100000001b3);
}

static void trace_frame(struct sim *s, int i, const struct sim_frame *f)
{
    int64_t numbers[] = {i, f->kind, f->who, f->a, f->b};
    trace(s, numbers, sizeof numbers);
    for (size_t k = f->kind == SIM_SEND; k < f->n; k++) /* a port may be another one each time */
        trace(s, f->word[k] ? f->word[k] : "", strlen(f->word[k] ? f->word[k] : "") + 1);
}

/* ---- processes ---- */

static void bear(struct sim *s, int i, int fd)
{
    static struct ctx c;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    log_level_set(s->loud ? LOG_WARN_ : LOG_ERROR_);
    if (!s->loud && !freopen("/dev/null", "w", stderr))
        _exit(1);
    c = *s->c;
    c.arena = arena_new((size_t)1 << 30);
    sim_node(&c, s->node[i].n, fd);
}

void sim_start(struct sim *s, int i)
{
    struct sim_node *n = &s->node[i];
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        abort();
    fflush(stdout);
    n->pid = fork();
    if (n->pid == 0) {
        close(pair[0]);
        for (int k = 0; k < SIM_NODES; k++)
            if (k != i && s->node[k].up)
                close(s->node[k].fd);
        bear(s, i, pair[1]);
    }
    close(pair[1]);
    if (n->pid < 0)
        abort();
    n->fd = pair[0];
    n->up = true;
    n->busy = false;
    uint64_t life = mixed((uint64_t)(i * 1000 + n->births++ + 1)); /* of each its own randomness */
    struct sim_frame done = sim_order(s, i,
                                      (struct sim_frame){.kind = SIM_BEGIN,
                                                         .a = (int64_t)(mixed(s->seed ^ life) >> 1),
                                                         .b = s->control});
    if (done.kind == SIM_DONE && done.a)
        sim_fail(s, "node %s doesn't start: %s", n->n->name, done.word[0]);
    sim_say(s, "%s is up", n->n->name);
}

/* Its process ended by itself: a cut, or something that must not happen. */
static void buried(struct sim *s, int i)
{
    struct sim_node *n = &s->node[i];
    int status = 0;
    close(n->fd);
    waitpid(n->pid, &status, 0);
    n->up = n->busy = false;
    bool cut = WIFEXITED(status) && WEXITSTATUS(status) == CUT_STATUS;
    bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; /* a plan's crash */
    bool broke = WIFEXITED(status) && WEXITSTATUS(status) == SIM_BROKE;
    s->counts.cuts += cut;
    s->counts.kills += killed;
    s->counts.broken += broke;
    sim_say(s, "%s: %s", n->n->name, cut ? "the power is cut" : killed ? "killed" : "ENDED");
    if (!cut && !killed && !broke)
        sim_fail(s, "node %s ended by itself, status %x", n->n->name, (unsigned)status);
    sim_node_went(s, i);
}

void sim_kill(struct sim *s, int i)
{
    if (!s->node[i].up)
        return;
    kill(s->node[i].pid, SIGKILL);
    buried(s, i);
}

/* ---- the network between nodes ---- */

static int node_at(const struct sim *s, const char *url)
{
    for (int i = 0; i < SIM_NODES; i++)
        if (text_starts(url, s->node[i].n->exchange_url))
            return i;
    return -1;
}

static const char *cert_of(struct sim *s, int i)
{
    struct buf b = buf_new(s->c->arena, CERT_MAX_BYTES);
    buf_base64url(&b, cert_der(s->c->arena, s->node[i].n->tls_cert));
    return b.ptr;
}

static struct {
    int32_t number; /* awaited; below 0, so that no client has it */
    bool there;
    struct sim_frame f;
} awaited;

/* The node reads it and works until it answers; gives false when it went down over it. */
static bool hand_over(struct sim *s, int to, const char *const *word)
{
    struct sim_frame f = {.kind = SIM_MESSAGE, .who = --s->n_sent, .n = 4};
    memcpy(f.word, word, sizeof(const char *) * 4);
    s->counts.messages++;
    awaited.number = f.who;
    awaited.there = false;
    struct sim_frame done = sim_order(s, to, f);
    for (int i = 0; i < STEPS_MAX && !awaited.there && done.kind == SIM_DONE; i++)
        done = sim_order(s, to, (struct sim_frame){.kind = SIM_STEP, .a = (int64_t)sim_dice(s, 2)});
    awaited.number = 0;
    return awaited.there;
}

static void keep_late(struct sim *s, int to, const char *const *word)
{
    struct sim_late *l = ARENA_NEW(s->c->arena, struct sim_late);
    *l = (struct sim_late){.next = s->late, .to = to};
    for (size_t i = 0; i < 4; i++)
        l->word[i] = arena_text(s->c->arena, word[i]);
    s->late = l;
    s->n_late++;
}

void sim_deliver_late(struct sim *s)
{
    struct sim_late **p = &s->late;
    for (uint64_t skip = s->n_late ? sim_dice(s, s->n_late) : 0; *p && skip; skip--)
        p = &(*p)->next;
    struct sim_late *l = *p;
    if (!l || !s->node[l->to].up || s->node[l->to].busy)
        return;
    *p = l->next;
    s->n_late--;
    s->counts.late++;
    bool heard = hand_over(s, l->to, l->word);
    sim_say(s, "a late message reaches %s: %s", s->node[l->to].n->name, heard ? "answered" : "-");
}

static enum sim_fate carry(struct sim *s, int from, int to, const struct sim_frame *f)
{
    const char *word[] = {f->word[1], f->word[2], cert_of(s, from), f->word[3]};
    if (to < 0 || !s->node[to].up || s->node[to].busy || sim_chance(s, 6)) {
        s->counts.lost_messages++;
        return FATE_NOT_SENT;
    }
    if (sim_chance(s, 4)) { /* on its way for longer than anybody waits */
        keep_late(s, to, word);
        return FATE_TIMEOUT;
    }
    if (sim_chance(s, 6)) {
        keep_late(s, to, word);
        s->counts.doubled++;
    }
    if (!hand_over(s, to, word))
        return FATE_BROKEN;
    if (sim_chance(s, 5)) {
        s->counts.lost_answers++;
        return FATE_BROKEN;
    }
    return FATE_ANSWERED;
}

static bool send_on(struct sim *s, int from, const struct sim_frame *f)
{
    int to = node_at(s, f->word[0]);
    s->node[from].busy = true;
    enum sim_fate fate = carry(s, from, to, f);
    s->node[from].busy = false;
    sim_say(s, "%s asks %s: fate %d", s->node[from].n->name, to < 0 ? "?" : s->node[to].n->name,
            (int)fate);
    s->now_us += (int64_t)sim_dice(s, 20) * 1000;
    struct sim_frame r = {.kind = SIM_RESULT, .now_us = s->now_us + s->skew_us[from], .a = fate};
    if (fate == FATE_ANSWERED) {
        r.b = awaited.f.a;
        memcpy(r.word, (const char *[]){awaited.f.word[2], awaited.f.word[3], awaited.f.word[4]},
               3 * sizeof(const char *));
        r.n = 3;
    }
    trace_frame(s, from, &r);
    return sim_put(s->node[from].fd, &r);
}

/* ---- orders ---- */

struct sim_frame sim_order(struct sim *s, int i, struct sim_frame f)
{
    struct sim_node *n = &s->node[i];
    struct sim_frame got;
    if (!n->up)
        return (struct sim_frame){.kind = SIM_ANSWER};
    f.now_us = s->now_us + s->skew_us[i];
    trace_frame(s, i, &f);
    bool good = sim_put(n->fd, &f);
    while (good && (good = sim_get(n->fd, s->c->arena, &got))) {
        trace_frame(s, i, &got);
        if (got.kind == SIM_DONE)
            return got;
        if (got.kind == SIM_SEND)
            good = send_on(s, i, &got);
        else if (got.who < 0 && got.who == awaited.number) {
            awaited.there = true;
            awaited.f = got;
        } else if (got.who >= 0)
            sim_answered(s, &got);
    }
    buried(s, i);
    return (struct sim_frame){.kind = SIM_ANSWER};
}
