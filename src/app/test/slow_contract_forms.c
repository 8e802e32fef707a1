/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bad input for every field there is, made from the shapes: of the birth procedure's form on the
 * province, and of every row's body on all nodes. Each is refused by an error that names the field
 * in Vietnamese and in English, what was typed still stands in the form, and nothing is stored.
 */
#include "app/test/contract_contents.h"

#include "app/story_html.h"
#include "engine/casework/casework.h"

#define LINES 60
#define BIRTH "1.001193"

static size_t probes, faults;

static void tell(const struct field *f, const char *value, const struct web_client *b,
                 const char *why)
{
    if (faults++ < LINES)
        print_error("%s = \"%.60s\": %d, %s\n", f->name, value, b->status, why);
}

/* ---- bad values by kind ---- */

#define MAX_VALUES 40
struct values {
    const char *all[MAX_VALUES];
    size_t n;
};

static void add(struct values *v, const char *value)
{
    assert_true(v->n < MAX_VALUES);
    v->all[v->n++] = value;
}

static void add_all(struct values *v, const char *const *list)
{
    for (; *list; list++)
        add(v, *list);
}

static const char *long_text(size_t chars)
{
    struct buf b = buf_new(world.c->arena, 4 * chars + 1);
    while (chars-- > 0)
        buf_text(&b, "ă");
    return b.ptr;
}

static void add_numbers(struct values *v, const struct field *f)
{
    static const char *const never[] = {"99999999999999999999",
                                        "-99999999999999999999",
                                        "1e3",
                                        "0x10",
                                        "một",
                                        "1.5.5",
                                        "NaN",
                                        "1;2",
                                        "' OR 1=1",
                                        NULL};
    add_all(v, never);
    if (f->min > INT64_MIN + 1)
        add(v, arena_printf(world.c->arena, "%lld", (long long)f->min - 1));
    if (f->max)
        add(v, arena_printf(world.c->arena, "%lld", (long long)f->max + 1));
}

/* All that no field of this kind may take. */
static struct values bad_values(const struct field *f)
{
    static const char *const dates[] = {"30/02/2020", "31/04/2020",  "29/02/2021", "00/01/2020",
                                        "01/13/2020", "01/01/0000",  "2020-02-30", "hôm qua",
                                        "99/99/9999", "1/1/99999",   "-1/-1/-1",   "<script>",
                                        "1/1",        "' OR 1=1 --", NULL};
    static const char *const partial[] = {"30/02/1990", "31/04/1990", "13/1990", "0000",
                                          "abc",        "-1990",      "99999",   NULL};
    static const char *const phones[] = {"abc", "123", "+84 000", "0905 000 00x", "<script>", NULL};
    static const char *const mails[] = {
        "abc", "a@", "@b.vn", "a b@c.vn", "a@b@c.vn", "a@b..vn", "a@b.vn\nBcc: c@d.vn", NULL};
    static const char *const pins[] = {
        "123", "04619490000a", "0461949000011", "-46194900001", "０４６１９４９００００１", NULL};
    static const char *const codes[] = {"khong_co_ma", "<script>", "../../x", "' OR 1=1 --", NULL};
    static const char *const ids[] = {"khong-co", "../../etc/passwd", "01ARZ3NDEKTSV4RRFFQ69G5FA",
                                      "01ARZ3NDEKTSV4RRFFQ69G5FAU", NULL};
    static const char *const bools[] = {"maybe", "2", "<script>", NULL};
    struct values v = {.n = 0};
    switch (f->kind) {
    case KIND_TEXT:
    case KIND_LONG_TEXT:
        if (f->max)
            add(&v, long_text((size_t)f->max + 1));
        break;
    case KIND_DATE:
    case KIND_TIME:
        add_all(&v, dates);
        if (f->max == SHAPE_TODAY)
            add(&v, "01/01/2099");
        break;
    case KIND_PARTIAL_DATE: add_all(&v, partial); break;
    case KIND_PHONE: add_all(&v, phones); break;
    case KIND_EMAIL: add_all(&v, mails); break;
    case KIND_PIN: add_all(&v, pins); break;
    case KIND_CODE:
        if (f->catalogue)
            add_all(&v, codes);
        break;
    case KIND_ID: add_all(&v, ids); break;
    case KIND_INT:
    case KIND_MONEY: add_numbers(&v, f); break;
    case KIND_BOOL: add_all(&v, bools); break;
    case KIND_FILE:
    case KIND_LIST: break;
    }
    if (f->kind != KIND_FILE && f->kind != KIND_LIST) {
        add(&v, "a\001b");             /* a control */
        add(&v, "a\u202etxt.exe");     /* turns the reading direction */
        add(&v, "\u2066a\u2069");      /* isolates */
        add(&v, long_text(30 * 1000)); /* whatever it is */
    }
    return v;
}

