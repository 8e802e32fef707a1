/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every row of every node, asked by somebody who may: other methods, HEAD, forged requests, bodies
 * that are none, odd queries and odd addresses. Whatever was refused left nothing behind.
 */
#include "app/test/contract_contents.h"

#define LINES 3

static size_t probes, faults, told;
static const struct route *told_of;

static void tell(const struct route *row, const struct web_client *b, const char *what,
                 const char *why)
{
    faults++;
    told = told_of == row ? told + 1 : 1;
    told_of = row;
    if (told <= LINES)
        print_error("%s %s: %d, %s: %.300s%s\n", row->method, row->path, b->status, why, what,
                    b->status >= 500 ? b->text : "");
}

static void must(bool ok, const struct route *row, const struct web_client *b, const char *what,
                 const char *why)
{
    probes++;
    if (b->status >= 500)
        tell(row, b, what, "our error");
    else if (!ok)
        tell(row, b, what, why);
}

#define FORM "application/x-www-form-urlencoded"

/* ---- methods ---- */

static bool path_takes(const struct route **rows, size_t n, const struct route *row,
                       const char *method)
{
    for (size_t i = 0; i < n; i++)
        if (text_eq(rows[i]->path, row->path) && text_eq(rows[i]->method, method))
            return true;
    return false;
}

static void methods(const struct route **rows, size_t n, const struct route *row,
                    const struct rule *rule)
{
    static const char *const all[] = {"GET",    "POST",  "PUT",     "PATCH",
                                      "DELETE", "TRACE", "CONNECT", "DUNG"};
    struct web_client b = allowed(row, rule)->b;
    const char *address = address_of(row, rule);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if (path_takes(rows, n, row, all[i]) || (i == 0 && path_takes(rows, n, row, "GET")))
            continue;
        send_as(&b, all[i], address, NULL, (struct bytes){0});
        const char *allow = web_answer_header(&b, "Allow");
        bool elsewhere = b.status == 404 || b.status == 303; /* a wider path takes it */
        must((b.status == 405 && allow && strstr(allow, row->method)) || elsewhere, row, &b, all[i],
             "not 405 with Allow");
    }
    send_as(&b, "OPTIONS", address, NULL, (struct bytes){0});
    must(b.status == 204 && web_answer_header(&b, "Allow"), row, &b, "OPTIONS", "not 204");
}

/* net drops the body; all else is as of GET. */
static void head(const struct route *row, const struct rule *rule)
{
    struct web_client b = allowed(row, rule)->b, h = b;
    if (!row_reads(row) || (row->flags & ROUTE_PROTOCOL))
        return;
    send_as(&b, "GET", address_of(row, rule), NULL, (struct bytes){0});
    send_as(&h, "HEAD", address_of(row, rule), NULL, (struct bytes){0});
    must(h.status == b.status &&
             text_eq(web_answer_header(&h, "Content-Type"), web_answer_header(&b, "Content-Type")),
         row, &h, "HEAD", "not as GET");
}

/* ---- forged requests ---- */

static void forged(const struct route *row, const struct rule *rule)
{
    struct who *x = allowed(row, rule), *other = x == &world.who[2] ? &world.who[3] : &world.who[2];
    const struct {
        const char *what, *token, *origin, *site;
    } all[] = {{"no token", NULL, NULL, NULL},
               {"an empty token", "", NULL, NULL},
               {"a token of nobody's", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", NULL, NULL},
               {"another session's token", other->b.token, NULL, NULL},
               {"another site", x->b.token, "http://evil.example", NULL},
               {"no origin at all", x->b.token, "null", NULL},
               {"our name in another's", x->b.token, "http://localhost:8801.evil.example", NULL},
               {"another scheme", x->b.token, "https://localhost:8801", NULL},
               {"cross-site", x->b.token, NULL, "cross-site"},
               {"same-site", x->b.token, NULL, "same-site"},
               {"a site that isn't any", x->b.token, NULL, "Same-Origin "}};
    if (row_reads(row) || row_is(row, MACHINE) || (row->flags & ROUTE_NO_CSRF))
        return;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct web_client b = x->b;
        b.origin = all[i].origin;
        b.site = all[i].site;
        send_as(&b, row->method, address_of(row, rule), FORM, form_with_token(all[i].token));
        must(b.status == 403, row, &b, all[i].what, "a forged request was taken");
    }
}

/* ---- bodies ---- */

/* Made once: hundreds of rows are sent the same. */
static const char *repeated(const char *text, size_t times)
{
    static struct {
        const char *text, *made;
        size_t times;
    } known[16];
    size_t i = 0;
    while (i < ARRAY_LEN(known) && known[i].made &&
           (known[i].times != times || !text_eq(known[i].text, text)))
        i++;
    assert_true(i < ARRAY_LEN(known));
    if (known[i].made)
        return known[i].made;
    struct buf b = buf_new(world.c->arena, 64 * KIB);
    for (size_t k = 0; k < times; k++)
        buf_text(&b, text);
    known[i].text = text;
    known[i].times = times;
    return known[i].made = b.ptr;
}

