#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The first sync that fails ends the node that is shipped, from outside and by the second.

syncs.py [--fails 30] [--clients 3] [--seed N]. strace answers one fsync or fdatasync of a node in
the middle of people's stories (or that one and all after it) with EIO or ENOSPC and writes down
when; nothing in the node knows of it. From there it acknowledges nothing that is sent, is gone by
itself within a second with exit code 1, is started again, and everything acknowledged is there.
Controls: nodes whose syncs are all well run on; an acknowledgement after a failed sync, a node that
ends late, one that ends well and one that doesn't end are seen.
"""
import argparse
import dataclasses
import random
import re
import subprocess
import sys
import threading
import time

from browser import Browser
from judge import any_seed
from kill import STEP_US, Crowd, fail_all, revive, whole
from nation import NODES, Nation, program
from tales import Book, Family

BAR_S, PATIENCE_S = 1.0, 20
KNOWS_S = 0.1  # from the call to the thread that made it, through strace
DATABASE = 40  # the last of its syncs that fails; about 20 are before its node answers
NEVER = 65_535
INSTEAD = "syscall=getpid"  # of a call that isn't one, which the node's seccomp would end it for
SAID, SERVES = "a sync to disk failed", " serves http"
FAILED = re.compile(r"^\d+ +([\d.]+) .*?(f\w+)\b.*\(INJECTED\)$", re.M)


@dataclasses.dataclass
class End:
    """What was seen of a node whose sync failed; times of the clock on the wall."""
    name: str
    failed: float
    ended: float
    code: int
    file: bool    # not the database
    served: bool  # it had answered before
    told: bool    # its log says why

    def faults(self):
        took = self.ended - self.failed
        return [f"{self.name}: {what}" for wrong, what in (
            (took > BAR_S, f"ran on for {took:.2f} s after a failed sync"),
            (self.code != 1, f"exit code {self.code} after a failed sync"),
            (not self.told, "its log doesn't tell of the failed sync")) if wrong]


class Struck(Nation):
    """Each node is a child of ours whose syncs strace looks at, as nobody in it can."""

    def __init__(self):
        super().__init__(program())
        self.plan, self.trace, self.starts = {}, {}, 0

    def start(self, name, env=None):
        self.starts += 1
        self.trace[name] = self.top / f"{name}.{self.starts}"
        rules = [x for call, rule in self.plan[name].items()
                 for x in ("-e", f"inject={call}:{rule}")]
        with open(self.folder(name) / "serve.log", "ab") as log:
            self.log_from[name] = log.tell()
            self.running[name] = subprocess.Popen(
                ["strace", "-D", "-f", "--seccomp-bpf", "-ttt", "-o", self.trace[name],
                 "-e", "trace=fsync,fdatasync", "-e", "signal=none", *rules, self.exe, "serve",
                 "--data", self.folder(name), "--clock", self.dir / "clock"],
                stdout=log, stderr=log, env={**self.env, **(env or {})})

    def arm(self, name, dice):
        """A sync of its database; or of a file, which requests and jobs write: each thread counts
        its own."""
        call, last = dice.choice((("fdatasync", DATABASE), ("fdatasync", DATABASE), ("fsync", 6)))
        when = f"{dice.randint(1, last)}{dice.choice(('', '+'))}"
        self.plan[name] = {call: f"error={dice.choice(('EIO', 'ENOSPC'))}:{INSTEAD}:when={when}"}

    def spare(self):
        never = {"fsync,fdatasync": f"error=EIO:{INSTEAD}:when={NEVER}"}
        self.plan = dict.fromkeys(NODES, never)

    def told(self, name):
        return self.trace[name].read_text() if self.trace[name].exists() else ""

    def failed(self, name):
        """When its first sync failed, and which call; None: none has."""
        found = FAILED.search(self.told(name))
        return (float(found.group(1)), found.group(2)) if found else None

    def ended(self, name, p):
        """When the process was gone, as the tracer saw it: it writes a moment after."""
        line, until = re.compile(rf"^{p.pid} +([\d.]+) \+\+\+", re.M), time.monotonic() + BAR_S
        while time.monotonic() < until:
            found = line.findall(self.told(name))
            if found:
                return float(found[-1])
            time.sleep(0.005)
        return time.time()


class Noting(Browser):
    """Writes down what was sent when and acknowledged: [(node's port, time)]."""
    acknowledged, lock = [], threading.Lock()

    def once(self, method, url, body=None, headers=None):
        sent = time.time()
        got = super().once(method, url, body, headers)
        if method == "POST" and got[0] < 400:
            with self.lock:
                self.acknowledged.append((int(url.split(":")[2].split("/")[0]), sent))
        return got


class Told(Family):
    def browser(self):
        return Noting(patience=self.patience)


class People(Crowd):
    family = Told


def late(nation, end, acknowledged):
    """What was sent to it once it knew of its failed sync, and acknowledged before it was gone."""
    port = nation.port + NODES.index(end.name)
    return [f"{end.name}: acknowledged what was sent {at - end.failed:.3f} s after a failed sync"
            for to, at in acknowledged if to == port and end.failed + KNOWS_S < at < end.ended]


def look(nation, name, p):
    """The end of a node whose sync failed; None: it runs and owes none."""
    runs, found = p.poll() is None, nation.failed(name)  # in this order: what ended has failed
    if not found and runs:
        return None
    if not found:
        raise RuntimeError(f"{name} ended with {p.returncode}: {nation.log(name)}")
    failed, call = found
    try:
        p.wait(max(0.1, failed + PATIENCE_S - time.time()))
    except subprocess.TimeoutExpired:
        return End(name, failed, time.time(), 0, call == "fsync", True, False)
    said = nation.log(name, 1000)
    return End(name, failed, nation.ended(name, p), p.returncode, call == "fsync", SERVES in said,
               SAID in said)


def fail_some(nation, dice, fails, crowd):
    """Whoever ended is started again, and its syncs fail again: while it starts, or serves."""
    ends, faults, until = [], [], time.monotonic() + 120 + 10 * fails
    while len(ends) < fails and time.monotonic() < until and not crowd.faults + faults:
        time.sleep(0.01)
        for name in NODES:
            end = look(nation, name, nation.running[name])
            if not end:
                continue
            ends.append(end)
            faults += end.faults()
            nation.arm(name, dice)
            nation.start(name)
            nation.move_clock(STEP_US)
    return ends, faults


def calm(nation, crowd, book, acknowledged):
    """The control: people are answered, disks are written to, and no node ends."""
    until = time.monotonic() + PATIENCE_S
    while book.count() < acknowledged and time.monotonic() < until and not crowd.faults:
        time.sleep(0.05)
    syncs = sum(nation.told(name).count("sync(") for name in NODES)
    ended = [name for name, p in nation.running.items() if p.poll() is not None]
    print(f"control, well: {book.count()} acknowledgements, {syncs} syncs, {len(ended)} ended",
          flush=True)
    return [] if syncs and book.count() >= acknowledged and not ended else \
        [f"control: {book.count()} acknowledgements, {syncs} syncs, ended: {ended}"]


def unseen(nation, end):
    """The control of the judges: what isn't as it must be is told."""
    after = [(nation.port + NODES.index(end.name), end.failed + 2 * KNOWS_S)]
    slow = dataclasses.replace(end, ended=end.failed + BAR_S + 0.01)
    wrong = {"late": slow.faults(),
             "well": dataclasses.replace(end, code=0).faults(),
             "silent": dataclasses.replace(end, told=False).faults(),
             "acknowledged": late(nation, slow, after)}
    print(f"control, ends that aren't right: {sum(map(len, wrong.values()))} of 4 seen")
    return [f"control: what was {what} isn't seen" for what, seen in wrong.items() if not seen]


def play(o, dice):
    nation, book = Struck(), Book()
    try:
        nation.make()
        nation.spare()
        nation.start_all()
        crowd = People(nation, book, o.clients)
        faults = calm(nation, crowd, book, 2 * o.clients)
        for name in NODES:
            nation.stop(name)
            nation.arm(name, dice)
            nation.start(name)
        began = book.count()
        ends, more = fail_some(nation, dice, o.fails, crowd)
        faults += more + [x for end in ends for x in late(nation, end, Noting.acknowledged)]
        nation.spare()
        revive(nation)
        faults += whole(nation, book, crowd, f"{len(ends)} failed syncs")
        served, took = sum(e.served for e in ends), [e.ended - e.failed for e in ends]
        files = sum(e.file for e in ends)
        if len(ends) < o.fails or served < o.fails // 2 or not 0 < files < len(ends) or \
                book.count() - began < o.fails // 2:
            faults.append("too little happened for this to prove anything")
        faults += unseen(nation, ends[0]) if ends else []
        print(f"figure C10 ended_from_outside={len(ends)} of_files={files} serving={served} "
              f"slowest_ms={1000 * max(took, default=0):.0f} acknowledged={book.count()} "
              f"faults={len(faults)}")
        return fail_all(faults)
    finally:
        nation.remove()


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--fails", type=int, default=30)
    a.add_argument("--clients", type=int, default=3)
    a.add_argument("--seed", type=int, default=any_seed())
    o = a.parse_args()
    print(f"seed {o.seed}", flush=True)
    sys.exit(1 if play(o, random.Random(o.seed)) else 0)


if __name__ == "__main__":
    main()