/* ---- the page that comes back ---- */

static const char *summary_of(const struct web_client *b)
{
    const char *at = strstr(b->text, "govuk-error-summary__list");
    const char *end = at ? strstr(at, "</ul>") : NULL;
    return end ? html_text(world.c->arena, at, (size_t)(end - at)) : "";
}

static bool names(const struct web_client *b, const struct field *f, enum lang lang)
{
    struct arena *a = world.c->arena;
    const char *summary = summary_of(b);
    return strstr(summary, arena_printf(a, "href=\"#f-%s", f->name)) &&
           strstr(text_fold(a, summary), text_fold(a, shape_label(f, lang)));
}

/* Typed into an input or a text area; a choice that isn't offered can't be shown. */
static bool is_typed(const struct field *f)
{
    return f->kind != KIND_CODE && f->kind != KIND_BOOL && f->kind != KIND_ID &&
           !(f->flags & F_SECRET);
}

static bool keeps(const struct web_client *b, const struct field *f, const char *value)
{
    struct buf shown = buf_new(world.c->arena, 1 << 20);
    if (!is_typed(f) || strchr(value, 1))
        return true;
    buf_html(&shown, value);
    return strstr(b->text, shown.ptr) != NULL;
}

/* ---- the form of the procedure ---- */

struct pair {
    const char *name, *value;
};
#define MAX_PAIRS 140
struct typed {
    struct pair pairs[MAX_PAIRS];
    size_t n;
};

static void put(struct typed *t, const char *name, const char *value)
{
    for (size_t i = 0; i < t->n; i++)
        if (text_eq(t->pairs[i].name, name)) {
            t->pairs[i].value = value;
            return;
        }
    assert_true(t->n < MAX_PAIRS);
    t->pairs[t->n++] = (struct pair){name, value};
}

static struct typed page_of(struct web_client *b, const char *path)
{
    struct form form;
    struct typed t = {.n = 0};
    assert_int_equal(web_get(b, arena_printf(world.c->arena, "%s?sua=1", path)), 200);
    form_read(world.c->arena, b->text, path, &form);
    assert_true(form.found);
    for (size_t i = 0; i < form.n; i++)
        if (!text_eq(form.fields[i].name, "_key"))
            put(&t, form.fields[i].name, form.fields[i].value);
    return t;
}

static int send_typed(struct web_client *b, const char *path, const struct typed *t)
{
    struct buf body = buf_new(world.c->arena, 1 << 20);
    const char *token = b->token;
    for (size_t i = 0; i < t->n; i++) {
        buf_printf(&body, "%s%s=", i ? "&" : "", t->pairs[i].name);
        buf_url(&body, t->pairs[i].value);
    }
    web_send(b, "POST", path, "application/x-www-form-urlencoded", buf_bytes(&body));
    b->token = token;
    probes++;
    return b->status;
}

/* One bad value in a page that is otherwise as it came; in both languages. */
static void must_refuse(struct web_client *b, const char *path, const struct typed *page,
                        const struct field *f, const char *value)
{
    static const char *const languages[] = {"vi", "en"};
    for (enum lang lang = LANG_VI; lang <= LANG_EN; lang++) {
        struct typed t = *page;
        put(&t, f->name, value);
        if (f->visible_field)
            put(&t, f->visible_field, f->visible_value);
        b->language = languages[lang];
        send_typed(b, path, &t);
        if (b->status != 422)
            tell(f, value, b, "not refused by 422");
        else if (!names(b, f, lang))
            tell(f, value, b,
                 arena_printf(world.c->arena, "no error that names it: %s", summary_of(b)));
        else if (!keeps(b, f, value))
            tell(f, value, b, "what was typed is gone");
        if (strstr(b->text, "<script>alert"))
            tell(f, value, b, "what was typed comes out as it is");
    }
}

static const char *quoted(const char *text)
{
    struct buf b = buf_new(world.c->arena, 1 << 20);
    buf_json(&b, text);
    return b.ptr;
}

static const char *typed_in(const struct typed *page, const char *name)
{
    for (size_t i = 0; i < page->n; i++)
        if (text_eq(page->pairs[i].name, name))
            return page->pairs[i].value;
    return "";
}

