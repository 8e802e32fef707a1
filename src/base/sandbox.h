/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process gives up once it holds what it needs. The node closes itself in two steps, since a
 * Landlock domain holds for the calling thread and those it makes, seccomp for all at once:
 *   sandbox_reach()  before the first thread: no core dumps, not dumpable, no new privileges;
 *                    files and TCP ports of the plan, nothing else (Landlock)
 *   sandbox_calls()  when all is open: the system calls a running node makes (seccomp)
 * Nothing of this can be taken back. What the kernel lacks is left out and told by sandbox_level();
 * what it has but refuses is an error. Landlock by version: 1 files, 3 truncation, 4 TCP ports,
 * 6 signals and abstract sockets.
 */
#ifndef DINH_BASE_SANDBOX_H
#define DINH_BASE_SANDBOX_H

#include "base/ctx.h"

enum sandbox_access {
    SANDBOX_READ,  /* a file, or all below a folder; never to be run */
    SANDBOX_WRITE, /* and made, changed, removed there; no device, no link */
    SANDBOX_SOCKET /* a folder in which a Unix socket of ours is made and removed */
};
struct sandbox_path {
    const char *path; /* passed over when it isn't there */
    enum sandbox_access access;
};
struct sandbox_plan {
    const struct sandbox_path *paths;
    size_t n_paths;
    const uint16_t *connect_ports, *bind_ports; /* TCP; the kernel knows no addresses here */
    size_t n_connect, n_bind;
};
/* ERR_SANDBOX names the step and the errno. */
MUST_CHECK enum err sandbox_reach(struct ctx *c, const struct sandbox_plan *p);
MUST_CHECK enum err sandbox_calls(struct ctx *c);

/* For a child that only answers over descriptors it holds: both steps at once. It keeps read,
   write, their socket forms and poll, what memory, locks, clock, randomness and ending need, and
   the calls named in more (NULL-terminated, or NULL; "clone" means threads). No file, socket,
   process, thread, no code made or loaded: what has to be loaded is loaded before. A forbidden call
   ends it (SIGSYS). False when the kernel refused a step that it has. */
MUST_CHECK bool sandbox_child(const char *const *more);

/* ---- what holds ---- */
enum sandbox_part {
    SANDBOX_PRIVATE, /* no core dump, memory not to be read by others of the same user */
    SANDBOX_NO_PRIVILEGES,
    SANDBOX_FILES,
    SANDBOX_TRUNCATE,
    SANDBOX_TCP,
    SANDBOX_SCOPE, /* no signal to, no abstract socket of, a process outside */
    SANDBOX_CALLS,
    SANDBOX_PARTS
};
bool sandbox_holds(enum sandbox_part part); /* in this process */
/* "full"; "reduced" when the kernel lacks a part; "off" before sandbox_calls(). */
const char *sandbox_level(void);
int sandbox_landlock_version(void); /* of this kernel; 0: none, or switched off */

/* ---- the proof ---- */
enum sandbox_act {
    SANDBOX_ACT_PASSWD,  /* open /etc/passwd */
    SANDBOX_ACT_WRITE,   /* make a file in /tmp, outside the data folder */
    SANDBOX_ACT_EXECVE,  /* start a program */
    SANDBOX_ACT_FORK,    /* make a process */
    SANDBOX_ACT_PTRACE,  /* let oneself be traced */
    SANDBOX_ACT_CONNECT, /* to a TCP port that isn't in the plan */
    SANDBOX_ACT_BIND,    /* the same */
    SANDBOX_ACT_CODE,    /* memory that can be run */
    SANDBOX_ACT_SIGNAL,  /* to a process that isn't ours */
    SANDBOX_ACT_DUMP,    /* leave a core dump */
    SANDBOX_ACT_CALL,    /* a system call that isn't on the list: memfd_create */
    SANDBOX_ACTS
};
enum sandbox_answer {
    SANDBOX_DENIED,
    SANDBOX_ALLOWED,
    SANDBOX_UNKNOWN /* the probe couldn't be made */
};
/* Each act tried in a child of its own, closed as the plan says; NULL: not closed at all, all are
   allowed. For a process with one thread. */
void sandbox_prove(struct ctx *c, const struct sandbox_plan *p,
                   enum sandbox_answer ret[SANDBOX_ACTS]);
const char *sandbox_act_name(enum sandbox_act act); /* "execve" */
/* True when the kernel can't deny it: then allowed is no fault of ours. */
bool sandbox_beyond_kernel(enum sandbox_act act);
bool sandbox_beyond_build(enum sandbox_act act); /* allowed to a sanitizer, never in a release */

#endif
