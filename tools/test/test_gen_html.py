# SPDX-License-Identifier: Apache-2.0
"""The template compiler: the C it makes is compiled and run; what it must refuse is refused."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import gen
import gen_html

WEB_H = r"""
#include <stddef.h>
#include <stdint.h>
struct arena;
struct buf { struct arena *arena; char *ptr; size_t len; };
struct buf buf_new(struct arena *a, size_t max);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_text(struct buf *b, const char *t);
void buf_char(struct buf *b, char c);
void buf_int(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *f, ...);
void buf_html(struct buf *b, const char *t);
void buf_url(struct buf *b, const char *t);
struct page { struct buf *out; enum lang lang; };
"""
TEXTS_H = """
#ifndef T
#define T
enum lang { LANG_VI };
enum text { TX_NONE, TX_a_hello };
#define TX(k) TX_##k
const char *text_get(enum text t, enum lang l);
#endif
"""
MAIN_C = r"""
#include "gen/html.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "view.h"
struct buf buf_new(struct arena *a, size_t max)
{ return (struct buf){a, calloc(1, max), 0}; }
void buf_add(struct buf *b, const void *p, size_t n) { memcpy(b->ptr + b->len, p, n); b->len += n; }
void buf_text(struct buf *b, const char *t) { buf_add(b, t, strlen(t)); }
void buf_char(struct buf *b, char c) { buf_add(b, &c, 1); }
void buf_int(struct buf *b, int64_t v) { buf_printf(b, "%lld", (long long)v); }
void buf_printf(struct buf *b, const char *f, ...)
{ va_list a; va_start(a, f); b->len += (size_t)vsprintf(b->ptr + b->len, f, a); va_end(a); }
void buf_html(struct buf *b, const char *t)
{ for (; *t; t++) { if (*t == '<') buf_text(b, "&lt;"); else if (*t == '"') buf_text(b, "&quot;");
  else buf_char(b, *t); } }
void buf_url(struct buf *b, const char *t)
{ for (; *t; t++) { if (*t == ' ') buf_text(b, "%20"); else buf_char(b, *t); } }
const char *text_get(enum text t, enum lang l) { (void)l; return t ? "Chào {1} & {2}!" : ""; }
void page_layout_begin(struct page *p, const char *title)
{ buf_printf(p->out, "[%s]", title); }
void page_layout_end(struct page *p) { buf_text(p->out, "[end]"); }
int main(void)
{
    struct row rows[] = {{"<b>", 1}, {"An", 2}};
    struct view v = {.name = "x\"y", .rows = rows, .n = 2, .trusted = {"<i>t</i>"},
                     .bad = "javascript:alert(1)", .good = "/a", .q = "a b"};
    struct buf out = buf_new(0, 10000);
    struct page p = {&out, LANG_VI};
    t_html(&p, &v);
    fputs(out.ptr, stdout);
    return 0;
}
"""
VIEW_H = """
#pragma once
#include "gen/html.h"
struct row { const char *name; int age; };
struct view { const char *name, *bad, *good, *q; struct row *rows; size_t n; struct html trusted; };
"""
HEAD = '{# SPDX #}\n{% include "view.h" %}\n{% view struct view *v %}\n'


class Compiled(unittest.TestCase):
    def run_template(self, body):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name, text in {"web/web.h": WEB_H, "gen/texts.h": TEXTS_H, "main.c": MAIN_C,
                               "view.h": VIEW_H, "src/html/t.html": HEAD + body}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            gen_html.main(["--root", folder, "--out", f"{folder}/gen"])
            gen_html.main(["--root", folder, "--out", f"{folder}/gen",
                           "--one", f"{folder}/src/html/t.html"])
            made = subprocess.run(
                ["gcc", "-std=gnu17", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-Wno-format",
                 "-I", folder, "-o", f"{folder}/t", f"{folder}/main.c", f"{folder}/gen/html.c",
                 f"{folder}/gen/t_html.c"], capture_output=True, text=True)
            if made.returncode:
                return made.stderr
            return subprocess.run([f"{folder}/t"], capture_output=True, text=True).stdout

    def test_a_whole_page(self):
        out = self.run_template("""{% layout title=t a.hello(v->name, 3) %}
