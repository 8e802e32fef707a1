#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whoever is told something of a person stands on that person's page, whatever happens meanwhile.

reads.py [--rounds 3] [--seed N]: officials of two nodes read two mothers' data, the province asks
the nation about one of them. Each answer that came is noted, and the person's page is asked at
once: it names who, when, which register, purpose and case, as often as there were answers. So it
goes on a quiet nation, while nodes are killed, on disks whose power is cut, and with a node that
dies between reading and the line, within the line's commit, and between the line and the answer.
The control: a line taken out of the database is missed.
"""
import argparse
import contextlib
import json
import random
import signal
import sqlite3
import threading
import time
from collections import Counter

from browser import Browser, Unanswered
from faults import SANITIZED
from judge import any_seed, check, verdict
from kill import CUT_DINH, CUT_STATUS, STEP_US, arm
from nation import NATIONAL, NODES, PROVINCE, Nation, program
from tales import Book, Family

PLAN = "12/KH-BCA"
POINTS = ("web.access.read", "web.access.written", "db.commit.before", "db.commit.after",
          "web.access.committed")
PAGE = "/du-lieu-cua-toi"


class Person:
    """A mother at a browser of her own, and how often her data was answered with."""

    def __init__(self, nation, user, name):
        self.nation, self.user, self.name = nation, user, name
        self.family, self.answered, self.late = Family(nation, Book(), user, 1), Counter(), 0
        self.slowest, self.lock = 0.0, threading.Lock()

    def page(self):
        """{(who, purpose, case): times} of all her pages; a node that is away is waited for."""
        b, until = self.family.citizen, time.monotonic() + 120
        while True:
            shown, path = Counter(), PAGE
            while path:
                b.get_json(self.nation.url(NATIONAL, path))
                if b.status != 200:
                    break
                page = json.loads(b.text)
                for row in page["rows"] + page["own"]:
                    shown[row["who"], row["purpose"], row["dossier"]] += row["times"]
                    check(row["when"] and row["what"] and row["where"], f"not told: {row}")
                path = page.get("older") or ""
            if b.status == 200 and not page["away"]:
                return shown
            if b.status in (401, 403):
                self.family.signs_in()
            check(time.monotonic() < until, f"{self.user}'s page: {b.status}")
            time.sleep(0.05)

    def hold(self):
        """The page, asked after the answers noted so far."""
        with self.lock:
            wanted, began = Counter(self.answered), time.monotonic()
            shown = self.page()
            self.slowest = max(self.slowest, time.monotonic() - began)
            for key, n in wanted.items():
                if shown[key] < n:
                    self.late += n - shown[key]
                    print(f"late: {self.user} {key}: {n} answers, {shown[key]} lines", flush=True)
        return shown


class Reader(threading.Thread):
    """An official who reads the same pages of people over and over."""

    def __init__(self, nation, node, user, who, targets, dice):
        super().__init__()
        self.family, self.node, self.user = Family(nation, Book(), user, 1), node, user
        self.who, self.targets, self.dice, self.browser = who, targets, dice, Browser()
        self.ending, self.reads, self.faults = threading.Event(), 0, []

    def one(self):
        person, path, purpose, matter = self.dice.choice(self.targets)
        b = self.browser
        b.get(self.family.n.url(self.node, path))
        if b.status == 200 and b.sees("/dang-xuat") and b.sees(person.name):
            person.answered[self.who, purpose, matter] += 1
            self.reads += 1
            if self.dice.random() < 0.2:
                person.hold()
        elif b.status != 200 or not b.sees("/dang-xuat"):
            self.family.sign_in(b, self.node, self.user)
        else:
            raise Unanswered(f"{path} doesn't show {person.name}")

    def run(self):
        try:
            while not self.ending.is_set():
                self.one()
        except Exception as e:  # every kind is a fault of the run
            self.faults.append(f"{self.user}: {e!r}")


class Play:
    def __init__(self, o):
        self.dice, self.nation = random.Random(o.seed), Nation(program())
        self.o, self.reads, self.faults = o, 0, []
        self.people = [Person(self.nation, "me.lan", "Nguyễn Thị Lan"),
                       Person(self.nation, "me.hoa", "Lê Thị Hòa")]

    def targets(self):
        """What the officials read: records of the population, dossiers of the ward."""
        here, there, n = [], [], self.nation
        desk = Browser()
        self.people[0].family.sign_in(desk, NATIONAL, "danso")
        for p in self.people:
            p.family.filing()
            there.append((p, f"/mot-cua/{p.family.code}", "Giải quyết hồ sơ", p.family.code))
            desk.get(n.url(NATIONAL, "/dan-cu"))
            desk.submit("/dan-cu", {"purpose": "population_management", "matter": PLAN,
                                    "words": p.name})
            found = [x for x in desk.links() if x.startswith("/dan-cu/")]
            check(len(found) == 1, f"{p.name} in the register: {desk.status} {found}")
            p.answered["Bùi Quốc Anh", "Quản lý dân cư", PLAN] += 1
            here.append((p, found[0], "Quản lý dân cư", PLAN))
        return here, there

    def readers(self, here, there):
        make = [(NATIONAL, "danso", "Bùi Quốc Anh", here),
                (PROVINCE, "canbo.motcua", "Phan Thị Thu Hà", there)]
        rows = [Reader(self.nation, *x, random.Random(self.dice.random())) for x in make]
        for r in rows:
            r.start()
        return rows

    def during(self, what, here, there, trouble):
        """Readers read while trouble(readers) lasts; then all is asked of the people's pages."""
        rows = self.readers(here, there)
        felt = trouble(rows)
        self.calm()
        until = time.monotonic() + 120
        while any(r.is_alive() and r.reads < 3 for r in rows) and time.monotonic() < until:
            time.sleep(0.01)
        for r in rows:
            r.ending.set()
        for r in rows:
            r.join()
        n = sum(r.reads for r in rows)
        self.reads += n
        for r in rows:
            check(not r.faults, f"{what}: {r.faults}")
            check(r.reads > 0, f"{what}: {r.user} read nothing")
        for p in self.people:
            p.hold()
        print(f"{what}: {felt} times, {n} answers", flush=True)
        return felt

    def calm(self):
        """Every node anew, without troubles."""
        n = self.nation
        n.extra.clear()
        n.server = n.exe
        for name in NODES:
            n.stop(name, signal.SIGKILL)
            n.start(name)
        for name in NODES:
            n.wait_ready(name)

    def quiet(self, rows):
        until = time.monotonic() + 120
        while sum(r.reads for r in rows) < 40 and time.monotonic() < until:
            if any(r.faults for r in rows):
                break
            time.sleep(0.01)
        return 1

    def kills(self, _rows):
        for _ in range(self.o.rounds * 2):
            time.sleep(self.dice.uniform(0.05, 0.3))
            name = self.dice.choice((NATIONAL, PROVINCE))
            self.nation.stop(name, signal.SIGKILL)
            self.nation.start(name)
            self.nation.wait_ready(name)
        return self.o.rounds * 2

    def cuts(self, _rows):
        done, n, until = 0, self.nation, time.monotonic() + 120
        n.server = CUT_DINH
        for name in (NATIONAL, PROVINCE):
            n.stop(name)
            arm(n, name, self.dice, 60, 600)
            n.start(name)
        while done < self.o.rounds * 2 and time.monotonic() < until:
            time.sleep(0.01)
            for name, p in list(n.running.items()):
                if p.poll() is None:
                    continue
                check(p.returncode == CUT_STATUS, f"{name} ended with {p.returncode}")
                done += 1
                arm(n, name, self.dice, 60, 600)
                n.start(name)
        return done

    def points(self, _rows):
        """The node that is read from dies at each named place, several times."""
        done, n = 0, self.nation
        n.server = program(sanitized=True)
        for point in POINTS * max(1, self.o.rounds // 2):
            name = self.dice.choice((NATIONAL, PROVINCE))
            n.stop(name, signal.SIGKILL)
            plan = f"point:{point}:{self.dice.randint(1, 3)}:crash"
            n.extra[name] = {**SANITIZED, "DINH_FAULT": plan}
            n.start(name)
            with contextlib.suppress(Exception):
                n.running[name].wait(180)
            code = n.running[name].poll()
            check(code == -9, f"{point} at {name}: {code} {n.log(name)}")
            done += code == -9
            n.extra.pop(name)
            n.start(name)
            n.wait_ready(name)
        return done

    def peers(self):
        """What the province asks of the nation about a mother stands on her page too."""
        p = self.people[0]
        before = sum(p.page().values())
        p.family.crosses_over()
        p.family.begins()
        own = sum(p.page().values()) - before
        check(own > 0, "what a peer asked leaves no line")
        self.reads += 1
        return own

    def control(self):
        """A line that somebody takes out is missed."""
        p = self.people[0]
        self.nation.stop_all()
        with contextlib.closing(sqlite3.connect(self.nation.folder(NATIONAL) / "dinh.db")) as db:
            db.execute("DELETE FROM core_access")
            db.commit()
        self.nation.start_all()
        late, p.late = p.late, 0
        p.hold()
        seen, p.late = p.late, late
        check(seen > 0, "the control: lines taken out aren't missed")
        print(f"control, lines taken out: {seen} missed", flush=True)

    def play(self):
        n = self.nation
        n.make()
        n.start_all()
        here, there = self.targets()
        self.during("quiet", here, there, self.quiet)
        slowest = max(p.slowest for p in self.people)
        peers = self.peers()
        killed = self.during("killed", here, there, self.kills)
        cuts = self.during("power cuts", here, there, self.cuts)
        points = self.during("between read and answer", here, there, self.points)
        rows = sum(n.one(name, "SELECT count(*) FROM core_access") for name in NODES)
        late = sum(p.late for p in self.people)
        check(late == 0, f"{late} answers without a line")
        check(rows >= self.reads >= 50, f"{self.reads} answers, {rows} lines")
        print(f"figure C22 reads={self.reads} rows={rows} late={late} kills={killed} cuts={cuts} "
              f"crashes={points} peers={peers} page_ms={1000 * slowest:.0f}")
        self.control()


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--seed", type=int, default=any_seed())
    o = a.parse_args()
    print(f"seed {o.seed}", flush=True)
    play = Play(o)
    try:
        play.play()
    finally:
        play.nation.remove()
    verdict()


if __name__ == "__main__":
    main()
