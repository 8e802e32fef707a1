#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A node that shows each upload to a scanner of malware, within its sandbox: away, nothing is taken
and nothing is lost; what is found is refused, told in the trail and not kept; the rest goes on.
The scanner is a stand-in on a socket that speaks clamd's INSTREAM as clamd(8) tells it, and then
Debian's clamd itself, a process of ours with one signature of our own: no network, no freshclam."""
import contextlib
import json
import socket
import struct
import subprocess
import threading
import time

from judge import check, verdict
from nation import PROVINCE, Nation, program, run
from tales import MOTHERS, Book, Family, photo

MARK = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
FOUND = "Eicar-Test"


OURS, OUR_NAME = b"DINH-HARMLESS-PATTERN-OF-A-TEST", "Dinh.Harmless.Test"
CLAMD = """Foreground yes
LocalSocket {path}
LocalSocketMode 660
DatabaseDirectory {top}
TemporaryDirectory {top}
StreamMaxLength {most}
"""


class Clamd:
    """The real one, told to find our harmless pattern at any place of any file."""

    def __init__(self, path, top, most="25M"):
        self.path, self.top, self.most = path, top, most

    def __enter__(self):
        self.top.mkdir(exist_ok=True)
        (self.top / "ours.ndb").write_text(f"{OUR_NAME}:0:*:{OURS.hex()}\n")
        conf = self.top / "clamd.conf"
        conf.write_text(CLAMD.format(path=self.path, top=self.top, most=self.most))
        self.log = open(self.top / "log", "ab")
        self.process = subprocess.Popen(["/usr/sbin/clamd", "-c", conf], stdout=self.log,
                                        stderr=self.log)
        until = time.monotonic() + 60
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"clamd doesn't answer: {(self.top / 'log').read_text()}")
            time.sleep(0.05)
        return self

    def answers(self):
        with contextlib.suppress(OSError), contextlib.closing(socket.socket(socket.AF_UNIX)) as s:
            s.connect(self.path)
            s.sendall(b"zPING\0")
            return s.recv(64) == b"PONG\0"

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.log.close()


class Scanner:
    """Commands end with a NUL; a content comes as pieces, each behind its length, 0 ends it."""

    def __init__(self, path):
        self.path, self.seen = path, []

    def __enter__(self):
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(self.path)
        self.door.listen(8)
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()

    def serve(self):
        while True:
            try:
                link = self.door.accept()[0]
            except OSError:
                return
            with contextlib.closing(link), link.makefile("rb") as said:
                self.answer(link, said)

    def answer(self, link, said):
        command = b""
        while not command.endswith(b"\0"):
            if not (more := said.read(1)):
                return  # who asked has gone
            command += more
        if command == b"zPING\0":
            link.sendall(b"PONG\0")
            return
        content = b""
        while length := struct.unpack(">I", said.read(4))[0]:
            content += said.read(length)
        self.seen.append(content)
        bad = MARK in content
        link.sendall(f"stream: {FOUND} FOUND\0".encode() if bad else b"stream: OK\0")


def sends(family, content):
    """The page with the file, sent; what was typed beside it."""
    b, path = family.citizen, f"{family.draft}/birth_notice"
    b.get(family.n.url(PROVINCE, path))
    b.submit(path, {"birth_notice_number": "GCS-77", "birth_notice_date": family.born},
             ("birth_notice_file", "giấy.jpg", content))
    return b


def files(nation):
    return nation.rows(PROVINCE, "SELECT count(*) FROM core_file")[0][0]


def told(nation, scanner):
    code, out, err = run(nation.exe, "diagnose", "--data", nation.folder(PROVINCE), "--json")
    rows = {r["code"]: r for r in json.loads(out)["findings"]}
    check(rows["scanner"]["state"] == scanner, f"diagnose: {rows['scanner']} {code} {err}")


def trail(nation):
    return [r[0] for r in nation.rows(
        PROVINCE, "SELECT object FROM core_audit WHERE action = 'core.file.malware'")]


def real(nation, family, path):
    """What a stand-in could have misread: clamd's own words for found, sound, too large, away."""
    before, told_before = files(nation), len(trail(nation))
    with Clamd(path, nation.top / "clam"):
        told(nation, "ok")
        b = sends(family, photo(3) + OURS)
        check(b.status == 422 and b.sees("chứa mã độc"), f"clamd, found: {b.status}")
        check(files(nation) == before, "clamd: what was found is kept")
        rows = trail(nation)[told_before:]
        check(len(rows) == 1 and OUR_NAME in rows[0], f"clamd, in the trail: {rows}")
        b = sends(family, photo(3))
        check(b.status == 200 and files(nation) == before + 1, f"clamd, sound: {b.status}")
    b = sends(family, photo(4))
    check(b.status == 503 and files(nation) == before + 1, f"clamd, away: {b.status}")
    with Clamd(path, nation.top / "clam", most="100"):
        b = sends(family, photo(4))
        check(b.status == 503 and files(nation) == before + 1, f"clamd, too large: {b.status}")
    told(nation, "broken")
    print("Debian's clamd scans uploads: found, sound, away, too large for it")


def main():
    nation = Nation(program())
    try:
        nation.make()
        at, path = nation.folder(PROVINCE) / "node.json", str(nation.top / "clamd")
        told(nation, "ok")  # none asked for
        at.write_text(json.dumps({**json.loads(at.read_text()), "scanner": f"unix:{path}"}))
        nation.start_all()
        family = Family(nation, Book(), MOTHERS[0], 1)
        family.signs_in()
        family.crosses_over()
        family.begins()
        told(nation, "broken")
        before, family.citizen.patience = files(nation), 1
        b = sends(family, photo(2))
        check(b.status == 503 and b.sees("chưa thể kiểm tra mã độc"), f"away: {b.status}")
        check(files(nation) == before, "a file was kept that nobody has seen")
        with Scanner(path) as scanner:
            told(nation, "ok")
            b = sends(family, photo(2) + MARK)
            check(b.status == 422 and b.sees("chứa mã độc"), f"found: {b.status}")
            check(b.sees("GCS-77"), "what was typed beside it is gone")
            check(files(nation) == before, "what was found is kept")
            rows = trail(nation)
            check(len(rows) == 1 and FOUND in rows[0], f"in the trail: {rows}")
            b = sends(family, photo(2))
            check(b.status == 200 and files(nation) == before + 1, f"sound: {b.status}")
            check(scanner.seen[-1] == photo(2), "the scanner saw something else")
        (nation.top / "clamd").unlink()
        real(nation, family, path)
    finally:
        nation.stop_all()
        nation.remove()
    print("uploads are scanned: away, found, sound")
    verdict()


if __name__ == "__main__":
    main()
