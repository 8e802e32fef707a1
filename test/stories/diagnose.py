#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`dinh diagnose` beside a node that runs, is stopped, or is broken in one way after another: each
finding is caused once and told with its remedy, and exit code and JSON agree. The release build's
sandbox is proved act by act; on a kernel without Landlock the node still serves, and says what it
lacks.
"""
import contextlib
import ctypes
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from judge import check, verdict
from nation import INSURANCE, NATIONAL, NODES, PROVINCE, ROOT, Nation, program

CODES = ("version", "kernel", "folder", "settings", "sandbox", "disk", "sync", "limits",
         "running", "keys", "certificates", "second_factor", "backup", "peers", "scanner",
         "database", "clock", "outbox", "witness", "alerts", "root_key")
ACTS = ("open /etc/passwd", "write outside", "execve", "fork", "ptrace", "connect elsewhere",
        "bind elsewhere", "mmap PROT_EXEC", "signal elsewhere", "core dump", "memfd_create")
OF_LANDLOCK = {"open /etc/passwd", "write outside", "connect elsewhere", "bind elsewhere"}
STATES = ("ok", "look", "broken")
LANDLOCK_CREATE_RULESET = 444
PASSPHRASE = "mot hai ba bon nam"


def diagnose(folder, exe=None, before=None):
    """{code: finding}, as the JSON tells; what holds for every answer is checked here."""
    done = subprocess.run([exe or program(), "diagnose", "--json", "--data", str(folder)],
                          capture_output=True, text=True, timeout=60, preexec_fn=before)
    try:
        told = json.loads(done.stdout)
    except ValueError:
        raise SystemExit(f"no JSON: exit {done.returncode}: {done.stdout}{done.stderr}") from None
    worst = max(STATES.index(f["state"]) for f in told["findings"])
    check(done.returncode == worst and told["state"] == STATES[worst],
          f"exit {done.returncode}, state {told['state']}, worst finding {STATES[worst]}")
    check(not re.search(r"(?<!\d)0\d{11}(?!\d)", done.stdout), "a personal number in the answer")
    for f in told["findings"]:
        remedy = f.get("remedy", {})
        check(f["state"] == "ok" or (remedy.get("vi") and remedy.get("en")
                                     and remedy["vi"] != remedy["en"]), f"{f['code']}: no remedy")
    return {f["code"]: f for f in told["findings"]}


def expect(what, found, code, state, word=""):
    got = found.get(code, {"state": "not told", "fact": ""})
    check(got["state"] == state and word in got["fact"],
          f"{what}: {code} is {got['state']} ({got['fact']}), not {state} {word}")


def acts(fact):
    return dict(re.fullmatch(r"(.*) (denied|ALLOWED|unknown)", x).groups()
                for x in fact.split(", "))


def without_landlock():
    """In the child before the program starts: as if the kernel had never heard of it."""
    rows = [(0x20, 0, 0, 0), (0x15, 0, 1, LANDLOCK_CREATE_RULESET), (0x06, 0, 0, 0x00050000 | 38),
            (0x06, 0, 0, 0x7fff0000)]
    code = b"".join(struct.pack("HBBI", *r) for r in rows)
    text = ctypes.create_string_buffer(code)
    libc = ctypes.CDLL(None, use_errno=True)
    head = struct.pack("HxxxxxxP", len(rows), ctypes.addressof(text))
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, head, 0, 0):
        os._exit(99)


def few_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))


@contextlib.contextmanager
def copy_of(n, name):
    """A folder of its own to break, taken while the node is down."""
    with tempfile.TemporaryDirectory(prefix="dinh-diagnose.") as top:
        folder = Path(top) / name
        shutil.copytree(n.folder(name), folder)
        yield folder


@contextlib.contextmanager
def rows_of(folder):
    with contextlib.closing(sqlite3.connect(folder / "dinh.db")) as db:
        yield db
        db.commit()


# ---- what runs -------------------------------------------------------------------------------

def health(n, name):
    with urllib.request.urlopen(n.url(name, "/healthz"), timeout=10) as answer:
        return json.load(answer)


def level(n, name):
    """What the node says of its sandbox once it is up: it listens a moment before it shuts."""
    until = time.monotonic() + 60
    while health(n, name)["sandbox"] == "off" and time.monotonic() < until:
        time.sleep(0.01)
    return health(n, name)["sandbox"]


def status_of(process):
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
    return dict(x.split(":", 1) for x in lines if ":" in x)


def running(n):
    n.start_all()
    for name in NODES:
        check(level(n, name) == "full", f"{name}: {health(n, name)}")
    found = diagnose(n.folder(NATIONAL))
    check(tuple(found) == CODES, f"told: {tuple(found)}")
    for code in ("version", "folder", "sandbox", "disk", "running", "certificates", "peers",
                 "database", "outbox"):
        expect("all is well", found, code, "ok")
    expect("all is well", found, "running", "ok", "sandbox full")
    check(acts(found["sandbox"]["fact"]) == {a: "denied" for a in ACTS},
          f"sandbox: {found['sandbox']['fact']}")
    print(f"every act is denied: {found['sandbox']['fact']}")
    until = time.monotonic() + 60
    while found["witness"]["state"] != "ok" and time.monotonic() < until:
        time.sleep(0.5)
        found = diagnose(n.folder(NATIONAL))
    expect("the others answered", found, "witness", "ok")
    for name in NODES:
        kernel = status_of(n.running[name])
        check(kernel["Seccomp"].strip() == "2" and kernel["NoNewPrivs"].strip() == "1",
              f"{name}: the kernel says {kernel['Seccomp']} {kernel['NoNewPrivs']}")


def messages_named(folder):
    with rows_of(folder) as db:
        return db.execute("SELECT count(*) FROM exchange_message WHERE status <> 0 AND service <>"
                          " 'audit.witness'").fetchone()[0]


def messages_came(n):
    """Figures that the nodes hand up by themselves: nobody's messages, which the trail names."""
    until = time.monotonic() + 60
    while not messages_named(n.folder(NATIONAL)) and time.monotonic() < until:
        time.sleep(0.2)
    check(messages_named(n.folder(NATIONAL)), "no message came that the trail names")


