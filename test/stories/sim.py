#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Three nodes and their clients under one seed (test/sim/sim.h): power cuts, kills, messages lost,
doubled and late, clocks that leap. Afterwards no acknowledged act is lost, each message and each
key acted once, trails and what peers hold of them agree. One seed in twenty is played twice: its
trace is the same.

sim.py [--seeds 1000] [--workers 2]. Controls: disks that lie about syncs, receivers that forget.
"""
import argparse
import subprocess

from judge import check, verdict
from nation import ROOT

SIM = ROOT / "build" / "test" / "sim"
KEPT = ROOT / "test" / "sim" / "kept.txt"
CONTROL_SEEDS = "30"


def play(*args):
    """The exit code; what it says is shown."""
    return subprocess.run([SIM, *map(str, args)], check=False).returncode


def kept():
    """Seeds that once found something."""
    lines = KEPT.read_text(encoding="utf-8").splitlines()
    return [line.split()[0] for line in lines if line and not line.startswith("#")]


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--seeds", type=int, default=1000)
    a.add_argument("--workers", type=int, default=2)
    o = a.parse_args()
    for seed in kept():
        if int(seed) > o.seeds:
            check(play("--first", seed, "--seeds", 1) == 0, f"kept seed {seed}")
    if play("--seeds", o.seeds, "--workers", o.workers) == 0:
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
