#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A node goes to the next program and back while people file (docs/adr/0012): the next one expands
the data, is ended at 20 points of it, goes on; the program before goes on after it; nothing that
was acknowledged is lost. What contracts, the program before refuses and leaves as it is.
"""
import hashlib
import sys
import time

from kill import STEP_US, Crowd, drained
from nation import PROVINCE, ROOT, Nation, program, run, verify_all
from tales import Book, Family, missing, read_back

POINTS = 20
NEWER, PAST = (str(ROOT / "build/test" / name) for name in ("newer_dinh", "past_dinh"))
NEWER_BROKEN = str(ROOT / "build-asan/test/newer_dinh")
# Its own table of migrations stands before the library's.
ASAN = {"ASAN_OPTIONS": "detect_leaks=0:detect_odr_violation=0"}
faults = []


def check(good, what):
    if not good:
        faults.append(what)
        print(f"FAIL  {what}", flush=True)


def steps(nation):
    return nation.rows(PROVINCE, "SELECT version FROM db_migration WHERE version >= 900 ORDER BY 1")


def whole(nation, exe):
    code, out, err = run(exe, "verify", "--data", nation.folder(PROVINCE))
    return "" if code == 0 else f"exit {code}: {out}{err}"


def ended_at_every_point(nation):
    """The next program is killed at its k-th call of the database; the start after is whole."""
    killed = 0
    for k in range(1, POINTS + 1):
        code = run(NEWER_BROKEN, "verify", "--data", nation.folder(PROVINCE),
                   env={"DINH_FAULT": f"db:{k}:crash", **ASAN})[0]
        killed += code < 0 or code > 100
        columns = [r[1] for r in nation.rows(PROVINCE, "PRAGMA table_info(core_audit)")]
        tables = nation.one(PROVINCE, "SELECT count(*) FROM sqlite_master WHERE name = 'core_next'")
        check(("next_note" in columns, tables) == (bool(steps(nation)), len(steps(nation))),
              f"ended at call {k}, half of it is there: {columns} {tables} {steps(nation)}")
    check(killed == POINTS, f"only {killed} of {POINTS} were ended")
    return killed


def served_by(nation, exe):
    nation.stop(PROVINCE)
    nation.server = exe
    nation.start(PROVINCE)
    nation.wait_ready(PROVINCE)


def more(crowd, book, n):
    """n acknowledgements more, under the program that serves now."""
    until = time.monotonic() + 300
    while book.count() < n and not crowd.faults and time.monotonic() < until:
        crowd.nation.move_clock(STEP_US)
        time.sleep(0.2)


def there_and_back(nation, book):
    Family.patience = 240  # while the node is ended at each point
    crowd = Crowd(nation, book, 2)
    before = book.count()
    more(crowd, book, 6)
    nation.stop(PROVINCE)
    killed = ended_at_every_point(nation)
    served_by(nation, NEWER)
    check(steps(nation) == [(900,)], f"the next program ran {steps(nation)}")
    newer = book.count()
    more(crowd, book, newer + 8)
    served_by(nation, nation.exe)
    back = book.count()
    more(crowd, book, back + 8)
    crowd.finish(nation)
    check(not crowd.faults, f"{crowd.faults}")
    owed = drained(nation)
    check(not owed, f"owed: {owed}")
    lost = missing(book, nation) + read_back(book, nation, crowd.mothers)
    check(not lost, f"lost: {lost[:5]}")
    check(newer > before and back > newer and book.count() > back, "too little was filed")
    print(f"{newer - before} acknowledged before, {back - newer} by the next program, "
          f"{book.count() - back} by the program before again")
    print(f"figure C33 rollback_killed={killed} acknowledged={book.count()} lost={len(lost)}")
    nation.stop_all()
    for fault in verify_all(nation):
        check(False, fault)


def sums(nation):
    return hashlib.sha256((nation.folder(PROVINCE) / "dinh.db").read_bytes()).hexdigest()


def contracted(nation):
    """Past the contraction there is no way back, and the older program says which one it needs."""
    check(not whole(nation, PAST), "the program after the next one can't open the data")
    check(steps(nation) == [(900,), (901,)], f"it ran {steps(nation)}")
    as_it_was = sums(nation)
    for exe, name in ((nation.exe, "this program"), (NEWER, "the next program")):
        code, out, err = run(exe, "serve", "--data", nation.folder(PROVINCE))
        check(code == 1 and "ERR_DB_NEWER" in err and "core 901" in err and "0.1.0" in err,
              f"{name} doesn't refuse: exit {code}: {out}{err}")
    check(sums(nation) == as_it_was, "a program that refused has written")
    check(not whole(nation, PAST), "the data isn't whole after it was refused")


def main():
    nation, book = Nation(program()), Book()
    try:
        nation.make()
        nation.start_all()
        there_and_back(nation, book)
        contracted(nation)
    finally:
        nation.remove()
    print(f"the program before still reads: {len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