struct bad_body {
    const char *what, *type, *body;
    size_t bytes; /* 0: to the NUL */
};

static void send_bad(const struct route *row, const struct rule *rule, const struct bad_body *bad,
                     bool form)
{
    struct web_client b = next_allowed(row, rule)->b;
    b.accept = form ? "text/html" : "application/json";
    b.more[b.n_more++] = (struct http_header){"X-CSRF-Token", b.token};
    struct bytes body = bytes_of(bad->body);
    if (bad->bytes)
        body.len = bad->bytes;
    send_as(&b, row->method, address_of(row, rule), bad->type, body);
    bool refused = b.status == 400 || b.status == 413 || b.status == 415 || b.status == 422 ||
                   b.status == 404 || b.status == 409;
    must(refused, row, &b, bad->what, "a bad body was taken");
}

static void bad_json(const struct route *row, const struct rule *rule)
{
    const struct bad_body all[] = {
        {"cut", "application/json", "{\"version\":", 0},
        {"empty", "application/json", "", 0},
        {"a list", "application/json", "[]", 0},
        {"nothing", "application/json", "null", 0},
        {"a number", "application/json", "1", 0},
        {"two documents", "application/json", "{}{}", 0},
        {"a NUL", "application/json", "{\"a\":\"\0\"}", 9},
        {"an escaped NUL", "application/json", "{\"reason\":\"\\u0000\"}", 0},
        {"no UTF-8", "application/json", "{\"reason\":\"\xff\xfe\"}", 0},
        {"overlong UTF-8", "application/json", "{\"reason\":\"\xc0\xaf\"}", 0},
        {"half a pair", "application/json", "{\"reason\":\"\\ud800\"}", 0},
        {"a name twice", "application/json", "{\"version\":1,\"version\":2}", 0},
        {"an unknown name", "application/json", "{\"khong_co\":1}", 0},
        {"__proto__", "application/json", "{\"__proto__\":{\"version\":1}}", 0},
        {"too deep", "application/json", repeated("[", 10000), 0},
        {"too deep below a name", "application/json",
         arena_printf(world.c->arena, "{\"version\":%s", repeated("{\"a\":", 5000)), 0},
        {"a huge number", "application/json", "{\"version\":1e999}", 0},
        {"more digits than fit", "application/json", "{\"version\":99999999999999999999}", 0},
        {"a fraction", "application/json", "{\"version\":1.5}", 0},
        {"too many names", "application/json",
         arena_printf(world.c->arena, "{%s\"x\":1}", repeated("\"y\":1,", 2000)), 0},
        {"a long text", "application/json",
         arena_printf(world.c->arena, "{\"reason\":\"%s\"}", repeated("x", 60000)), 0},
        {"plain text", "text/plain", "version=1", 0},
        {"XML", "application/xml", "<a/>", 0},
        {"a type that isn't any", "json", "{}", 0},
        {"no type", NULL, "{}", 0},
        {"YAML", "application/x-yaml", "a: 1", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(all) && row->in; i++)
        send_bad(row, rule, &all[i], false);
}

static void bad_forms(const struct route *row, const struct rule *rule)
{
#define PARTS "multipart/form-data; boundary=x"
    const struct bad_body all[] = {
        {"half an escape", FORM, "a=%z", 0},
        {"an escape of nothing", FORM, "a=%zz", 0},
        {"an escaped NUL", FORM, "a=%00", 0},
        {"a NUL in a name", FORM, "a%00b=1", 0},
        {"no UTF-8", FORM, "a=%ff%fe", 0},
        {"no UTF-8 in a name", FORM, "%ff=1", 0},
        {"a surrogate", FORM, "a=%ed%a0%80", 0},
        {"too many fields", FORM, repeated("a=1&", 1100), 0},
        {"a long name", FORM, arena_printf(world.c->arena, "%s=1", repeated("a", 5000)), 0},
    };
    const struct bad_body parts[] = {
        {"no boundary", "multipart/form-data", "x", 0},
        {"an empty boundary", "multipart/form-data; boundary=", "x", 0},
        {"a long boundary",
         arena_printf(world.c->arena, "multipart/form-data; boundary=%s", repeated("x", 300)), "x",
         0},
        {"no parts", PARTS, "hello", 0},
        {"a cut head", PARTS, "--x\r\nContent-Disposition: form-da", 0},
        {"a cut part", PARTS, "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nhello", 0},
        {"a nameless part", PARTS, "--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n",
         0},
        {"a part without head", PARTS, "--x\r\n\r\na\r\n--x--\r\n", 0},
        {"no UTF-8", PARTS,
         "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xff\r\n--x--\r\n", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        send_bad(row, rule, &all[i], true);
    for (size_t i = 0; i < ARRAY_LEN(parts) && (row->flags & ROUTE_UPLOAD); i++)
        send_bad(row, rule, &parts[i], true);
}

static void too_large(const struct route *row, const struct rule *rule)
{
    struct web_client b = allowed(row, rule)->b;
    size_t cap = row->max_body_bytes ? row->max_body_bytes : 64 * KIB;
    struct arena *a = arena_new(2 * cap + 64 * KIB);
    struct bytes large = {arena_alloc(a, cap + 1), cap + 1};
    send_as(&b, row->method, address_of(row, rule), "application/json", large);
    must(b.status == 413, row, &b, "one byte too many", "not 413");
    arena_end(a);
}

/* ---- queries and addresses ---- */

/* What is put in comes out as text only. */
static bool is_escaped(const struct web_client *b)
{
    const char *type = web_answer_header(b, "Content-Type");
    bool page = type && text_starts(type, "text/html");
    const char *to = web_answer_header(b, "Location");
    return !(page && (strstr(b->text, "<script>alert") || strstr(b->text, "\"onmouseover="))) &&
           !(to && (strpbrk(to, "\r\n") || strstr(to, "//evil")));
}

#define SCRIPT "%3Cscript%3Ealert(1)%3C/script%3E%22onmouseover=%22"

static void queries(const struct route *row, const struct rule *rule)
{
    static const char *const names[] = {
        "khong_co", "q",    "tu",    "hang",   "sau",       "nam",         "truoc", "don-vi",
        "ngay",     "next", "words", "matter", "purpose",   "after",       "nhom",  "sua",
        "the",      "l",    "code",  "state",  "client_id", "redirect_uri"};
    const char *const values[] = {"",
                                  "%ff",
                                  "%zz",
                                  "%00",
                                  "%0d%0aX-A:%201",
                                  "-1",
                                  "99999999999999999999",
                                  "//evil.example",
                                  "%E2%80%AE%F0%9F%98%80",
                                  "e%CC%82%CC%81",
                                  "%27%20OR%201=1%20--",
                                  "..%2F..%2Fetc%2Fpasswd",
                                  SCRIPT,
                                  repeated("a", 6000)};
    struct web_client b = allowed(row, rule)->b;
    const char *address = address_of(row, rule);
    char joint = strchr(address, '?') ? '&' : '?';
    int plain = send_as(&b, "GET", address, NULL, (struct bytes){0});
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        for (size_t k = 0; k < ARRAY_LEN(values); k++) {
            const char *odd =
                arena_printf(world.c->arena, "%s%c%s=%s", address, joint, names[i], values[k]);
            send_as(&b, "GET", odd, NULL, (struct bytes){0});
            must(is_escaped(&b), row, &b, odd, "what was asked comes out as it is");
            if (i == 0)
                must(b.status == plain || b.status == 400, row, &b, odd, "an unknown name matters");
        }
}

static void addresses(const struct route *row, const struct rule *rule)
{
    const char *const odd[] = {"%2e%2e",
                               "..",
                               "a%2Fb",
                               "%00",
                               "%ff",
                               "%5c",
                               "%0d%0a",
                               "%",
                               "%27%20OR%201=1%20--",
                               "%F0%9F%98%80",
                               "e%CC%82%CC%81",
                               "-1",
                               "99999999999999999999",
                               SCRIPT,
                               repeated("a", 3000)};
    struct web_client b = allowed(row, rule)->b;
    for (size_t i = 0; i < ARRAY_LEN(odd) && has_param(row); i++) {
        send_as(&b, row->method, address_with(row, rule, odd[i]), row_reads(row) ? NULL : FORM,
                form_with_token(row_reads(row) ? NULL : b.token));
        must(b.status >= 400 && is_escaped(&b), row, &b, odd[i], "an odd address leads somewhere");
    }
    const char *const bent[] = {arena_printf(world.c->arena, "%s/", row->path),
                                arena_printf(world.c->arena, "/%s", row->path),
                                arena_printf(world.c->arena, "%s%%00", row->path)};
    for (size_t i = 0; i < ARRAY_LEN(bent) && !has_param(row); i++) {
        send_as(&b, "GET", bent[i], NULL, (struct bytes){0});
        must(b.status >= 400 || strlen(row->path) == 1, row, &b, bent[i], "a bent address");
    }
}

/* ---- grave acts ---- */

/* Changes who may do what or who signs in as whom, destroys, or opens what is shut. */
static const char *const grave[] = {"/quan-tri/tai-khoan/{id}/khoa",
                                    "/quan-tri/tai-khoan/{id}/mo",
                                    "/quan-tri/tai-khoan/{id}/chuc-danh/{post}/thoi",
                                    "/quan-tri/tai-khoan/{id}/mat-khau",
                                    "/quan-tri/tai-khoan/{id}/hai-lop",
                                    "/quan-tri/tai-khoan/{id}/chuc-danh",
                                    "/tai-khoan/hai-lop",
                                    "/tai-khoan/khoa-truy-cap",
                                    "/tai-khoan/khoa-truy-cap/ma-du-phong",
                                    "/tai-khoan/khoa-truy-cap/{id}/bo",
                                    "/phep/{id}/cho",
                                    "/luu-giu/giu/{id}/thoi",
                                    "/luu-giu/{id}/duyet"};

static bool is_grave(const struct route *row)
{
    for (size_t i = 0; i < ARRAY_LEN(grave); i++)
        if (!row_reads(row) && text_eq(row->path, grave[i]))
            return true;
    return false;
}

static enum err set_proofs(struct ctx *c, void *arg)
{
    const int64_t *at_us = arg;
    return db_exec(c, NULL, "UPDATE web_session SET proved_us = $1", P_INT(*at_us));
}

static void everybody_proved(int64_t at_us)
{
    good(db_write(world.c, world.n->db, set_proofs, &at_us));
}

/* Everybody may, and proved too long ago who they are: nothing happens. */
static size_t stale(const struct route **rows, size_t n)
{
    static const char said[] = "reason=Theo+quyet+dinh+12&words=Theo+quyet+dinh+12&version=1"
                               "&role=supervisor&unit=H57.31&law=Dieu+12";
    size_t asked = 0;
    everybody_proved(1);
    for (size_t i = 0; i < n; i++) {
        struct web_client b = allowed(rows[i], rule_of(rows[i]))->b;
        bool flag = rows[i]->flags & ROUTE_GRAVE;
        if (flag != is_grave(rows[i]))
            tell(rows[i], &b, "the list here", "grave there or here only");
        if (!flag)
            continue;
        /* of one's own account: who has a password isn't asked by a wrong one */
        const char *proof = text_starts(rows[i]->path, "/tai-khoan/") ? "" : "&_proof=sai";
        for (int json = 0; json < 2; json++) {
            b.accept = json ? "application/json" : "text/html";
            const char *form = arena_printf(world.c->arena, "%s%s&_csrf=%s", said, proof, b.token);
            send_as(&b, "POST", address_of(rows[i], rule_of(rows[i])), FORM, bytes_of(form));
            must(b.status == 403 && (!json || strstr(b.text, "\"ERR_PROVE\"")), rows[i], &b,
                 "an old proof", "a grave act is done");
        }
        asked++;
    }
    everybody_proved(sys_now_us());
    return asked;
}

/* ---- all of them ---- */

static void whole_node(size_t at)
{
    static struct contents before;
    size_t n, first = probes;
    faults = 0;
    asked_begin(at);
    const struct route **rows = live_rows(&n);
    for (size_t i = 0; i < n; i++) {
        methods(rows, n, rows[i], rule_of(rows[i]));
        head(rows[i], rule_of(rows[i]));
        addresses(rows[i], rule_of(rows[i]));
        if (row_reads(rows[i]))
            queries(rows[i], rule_of(rows[i]));
    }
    read_contents(&before);
    size_t asked = stale(rows, n);
    for (size_t i = 0; i < n; i++) {
        if (row_reads(rows[i]) || row_is(rows[i], MACHINE))
            continue;
        forged(rows[i], rule_of(rows[i]));
        bad_json(rows[i], rule_of(rows[i]));
        bad_forms(rows[i], rule_of(rows[i]));
        too_large(rows[i], rule_of(rows[i]));
    }
    same_contents(&before, "bodies and grave acts");
    print_message("figure C23 node=%s routes=%zu probes=%zu grave=%zu faults=%zu\n", world.n->name,
                  n, probes - first, asked, faults);
    assert_true(asked >= 6);
    node_end();
    assert_int_equal(faults, 0);
}

static void test_national(void **state)
{
    (void)state;
    whole_node(NATIONAL);
}

static void test_province(void **state)
{
    (void)state;
    whole_node(PROVINCE);
}

static void test_insurance(void **state)
{
    (void)state;
    whole_node(INSURANCE);
    assert_true(probes > 20000);
}

static int tests(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(test_national),
        cmocka_unit_test(test_province),
        cmocka_unit_test(test_insurance),
    };
    return cmocka_run_group_tests(all, world_begin, world_end);
}

int main(int argc, char **argv)
{
    return world_main(argc, argv, tests);
}
