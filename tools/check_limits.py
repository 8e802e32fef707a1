#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sizes that keep the code readable, with exceptions that may only shrink.

Functions: median at most 20 lines, nine in ten at most 50, none over 80. Files at most 600 lines,
public headers 120, lines 100 columns. tools/limits.txt names what is over, one a line:
`KIND FILE[:FUNCTION] VALUE`; a row that is no longer needed, or larger than it must be, is a fault
as well, so that the list goes towards nothing.
"""
import re
import statistics
import sys

import gen
import sources

MAX = {"function": 80, "file": 600, "header": 120, "columns": 100}
MEDIAN, NINE_IN_TEN = 20, 50
SHORT_ENDS = (".c", ".h", ".py", ".html", ".sql", ".mjs", ".js", ".scss", ".sh")


def functions(path):
    """(name, first line, lines) of each function of a C file in our style: the opening brace alone
    in the first column, the closing one as well."""
    rows, lines = [], path.read_text(encoding="utf-8").splitlines()
    start = None
    for number, line in enumerate(lines):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            rows.append((name_before(lines, start), start + 1, number - start - 1))
            start = None
    return rows


def name_before(lines, brace):
    """The name of the function whose body opens at `brace`."""
    first = brace - 1
    while first > 0 and lines[first][:1].isspace():
        first -= 1
    m = re.search(r"(\w+)\(", lines[first])
    return m.group(1) if m else "?"


def is_public_header(path, src):
    parts = path.relative_to(src).parts
    if path.suffix != ".h" or "test" in parts:
        return False
    return parts[0] not in ("engine", "systems") or path.stem == parts[1]


def measure(root):
    """({(kind, what): value} of all that is over its limit, lengths of all functions)."""
    over, lengths, src = {}, [], root / "src"
    note = lambda kind, what, value: over.__setitem__((kind, what), value) \
        if value > MAX[kind] else None
    for path in every_file(root):
        name = path.relative_to(root).as_posix()
        lines = path.read_text(encoding="utf-8").splitlines()
        note("columns", name, max((len(x) for x in lines), default=0))
        if path.suffix in (".c", ".h") and src in path.parents:
            kind = "header" if is_public_header(path, src) else "file"
            note(kind, name, len(lines))
            for function, _, length in functions(path):
                lengths.append(length)
                note("function", f"{name}:{function}", length)
    return over, lengths


def every_file(root):
    for top in ("src", "tools", "test", "web", "bench"):
        for path in sorted((root / top).rglob("*")):
            parts = path.relative_to(root).parts
            if path.suffix in SHORT_ENDS and not {"corpus", "data", "dist"} & set(parts):
                yield path


def read_exceptions(path, faults):
    rows = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            kind, what, value = line.split()
            if kind not in MAX:
                faults.add(path.name, number, f"unknown kind {kind}")
            rows[kind, what] = (int(value), number)
    return rows


def check(root, faults, strict=True):
    """`strict` also refuses rows of limits.txt that are larger than they must be."""
    over, lengths = measure(root)
    listing = root / "tools" / "limits.txt"
    allowed = read_exceptions(listing, faults) if listing.exists() else {}
    for (kind, what), value in sorted(over.items()):
        limit, _ = allowed.get((kind, what), (MAX[kind], 0))
        if value > limit:
            faults.add(what.split(":")[0], 1, f"{kind} {what}: {value} is over {limit}")
    for (kind, what), (value, line) in allowed.items():
        now = over.get((kind, what), 0)
        if strict and now < value:
            faults.add("tools/limits.txt", line, f"{kind} {what} is {now or 'within bounds'} now: "
                       "shrink or delete the row")
    if len(lengths) >= 20:
        shape(lengths, faults)
    return lengths


def shape(lengths, faults):
    """Whether most functions are short."""
    ninth = sorted(lengths)[int(len(lengths) * 0.9)]
    if statistics.median(lengths) > MEDIAN:
        faults.add("src", 1, f"median function {statistics.median(lengths)} lines, over {MEDIAN}")
    if ninth > NINE_IN_TEN:
        faults.add("src", 1, f"a tenth of the functions is over {ninth} lines, not {NINE_IN_TEN}")


if __name__ == "__main__":
    found = gen.Faults()
    sizes = check(sources.ROOT, found, "--strict" in sys.argv)
    found.stop_if_any()
    middle = statistics.median(sizes) if sizes else 0
    print(f"{len(sizes)} functions, median {middle} lines, longest {max(sizes, default=0)}")
    sys.exit(0)