<ul>
    {% for r in v->rows : v->n %}
    <li class="c">{{ i_r + 1 }} {{ r->name }} {{ r->age }}</li>
    {% end %}
</ul>
{% if v->n > 5 %}<hr>{% elif v->n == 2 %}<br>{% else %}<p></p>{% end %}
{{ v->trusted }}{{t a_hello("<", v->n)}}{{t (TX_NONE)}}
{% let first = v->rows[0].name %}
<a href="{{ v->bad }}">-</a> <a href="{{ v->good }}?q={{url v->q}}" title="{{ v->name }}">1</a>
{% call buf_text(p->out, first) %}
""")
        self.assertEqual(out, """[Chào x"y & 3!]<ul>
<li class="c">1 &lt;b> 1</li>
<li class="c">2 An 2</li>
</ul>
<br>
<i>t</i>Chào &lt; & 2!
<a href="#">-</a> <a href="/a?q=a%20b" title="x&quot;y">1</a>
<b>[end]""")

    def test_a_link_is_judged_in_every_branch(self):
        out = self.run_template('<a href="{% if !v->n %}{{ v->good }}{% else %}{{ v->bad }}'
                                '{% end %}">1</a>')
        self.assertEqual(out, '<a href="#">1</a>')

    def test_a_misspelt_field_is_an_error_at_its_line(self):
        self.assertIn("src/html/t.html:5", self.run_template("<p>\n{{ v->nome }}</p>"))

    def test_a_missing_text_is_an_error(self):
        self.assertIn("TX_a_bye", self.run_template("{{t a.bye}}"))

    def test_a_type_without_a_way_to_print_does_not_compile(self):
        self.assertIn("_Generic", self.run_template("{{ 1.5 }}"))


class Refused(unittest.TestCase):
    CASES = {
        "<p>\nXin chào</p>": ("2", "a sentence belongs"),
        '<p title="chào">1</p>': ("1", "title='chào'"),
        "<p class={{ v->x }}>": ("1", "quoted attribute"),
        "<p class=x>1</p>": ("1", "must stand in quotes"),
        "<p {{ v->x }}>": ("1", "quoted attribute"),
        '<p onclick="{{ v->x }}">1</p>': ("1", "never inline"),
        '<p style="1">1</p>': ("1", "never inline"),
        "<script>1</script>": ("1", "scripts are never inline"),
        "<script>{{ v->x }}</script>": ("1", "no expression inside a script"),
        "<style>1</style>": ("1", "styles are never inline"),
        '{% if x %}<p class="{% end %}': ("1", "ends elsewhere"),
        "{% if x %}<p>": ("1", "has no {% end %}"),
        "{% end %}": ("1", "without a beginning"),
        "{% while x %}": ("1", "unknown"),
        "{% for x %}{% end %}": ("1", "a loop is"),
        "<!-- x -->": ("1", "use {#"),
        "<p>{{ x </p>": ("1", "not closed"),
        "<p class=\"x": ("1", "ends inside a tag"),
    }

    def test_each_case(self):
        for body, (line, why) in self.CASES.items():
            with self.subTest(body):
                faults = gen.Faults()
                gen_html.Template(Path("t.html"), "t.html", faults).compile(body)
                self.assertIn(why, "\n".join(faults.rows))
                self.assertIn(f"t.html:{line}:", faults.rows[0])

    def test_what_is_no_sentence_passes(self):
        faults = gen.Faults()
        gen_html.Template(Path("t.html"), "t.html", faults).compile(
            '<!doctype html><p class="a" hidden data-x=\'1\'>12 – &nbsp;({{ x }})<br/></p>'
            '<script src="{{ v->js }}" defer></script>')
        self.assertEqual(faults.rows, [])


if __name__ == "__main__":
    unittest.main()
