/* SPDX-License-Identifier: Apache-2.0 */
/* The public page behind a paper's code: what anybody learns who holds the paper, and that nobody
   else learns anything. */
#include "systems/onestop/test/onestop_test.h"

#include "crypto/hash.h"
#include "test/harness/pdf_test.h"

#define WHY "Ảnh giấy chứng sinh bị mờ, xin chụp lại."

static void has(const char *text, const char *what)
{
    if (!strstr(text, what))
        print_error("not said: %s\n in: %s\n", what, text);
    assert_non_null(strstr(text, what));
}

/* Anybody, at a browser of their own. */
static struct web_client *stranger(struct desk *d)
{
    struct web_client *b = ARENA_NEW(d->w->c->arena, struct web_client);
    *b = web_client_new(d->w->c->arena, d->o.web);
    return b;
}

/* What the code on the paper says, read by a tool that isn't ours; the file's own fingerprint. */
static const char *code_on(struct desk *d, const char *code, const char *kind,
                           const char **ret_sha256)
{
    clerk(d);
    assert_int_equal(office_get(&d->o, "/mot-cua/%s/giay/%s", code, kind), 200);
    *ret_sha256 = sha256_hex(d->w->c->arena, sha256(d->o.b.body));
    has(pdf_words(d->w->c, d->o.b.body), "Quét để kiểm tra giấy này.");
    const char *said = pdf_code(d->w->c, d->o.b.body);
    assert_true(text_starts(said, d->w->n->url));
    return said + strlen(d->w->n->url);
}

static const char *supplement_asked(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    clerk(d);
    assert_int_equal(press(d, code, "request_supplement", WHY), 303);
    deliver(d);
    return code;
}

static void leads_there(struct desk *d)
{
    static const char *const secrets[] = {
        "Nguyễn Thị Lan", "Trần Thị Mai", "N. T. Lan", LAN, "Phan Thị Thu", WHY};
    const char *print, *code = supplement_asked(d);
    const char *said = code_on(d, code, "form_02", &print), *mark = strchr(said, '#');
    assert_non_null(mark); /* the trail's head stays with the reader */
    assert_true(text_starts(mark, arena_printf(d->w->c->arena, "#%s.", d->w->n->name)));
    struct web_client *b = stranger(d);
    const char *path = arena_text_n(d->w->c->arena, said, (size_t)(mark - said));
    assert_int_equal(web_get(b, path), 200);
    has(b->text, "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ");
    has(b->text, code);
    has(b->text, "Ủy ban nhân dân phường Vỹ Dạ");
    has(b->text, "09:00 04/06/2020");
    has(b->text, "Yêu cầu bổ sung");
    has(b->text, print);
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
        assert_false(web_shows(b, secrets[i]));
    b->accept = "application/json";
    assert_int_equal(web_get(b, path), 200);
    has(b->text, arena_printf(d->w->c->arena, "\"sha256\":\"%s\"", print));
    has(b->text, "\"national\":5");
    has(b->text, "\"unit\":\"" WARD "\"");
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
        assert_false(web_shows(b, secrets[i]));
    b->accept = "text/html";
    b->language = "en";
    assert_int_equal(web_get(b, path), 200);
    has(b->text, "This paper was issued by the agency below");
    has(b->text, "Request to supplement the dossier");
}

/* The paper stays, the dossier moves. */
static void tells_how_it_stands(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    deliver(d);
    struct web_client *b = stranger(d);
    const char *path = onestop_check_path(d->w->c, code, "receipt");
    b->accept = "application/json";
    assert_int_equal(web_get(b, path), 200);
    has(b->text, "\"national\":1");
    clerk(d);
    assert_int_equal(press(d, code, "refuse", "Trẻ cư trú ở phường khác."), 303);
    assert_int_equal(web_get(b, path), 200);
    has(b->text, "\"national\":3");
    assert_false(web_shows(b, "phường khác"));
}

/* A refusal without what differs from request to request. */
static const char *refused(struct desk *d, const char *path)
{
    struct web_client *b = stranger(d);
    struct arena *a = d->w->c->arena;
    b->accept = "application/json";
    assert_int_equal(web_get(b, path), 404);
    char *text = arena_text(a, b->text), *id = strstr(text, "\"request_id\":\"");
    if (id)
        for (id += strlen("\"request_id\":\""); *id && *id != '"'; id++)
            *id = '.';
    return text;
}

