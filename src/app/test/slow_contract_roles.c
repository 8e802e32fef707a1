/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every row of every node of the demonstration nation, asked by every role of roles.json at units
 * of every kind, by citizens whose object it is and whose it isn't, by an account without a role
 * and by nobody: the answer is the one that contract_rows.def and the row's permission promise.
 */
#include "app/test/contract_rules.h"

#include <sqlite3.h>

#define LINES 3 /* faults of a row told; all are counted */

static size_t probes, faults, told, personal_answers;
static const struct route *told_of;
static const char
    *refused_code; /* of another's object, as JSON; "" when it wasn't refused by 404 */
static int used[ARRAY_LEN(rules)]; /* on which nodes a rule had a row */

static void tell(const struct who *x, const struct route *row, const char *address, int wanted,
                 const struct web_client *b, const char *why)
{
    faults++;
    told = told_of == row ? told + 1 : 1;
    told_of = row;
    if (told <= LINES)
        print_error("%s %s by %s: %d, not %d: %s%.*s\n", row->method, address, x->name, b->status,
                    wanted, why, b->status >= 500 ? 400 : 0, b->text);
}

/* ---- what every answer must hold to ---- */

/* Machines' protocols have errors of their own (RFC 6749, 6750). */
static bool is_protocol_error(const struct route *row, const struct web_client *b)
{
    return (row->flags & ROUTE_NO_CSRF) &&
           text_eq(web_answer_header(b, "Content-Type"), "application/json") &&
           strstr(b->text, "\"error\":\"");
}

static bool is_problem(const struct web_client *b)
{
    const char *type = web_answer_header(b, "Content-Type");
    return type && text_starts(type, "application/problem+json") &&
           strstr(b->text, "\"code\":\"") && strstr(b->text, "\"request_id\":\"");
}

static bool is_page(const struct web_client *b)
{
    return strstr(b->text, "<html lang=\"vi\"") && strstr(b->text, "<title>") &&
           strstr(b->text, "<main");
}

/* What a refusal may not tell: names of the people the objects are about. */
static bool leaks(const struct who *x, const struct web_client *b)
{
    static const char *const secrets[] = {"Nguyễn Thị Lan", "Lê Thị Hòa", "An Nhiên", "Khánh Vy",
                                          "Minh Khôi"};
    for (size_t i = 0; i < ARRAY_LEN(secrets) && x->kind != ACTOR_CITIZEN; i++)
        if (strstr(b->text, secrets[i]))
            return true;
    return false;
}

static const char *fault_of(const struct who *x, const struct route *row,
                            const struct web_client *b)
{
    const char *type = web_answer_header(b, "Content-Type");
    bool refused = b->status >= 400, json = text_starts(b->accept, "application/json");
    if (b->status >= 500)
        return "our error";
    if (!text_eq(web_answer_header(b, "X-Content-Type-Options"), "nosniff") ||
        !web_answer_header(b, "Content-Security-Policy"))
        return "guarding headers";
    if (refused && b->status != 422 && leaks(x, b))
        return "a refusal tells a name";
    if (refused && json && !is_problem(b) && !is_protocol_error(row, b))
        return "no problem document";
    if (type && text_starts(type, "text/html") && !is_page(b))
        return "no whole page";
    if (b->status == 303 && !web_answer_header(b, "Location"))
        return "leads nowhere";
    if (x->kind != ACTOR_NOBODY && !(row->flags & ROUTE_NO_DB) && !row_is(row, PUBLIC) &&
        !text_eq(web_answer_header(b, "Cache-Control"), "no-store"))
        return "may be kept by caches";
    return NULL;
}

static const char *code_of(const struct web_client *b)
{
    const char *at = b->status == 404 ? strstr(b->text, "\"code\":\"") : NULL;
    return at ? arena_text_n(world.c->arena, at + 8, strcspn(at + 8, "\"")) : "";
}

/* ---- one probe ---- */

/* Sound, so that nothing but the object of the request can be refused; a list has one item. */
static const char *long_enough(const struct field *f)
{
    struct buf b = buf_new(world.c->arena, 4096);
    for (int64_t i = 0; i < f->min || !i; i++)
        buf_char(&b, 'x');
    return b.ptr;
}

static void put_sound(struct buf *b, const struct shape *shape)
{
    buf_char(b, '{');
    for (size_t i = 0; shape && i < shape->n; i++) {
        const struct field *f = &shape->fields[i];
        buf_printf(b, "%s\"%s\":", i ? "," : "", f->name);
        if (f->kind == KIND_LIST) {
            buf_char(b, '[');
            put_sound(b, f->of);
            buf_char(b, ']');
        } else if (f->kind == KIND_INT || f->kind == KIND_MONEY)
            buf_int(b, f->min);
        else if (f->kind == KIND_BOOL)
            buf_text(b, "true");
        else
            buf_json(b, f->kind == KIND_ID ? "01ARZ3NDEKTSV4RRFFQ69G5FAV" : long_enough(f));
    }
    buf_char(b, '}');
}

