#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The world's bad states, one by one, on a real node: refused or degraded with one clear line in
each language, nothing half-written, and all is well again when the cause is gone.

Start-up: each file and setting wrong once. Running: a full disk, a read-only disk, jumping clocks,
damaged pages, a second process, backup and restore. The disk is a small tmpfs: it takes root, or
sudo.
"""
import contextlib
import json
import os
import random
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from datetime import datetime, timezone

from browser import Browser
from judge import any_seed, check, faults, verdict
from nation import NATIONAL, NODES, PASSWORD, PROVINCE, ROOT, Nation, program, run
from tales import MOTHERS, Book, Family, missing, not_drained

AS_ROOT = () if os.getuid() == 0 else ("sudo", "-n")
LOGGED = re.compile(r"^\d{4}-\d\d-\d\dT")


def lines_of(text):
    """What the program says itself; its log lines begin with a time."""
    return [x for x in text.splitlines() if x and not LOGGED.match(x)]


# ---- a node that must not start ----

def setting(**values):
    def change(d):
        path = d / "node.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}, indent=1))
    return change


def write(name, content):
    return lambda d: (d / name).write_bytes(content)


def remove(name):
    return lambda d: (d / name).unlink()


def newer_schema(d):
    with contextlib.closing(sqlite3.connect(d / "dinh.db")) as db, db:
        db.execute("INSERT INTO db_migration VALUES ('portal', 99, 'x', 0)")


def broken_cert(d):
    path = d / "federation.json"
    doc = json.loads(path.read_text())
    doc["nodes"][1]["sign_cert"] = "x"
    path.write_text(json.dumps(doc))


def swapped(d):
    shutil.copy(d / "keys/tls.key", d / "keys/sign.key")


# what is wrong, how it comes about, the error, what the line must name
START = [
    ("no folder", shutil.rmtree, "ERR_NO_NODE", ["dinh init", "dinh restore"]),
    ("no node.json", remove("node.json"), "ERR_NO_NODE", ["node.json", "dinh init"]),
    ("garbage", write("node.json", b'{"name": "x",\n oops'), "ERR_DEFINITION",
     ["node.json", "2"]),
    ("not UTF-8", write("node.json", b'{"name": "\xff"}'), "ERR_DEFINITION", ["node.json"]),
    ("empty", write("node.json", b""), "ERR_DEFINITION", ["node.json"]),
    ("a list", write("node.json", b"[]"), "ERR_NODE_SETTING", ["node.json"]),
    ("unknown setting", setting(prot=1), "ERR_NODE_SETTING", ["“prot”", "node.json, "]),
    ("name", setting(name="a/b"), "ERR_NODE_SETTING", ["“name”"]),
    ("agency", setting(agency="ZZ9"), "ERR_NODE_SETTING", ["“agency”", "agencies.json"]),
    ("title", setting(title={"vi": "x"}), "ERR_NODE_SETTING", ["“title”"]),
    ("members", setting(members=["ZZ9"]), "ERR_NODE_SETTING", ["“members”"]),
    ("members' kind", setting(members="G22"), "ERR_NODE_SETTING", ["“members”"]),
    ("systems", setting(systems=["portall"]), "ERR_NODE_SETTING", ["“systems”", " | portal"]),
    ("instance", setting(instance=7), "ERR_NODE_SETTING", ["“instance”"]),
    ("url", setting(url="hello"), "ERR_NODE_SETTING", ["“url”", "https://"]),
    ("url in the clear", setting(url="http://dinh.h57.example.gov.vn"), "ERR_NODE_SETTING",
     ["“url”", "http://127.0.0.1"]),
    ("pages in the clear", setting(address="0.0.0.0"), "ERR_NODE_SETTING",
     ["“address”", "127.0.0.1"]),
    ("exchange_url", setting(exchange_url="x"), "ERR_NODE_SETTING", ["“exchange_url”"]),
    ("identity_url", setting(identity_url=3), "ERR_NODE_SETTING", ["“identity_url”"]),
    ("address", setting(address="here"), "ERR_NODE_SETTING", ["“address”"]),
    ("port", setting(port=70000), "ERR_NODE_SETTING", ["“port”", "65535"]),
    ("port's kind", setting(port="8801"), "ERR_NODE_SETTING", ["“port”"]),
    ("exchange_port", setting(exchange_port=-1), "ERR_NODE_SETTING", ["“exchange_port”"]),
    ("demo", setting(demo="yes"), "ERR_NODE_SETTING", ["“demo”"]),
    ("db", setting(db="mysql:x"), "ERR_NODE_SETTING", ["“db”", "postgres:CONNINFO"]),
    ("scanner", setting(scanner="scan.example:3310"), "ERR_NODE_SETTING",
     ["“scanner”", "127.0.0.1:PORT"]),
    ("country", setting(country=3), "ERR_NODE_SETTING", ["“country”"]),
    ("PostgreSQL away", setting(db="postgres:host=127.0.0.1 port=1 dbname=x"), "ERR_DB_OPEN",
     ["PostgreSQL", "port 1"]),
    ("federation", write("federation.json", b"{"), "ERR_DEFINITION", ["federation.json", "1"]),
    ("federation's kind", write("federation.json", b"{}"), "ERR_DEFINITION",
     ["federation.json", "nodes"]),
    ("a peer's certificate", broken_cert, "ERR_DEFINITION", ["federation.json", "sign_cert"]),
    ("no root key", remove("keys/root.key"), "ERR_KEY_MISSING", ["keys/root.key"]),
    ("root key", write("keys/root.key", b"zz"), "ERR_KEY_ROOT", ["keys/root.key"]),
    ("no signing key", remove("keys/sign.key"), "ERR_KEY_MISSING", ["keys/sign.key"]),
    ("signing key", write("keys/sign.key", b"zz"), "ERR_KEY_BAD", ["keys/sign.key"]),
    ("no TLS key", remove("keys/tls.key"), "ERR_KEY_MISSING", ["keys/tls.key"]),
    ("open key", lambda d: (d / "keys/sign.key").chmod(0o644), "ERR_KEY_OPEN",
     ["chmod 600", "keys/sign.key"]),
    ("another root key", write("keys/root.key", b"ab" * 32), "ERR_KEY_OTHER", ["keys/root.key"]),
    ("open root key", lambda d: (d / "keys/root.key").chmod(0o640), "ERR_KEY_OPEN",
     ["chmod 600", "keys/root.key"]),
    ("certificate", write("keys/tls.crt", b"zz"), "ERR_KEY_CERT", ["keys/tls.crt"]),
    ("another key's certificate", swapped, "ERR_KEY_CERT", ["keys/sign.crt"]),
    ("no root certificate", remove("keys/ca.crt"), "ERR_KEY_MISSING", ["keys/ca.crt"]),
    ("newer data", newer_schema, "ERR_DB_NEWER", ["portal 99", "dinh restore"]),
    ("no database", remove("dinh.db"), "ERR_DB_GONE", ["dinh.db", "dinh restore"]),
    ("empty database", write("dinh.db", b""), "ERR_DB_GONE", ["dinh.db", "dinh restore"]),
    ("not a database", write("dinh.db", b"hello" * 4000), "ERR_DB_CORRUPT",
     ["dinh.db", "dinh restore"]),
]


def told(what, code, out, name, words, status=1):
    said = lines_of(out)
    check(code == status, f"{what}: exit {code}")
    check(len(said) == 2, f"{what}: {len(said)} lines: {out}")
    for line in said[:2]:
        check(line.startswith(name + ": "), f"{what}: {line}")
        for word in words:
            check(word in line, f"{what}: {word!r} isn't named: {line}")
    check(len(set(said)) == 2, f"{what}: one language twice")


def refusals(nation):
    base = nation.folder(NATIONAL)
    for what, change, name, words in START:
        folder = nation.top / "copy"
        shutil.copytree(base, folder)
        change(folder)
        before = contents(folder)
        code, out, err = run(nation.exe, "serve", "--data", folder)
        told(what, code, out + err, name, words)
        check(contents(folder) == before, f"{what}: the folder was changed")
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(START)} bad states refused at start", flush=True)


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*")
            if p.is_file() and p.name not in ("lock", "dinh.db-wal", "dinh.db-shm")}


def ports_and_folders(nation):
    """Ports in use, a second process, odd environments."""
    for port, what in ((nation.port, "port"), (nation.port + 3, "exchange port")):
        with contextlib.closing(socket.socket()) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(("127.0.0.1", port))
            s.listen()
            code, out, err = run(nation.exe, "serve", "--data", nation.folder(NATIONAL))
            told(f"{what} in use", code, out + err, "ERR_NET_LISTEN", [str(port), "127.0.0.1"])
    odd = {"TZ": "Mars/Phobos", "LANG": "xx_YY.bad", "LC_ALL": "zz"}
    nation.start(NATIONAL, env=odd)
    nation.wait_ready(NATIONAL)
    b = Browser()
    b.get(nation.url(NATIONAL, "/"))
    check(b.status == 200 and b.sees("Cổng Dịch vụ công"), "Vietnamese under an odd environment")
    for command in ("serve", "verify"):
        code, out, err = run(nation.exe, command, "--data", nation.folder(NATIONAL))
        told(f"a second {command}", code, out + err, "ERR_NODE_RUNNING", [str(nation.dir)])
    check(nation.stop(NATIONAL) == 0, "an orderly end")
    print("ports, second process, environment", flush=True)


# ---- damaged pages ----

def damage(nation, dice, rounds):
    """Bytes flipped in a cold copy: refused at start, found by verify, or the pages right."""
    seen = {"refused": 0, "served": 0, "found": 0}
    base, size = nation.folder(NATIONAL), (nation.folder(NATIONAL) / "dinh.db").stat().st_size
    for _ in range(rounds):
        folder = nation.top / "copy"
        shutil.copytree(base, folder)
        with open(folder / "dinh.db", "r+b") as f:
            for _ in range(dice.choice((1, 8, 64))):
                f.seek(dice.randrange(size))
                f.write(dice.randbytes(dice.choice((1, 16, 512))))
        code, out, err = run(nation.exe, "verify", "--data", folder, timeout=60)
        check(code in (0, 1), f"verify of damaged pages ended with {code}: {err[-600:]}")
        seen["found"] += code == 1
        p = subprocess.Popen([nation.exe, "serve", "--data", folder], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, errors="backslashreplace")
        with contextlib.suppress(RuntimeError):
            nation.wait_ready(NATIONAL, p, 10)
            seen["served"] += 1
            pages_right(nation)
        p.terminate()  # one that runs and is never well, too
        out = p.communicate(timeout=120)[0]
        check(p.returncode in (0, 1), f"damaged pages: exit {p.returncode}: {out[-900:]}")
        if p.returncode == 1:
            seen["refused"] += 1
            check(len(lines_of(out)) == 2, f"damaged pages: {out}")
            check("\\x" not in "".join(lines_of(out)), f"damaged pages: not UTF-8: {out}")
        shutil.rmtree(folder)
    check(seen["found"] > rounds // 4, f"damage that verify doesn't find: {seen}")
    print(f"{rounds} times damaged: {seen}", flush=True)
    print(f"figure C8 damaged_bases={rounds} " + " ".join(f"{k}={v}" for k, v in seen.items()))


def pages_right(nation):
    b = Browser(patience=0)
    for path in ("/", "/dang-nhap", "/dich-vu/1.001193", "/tim?q=khai+sinh"):
        b.get(nation.url(NATIONAL, path))
        check(b.status in (200, 500, 503), f"{path} of damaged pages gave {b.status}")
    b.get(nation.url(NATIONAL, "/dang-nhap"))
    if b.status == 200:
        b.submit("/dang-nhap", {"username": MOTHERS[0], "password": PASSWORD})
        check(b.status in (200, 422, 401, 500, 503), f"sign-in gave {b.status}")


# ---- a disk that is full, or can only be read ----

class SmallDisk:
    """The node's folder on a tmpfs that can be made full, empty again, read-only, writable."""

    def __init__(self, nation, name, bytes_):
        self.nation, self.name, self.bytes = nation, name, bytes_
        self.folder = nation.folder(name)
        aside = self.folder.with_suffix(".aside")
        self.folder.rename(aside)
        self.folder.mkdir(mode=0o700)
        owner = f"size={bytes_},mode=700,uid={os.getuid()},gid={os.getgid()}"
        self.mount("mount", "-t", "tmpfs", "-o", owner, "none", self.folder)
        shutil.copytree(aside, self.folder, dirs_exist_ok=True)

    def mount(self, *command):
        code, out, err = run(*AS_ROOT, *command)
        if code:
            raise SystemExit(f"{command}: {out}{err}")

    def fill(self):
        with open(self.folder / "ballast", "wb", buffering=0) as f:
            with contextlib.suppress(OSError):
                while True:
                    f.write(bytes(65536))
            with contextlib.suppress(OSError):
                while True:
                    f.write(bytes(512))

    def empty(self):
        (self.folder / "ballast").unlink()

    def read_only(self, yes):
        self.mount("mount", "-o", f"remount,{'ro' if yes else 'rw'},size={self.bytes}", self.folder)

    def end(self):
        """What lies on it stays, on the disk below."""
        kept = self.folder.with_suffix(".kept")
        shutil.copytree(self.folder, kept)
        run(*AS_ROOT, "umount", "-l", self.folder)
        self.folder.rmdir()
        kept.rename(self.folder)


