#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every function that a header marks UNTRUSTED (it sees bytes from outside) is reached by some
fuzz target, src/**/test/fuzz_*.c: called there, or by what is called there. So is every function
that takes text apart (it calls one of WALKS), marked or not, unless OURS says whose text it is.
What app/ takes apart are the administrator's settings and commands, and our own pages in stories.
"""
import re
import sys

import check_limits
import gen
import sources

MARKED = re.compile(r"\bUNTRUSTED\b([^;{]*?)(\w+)\s*\(", re.S)


def marked(text):
    """(offset, name) of each function marked in a header."""
    code = re.sub(r"#define\s+UNTRUSTED[^\n]*", "", text)
    code = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group(0)), code, flags=re.S)
    return [(code.count("\n", 0, m.start()) + 1, m.group(2)) for m in MARKED.finditer(code)]


WALKS = re.compile(r"\b(strto\w+|strcspn|strspn|strpbrk|memmem|sscanf|regexec)\s*\(")
OURS = {  # function: where the text comes from
    "pg_int": "a number that PostgreSQL wrote",
    "first_line": "a message of PostgreSQL",
    "unique_name": "a message of SQLite",
    "engine_log": "a message of the HTTP engine",
    "policy": "our own Content-Security-Policy",
    "answer_redirect": "an address that we made",
    "header_lines": "the headers of our own answer",
    "put_parameters": "the path of a route's row",
    "most_bytes": "the address of our own form",
    "ports_in": "the database address in node.json",
    "is_here": "the database address in node.json",
    "all_here": "the database address in node.json",
    "db_url_private": "the database address in node.json",
    "db_kept_row": "our own kept.txt",
    "db_kept_column": "our own kept.txt",
    "db_excess": "our own kept.txt",
    "misbehave": "words that a test build waits for",
    "client_of": "a way back that identity_safe_path() took",
}
CALL = re.compile(r"\b([a-z_]\w*)\s*\(")


def bodies(root):
    """{function: text of its bodies} of the program."""
    found = {}
    for path in sources.listing("c", root):
        lines = path.read_text(encoding="utf-8").splitlines()
        for name, first, length in check_limits.functions(path):
            found[name] = found.get(name, "") + "\n".join(lines[first:first + length])
    return found


def reached(root, body):
    """The names of all functions that the fuzz targets call, directly or not."""
    seen = set()
    ahead = {n for p in sources.listing("fuzz", root)
             for n in CALL.findall(p.read_text(encoding="utf-8"))}
    while ahead:
        name = ahead.pop()
        seen.add(name)
        ahead |= set(CALL.findall(body.get(name, ""))) - seen
    return seen


def walkers(root):
    """(file, line, name) of each function that takes text apart."""
    for path in sources.listing("c", root):
        if path.is_relative_to(root / "src/app"):
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        for name, first, length in check_limits.functions(path):
            if WALKS.search("\n".join(lines[first:first + length])):
                yield path.relative_to(root), first, name


def check(root, faults):
    fuzzed = reached(root, bodies(root))
    for path, line, name in walkers(root):
        if name not in fuzzed and name not in OURS:
            faults.add(path, line, f"{name}() takes text apart and no fuzz target reaches it")
    number = 0
    for header in sorted((root / "src").rglob("*.h")):
        for line, name in marked(header.read_text(encoding="utf-8")):
            number += 1
            if name not in fuzzed:
                faults.add(header.relative_to(root), line, f"no fuzz target reaches {name}()")
    return number


if __name__ == "__main__":
    found = gen.Faults()
    total = check(sources.ROOT, found)
    found.stop_if_any()
    print(f"{total} functions see bytes from outside, each has a fuzz target")
    sys.exit(0)
