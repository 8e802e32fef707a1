#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each call of the story fails once: the k-th database call, read, write, rename and outgoing call
of every request on every node, then of the jobs behind them, then every fault point by name.

faults.py [--deep] [--seed N]. Nodes are sanitizer builds that follow a fault plan in a
file (struct sys_fault_file, src/base/sys.h). A request is sent again with the same key until it
passes untouched; k rises with each try. Whatever failed, the answer is "not now" (503), never a
mistake of the client's, never a crash; a failed sync ends the node, which is started again.
Afterwards the story completes, everything acknowledged is there once and every trail holds.
"""
import argparse
import contextlib
import mmap
import random
import re
import struct
import subprocess
import sys
import time

from browser import LOST, Browser, Unanswered
from judge import any_seed
from nation import NODES, ROOT, Nation, program, run, verify_all
from tales import MOTHERS, Book, Family, missing, not_drained, read_back

KINDS = ("malloc", "open", "read", "write", "fsync", "rename", "unlink", "mkdir", "db", "net",
         "random", "point")
SWEPT = {"db": "EIO", "write": "ENOSPC", "open": "EMFILE", "read": "EIO", "rename": "EIO",
         "mkdir": "ENOSPC", "net": "ECONNRESET"}
DEEP = {"a full disk": dict.fromkeys(("db", "write", "open", "mkdir"), "ENOSPC"),
        "a read-only disk": dict.fromkeys(("write", "open", "rename", "mkdir"), "EROFS"),
        "conflicts": {"db": "EAGAIN"}, "no answer": {"net": "ETIMEDOUT"}}
ENDING = {"fsync": "EIO"}  # the process must end; the story starts it again
SYNC_FAILED = "a sync to disk failed"
FILE_BLAMED = "không thể mở tệp"
PLAN_BYTES, POINTS, POINT_BYTES = 2048, 64, 56
CALLS_AT = 24
PLAN_AT = CALLS_AT + 8 * len(KINDS)
POINTS_AT = PLAN_AT + PLAN_BYTES
JOB_FAULTS = 30
SANITIZED = {"LSAN_OPTIONS": f"suppressions={ROOT / 'test' / 'lsan.supp'}:print_suppressions=0",
             "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1", "G_SLICE": "always-malloc"}
SANITIZED_SLOWER = 4     # than the program that is shipped, at ending with a look for leaks
STEP_US = 20_000_000     # the outbox waits 5 s after a fault, then twice as long, up to an hour
PATIENT_US = 900_000_000
SECOND_US = 1_000_000


class FaultFile:
    """struct sys_fault_file of one node."""

    def __init__(self, path):
        path.write_bytes(bytes(POINTS_AT + POINTS * (POINT_BYTES + 8)))
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 0)
        self.number = 0

    def arm(self, plan=""):
        text = plan.encode()
        self.number += 1
        self.map[0:8] = struct.pack("<q", -self.number)  # nobody reads a plan half written
        self.map[PLAN_AT:PLAN_AT + len(text) + 1] = text + b"\0"
        self.map[0:8] = struct.pack("<q", self.number)

    def at(self, offset):
        return struct.unpack("<q", self.map[offset:offset + 8])[0]

    def holds(self):
        return self.at(8) == self.number

    def fired(self):
        return self.at(16) if self.holds() else 0

    def calls(self, kind):
        return self.at(CALLS_AT + 8 * KINDS.index(kind)) if self.holds() else 0

    def points(self):
        """{name: times passed}"""
        rows = {}
        for i in range(POINTS):
            at = POINTS_AT + i * (POINT_BYTES + 8)
            name = self.map[at:at + POINT_BYTES].split(b"\0")[0].decode()
            if name:
                rows[name] = self.at(at + POINT_BYTES)
        return rows


class Sweep:
    """Which k comes next, for each request, node and kind; None once there are no more."""

    def __init__(self, nation, files, dice, stride, kinds):
        self.nation, self.files, self.dice = nation, files, dice
        self.stride, self.kinds = stride, kinds
        self.next, self.fired, self.faults, self.restarts = {}, {}, [], 0
        self.doomed = set()

    def plan(self, what, name):
        rules = []
        for kind, error in self.kinds.items():
            k = self.next.setdefault((what, name, kind), 1 + self.dice.randrange(self.stride))
            if k:
                rules.append(f"{kind}:{k}:{error}")
        return ",".join(rules)

    def arm(self, what):
        for name in NODES:
            self.files[name].arm(self.plan(what, name))

    def disarm(self):
        for name in NODES:
            self.files[name].arm()

    def rest(self):
        """Between requests nothing is armed."""
        self.disarm()

    def note(self, what, passed):
        """How many faults fired; what didn't fire in a request that passed has no k-th call."""
        n = 0
        for name in NODES:
            f = self.files[name]
            for kind in self.kinds:
                k = self.next.get((what, name, kind))
                if not k:
                    continue
                if f.calls(kind) >= k:
                    n += 1
                    if kind in ENDING:
                        self.doomed.add(name)
                    self.fired[kind] = self.fired.get(kind, 0) + 1
                    self.next[what, name, kind] = k + self.stride
                elif passed:
                    self.next[what, name, kind] = None
        return n

    def left(self):
        return sum(1 for (what, *_), k in self.next.items() if k and what != "jobs")

    def blamed(self, _raw):
        return False

    def may_end(self, name, code):
        return name in self.doomed and code == 1

    def dies(self, name, p, unanswered):
        """Within a second of a failed sync of its database (as long as that is with sanitizers and
        a look for leaks), or of a kill that isn't reaped yet."""
        if unanswered or name in self.doomed:
            with contextlib.suppress(subprocess.TimeoutExpired):
                p.wait(1)
        if p.poll() is None and name in self.doomed and SYNC_FAILED in self.nation.log(name, 1000):
            with contextlib.suppress(subprocess.TimeoutExpired):
                p.wait(SANITIZED_SLOWER - 1)
            if p.poll() is None:
                self.faults.append(f"{name} runs on a second after a failed sync")
        return p.poll() is not None

    def start_the_ended(self, what, unanswered=False):
        """Nodes that ended as they must when a sync fails; any other end is a fault."""
        for name, p in list(self.nation.running.items()):
            if self.dies(name, p, unanswered):
                if not self.may_end(name, p.returncode):
                    self.faults.append(f"{name} ended with {p.returncode} during {what}:\n"
                                       + self.nation.log(name, 40))
                self.restarts += 1
                self.files[name].arm()
                self.nation.start(name)
                self.nation.wait_ready(name)
        self.doomed.clear()


