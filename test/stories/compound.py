#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second fault while a node recovers from the first. First: killed, a sync that failed, a crash
within a commit. Then the folder is opened with one call failing or killing, once or from then on:
refused with one line in each language, never a crash of its own; and opened again without faults
it is whole, with everything acknowledged.

compound.py [--rounds 6] [--seed N]: rounds for each first fault.
"""
import argparse
import contextlib
import itertools
import random
import shutil
import signal
import sqlite3
import subprocess

from browser import Browser, Unanswered
from faults import SANITIZED
from judge import any_seed, check, verdict
from nation import NATIONAL, NODES, PROVINCE, Nation, program, run
from tales import MOTHERS, Book, Family

FIRST = (("killed", None), ("a sync failed", "fsync:40:EIO:sticky"),
         ("a crash within a commit", "point:db.commit.after:40:crash"),
         ("a full disk, then killed", "write:150:ENOSPC:sticky"))
SECOND = {"db": "EIO", "open": "EMFILE", "read": "EIO", "write": "ENOSPC", "fsync": "EIO",
          "rename": "EIO", "mkdir": "ENOSPC"}
KINDS = itertools.cycle(sorted(SECOND))  # in turn: by lot, too few may be felt


class Hasty(Family):
    def browser(self):
        return Browser(patience=2)


def struck(nation, book, number, plan):
    """The province files until the first fault has ended it, or is killed in the middle."""
    nation.start(PROVINCE, env={"DINH_FAULT": plan} if plan else None)
    with contextlib.suppress(Unanswered, RuntimeError):
        nation.wait_ready(PROVINCE)
        Hasty(nation, book, MOTHERS[number % len(MOTHERS)], number).filing()
    ends_itself = plan and not plan.startswith("write")  # a full disk ends no node
    with contextlib.suppress(subprocess.TimeoutExpired):
        nation.running[PROVINCE].wait(60 if ends_itself else 2)
    return nation.stop(PROVINCE, signal.SIGKILL)


def filed(folder):
    with contextlib.closing(sqlite3.connect(f"file:{folder}/dinh.db?mode=ro", uri=True)) as db:
        return {row[0] for row in db.execute("SELECT code FROM casework_case")}


def plan_of(dice):
    kind = next(KINDS)
    action = dice.choice((SECOND[kind], SECOND[kind], "crash"))
    sticky = ":sticky" if dice.random() < 0.4 and action != "crash" else ""
    last = {"db": 60, "read": 60, "write": 12}.get(kind, 6)
    return f"{kind}:{dice.randint(1, last)}:{action}{sticky}"


def again(nation, book, what, dice, rounds):
    """How many of the second faults were felt."""
    felt = 0
    for _ in range(rounds):
        folder, plan = nation.top / "copy", plan_of(dice)
        shutil.copytree(nation.folder(PROVINCE), folder)
        code, out, err = run(nation.exe, "verify", "--data", folder, timeout=120,
                             env={**SANITIZED, "DINH_FAULT": plan})
        said = [x for x in (out + err).splitlines() if x.startswith("ERR_")]
        felt += code != 0
        check(code in (0, 1) or (code == -9 and "crash" in plan),
              f"{what}, then {plan}: exit {code}: {err[-900:]}")
        check(code != 1 or len(said) == 2, f"{what}, then {plan}: said {out}{err[-900:]}")
        code, out, err = run(nation.exe, "verify", "--data", folder, timeout=120, env=SANITIZED)
        check(code == 0, f"{what}, then {plan}, then opened: exit {code}: {out}{err[-900:]}")
        lost = set(book.filed) - filed(folder)
        check(not lost, f"{what}, then {plan}: acknowledged and gone: {lost}")
        shutil.rmtree(folder)
    return felt


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--rounds", type=int, default=6)
    a.add_argument("--seed", type=int, default=any_seed())
    o = a.parse_args()
    print(f"seed {o.seed}", flush=True)
    dice, book = random.Random(o.seed), Book()
    nation, felt = Nation(program(sanitized=True), env=SANITIZED), 0
    try:
        nation.make()
        for name in NODES:
            if name != PROVINCE:
                nation.start(name)
        nation.wait_ready(NATIONAL)
        for number, (what, plan) in enumerate(FIRST, 1):
            code = struck(nation, book, number, plan)
            wanted = {1} if "sync" in what else {-9}
            check(code in wanted, f"{what}: ended with {code}: {nation.log(PROVINCE)}")
            felt += again(nation, book, what, dice, o.rounds)
            print(f"{what}: exit {code}, {len(book.filed)} filed so far", flush=True)
        n = o.rounds * len(FIRST)
        check(felt >= n // 4 and book.filed, f"{felt} of {n} felt, {len(book.filed)} filed")
        print(f"figure C11 first_faults={len(FIRST)} second_faults={n} felt={felt} "
              f"acknowledged={book.count()}")
    finally:
        nation.remove()
    verdict()


if __name__ == "__main__":
    main()
