#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nodes die at random moments of the story; nothing acknowledged is lost, nothing done twice.

kill.py [--kills 100] [--cuts 40] [--seed N] [--clients 3]: first SIGKILLs, then power cuts (nodes
run by test/cut_dinh.c on a disk that forgets what wasn't synced: databases, attachments, papers).
Controls must fail: an old copy of a database put back, and disks that lie about their syncs: of
folders, of files, of everything.
"""
import argparse
import contextlib
import random
import signal
import sqlite3
import sys
import threading
import time

from judge import any_seed
from nation import NODES, PROVINCE, ROOT, Nation, program, verify_all
from tales import MOTHERS, Book, Family, damaged_files, missing, not_drained, read_back

STORIES = ("birth", "birth", "withdrawn", "birth", "refused")
CUT_STATUS = 88
LIES = 12  # cuts of a disk that lies, at most
CUT_DINH = str(ROOT / "build" / "test" / "cut_dinh")
STEP_US = 7_000_000  # the outbox tries again after 5 s: the shared clock goes that far in one step


class Left(Exception):
    pass


class Crowd:
    """Clients that play story after story until told to finish the one they are in."""
    family = Family

    def __init__(self, nation, book, clients, number=0):
        self.nation, self.book = nation, book
        self.gone = threading.Event()
        self.ending, self.faults, self.played = threading.Event(), [], []
        self.retries = self.hasty = 0
        self.number, self.lock, self.mothers = number, threading.Lock(), {}
        self.threads = [threading.Thread(target=self.client, args=(MOTHERS[i % len(MOTHERS)],))
                        for i in range(clients)]
        for t in self.threads:
            t.start()

    def go_on(self, _label):
        if self.gone.is_set():
            raise Left

    def client(self, mother):
        officials = {}
        while not self.ending.is_set():
            with self.lock:
                self.number += 1
                number = self.number
            f = self.family(self.nation, self.book, mother, number, officials, self.go_on)
            story = STORIES[number % len(STORIES)]
            try:
                getattr(f, story)()
            except Left:
                return
            except Exception as e:  # every kind is a fault of the run
                self.faults.append(f"{mother}, {story} {number} {f.code}: {e!r}")
                return
            finally:
                with self.lock:
                    self.retries += f.citizen.retries
                    self.hasty += f.citizen.hasty
                    self.mothers.setdefault(mother, []).append(f.code)
            self.played.append(story)

    def leave(self):
        """At once, in the middle of whatever it is."""
        self.gone.set()
        for t in self.threads:
            t.join(60)

    def finish(self, nation, seconds=240):
        self.ending.set()
        until = time.monotonic() + seconds
        while any(t.is_alive() for t in self.threads) and time.monotonic() < until:
            nation.move_clock(STEP_US)
            time.sleep(0.5)
        if any(t.is_alive() for t in self.threads):
            self.faults.append("clients that never finished")


def snapshot(nation, to):
    with contextlib.closing(sqlite3.connect(nation.folder(PROVINCE) / "dinh.db")) as db, \
            contextlib.closing(sqlite3.connect(to)) as copy:
        db.backup(copy)


def drained(nation, seconds=90):
    """What is still owed after the clock was moved on for a while."""
    until = time.monotonic() + seconds
    while True:
        owed = not_drained(nation)
        if not owed or time.monotonic() > until:
            return owed
        nation.move_clock(STEP_US)
        time.sleep(0.3)


def kill_some(nation, dice, kills, crowd, copy_at, copy_to):
    for k in range(kills):
        time.sleep(dice.uniform(0.02, 0.7))
        name = dice.choice(NODES)
        nation.stop(name, signal.SIGKILL)
        if dice.random() < 0.3:
            time.sleep(dice.uniform(0, 0.4))
        nation.start(name)
        nation.wait_ready(name)
        nation.move_clock(STEP_US)
        if k == copy_at:
            snapshot(nation, copy_to)
        if crowd.faults:
            return k + 1
    return kills


def arm(nation, name, dice, first=1, last=400, disk="honest"):
    plan = f"{dice.randint(first, last)}:{dice.getrandbits(60) | 1}:{disk}"
    nation.extra[name] = {"DINH_CUT": plan}


def cut_some(nation, dice, cuts, crowd):
    """Every node carries a power cut at a random write or sync of its; whoever died comes back with
    the next one, and may be cut while it recovers. The more stands, the more is written at a start
    and by jobs: the cuts come later, so that people are still answered between them."""
    done, deadline = 0, time.monotonic() + 60 + 12 * cuts
    while done < cuts and time.monotonic() < deadline and not crowd.faults:
        time.sleep(0.01)
        for name, p in list(nation.running.items()):
            code = p.poll()
            if code is None:
                continue
            if code != CUT_STATUS:
                crowd.faults.append(f"{name} ended with {code}: {nation.log(name)}")
                return done
            done += 1
            arm(nation, name, dice, last=400 + done)
            nation.start(name)
            nation.move_clock(STEP_US)
    return done


def revive(nation):
    """All of them anew, on a disk that stays sound."""
    nation.extra.clear()
    for name in NODES:
        nation.stop(name, signal.SIGKILL)
        nation.start(name)
    for name in NODES:
        nation.wait_ready(name)


def whole(nation, book, crowd, what):
    """Everything that is asked of a nation after its troubles."""
    crowd.finish(nation)
    faults = list(crowd.faults)
    faults += drained(nation)
    faults += missing(book, nation)
    faults += read_back(book, nation, crowd.mothers)
    codes = nation.stop_all()
    faults += [f"{name} ended with {code}" for name, code in codes.items() if code]
    faults += verify_all(nation)
    for name in NODES:
        faults += damaged_files(nation, name)
    print(f"{what}: {len(crowd.played)} stories, {book.count()} acknowledgements, "
          f"{crowd.retries} requests sent again, {len(faults)} faults", flush=True)
    return faults


def fail_all(faults):
    for f in faults[:40]:
        print(f"FAIL  {f}")
    return bool(faults)


def play_kills(o, dice):
    nation, book = Nation(program()), Book()
    old = nation.top / "old.db"
    try:
        nation.make()
        nation.start_all()
        crowd = Crowd(nation, book, o.clients)
        n = kill_some(nation, dice, o.kills, crowd, o.kills // 2, old)
        faults = whole(nation, book, crowd, f"{n} kills")
        print(f"figure C6 kills={n} acknowledged={book.count()} faults={len(faults)}")
        if n != o.kills or book.count() < o.kills or crowd.retries < o.kills // 4:
            faults.append("too little happened for this to prove anything")
        if fail_all(faults):
            return True
        # The control: the database as it was at half time.
        for end in ("-wal", "-shm"):
            (nation.folder(PROVINCE) / f"dinh.db{end}").unlink(missing_ok=True)
        old.replace(nation.folder(PROVINCE) / "dinh.db")
        lost = missing(book, nation)
        print(f"control, an old database put back: {len(lost)} losses seen")
        return fail_all([] if lost else ["nothing is missing from an old database"])
    finally:
        nation.remove()


def play_cuts(o, dice):
    nation, book = Nation(program(), CUT_DINH), Book()
    try:
        nation.make()
        for name in NODES:
            arm(nation, name, dice)
            nation.start(name)
        crowd = Crowd(nation, book, o.clients)
        n = cut_some(nation, dice, o.cuts, crowd)
        revive(nation)
        faults = whole(nation, book, crowd, f"{n} power cuts")
        print(f"figure C7 cuts={n} acknowledged={book.count()} faults={len(faults)} "
              f"photos={len(book.photos)} papers={len(book.papers)}")
        if n < o.cuts or book.count() < o.cuts or len(book.photos) + len(book.papers) < 4:
            faults.append("too little happened for this to prove anything")
        return fail_all(faults)
    finally:
        nation.remove()


def lie_once(nation, dice, disk, clients, book):
    """What one cut of a disk that forgets took away."""
    nation.make()
    arm(nation, PROVINCE, dice, 600, 900, disk)
    nation.start_all()
    crowd = Crowd(nation, book, clients)
    code = nation.running.pop(PROVINCE).wait(600)
    crowd.leave()
    nation.stop_all()
    if code != CUT_STATUS:
        raise SystemExit(f"a disk that {disk}: exit {code}, no cut")
    try:
        return damaged_files(nation, PROVINCE) if disk != "lies" else missing(book, nation)
    except sqlite3.DatabaseError as e:
        return [repr(e)]


def play_lies(o, dice):
    """The controls: cuts of each disk that forgets syncs, until one shows it (by its seed a disk
    may keep all that matters). Files whose rows are there, or acts that were acknowledged, or the
    database itself, must be gone; else the cuts cut nothing."""
    seen, faults = {}, []
    for disk in ("lies-folders", "lies-files", "lies"):
        lost, kept = [], 0
        for _ in range(LIES):
            nation, book = Nation(program(), CUT_DINH), Book()
            try:
                lost = lie_once(nation, dice, disk, o.clients, book)
            finally:
                nation.remove()
            kept += book.count()
            if lost:
                break
        seen[disk.replace("-", "_")] = len(lost)
        print(f"control, a disk that lies ({disk}): {kept} acknowledgements, "
              f"{len(lost)} losses seen: {str(lost[:1])[:160]}", flush=True)
        if not lost or not kept:
            faults.append(f"a disk that {disk} lost nothing: nothing was cut")
    print("figure C7 " + " ".join(f"control_{disk}_lost={n}" for disk, n in seen.items()))
    return fail_all(faults)


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--kills", type=int, default=100)
    a.add_argument("--cuts", type=int, default=40)
    a.add_argument("--clients", type=int, default=3)
    a.add_argument("--seed", type=int, default=any_seed())
    o = a.parse_args()
    print(f"seed {o.seed}", flush=True)
    dice = random.Random(o.seed)
    failed = o.kills > 0 and play_kills(o, dice)
    failed = failed or play_cuts(o, dice) or play_lies(o, dice)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