def wait_until(truth, seconds, what):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if truth():
            return True
        time.sleep(0.02)
    check(False, what)
    return False


def one_write(nation, language="vi"):
    """A write that anybody may do: a wrong password is counted. The status, and the page."""
    b = Browser(patience=0)
    b.get(nation.url(PROVINCE, "/dang-nhap"))
    if b.status != 200:
        return b
    body, kind = b.body_of("/dang-nhap", {"username": "canbo.motcua", "password": PASSWORD})
    b.go("POST", "/dang-nhap", body, {"Content-Type": kind, "Accept-Language": language})
    return b


def refused_write(nation, what, vi, en):
    b = one_write(nation)
    check(b.status == 503 and b.sees(vi), f"{what}: Vietnamese page, {b.status}: {b.text[-900:]}")
    check(b.headers.get("Retry-After"), f"{what}: Retry-After")
    b = one_write(nation, "en")
    check(b.status == 503 and b.sees(en), f"{what}: English page, {b.status}")


def reads_go_on(nation, what):
    b = Browser(patience=0)
    for path in ("/", "/dang-nhap", "/dich-vu/1.001193", "/tim?q=khai+sinh", "/healthz"):
        b.get(nation.url(PROVINCE, path))
        check(b.status == 200 or path == "/healthz", f"{what}: reading {path} gave {b.status}")


