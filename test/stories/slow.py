#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Thousands who are slow on purpose, in heads, bodies and reading, while others are served (C14).

A node of the nation in clear, then the same server over TLS (the bench's, whose pages have sessions
and a database too): each kind at the same time, none ever silent, heads opened anew as they are cut
off. New requests, each on a connection of its own, are timed beside them; when the server's end of
each slow connection left the state "established" is read from the kernel. Half a TLS greeting is
tried too. Control: who is slow within the limits is let be.
slow.py [--seconds 20] [--heads 2000] [--bodies 500] [--readers 300] [--tls-share 4]
"""
import argparse
import contextlib
import errno
import http.client
import multiprocessing
import os
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from judge import check, verdict
from nation import NATIONAL, PROVINCE, ROOT, Nation, program, run

SOURCES = ("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5")
HEAD_S, BODY_S, READ_S = 10, 30, 30
LATE_S = 5  # the sweeper's tick, our own look each half second, and a busy machine
ESTABLISHED = "01"


class Slow:
    """One who never falls silent and never is done."""

    def __init__(self, port, source, kind, begin, more, deadline, context):
        s = socket.socket()
        if kind == "read":  # small segments: the server's kernel takes little, then waits
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        s.bind((source, 0))
        s.settimeout(30)
        s.connect(("127.0.0.1", port))
        self.port, self.kind, self.more, self.deadline = s.getsockname()[1], kind, more, deadline
        self.opened = time.monotonic()
        self.lived, self.reset = 0.0, False
        self.s = context.wrap_socket(s) if context else s
        self.s.settimeout(0)
        self.key = (source, self.port)
        with contextlib.suppress(OSError):
            self.s.send(begin)

    def dribble(self):
        with contextlib.suppress(OSError):
            if self.more:
                self.s.send(self.more)
            else:
                self.s.recv(16)


def established(port):
    """Who is connected to that port, by the server's own end: {(address, port)}"""
    found = set()
    with open("/proc/net/tcp", encoding="ascii") as f:
        next(f)
        for line in f:
            _, mine, theirs, state = line.split()[:4]
            if state == ESTABLISHED and mine.endswith(f":{port:04X}"):
                raw, peer_port = theirs.split(":")
                found.add((socket.inet_ntoa(bytes.fromhex(raw)[::-1]), int(peer_port, 16)))
    return found


class Crowd:
    """All the slow ones of one server, and when each was cut off."""

    def __init__(self, port, wishes, context=None):
        self.port, self.wishes, self.context = port, wishes, context
        self.open, self.done, self.n, self.most = [], [], 0, 0

    def add(self, wish):
        source = SOURCES[self.n % len(SOURCES)]
        self.n += 1
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            self.open.append(Slow(self.port, source, *wish[1:], self.context))

    def fill(self, kinds):
        for wish in self.wishes:
            for _ in range(wish[0] if wish[1] in kinds else 0):
                self.add(wish)

    def look(self):
        there, now, still = established(self.port), time.monotonic(), []
        for s in self.open:
            if s.key in there or now - s.opened < 0.5:
                s.lived = now - s.opened
                still.append(s)
            else:
                s.reset = s.s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET
                s.s.close()
                self.done.append(s)
        self.open = still
        self.most = max(self.most, len(still))

    def play(self, seconds):
        """Kept up for so long, then watched until the last is cut off or far too late."""
        began, last = time.monotonic(), 0.0
        self.fill(("body", "read", "greeting"))
        self.fill(("head",))
        while self.open:
            now = time.monotonic()
            if now - last >= 1:
                last = now
                for s in self.open:
                    s.dribble()
            self.look()
            if now - began < seconds:
                for wish in self.wishes:
                    if wish[1] == "head":
                        held = sum(s.kind == "head" for s in self.open)
                        for _ in range(wish[0] - held):
                            self.add(wish)
            if now - began > seconds + 4 * BODY_S:
                break
            time.sleep(0.4)

    def worst(self, kind):
        """(how many, the longest that one of them was seen to live)"""
        those = [s.lived for s in self.done if s.kind == kind]
        return len(those), max(those, default=0)


# ---- the others ----

def asks(url_port, path, context):
    link = http.client.HTTPConnection("127.0.0.1", url_port, timeout=60)
    if context:
        link = http.client.HTTPSConnection("127.0.0.1", url_port, timeout=60, context=context)
    with contextlib.closing(link):
        link.request("GET", path, headers={"Connection": "close"})
        answer = link.getresponse()
        answer.read()
        return answer.status


