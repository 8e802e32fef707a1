#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The live state of a dossier through nginx as we ship it: an event arrives through HTTP/2 as soon
as it leaves the node, a silent stream outlives the front's patience by the node's own breath, and
after a restart who watched comes back. package.py plays it beside the rest, with the package's
files."""
import contextlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import front
from nation import PROVINCE, ROOT, Nation, free_ports, program
from tales import MOTHERS, Book, Family

BREATH_S, PATIENCE_S = 15, 25  # http.h: a comment each 15 s; nginx's own 75 s, shortened
LATE_S = 1.0
SHIPPED = (("nginx/site.conf", "usr/share/doc/dinh/examples/nginx-site.conf"),
           ("nginx/dinh.conf", "etc/nginx/snippets/dinh.conf"))


class Line:
    """The node's socket as systemd holds it: open while the node is away, callers wait in line."""

    def __init__(self, path, port):
        self.port, self.ends = port, False
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(str(path))
        path.chmod(0o666)  # the front's group, elsewhere
        self.door.listen(64)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                link = self.door.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.passes, args=(link,), daemon=True).start()

    def passes(self, link):
        while not self.ends:
            with contextlib.suppress(OSError):
                node = socket.create_connection(("127.0.0.1", self.port), 60)
                break
            time.sleep(0.05)
        else:
            return
        threading.Thread(target=self.copy, args=(link, node), daemon=True).start()
        self.copy(node, link)

    def copy(self, given, to):
        with contextlib.suppress(OSError):
            given.settimeout(None)
            while piece := given.recv(65536):
                to.sendall(piece)
        with contextlib.suppress(OSError):
            to.shutdown(socket.SHUT_WR)

    def close(self):
        self.ends = True
        self.door.close()


class Watcher:
    """As a page's EventSource: a stream that ended well or was cut is opened again."""

    def __init__(self, command):
        self.command, self.lock = command, threading.Lock()
        self.events, self.opened, self.over, self.ends = [], 0, 0, False
        self.process = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.ends:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE,
                                            stderr=subprocess.DEVNULL, text=True)
            for line in self.process.stdout:
                if re.match(r"HTTP/\S+ 200", line):
                    self.opened += 1
                elif line.startswith("event: changed"):
                    self.events.append(time.monotonic())
            self.process.wait()
            self.over += 1
            time.sleep(0.2)

    def close(self):
        self.ends = True
        self.process.terminate()
        self.thread.join(30)


def until(truth, seconds=30):
    end = time.monotonic() + seconds
    while not truth() and time.monotonic() < end:
        time.sleep(0.01)
    return truth()


def quicker(site):
    """Our patience for nginx's, which is told of 75 s."""
    text = (site.folder / "dinh.conf").read_text()
    if "proxy_read_timeout 75s;" not in text:
        raise SystemExit("the snippet has another proxy_read_timeout: has it more than 15 s?")
    (site.folder / "dinh.conf").write_text(
        text.replace("proxy_read_timeout 75s;", f"proxy_read_timeout {PATIENCE_S}s;"))


def watchers(nation, family, site):
    """One through the front, one at the node itself; each with the mother's own session."""
    b = family.citizen
    b.get(nation.url(PROVINCE, f"/ho-so/{family.code}"))
    path = re.search(r'data-live="([^"]+)"', b.text).group(1).replace("&amp;", "&")
    jar = b.cookies[nation.url(PROVINCE)]
    cookie = ["-H", "Cookie: " + "; ".join(f"{k}={v}" for k, v in jar.items() if v)]
    options = ["stdbuf", "-o0", "curl", "-sN", "-i", "-H", "Accept: text/event-stream", *cookie]
    ahead = [*options, "--http2", "--cacert", str(site.folder / "front.crt"), "--resolve",
             f"{front.NAME}:{site.port}:127.0.0.1", f"https://{front.NAME}:{site.port}{path}"]
    return Watcher(ahead), Watcher([*options, nation.url(PROVINCE, path)])


def arrives(check, there, beside, act, what):
    """The act is told to both, to the one behind the front no more than a second later."""
    had, had_too = len(there.events), len(beside.events)
    act()
    check(until(lambda: len(there.events) > had and len(beside.events) > had_too),
          f"{what}: no event came")
    late = there.events[had] - beside.events[had_too]
    check(late < LATE_S, f"{what}: {late:.2f} s later than from the node")
    return late


def watch(check, nation, site):
    family = Family(nation, Book(), MOTHERS[0], 1)
    family.filing()
    there, beside = watchers(nation, family, site)
    try:
        check(until(lambda: there.opened and beside.opened), "no stream is opened")
        late = [arrives(check, there, beside,
                        lambda: family.act("canbo.motcua", "request_supplement", "Ảnh bị mờ."),
                        "at once")]
        time.sleep(PATIENCE_S + BREATH_S / 5)
        check(there.over == 0, f"a silent stream was cut within {PATIENCE_S + BREATH_S / 5} s")
        late.append(arrives(check, there, beside, family.supplements, "after a silence"))
        nation.stop(PROVINCE)
        check(until(lambda: there.over), "the stream of a node that ended isn't over")
        nation.start(PROVINCE)
        nation.wait_ready(PROVINCE)
        check(until(lambda: there.opened > 1 and beside.opened > 1), "nobody came back")
        late.append(arrives(check, there, beside,
                            lambda: family.act("canbo.motcua", "accept_supplemented"),
                            "after a restart"))
        print(f"live state through nginx: {len(late)} events, the latest {max(late):.3f} s behind "
              f"the node's own; silent for {PATIENCE_S} s, started anew, and back")
    finally:
        there.close()
        beside.close()


def plays(check, tree, top):
    nation, first = Nation(program()), free_ports(8, first=21500)  # not those of package.py
    nation.port, port = first, first + 6
    top.mkdir()
    line = Line(top / "node.sock", nation.port + 1)
    try:
        nation.make()
        nation.start_all()
        site = front.Front(top, tree, top / "node.sock", port, top / "none.sock")
        quicker(site)
        with site:
            watch(check, nation, site)
    finally:
        line.close()
        nation.stop_all()
        nation.remove()


class Beside(threading.Thread):
    """Played while something else is; a fault is told at its end."""

    def __init__(self, *args):
        super().__init__()
        self.args, self.fault = args, None

    def run(self):
        try:
            plays(*self.args)
        except BaseException as e:  # told by whoever waits
            self.fault = e

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        self.join()
        if self.fault and not kind:
            raise self.fault


def main():
    from judge import check, verdict
    folder = Path(tempfile.mkdtemp(prefix="dinh-live."))
    folder.chmod(0o711)
    try:
        for ours, theirs in SHIPPED:
            (folder / "tree" / theirs).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / "packaging" / ours, folder / "tree" / theirs)
        plays(check, folder / "tree", folder / "live")
    finally:
        shutil.rmtree(folder)
    verdict()


if __name__ == "__main__":
    sys.exit(main())
