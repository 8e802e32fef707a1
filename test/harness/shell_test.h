/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of a test's own and other people's tools. */
#ifndef DINH_TEST_HARNESS_SHELL_TEST_H
#define DINH_TEST_HARNESS_SHELL_TEST_H

#include "base/ctx.h"

/* An empty folder in TMPDIR, else in /tmp; its path lives in c's arena. */
char *test_dir(struct ctx *c);
void test_dir_end(const char *dir); /* removes it with all that lies in it */
/* Runs a shell command; gives its exit status (-1: a signal) and what it wrote, errors too. */
int test_run(struct ctx *c, const char *command, char **ret_out);

#endif
