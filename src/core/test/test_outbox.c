/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves the node: once, in order, again after a failure, never for a business refusal. */
#include "test/harness/unit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/jobs.h"
#include "core/outbox.h"
#include "test/harness/node_test.h"

/* The other side, scripted: what it says to the next call, what it has seen. */
static struct {
    enum err fails;
    int status;
    enum err answered_fails;
    int sends, answers;
    char seen[4096]; /* "what/body;" of each item sent */
    char client[32];
} peer;

static enum err peer_send(struct ctx *c, const struct outbox_item *item, int *ret_status,
                          struct bytes *ret_answer)
{
    assert_null(c->tx);
    assert_int_equal(c->actor->kind, ACTOR_SYSTEM);
    assert_string_equal(c->actor->unit, item->from);
    peer.sends++;
    snprintf(peer.client, sizeof peer.client, "%s", item->from);
    size_t len = strlen(peer.seen);
    snprintf(peer.seen + len, sizeof peer.seen - len, "%s/%.*s;", item->what, (int)item->body.len,
             (const char *)item->body.ptr);
    if (peer.fails)
        return fail(c, peer.fails, item->to);
    *ret_status = peer.status;
    *ret_answer = bytes_of("{}");
    return OK;
}

static enum err peer_answered(struct ctx *c, const struct outbox_item *item, int status,
                              struct bytes answer)
{
    assert_non_null(c->tx);
    assert_int_equal(status, peer.status);
    assert_int_equal(answer.len, 2);
    if (peer.answered_fails)
        return fail(c, peer.answered_fails, item->id);
    peer.answers++;
    return OK;
}

static void peer_is(enum err fails, int status)
{
    memset(&peer, 0, sizeof peer);
    peer.fails = fails;
    peer.status = status;
    outbox_channel("test", peer_send, peer_answered);
}

static enum err put_work(struct ctx *c, void *arg)
{
    struct outbox_item *item = arg;
    return outbox_put(c, item, &item->id);
}

static const char *put(struct node_world *w, const char *to, const char *what, const char *key,
                       const char *body)
{
    struct outbox_item item = {.channel = "test",
                               .to = to,
                               .what = what,
                               .matter = "M1",
                               .purpose = "birth",
                               .order_key = key,
                               .body = bytes_of(body)};
    assert_int_equal(do_write(w, put_work, &item), OK);
    return item.id;
}

static void round_now(struct node_world *w)
{
    ctx_clear_faults(w->c);
    w->c->now_us = sys_now_us();
    assert_int_equal(outbox_run(w->c), OK);
}

struct asked {
    enum outbox_state state;
    const char *before;
    struct outbox_item items[50];
    size_t n;
};

static enum err list_work(struct ctx *c, void *arg)
{
    struct asked *a = arg;
    return outbox_list(c, a->state, a->before, a->items, 50, &a->n);
}

static size_t count(struct node_world *w, enum outbox_state state, struct outbox_item *ret_first)
{
    struct asked a = {.state = state, .before = ""};
    assert_int_equal(do_read(w, list_work, &a), OK);
    if (ret_first && a.n)
        *ret_first = a.items[0];
    return a.n;
}

static enum err resend_work(struct ctx *c, void *arg)
{
    return outbox_resend(c, arg);
}

static enum err blob_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct bytes *)arg = row_blob(r, 0);
    return OK;
}

static enum err stored_body(struct ctx *c, void *arg)
{
    bool found;
    return db_one(c, &found, blob_row, arg, "SELECT body FROM core_outbox");
}

static void body_delivered(struct node_world *w, void *arg)
{
    (void)arg;
    struct outbox_item item;
    struct bytes stored;
    peer_is(OK, 200);
    put(w, "G01", "population.assign", "M1", "Nguyễn");
    assert_int_equal(do_read(w, stored_body, &stored), OK);
    assert_null(memmem(stored.ptr, stored.len, "Nguy", 4)); /* sealed while it waits */
    round_now(w);
    assert_int_equal(peer.sends, 1);
    assert_int_equal(peer.answers, 1);
    assert_string_equal(peer.seen, "population.assign/Nguyễn;");
    assert_string_equal(peer.client, "H57");
    assert_int_equal(count(w, OUTBOX_WAITING, NULL), 0);
    assert_int_equal(count(w, OUTBOX_DONE, &item), 1);
    assert_int_equal(item.status, 200);
    assert_int_equal(do_read(w, stored_body, &stored), OK);
    assert_int_equal(stored.len, 0); /* nothing personal stays behind */
    round_now(w);
    assert_int_equal(peer.sends, 1);
}