/* The same of a program: that member alone, as JSON. */
static void must_refuse_member(struct web_client *who, const char *path, const struct typed *page,
                               const struct field *f, const char *raw)
{
    static const char *const languages[] = {"vi", "en"};
    struct buf body = buf_new(world.c->arena, 1 << 20);
    struct web_client b = *who;
    buf_printf(&body, "{\"_version\":%s", typed_in(page, "_version"));
    if (f->visible_field)
        buf_printf(&body, ",\"%s\":%s", f->visible_field, quoted(f->visible_value));
    buf_printf(&body, ",\"%s\":", f->name);
    buf_text(&body, raw);
    buf_char(&body, '}');
    b.accept = "application/json";
    b.more[b.n_more++] = (struct http_header){"X-CSRF-Token", b.token};
    for (enum lang lang = LANG_VI; lang <= LANG_EN; lang++) {
        struct buf label = buf_new(world.c->arena, 1000);
        buf_json(&label, shape_label(f, lang));
        b.language = languages[lang];
        web_send(&b, "POST", path, "application/json", buf_bytes(&body));
        probes++;
        const char *named =
            arena_printf(world.c->arena, "{\"field\":\"%s\",\"label\":%s,", f->name, label.ptr);
        if (b.status != 422 || !strstr(b.text, named))
            tell(f, raw, &b, b.text);
    }
}

/* Odd, but a text may hold it: it comes back as text, whatever becomes of the rest. */
static void must_bear(struct web_client *b, const char *path, const struct typed *page,
                      const struct field *f)
{
    static const char *const odd[] = {"<script>alert(1)</script>",
                                      "\"><img src=x onerror=alert(1)>",
                                      "'; DROP TABLE portal_draft; --",
                                      "Trâ\u0300n Thi\u0323 Ngo\u0323c",
                                      "👶 Bé Na",
                                      "../../etc/passwd",
                                      "{{title}}",
                                      "%s%n%x",
                                      "${7*7}"};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        struct typed t = *page;
        put(&t, f->name, odd[i]);
        put(&t, "_version", "999999"); /* nothing is to be kept */
        send_typed(b, path, &t);
        if (b->status != 422)
            tell(f, odd[i], b, "an old version was taken");
        if (strstr(b->text, "<script>alert") || strstr(b->text, "<img src=x"))
            tell(f, odd[i], b, "what was typed comes out as it is");
    }
}

static void try_field(struct web_client *b, const char *path, const struct typed *page,
                      const struct field *f)
{
    struct values v = bad_values(f);
    bool number = f->kind == KIND_INT || f->kind == KIND_MONEY;
    for (size_t i = 0; i < v.n; i++) {
        must_refuse(b, path, page, f, v.all[i]);
        must_refuse_member(b, path, page, f, quoted(v.all[i]));
    }
    must_refuse_member(b, path, page, f, "[]");
    must_refuse_member(b, path, page, f, "{\"name\":\"a\",\"content\":\"\"}");
    must_refuse_member(b, path, page, f, number ? "1.5" : "1");
    if (f->kind != KIND_BOOL)
        must_refuse_member(b, path, page, f, "true");
    if (f->flags & F_REQUIRED)
        must_refuse_member(b, path, page, f, "null");
    if ((f->flags & F_REQUIRED) && f->kind != KIND_FILE)
        must_refuse(b, path, page, f, "");
    if (f->kind == KIND_TEXT || f->kind == KIND_LONG_TEXT)
        must_bear(b, path, page, f);
}

/* Files that aren't what their name says, or that nobody takes. */
static void try_file(struct web_client *b, const char *path, const struct typed *page,
                     const struct field *f)
{
    static uint8_t large[11 * 1024 * 1024] = {0xff, 0xd8, 0xff, 0xe0};
    const struct web_file bad[] = {
        {f->name, "anh.jpg", "image/jpeg", bytes_of("no picture at all")},
        {f->name, "anh.jpg", "image/jpeg", bytes_of("")},
        {f->name, "a.exe", "image/jpeg", bytes_of("MZ\220")},
        {f->name, "a.svg", "image/svg+xml", bytes_of("<svg onload='alert(1)'/>")},
        {f->name, "a.html", "text/html", bytes_of("<script>alert(1)</script>")},
        {f->name, "../../../etc/passwd", "image/png", bytes_of("root:x:0:0")},
        {f->name, "a.pdf", "application/pdf", bytes_of("%PDF-1.7")},
        {f->name, "a.zip", "application/zip", bytes_of("PK\003\004")},
        {f->name, "large.jpg", "image/jpeg", {large, sizeof large}},
    };
    const char *fields[2 * MAX_PAIRS + 1] = {NULL};
    for (size_t i = 0, n = 0; i < page->n; i++)
        if (page->pairs[i].name[0] != '_' || text_eq(page->pairs[i].name, "_version")) {
            fields[n++] = page->pairs[i].name;
            fields[n++] = page->pairs[i].value;
        }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        const char *token = b->token;
        b->language = "vi";
        web_post_files(b, path, fields, &bad[i], 1);
        b->token = token;
        probes++;
        if (b->status != 422 || !names(b, f, LANG_VI))
            tell(f, bad[i].name, b, summary_of(b));
    }
}