static struct bytes body_of(const struct route *row)
{
    struct buf b = buf_new(world.c->arena, 4096);
    put_sound(&b, row->in);
    return buf_bytes(&b);
}

static int ask(struct who *x, const struct route *row, const char *address, const char *accept)
{
    struct web_client *b = &x->b;
    const char *token = b->token;
    b->peer = arena_printf(world.c->arena, "10.%zu.%zu.%zu", probes >> 14 & 127, probes >> 7 & 127,
                           probes & 127);
    b->accept = accept;
    if (row_reads(row)) {
        web_get(b, address);
    } else if (text_starts(accept, "application/json")) {
        b->more[b->n_more++] = (struct http_header){"X-CSRF-Token", token};
        web_send(b, row->method, address, "application/json", body_of(row));
        b->n_more = 0;
    } else {
        struct buf body = buf_new(world.c->arena, 1000);
        buf_text(&body, "_csrf=");
        buf_url(&body, token);
        web_send(b, row->method, address, "application/x-www-form-urlencoded", buf_bytes(&body));
    }
    b->token = token; /* pages of others' sessions aren't read here */
    probes++;
    return b->status;
}

/* Without a session, each time: a page may begin one. */
static void forget(struct who *x)
{
    if (x->kind == ACTOR_NOBODY)
        x->b.cookies = x->b.token = "";
}

static enum err count_lines(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT count(*) FROM core_access");
}

/* Who read whose data, told so far; 0 for rows that read nobody's. */
static int64_t access_lines(const struct route *row)
{
    int64_t n = 0;
    if (row->purpose && row_reads(row))
        good(db_read(world.c, world.n->db, count_lines, &n));
    return n;
}

static bool is_type(const struct web_client *b, const char *type)
{
    const char *sent = web_answer_header(b, "Content-Type");
    return sent && text_starts(sent, type);
}

/* ---- no line, no answer: seen from outside, at the instant the answer leaves ---- */

static sqlite3 *outside;          /* another program's look at the database: what is committed */
static _Atomic int64_t at_answer; /* lines committed when the last answer left */