def one_is_gone(n):
    n.stop(INSURANCE)
    expect("g24 is down", diagnose(n.folder(NATIONAL)), "peers", "look", "g24 ERR_NET_CONNECT")


def one_hangs(n):
    n.running[NATIONAL].send_signal(signal.SIGSTOP)
    try:
        found = diagnose(n.folder(NATIONAL))
    finally:
        n.running[NATIONAL].send_signal(signal.SIGCONT)
    expect("it hangs", found, "running", "broken", "ERR_NET_TIMEOUT")


def backed_up(n):
    folder = n.folder(NATIONAL)
    expect("no backup yet", diagnose(folder), "backup", "look", "none")
    with tempfile.TemporaryDirectory(prefix="dinh-diagnose.") as to:
        done = subprocess.run([program(), "backup", "--data", str(folder), "--to", f"{to}/b"],
                              input=PASSPHRASE + "\n", text=True, capture_output=True, timeout=60)
    check(done.returncode == 0, f"backup: {done.stderr}")
    expect("just backed up", diagnose(folder), "backup", "ok", "Z")
    mark = folder / "last-backup"
    mark.write_text(str(int(mark.read_text(encoding="utf-8")) - 8 * 86400 * 10**6),
                    encoding="utf-8")
    expect("backed up 8 days ago", diagnose(folder), "backup", "look", "Z")


# ---- what is stopped, and broken -------------------------------------------------------------

def stopped(n):
    found = diagnose(n.folder(NATIONAL))
    check(tuple(found) == CODES, f"told of a stopped node: {tuple(found)}")
    expect("stopped", found, "running", "look", "stopped")
    expect("stopped", found, "database", "ok", "sound")
    expect("few files", diagnose(n.folder(NATIONAL), before=few_files), "limits", "look",
           "files 256")
    asan = Path(program()).parent.parent / "build-asan" / "dinh"
    if asan.exists():
        expect("a test build", diagnose(n.folder(NATIONAL), str(asan)), "version", "look",
               "test build")


def old_kernel(n):
    found = diagnose(n.folder(NATIONAL), before=without_landlock)
    expect("no Landlock", found, "kernel", "look", "Landlock 0")
    expect("no Landlock", found, "sandbox", "look")
    want = {a: "ALLOWED" if a in OF_LANDLOCK else "denied" for a in ACTS}
    check(acts(found["sandbox"]["fact"]) == want, f"no Landlock: {found['sandbox']['fact']}")
    with open(n.folder(NATIONAL) / "serve.log", "ab") as log:
        n.running[NATIONAL] = subprocess.Popen(
            [program(), "serve", "--data", n.folder(NATIONAL), "--clock", n.dir / "clock"],
            stdout=log, stderr=log, preexec_fn=without_landlock)
    n.wait_ready(NATIONAL)
    check(level(n, NATIONAL) == "reduced", f"no Landlock: {health(n, NATIONAL)}")
    expect("no Landlock", diagnose(n.folder(NATIONAL)), "running", "look", "sandbox reduced")
    print("without Landlock the node says so")
    n.stop(NATIONAL)


