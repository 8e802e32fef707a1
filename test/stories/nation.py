# SPDX-License-Identifier: Apache-2.0
"""The demonstration nation as three processes of our own, to be broken one by one."""
import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NATIONAL, PROVINCE, INSURANCE = "national", "h57", "g24"
NODES = (NATIONAL, PROVINCE, INSURANCE)
PASSWORD = "thu-nghiem-2020"


LANE = int(os.environ.get("DINH_LANE", "0")) % 4 * 3000  # stories at a time share no ports


def free_ports(n=6, first=20000):
    """The first of n in a row, of the lane's 1,500 from there."""
    for port in range(first + LANE + os.getpid() * 6 % 1200, first + LANE + 1500 - n, n):
        with contextlib.ExitStack() as held:
            try:
                for p in range(port, port + n):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", p))
                return port
            except OSError:
                continue
    raise SystemExit("no free ports in a row")


def program(sanitized=False):
    """The program of a build; DINH_BIN names another for the one without sanitizers."""
    path = ROOT / "build-asan" / "dinh" if sanitized else \
        Path(os.environ.get("DINH_BIN", ROOT / "build" / "dinh"))
    if not path.exists():
        raise SystemExit(f"{path} isn't built")
    return str(path)


def run(*args, stdin=None, env=None, timeout=120):
    """A command to its end: (exit code, stdout, stderr)."""
    done = subprocess.run([str(a) for a in args], input=stdin, capture_output=True, text=True,
                          errors="backslashreplace", timeout=timeout,
                          env={**os.environ, **(env or {})})
    return done.returncode, done.stdout, done.stderr


class Nation:
    def __init__(self, exe, server=None, env=None):
        self.exe, self.server = exe, server or exe
        self.env = {**os.environ, **(env or {})}
        self.top = Path(tempfile.mkdtemp(prefix="dinh-story."))
        self.dir, self.port = self.top / "nation", free_ports()
        self.running, self.extra, self.log_from = {}, {}, {}

    def make(self):
        """Made and seeded by the program itself, which is stopped as soon as it serves."""
        p = subprocess.Popen([self.exe, "demo", "--data", self.dir, "--port", str(self.port)],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=self.env)
        try:
            for name in NODES:
                self.wait_ready(name, p)
        finally:
            p.terminate()
            said = p.communicate()[1].decode()
        if p.returncode:
            raise SystemExit(f"demo ended with {p.returncode}: {said}")

    def folder(self, name):
        return self.dir / name

    def url(self, name, path=""):
        return f"http://127.0.0.1:{self.port + NODES.index(name)}{path}"

    def start(self, name, env=None):
        with open(self.folder(name) / "serve.log", "ab") as log:
            self.log_from[name] = log.tell()
            self.running[name] = subprocess.Popen(
                [self.server, "serve", "--data", self.folder(name), "--clock", self.dir / "clock"],
                stdout=log, stderr=log, env={**self.env, **self.extra.get(name, {}), **(env or {})})

    def wait_ready(self, name, process=None, seconds=60):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                with urllib.request.urlopen(self.url(name, "/healthz"), timeout=5) as answer:
                    if answer.status == 200:
                        return
            p = process or self.running[name]
            if p.poll() is not None:
                raise RuntimeError(f"{name} ended with {p.returncode}:\n{self.log(name)}")
            time.sleep(0.01)
        raise RuntimeError(f"{name} isn't ready:\n{self.log(name)}")

    def log(self, name, lines=15):
        """The last lines of what the node said since its last start."""
        path = self.folder(name) / "serve.log"
        if not path.exists():
            return ""
        said = path.read_bytes()[self.log_from.get(name, 0):].decode(errors="replace")
        return "\n".join(said.splitlines()[-lines:])

    def start_all(self):
        for name in NODES:
            self.start(name)
        for name in NODES:
            self.wait_ready(name)

    def stop(self, name, signal_number=signal.SIGTERM):
        """Its exit code (negative: the signal that ended it)."""
        p = self.running.pop(name, None)
        if not p:
            return None
        p.send_signal(signal_number)
        try:
            return p.wait(60)
        except subprocess.TimeoutExpired:
            p.kill()
            raise

    def stop_all(self):
        return {name: self.stop(name) for name in list(self.running)}

    def move_clock(self, by_us):
        """In place: the nodes have the file mapped."""
        with open(self.dir / "clock", "r+b") as f:
            now = struct.unpack("<q", f.read(8))[0]
            f.seek(0)
            f.write(struct.pack("<q", now + by_us))

    def rows(self, name, sql, *args):
        """Read beside the node, or of a node that is down."""
        with contextlib.closing(sqlite3.connect(f"file:{self.folder(name)}/dinh.db?mode=ro",
                                                uri=True, timeout=20)) as db:
            return db.execute(sql, args).fetchall()

    def one(self, name, sql, *args):
        return self.rows(name, sql, *args)[0][0]

    def remove(self):
        for p in self.running.values():
            p.kill()
            p.wait()
        shutil.rmtree(self.top, ignore_errors=True)


def verify_all(nation):
    """What `dinh verify` and the independent verifier find fault with, node by node."""
    faults = []
    for name in NODES:
        for command in ([nation.exe, "verify", "--data", nation.folder(name)],
                        [sys.executable, ROOT / "tools" / "verify.py",
                         nation.folder(name) / "dinh.db"]):
            code, out, err = run(*command)
            if code:
                faults.append(f"{command[1]} {name}: exit {code}: {out}{err}")
    return faults
