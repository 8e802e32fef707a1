# SPDX-License-Identifier: Apache-2.0
"""Two nodes of one federation behind one nginx, started anew in turn while people read and write:
no request fails, each is drained within 10 s. Two nodes and not two programs on one database: files
and the keys of subjects lie in a node's own folder, which one process holds."""
import http.client
import socket
import threading
import time

from browser import LOST, Browser
from front import NAME, SECOND

PASSWORD = "thu-nghiem-2020"
USER = "quantri"
DRAIN_S = 10


class Visitor(Browser):
    """A browser at the front; whatever isn't answered is told, never asked again."""

    def __init__(self, front, load):
        super().__init__()
        self.front, self.load = front, load

    def patient(self, method, url, body=None, headers=None):
        try:
            got = self.once(method, url, body, headers)
        except LOST as e:
            self.load.bad.append(f"{method} {url}: {e!r}")
            raise
        if got[0] >= 400:
            self.load.bad.append(f"{method} {url}: {got[0]}")
        self.load.done[url.split("/")[2]] += 1
        self.load.writes += method == "POST"
        return got

    def connection(self, parts):
        link = http.client.HTTPSConnection("127.0.0.1", self.front.port, timeout=60)
        plain = socket.create_connection(("127.0.0.1", self.front.port), 60)
        link.sock = self.front.context.wrap_socket(plain, server_hostname=parts.hostname)
        return link


class Load:
    """At each node two who read and one who signs in and out, which are writes each."""

    def __init__(self, front):
        self.front, self.ends, self.bad = front, False, []
        self.done, self.writes = {NAME: 0, SECOND: 0}, 0
        self.threads = [threading.Thread(target=self.work, args=(name, act)) for name in self.done
                        for act in (self.reads, self.reads, self.signs)]

    def work(self, name, act):
        while not self.ends and len(self.bad) < 20:
            try:
                act(Visitor(self.front, self), f"https://{name}")
            except Exception as e:  # every kind is a request that failed
                self.bad.append(repr(e))

    def reads(self, b, at):
        b.get(f"{at}/dang-nhap")
        b.get(f"{at}/")

    def signs(self, b, at):
        b.get(f"{at}/dang-nhap")
        b.submit("/dang-nhap", {"username": USER, "password": PASSWORD})
        if not b.sees("/dang-xuat"):
            self.bad.append(f"not signed in: {b.url} {b.status}")
        for _ in range(5):
            b.get(f"{at}/")
        b.submit("/dang-xuat")

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.ends = True
        for t in self.threads:
            t.join()

    def more(self, n):
        """n requests more at each node and some writes are answered."""
        until, wanted = time.monotonic() + 120, {k: v + n for k, v in self.done.items()}
        writes = self.writes + 4
        while time.monotonic() < until and not self.bad:
            if all(self.done[k] >= v for k, v in wanted.items()) and self.writes >= writes:
                return True
            time.sleep(0.01)
        return False


def rolled(check, front, services, rounds=2):
    longest = 0.0
    with Load(front) as load:
        check(load.more(20), f"the two aren't served: {load.bad[:3]}")
        for service in services * rounds:
            began = time.monotonic()
            code = service.stop()
            longest = max(longest, time.monotonic() - began)
            check(code == 0, f"SIGTERM: exit {code} after {longest:.1f} s: {service.said()}")
            check(service.start(), f"not ready again: {service.said()}")
            check(load.more(20), f"the two aren't served: {load.bad[:3]}")
    total = sum(load.done.values())
    check(longest <= DRAIN_S, f"it took {longest:.1f} s to end")
    check(not load.bad, f"{len(load.bad)} requests failed: {load.bad[:5]}")
    print(f"figure C33 rolling_restarts={len(services) * rounds} requests={total} "
          f"writes={load.writes} failed={len(load.bad)} longest_drain_s={longest:.2f}")
    print("two nodes behind one front start anew without a failed request")
