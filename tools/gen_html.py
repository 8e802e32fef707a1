#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compile page templates, src/**/html/NAME.html, into C functions NAME_html(page, view).

    {# SPDX-License-Identifier: Apache-2.0 #}          dropped
    {% include "systems/onestop/onestop_views.h" %}    where the view's struct is declared
    {% view struct onestop_inbox *v %}                 the second argument, as const
    {% layout title=EXPR %} / {% layout title=t key %} the page around all that follows
    {{ EXPR }}            a C expression: const char * (escaped), an integer, struct html (as is)
    {{t key}}             a text of lang/*.po; {{t key(EXPR, ...)}} fills {1}, {2}
    {{t (EXPR)}}          a text whose key (enum text) is computed
    {{url EXPR}}          a string, percent-encoded: part of a path or query
    {% if EXPR %} {% elif EXPR %} {% else %} {% end %}
    {% for row in ARRAY : COUNT %} {% end %}           row points to the element, i_row counts
    {% let name = EXPR %}
    {% call EXPR %}       a C call, for components: govuk_input(p, &v->name)

Refused, with file and line: a sentence that is not in lang/*.po; attribute values without quotes;
expressions inside a tag, in on* and style attributes; inline scripts and styles; branches that
end in another place of the HTML than they began.
"""
import argparse
import re
import sys
from pathlib import Path

import gen
import sources

TOKEN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
SPOKEN = {"title", "aria-label", "placeholder", "alt", "label", "summary", "aria-description"}
LINKS = {"href", "src", "action", "formaction", "poster", "data-live", "data-autosave"}
LETTERS = re.compile(r"[^\W\d_]+")
TEXT_CALL = re.compile(r"t\s+([a-z][\w.]*)\s*(?:\((.*)\))?$", re.S)


class Html:
    """Where in the HTML we are: in text, in a tag, or in a quoted attribute value."""

    def __init__(self):
        self.place, self.tag, self.attr, self.quote, self.value = "text", "", "", "", ""

    def state(self):
        return (self.place, self.attr if self.place == "value" else "")

    def feed(self, literal, fault):
        """Walk the literal; `fault(offset, why)` is told of what is not allowed."""
        spoken = []
        for i, char in enumerate(literal):
            spoken.append(char if self.place == "text" and char != "<" else " ")
            getattr(self, "_" + self.place)(char, i, fault)
        found = LETTERS.search(blank_entities("".join(spoken)))
        if found:
            fault(found.start(), f"{found.group(0)!r}: a sentence belongs in lang/*.po")

    def _text(self, char, i, fault):
        if char == "<":
            self.place, self.tag = "name", ""

    def _name(self, char, i, fault):
        if char == ">":
            self._close(i, fault)
        elif char.isspace():
            self.place, self.attr = "tag", ""
        elif self.tag == "!-" and char == "-":
            fault(i, "a comment would be sent to the reader: use {# #}")
            self.tag += char
        else:
            self.tag += char.lower()

    def _tag(self, char, i, fault):
        if char == ">":
            self._close(i, fault)
        elif char == "=":
            self.place = "equals"
            if self.attr.startswith("on") or self.attr == "style":
                fault(i, f"attribute {self.attr}: scripts and styles are never inline")
        elif char.isspace():
            self.attr = self.attr if not self.attr else self.attr + " "
        else:
            if self.attr.endswith(" "):
                self.attr = ""
            self.attr += char.lower()

    def _equals(self, char, i, fault):
        if char in "\"'":
            self.place, self.quote, self.value = "value", char, ""
        elif not char.isspace():
            fault(i, f"the value of {self.attr} must stand in quotes")
            self.place = "tag"

    def _value(self, char, i, fault):
        if char == self.quote:
            if self.attr.strip() in SPOKEN and LETTERS.search(blank_entities(self.value)):
                fault(i, f"{self.attr}={self.value!r}: a sentence belongs in lang/*.po")
            self.place, self.attr = "tag", ""
        else:
            self.value += char

    def _close(self, i, fault):
        self.place = "text"
        if self.tag == "style":
            fault(i, "styles are never inline")
        if self.tag == "script":
            self.place = "script"

    def _script(self, char, i, fault):
        if char == "<":
            self.place, self.tag = "name", ""
        elif not char.isspace():
            fault(i, "scripts are never inline")
            self.place = "text"


def blank_entities(text):
    return re.sub(r"&#?\w+;", lambda m: " " * len(m.group(0)), text)


class Template:
    """One template on its way into C."""

    def __init__(self, path, shown, faults):
        self.path, self.shown, self.faults = path, shown, faults
        self.includes, self.view, self.layout = [], None, None
        self.out, self.html, self.blocks = [], Html(), []
        self.pending, self.line, self.at_newline = "", 1, True

    def fault(self, why, line=None):
        self.faults.add(self.shown, line or self.line, why)

    # -- reading --

    def compile(self, text):
        position = 0
        for m in TOKEN.finditer(text):
            self.literal(text[position:m.start()])
            self.token(m.group(0))
            self.line += m.group(0).count("\n")
            position = m.end()
        self.literal(text[position:])
        self.flush()
        for word, line, *_ in self.blocks:
            self.fault(f"{{% {word} %}} has no {{% end %}}", line)
        if not self.blocks and self.html.place != "text":
            self.fault("the template ends inside a tag")
        return self.source()

    def literal(self, text):
        start = self.line
        if "{{" in text or "{%" in text:
            self.fault("an opened {{ or {% is not closed",
                       start + text[:text.find("{")].count("\n"))
        self.html.feed(text, lambda i, why: self.fault(why, start + text[:i].count("\n")))
        self.line += text.count("\n")
        squeezed = re.sub(r"\s*\n\s*", "\n", text)
        if squeezed.startswith("\n") and self.at_newline:
            squeezed = squeezed[1:]
        if squeezed:
            self.at_newline = squeezed.endswith("\n")
        self.pending += squeezed

    def token(self, token):
        if token.startswith("{#"):
            return
        body = token[2:-2].strip()
        if token.startswith("{{"):
            self.flush()
            self.value(body)
            self.at_newline = False
        else:
            self.statement(body)

    # -- writing --

    def flush(self):
        if self.pending:
            raw = self.pending.encode()
            self.out.append(f"    buf_add(p->out, {gen.c_bytes(raw, 3000)}, {len(raw)});")
        self.pending = ""

    def emit(self, code):
        self.flush()
        self.out.append(f'#line {self.line} "{self.shown}"\n    {code}')

    def value(self, body):
        place, attr = self.html.place, self.html.attr.strip()
        if place == "script":
            self.fault("no expression inside a script")
        elif place not in ("text", "value"):
            self.fault("an expression may stand in text or in a quoted attribute value only")
        if body.startswith("t ") or body.startswith("t("):
            return self.emit(f"page_text(p, {self.text(body)});")
        if body.startswith("url "):
            return self.emit(f"page_put_url(p, {body[4:].strip()});")
        if place == "value" and attr in LINKS and not self.html.value:
            self.html.value = "{}"
            return self.emit(f"page_put_link(p, {body});")
        return self.emit(f"PAGE_PUT(p, {body});")

    def text(self, body):
        """The arguments of page_text and page_string after p."""
        computed = re.match(r"t\s*\((.*)\)$", body, re.S)
        named = TEXT_CALL.match(body)
        if computed:
            return f"{computed.group(1)}, (const char *const[]){{0}}"
        if not named:
            self.fault(f"not a text: {body}")
            return "TX_NONE, (const char *const[]){0}"
        args = [f"PAGE_ARG(p, {a})" for a in split_args(named.group(2) or "")]
        listed = ", ".join(args + ["0"])
        return f"TX({named.group(1).replace('.', '_')}), (const char *const[]){{{listed}}}"

    def statement(self, body):
        word, _, rest = body.partition(" ")
        rest = rest.strip()
        handler = getattr(self, "do_" + word, None)
        if not handler:
            return self.fault(f"unknown {{% {word} %}}")
        return handler(rest)

    def do_include(self, rest):
        self.includes.append(f'#line {self.line} "{self.shown}"\n#include {rest}')

    def do_view(self, rest):
        m = re.fullmatch(r"((?:const )?struct \w+) \*(\w+)", rest)
        if not m:
            return self.fault("a view is declared as: view struct NAME *v")
        self.view = (m.group(1).replace("const ", ""), m.group(2))

    def do_layout(self, rest):
        m = re.fullmatch(r"title\s*=\s*(.+)", rest, re.S)
        if not m:
            return self.fault("a layout is: layout title=EXPR or layout title=t key")
        title = m.group(1)
        if re.match(r"t[\s(]", title):
            title = f"page_string(p, {self.text(title)})"
        self.pending, self.layout = "", title
        self.emit(f"page_layout_begin(p, {title});")

    def open(self, word, code):
        self.emit(code)
        self.blocks.append((word, self.line, self.html.state(), self.html.value))

    def same_place(self, word):
        if not self.blocks:
            self.fault(f"{{% {word} %}} without a beginning")
            return False
        _, line, state, value = self.blocks[-1]
        if self.html.state() != state:
            self.fault(f"the HTML before {{% {word} %}} ends elsewhere than it began at line "
                       f"{line}")
        self.html.value = value # a link may begin anew in each branch
        return True

    def do_if(self, rest):
        self.open("if", f"if ({rest}) {{")

    def do_elif(self, rest):
        if self.same_place("elif"):
            self.emit(f"}} else if ({rest}) {{")

    def do_else(self, rest):
        if self.same_place("else"):
            self.emit("} else {")

    def do_end(self, rest):
        if self.same_place("end"):
            self.emit("}")
            self.blocks.pop()

    def do_for(self, rest):
        m = re.fullmatch(r"(\w+) in (.+) : (.+)", rest, re.S)
        if not m:
            self.fault("a loop is: for ROW in ARRAY : COUNT")
            return self.blocks.append(("for", self.line, self.html.state(), self.html.value))
        row, array, count = m.groups()
        return self.open("for", f"for (size_t i_{row} = 0; i_{row} < (size_t)({count}); i_{row}++) "
                         f"{{ __auto_type {row} = &({array})[i_{row}]; (void){row};")

    def do_let(self, rest):
        m = re.fullmatch(r"(\w+) = (.+)", rest, re.S)
        if not m:
            return self.fault("a name is given by: let NAME = EXPR")
        return self.emit(f"__auto_type {m.group(1)} = {m.group(2)};")

    def do_call(self, rest):
        if self.html.place != "text":
            self.fault("a call may stand in text only")
        self.emit(f"{rest};")

    def source(self):
        view = "    (void)view;"
        if self.view:
            view = f"    const {self.view[0]} *{self.view[1]} = view;\n    (void){self.view[1]};"
        end = "\n    page_layout_end(p);" if self.layout else ""
        return "\n".join([
            "/* SPDX-License-Identifier: Apache-2.0 */",
            f"/* Made by tools/gen_html.py from {self.shown}. Do not edit. */",
            '#include "gen/html.h"', *self.includes, "",
            f"void {self.path.stem}_html(struct page *p, const void *view)", "{", view,
            *self.out]) + end + "\n}\n"


