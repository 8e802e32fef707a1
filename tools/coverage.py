#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Coverage of the C sources after a run of the tests of a build with -Db_coverage=true.

    coverage.py BUILD              lines and branches by folder, then what must be whole
    coverage.py BUILD FILE...      the branches of these sources that were never taken

Read by gcov's JSON, object by object; a line counts as run when any object ran it. Branches of
asserts are left out (ASSERT, BUG and assert_...: their other side ends the process), as are
those that the compiler made for itself. WHOLE names the four places that must have all branches.
"""
import gzip
import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import sources

WHOLE = {
    "HTTP hygiene": ("src/net/guard.c", "src/net/http_head.c"),
    "JSON": ("src/web/json.c", "src/web/json_out.c"),
    "authorisation": ("src/web/web_guard.c", "src/core/scope.c"),
    "audit chain": ("src/core/audit.c", "src/core/audit_row.c", "src/core/audit_seal.c",
                    "src/core/audit_verify.c"),
}
OWN = re.compile(r"\b(ASSERT|BUG|FAULT_POINT|va_arg)\s*\(")


def reports(build):
    """gcov's reports of every object that ran; those of our own sources."""
    found = sorted(p.resolve() for p in build.rglob("*.gcda"))
    for i in range(0, len(found), 40):
        args = ["gcov", "--json-format", "--branch-probabilities", "--stdout",
                *map(str, found[i:i + 40])]
        out = subprocess.run(args, cwd=build, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             check=False).stdout
        if out[:2] == b"\x1f\x8b":
            out = gzip.decompress(out)
        for line in out.splitlines():
            yield from json.loads(line)["files"]


def name_of(path, root):
    """The source's path below the root; None when it isn't a source of the program."""
    text = path.removeprefix("../").removeprefix("./")
    whole = Path(text) if Path(text).is_absolute() else root / text
    try:
        name = whole.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return None
    good = name.startswith("src/") and "/test/" not in name and name.endswith((".c", ".h"))
    return name if good else None


def collect(build, root):
    """{source: {line: [count, [times each branch was taken]]}}"""
    seen = defaultdict(dict)
    for f in reports(build):
        name = name_of(f["file"], root)
        for line in f["lines"] if name else []:
            at = seen[name].setdefault(line["line_number"], [0, []])
            at[0] += line["count"]
            taken = [b["count"] for b in line["branches"] if not b["throw"]]
            if len(taken) == len(at[1]):
                at[1] = [a + b for a, b in zip(at[1], taken)]
            elif len(taken) > len(at[1]):
                at[1] = taken
    for name, lines in seen.items():
        text = (root / name).read_text(encoding="utf-8").splitlines()
        for number, at in lines.items():
            if number <= len(text) and OWN.search(text[number - 1]):
                at[1] = []
    return seen


def counted(files):
    """(lines run, lines, branches taken, branches)"""
    lines = [at for f in files for at in f.values()]
    branches = [b for at in lines for b in at[1]]
    return sum(at[0] > 0 for at in lines), len(lines), sum(b > 0 for b in branches), len(branches)


def told(label, files):
    run, lines, taken, branches = counted(files)
    return (f"{label:28} {run:6}/{lines:<6} {100 * run / max(lines, 1):5.1f} %  "
            f"{taken:6}/{branches:<6} {100 * taken / max(branches, 1):5.1f} %")


def folder_of(name):
    parts = name.split("/")
    return "/".join(parts[:3 if parts[1] in ("engine", "systems") else 2])


def show(seen):
    print(f"{'':28} {'lines':22} branches")
    for folder in sorted({folder_of(n) for n in seen}):
        print(told(folder, [f for n, f in seen.items() if folder_of(n) == folder]))
    print(told("all", seen.values()))
    for what, names in WHOLE.items():
        print(told(what, [seen[n] for n in names if n in seen]))


def missing(seen, root, names):
    for name in names:
        text = (root / name).read_text(encoding="utf-8").splitlines()
        for number, (count, branches) in sorted(seen[name].items()):
            if count == 0 or 0 in branches:
                way = f"{sum(b > 0 for b in branches)}/{len(branches)}" if count else "not run"
                print(f"{name}:{number}: {way}: {text[number - 1].strip()}")


if __name__ == "__main__":
    all_seen = collect(Path(sys.argv[1]), sources.ROOT)
    if not all_seen:
        sys.exit("nothing ran: build with -Db_coverage=true and run the tests")
    if sys.argv[2:]:
        missing(all_seen, sources.ROOT, sys.argv[2:])
    else:
        show(all_seen)
