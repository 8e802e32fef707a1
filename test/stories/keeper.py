#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The keeper of the keys (docs/adr/0010) in whole nodes: killed at random moments of the story, and
looked for in the nodes' memory.

keeper.py [--kills 20] [--seed N] [--clients 3]. Each kill is one restart; no request is lost,
nothing acknowledged is missing, the trails verify. The root key is in no writable byte of a node;
the control finds it in its keeper, when we may look there.
"""
import argparse
import os
import random
import re
import signal
import sys
import time
import urllib.request
from pathlib import Path

from judge import any_seed
from kill import STEP_US, Crowd, fail_all, whole
from nation import NODES, Nation, program
from tales import Book

PATIENCE = 60


def parent_of(pid):
    return int(re.search(r"\) \S (\d+)", Path(f"/proc/{pid}/stat").read_text())[1])


def named(comm, parent):
    for p in Path("/proc").iterdir():
        try:
            if p.name.isdigit() and (p / "comm").read_text() == comm + "\n" and \
                    parent_of(p.name) == parent:
                return int(p.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return None


def keeper_of(nation, name):
    starter = named("dinh-starter", nation.running[name].pid)
    return starter and named("dinh-keeper", starter)


def restarts(nation, name):
    return nation.log(name, 1_000_000).count("keeper was started anew")


def figure(nation, name, what):
    """Of the keeper, as the node's own page of figures tells it."""
    with urllib.request.urlopen(nation.url(name, "/metrics"), timeout=20) as r:
        found = re.search(rf'^dinh_child_{what}_total{{child="keeper"}} (\d+)$', r.read().decode(),
                          re.M)
    return int(found[1]) if found else -1


def root_key(nation, name):
    return bytes.fromhex((nation.folder(name) / "keys/root.key").read_text().split()[0])


def holds(pid, what):
    """How often it stands in what the process may write to; None: we may not look."""
    seen, found = 0, 0
    try:
        maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
        with open(f"/proc/{pid}/mem", "rb", 0) as mem:
            for line in maps:
                where, may = line.split()[:2]
                low, high = (int(x, 16) for x in where.split("-"))
                if may[1] != "w" or high - low > 1 << 28:
                    continue
                try:
                    mem.seek(low)
                    part = mem.read(high - low)
                except OSError:
                    continue
                seen += len(part)
                found += part.count(what)
    except PermissionError:
        return None
    return found if seen > 1 << 20 else None


def kill_keepers(nation, dice, kills, crowd):
    """Each is seen, and paid for by one restart, before the next: a node asks every second, and
    allows itself one start a second, eight at once (base/child.h). Beyond that it says 503."""
    last = dict.fromkeys(NODES, 0)
    for _ in range(kills):
        time.sleep(dice.uniform(0.05, 0.5))
        name = dice.choice(NODES)
        time.sleep(max(0, last[name] + 1.1 - time.monotonic()))
        last[name] = time.monotonic()
        before, old = restarts(nation, name), keeper_of(nation, name)
        os.kill(old, signal.SIGKILL)
        until = time.monotonic() + PATIENCE
        while restarts(nation, name) == before:
            if time.monotonic() > until or crowd.faults:
                crowd.faults.append(f"{name}: the keeper that was killed isn't back")
                return
            nation.move_clock(STEP_US)
            time.sleep(0.05)


def look_inside(nation):
    faults = []
    for name in NODES:
        key, node = root_key(nation, name), nation.running[name].pid
        if found := holds(node, key):
            faults.append(f"{name}: the root key is in the node's memory, {found} times")
        inside = holds(keeper_of(nation, name), key)
        print(f"{name}: root key in the node {holds(node, key)} times, in its keeper {inside}")
        if inside == 0:
            faults.append(f"{name}: not found in the keeper either: the look proves nothing")
    return faults


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--kills", type=int, default=20)
    a.add_argument("--clients", type=int, default=3)
    a.add_argument("--seed", type=int, default=any_seed())
    o = a.parse_args()
    print(f"seed {o.seed}", flush=True)
    nation, book = Nation(program()), Book()
    try:
        nation.make()
        nation.start_all()
        faults = look_inside(nation)
        crowd = Crowd(nation, book, o.clients)
        kill_keepers(nation, random.Random(o.seed), o.kills, crowd)
        total = sum(restarts(nation, name) for name in NODES)
        starts = sum(figure(nation, name, "starts") for name in NODES)
        asked = [figure(nation, name, "requests") for name in NODES]
        faults += whole(nation, book, crowd, f"{o.kills} keepers killed, {total} restarts")
        if total != o.kills:
            faults.append(f"{total} restarts for {o.kills} kills")
        if starts != total + len(NODES) or min(asked) < 1:
            faults.append(f"/metrics tells of {starts} starts and {asked} requests")
        if lost := crowd.retries - crowd.hasty:
            faults.append(f"{lost} requests were lost and had to be sent again")
        if book.count() < o.kills:
            faults.append("too little happened for this to prove anything")
        sys.exit(fail_all(faults))
    finally:
        nation.remove()


if __name__ == "__main__":
    main()
