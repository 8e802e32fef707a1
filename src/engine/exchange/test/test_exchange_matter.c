/* SPDX-License-Identifier: Apache-2.0 */
/* A case of another node's agency named as the reason to read: what that node says of it, what is
   believed when it says nothing, on both databases over mutual TLS. */
#include "test/harness/unit.h"

#include "base/sys.h"
#include "core/matter.h"
#include "engine/exchange/test/exchange_test.h"

#define RIGHT "casework.matter"

static bool copied; /* this node was told of the case before */

/* Both nodes are this process: the one that answers handles cases, the other has copies. */
static enum err find_case(struct ctx *c, const char *code, bool *ret_found, struct matter_case *ret)
{
    static const struct {
        const char *code, *unit;
        bool open;
    } cases[] = {{"open", "G01.1", true},
                 {"ended", "G01.1", false},
                 {"others", "G01.2", true},
                 {"not-theirs", "H57.31", true},
                 {"of-like-name", "G011", true}};
    *ret_found = false;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (!text_eq(cases[i].code, code) || (text_eq(c->node->name, "h57") && !copied))
            continue;
        *ret_found = true;
        *ret = (struct matter_case){.unit = cases[i].unit, .open = cases[i].open};
    }
    return OK;
}

struct checking {
    const char *code;
    enum matter_word said;
};

static enum err check(struct ctx *c, void *arg)
{
    const struct checking *x = arg;
    return matter_check(c, "matter", MATTER_CASE, x->code, x->said);
}

/* As a desk does it: asked before, weighed with the page. */
static enum err judged(const char *code, enum matter_word *ret_said)
{
    struct checking x = {.code = code};
    two.a->c->now_us = sys_now_us();
    assert_int_equal(matter_ask(two.a->c, code, &x.said), OK);
    *ret_said = x.said;
    return do_read(two.a, check, &x);
}

static void judge(const char *code, enum matter_word said, enum err wanted)
{
    enum matter_word word;
    assert_int_equal(judged(code, &word), wanted);
    assert_int_equal(word, said);
}

static enum err count_asked(struct ctx *c, void *arg)
{
    return db_int(c, arg,
                  "SELECT count(*) FROM exchange_message WHERE service = 'casework.matter'"
                  " AND status = 200");
}

static int64_t n_logged(struct node_world *w)
{
    int64_t n = 0;
    assert_int_equal(do_read(w, count_asked, &n), OK);
    return n;
}

static void asked_anew(void)
{
    matter_found_by(find_case);
    copied = false;
    allow(RIGHT);
    listen_at(two.b);
    as_official(two.a, "commune_clerk", "G01.1", "Phan Thị Thu Hà");
    judge("open", MATTER_OPEN, OK);
    judge("ended", MATTER_ENDED, ERR_MATTER_CLOSED);
    judge("others", MATTER_UNKNOWN, ERR_MATTER); /* another unit's, by the same words */
    judge("not-theirs", MATTER_UNKNOWN, ERR_MATTER);
    judge("of-like-name", MATTER_UNKNOWN, ERR_MATTER);
    judge("nothing", MATTER_UNKNOWN, ERR_MATTER);
    assert_int_equal(n_logged(two.a), 6); /* each asked anew, signed, kept by both */
    assert_int_equal(n_logged(two.b), 6);
    copied = true; /* what was told before doesn't count against what they say now */
    judge("ended", MATTER_ENDED, ERR_MATTER_CLOSED);
    as_official(two.a, "commune_clerk", "H57.31", "Ngô Đức Thịnh");
    judge("not-theirs", MATTER_UNASKED, OK); /* lies here */
    as_official(two.a, "commune_clerk", "G99.1", "Ngô Đức Thịnh");
    judge("open", MATTER_UNASKED, ERR_MATTER); /* no member of the federation */
    assert_int_equal(n_logged(two.a), 7);
}

static void test_exchange_matter_is_asked_anew(void **state)
{
    (void)state;
    on_two_nodes(asked_anew);
}

static void silent(void)
{
    matter_found_by(find_case);
    copied = false;
    as_official(two.a, "commune_clerk", "G01.1", "Phan Thị Thu Hà");
    judge("open", MATTER_AWAY, ERR_MATTER_AWAY); /* nobody listens, and nothing was told */
    copied = true;
    judge("open", MATTER_AWAY, OK);
    judge("ended", MATTER_AWAY, ERR_MATTER_CLOSED);
    judge("others", MATTER_AWAY, ERR_MATTER_AWAY);
    listen_at(two.b);
    judge("open", MATTER_UNSAID, ERR_MATTER_AWAY); /* without a right they tell nothing */
    allow(RIGHT);
    judge("open", MATTER_OPEN, OK);
    deny(RIGHT);
    judge("open", MATTER_UNSAID, ERR_MATTER_AWAY);
}

static void test_exchange_matter_unconfirmed_is_refused(void **state)
{
    (void)state;
    on_two_nodes(silent);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchange_matter_is_asked_anew),
        cmocka_unit_test(test_exchange_matter_unconfirmed_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
