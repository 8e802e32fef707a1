/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits, waits behind himself: lines by source, slow threads, the gate before the writer. */
#include "web/test/support.h"

#include <pthread.h>

#include "web/web_line.h"

#define BODY(name) static void name(struct db_world *w, struct web *web, struct web_client *b)

/* ---- the lines alone ---- */

#define CALLS 64
static struct http_request request[CALLS];
static struct call call[CALLS];

static struct call *from(size_t i, const char *peer)
{
    request[i].peer = peer;
    address_source(peer, call[i].source);
    call[i].q.http = &request[i];
    return &call[i];
}

static void test_sources_take_turns(void **state)
{
    struct lines *l = lines_new(CALLS);
    (void)state;
    l->seed = 1; /* these three have lines of their own */
    for (size_t i = 0; i < 10; i++)
        assert_true(lines_put(l, from(i, "10.0.0.1")));
    assert_true(lines_put(l, from(10, "10.0.0.2")));
    assert_true(lines_put(l, from(11, "10.0.0.3")));
    assert_true(lines_put(l, from(12, "10.0.0.2")));
    static const size_t order[] = {0, 10, 11, 1, 12, 2, 3, 4, 5, 6, 7, 8, 9};
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        assert_ptr_equal(lines_take(l), &call[order[i]]);
    assert_null(lines_take(l));
    assert_int_equal(l->waiting, 0);
    lines_end(l);
}

/* Against a plain model: nobody is lost or served twice, each source in its own order. */
static void test_nobody_is_lost(void **state)
{
    static const char *const peers[] = {"a", "b", "c", "d", "e", "f", "g"};
    struct lines *l = lines_new(10000);
    size_t in = 0, out = 0, waiting[CALLS] = {0};
    uint32_t dice = 7;
    (void)state;
    for (int step = 0; step < 20000; step++) {
        dice = dice * 1664525 + 1013904223;
        size_t i = (dice >> 16) % CALLS;
        if ((dice >> 28) < 8 && !waiting[i]) {
            assert_true(lines_put(l, from(i, peers[i % ARRAY_LEN(peers)])));
            waiting[i] = ++in;
        } else if ((dice >> 28) >= 8) {
            struct call *k = lines_take(l);
            assert_int_equal(k != NULL, in > out);
            if (!k)
                continue;
            size_t got = (size_t)(k - call);
            assert_true(waiting[got]);
            for (size_t other = got % ARRAY_LEN(peers); other < CALLS; other += ARRAY_LEN(peers))
                assert_true(!waiting[other] || waiting[other] >= waiting[got]);
            waiting[got] = 0;
            out++;
        }
        assert_int_equal(l->waiting, in - out);
    }
    assert_true(out > 3000);
    lines_end(l);
}

static void test_one_source_fills_its_share_only(void **state)
{
    struct lines *l = lines_new(40);
    (void)state;
    l->seed = 1;
    size_t n = 0;
    while (n < CALLS && lines_put(l, from(n, "10.0.0.1")))
        n++;
    assert_int_equal(n, 40 / LINE_SHARE);
    assert_true(lines_put(l, from(n++, "10.0.0.2")));
    const char *more[] = {"10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"};
    for (size_t p = 0; p < ARRAY_LEN(more); p++) {
        for (size_t i = 0; i < 10 && lines_put(l, from(n, more[p])); i++)
            n++;
    }
    assert_int_equal(l->waiting, 40); /* and the whole room is full then */
    assert_false(lines_put(l, from(n, "10.0.0.2")));
    while (lines_take(l))
        continue;
    lines_end(l);
}

/* ---- in a running web ---- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t go;
    bool open;
    int running, most, ran;
} door = {.lock = PTHREAD_MUTEX_INITIALIZER, .go = PTHREAD_COND_INITIALIZER};

static enum err wait_at_the_door(struct ctx *c, struct req *r)
{
    pthread_mutex_lock(&door.lock);
    door.running++;
    door.most = door.running > door.most ? door.running : door.most;
    while (!door.open)
        pthread_cond_wait(&door.go, &door.lock);
    door.running--;
    door.ran++;
    pthread_mutex_unlock(&door.lock);
    return answer_json(c, r, 200, bytes_of("{}"));
}

static const struct route slow_rows[] = {
    {.method = "GET",
     .path = "/heavy",
     .permission = PUBLIC,
     .prepare = wait_at_the_door,
     .flags = ROUTE_PREPARED | ROUTE_HEAVY},
};

#define FLOOD (64 + 32)
struct one {
    struct web_client b;
    pthread_t thread;
    _Atomic bool done;
};

static void *ask_heavy(void *arg)
{
    struct one *one = arg;
    web_get(&one->b, "/heavy");
    one->done = true;
    return NULL;
}

/* A flood of heavy requests from one address: a share of it waits, the rest is told to come back,
   and others' pages and acts go on meanwhile. */