def writes_again(nation, what):
    began = refused = time.monotonic()
    while one_write(nation).status != 200 and time.monotonic() < began + 60:
        refused = time.monotonic()
        time.sleep(0.02)
    check(refused - began < 1.5, f"{what}: refused for {refused - began:.1f} s")


def disks(nation, book):
    disk = SmallDisk(nation, PROVINCE, 48 << 20)
    try:
        nation.start_all()
        family = Family(nation, book, MOTHERS[0], 1)
        family.filing()
        for what, on, off, vi, en in (
                ("full", disk.fill, disk.empty, "đầy", "full"),
                ("read-only", lambda: disk.read_only(True), lambda: disk.read_only(False),
                 "chỉ", "only be read")):
            if what == "read-only":
                nation.stop(PROVINCE)
                disk.read_only(True)
                code, out, err = run(nation.exe, "serve", "--data", nation.folder(PROVINCE))
                told("read-only at start", code, out + err, "ERR_READ_ONLY",
                     [str(nation.folder(PROVINCE))])
                disk.read_only(False)
                continue
            on()
            wait_until(lambda: one_write(nation).status == 503, 60, f"{what}: writes went on")
            refused_write(nation, what, vi, en)
            reads_go_on(nation, what)
            check(nation.running[PROVINCE].poll() is None, f"{what}: the node ended")
            off()
            writes_again(nation, what)
            family.act("canbo.motcua", "accept")
            nation.stop(PROVINCE)
            on()
            code, out, err = run(nation.exe, "serve", "--data", nation.folder(PROVINCE))
            off()
            told("full at start", code, out + err, "ERR_DISK_FULL", [str(nation.folder(PROVINCE))])
        nation.start(PROVINCE)
        nation.wait_ready(PROVINCE)
        decide(family)
        finish(nation, book, "disks")
        print(f"figure C9 disks=2 faults={len(faults)}")
    finally:
        nation.stop_all()
        disk.end()


