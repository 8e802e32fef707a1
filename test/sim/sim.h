/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulator: three nodes and their clients, one seed, one order of things. A node is a process
 * without threads that does what it is told and then waits (db/by_hand.h, web_step(),
 * jobs_run_due()): of all processes one runs at a time, and which one, what it does, what it hears
 * and when its power goes is drawn from the seed. Clock, randomness (OpenSSL's too) and network are
 * the simulator's. The same seed gives the same frames, byte by byte: their hash is the trace.
 */
#ifndef DINH_TEST_SIM_H
#define DINH_TEST_SIM_H

#include "app/app.h"

#define SIM_NODES 3
#define SIM_WORDS 12
#define SIM_BROKE 89 /* the exit status of a node whose disk failed: it ends, as in production */

enum sim_kind {              /* what the simulator tells a node, and what a node says */
                SIM_BEGIN,   /* a: seed; b: enum sim_control; opens its database */
                SIM_CALL,    /* number `who`: method, path, cookies, token, key, body */
                SIM_MESSAGE, /* number `who` of another node: head, signature, certificate
                                (base64url), body */
                SIM_STEP,    /* one batch of the writer, or one request that waits for a thread */
                SIM_JOBS,    /* all that is due */
                SIM_RESULT,  /* of a SIM_SEND: a: enum sim_fate, b: status; head, signature, body */
                SIM_CUT,     /* a: after so many changes of its disk, 0: never, -1: now; b: seed */
                SIM_ARM,     /* a plan of faults (base/sys.h) */
                SIM_TELL,   /* what its database says, in lines; word: what others hold of its trail
                             */
                SIM_CLOSE,  /* closes its database as a node does that is stopped */
                SIM_PEOPLE, /* makes the accounts of the clients */
                SIM_ANSWER, /* to call or message `who`: a: status; cookie, location, head,
                               signature, body */
                SIM_SEND,   /* to another node: url, head, signature, body; waits for SIM_RESULT */
                SIM_DONE /* a: enum err, or for SIM_STEP whether there was anything to do; words */
};
enum sim_fate { FATE_ANSWERED, FATE_NOT_SENT, FATE_BROKEN, FATE_TIMEOUT };

/* Broken on purpose: every seed must still be played, and enough of them turn red. */
enum sim_control { CONTROL_NONE, CONTROL_LIES, CONTROL_FORGETS };

struct sim_frame {
    int32_t kind, who;
    int64_t now_us, a, b;
    const char *word[SIM_WORDS]; /* never NULL once read */
    size_t n;
};
/* ---- sim_wire.c: false when the other end is gone ---- */
bool sim_put(int fd, const struct sim_frame *f);
bool sim_get(int fd, struct arena *a, struct sim_frame *ret);

/* ---- people at their browsers ---- */
struct sim_person {
    const char *name, *role, *unit;
    const char *key; /* of demo_people.json: a citizen; NULL: an official */
};
extern const struct sim_person sim_people[];
extern const size_t sim_n_people;
#define SIM_DOOR "/cua-thu" /* POST to it ?NUMBER of the person: a session; GET: its token */

/* ---- sim_node.c: a node's life; never returns ---- */
void sim_seed_all(uint64_t seed); /* base/sys and OpenSSL draw from it, from here on */
_Noreturn void sim_node(struct ctx *c, struct node *n, int fd);
/* ---- sim_tell.c: lines of what stands in the node's database, for sim_judge() ---- */
enum err sim_tell(struct ctx *c, const char *held, const char **ret_lines);

/* ---- sim_nodes.c: the nodes as the simulator sees them ---- */
struct sim_counts {
    int64_t events, acts, calls, again, cuts, kills, restarts, messages, lost_answers,
        lost_messages, doubled, late, leaps, steps, faults, broken;
};
struct sim {
    struct ctx *c; /* of this seed: its arena ends with it */
    uint64_t seed, dice, trace;
    int64_t now_us, skew_us[SIM_NODES];
    struct sim_node {
        struct node *n; /* as read from its folder; its process has the database */
        const char *dir;
        int pid, fd;
        bool up, busy; /* busy: waits for another node */
        int births;
    } node[SIM_NODES];
    struct sim_client *clients;
    size_t n_clients;
    int32_t n_calls;       /* of clients, counted upwards */
    int32_t n_sent;        /* messages, counted downwards */
    struct sim_late *late; /* messages on their way */
    size_t n_late;
    struct sim_book *book;
    struct sim_counts counts;
    bool calm; /* no faults: what remains is brought to its end */
    bool loud;
    enum sim_control control;
    const char *wrong; /* the first thing that doesn't hold; NULL */
};
/* Each seed begins elsewhere in one long sequence: their parts never meet. */
void sim_dice_begin(struct sim *s);
uint64_t sim_dice(struct sim *s, uint64_t below);
bool sim_chance(struct sim *s, int percent);
void sim_fail(struct sim *s, const char *fmt, ...) PRINTF_LIKE(2, 3); /* the first stays */
void sim_say(const struct sim *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
void sim_start(struct sim *s, int i);
void sim_kill(struct sim *s, int i);
/* Does it and gives the node's SIM_DONE; kind SIM_ANSWER: the node went down over it. */
struct sim_frame sim_order(struct sim *s, int i, struct sim_frame f);
void sim_deliver_late(struct sim *s);

/* ---- sim_clients.c ---- */
void sim_clients_begin(struct sim *s);
void sim_client_acts(struct sim *s, size_t i);
void sim_answered(struct sim *s, const struct sim_frame *f);
void sim_node_went(struct sim *s, int node); /* who waited for it hears nothing */
bool sim_clients_idle(const struct sim *s);
struct sim_frame sim_ask_now(struct sim *s, size_t i); /* the errand, until it is answered */
void sim_fill_drafts(struct sim *s); /* sim_drafts.c: while the template is made */
/* ---- sim_judge.c: what must hold at the end ---- */
void sim_judge(struct sim *s);

#endif
