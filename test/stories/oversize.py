#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is too large is refused, and costs a node no memory (C15): heads, targets, bodies that say
how long they are, bodies in chunks that don't, forms of 10,000 fields and of 1,000 parts.

Each kind is sent a few times by a signed-in citizen to a node that served pages, forms and a file
before; the most it and its children ever held (VmHWM) may be 1 MiB more afterwards. Then bodies as
large as a page with a file takes, many at once, by nobody who is signed in. Control: heads that
aren't finished, in a crowd, which the same figure must show.
oversize.py [--times 8]
"""
import argparse
import contextlib
import socket
import time
from pathlib import Path

from browser import BOUNDARY, Forms
from judge import check, verdict
from nation import PROVINCE, Nation, program
from tales import MOTHERS, Book, Family, photo

MOST_KIB, CROWD = 1024, 400
BODIES, EACH_KIB = 24, 128
HUNDRED_MB = 100_000_000
UNREAD = (400, 403)  # a form that isn't read shows no token either
FILE_BODY, WAY = 12 << 20, 6 << 20  # what pages with files take; what both kernels may hold


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


def part(name, value):
    return (f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ).encode()


def kinds(peer, form, upload, token):
    """(name, statuses that are right, the most of a body it may take, head, pieces)"""
    typed = "Content-Type: application/x-www-form-urlencoded"
    fields = "&".join([f"_csrf={token}", *["f=a"] * 10_000]).encode()
    parts = part("_csrf", token) + part("p", "a") * 1000 + f"--{BOUNDARY}--\r\n".encode()
    block = b"a" * 65536
    return (
        ("head", (431,), 0, peer.head("GET", "/", "X-Long: " + "a" * 17_000), ()),
        ("target", (414,), 0, peer.head("GET", "/?q=" + "a" * 8_200), ()),
        ("length", (413,), 0, peer.head("POST", form, typed, f"Content-Length: {HUNDRED_MB}"), ()),
        ("chunked", (413,), WAY, peer.head("POST", form, typed, "Transfer-Encoding: chunked"),
         chunks(block, HUNDRED_MB // len(block))),
        ("chunked_file", (413,), FILE_BODY + WAY,
         peer.head("POST", upload, f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
                   "Transfer-Encoding: chunked"),
         chunks(block, HUNDRED_MB // len(block))),
        ("fields", UNREAD, len(fields),
         peer.head("POST", form, typed, f"Content-Length: {len(fields)}"), (fields,)),
        ("parts", UNREAD, len(parts),
         peer.head("POST", upload, f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
                   f"Content-Length: {len(parts)}"), (parts,)))


def lived(nation, family):
    """What a node did before it is judged: pages, forms, a file; where a form and a file go."""
    family.signs_in()
    family.crosses_over()
    family.begins()
    b, upload = family.citizen, f"{family.draft}/birth_notice"
    for _ in range(20):
        for path in ("/", "/toi", upload):
            b.get(nation.url(PROVINCE, path))
    b.submit(upload, {"birth_notice_number": "GCS-77", "birth_notice_date": family.born},
             ("birth_notice_file", "giấy.jpg", photo(1)))
    b.get(nation.url(PROVINCE, upload))
    token = dict(Forms(b.text).forms[upload])["_csrf"]
    return f"{family.draft}/nop", upload, token


def crowd(peer, n):
    """Heads of nearly 16 KiB that don't end, all open at once."""
    with contextlib.ExitStack() as all_open:
        for i in range(n):
            s = all_open.enter_context(contextlib.closing(socket.socket()))
            s.bind((f"127.0.0.{2 + i % 8}", 0))
            s.connect(("127.0.0.1", peer.port))
            s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 15_000)
        time.sleep(1)


def strangers(peer, upload, n):
    """Whole files but for the last byte, held, then finished: what each was answered."""
    typed = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"
    head = peer.head("POST", upload, typed, f"Content-Length: {FILE_BODY}")
    head, body = head.replace(peer.cookie.encode(), b"none=1"), b"a" * (FILE_BODY - 1)
    answers = []
    with contextlib.ExitStack() as all_open:
        held_back = []
        for i in range(n):
            s = all_open.enter_context(contextlib.closing(socket.socket()))
            s.bind((f"127.0.0.{2 + i % 8}", 0))
            s.settimeout(60)
            s.connect(("127.0.0.1", peer.port))
            s.sendall(head + body)
            held_back.append(s)
        for s in held_back:
            s.sendall(b"a")
        for s in held_back:
            answers.append(int(s.recv(4096).split()[1]))
    return answers


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--times", type=int, default=8)
    o = p.parse_args()
    nation = Nation(program())
    try:
        nation.make()
        nation.start_all()
        family = Family(nation, Book(), MOTHERS[0], 1)
        target = lived(nation, family)
        port, pid = nation.port + 1, nation.running[PROVINCE].pid
        jar = family.citizen.cookies[nation.url(PROVINCE)]
        peer = Peer(port, "; ".join(f"{k}={v}" for k, v in jar.items() if v))
        grown, most = {}, {}
        for name, *_ in kinds(peer, *target):
            before = held(pid)
            for _ in range(o.times):
                right, limit, head, pieces = next(
                    k[1:] for k in kinds(peer, *target) if k[0] == name)
                status, took = peer.says(head, pieces)
                check(status in right, f"{name}: answered {status}")
                check(took <= limit, f"{name}: {took} bytes taken before the answer")
                most[name] = max(most.get(name, 0), took)
            grown[name] = held(pid) - before
            check(grown[name] <= MOST_KIB, f"{name}: {grown[name]} KiB more")
        before = held(pid)
        answers = strangers(peer, target[1], BODIES)
        each = (held(pid) - before) / BODIES
        check(set(answers) <= {303, 401, 403}, f"strangers' bodies were answered {set(answers)}")
        check(each <= EACH_KIB, f"{BODIES} bodies on their way are {each:.0f} KiB each")
        before = held(pid)
        crowd(peer, CROWD)
        control = held(pid) - before
        check(control > MOST_KIB, f"{CROWD} heads at once are {control} KiB: the figure is blind")
        seen = family.citizen.get(nation.url(PROVINCE, target[1]))
        check(seen == 200, f"afterwards the citizen's page is answered {seen}")
        family.citizen.get(nation.url(PROVINCE, "/metrics"))
        for figure in ('refused_total{door="pages",why="framing"}', 'connections{door="exchange"}',
                       'waiting_bytes{door="pages",of="bodies"} 0\n'):
            check(f"dinh_door_{figure}" in family.citizen.text, f"/metrics lacks {figure}")
        print(f"figure C15 times={o.times} "
              + " ".join(f"{name}_kib={kib}" for name, kib in grown.items())
              + f" chunked_taken={most['chunked']} bodies={BODIES} body_kib={each:.0f}"
              + f" control_kib={control}", flush=True)
        check(nation.stop(PROVINCE) == 0, "the node ends well")
    finally:
        nation.stop_all()
        nation.remove()
    verdict()


if __name__ == "__main__":
    main()
