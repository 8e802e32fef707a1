/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever started the node and looks after it, by the words of systemd (sd_notify(3),
 * sd_listen_fds(3)), without its library. Started by nobody who speaks them, all of it does
 * nothing. NOTIFY_SOCKET             where to say READY=1, STOPPING=1, WATCHDOG=1 WATCHDOG_USEC,
 * _PID       say WATCHDOG=1 more often than that, or be started anew LISTEN_FDS, _PID, _FDNAMES
 * sockets opened for us; they stay open while we are started anew, so that callers wait in line
 * instead of being refused
 */
#ifndef DINH_APP_SUPERVISOR_H
#define DINH_APP_SUPERVISOR_H

#include "core/module.h"

/* Takes what the environment says and clears it, so that no child speaks for us. Before the sandbox
   and before any thread. */
void supervisor_begin(void);
/* The socket handed over under that name (FileDescriptorName=); 0: none. */
int supervisor_socket(const char *name);
void supervisor_say(const char *state); /* "READY=1" */

/* Says WATCHDOG=1 only after a round in which the event loop answered a GET /healthz, the writer
   committed and a reader read; a round that hangs says nothing, and the supervisor ends us. An
   error that is answered (disk full) is alive. */
struct http_server;
MUST_CHECK enum err supervisor_watch(struct ctx *c, struct node *n, struct http_server *s);
void supervisor_watch_end(void);

#endif
