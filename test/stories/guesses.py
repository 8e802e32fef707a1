#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who guesses passwords at a node: at one account, at many, all at once (C25).

A node as behind its front: a Unix socket where X-Real-IP says whence. How many guesses were looked
at is read from the trail, where each leaves a record. Controls: guesses at as many names from as
many places are all looked at, so the count counts; a right password in strange hands is refused
while the owner's own device gets in. guesses.py [--accounts 4000] [--timed 200]
"""
import argparse
import contextlib
import http.client
import json
import os
import shutil
import socket
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

from browser import Forms
from judge import check, verdict
from nation import free_ports, program, run

ORIGIN = "https://dinh.test"
PASSWORD = "mot cau dai de nho 2026"
WINDOW_US = 15 * 60 * 1000000
TRIES, STREAK, ADDRESS = 10, 100, 100
KNOWN = [f"canbo{i}" for i in range(10)]


class Link(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("dinh.test", timeout=60)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


class Guesser:
    """One kept connection, one page's token, as many names and addresses as one likes."""

    def __init__(self, sock, cookies=None):
        self.link, self.cookies = Link(sock), dict(cookies or {})
        status, body = self.ask("GET", "/dang-nhap?lai=1", "203.0.113.1")
        check(status == 200, f"the sign-in page: {status}")
        fields = dict(Forms(body.decode()).forms["/dang-nhap"])
        self.token = fields["_csrf"]

    def ask(self, method, path, source, body=None):
        headers = {"Host": "dinh.test", "X-Real-IP": source, "Origin": ORIGIN,
                   "Accept": "text/html",
                   "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.link.request(method, path, body, headers)
            answer = self.link.getresponse()
            raw = answer.read()
        except (OSError, http.client.HTTPException):
            self.link.close()
            raise
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        self.retry_after = answer.headers.get("Retry-After")
        return answer.status, raw

    def guess(self, name, source, password="sai roi"):
        return self.ask("POST", "/dang-nhap", source, urllib.parse.urlencode(
            {"_csrf": self.token, "username": name, "password": password, "next": "/"}))[0]


def address(i, net=10):
    """Each in a network of its own."""
    return f"{net}.{i >> 8 & 255}.{i & 255}.7"


class Node:
    def __init__(self, top):
        self.exe, self.folder, self.sock = program(), top / "node", top / "http.sock"
        self.clock, port = top / "clock", free_ports()
        self.must("init", "--data", self.folder, "--name", "h57", "--agency", "H57", "--address",
                  f"unix:{self.sock}", "--url", ORIGIN, "--exchange-port", port,
                  "--exchange-address", "127.0.0.1", "--exchange-url", f"https://127.0.0.1:{port}")
        for name in KNOWN:
            self.must("user", "add", "--data", self.folder, "--username", name, "--name",
                      "Lê Văn Cán", "--role", "commune_clerk", "--unit", "H57.31",
                      stdin=PASSWORD + "\n")
        self.clock.write_bytes(bytes(8))
        self.log = open(top / "log", "wb")
        self.process = subprocess.Popen([self.exe, "serve", "--data", self.folder, "--clock",
                                         self.clock], stdout=self.log, stderr=self.log)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(OSError, http.client.HTTPException):
                link = Link(self.sock)
                link.request("GET", "/healthz", headers={"Host": "dinh.test"})
                if link.getresponse().status == 200:
                    return
            time.sleep(0.02)
        raise SystemExit((top / "log").read_text()[-2000:])

    def must(self, *args, stdin=None):
        code, out, err = run(self.exe, *args, stdin=stdin)
        if code:
            raise SystemExit(f"{args[0]}: {out}{err}")

    def later(self, by_us):
        with open(self.clock, "r+b") as f:
            now = struct.unpack("<q", f.read(8))[0]
            f.seek(0)
            f.write(struct.pack("<q", now + by_us))

    def looked_at(self, known=None):
        """Guesses that cost an Argon2id run and were wrong; known: at accounts that are there."""
        where = {None: "", True: " AND object <> ''", False: " AND object = ''"}[known]
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/dinh.db?mode=ro", uri=True,
                                                timeout=20)) as db:
            return db.execute("SELECT count(*) FROM core_audit"
                              " WHERE action = 'identity.refused'" + where).fetchone()[0]

    def end(self):
        self.process.terminate()
        check(self.process.wait(60) == 0, "the node ends well")
        self.log.close()