BODY(a_heavy_flood_leaves_the_rest_alone)
{
    static struct one one[FLOOD];
    int served = 0, refused = 0, seen = 0;
    assert_int_equal(web_add(w->c, web, "slow", slow_rows, 1), OK);
    memset(one, 0, sizeof one);
    door.open = false;
    door.most = door.ran = 0;
    for (size_t i = 0; i < FLOOD; i++) {
        one[i].b = web_client_new(arena_new(0), web);
        one[i].b.peer = "10.0.0.66";
        assert_int_equal(pthread_create(&one[i].thread, NULL, ask_heavy, &one[i]), 0);
    }
    int room = 64 / LINE_SHARE, running = 0; /* beside those that run */
    for (int64_t until = sys_mono_us() + 60 * SECOND_US;
         !running || seen < FLOOD - room - running;) {
        assert_true(sys_mono_us() < until);
        pthread_mutex_lock(&door.lock);
        running = door.running;
        pthread_mutex_unlock(&door.lock);
        seen = 0;
        for (size_t i = 0; i < FLOOD; i++)
            seen += one[i].done;
    }
    assert_int_equal(web_get(b, "/count"), 200);
    assert_int_equal(WEB_POST(b, "/note", "body", "vẫn chạy", "copies", "1"), 303);
    pthread_mutex_lock(&door.lock);
    door.open = true;
    pthread_cond_broadcast(&door.go);
    pthread_mutex_unlock(&door.lock);
    for (size_t i = 0; i < FLOOD; i++) {
        pthread_join(one[i].thread, NULL);
        served += one[i].b.status == 200;
        refused += one[i].b.status == 503;
        if (one[i].b.status == 503)
            assert_string_equal(web_answer_header(&one[i].b, "Retry-After"), "5");
        arena_end(one[i].b.arena);
    }
    assert_int_equal(served + refused, FLOOD);
    assert_int_equal(served, door.ran);
    assert_true(served >= room && served <= room + door.most);
    assert_true(door.most <= 8);
}

#define WRITERS 24
struct writer {
    struct web_client b;
    pthread_t thread;
    int good;
};

static void *write_many(void *arg)
{
    struct writer *x = arg;
    for (int i = 0; i < 20; i++)
        x->good += WEB_POST(&x->b, "/note", "body", "ghi", "copies", "1") == 303;
    return NULL;
}

/* Through a gate of two, everyone's act is done once and answered. */
BODY(acts_pass_a_narrow_gate)
{
    static struct writer x[WRITERS];
    struct gate *wide = web->gate;
    web->gate = gate_new(2, WRITERS * LINE_SHARE);
    memset(x, 0, sizeof x);
    for (size_t i = 0; i < WRITERS; i++) {
        x[i].b = web_client_new(arena_new(0), web);
        x[i].b.peer = i % 2 ? "10.0.0.1" : "10.0.0.2";
        assert_int_equal(pthread_create(&x[i].thread, NULL, write_many, &x[i]), 0);
    }
    int good = 0;
    for (size_t i = 0; i < WRITERS; i++) {
        pthread_join(x[i].thread, NULL);
        good += x[i].good;
        arena_end(x[i].b.arena);
    }
    assert_int_equal(good, WRITERS * 20);
    assert_int_equal(site_count(w, "note"), WRITERS * 20);
    gate_end(web->gate);
    web->gate = wide;
    assert_int_equal(web_get(b, "/metrics"), 200);
    assert_true(web_shows(b, "dinh_http_waiting{for=\"writer\"} 0\n"));
}

BODY(a_full_gate_says_when_to_come_back)
{
    struct gate *wide = web->gate;
    (void)w;
    web->gate = gate_new(1, 1);
    assert_int_equal(gate_enter(web->gate, from(0, "x")), GATE_GO);
    assert_int_equal(gate_enter(web->gate, from(1, "x")), GATE_WAIT);
    b->site = "same-origin";
    assert_int_equal(WEB_POST(b, "/note", "body", "đông quá", "copies", "1"), 503);
    assert_string_equal(web_answer_header(b, "Retry-After"), "5");
    assert_true(web_shows(b, "đông quá")); /* what was typed isn't lost */
    assert_ptr_equal(gate_leave(web->gate), &call[1]);
    assert_null(gate_leave(web->gate));
    assert_int_equal(WEB_POST(b, "/note", "body", "thưa rồi", "copies", "1"), 303);
    gate_end(web->gate);
    web->gate = wide;
}

#define T(name)                                                                                    \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        site_test(name);                                                                           \
    }
T(a_heavy_flood_leaves_the_rest_alone)
T(acts_pass_a_narrow_gate)
T(a_full_gate_says_when_to_come_back)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sources_take_turns),
        cmocka_unit_test(test_nobody_is_lost),
        cmocka_unit_test(test_one_source_fills_its_share_only),
        cmocka_unit_test(test_a_heavy_flood_leaves_the_rest_alone),
        cmocka_unit_test(test_acts_pass_a_narrow_gate),
        cmocka_unit_test(test_a_full_gate_says_when_to_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
