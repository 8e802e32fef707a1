/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small processes that do one risky thing for us: hold keys, parse strangers' files. main() calls
 * children_begin() first, while the process is small and has one thread; that makes a starter, a
 * copy of us that does nothing but fork children, so that the node itself never forks, not even
 * from inside its sandbox. A child answers requests over one socket pair, one at a time.
 *
 *   node --START + socket--> starter --fork--> child: begin(hello), confine(), then answer() ...
 *   node <==================== requests and answers ====================> child
 *
 * Frames: length (4 bytes, little-endian), then so many bytes; caps on both sides. An answer's
 * first byte tells if it is an error. A child that ends, says nonsense or is late is killed and
 * started anew at the next request, at most CHILD_BURST times at once and one a second after that.
 * Children die with the node (end of file, PDEATHSIG); they hold no other descriptor but stderr,
 * dump no core, and SIGINT, SIGTERM and SIGHUP don't end them: the node does when it is done.
 */
#ifndef DINH_BASE_CHILD_H
#define DINH_BASE_CHILD_H

#include "base/buf.h"
#include "base/ctx.h"

#define CHILD_BURST 8

struct child_wish {
    const char *name;                           /* "keeper": in logs, metrics, ps; 10 characters */
    size_t max_request_bytes, max_answer_bytes; /* at most 64 MiB each */
    int64_t begin_us, deadline_us;              /* how long begin() and one answer may take */
    int batch; /* requests of several threads that go in one message (1: a crash costs one alone) */
    int again; /* how often a request whose child died is asked again before it fails */
    /* ---- in the child ---- */
    /* With all descriptors shut and nothing forbidden yet. What it puts in out is hello's answer;
       an error ends the child and is child_start()'s. */
    enum err (*begin)(struct ctx *c, struct bytes hello, struct buf *out);
    bool (*confine)(void); /* false ends the child; NULL: none */
    /* An error is the asker's. c->arena is emptied after each message. */
    enum err (*answer)(struct ctx *c, struct bytes in, struct buf *out);
};

/* ---- once, first in main() ---- */
/* wishes (at most 8) live as long as the process. False: no starter, child_start() will fail. */
bool children_begin(const struct child_wish *const *wishes, size_t n);
bool children_can(void); /* is there a starter */
void children_end(void); /* for tests: all children and the starter are gone when it returns */

/* ---- in the node ---- */
struct child;
/* hello is kept and said again at each restart; ret_answer is the first begin()'s. ERR_CHILD, or
   begin()'s own error. */
MUST_CHECK enum err child_start(struct ctx *c, const struct child_wish *w, struct bytes hello,
                                struct child **ret_child, struct bytes *ret_answer);
/* From any thread. ERR_CHILD (503) when the child was lost on the way, or couldn't be started;
   ERR_TOO_LONG when in is over the cap; else the child's own error. */
MUST_CHECK enum err child_ask(struct ctx *c, struct child *ch, struct bytes in,
                              struct bytes *ret_answer);
/* Several requests of one thread in as few messages as may be; all, or the first error. */
MUST_CHECK enum err child_ask_all(struct ctx *c, struct child *ch, const struct bytes *in, size_t n,
                                  struct bytes *ret_answers);
void child_end(struct child *ch); /* ends the process too */
enum { CHILDREN_MAX = 16 };       /* that run at a time */
/* What /metrics shows. asked counts requests; messages is how many messages they took. */
struct child_stats {
    const char *name;
    int64_t asked, messages, starts, lost;
};
/* A row for each name, of all that run or ran; returns how many. */
size_t child_stats(struct child_stats *ret, size_t max);

/* One frame out of what came: 1 and the span within in; 0 when more must come; -1 when its length
   is over max. */
UNTRUSTED MUST_CHECK int child_frame(struct bytes in, size_t max, struct bytes *ret);
/* An answer as it came: its bytes, or the error it carries. Nonsense is ERR_CHILD. */
UNTRUSTED MUST_CHECK enum err child_answer_read(struct ctx *c, struct bytes frame,
                                                struct bytes *ret);

#endif
