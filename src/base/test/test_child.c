/* SPDX-License-Identifier: Apache-2.0 */
/* Children answer, die, hang and lie; who asks gets an answer or an error, never another's. */
#include "test/harness/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/sys.h"
#include "base/text.h"

#define THREADS 8
#define ROUNDS  300
#define LONG_US 60000000

/* ---- what the children do ---- */

static enum err begin(struct ctx *c, struct bytes hello, struct buf *out)
{
    if (hello.len == 3 && memcmp(hello.ptr, "bad", 3) == 0)
        return fail(c, ERR_OUT_OF_RANGE, "hello", "1", "2");
    buf_text(out, "hello ");
    buf_add(out, hello.ptr, hello.len);
    return OK;
}

static void tell_state(struct buf *out)
{
    struct rlimit core;
    getrlimit(RLIMIT_CORE, &core);
    int fds = 0;
    for (int fd = 0; fd < 1024; fd++)
        fds += fcntl(fd, F_GETFD) >= 0;
    buf_printf(out, "fds %d core %d dump %d privileges %d", fds, (int)core.rlim_cur,
               prctl(PR_GET_DUMPABLE), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static enum err answer(struct ctx *c, struct bytes in, struct buf *out)
{
    const char *word = arena_text_n(c->arena, (const char *)in.ptr, in.len);
    if (text_eq(word, "crash"))
        raise(SIGKILL);
    if (text_eq(word, "hang"))
        for (;;)
            pause();
    if (text_eq(word, "refuse"))
        return fail(c, ERR_FORBIDDEN, "word", "đỏ");
    if (text_eq(word, "pid"))
        buf_int(out, getpid());
    else if (text_eq(word, "state"))
        tell_state(out);
    else if (text_eq(word, "large"))
        for (int i = 0; i < 200000; i++)
            buf_char(out, 'x');
    else
        buf_add(out, in.ptr, in.len);
    return OK;
}

#define WISH(wish_name, wish_batch, wish_again, deadline)                                          \
    {                                                                                              \
        .name = wish_name, .max_request_bytes = 300000, .max_answer_bytes = 100000,                \
        .begin_us = LONG_US, .deadline_us = deadline, .batch = wish_batch, .again = wish_again,    \
        .begin = begin, .answer = answer                                                           \
    }
static bool never(void)
{
    return false;
}
static const struct child_wish one = WISH("one", 1, 0, LONG_US),
                               hasty = WISH("hasty", 1, 0, 3000000),
                               firm = WISH("firm", 32, 3, LONG_US),
                               open_ = {.name = "open",
                                        .max_request_bytes = 10,
                                        .max_answer_bytes = 100,
                                        .begin_us = LONG_US,
                                        .deadline_us = LONG_US,
                                        .begin = begin,
                                        .confine = never,
                                        .answer = answer};
static const struct child_wish *const wishes[] = {&one, &hasty, &firm, &open_};

/* ---- the node's side ---- */

static struct child *begun(struct ctx *c, const struct child_wish *w)
{
    struct child *ch;
    struct bytes said;
    assert_int_equal(child_start(c, w, bytes_of("you"), &ch, &said), OK);
    assert_int_equal(said.len, 9);
    assert_memory_equal(said.ptr, "hello you", 9);
    return ch;
}

static enum err ask(struct ctx *c, struct child *ch, const char *word, const char **ret)
{
    struct bytes said = {NULL, 0};
    ctx_clear_faults(c);
    enum err e = child_ask(c, ch, bytes_of(word), &said);
    *ret = e ? "" : arena_text_n(c->arena, (const char *)said.ptr, said.len);
    return e;
}

static const char *asked(struct ctx *c, struct child *ch, const char *word)
{
    const char *said;
    assert_int_equal(ask(c, ch, word, &said), OK);
    return said;
}

static pid_t pid_of(struct ctx *c, struct child *ch)
{
    int64_t pid;
    assert_true(text_to_int(asked(c, ch, "pid"), &pid));
    return (pid_t)pid;
}

static struct child_stats named(const struct child_stats *rows, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (text_eq(rows[i].name, name))
            return rows[i];
    return (struct child_stats){.name = ""};
}

static struct child_stats at_begin[CHILDREN_MAX];
static size_t n_at_begin;

/* Since the test began. */
static struct child_stats stats(const char *name)
{
    struct child_stats all[CHILDREN_MAX];
    struct child_stats was = named(at_begin, n_at_begin, name);
    struct child_stats now = named(all, child_stats(all, CHILDREN_MAX), name);
    return (struct child_stats){.name = now.name,
                                .asked = now.asked - was.asked,
                                .messages = now.messages - was.messages,
                                .starts = now.starts - was.starts,
                                .lost = now.lost - was.lost};
}

static void with_ctx(void (*body)(struct ctx *c))
{
    struct ctx c = {.arena = arena_new(0)};
    n_at_begin = child_stats(at_begin, CHILDREN_MAX);
    body(&c);
    arena_end(c.arena);
}

static void answers(struct ctx *c)
{
    const char *said;
    struct child *ch = begun(c, &one);
    assert_string_equal(asked(c, ch, "echo"), "echo");
    assert_string_equal(asked(c, ch, ""), "");
    assert_int_equal(ask(c, ch, "refuse", &said), ERR_FORBIDDEN);
    assert_string_equal(c->faults[0].field, "word");
    assert_string_equal(c->faults[0].args[0], "đỏ");
    assert_int_equal(ask(c, ch, "large", &said), ERR_TOO_LONG); /* over its cap */
    struct buf b = buf_new(c->arena, 400000);
    for (int i = 0; i < 90000; i++)
        buf_char(&b, (char)('a' + i % 26));
    assert_string_equal(asked(c, ch, b.ptr), b.ptr);
    for (int i = 0; i < 220000; i++)
        buf_char(&b, 'z');
    assert_int_equal(ask(c, ch, b.ptr, &said), ERR_TOO_LONG); /* over ours: nothing is sent */
    assert_string_equal(asked(c, ch, "still here"), "still here");
    assert_int_equal(stats("one").starts, 1);
    child_end(ch);
}

static void test_child_answers(void **state)
{
    (void)state;
    with_ctx(answers);
}

static void keeps_nothing(struct ctx *c)
{
    struct child *ch = begun(c, &one);
    int fd = open("/dev/null", O_RDONLY); /* even one that would outlive an exec */
    assert_true(fd >= 0);
    assert_string_equal(asked(c, ch, "state"), "fds 4 core 0 dump 0 privileges 1");
    close(fd);
    child_end(ch);
}

static void test_child_holds_no_descriptor(void **state)
{
    (void)state;
    with_ctx(keeps_nothing);
}

static void refused(struct ctx *c)
{
    struct child *ch;
    struct bytes said;
    assert_int_equal(child_start(c, &one, bytes_of("bad"), &ch, &said), ERR_OUT_OF_RANGE);
    assert_string_equal(c->faults[0].field, "hello");
    assert_string_equal(c->faults[0].args[1], "2");
    ctx_clear_faults(c);
    assert_int_equal(child_start(c, &open_, bytes_of("you"), &ch, &said), ERR_CHILD);
}

/* One that can't begin, or can't be confined, doesn't serve. */
static void test_child_that_cannot_begin(void **state)
{
    (void)state;
    with_ctx(refused);
}

static void crash_and_hang(struct ctx *c)
{
    const char *said;
    struct child *ch = begun(c, &one), *late = begun(c, &hasty);
    pid_t before = pid_of(c, ch);
    assert_int_equal(ask(c, ch, "crash", &said), ERR_CHILD);
    assert_string_equal(asked(c, ch, "anew"), "anew");
    assert_int_not_equal(pid_of(c, ch), before);
    assert_int_equal(stats("one").starts, 2);
    assert_int_equal(stats("one").lost, 1);
    before = pid_of(c, late);
    assert_int_equal(ask(c, late, "hang", &said), ERR_CHILD);
    assert_string_equal(asked(c, late, "anew"), "anew");
    assert_int_equal(kill(before, 0), -1); /* the one that hung is gone */
    child_end(ch);
    child_end(late);
}

static void test_child_crash_costs_one_request(void **state)
{
    (void)state;
    with_ctx(crash_and_hang);
}

static void bounded(struct ctx *c)
{
    const char *said;
    struct child *ch = begun(c, &one);
    int refusals = 0;
    int64_t begun_us = sys_mono_us();
    for (int i = 0; i < 4 * CHILD_BURST; i++)
        refusals += ask(c, ch, "crash", &said) == ERR_CHILD;
    assert_int_equal(refusals, 4 * CHILD_BURST);
    int64_t seconds = (sys_mono_us() - begun_us) / 1000000;
    assert_in_range(stats("one").starts, 2, CHILD_BURST + 1 + seconds);
    int64_t until = sys_mono_us() + LONG_US; /* and it comes back by itself */
    while (ask(c, ch, "echo", &said) && sys_mono_us() < until)
        usleep(50000);
    assert_string_equal(said, "echo");
    child_end(ch);
}

static void test_child_is_not_started_for_ever(void **state)
{
    (void)state;
    with_ctx(bounded);
}

/* ---- several threads, and a killer ---- */

struct asker {
    struct child *ch;
    int number, good;
};

static void *many(void *arg)
{
    struct asker *a = arg;
    struct ctx c = {.arena = arena_new(0)};
    for (int i = 0; i < ROUNDS; i++) {
        const char *said, *word = arena_printf(c.arena, "%d of %d", i, a->number);
        a->good += ask(&c, a->ch, word, &said) == OK && text_eq(said, word);
        arena_reset(c.arena);
    }
    arena_end(c.arena);
    return NULL;
}

static int all_ask(struct child *ch, void (*meanwhile)(struct child *ch))
{
    pthread_t threads[THREADS];
    struct asker askers[THREADS];
    int good = 0;
    for (int i = 0; i < THREADS; i++) {
        askers[i] = (struct asker){ch, i, 0};
        pthread_create(&threads[i], NULL, many, &askers[i]);
    }
    if (meanwhile)
        meanwhile(ch);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        good += askers[i].good;
    }
    return good;
}

static void kill_some(struct child *ch)
{
    struct ctx c = {.arena = arena_new(0)};
    for (int i = 0; i < 4; i++)
        kill(pid_of(&c, ch), SIGKILL);
    arena_end(c.arena);
}

static void threads(struct ctx *c)
{
    struct child *ch = begun(c, &firm);
    struct bytes in[100], out[100];
    assert_int_equal(all_ask(ch, NULL), THREADS * ROUNDS);
    struct child_stats s = stats("firm");
    assert_int_equal(s.asked, THREADS * ROUNDS);
    assert_int_equal(s.starts, 1);
    for (size_t i = 0; i < 100; i++)
        in[i] = bytes_of(arena_printf(c->arena, "n%zu", i));
    assert_int_equal(child_ask_all(c, ch, in, 100, out), OK);
    for (size_t i = 0; i < 100; i++)
        assert_true(bytes_equal_secret(in[i], out[i]));
    assert_int_equal(stats("firm").messages - s.messages, 4); /* 100 in messages of 32 */
    child_end(ch);
}

static void test_child_many_threads(void **state)
{
    (void)state;
    with_ctx(threads);
}

static void killed(struct ctx *c)
{
    struct child *ch = begun(c, &firm);
    assert_int_equal(all_ask(ch, kill_some), THREADS * ROUNDS);
    assert_string_equal(asked(c, ch, "once more"), "once more"); /* the last kill may be unseen */
    assert_int_equal(stats("firm").starts, 1 + 4);
    child_end(ch);
}

/* kill -9 under load: as many restarts as kills, and no request lost or answered with another's. */
static void test_child_killed_under_load(void **state)
{
    (void)state;
    with_ctx(killed);
}

/* ---- they die with the node ---- */

static bool is_gone(pid_t pid)
{
    int64_t until = sys_mono_us() + LONG_US;
    while (kill(pid, 0) == 0 && sys_mono_us() < until)
        usleep(1000);
    return kill(pid, 0) != 0 && errno == ESRCH;
}

static void die_with_node(struct ctx *c)
{
    int told[2];
    assert_int_equal(pipe(told), 0);
    children_end();
    pid_t node = fork();
    if (node == 0) {
        struct child *ch = NULL;
        struct bytes said;
        const char *number = "";
        pid_t pid = 0;
        if (children_begin(wishes, ARRAY_LEN(wishes)) &&
            child_start(c, &one, bytes_of("you"), &ch, &said) == OK && !ask(c, ch, "pid", &number))
            pid = (pid_t)strtol(number, NULL, 10);
        (void)!write(told[1], &pid, sizeof pid);
        for (;;)
            pause();
    }
    pid_t pid = 0;
    assert_int_equal(read(told[0], &pid, sizeof pid), sizeof pid);
    assert_true(pid > 0);
    assert_int_equal(kill(pid, 0), 0);
    kill(node, SIGKILL);
    waitpid(node, NULL, 0);
    assert_true(is_gone(pid));
    close(told[0]);
    close(told[1]);
    assert_true(children_begin(wishes, ARRAY_LEN(wishes)));
}

static void test_child_dies_with_the_node(void **state)
{
    (void)state;
    with_ctx(die_with_node);
}

static void orderly(struct ctx *c)
{
    struct child *ch = begun(c, &one);
    pid_t pid = pid_of(c, ch);
    kill(pid, SIGTERM); /* the node's to end */
    assert_string_equal(asked(c, ch, "echo"), "echo");
    assert_int_equal(pid_of(c, ch), pid);
    child_end(ch);
    assert_true(is_gone(pid));
}

static void test_child_ends(void **state)
{
    (void)state;
    with_ctx(orderly);
}

int main(void)
{
    if (!children_begin(wishes, ARRAY_LEN(wishes)))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_child_answers),
        cmocka_unit_test(test_child_holds_no_descriptor),
        cmocka_unit_test(test_child_that_cannot_begin),
        cmocka_unit_test(test_child_crash_costs_one_request),
        cmocka_unit_test(test_child_is_not_started_for_ever),
        cmocka_unit_test(test_child_many_threads),
        cmocka_unit_test(test_child_killed_under_load),
        cmocka_unit_test(test_child_dies_with_the_node),
        cmocka_unit_test(test_child_ends),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    children_end();
    return failed;
}