static void body_refused(struct node_world *w, void *arg)
{
    (void)arg;
    struct outbox_item item;
    peer_is(OK, 409);
    const char *id = put(w, "G01", "a", "M1", "1");
    put(w, "G01", "b", "M1", "2");
    round_now(w);
    assert_string_equal(peer.seen, "a/1;b/2;"); /* a refusal is an answer: the next one goes */
    assert_int_equal(count(w, OUTBOX_REFUSED, &item), 2);
    assert_int_equal(item.status, 409);
    clock_by(w, 2 * DAY_US);
    round_now(w);
    assert_int_equal(peer.sends, 2);
    assert_int_equal(do_write(w, resend_work, (void *)(uintptr_t)id), ERR_NOT_FOUND);
}

static void body_retried(struct node_world *w, void *arg)
{
    (void)arg;
    struct outbox_item item;
    int64_t before = 0;
    peer_is(ERR_NET_CONNECT, 200);
    put(w, "G24", "a", "M1", "1");
    for (int i = 0; i < 12; i++) {
        round_now(w);
        assert_int_equal(peer.sends, i + 1);
        round_now(w); /* not before its time */
        assert_int_equal(peer.sends, i + 1);
        assert_int_equal(count(w, OUTBOX_WAITING, &item), 1);
        assert_int_equal(item.attempts, i + 1);
        assert_string_equal(item.last_error, "ERR_NET_CONNECT");
        int64_t pause = item.next_try_us - sys_now_us();
        assert_true(pause >= 4 * SECOND_US && pause <= 72 * MINUTE_US);
        assert_true(i == 0 || i > 9 || pause > before);
        before = pause;
        clock_by(w, pause);
    }
    peer.fails = OK;
    round_now(w);
    assert_int_equal(count(w, OUTBOX_DONE, NULL), 1);
    assert_int_equal(peer.answers, 1);
}

/* The insurance node is down for two days: filed meanwhile, delivered once when it is back. */
static void body_two_days(struct node_world *w, void *arg)
{
    (void)arg;
    peer_is(ERR_NET_CONNECT, 200);
    for (int hour = 0; hour < 48; hour++) {
        if (hour % 8 == 0)
            put(w, "G24", "a", "", arena_printf(w->c->arena, "%d", hour));
        round_now(w);
        clock_by(w, HOUR_US);
    }
    int tries = peer.sends;
    assert_true(tries < 6 * 48); /* one knock for all that waits, not one each */
    assert_int_equal(count(w, OUTBOX_WAITING, NULL), 6);
    memset(peer.seen, 0, sizeof peer.seen);
    peer.fails = OK;
    clock_by(w, HOUR_US + HOUR_US / 4);
    round_now(w);
    assert_int_equal(peer.sends, tries + 6);
    assert_int_equal(count(w, OUTBOX_DONE, NULL), 6);
    round_now(w);
    assert_int_equal(peer.sends, tries + 6);
}

static void body_order(struct node_world *w, void *arg)
{
    (void)arg;
    peer_is(ERR_JSON, 200); /* no fault of the line: only this item's key waits */
    put(w, "G01", "a", "K", "1");
    put(w, "G01", "b", "K", "2");
    put(w, "G01", "c", "L", "3");
    put(w, "G01", "d", "", "4");
    round_now(w);
    assert_string_equal(peer.seen, "a/1;c/3;d/4;");
    memset(peer.seen, 0, sizeof peer.seen);
    peer.fails = OK;
    clock_by(w, MINUTE_US);
    round_now(w);
    const char *a = strstr(peer.seen, "a/1;"), *b = strstr(peer.seen, "b/2;");
    assert_true(a && b && a < b);
    assert_int_equal(strlen(peer.seen), 16);
}

