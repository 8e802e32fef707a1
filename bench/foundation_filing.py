#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Dossiers filed a second: a nation of three processes, drafts of the birth service filled over
HTTP as a browser would, then all of them filed, each exactly once, by 32 kept connections.

The reference, in the same run: the rows those filings left in the database, inserted by SQLite
alone with the same group commit. One JSON object a line. Run by `./dev bench foundation`.
"""
import concurrent.futures
import contextlib
import json
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "stories"))

from browser import Forms  # noqa: E402
from nation import PROVINCE, Nation, program  # noqa: E402
from tales import MOTHERS, Book, Family  # noqa: E402

BUILD = ROOT / "build"
DRAFTS, CONNECTIONS, FILLERS = 1200, 32, 8


def say(name, value, unit, bar, reference, passed):
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, "bar": bar,
                      "reference": round(reference, 3), "ratio": round(value / reference, 3),
                      "pass": passed}), flush=True)
    return passed


def snapshot(source, target):
    with contextlib.closing(sqlite3.connect(source)) as a, \
            contextlib.closing(sqlite3.connect(target)) as b:
        a.backup(b)


def fill(nation, first):
    """Drafts of one mother, ready to be filed: her cookie and a line a draft for bench_once."""
    family, lines = Family(nation, Book(), MOTHERS[0], first), []
    family.signs_in()
    family.crosses_over()
    for _ in range(first, DRAFTS, FILLERS):
        family.begins()
        family.fills_all()
        family.citizen.get(nation.url(PROVINCE, f"{family.draft}/xem-lai"))
        action = f"{family.draft}/nop"
        fields = Forms(family.citizen.text).forms[action]
        lines.append(f"{action}\t{urllib.parse.urlencode(fields)}\n")
    jar = family.citizen.cookies[nation.url(PROVINCE)]
    return "; ".join(f"{k}={v}" for k, v in jar.items()), lines


def run(tool, *args):
    """What a program of build/bench prints, as numbers."""
    done = subprocess.run([BUILD / "bench" / tool, *map(str, args)], stdout=subprocess.PIPE,
                          text=True, check=True)
    return [float(x) for x in done.stdout.split()]


def file_all(nation):
    """(filings a second, median ms, p99 ms, how many were refused)"""
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(FILLERS) as pool:
        filled = list(pool.map(lambda first: fill(nation, first), range(FILLERS)))
    print(f"{DRAFTS / (time.monotonic() - began):.0f} drafts filled a second, set-up",
          file=sys.stderr)
    database = nation.folder(PROVINCE) / "dinh.db"
    snapshot(database, nation.top / "before.db")
    # each line says whose session it is; they take turns
    with open(nation.top / "lines", "w", encoding="utf-8") as f:
        for turn in range(-(-DRAFTS // FILLERS)):
            f.writelines(f"{cookie}\t{lines[turn]}" for cookie, lines in filled
                         if turn < len(lines))
    port = urllib.parse.urlsplit(nation.url(PROVINCE)).port
    got = run("bench_once", port, CONNECTIONS, nation.top / "lines")
    snapshot(database, nation.top / "after.db")
    return got


def naked(top):
    """The same rows by SQLite alone: filings a second, the median of three."""
    rates = []
    for i in range(3):
        shutil.copy(top / "before.db", top / f"fresh{i}.db")
        rates.append(run("bench_replay", top / "after.db", top / f"fresh{i}.db", DRAFTS,
                         CONNECTIONS)[2])
    return statistics.median(rates)


def main():
    nation = Nation(program())
    try:
        nation.make()
        nation.start_all()
        rate, p50, p99, refused = file_all(nation)
        nation.stop_all()
        plain = naked(nation.top)
    finally:
        nation.remove()
    if refused:
        sys.exit(f"{refused:.0f} filings were refused")
    good = [say("dossiers filed", rate, "/s", ">= 400", plain, rate >= 400),
            say("dossier filed, median", p50, "ms", "<= 100", 100, p50 <= 100),
            say("dossier filed, p99", p99, "ms", "<= 100", 100, p99 <= 100)]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