def probe(port, path, tls, over, out):
    took, bad = [], 0
    context = ssl._create_unverified_context() if tls else None
    while not over.is_set() or len(took) < 200:
        began = time.perf_counter()
        bad += asks(port, path, context) != 200
        took.append((time.perf_counter() - began) * 1000)
        time.sleep(0.005)
    took.sort()
    out.put((took[len(took) * 99 // 100], len(took), bad))


def p99(port, path, tls, meanwhile):
    """(the 99th of a hundred new requests in ms, requests) while that is done"""
    over, out = multiprocessing.Event(), multiprocessing.Queue()
    p = multiprocessing.Process(target=probe, args=(port, path, tls, over, out))
    p.start()
    try:
        meanwhile()
    finally:
        over.set()
    ms, n, bad = out.get(timeout=120)
    p.join(60)
    check(bad == 0, f"{bad} of {n} new requests weren't answered with 200")
    return ms, n


def steady(port):
    """The control: a body that comes at 1,000 bytes a second is let be past the deadline."""
    with contextlib.closing(socket.create_connection(("127.0.0.1", port), 60)) as s:
        s.sendall(b"POST /dang-nhap HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\n\r\n")
        until = time.monotonic() + BODY_S + 3
        while time.monotonic() < until:
            s.sendall(b"a" * 1000)
            time.sleep(1)
        return bool(established(port) & {s.getsockname()})


def wishes(o, share, post, big):
    host = b"Host: 127.0.0.1\r\n"
    post = b"POST " + post + b" HTTP/1.1\r\n" + host + b"Content-Length: 8000\r\n"
    return [(o.heads // share, "head", b"GET / HTTP/1.1\r\n" + host, b"X-a: b\r\n", HEAD_S),
            (o.bodies // share, "body", post + b"\r\n", b"a=b&", BODY_S),
            (o.readers // share, "read", (b"GET " + big + b" HTTP/1.1\r\n" + host + b"\r\n") * 60,
             None, READ_S)]


def judged(name, crowd, o, share, quiet, busy, n):
    told = []
    for kind, wanted, deadline in (("head", o.heads, HEAD_S), ("body", o.bodies, BODY_S),
                                   ("read", o.readers, READ_S)):
        seen, longest = crowd.worst(kind)
        check(seen >= wanted // share * 0.98, f"{name}: {seen} slow in {kind}, {wanted} wanted")
        check(longest <= deadline + LATE_S, f"{name}: slow in {kind} for {longest:.1f} s")
        told.append(f"{kind}={seen} {kind}_s={longest:.1f}")
    reset = sum(s.reset for s in crowd.done if s.kind == "read")
    check(reset >= o.readers // share * 0.9, f"{name}: {reset} readers were told at once")
    check(not crowd.open, f"{name}: {len(crowd.open)} were never cut off")
    check(busy <= max(100, 20 * quiet), f"{name}: new requests took {busy:.1f} ms, "
                                        f"{quiet:.1f} when quiet")
    print(f"figure C14 over={name} held_at_once={crowd.most} {' '.join(told)} requests={n} "
          f"quiet_p99_ms={quiet:.2f} p99_ms={busy:.2f}", flush=True)


def played(name, port, path, crowd, o, share):
    tls = crowd.context is not None
    quiet, _ = p99(port, path, tls, lambda: time.sleep(2))
    busy, n = p99(port, path, tls, lambda: crowd.play(o.seconds))
    judged(name, crowd, o, share, quiet, busy, n)


def in_clear(o):
    n = Nation(program())
    try:
        n.make()
        n.start(PROVINCE)
        n.start(NATIONAL)
        n.wait_ready(PROVINCE)
        n.wait_ready(NATIONAL)
        port, control = n.port + 1, multiprocessing.Queue()
        other = multiprocessing.Process(target=lambda: control.put(steady(n.port)))
        other.start()
        greetings = Crowd(n.port + 4, [(200, "greeting", b"\x16\x03\x01\x02\x00\x01", None,
                                        HEAD_S)])
        greetings.play(0)
        crowd = Crowd(port, wishes(o, 1, b"/dang-nhap", b"/openapi.json"))
        played("http", port, "/", crowd, o, 1)
        check(control.get(timeout=120), "who is slow within the limits was cut off")
        other.join(60)
        seen, longest = greetings.worst("greeting")
        check(seen >= 190 and longest <= HEAD_S + LATE_S and not greetings.open,
              f"{seen} halves of a greeting, cut off after {longest:.1f} s")
        print(f"figure C14 tls_greetings={seen} greeting_s={longest:.1f}")
        check(n.stop(PROVINCE) == 0, "the node ends well")
    finally:
        n.stop_all()
        n.remove()


def over_tls(o):
    top = Path(tempfile.mkdtemp(prefix="dinh-slow."))
    code, out, err = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                         "/CN=slow", "-keyout", top / "key", "-out", top / "cert")
    check(code == 0, out + err)
    with open(top / "log", "wb") as log:
        server = subprocess.Popen([ROOT / "build/bench/bench_web", top, top / "cert", top / "key"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
    try:
        port, context = int(server.stdout.readline()), ssl._create_unverified_context()
        crowd = Crowd(port, wishes(o, o.tls_share, b"/write", b"/page"), context)
        played("tls", port, "/page", crowd, o, o.tls_share)
        server.stdin.close()
        check(server.wait(60) == 0, "the server ends well")
    finally:
        server.kill()
        server.wait()
        shutil.rmtree(top, ignore_errors=True)


def main():
    p = argparse.ArgumentParser()
    for name, n in (("seconds", 20), ("heads", 2000), ("bodies", 500), ("readers", 300),
                    ("tls-share", 4)):
        p.add_argument(f"--{name}", type=int, default=n)
    o = p.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    multiprocessing.set_start_method("fork")
    tls = multiprocessing.Process(target=lambda: (over_tls(o), verdict()))
    tls.start()
    in_clear(o)
    tls.join(300)
    check(tls.exitcode == 0, "over TLS")
    verdict()


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C.UTF-8"
    sys.exit(main())