static void test_procedure(void **state)
{
    static struct contents before;
    (void)state;
    faults = 0;
    asked_begin(PROVINCE);
    struct web_client *b = &who_named("the mother")->b;
    const struct procedure *p = procedure_find(world.c, BIRTH);
    size_t tried = 0;
    read_contents(&before);
    for (size_t i = 0; i < p->form->n; i++) {
        const struct field *f = &p->form->fields[i];
        const char *path = arena_printf(world.c->arena, "/ban-nhap/%s/%s", world.draft, f->group);
        if (f->flags & F_READ_ONLY)
            continue;
        struct typed page = page_of(b, path);
        if (f->kind == KIND_FILE)
            try_file(b, path, &page, f);
        else
            try_field(b, path, &page, f);
        tried++;
    }
    same_contents(&before, "forms");
    print_message("%zu fields of %s, %zu probes\n", tried, BIRTH, probes);
    node_end();
    assert_true(tried > 40 && probes > 1000);
    assert_int_equal(faults, 0);
}

/* ---- the bodies of all rows ---- */

static void put_good(struct buf *b, const struct field *f)
{
    if (f->kind == KIND_INT || f->kind == KIND_MONEY)
        buf_int(b, f->min);
    else if (f->kind == KIND_BOOL)
        buf_text(b, "true");
    else if (f->kind == KIND_LIST)
        buf_text(b, "[]");
    else
        buf_json(b, f->kind == KIND_ID ? "01ARZ3NDEKTSV4RRFFQ69G5FAV" : "x");
}

/* raw: the member's value as JSON; NULL leaves it out. */
static struct bytes body_with(const struct shape *s, const struct field *bad, const char *raw)
{
    struct buf b = buf_new(world.c->arena, 1 << 20);
    buf_char(&b, '{');
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        if (f == bad && !raw)
            continue;
        buf_printf(&b, "%s\"%s\":", b.len > 1 ? "," : "", f->name);
        if (f == bad)
            buf_text(&b, raw);
        else
            put_good(&b, f);
    }
    buf_char(&b, '}');
    return buf_bytes(&b);
}

static void must_refuse_json(const struct route *row, const struct field *f, const char *raw)
{
    const struct rule *rule = rule_of(row);
    struct web_client b = next_allowed(row, rule)->b;
    const char *named = arena_printf(world.c->arena, "\"field\":\"%s\"", f->name);
    for (enum lang lang = LANG_VI; lang <= LANG_EN; lang++) {
        struct buf label = buf_new(world.c->arena, 1000);
        buf_json(&label, shape_label(f, lang));
        b.language = lang == LANG_VI ? "vi" : "en";
        b.accept = "application/json";
        b.n_more = 0;
        b.more[b.n_more++] = (struct http_header){"X-CSRF-Token", b.token};
        send_as(&b, row->method, address_of(row, rule), "application/json",
                body_with(row->in, f, raw));
        probes++;
        const char *what = raw ? raw : "(absent)";
        if (b.status != 422 && b.status != 400)
            tell(f, what, &b, row->path);
        else if (!strstr(b.text, named) || !strstr(b.text, label.ptr))
            tell(f, what, &b, b.text);
    }
}

static void try_body(const struct route *row)
{
    for (size_t i = 0; i < row->in->n; i++) {
        const struct field *f = &row->in->fields[i];
        bool number = f->kind == KIND_INT || f->kind == KIND_MONEY;
        struct values v = bad_values(f);
        for (size_t k = 0; k < v.n; k++)
            must_refuse_json(row, f, quoted(v.all[k]));
        must_refuse_json(row, f, f->kind == KIND_LIST ? "\"x\"" : "[]"); /* no items are sound */
        must_refuse_json(row, f, "{}");
        if (f->kind != KIND_BOOL)
            must_refuse_json(row, f, "true");
        must_refuse_json(row, f, number ? "1.5" : "1");
        if (f->flags & F_REQUIRED) {
            must_refuse_json(row, f, NULL);
            must_refuse_json(row, f, number ? "null" : "\"\"");
        }
    }
}

static void test_bodies(void **state)
{
    static struct contents before;
    size_t n, tried = 0, from = probes;
    (void)state;
    faults = 0;
    for (size_t at = 0; at < NATION_NODES; at++) {
        asked_begin(at);
        const struct route **rows = live_rows(&n);
        read_contents(&before);
        for (size_t i = 0; i < n; i++)
            if (rows[i]->in && !row_is(rows[i], MACHINE)) {
                try_body(rows[i]);
                tried++;
            }
        same_contents(&before, "fields");
        node_end();
    }
    print_message("%zu bodies, %zu probes\n", tried, probes - from);
    assert_true(tried > 10 && probes - from > 500);
    assert_int_equal(faults, 0);
}

static int tests(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(test_procedure),
        cmocka_unit_test(test_bodies),
    };
    return cmocka_run_group_tests(all, world_begin, world_end);
}

int main(int argc, char **argv)
{
    return world_main(argc, argv, tests);
}
