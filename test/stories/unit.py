# SPDX-License-Identifier: Apache-2.0
"""Runs a program as its systemd unit says, where no systemd is: its ExecStart and Environment, a
socket handed over, the words of sd_notify heard, its system-call filter and its ban on memory that
is both writable and executable really in force."""
import ctypes
import os
import re
import shlex
import shutil
import socket
import subprocess
import time
from pathlib import Path

EPERM = 1
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
MASKED_EQ, EQ = 7, 4
PROT_EXEC, PROT_WRITE = 4, 2


def settings(path):
    """{name: [values]} of a unit, all sections together; an empty value clears, as systemd does."""
    rows = {}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        found = re.match(r"([A-Za-z]+)=(.*)", line)
        if found:
            name, value = found.groups()
            rows[name] = rows.get(name, []) + [value] if value else []
    return rows


def credentials(unit, store):
    """Where LoadCredential= finds what it names: a credential store; it may be absent."""
    there = store and all((store / name).exists() for name in unit.get("LoadCredential", ["no"]))
    return {"CREDENTIALS_DIRECTORY": str(store)} if there else {}


def group(name):
    """System calls of one name of SystemCallFilter=, groups opened."""
    if not name.startswith("@"):
        return {name}
    said = subprocess.run(["systemd-analyze", "syscall-filter", name], check=True,
                          capture_output=True, text=True).stdout
    words = re.findall(r"^\s+(@?[a-z0-9_-]+)$", said, re.M)
    return set().union(*(group(w) for w in words)) if words else set()


def allowed_calls(unit):
    calls = set()
    for row in unit["SystemCallFilter"]:
        names = set().union(*(group(n) for n in row.lstrip("~").split()))
        calls = calls - names if row.startswith("~") else calls | names
    return calls


class Compare(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64),
                ("b", ctypes.c_uint64)]


class Filter:
    """The unit's filter by libseccomp; loaded in the child, right before exec."""

    def __init__(self, unit):
        lib = self.lib = ctypes.CDLL("libseccomp.so.2")
        lib.seccomp_init.restype = ctypes.c_void_p
        lib.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int,
                                               ctypes.c_uint, ctypes.POINTER(Compare)]
        lib.seccomp_load.argtypes = [ctypes.c_void_p]
        calls = allowed_calls(unit)
        self.names = calls
        self.context = lib.seccomp_init(ERRNO | EPERM)
        closed = "MemoryDenyWriteExecute" in unit
        narrow = {"mprotect", "pkey_mprotect", "mmap"} if closed else set()
        for name in sorted(calls | {"execve", "exit", "exit_group"}):
            for compare in self.narrowed(name) if name in narrow else [[]]:
                self.allow(name, compare)

    def narrowed(self, name):
        """mprotect only without PROT_EXEC; mmap only without PROT_WRITE and PROT_EXEC at once."""
        bits = PROT_EXEC
        if name != "mmap":
            return [[Compare(2, MASKED_EQ, bits, 0)]]
        return [[Compare(2, MASKED_EQ, PROT_WRITE, 0)],
                [Compare(2, MASKED_EQ, PROT_WRITE | PROT_EXEC, PROT_WRITE)]]

    def allow(self, name, compare):
        number = self.lib.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            rows = (Compare * max(1, len(compare)))(*compare)
            if self.lib.seccomp_rule_add_array(self.context, ALLOW, number, len(compare), rows):
                raise SystemExit(f"no rule for {name}")

    def load(self):
        libc = ctypes.CDLL(None)
        if libc.prctl(38, 1, 0, 0, 0) or self.lib.seccomp_load(self.context):
            os._exit(98)


class Service:
    """One unit with its socket; swap: the machine's paths, and the test's instead of them."""

    def __init__(self, service, listen, notify, swap, log, store=None):
        self.unit = settings(service)
        door = settings(Path(service).with_suffix(".socket"))
        self.notify_path, self.swap, self.log, self.store = notify, swap, log, store
        self.filter = Filter(self.unit)
        self.heard, self.process = [], None
        self.listen = socket.socket(socket.AF_UNIX)
        self.listen.bind(str(listen))
        if os.getuid() == 0:
            shutil.chown(listen, door["SocketUser"][0], door["SocketGroup"][0])
        os.chmod(listen, int(door["SocketMode"][0], 8))
        self.listen.listen(int(door["Backlog"][0]))
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(str(notify))

    def command(self):
        """ExecStart=, with the paths of the machine swapped for those of the test."""
        line = self.unit["ExecStart"][0]
        for was, now in self.swap:
            line = line.replace(was, str(now))
        return shlex.split(line)

    def environment(self, watchdog_s):
        env = {"PATH": "/usr/bin:/bin", "NOTIFY_SOCKET": str(self.notify_path)}
        env.update(row.split("=", 1) for row in self.unit.get("Environment", []))
        env.update(credentials(self.unit, self.store))
        return {**env, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "http",
                "WATCHDOG_USEC": str(int(watchdog_s * 1000000))}

    def start(self, watchdog_s=3, wait=60):
        env = self.environment(watchdog_s)
        given = self.listen.fileno()

        def prepare():
            os.dup2(given, 3, inheritable=True)
            os.umask(int(self.unit["UMask"][0], 8))
            self.filter.load()
        # LISTEN_PID is the program's own number, known only behind fork: a shell says it.
        script = 'LISTEN_PID=$$; export LISTEN_PID; exec "$@"'
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(["/bin/sh", "-c", script, "sh", *self.command()],
                                            env=env, stdout=log, stderr=log, preexec_fn=prepare,
                                            pass_fds=(3,))
        return self.wait_for("READY=1", wait)

    def hear(self, timeout):
        self.notify.settimeout(timeout)
        try:
            self.heard.append((time.monotonic(), self.notify.recv(4096).decode()))
        except TimeoutError:
            pass

    def wait_for(self, word, wait):
        """True when that word came; False when the time is over or the program ended."""
        until, seen = time.monotonic() + wait, len(self.heard)
        while time.monotonic() < until:
            self.hear(0.2)
            if any(word in said for _, said in self.heard[seen:]):
                return True
            if self.process.poll() is not None:
                return False
        return False

    def heard_all(self):
        """Nobody listened for a while: a full line would hold the program's last word up."""
        self.notify.setblocking(False)
        try:
            while True:
                self.heard.append((time.monotonic(), self.notify.recv(4096).decode()))
        except BlockingIOError:
            pass

    def stop(self, wait=60):
        self.heard_all()
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(wait)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode if self.process else None

    def said(self):
        return Path(self.log).read_text(errors="replace")[-2000:]

    def end(self):
        self.stop()
        self.listen.close()
        self.notify.close()
