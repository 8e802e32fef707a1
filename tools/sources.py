#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""List the files of one kind, relative to the root, one a line, sorted.

Kinds: c (sources of the library and program), po (texts), err (error tables), html (templates),
schema (migrations), kept (what of them stays), harness, unit, slow, fuzz (tests), armed
(those tests that break something on purpose and don't do without), bench; `all` names every file
of every kind, so that ./dev sees when one came or went and configures the build again.
"""
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _src(root, pattern, test):
    src = root / "src"
    return [p for p in src.rglob(pattern) if ("test" in p.relative_to(src).parts[:-1]) == test]


def _is_armed(path):
    text = path.read_text(encoding="utf-8")
    return "sys_fault_arm" in text and "#ifdef DINH_FAULTS" not in text


def listing(kind, root=ROOT):
    """The files of `kind` under `root`, as sorted list of Path."""
    kinds = {
        "c": lambda: _src(root, "*.c", False),
        "po": lambda: _src(root, "lang/*.po", False) + list(root.glob("country/*/lang/*.po")),
        "err": lambda: _src(root, "errors.def", False),
        "html": lambda: _src(root, "html/*.html", False),
        "schema": lambda: _src(root, "schema/*.sql", False),
        "kept": lambda: _src(root, "schema/kept.txt", False),
        "harness": lambda: list((root / "test" / "harness").glob("*.c")),
        "unit": lambda: _src(root, "test_*.c", True),
        "slow": lambda: _src(root, "slow_*.c", True),
        "fuzz": lambda: _src(root, "fuzz_*.c", True),
        "armed": lambda: [p for p in _src(root, "*.c", True) if _is_armed(p)],
        "bench": lambda: list((root / "bench").glob("bench_*.c")),
    }
    if kind == "all":
        found = [p for k in kinds for p in kinds[k]()] + list((root / "src/base").glob("banned.h"))
    else:
        found = kinds[kind]()
    return sorted(set(found))


if __name__ == "__main__":
    for path in listing(sys.argv[1]):
        print(path.relative_to(ROOT))
