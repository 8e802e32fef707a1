#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is too large is refused, and costs a node no memory (C15): heads, targets, bodies that say
how long they are, bodies in chunks that don't, forms of 10,000 fields and of 1,000 parts.

Each kind is sent a few times by a signed-in citizen to a node that served pages, forms and a file
before; the most it and its children ever held (VmHWM) may be 1 MiB more afterwards. Control: heads
that aren't finished, in a crowd, which the same figure must show.
oversize.py [--times 8]
"""
import argparse
import contextlib
import socket
import time
from pathlib import Path

from browser import BOUNDARY
from judge import check, verdict
from nation import PROVINCE, Nation, program
from tales import MOTHERS, Book, Family, photo

MOST_KIB, CROWD = 1024, 400
HUNDRED_MB = 100_000_000


def held(pid):
    """KiB that this process and its children held at most, each by itself."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    total = 0
    for p in (pid, *children):
        status = Path(f"/proc/{p}/status").read_text()
        total += next(int(line.split()[1]) for line in status.splitlines()
                      if line.startswith("VmHWM:"))
    return total


class Peer:
    """Bytes to the node, as fast as it takes them, until it answers or has taken all."""

    def __init__(self, port, cookie):
        self.port, self.cookie = port, cookie
        self.host = f"Host: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"

    def head(self, method, target, *fields):
        lines = "".join(f"{f}\r\n" for f in fields)
        return (f"{method} {target} HTTP/1.1\r\n{self.host}Cookie: {self.cookie}\r\n"
                f"{lines}\r\n").encode()

    def says(self, head, pieces=()):
        """(status, bytes it took before it answered)"""
        with contextlib.closing(socket.create_connection(("127.0.0.1", self.port), 60)) as s:
            s.settimeout(60)
            s.sendall(head)
            took = 0
            with contextlib.suppress(OSError):  # it closed: it answered
                for piece in pieces:
                    s.setblocking(False)
                    with contextlib.suppress(BlockingIOError):
                        if s.recv(1, socket.MSG_PEEK):
                            break
                    s.settimeout(60)
                    s.sendall(piece)
                    took += len(piece)
            s.settimeout(60)
            answer = b""
            with contextlib.suppress(ConnectionError):
                while b"\r\n" not in answer and (more := s.recv(4096)):
                    answer += more
            return int(answer.split()[1]) if answer else 0, took


def chunks(piece, n):
    return (b"%x\r\n%s\r\n" % (len(piece), piece) for _ in range(n))


def kinds(peer, form, upload):
    """(name, statuses that are right, the most of a body it may take, head, pieces)"""
    typed = "Content-Type: application/x-www-form-urlencoded"
    fields = "&".join(f"f{i}=a" for i in range(10_000)).encode()
    part = (f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"p\"\r\n\r\na\r\n").encode()
    parts = part * 1000 + f"--{BOUNDARY}--\r\n".encode()
    block = b"a" * 65536
    return (
        ("head", (431,), 0, peer.head("GET", "/", "X-Long: " + "a" * 17_000), ()),
        ("target", (414,), 0, peer.head("GET", "/?q=" + "a" * 8_200), ()),
        ("length", (413,), 0, peer.head("POST", form, typed, f"Content-Length: {HUNDRED_MB}"), ()),
        ("chunked", (413,), 4 << 20, peer.head("POST", form, typed, "Transfer-Encoding: chunked"),
         chunks(block, HUNDRED_MB // len(block))),
        ("chunked_file", (413,), 64 << 20,
         peer.head("POST", upload, f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
                   "Transfer-Encoding: chunked"),
         chunks(block, HUNDRED_MB // len(block))),
        ("fields", (400, 413, 422), len(fields),
         peer.head("POST", form, typed, f"Content-Length: {len(fields)}"), (fields,)),
        ("parts", (400, 413, 422), len(parts),
         peer.head("POST", upload, f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
                   f"Content-Length: {len(parts)}"), (parts,)))


def lived(nation, family):
    """What a node has done before it is judged: pages, forms, a file; where a form and a file go."""
    family.signs_in()
    family.crosses_over()
    family.begins()
    b, upload = family.citizen, f"{family.draft}/birth_notice"
    for _ in range(20):
        for path in ("/", "/toi", upload):
            b.get(nation.url(PROVINCE, path))
    b.submit(upload, {"birth_notice_number": "GCS-77", "birth_notice_date": family.born},
             ("birth_notice_file", "giấy.jpg", photo(1)))
    return f"{family.draft}/child", upload


def crowd(peer, n):
    """Heads of nearly 16 KiB that don't end, all open at once."""
    with contextlib.ExitStack() as all_open:
        for i in range(n):
            s = all_open.enter_context(contextlib.closing(socket.socket()))
            s.bind((f"127.0.0.{2 + i % 8}", 0))
            s.connect(("127.0.0.1", peer.port))
            s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 15_000)
        time.sleep(1)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--times", type=int, default=8)
    o = p.parse_args()
    nation = Nation(program())
    try:
        nation.make()
        nation.start_all()
        family = Family(nation, Book(), MOTHERS[0], 1)
        form, upload = lived(nation, family)
        port, pid = nation.port + 1, nation.running[PROVINCE].pid
        jar = family.citizen.cookies[nation.url(PROVINCE)]
        peer = Peer(port, "; ".join(f"{k}={v}" for k, v in jar.items() if v))
        grown, most = {}, {}
        for name, *_ in kinds(peer, form, upload):
            before = held(pid)
            for _ in range(o.times):
                right, limit, head, pieces = next(
                    k[1:] for k in kinds(peer, form, upload) if k[0] == name)
                status, took = peer.says(head, pieces)
                check(status in right, f"{name}: answered {status}")
                check(took <= limit, f"{name}: {took} bytes taken before the answer")
                most[name] = max(most.get(name, 0), took)
            grown[name] = held(pid) - before
            check(grown[name] <= MOST_KIB, f"{name}: {grown[name]} KiB more")
        before = held(pid)
        crowd(peer, CROWD)
        control = held(pid) - before
        check(control > MOST_KIB, f"{CROWD} heads at once are {control} KiB: the figure is blind")
        check(family.citizen.get(nation.url(PROVINCE, "/toi")) == 200, "the session lives")
        print(f"figure C15 times={o.times} "
              + " ".join(f"{name}_kib={kib}" for name, kib in grown.items())
              + f" chunked_taken={most['chunked']} control_kib={control}", flush=True)
        check(nation.stop(PROVINCE) == 0, "the node ends well")
    finally:
        nation.stop_all()
        nation.remove()
    verdict()


if __name__ == "__main__":
    main()