def finish(nation, book, what):
    until = time.monotonic() + 60
    while not_drained(nation) and time.monotonic() < until:
        nation.move_clock(7_000_000)
        time.sleep(0.2)
    for f in not_drained(nation) + missing(book, nation):
        check(False, f"{what}: {f}")
    for name, code in nation.stop_all().items():
        check(code == 0, f"{what}: {name} ended with {code}")
    for name in NODES:
        code, out, err = run(nation.exe, "verify", "--data", nation.folder(name))
        check(code == 0, f"{what}: verify of {name}: {out}{err}")
    print(what, flush=True)


# ---- clocks that jump ----

DAY_US = 86_400_000_000


def sign_in(nation, language="vi"):
    b = Browser(patience=0)
    b.get(nation.url(NATIONAL, "/dang-nhap"))
    body, kind = b.body_of("/dang-nhap", {"username": MOTHERS[2], "password": PASSWORD})
    b.go("POST", "/dang-nhap", body, {"Content-Type": kind, "Accept-Language": language})
    return b


def refused_sign_in(nation, what):
    for language, words in (("vi", "Đồng hồ"), ("en", "clock")):
        b = sign_in(nation, language)
        check(b.status == 503 and b.sees(words), f"{what}: signing in gave {b.status}")


def signed_in(nation, b):
    b.get(nation.url(NATIONAL, "/tai-khoan"))
    return b.status == 200 and "/dang-nhap" not in b.url