def many(node, jobs, threads=8):
    """[(name, source)] guessed at once: {status: how often}"""
    seen, lock = {}, threading.Lock()

    def work(mine):
        g = Guesser(node.sock)
        for name, source in mine:
            status = g.guess(name, source)
            with lock:
                seen[status] = seen.get(status, 0) + 1

    all_of_them = [threading.Thread(target=work, args=(jobs[i::threads],)) for i in range(threads)]
    for t in all_of_them:
        t.start()
    for t in all_of_them:
        t.join()
    return seen


def one_account(node):
    """A thousand guesses from a thousand networks: ten, then a hundred in all, then none."""
    owner, name = Guesser(node.sock), KNOWN[0]
    check(owner.guess(name, "198.51.100.1", PASSWORD) == 303, "the owner signs in")
    device = {k: v for k, v in owner.cookies.items() if k.endswith("-device")}
    check(len(device) == 1, "the owner's device is known from now on")
    before = node.looked_at()
    seen = many(node, [(name, address(i)) for i in range(1000)])
    first = node.looked_at() - before
    check(sum(seen.values()) == 1000 and first == TRIES, f"looked at {first} of 1,000: {seen}")
    check(seen.get(422) == TRIES and seen.get(429) == 1000 - TRIES, f"as told: {seen}")
    stranger = Guesser(node.sock)
    check(stranger.guess(name, address(5000), PASSWORD) == 429, "a stranger who knows it waits")
    for turn in range(12):
        node.later(WINDOW_US)
        for i in range(TRIES + 2):
            stranger.guess(name, address(6000 + turn * 100 + i))
    in_all = node.looked_at() - before
    check(in_all == STREAK, f"looked at {in_all} without a right one between them")
    check(stranger.guess(name, address(9000), PASSWORD) == 403, "a stranger comes in no more")
    home = Guesser(node.sock, device)
    check(home.guess(name, address(9001), PASSWORD) == 303, "the owner does, on a known device")
    check(stranger.guess(name, address(9002), PASSWORD) == 303, "and ends the streak by it")
    return first, in_all


def many_accounts(node, accounts):
    """Each account once, all from one address; then the control: each from another."""
    node.later(WINDOW_US)
    before = node.looked_at()
    seen = many(node, [(f"nguoi{i}", "192.0.2.77") for i in range(accounts)])
    looked = node.looked_at() - before
    check(sum(seen.values()) == accounts and looked <= ADDRESS, f"looked at {looked}: {seen}")
    check(set(seen) <= {422, 429} and seen.get(429, 0) >= accounts - ADDRESS, f"as told: {seen}")
    seen = many(node, [(f"khac{i}", address(i, 11)) for i in range(2 * ADDRESS)])
    control = node.looked_at() - before - looked
    check(control == 2 * ADDRESS, f"control: looked at {control} of {2 * ADDRESS}: {seen}")
    return looked


def halves(times):
    return abs(statistics.median(times[::2]) / statistics.median(times[1::2]) - 1)