class PointSweep(Sweep):
    """Fault points, armed on every node once; the requests themselves are left alone."""

    def __init__(self, nation, files, dice, points, action):
        super().__init__(nation, files, dice, 1, {})
        self.action, self.n, self.seen = action, {}, 0
        for f in files.values():
            f.arm(",".join(f"point:{p}:{dice.randint(1, 3)}:{action}" for p in points))

    def arm(self, what):
        pass

    def rest(self):
        pass

    def note(self, what, passed):
        for name in NODES:
            self.n[name] = max(self.n.get(name, 0), self.files[name].fired())
        return 0

    def blamed(self, raw):
        """A child that is lost is taken for the file's doing: who sends it again is heard."""
        fired, self.seen = self.seen, sum(f.fired() for f in self.files.values())
        return self.seen > fired and FILE_BLAMED in raw.decode("utf-8", "replace")

    def may_end(self, name, code):
        return self.action == "crash" and code == -9


def shape_of(method, url):
    path = re.sub(r"http://[^/]*", "", url).split("?")[0]
    port = re.search(r":(\d+)/", url).group(1)
    path = re.sub(r"[0-9A-Z]{26}", "ID", path)
    return f"{method} {port} {re.sub(r'000.[0-9.]+H57-[0-9-]+', 'CODE', path)}"