def split_args(text):
    """Arguments of a call, split at the commas that are in no bracket and no string."""
    parts, depth, quote, now = [], 0, "", ""
    for i, char in enumerate(text):
        if quote:
            quote = "" if char == quote and text[i - 1] != "\\" else quote
        elif char in "\"'":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        if char == "," and depth == 0 and not quote:
            parts.append(now.strip())
            now = ""
        else:
            now += char
    return parts + ([now.strip()] if now.strip() else [])


HEADER = """/* SPDX-License-Identifier: Apache-2.0 */
/* Made by tools/gen_html.py from the html folders. Do not edit. */
#ifndef DINH_GEN_HTML_H
#define DINH_GEN_HTML_H

#include "gen/texts.h"
#include "web/web.h"

/* HTML that is trusted because our own code wrote it; printed as it is. */
struct html {
    const char *html;
};

/* What {{ EXPR }} becomes: chosen by the type; a type that is not here does not compile. */
#define PAGE_PUT(p, e) \\
    _Generic((e), char *: page_put_text, const char *: page_put_text, \\
        struct html: page_put_html, \\
        short: page_put_int, int: page_put_int, long: page_put_int, long long: page_put_int, \\
        unsigned short: page_put_uint, unsigned: page_put_uint, \\
        unsigned long: page_put_uint, unsigned long long: page_put_uint)((p), (e))
void page_put_text(struct page *p, const char *text); /* escaped; NULL prints nothing */
void page_put_html(struct page *p, struct html trusted);
void page_put_int(struct page *p, int64_t value);
void page_put_uint(struct page *p, uint64_t value);
/* At the start of href, src, action: what is no address of http, https, mailto, tel or a path of
   ours becomes "#", so that typed text cannot become a script. */
void page_put_link(struct page *p, const char *url);
void page_put_url(struct page *p, const char *part);   /* percent-encoded */

/* An argument of a text as a string: strings as they are, integers in decimal digits. */
#define PAGE_ARG(p, e) \\
    _Generic((e), char *: page_arg_text, const char *: page_arg_text, \\
        short: page_arg_int, int: page_arg_int, long: page_arg_int, long long: page_arg_int, \\
        unsigned short: page_arg_uint, unsigned: page_arg_uint, \\
        unsigned long: page_arg_uint, unsigned long long: page_arg_uint)((p), (e))
const char *page_arg_text(struct page *p, const char *text);
const char *page_arg_int(struct page *p, int64_t value);
const char *page_arg_uint(struct page *p, uint64_t value);

/* A text in the page's language, {1}.. filled from args (NULL after the last): page_text prints it
   escaped, page_string gives it unescaped in the page's arena. */
void page_text(struct page *p, enum text key, const char *const *args);
const char *page_string(struct page *p, enum text key, const char *const *args);

/* The page around the content; written in web/. */
void page_layout_begin(struct page *p, const char *title);
void page_layout_end(struct page *p);

"""