def certificate(folder, days):
    """A TLS certificate of its own key, by another authority, for so many days."""
    keys = folder / "keys"
    make = f"""set -e
    openssl x509 -in {keys}/tls.crt -pubkey -noout >{folder}/pub
    openssl ecparam -name prime256v1 -genkey -noout -out {folder}/ca.key
    openssl req -x509 -new -key {folder}/ca.key -subj /CN=other -days 9 -out {folder}/ca.crt
    openssl x509 -new -force_pubkey {folder}/pub -subj /CN=h57 -days {days} \
        -CA {folder}/ca.crt -CAkey {folder}/ca.key -set_serial 7 -out {keys}/tls.crt"""
    subprocess.run(["bash", "-c", make], check=True, capture_output=True, timeout=60)


def certificates(n):
    for days, state in ((5, "look"), (0, "broken")):
        with copy_of(n, PROVINCE) as folder:
            certificate(folder, days)
            expect(f"{days} days left", diagnose(folder), "certificates", state, "tls ")


def second_factor(n):
    """The demonstration may go without; a node at work may not, unless it says so."""
    with copy_of(n, PROVINCE) as folder:
        expect("the demonstration", diagnose(folder), "second_factor", "ok", "offered")
        for said, state, fact in ((None, "ok", "required"), (False, "look", "offered")):
            node = json.loads((folder / "node.json").read_text())
            node.pop("demo")
            if said is not None:
                node["second_factor"] = said
            (folder / "node.json").write_text(json.dumps(node))
            found = diagnose(folder)
            expect(f"second_factor {said}", found, "second_factor", state, fact)
            expect(f"second_factor {said}", found, "settings", "look", "node.json: ")
            node["demo"] = True
            (folder / "node.json").write_text(json.dumps(node))
    print("second_factor: off is told")


def broken_folder(n):
    with copy_of(n, PROVINCE) as folder:
        (folder / "node.json").write_text('{"name": ', encoding="utf-8")
        found = diagnose(folder)
        expect("node.json is cut", found, "folder", "broken", "node.json")
        expect("node.json is cut", found, "settings", "look", "node.json: ?")
        expect("node.json is cut", found, "sandbox", "ok")
        expect("node.json is cut", found, "disk", "ok")
    found = diagnose("/nonexistent")
    expect("no folder", found, "folder", "broken", "/nonexistent")
    expect("no folder", found, "disk", "broken", "ENOENT")
    expect("no folder", found, "sync", "broken", "ENOENT")


def broken_database(n):
    with copy_of(n, PROVINCE) as folder:
        with open(folder / "dinh.db", "r+b") as f:
            size = f.seek(0, os.SEEK_END)
            for page in range(4096 * 8, size, 4096 * 4):
                f.seek(page)
                f.write(b"\xa5" * 512)
        expect("pages overwritten", diagnose(folder), "database", "broken", "ERR_DB_CORRUPT")
    with copy_of(n, PROVINCE) as folder:
        (folder / "dinh.db").unlink()
        expect("dinh.db is gone", diagnose(folder), "database", "broken", "gone")
        check(not (folder / "dinh.db").exists(), "diagnose made a new database")


def future_acts(n):
    with copy_of(n, PROVINCE) as folder:
        with rows_of(folder) as db:
            db.execute("UPDATE core_audit SET at_us = at_us + 3600000000 * 24 * 30")
        expect("acts of next month", diagnose(folder), "clock", "broken", "newest act")


def waiting_messages(n):
    row = ("INSERT INTO core_outbox VALUES (?, 'exchange', 'H57', 'G24', 'x.y', '', '', '', x'00',"
           " ?, 3, 0, ?, 0, 0, 'ERR_NET_CONNECT')")
    for state, age_s, want in ((0, 60, "ok"), (0, 7200, "look"), (3, 60, "look")):
        with copy_of(n, PROVINCE) as folder:
            with rows_of(folder) as db:
                db.execute("DELETE FROM core_outbox")
                db.execute(row, ("0" * 26, state, int((time.time() - age_s) * 1e6)))
            expect(f"a message in state {state}, {age_s} s old", diagnose(folder), "outbox", want,
                   "given up 1" if state else "waiting 1")


def lonely(n):
    with copy_of(n, PROVINCE) as folder:
        with rows_of(folder) as db:
            db.execute("UPDATE exchange_peer SET heard_us = heard_us - 3600000000 * 25")
        expect("nobody took a seal for a day", diagnose(folder), "witness", "look", "last heard")