static void one_refusal_for_all(struct desk *d)
{
    struct ctx *c = d->w->c;
    const char *code = supplement_asked(d), *other = filed(d, "Trần Thị Hai");
    const char *path = onestop_check_path(c, code, "form_02");
    const char *token = strrchr(path, '/') + 1;
    const char *owed = onestop_check_path(c, other, "receipt"); /* not drawn yet */
    char wrong[64];
    snprintf(wrong, sizeof wrong, "%s", token);
    wrong[0] = wrong[0] == 'A' ? 'B' : 'A';
    const char *const tries[] = {
        arena_printf(c->arena, "/giay/%s/form_02/%s", code, wrong),
        arena_printf(c->arena, "/giay/%s/form_02/%.21s", code, token),
        arena_printf(c->arena, "/giay/%s/form_02/%s0", code, token),
        arena_printf(c->arena, "/giay/%s/form_02/%s", other, token), /* another dossier's */
        arena_printf(c->arena, "/giay/%s/receipt/%s", code, token),  /* another paper's */
        arena_printf(c->arena, "/giay/%s/form_99/%s", code, token),
        arena_printf(c->arena, "/giay/khong-co/form_02/%s", token),
        onestop_check_path(c, "khong-co", "form_02"), /* as if the key were known */
        onestop_check_path(c, code, "form_03"),
    };
    assert_int_equal(web_get(stranger(d), path), 200);
    const char *said = refused(d, owed);
    has(said, "ERR_PAPER_UNKNOWN");
    for (size_t i = 0; i < ARRAY_LEN(tries); i++)
        assert_string_equal(refused(d, tries[i]), said);
    deliver(d);
    assert_int_equal(web_get(stranger(d), owed), 200);
}

/* A paper of another node, or from before its key was made anew. */
static void another_key(struct desk *d)
{
    static uint8_t bytes[32] = {7};
    struct ctx *c = d->w->c;
    struct node *n = d->w->n;
    const char *code = supplement_asked(d);
    struct keeper *own = n->keeper;
    n->keeper = keeper_of_root((struct bytes){bytes, sizeof bytes});
    const char *path = onestop_check_path(c, code, "form_02");
    keeper_end(n->keeper);
    n->keeper = own;
    has(refused(d, path), "ERR_PAPER_UNKNOWN");
    assert_int_equal(web_get(stranger(d), onestop_check_path(c, code, "form_02")), 200);
}

static void asked_too_often(struct desk *d)
{
    struct web_client *b = stranger(d);
    int status = 404;
    b->peer = "10.9.8.7";
    for (int i = 0; i < 31 && status == 404; i++)
        status = web_get(b, "/giay/khong-co/form_02/khong-co");
    assert_int_equal(status, 429);
    b->peer = "10.9.8.6";
    assert_int_equal(web_get(b, "/giay/khong-co/form_02/khong-co"), 404);
}

static enum err lines_now(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT count(*) FROM core_access");
}

/* Whose read nobody need be told of: no line in anybody's access log. */
static void nobody_is_looked_at(struct desk *d)
{
    int64_t before = 0, after = 0;
    const char *code = supplement_asked(d);
    good(d->w->c, do_read(d->w, lines_now, &before));
    assert_int_equal(web_get(stranger(d), onestop_check_path(d->w->c, code, "form_02")), 200);
    good(d->w->c, do_read(d->w, lines_now, &after));
    assert_int_equal(before, after);
}

DESK_TEST(leads_there)
DESK_TEST(tells_how_it_stands)
DESK_TEST(one_refusal_for_all)
DESK_TEST(another_key)
DESK_TEST(asked_too_often)
DESK_TEST(nobody_is_looked_at)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_onestop_leads_there),
                                       cmocka_unit_test(test_onestop_tells_how_it_stands),
                                       cmocka_unit_test(test_onestop_one_refusal_for_all),
                                       cmocka_unit_test(test_onestop_another_key),
                                       cmocka_unit_test(test_onestop_asked_too_often),
                                       cmocka_unit_test(test_onestop_nobody_is_looked_at)};
    return cmocka_run_group_tests_name("onestop check", tests, NULL, NULL);
}
