#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Refuse an #include that breaks the house: base < crypto, db, net < web < core < engine <
systems < app; crypto, db and net don't see each other; an engine or system includes another only
through NAME/NAME.h and only if its module.c names it in .needs. Files made by generators are free
to all; tests may also include the harness, and without .needs the public headers of other modules,
whose work a flow has to look at.
"""
import re
import sys
from pathlib import Path

import gen
import sources

LEVEL = {"base": 0, "crypto": 1, "db": 1, "net": 1, "web": 2, "core": 3, "engine": 4,
         "systems": 5, "app": 6}
HOUSES = ("engine", "systems")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
NEEDS = re.compile(r"needs\s*(?:\[\])?\s*=\s*(?:\([^)]*\)\s*)?\{([^}]*)\}")


def includes(path):
    """(line, file) of each quoted include; of a template, its {% include %} lines."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        m = INCLUDE.match(line) or re.match(r'\s*\{%\s*include\s+"([^"]+)"', line)
        if m:
            rows.append((number, m.group(1)))
    return rows


def needs_of(module_dir):
    """The names in .needs of a module's module.c."""
    path = module_dir / "module.c"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return {name for m in NEEDS.finditer(text) for name in re.findall(r'"(\w+)"', m.group(1))}


def judge(src, path, target):
    """Why `path` may not include `target`, or None."""
    here = path.relative_to(src).parts
    there = Path(target).parts
    if there[0] == "gen":
        return None
    if there[0] == "test" or "test" in there[:-1]:
        same = "test" in here[:-1]
        return None if same else "only tests include tests"
    if there[0] not in LEVEL or not (src / target).exists():
        return "includes are written from src/, as \"base/buf.h\""
    mine, theirs = here[0], there[0]
    if mine != theirs:
        if LEVEL[theirs] >= LEVEL[mine]:
            return f"{mine} is below or beside {theirs}"
    if theirs not in HOUSES:
        return None
    if mine == theirs and here[1] == there[1]:
        return None
    if there != (theirs, there[1], f"{there[1]}.h"):
        return f"of {there[1]} only {there[1]}/{there[1]}.h is public"
    if mine in HOUSES and "test" not in here and there[1] not in needs_of(src / mine / here[1]):
        return f"{here[1]}/module.c does not name \"{there[1]}\" in .needs"
    return None


def check(root, faults):
    src = root / "src"
    files = [p for kind in ("*.c", "*.h", "*.html") for p in src.rglob(kind)]
    for path in sorted(files):
        for line, target in includes(path):
            why = judge(src, path, target)
            if why:
                faults.add(path.relative_to(root), line, f'"{target}": {why}')
    return len(files)


if __name__ == "__main__":
    found = gen.Faults()
    number = check(sources.ROOT, found)
    found.stop_if_any()
    print(f"{number} files keep the layers")
    sys.exit(0)