def offset_of(nation):
    return struct.unpack("<q", (nation.dir / "clock").read_bytes())[0]


def now_us():
    return time.time_ns() // 1000


def seconds_of_2038(nation):
    """32 bits of seconds are over, and so are the certificates of a node of today."""
    far = int(datetime(2038, 1, 20, tzinfo=timezone.utc).timestamp()) * 1_000_000
    by = far - now_us() - offset_of(nation)
    nation.move_clock(by)
    began = time.monotonic()
    reads_go_on(nation, "2038")
    status = one_write(nation).status
    check(status == 200, f"2038: a write gave {status}")
    b = sign_in(nation)  # so that the node has seen how far its clock was
    check(b.status == 200 and b.sees("/dang-xuat"), f"2038: signing in gave {b.status}")
    check(time.monotonic() - began < 10, "2038: a request hung")
    at = nation.one(PROVINCE, "SELECT at_us FROM core_audit ORDER BY seq DESC LIMIT 1")
    check(at >= far, f"2038: the trail is at {at}")
    nation.move_clock(-by)


@contextlib.contextmanager
def stopped(nation):
    """The clock stands: what went by is taken off again each half millisecond."""
    offset, began, over = offset_of(nation), now_us(), threading.Event()

    def hold():
        with open(nation.dir / "clock", "r+b", buffering=0) as f:
            while not over.wait(0.0005):
                f.seek(0)
                f.write(struct.pack("<q", offset + began - now_us()))
    holds = threading.Thread(target=hold)
    holds.start()
    try:
        yield
    finally:
        over.set()
        holds.join()


def clocks(nation, book):
    """No node of the demonstration, which moves its clock as it likes."""
    for name in NODES:
        setting(demo=False, second_factor=False)(nation.folder(name))
    nation.start_all()
    family = Family(nation, book, MOTHERS[1], 2)
    family.filing()
    check(signed_in(nation, family.citizen), "signed in")
    nation.move_clock(400 * DAY_US)
    check(not signed_in(nation, family.citizen), "400 days later still signed in")
    seconds_of_2038(nation)
    nation.move_clock(-400 * DAY_US)
    refused_sign_in(nation, "400 days back")
    nation.stop_all()  # who starts the node again has looked at the clock
    nation.start_all()
    family = Family(nation, book, MOTHERS[1], 3)
    family.filing()
    last = nation.one(PROVINCE, "SELECT max(seq) FROM core_audit")
    nation.move_clock(-7200_000_000)
    began = time.monotonic()
    reads_go_on(nation, "two hours back")
    check(time.monotonic() - began < 5, "two hours back: a request hung")
    check(not signed_in(nation, family.citizen), "a session lives two hours longer")
    refused_sign_in(nation, "two hours back")
    nation.move_clock(7200_000_000)
    began = time.monotonic()
    with stopped(nation):
        reads_go_on(nation, "a clock that stands")
        family.act("canbo.motcua", "accept")
    check(time.monotonic() - began < 20, "a clock that stands: a request hung")
    order = [r[0] for r in nation.rows(PROVINCE, "SELECT seq FROM core_audit WHERE seq > ?"
                                       " ORDER BY seq", last)]
    check(order and order == list(range(last + 1, last + 1 + len(order))), "audit order")
    decide(family)
    finish(nation, book, "clocks")
    print(f"figure C12 jumps=6 stands=1 faults={len(faults)}")
    for name in NODES:
        setting(demo=True)(nation.folder(name))


def decide(family):
    for action in ("start_review", "propose"):
        family.act("hotich", action)
    family.act("chutich", "sign")
    family.waits_for("/giay/health_card")


# ---- backup under load, restore ----

