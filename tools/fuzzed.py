#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The account of long fuzzing: how much processor time each target has had, as its code now stands.

C19 wants an hour of a processor for each target, and 100 million executions of those that stand for
HTTP, JSON, JWS, DER, the exchange's envelope and multipart. That is more than one sitting of a
small machine gives, so that it is added up in docs/fuzzed.tsv: TARGET, SUM, SECONDS (of a
processor), EXECUTIONS, a row a line. SUM is over the target and every function it reaches: when one
of them changes, what was counted before counts no more.

fuzzed.py go SECONDS: fuzz for so long, as many at once as there are processors, always those that
have had the least (the exported shell function fuzz_one TARGET SECONDS does the work); a finding
ends it, and its target gets nothing. fuzzed.py: the table, and how many have what they need.
"""
import csv
import hashlib
import os
import re
import subprocess
import sys
import threading
import time

import check_limits
import check_untrusted
import sources

BOOK = sources.ROOT / "docs" / "fuzzed.tsv"
HEAD = "# SPDX-License-Identifier: Apache-2.0\n"
WANTED = 3600  # seconds of a processor
OFTEN = dict.fromkeys(["net_head", "json", "jws", "crl", "exchange_head", "multipart"], 100_000_000)
LEG = 120  # of the clock, before others have their turn
EXECUTIONS = re.compile(r"^figure C19 target=\S+ seconds=\d+ executions=(\d+)$", re.M)


def name_of(path):
    return path.stem.removeprefix("fuzz_")


def functions(root):
    """({(file, name): text}, {name: file} of those that other files see)"""
    text, seen = {}, {}
    for path in sources.listing("c", root):
        lines = path.read_text(encoding="utf-8").splitlines()
        for name, first, length in check_limits.functions(path):
            head = first - 2
            while head > 0 and lines[head][:1].isspace():
                head -= 1
            text[path, name] = "\n".join(lines[max(head, 0):first + length])
            if not lines[head].startswith("static "):
                seen[name] = path
    return text, seen


def reached(path, code, text, seen):
    """The functions that this code of that file calls, directly or not: {(file, name)}"""
    found, ahead = set(), [(path, name) for name in check_untrusted.CALL.findall(code)]
    while ahead:
        at, name = ahead.pop()
        where = (at, name) if (at, name) in text else (seen.get(name), name)
        if where in text and where not in found:
            found.add(where)
            ahead += [(where[0], n) for n in check_untrusted.CALL.findall(text[where])]
    return found


def sums(root):
    """{target: sum over its code and that of all it reaches}"""
    text, seen = functions(root)
    found = {}
    for path in sources.listing("fuzz", root):
        code = path.read_text(encoding="utf-8")
        rest = sorted(reached(path, code, text, seen))
        whole = "\0".join([code, *(text[where] for where in rest)])
        found[name_of(path)] = hashlib.sha256(whole.encode()).hexdigest()[:16]
    return found


def rows_of(lines):
    return (line for line in lines if not line.startswith("#"))


def read(book, now):
    """{target: [seconds, executions]}, nothing for code that has changed since."""
    had = {target: [0, 0] for target in now}
    if book.exists():
        with open(book, encoding="utf-8", newline="") as f:
            for target, of, seconds, executions in csv.reader(rows_of(f), delimiter="\t"):
                if now.get(target) == of:
                    had[target] = [int(seconds), int(executions)]
    return had


def write(book, now, had):
    made = book.with_suffix(".new")
    with open(made, "w", encoding="utf-8", newline="") as f:
        f.write(HEAD)
        rows = csv.writer(f, delimiter="\t", lineterminator="\n")
        rows.writerows([t, now[t], *had[t]] for t in sorted(had) if had[t][0])
    os.replace(made, book)


def enough(target, seconds, executions):
    return seconds >= WANTED and executions >= OFTEN.get(target, 0)


def least(had, busy):
    """The target that has had the least and isn't at work; None: all have what they need."""
    left = [t for t in had if not enough(t, *had[t]) and t not in busy]
    return min(left, key=lambda t: (had[t][0], t), default=None)


def leg(target, seconds):
    """(what it said, processor seconds, executions or None when it failed)"""
    work = subprocess.Popen(["bash", "-c", 'fuzz_one "$@"', "_", target, str(seconds)],
                            stdout=subprocess.PIPE, text=True)
    said = work.stdout.read()
    _, status, used = os.wait4(work.pid, 0)
    work.returncode = os.waitstatus_to_exitcode(status)
    ran = EXECUTIONS.search(said)
    good = work.returncode == 0 and ran
    return said, int(used.ru_utime + used.ru_stime), int(ran.group(1)) if good else None


class Sitting:
    """One `go`: workers that take legs until the time is over or something was found."""

    def __init__(self, seconds, now, had):
        self.until, self.now, self.had = time.monotonic() + seconds, now, had
        self.busy, self.found, self.lock = set(), [], threading.Lock()

    def take(self):
        with self.lock:
            left = int(self.until - time.monotonic())
            target = None if self.found or left < 5 else least(self.had, self.busy)
            if target:
                self.busy.add(target)
            return target, min(left, LEG)

    def give(self, target, said, used, executions):
        with self.lock:
            self.busy.discard(target)
            if executions is None:
                self.found.append(target)
                print(said, flush=True)
                return
            self.had[target][0] += used
            self.had[target][1] += executions
            write(BOOK, self.now, self.had)

    def work(self):
        while True:
            target, seconds = self.take()
            if not target:
                return
            self.give(target, *leg(target, seconds))


def table(had):
    for target in sorted(had):
        print(f"{target:24} {had[target][0]:6} s {had[target][1]:12} executions")
    done = sum(enough(t, *had[t]) for t in had)
    print(f"figure C19 targets={len(had)} with_all={done} "
          f"processor_seconds={sum(s for s, _ in had.values())} "
          f"executions={sum(n for _, n in had.values())}")


def main():
    now = sums(sources.ROOT)
    had = read(BOOK, now)
    sitting = None
    if sys.argv[1:2] == ["go"] and len(sys.argv) == 3 and sys.argv[2].isdigit():
        sitting = Sitting(int(sys.argv[2]), now, had)
        workers = [threading.Thread(target=sitting.work) for _ in range(os.cpu_count() or 1)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    elif sys.argv[1:]:
        sys.exit(__doc__)
    table(had)
    sys.exit(1 if sitting and sitting.found else 0)


if __name__ == "__main__":
    main()