RUNTIME = r"""/* SPDX-License-Identifier: Apache-2.0 */
/* Made by tools/gen_html.py. Do not edit. */
#include "gen/html.h"

#include <inttypes.h>
#include <string.h>

void page_put_text(struct page *p, const char *text)
{
    if (text)
        buf_html(p->out, text);
}

void page_put_html(struct page *p, struct html trusted)
{
    buf_text(p->out, trusted.html);
}

void page_put_int(struct page *p, int64_t value)
{
    buf_int(p->out, value);
}

void page_put_uint(struct page *p, uint64_t value)
{
    buf_printf(p->out, "%" PRIu64, value);
}

static int is_link(const char *url)
{
    static const char *const starts[] = {"https://", "http://", "mailto:", "tel:", "?", "#"};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (strncmp(url, starts[i], strlen(starts[i])) == 0)
            return 1;
    }
    /* "//host" and "/\host" would lead to another site under our name */
    return url[0] == '/' && url[1] != '/' && url[1] != '\\';
}

void page_put_link(struct page *p, const char *url)
{
    buf_html(p->out, url && is_link(url) ? url : "#");
}

void page_put_url(struct page *p, const char *part)
{
    if (part)
        buf_url(p->out, part);
}

const char *page_arg_text(struct page *p, const char *text)
{
    (void)p;
    return text ? text : "";
}

const char *page_arg_int(struct page *p, int64_t value)
{
    struct buf b = buf_new(p->out->arena, 24);
    buf_int(&b, value);
    return b.ptr;
}

const char *page_arg_uint(struct page *p, uint64_t value)
{
    struct buf b = buf_new(p->out->arena, 24);
    buf_printf(&b, "%" PRIu64, value);
    return b.ptr;
}

static void fill(struct buf *out, const char *text, const char *const *args)
{
    size_t n = 0;
    while (args[n])
        n++;
    for (const char *at = text; *at; at++) {
        size_t hole = at[0] == '{' && at[1] >= '1' && at[1] <= '9' && at[2] == '}'
                          ? (size_t)(at[1] - '0') : 0;
        if (hole && hole <= n) {
            buf_text(out, args[hole - 1]);
            at += 2;
        } else {
            buf_char(out, *at);
        }
    }
}

const char *page_string(struct page *p, enum text key, const char *const *args)
{
    const char *text = text_get(key, p->lang);
    if (!args[0])
        return text;
    struct buf b = buf_new(p->out->arena, 65536);
    fill(&b, text, args);
    return b.ptr;
}

void page_text(struct page *p, enum text key, const char *const *args)
{
    buf_html(p->out, page_string(p, key, args));
}
"""