@contextlib.contextmanager
def served(folder, log):
    """It alone, and its log as it grows."""
    with open(log, "wb") as out:
        node = subprocess.Popen([program(), "serve", "--data", folder], stdout=out, stderr=out)
    try:
        yield lambda: Path(log).read_text(encoding="utf-8")
    finally:
        node.terminate()
        check(node.wait(60) == 0, "it ended badly")


def heard(log, word):
    until = time.monotonic() + 60
    while word not in log() and time.monotonic() < until:
        time.sleep(0.05)
    check(word in log(), f"{word} isn't logged: {log()[-900:]}")


def rotated(folder):
    done = subprocess.run([program(), "keys", "rotate", "--data", folder], capture_output=True,
                          text=True, timeout=60)
    check(done.returncode == 0, f"keys rotate: {done.stderr}")


def verified(folder, code=0):
    """By both verifiers."""
    for command in ([program(), "verify", "--data", folder],
                    [sys.executable, ROOT / "tools" / "verify.py", folder / "dinh.db"]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        check(done.returncode == code and (not code or "exchange" in done.stdout + done.stderr),
              f"{command[1]}: exit {done.returncode}: {done.stdout}{done.stderr}")


def successor(n):
    """A new root key: what is under the old one waits, is on its way, stands still, is done; the
    messages that the trail names are held as they lie then, and the old key goes."""
    with copy_of(n, NATIONAL) as folder:
        expect("one root key", diagnose(folder), "root_key", "ok", "1")
        with rows_of(folder) as db:
            db.execute("INSERT INTO core_outbox VALUES ('0', 'exchange', '', '', 'x', '', '', '',"
                       " x'0100', 1, 0, 0, 0, 0, 200, '')")
        rotated(folder)
        expect("stopped", diagnose(folder), "root_key", "look", "2, older ones 1: waits")
        with served(folder, f"{folder}.log") as log:
            heard(log, "job core.reseal: ERR_SEALED core_outbox.body|0")
            expect("held up", diagnose(folder), "root_key", "look", "under way")
            then = time.time() - 2 * 3600
            os.utime(folder / "keys/root.key", (then, then))
            with rows_of(folder) as db:
                db.execute("UPDATE core_reseal SET at_us = ?", (int(then * 1e6),))
            expect("held up for long", diagnose(folder), "root_key", "broken", "stands still")
        with rows_of(folder) as db:
            db.execute("DELETE FROM core_outbox WHERE id = '0'")
        with served(folder, f"{folder}.log") as log:
            heard(log, "nothing is left to seal anew under root key 2")
        found = diagnose(folder)
        expect("sealed anew", found, "root_key", "look", "dinh keys retire")
        verified(folder)
        done = subprocess.run([program(), "keys", "retire", "--data", folder], capture_output=True,
                              text=True, timeout=60)
        check(done.returncode == 0, f"keys retire: {done.stderr}")
        expect("retired", diagnose(folder), "root_key", "ok", "2")
        verified(folder)
        with rows_of(folder) as db:
            told, = db.execute("SELECT count(*) FROM core_audit WHERE action = 'exchange.reseal'"
                               ).fetchone()
            db.execute("UPDATE exchange_message SET body = x'03' WHERE status <> 0 AND service <>"
                       " 'audit.witness'")
        check(told > 0, "no message was sealed anew: nothing is proved")
        verified(folder, 1)
    print("root_key: how far the sealing anew is, is told")
    print("messages sealed anew are held by both verifiers, and the old key goes")


def disk_states(n):
    if os.geteuid() != 0:
        print("not root: a small disk and a read-only one can't be made here")
        return
    with tempfile.TemporaryDirectory(prefix="dinh-diagnose.") as top:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "none", top], check=True)
        try:
            folder = Path(top) / "h57"
            shutil.copytree(n.folder(PROVINCE), folder)
            expect("a small disk", diagnose(folder), "disk", "broken", "MiB free of 48")
            subprocess.run(["mount", "-o", "remount,ro", top], check=True)
            expect("a read-only disk", diagnose(folder), "sync", "broken", "EROFS")
        finally:
            subprocess.run(["umount", "-l", top], check=True)


def main():
    n = Nation(program())
    try:
        n.make()
        for part in (running, messages_came, backed_up, one_hangs, one_is_gone):
            part(n)
        n.stop_all()
        for part in (stopped, old_kernel, certificates, second_factor, broken_folder,
                     broken_database, future_acts, waiting_messages, lonely, successor,
                     disk_states):
            part(n)
    finally:
        n.stop_all()
        shutil.rmtree(n.top, ignore_errors=True)
    verdict()


if __name__ == "__main__":
    main()