static void body_dead(struct node_world *w, void *arg)
{
    (void)arg;
    struct outbox_item item;
    peer_is(ERR_NET_TIMEOUT, 200);
    put(w, "G24", "a", "K", "1");
    put(w, "G24", "b", "K", "2");
    int64_t since_us = sys_now_us();
    while (count(w, OUTBOX_DEAD, NULL) == 0 && sys_now_us() - since_us < 9 * DAY_US) {
        clock_by(w, HOUR_US + HOUR_US / 4);
        round_now(w);
    }
    assert_int_equal(count(w, OUTBOX_DEAD, &item), 1);
    assert_string_equal(item.what, "a");
    /* seven days, not an hour less; told at the next try */
    assert_true(sys_now_us() - since_us > 7 * DAY_US);
    assert_true(sys_now_us() - since_us <= 7 * DAY_US + 2 * HOUR_US);
    int sends = peer.sends;
    peer.fails = OK;
    clock_by(w, DAY_US);
    round_now(w);
    assert_int_equal(peer.sends, sends); /* given up, and what follows it waits */
    assert_int_equal(do_write(w, resend_work, (void *)(uintptr_t)item.id), OK);
    memset(peer.seen, 0, sizeof peer.seen);
    round_now(w);
    assert_string_equal(peer.seen, "a/1;b/2;");
    assert_int_equal(count(w, OUTBOX_DONE, NULL), 2);
}

static void body_not_marked(struct node_world *w, void *arg)
{
    (void)arg;
    struct outbox_item item;
    peer_is(OK, 200);
    peer.answered_fails = ERR_CONFLICT;
    put(w, "G01", "a", "K", "1");
    round_now(w);
    assert_int_equal(peer.answers, 0);
    assert_int_equal(count(w, OUTBOX_WAITING, &item), 1);
    assert_string_equal(item.last_error, "ERR_CONFLICT");
    peer.answered_fails = OK;
    clock_by(w, MINUTE_US);
    round_now(w);
    assert_int_equal(peer.sends, 2); /* the same item again; the receiver knows its id */
    assert_int_equal(peer.answers, 1);
}

static enum err put_and_fail(struct ctx *c, void *arg)
{
    enum err e = put_work(c, arg);
    return e ? e : fail(c, ERR_CONFLICT, "x");
}

static void body_rolled_back(struct node_world *w, void *arg)
{
    (void)arg;
    struct outbox_item item = {.channel = "test", .to = "G01", .what = "a", .body = bytes_of("1")};
    peer_is(OK, 200);
    assert_int_equal(do_write(w, put_and_fail, &item), ERR_CONFLICT);
    round_now(w);
    assert_int_equal(peer.sends, 0);
}

static void body_fault_points(struct node_world *w, void *arg)
{
    (void)arg;
    peer_is(OK, 200);
    put(w, "G01", "a", "K", "1");
    if (!sys_fault_arm("point:outbox.send.before:1:fail"))
        return; /* a release build has none */
    round_now(w);
    assert_int_equal(peer.sends, 0);
    clock_by(w, MINUTE_US);
    assert_true(sys_fault_arm("point:outbox.send.after:1:fail"));
    w->c->now_us = sys_now_us();
    assert_int_equal(outbox_run(w->c), ERR_IO);
    assert_int_equal(peer.sends, 1);
    assert_int_equal(peer.answers, 0); /* delivered, not marked: as after a crash */
    assert_true(sys_fault_arm(NULL));
    round_now(w);
    assert_int_equal(peer.sends, 2);
    assert_int_equal(peer.answers, 1);
}

/* With the job threads: put, and it is gone without anybody asking. */
static void body_woken(struct node_world *w, void *arg)
{
    (void)arg;
    struct jobs *j;
    peer_is(OK, 200);
    assert_int_equal(jobs_start(w->c, w->n, &j), OK);
    nanosleep(&(struct timespec){0, 50000000}, NULL);
    put(w, "G01", "a", "K", "1");
    int tries = 0; /* the clock stands still: only the waking can have sent it */
    while (count(w, OUTBOX_DONE, NULL) == 0 && tries++ < 6000)
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    jobs_stop(j);
    assert_int_equal(peer.answers, 1);
}

#define NODE_TEST(name)                                                                            \
    static void test_outbox_##name(void **state)                                                   \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(NULL, 0, body_##name, NULL);                                                     \
    }
NODE_TEST(delivered)
NODE_TEST(refused)
NODE_TEST(retried)
NODE_TEST(two_days)
NODE_TEST(order)
NODE_TEST(dead)
NODE_TEST(not_marked)
NODE_TEST(rolled_back)
NODE_TEST(fault_points)
NODE_TEST(woken)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outbox_delivered),    cmocka_unit_test(test_outbox_refused),
        cmocka_unit_test(test_outbox_retried),      cmocka_unit_test(test_outbox_two_days),
        cmocka_unit_test(test_outbox_order),        cmocka_unit_test(test_outbox_dead),
        cmocka_unit_test(test_outbox_not_marked),   cmocka_unit_test(test_outbox_rolled_back),
        cmocka_unit_test(test_outbox_fault_points), cmocka_unit_test(test_outbox_woken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