def header(paths, faults):
    names = {}
    for path in paths:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", path.stem):
            faults.add(path, 1, "a template's name is small letters, digits and _")
        if path.stem in names:
            faults.add(path, 1, f"the name is taken by {names[path.stem]}")
        names[path.stem] = path
    body = "".join(f"void {n}_html(struct page *p, const void *view);\n" for n in sorted(names))
    return HEADER + body + "\n#endif\n"


def main(argv):
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--root", default=sources.ROOT, type=Path)
    args.add_argument("--out", required=True, type=Path)
    args.add_argument("--one", type=Path, help="this template; without: header and run-time")
    args.add_argument("names", nargs="*", help="ignored: the build's reason to run again")
    a = args.parse_args(argv)
    faults = gen.Faults()
    if a.one:
        path = a.one.resolve()
        shown = path.relative_to(a.root.resolve()).as_posix()
        code = Template(path, shown, faults).compile(path.read_text(encoding="utf-8"))
        faults.stop_if_any()
        gen.write(a.out / f"{path.stem}_html.c", code)
        return
    code = header(sources.listing("html", a.root), faults)
    faults.stop_if_any()
    gen.write(a.out / "html.h", code)
    gen.write(a.out / "html.c", RUNTIME)


if __name__ == "__main__":
    main(sys.argv[1:])