def known_or_not(node, turn, tries):
    """(by how much the medians differ, by how much one kind's halves do)"""
    g, took = Guesser(node.sock), {True: [], False: []}
    before = [node.looked_at(True), node.looked_at(False)]
    for i in range(tries):
        if i % 200 == 0:
            node.later(WINDOW_US)
        known = i % 2 == 0
        name = KNOWN[i // 2 % 10] if known else f"ai{turn}x{i // 2 % 10}"
        began = time.perf_counter()
        status = g.guess(name, address(i + 1000 * turn, 12))
        took[known].append(time.perf_counter() - began)
        check(status == 422, f"{name}: {status}")
    work = [node.looked_at(True) - before[0], node.looked_at(False) - before[1]]
    check(work == [tries // 2] * 2, f"looked at: known {work[0]}, unknown {work[1]}")
    a, b = (statistics.median(took[known]) for known in (True, False))
    return abs(a / b - 1), max(halves(took[True]), halves(took[False]))


def enumeration(node, tries):
    seen = []
    for turn in range(3):
        seen.append(known_or_not(node, turn, tries))
        if seen[-1][0] < 0.05:
            break
    # a machine that differs from itself by as much tells nothing
    good = any(d < max(0.05, noise) for d, noise in seen)
    check(good, f"known and unknown differ: {seen}")
    return min(d for d, _ in seen)


def pages_p99(node, seconds):
    g, took = Guesser(node.sock), []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        status = g.ask("GET", "/dang-nhap?lai=1", "203.0.113.9")[0]
        took.append((time.perf_counter() - began) * 1000)
        check(status == 200, f"a page during the flood: {status}")
    return sorted(took)[len(took) * 99 // 100]


def flooder(sock, number):
    """What the story starts of itself: guesses as fast as they go, until its input ends."""
    g, seen, i, over = Guesser(sock), {}, 0, threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    while not over.is_set():
        status = g.guess(f"tran{number}x{i}", address(i, 20 + number % 100))
        seen[status] = seen.get(status, 0) + 1
        if status == 503:
            check(g.retry_after, "503 without Retry-After")
            time.sleep(0.02)
        i += 1
    print(json.dumps(seen))


def flood(node, seconds, size):
    quiet = pages_p99(node, seconds)
    all_of_them = [subprocess.Popen([sys.executable, __file__, "--flooder", str(i), "--sock",
                                     node.sock], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                   for i in range(size)]
    before = node.looked_at()
    until = time.monotonic() + 30
    while node.looked_at() < before + 2 * size and time.monotonic() < until:
        time.sleep(0.05)
    before = node.looked_at()
    busy = pages_p99(node, seconds)
    looked, told = node.looked_at() - before, {}
    for p in all_of_them:
        for status, n in json.loads(p.communicate()[0]).items():
            told[status] = told.get(status, 0) + n
    check(looked > 0 and set(told) <= {"422", "503"}, f"the flood: {looked} looked at, {told}")
    check(busy <= max(50, 20 * quiet), f"pages took {busy:.1f} ms, {quiet:.1f} when quiet")
    return quiet, busy, looked


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--accounts", type=int, default=4000)
    p.add_argument("--timed", type=int, default=200)
    p.add_argument("--seconds", type=int, default=3)
    p.add_argument("--flooders", type=int, default=8)
    p.add_argument("--flooder", type=int)
    p.add_argument("--sock")
    o = p.parse_args()
    if o.flooder is not None:
        return flooder(o.sock, o.flooder)
    top = Path(tempfile.mkdtemp(prefix="dinh-guesses."))
    try:
        node = Node(top)
        try:
            first, in_all = one_account(node)
            spread = many_accounts(node, o.accounts)
            differ = enumeration(node, o.timed)
            quiet, busy, looked = flood(node, o.seconds, o.flooders)
        finally:
            node.end()
        print(f"figure C25 guesses=1000 in_a_window={first} in_a_row={in_all} "
              f"accounts={o.accounts} of_them={spread} known_unknown_percent={100 * differ:.2f}")
        print(f"figure C25 quiet_p99_ms={quiet:.2f} flood_p99_ms={busy:.2f} "
              f"flood_per_s={looked / o.seconds:.0f}")
    finally:
        shutil.rmtree(top, ignore_errors=True)
    return verdict()


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C.UTF-8"
    sys.exit(main())
