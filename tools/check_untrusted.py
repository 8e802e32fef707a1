#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every function that a header marks UNTRUSTED (it sees bytes from outside) is reached by some
fuzz target, src/**/test/fuzz_*.c: called there, or by what is called there.
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


CALL = re.compile(r"\b([a-z_]\w*)\s*\(")


def bodies(root):
    """{function: text of its bodies} of the program."""
    found = {}
    for path in sources.listing("c", root):
        lines = path.read_text(encoding="utf-8").splitlines()
        for name, first, length in check_limits.functions(path):
            found[name] = found.get(name, "") + "\n".join(lines[first:first + length])
    return found


def reached(root):
    """The names of all functions that the fuzz targets call, directly or not."""
    body, seen = bodies(root), set()
    ahead = {n for p in sources.listing("fuzz", root)
             for n in CALL.findall(p.read_text(encoding="utf-8"))}
    while ahead:
        name = ahead.pop()
        seen.add(name)
        ahead |= set(CALL.findall(body.get(name, ""))) - seen
    return seen


def check(root, faults):
    fuzzed = reached(root)
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
