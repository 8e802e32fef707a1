/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of base/ share: a context, a folder of their own, deaths observed from outside. */
#ifndef DINH_BASE_TEST_SUPPORT_H
#define DINH_BASE_TEST_SUPPORT_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/ctx.h"
#include "base/sys.h"

/* A context with an arena of its own; the test ends it with ctx_end. */
static inline struct ctx ctx_begin(void)
{
    return (struct ctx){.arena = arena_new(0), .request_id = "-"};
}

static inline void ctx_end(struct ctx *c)
{
    arena_end(c->arena);
}

/* Checks that the last fault is this one, and forgets all. */
static inline void expect_fault(struct ctx *c, enum err want, const char *field)
{
    assert_true(c->n_faults > 0);
    const struct fault *f = &c->faults[c->n_faults - 1];
    assert_int_equal(f->err, want);
    assert_string_equal(f->field, field);
    ctx_clear_faults(c);
}

/* Runs f in a child with a silent stderr; gives its wait status. */
static inline int status_of(void (*f)(void))
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int silent = open("/dev/null", O_WRONLY);
        dup2(silent, STDERR_FILENO);
        f();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static inline bool dies_of(int signal, void (*f)(void))
{
    int status = status_of(f);
    return WIFSIGNALED(status) && WTERMSIG(status) == signal;
}

static inline char *folder_begin(void)
{
    char *path = strdup("/tmp/dinh-base-test.XXXXXX");
    assert_non_null(mkdtemp(path));
    return path;
}

static inline void folder_end(char *path)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    assert_int_equal(system(command), 0);
    free(path);
}

#endif