class FaultyBrowser(Browser):
    sweep = None

    def patient(self, method, url, body=None, headers=None):
        s, what = self.sweep, shape_of(method, url)
        until, quiet = time.monotonic() + 180, 0
        while time.monotonic() < until:
            s.arm(what)
            try:
                got = self.once(method, url, body, headers)
            except LOST as e:
                got = (0, {}, repr(e).encode())
            passed = 200 <= got[0] < 400 or got[0] == self.due
            fired = s.note(what, passed)
            ended = s.restarts
            s.rest()
            s.start_the_ended(what, got[0] == 0)
            if got[0] == 422 and s.blamed(got[2]):
                continue
            if passed and (not fired or (method == "POST" and got[0] < 400)):
                return got
            if got[0] == 0 and s.restarts == ended:
                s.faults.append(f"{what}: no answer: {got[2][:200]}")
            if got[0] == 429:  # who is told to wait waits
                s.nation.move_clock(int(got[1].get("Retry-After") or 60) * SECOND_US)
                time.sleep(0.05)
                continue
            if not passed and got[0] not in (0, 502, 503):
                if not fired:
                    return got
                s.faults.append(f"{what}: {got[0]} where 503 was due: {words(got[2])}")
            if not fired and (quiet := quiet + 1) > 3:
                return got  # a code for one use, lost on the way: only a new one helps
            if not fired:
                s.nation.move_clock(STEP_US)
                time.sleep(0.05)
        raise Unanswered(f"{what} never passed")


def words(raw):
    text = re.sub(r"<[^>]*>", " ", raw.decode("utf-8", "replace").split("<main")[-1])
    return re.sub(r"\s+", " ", text)[:300]


class FaultyFamily(Family):
    """Its people's requests are swept; while it waits, the jobs behind are."""

    def __init__(self, nation, book, mother, number, sweep, officials):
        self.sweep = sweep
        super().__init__(nation, book, mother, number, officials, self.meanwhile)

    def browser(self):
        b = FaultyBrowser()
        b.sweep = self.sweep
        return b

    def meanwhile(self, label):
        """Before each look of one who waits: the jobs of all nodes run and fail somewhere."""
        if label != "wait":
            self.looks = 0
            return
        s, self.looks = self.sweep, self.looks + 1
        s.nation.move_clock(STEP_US if self.looks < JOB_FAULTS else PATIENT_US)
        if self.looks < JOB_FAULTS:
            s.arm("jobs")
            time.sleep(0.1)
            s.note("jobs", False)
            s.rest()
            s.start_the_ended("jobs")


def settle(nation, seconds=90):
    """What is still owed with faults off and the clock moved on."""
    until = time.monotonic() + seconds
    while not_drained(nation) and time.monotonic() < until:
        nation.move_clock(PATIENT_US)
        time.sleep(0.2)
    return not_drained(nation)