PASSPHRASE = "mật khẩu sao lưu dài"


def restore_drill(nation, book):
    """A backup while people file; restored into an empty folder it verifies and goes on."""
    nation.start_all()
    family = Family(nation, book, MOTHERS[0], 11)
    family.filing()
    before = set(book.filed)
    loaded = threading.Thread(target=Family(nation, book, MOTHERS[2], 12).filing)
    loaded.start()
    to, empty = nation.top / "backup", nation.top / "restored"
    code, out, err = run(nation.exe, "backup", "--data", nation.folder(PROVINCE), "--to", to,
                         stdin=PASSPHRASE + "\n")
    check(code == 0, f"backup: {out}{err}")
    loaded.join()
    nation.stop(PROVINCE)
    damaged, taken = damaged_backups(nation, to)
    code, out, err = run(nation.exe, "restore", "--from", to, "--data", empty,
                         stdin=PASSPHRASE + "\n")
    check(code == 0, f"restore: {out}{err}")
    code, out, err = run(nation.exe, "restore", "--from", to, "--data", empty,
                         stdin=PASSPHRASE + "\n")
    drilled("into a folder that isn't empty", code, err)
    code, out, err = run(nation.exe, "verify", "--data", empty)
    check(code == 0, f"verify of what was restored: {out}{err}")
    nation.folder(PROVINCE).rename(nation.top / "lost")
    empty.rename(nation.folder(PROVINCE))
    nation.start(PROVINCE)
    nation.wait_ready(PROVINCE)
    kept = {r[0] for r in nation.rows(PROVINCE, "SELECT code FROM casework_case")}
    check(before <= kept, f"filed before the backup and not restored: {before - kept}")
    family.officials.clear()
    family.signs_in()
    family.crosses_over()
    family.downloads("receipt")
    family.act("canbo.motcua", "accept")
    decide(family)
    nation.stop_all()
    print("backup and restore", flush=True)
    print(f"figure C31 filed_before={len(before)} lost={len(before - kept)} damaged={damaged} "
          f"taken={taken}", flush=True)


def drilled(what, code, err):
    said = [x for x in lines_of(err.replace("Mật khẩu sao lưu: ", ""))]
    check(code == 1 and len(said) == 2, f"restore {what}: exit {code}: {err}")