static int64_t committed_lines(void)
{
    sqlite3_stmt *s;
    int64_t n = -1;
    if (sqlite3_prepare_v2(outside, "SELECT count(*) FROM core_access", -1, &s, NULL) ==
            SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

static void reply_seen(struct http_request *r, const struct http_answer *a)
{
    at_answer = committed_lines();
    web_test_reply(r, a);
}

static void look_from_outside(void)
{
    const char *path = arena_printf(world.c->arena, "%s/dinh.db", world.na.node_dir[world.at]);
    assert_int_equal(sqlite3_open_v2(path, &outside, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    sqlite3_busy_timeout(outside, 10000);
}

/* A permit's page tells whose data it is about by the number, which its asker typed. */
static bool tells_number(const struct who *x)
{
    return strstr(x->b.text, world.lan) && x != who_named("commune_clerk at " WARD);
}

/* An answer that shows an official somebody's name or number, or a paper of a row that reads
   people, left with new lines in the database. */
static const char *fault_of_line(const struct who *x, const struct route *row, int64_t before)
{
    bool paper = row->purpose && row_reads(row) && is_type(&x->b, "application/pdf");
    bool personal = x->b.status == 200 && (leaks(x, &x->b) || tells_number(x) || paper);
    if (x->kind != ACTOR_OFFICIAL || !personal)
        return NULL;
    personal_answers++;
    return at_answer > before ? NULL : "an answer left before its line of who read";
}

/* A page is an API: whom a browser's page is shown gets it as JSON too, by a shape that
   /openapi.json tells. */
static const char *fault_of_twin(const struct route *row, const struct web_client *b)
{
    if (!row->out)
        return "a page without a shape";
    return is_type(b, "application/json") ? NULL : "a page that isn't told as JSON";
}

static void probe(struct who *x, const struct route *row, const struct rule *rule)
{
    const char *address = address_of(row, rule), *why;
    int wanted = wanted_of(x, row, rule);
    bool theirs = !row_reads(row) && holds(x, row) && rule && is_theirs(x, rule->whose);
    int64_t before = access_lines(row);
    int64_t before_any = committed_lines();
    refused_code = "";
    forget(x);
    ask(x, row, address, "text/html");
    bool page = x->b.status == 200 && is_type(&x->b, "text/html");
    int64_t between = access_lines(row);
    if (x->b.status != wanted)
        tell(x, row, address, wanted, &x->b, "a browser");
    if ((why = fault_of(x, row, &x->b)) || (why = fault_of_line(x, row, before_any)))
        tell(x, row, address, wanted, &x->b, why);
    if (theirs)
        return; /* once is enough: it may have changed something */
    forget(x);
    before_any = committed_lines();
    ask(x, row, address, "application/json");
    if ((why = fault_of_line(x, row, before_any)))
        tell(x, row, address, wanted, &x->b, why);
    if (!fits_json(x, row, wanted, x->b.status))
        tell(x, row, address, wanted, &x->b, "a client of the API");
    if (page && (why = fault_of_twin(row, &x->b)))
        tell(x, row, address, wanted, &x->b, why);
    if (page && access_lines(row) - between != between - before)
        tell(x, row, address, wanted, &x->b, "other lines of who read than a browser leaves");
    refused_code = code_of(&x->b);
    if ((why = fault_of(x, row, &x->b)))
        tell(x, row, address, wanted, &x->b, why);
}

/* Objects that don't exist: for those who may ask 404, for others what they always get. */
static void probe_missing(struct who *x, const struct route *row, const struct rule *rule)
{
    static const char *const absent[] = {"khong-co", "01ARZ3NDEKTSV4RRFFQ69G5FAV",
                                         "000.08.31.H57-200101-9999"};
    for (size_t i = 0; i < ARRAY_LEN(absent) && has_param(row); i++) {
        const char *address = address_with(row, rule, absent[i]), *why;
        bool may = holds(x, row) && (!rule || rule->others != 403 || is_theirs(x, rule->whose));
        int wanted = may ? 404 : wanted_of(x, row, rule);
        forget(x);
        ask(x, row, address, "application/json");
        bool body = may && !row_reads(row) && x->b.status == 422; /* looked at first */
        if (!body && !fits_json(x, row, wanted, x->b.status))
            tell(x, row, address, wanted, &x->b, "what isn't there");
        if (*refused_code && *code_of(&x->b) && !text_eq(refused_code, code_of(&x->b)))
            tell(x, row, address, wanted, &x->b, "another's is refused by other words");
        if ((why = fault_of(x, row, &x->b)))
            tell(x, row, address, wanted, &x->b, why);
    }
}

/* ---- all of them ---- */

static void all_who(const struct route *row, const struct rule *rule, bool theirs)
{
    for (size_t i = 0; i < world.n_who; i++) {
        struct who *x = &world.who[i];
        bool acts = !row_reads(row) && holds(x, row) && rule && is_theirs(x, rule->whose);
        if (acts != theirs)
            continue;
        probe(x, row, rule);
        if (!acts)
            probe_missing(x, row, rule);
        if (theirs && (text_eq(row->path, "/dang-xuat") || text_ends(row->path, "/tat-ca")))
            enter(x);
    }
}

/* ---- what nobody gets: no purpose, no case, one that has ended, a permit that isn't given ---- */

static const struct {
    int nodes;
    const char *address;
} never[] = {
    {N, "/dan-cu/$person"},
    {N, "/dan-cu/$person?purpose=birth_registration"},
    {N, "/dan-cu/$person?purpose=birth_registration&matter=$done"},
    {N, "/dan-cu/$person?purpose=birth_registration&matter=000.08.31.H57-200101-9999"},
    {N, "/dan-cu/$person?purpose=birth_registration&matter=xem"},
    {N, "/dan-cu/$person?purpose=population_management&matter=$waiting"},
    {N, "/dan-cu/$person?purpose=own_data&matter=$waiting"},
    {N, "/dan-cu/$person?purpose=khong-co&matter=$waiting"},
    {N, "/dan-cu/$person?purpose=emergency&matter=$permit"},
    {N, "/dan-cu?words=nguyen"},
    {N, "/dan-cu?purpose=birth_registration&words=nguyen&matter=$done"},
    {N, "/dan-cu?purpose=emergency&words=nguyen&matter=$permit"},
    {I, "/bao-hiem/$card"},
    {I, "/bao-hiem/$card?purpose=health_card"},
    {I, "/bao-hiem/$card?purpose=health_card&matter=$waiting"},
    {I, "/bao-hiem/$card?purpose=inspection&matter=$done"},
    {I, "/bao-hiem/$card?purpose=emergency&matter=$permit"},
    {I, "/bao-hiem?purpose=health_card&words=an&matter=$waiting"},
    {P, "/ho-tich/khai-sinh/in?don-vi=H57.31.08&nam=$year"},
    {P, "/ho-tich/khai-sinh/in?don-vi=H57.31.08&nam=$year&phep=$permit"},
};

static void nobody_gets(const char *address)
{
    static const char *const ways[] = {"text/html", "application/json"};
    for (size_t i = 0; i < world.n_who; i++) {
        struct who *x = &world.who[i];
        for (size_t k = 0; k < ARRAY_LEN(ways); k++) {
            forget(x);
            x->b.accept = ways[k];
            int status =
                strstr(address, "words=") ? web_search(&x->b, address) : web_get(&x->b, address);
            probes++;
            if ((status >= 300 && status < 500) && !(x->kind == ACTOR_OFFICIAL && leaks(x, &x->b)))
                continue;
            print_error("GET %s by %s: %d\n", address, x->name, status);
            faults++;
        }
    }
}

static void nobody_gets_these(void)
{
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        if (never[i].nodes & 1 << world.at)
            nobody_gets(filled(never[i].address));
}

/* ---- posts that have ended: from the next request on nothing of theirs is left ---- */

static enum err end_post(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)arg;
    return identity_grant_end(c, row_text(r, 0));
}

static enum err end_posts(struct ctx *c, void *arg)
{
    enum err e = OK;
    (void)arg;
    for (size_t i = 0; i < world.n_who && !e; i++)
        if (world.who[i].kind == ACTOR_OFFICIAL)
            e = db_each(c, end_post, NULL, "SELECT id FROM identity_grant WHERE account = $1",
                        P_TEXT(world.who[i].account));
    return e;
}

static void nothing_is_left(const struct route *const *rows, size_t n)
{
    for (size_t i = 0; i < world.n_who; i++)
        enter(&world.who[i]); /* signed in anew, in the post that ends now */
    good(db_write(world.c, world.n->db, end_posts, NULL));
    for (size_t k = 0; k < n; k++) {
        const struct rule *rule = rule_of(rows[k]);
        for (size_t i = 0; i < world.n_who; i++) {
            struct who *x = &world.who[i];
            if (x->kind != ACTOR_OFFICIAL || row_is(rows[k], PUBLIC) || row_is(rows[k], SIGNED_IN))
                continue;
            const char *address = address_of(rows[k], rule);
            int status = ask(x, rows[k], address, "application/json");
            if (status < 300 || status >= 500 || leaks(x, &x->b))
                tell(x, rows[k], address, 401, &x->b, "a post that has ended");
        }
    }
}

/* First everything that must change nothing, then the acts of those who may, in the order of the
   table. */
static void whole_node(size_t i)
{
    size_t n, undeclared = 0, before = probes, personal = personal_answers;
    world_reply = reply_seen;
    world.at = i;
    look_from_outside();
    asked_begin(i);
    const struct route **rows = live_rows(&n);
    for (size_t k = 0; k < n; k++) {
        const struct rule *rule = rule_of(rows[k]);
        if (!rule && (!row_reads(rows[k]) || has_param(rows[k]))) {
            print_error("%s %s isn't in src/app/test/contract_rows.def\n", rows[k]->method,
                        rows[k]->path);
            undeclared++;
        }
        if (rule)
            used[rule - rules] |= 1 << i;
        all_who(rows[k], rule, false);
    }
    for (size_t r = 0; r < ARRAY_LEN(rules); r++)
        for (size_t k = 0; k < n; k++)
            if (rule_of(rows[k]) == &rules[r] && !row_reads(rows[k]))
                all_who(rows[k], &rules[r], true);
    nobody_gets_these();
    nothing_is_left(rows, n);
    print_message("figure C21 node=%s routes=%zu callers=%zu probes=%zu with_personal_data=%zu "
                  "faults=%zu\n",
                  world.n->name, n, world.n_who, probes - before, personal_answers - personal,
                  faults + undeclared);
    const char *unsaid = web_undeclared(world.n->web);
    if (unsaid)
        print_error("?%s is read by a row that doesn't declare it (query)\n", unsaid);
    node_end();
    assert_null(unsaid);
    sqlite3_close(outside);
    assert_true(personal_answers - personal > 4);
    assert_int_equal(undeclared, 0);
    assert_int_equal(faults, 0);
}

static void test_national(void **state)
{
    (void)state;
    faults = 0;
    whole_node(NATIONAL);
}

static void test_province(void **state)
{
    (void)state;
    faults = 0;
    whole_node(PROVINCE);
}

static void test_insurance(void **state)
{
    (void)state;
    faults = 0;
    whole_node(INSURANCE);
}

/* A rule that names no row of any of its nodes says something about nothing. */
static void test_rules_are_used(void **state)
{
    size_t idle = 0;
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rules); r++) {
        if (used[r] == rules[r].nodes)
            continue;
        print_error("%s %s of contract_rows.def isn't on each of its nodes\n", rules[r].method,
                    rules[r].path);
        idle++;
    }
    assert_int_equal(idle, 0);
    assert_true(probes > 5000);
}

static int tests(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(test_national),
        cmocka_unit_test(test_province),
        cmocka_unit_test(test_insurance),
        cmocka_unit_test(test_rules_are_used),
    };
    return cmocka_run_group_tests(all, world_begin, world_end);
}

int main(int argc, char **argv)
{
    return world_main(argc, argv, tests);
}