class Run:
    def __init__(self, o):
        self.o, self.dice = o, random.Random(o.seed)
        self.nation, self.book = Nation(program(sanitized=True), env=SANITIZED), Book()
        self.files, self.codes, self.faults, self.n = {}, {}, [], 0

    def start(self):
        self.nation.make()
        for name in NODES:
            plan = self.nation.top / f"{name}.plan"
            self.files[name] = FaultFile(plan)
            self.nation.extra[name] = {"DINH_FAULT_FILE": str(plan)}
        self.nation.start_all()

    def birth(self, sweep, officials):
        self.n += 1
        mother = MOTHERS[self.n % len(MOTHERS)]
        family = FaultyFamily(self.nation, self.book, mother, self.n, sweep, officials)
        try:
            family.birth()
        except Unanswered as e:
            self.faults.append(str(e))
        self.codes.setdefault(mother, []).append(family.code)

    def sweep(self, what, kinds, stride, stories, least=1):
        """Births until no request has a k left that wasn't tried."""
        began = time.monotonic()
        s = Sweep(self.nation, self.files, self.dice, stride, kinds)
        officials, n = {}, 0
        while n < stories and (n == 0 or s.left()) and not s.faults and not self.faults:
            self.birth(s, officials)
            n += 1
        s.disarm()
        self.faults += s.faults
        self.count(kinds, s)
        self.faults += [f"{what}: {kind} failed {s.fired.get(kind, 0)} times, {least} are wanted"
                        for kind in kinds if s.fired.get(kind, 0) < least]
        if s.left():
            self.faults.append(f"{what}: {s.left()} requests have a k left after {n} births")
        print(f"{what}: {n} births, {dict(sorted(s.fired.items()))} failed, {s.restarts} restarts, "
              f"{s.left()} requests with a k left, {time.monotonic() - began:.0f} s", flush=True)

    def count(self, kinds, s):
        n = sum(s.fired.values())
        bar = f"C10 syncs_failed={n} restarts={s.restarts}" if kinds is ENDING else \
            f"C11 calls_failed={n}"
        print(f"figure {bar} faults={len(s.faults)}")

    def points(self):
        """Every fault point on all nodes: all say no, then each kills. None stays unreached."""
        began, n = time.monotonic(), 0
        names = sorted({p for f in self.files.values() for p in f.points()})
        for points, action in [(names, "fail")] * 2 + [([p], "crash") for p in names]:
            s = PointSweep(self.nation, self.files, self.dice, points, action)
            if action == "fail":
                self.rotate()
            self.birth(s, {})
            s.note("", False)
            s.disarm()
            self.faults += s.faults
            n += sum(s.n.values())
        unreached = [p for p in names if not any(f.points().get(p) for f in self.files.values())]
        self.faults += [f"fault point {p} was never reached" for p in unreached]
        if len(names) < 10 or n < len(names):
            self.faults.append(f"{len(names)} fault points, {n} fired: too few to prove anything")
        print(f"figure C11 points={len(names)} points_fired={n} unreached={len(unreached)}")
        print(f"points: {len(names)}, {n} fired, {time.monotonic() - began:.0f} s", flush=True)

    def rotate(self):
        """New root keys: what stands is sealed anew while the story goes on."""
        self.nation.stop_all()
        for name in NODES:
            code, out, err = run(self.nation.exe, "keys", "rotate", "--data",
                                 self.nation.folder(name), env=SANITIZED)
            if code:
                self.faults.append(f"keys rotate at {name}: {out}{err}")
        self.nation.start_all()

    def control(self):
        """A node that said so and runs on is seen."""
        s, name = Sweep(self.nation, self.files, self.dice, 1, {}), NODES[0]
        with open(self.nation.folder(name) / "serve.log", "a", encoding="utf-8") as log:
            log.write(f"control: {SYNC_FAILED}\n")
        s.doomed.add(name)
        s.start_the_ended("control")
        if not s.faults:
            self.faults.append("control: a node that runs on after a failed sync wasn't seen")

    def whole(self):
        for name in NODES:
            self.files[name].arm()
        self.faults += settle(self.nation)
        self.faults += missing(self.book, self.nation)
        self.faults += read_back(self.book, self.nation, self.codes)
        self.faults += [f"{name} ended with {code}: {self.nation.log(name, 40)}"
                        for name, code in self.nation.stop_all().items() if code]
        self.faults += verify_all(self.nation)
        print(f"{self.book.count()} acknowledgements, {len(self.faults)} faults")
        for f in self.faults[:30]:
            print(f"FAIL  {f}")
        return not self.faults


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--deep", action="store_true", help="every sync too, and faults that stay")
    a.add_argument("--seed", type=int, default=any_seed())
    o = a.parse_args()
    print(f"seed {o.seed}", flush=True)
    run = Run(o)
    try:
        run.start()
        run.sweep("each call once", SWEPT, 1, 12 if o.deep else 8)
        run.sweep("each sync once", ENDING, 1 if o.deep else 2, 10, 30)
        if o.deep:
            for name, kinds in DEEP.items():
                run.sweep(name, kinds, 1, 12)
        run.points()
        run.control()
        sys.exit(0 if run.whole() else 1)
    finally:
        run.nation.remove()


if __name__ == "__main__":
    main()