def damaged_backups(nation, to):
    """(how many were tried, how many of them left a database)"""
    target, damaged, taken = nation.top / "nowhere", 0, 0
    code, out, err = run(nation.exe, "restore", "--from", to, "--data", target, stdin="sai\n")
    drilled("with another passphrase", code, err)
    for path in sorted(p for p in to.rglob("*") if p.is_file()):
        whole = path.read_bytes()
        for what, content in (("flipped", flipped(whole)), ("cut", whole[:len(whole) // 2])):
            path.write_bytes(content)
            code, out, err = run(nation.exe, "restore", "--from", to, "--data", target,
                                 stdin=PASSPHRASE + "\n")
            drilled(f"of {path.name}, {what}", code, err)
            left = [p for p in target.rglob("dinh.db")] if target.exists() else []
            check(not left, f"restore of {path.name}, {what}, left {left}")
            shutil.rmtree(target, ignore_errors=True)
            damaged, taken = damaged + 1, taken + len(left)
        path.write_bytes(whole)
    return damaged, taken


# ---- a restored past that a peer's administrator accepts ----

def alerts_of(nation, name):
    out = run(nation.exe, "diagnose", "--json", "--data", nation.folder(name))[1]
    return next(f for f in json.loads(out)["findings"] if f["code"] == "alerts")


MORE = 8


def until(nation, truth, what):
    """Jobs keep the nation's clock: each look is a minute later for them."""
    end = time.monotonic() + 60
    while not (got := truth()):
        if time.monotonic() > end:
            raise SystemExit(f"{what}: never came\n{nation.log(NATIONAL)}\n{nation.log(PROVINCE)}")
        nation.move_clock(60 * 10**6)
        time.sleep(1)
    return got


def held(nation):
    """The largest head of the province that the national node holds."""
    return nation.one(NATIONAL, "SELECT COALESCE(MAX(size), 0) FROM core_tree_held"
                                " WHERE peer = 'h57'")


def rolled_back(nation):
    """The province is restored to before acts whose head it has shown: the national node comes
    to it by itself, at the next letter. The head that was shown then."""
    database = nation.folder(PROVINCE) / "dinh.db"
    nation.start_all()
    until(nation, lambda: held(nation), "a head of the province")
    nation.stop(PROVINCE)
    size = nation.one(PROVINCE, "SELECT MAX(seq) FROM core_audit")
    past = {f: f.read_bytes() for f in database.parent.glob("dinh.db*")}
    nation.start(PROVINCE)
    nation.wait_ready(PROVINCE)
    for _ in range(MORE):  # than it writes by itself once it is back
        Family(nation, Book(), MOTHERS[2], 77).sign_in(Browser(), PROVINCE, "canbo.motcua")
    until(nation, lambda: held(nation) >= size + MORE, "a head of after the acts")
    nation.stop(PROVINCE)
    for f in database.parent.glob("dinh.db*"):
        f.unlink()
    for f, raw in past.items():
        f.write_bytes(raw)
    nation.start(PROVINCE)
    nation.wait_ready(PROVINCE)
    alert = "SELECT kind, size, root FROM core_tree_alert WHERE node = 'h57' ORDER BY last_us DESC"
    until(nation, lambda: nation.rows(NATIONAL, alert), "an alert")
    nation.stop_all()
    kind, shown, root = nation.rows(NATIONAL, alert)[0]
    check(kind == "rolled_back", f"a restored past is told as {kind}")
    return f"{shown} {root[:16]}"


def guides(nation, head, by):
    """The command of both guides, word by word, at this node's folder."""
    said = [re.search(r"runuser -u dinh -- dinh (peers accept .*?--reason \"[^\"]*\")",
                      (ROOT / f"docs/{name}").read_text(encoding="utf-8"), re.S).group(1)
            for name in ("operate.md", "operate.en.md")]
    check(len({re.sub(r'--reason ".*', "", x, flags=re.S) for x in said}) == 1, f"{said}")
    swap = {"/var/lib/dinh": str(nation.folder(NATIONAL)), "1234 9f3a61c0d2e4b5a7": head,
            "quantri": by}
    words = shlex.split(said[0].replace("\\\n", " "))
    check(set(swap) <= set(words), f"the guide's words: {words}")
    return [nation.exe, *(swap.get(w, w) for w in words)]


def restored_past(nation):
    head = rolled_back(nation)
    other = head[:-1] + ("0" if head[-1] != "0" else "1")
    found = alerts_of(nation, NATIONAL)
    check(found["state"] == "look" and f"shown {head}" in found["fact"], f"the alert: {found}")
    by = nation.one(NATIONAL, "SELECT username FROM identity_account WHERE kind = 'official'"
                              " AND disabled = 0 AND username <> '' ORDER BY id LIMIT 1")
    command = [nation.exe, "peers", "accept", "--data", nation.folder(NATIONAL), "--name", "H57",
               "--reason", "diễn tập khôi phục", "--by"]
    code, out, err = run(*command, by, "--head", other)
    told("a head that nobody showed", code, out + err, "ERR_TREE_NOT_SHOWN", [other, head])
    code, out, err = run(*command, "khong.co.ai", "--head", head)
    check(code == 1 and "ERR_NOT_FOUND" in err, f"accepted by nobody: {code} {err}")
    check(alerts_of(nation, NATIONAL) == found, "what was refused changed the alert")
    code, out, err = run(*guides(nation, head, by))
    check(code == 0, f"accepting: {out}{err}")
    found = alerts_of(nation, NATIONAL)
    check(found["state"] == "ok" and "answered " in found["fact"], f"accepted: {found}")
    code, out, err = run(nation.exe, "verify", "--data", nation.folder(NATIONAL))
    check(code == 0 and "đĩa hỏng, khôi phục" in out, f"the alert and why: {code} {out}{err}")
    code, out, err = run(sys.executable, ROOT / "tools/verify.py",
                         nation.folder(NATIONAL) / "dinh.db")
    check(code == 0, f"the other verifier: {out}{err}")
    print("a restored past: alerted, accepted, just the head that was shown", flush=True)


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1:]


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else any_seed()
    print(f"seed {seed}", flush=True)
    nation = Nation(program())
    try:
        nation.make()
        refusals(nation)
        ports_and_folders(nation)
        damage(nation, random.Random(seed), 30)
        book = Book()
        clocks(nation, book)
        disks(nation, book)
        restore_drill(nation, book)
        restored_past(nation)
    finally:
        nation.remove()
    verdict()


if __name__ == "__main__":
    main()
