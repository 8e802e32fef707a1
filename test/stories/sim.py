#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Three nodes and their clients under one seed (test/sim/sim.h): power cuts, kills, messages lost,
doubled and late, clocks that leap. Afterwards no acknowledged act is lost, each message and each
key acted once, trails and what peers hold of them agree. One seed in twenty is played twice: its
trace is the same.

sim.py [--seeds 1000] [--from 1] [--workers 2] [--keep FILE]. Very many are played in parts of
1,000; with --keep each part that held is written down and not played again by the same program, so
that they can be played over several sittings, or by ranges; the figures are added up. Controls:
disks that lie about syncs, receivers that forget.
"""
import argparse
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

from judge import check, verdict
from nation import ROOT

SIM = ROOT / "build" / "test" / "sim"
KEPT = ROOT / "test" / "sim" / "kept.txt"
CONTROL_SEEDS = "30"
PART = 1000


def play(*args):
    """The exit code; what it says is shown."""
    return subprocess.run([SIM, *map(str, args)], check=False).returncode


def kept():
    """Seeds that once found something."""
    lines = KEPT.read_text(encoding="utf-8").splitlines()
    return [line.split()[0] for line in lines if line and not line.startswith("#")]


def played_before(path, program):
    """Parts that this program played already: (first, seeds) to figure."""
    if not path or not Path(path).exists():
        return {}
    rows = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    return {(r["first"], r["seeds"]): r["figure"] for r in rows if r["program"] == program}


def play_part(first, seeds, workers):
    """Its figure as numbers; None when it was red. What else it says is shown."""
    run = subprocess.run([SIM, "--first", str(first), "--seeds", str(seeds), "--workers",
                          str(workers)], check=False, capture_output=True, text=True)
    figure = None
    for line in run.stdout.splitlines():
        if line.startswith("figure C13 "):
            figure = {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", line)}
        else:
            print(line)
    sys.stdout.write(run.stderr)
    return figure if run.returncode == 0 else None


def play_parts(o):
    """Whether all parts held; prints the sum."""
    program = hashlib.sha256(SIM.read_bytes()).hexdigest()[:16]
    before = played_before(o.keep, program)
    total, good = {}, True
    for first in range(o.first, o.first + o.seeds, PART):
        part = (first, min(PART, o.first + o.seeds - first))
        figure = before.get(part) or play_part(*part, o.workers)
        good = good and figure is not None
        for name, value in (figure or {}).items():
            total[name] = total.get(name, 0) + value
        if figure and o.keep and part not in before:
            row = {"program": program, "first": part[0], "seeds": part[1], "figure": figure}
            with open(o.keep, "a", encoding="utf-8") as f:
                f.write(json.dumps(row) + "\n")
        if o.seeds > PART:
            print(f"seeds {first} to {first + part[1] - 1}: {'hold' if figure else 'RED'}",
                  flush=True)
    print("figure C13 " + " ".join(f"{k}={v}" for k, v in total.items()))
    return good


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--seeds", type=int, default=1000)
    a.add_argument("--from", type=int, default=1, dest="first")
    a.add_argument("--workers", type=int, default=2)
    a.add_argument("--keep")
    o = a.parse_args()
    for seed in kept():
        if not o.first <= int(seed) < o.first + o.seeds:
            check(play("--first", seed, "--seeds", 1) == 0, f"kept seed {seed}")
    if play_parts(o):
        print("three nodes under one seed: all agree at the end")
    else:
        check(False, "a seed, or too little happened")
    for control in ("lies", "forgets"):
        if play("--control", control, "--seeds", CONTROL_SEEDS, "--workers", o.workers) == 0:
            print(f"the control turns red: {control}")
        else:
            check(False, f"the control {control} stays green")
    verdict()


if __name__ == "__main__":
    main()
