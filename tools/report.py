#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Collect the figures of a run: lines "figure BAR NAME=VALUE ..." that tests and stories print.

report.py FOLDER [--out FILE]: FOLDER holds the logs of ./dev test (.cache/ran): NAME.log of a step,
*.json of the C tests. Prints a table, or writes it to FILE. BAR is a bar of the reliability goals:
C6 kills, C7 power cuts, C8 torn files, C9 full disks, C10 failed syncs, C11 faults, C12 clocks, C13
simulation, C19 fuzzing. A line of another form is a fault: a figure nobody can read is none.
"""
import argparse
import json
import re
import sys
from pathlib import Path

LINE = re.compile(r"^figure (C\d+)((?: [a-z][a-z0-9_]*=[^\s=]+)+)$")


def outputs(folder):
    """(who said it, what it said) of every step and C test."""
    for path in sorted(Path(folder).glob("*.log")):
        yield path.stem, path.read_text(encoding="utf-8", errors="replace")
    for path in sorted(Path(folder).glob("*.json")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                run = json.loads(line)
                yield f"{path.stem}: {run['name']}", run.get("stdout") or ""


def figures(folder):
    """([(bar, who, {name: value})], lines that look like figures and aren't)"""
    found, bad = [], []
    for who, text in outputs(folder):
        for line in text.splitlines():
            m = LINE.match(line)
            if m:
                values = dict(pair.split("=", 1) for pair in m.group(2).split())
                found.append((m.group(1), who, values))
            elif line.startswith("figure "):
                bad.append(f"{who}: {line}")
    return sorted(found, key=lambda row: (int(row[0][1:]), row[1])), bad


def table(rows):
    lines = ["| bar | by | figures |", "| --- | --- | --- |"]
    for bar, who, values in rows:
        said = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in values.items())
        lines.append(f"| {bar} | `{who}` | {said} |")
    return "\n".join(lines) + "\n"


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("folder")
    a.add_argument("--out")
    o = a.parse_args()
    rows, bad = figures(o.folder)
    for line in bad:
        print(f"not a figure: {line}")
    if o.out:
        Path(o.out).write_text(table(rows), encoding="utf-8")
    print(table(rows), end="")
    return 1 if bad or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
