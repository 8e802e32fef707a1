# SPDX-License-Identifier: Apache-2.0
"""nginx as we ship it, before a node: the site and the snippet of the package, with names, ports
and paths of the test. Started by us, ended by its number."""
import contextlib
import http.client
import os
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

from nation import run

NAME, SECOND = "dinh.test", "hai.dinh.test"  # the second node behind the same nginx
CBC = "ECDHE-ECDSA-AES128-SHA256"
MAIN = """{user}daemon off; master_process on; worker_processes 1; pid {dir}/pid;
error_log {dir}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log {dir}/access.log; client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy;
  fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
  types {{ text/html html; }} default_type application/octet-stream;
  include {dir}/site.conf;
}}
"""


def certificate(folder):
    code, out, err = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                         "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={NAME}", "-addext",
                         f"subjectAltName=DNS:{NAME},DNS:{SECOND}",
                         "-days", "2", "-keyout", folder / "front.key", "-out",
                         folder / "front.crt")
    if code:
        raise SystemExit(out + err)


def write(folder, tree, sock, port, second):
    """The package's own files; only what an operator puts in is put in. The second node has a
    server block and a snippet of its own."""
    site = (tree / "usr/share/doc/dinh/examples/nginx-site.conf").read_text()
    snippet = (tree / "etc/nginx/snippets/dinh.conf").read_text()
    site = re.sub(r"listen \[::\]:.*\n", "\n", site)
    for was, now in (("listen 80 ", f"listen 127.0.0.1:{port + 1} "),
                     ("listen 443 ", f"listen 127.0.0.1:{port} "),
                     ("dinh.example.gov.vn", NAME), ("/etc/dinh/", f"{folder}/"),
                     ("include snippets/dinh.conf", f"include {folder}/dinh.conf")):
        if was not in site:
            raise SystemExit(f"the site lacks {was!r}")
        site = site.replace(was, now)
    block = site[site.rindex("\nserver {"):]
    site += block.replace(NAME, SECOND).replace("/dinh.conf", "/second.conf")
    (folder / "second.conf").write_text(snippet.replace("/run/dinh/http.sock", str(second)))
    (folder / "site.conf").write_text(site)
    (folder / "dinh.conf").write_text(snippet.replace("/run/dinh/http.sock", str(sock)))
    (folder / "nginx.conf").write_text(MAIN.format(
        dir=folder, user="user www-data; " if os.getuid() == 0 else ""))


class Front:
    def __init__(self, top, tree, sock, port, second):
        self.folder, self.port = top / "front", port
        self.folder.mkdir()
        top.chmod(0o711)  # nginx's workers aren't we
        certificate(self.folder)
        write(self.folder, tree, sock, port, second)
        self.command = ["nginx", "-p", str(self.folder), "-e", str(self.folder / "error.log"), "-c",
                        str(self.folder / "nginx.conf")]
        self.context = ssl.create_default_context(cafile=self.folder / "front.crt")

    def __enter__(self):
        code, out, err = run(*self.command, "-t")
        if code or "[warn]" in err:
            raise SystemExit(f"nginx refuses our configuration: {out}{err}")
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        for _ in range(600):
            with contextlib.suppress(OSError):
                if self.ask("GET", "/healthz")[0] == 200:
                    return self
            time.sleep(0.05)
        raise SystemExit((self.folder / "error.log").read_text())

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def ask(self, method, path, body=None, timeout=60, **headers):
        """(status, headers, body) over TLS and HTTP/1.1."""
        c = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout)
        plain = socket.create_connection(("127.0.0.1", self.port), timeout)
        c.sock = self.context.wrap_socket(plain, server_hostname=NAME)
        with contextlib.closing(c):
            c.request(method, path, body, {"Host": NAME, **headers})
            r = c.getresponse()
            return r.status, dict(r.getheaders()), r.read()

    def curl(self, path, *more):
        code, out, err = run("curl", "-sf", "--max-time", "60", "--cacert",
                             self.folder / "front.crt",
                             "--resolve", f"{NAME}:{self.port}:127.0.0.1", *more,
                             f"https://{NAME}:{self.port}{path}")
        return code, out, err


def speaks(check, front):
    """HTTP/2, TLS by AEAD alone, our name alone; the rest sent to https."""
    code, out, _ = front.curl("/healthz", "--http2", "-w", "%{http_version}", "-o", "/dev/null")
    check(code == 0 and out == "2", f"no HTTP/2: {out}")
    for options, wanted in ((["--tls-max", "1.1", "--tlsv1.0"], False),
                            (["--tls-max", "1.2"], True), (["--tlsv1.3"], True),
                            (["--tls-max", "1.2", "--ciphers", CBC], False)):
        code = front.curl("/healthz", *options)[0]
        check((code == 0) == wanted, f"TLS {options}: {code}")
    code = run("curl", "-sk", "--max-time", "20", "--resolve", f"other.test:{front.port}:127.0.0.1",
               f"https://other.test:{front.port}/")[0]
    check(code != 0, "a name that isn't ours is served")
    check(front.ask("GET", "/healthz", Host="other.test")[0] == 421, "another Host within our TLS")
    c = http.client.HTTPConnection("127.0.0.1", front.port + 1, timeout=60)
    for method, accept, wanted in (("GET", "text/html", 301), ("HEAD", "*/*", 301),
                                   ("GET", "application/json", 403), ("POST", "text/html", 403)):
        c.request(method, "/a?b=1", headers={"Host": "evil.test", "Accept": accept})
        r = c.getresponse()
        r.read()
        sent_to = r.getheader("Location")
        check(r.status == wanted, f"http, {method} {accept}: {r.status}")
        check(wanted == 403 or sent_to == f"https://{NAME}/a?b=1", "http isn't sent on")
    c.close()


def passes(check, front):
    """Limits agree; nobody but the front is believed; headers of ours arrive."""
    status, headers, body = front.ask("GET", "/dang-nhap", **{"Accept": "text/html"})
    check(status == 200 and b"<form" in body, f"no page: {status} {headers}")
    for name in ("Content-Security-Policy", "Strict-Transport-Security", "X-Content-Type-Options",
                 "Referrer-Policy"):
        check(name in headers, f"the page lacks {name}: {headers}")
    for value, wanted in (("a" * 15000, 200), ("a" * 17000, 431), ("a" * 19000, 431)):
        got = front.ask("GET", "/healthz", **{"A": value})[0]
        check(got == wanted, f"a field of {len(value)} bytes: {got}")
    for n, wanted in ((8000, 404), (9000, 414), (15000, 414)):
        got = front.ask("GET", "/" + "a" * n)[0]
        check(got == wanted, f"a target of {n} bytes: {got}")
    check(front.ask("POST", "/dang-nhap", b"x" * (25 << 20))[0] == 413, "a body over every limit")
    check(front.ask("POST", "/dang-nhap", b"x" * (1 << 20))[0] == 413, "a body over this page's")
    status, headers, _ = front.ask("POST", "/dang-nhap", b"username=a&password=b",
                                   **{"Content-Type": "application/x-www-form-urlencoded"})
    check(400 <= status < 500, f"a form without its token: {status}")


def believed(check, front, service):
    """Wrong passwords lock the address nginx saw, not one the caller invents."""
    limited = [front.ask("GET", "/healthz", **{"X-Real-IP": f"203.0.113.{i}",
                                               "X-Forwarded-For": f"203.0.113.{i}"})[0]
               for i in range(4)]
    check(set(limited) == {200}, f"{limited}")


def written(front):
    """Files of bodies and answers that nginx has, with a name or without one."""
    mine = [str(front.folder / name) for name in ("body", "proxy")]
    found = [p for name in mine for p in Path(name).rglob("*") if p.is_file()]
    pids = [front.process.pid] + [int(p) for p in Path(
        f"/proc/{front.process.pid}/task/{front.process.pid}/children").read_text().split()]
    for pid in pids:
        for fd in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                at = os.readlink(fd)
                found += [at] if at.startswith(tuple(mine)) else []
    return found


def on_its_way(front, seconds):
    """What nginx writes of a megabyte whose last byte doesn't come."""
    plain = socket.create_connection(("127.0.0.1", front.port), 60)
    with contextlib.closing(front.context.wrap_socket(plain, server_hostname=NAME)) as s:
        size = 1 << 20
        s.sendall(f"POST /ban-nhap/x/child HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: multipart/"
                  f"form-data; boundary=x\r\nContent-Length: {size}\r\n\r\n".encode())
        s.sendall(b"a" * (size - 1))
        until = time.monotonic() + seconds
        while not (found := written(front)) and time.monotonic() < until:
            time.sleep(0.05)
        return found


def keeps_nothing(check, front):
    """Nothing of a body lies on nginx's disk. Control: by nginx's own default it does."""
    path = front.folder / "dinh.conf"
    ours = path.read_text()
    check(not on_its_way(front, 2), "nginx writes bodies to its disk")
    path.write_text(ours.replace("proxy_request_buffering off", "proxy_request_buffering on"))
    os.kill(front.process.pid, signal.SIGHUP)
    until = time.monotonic() + 30
    while not (found := on_its_way(front, 2)) and time.monotonic() < until:
        pass
    check(found, "a body that nginx does write isn't seen")
    path.write_text(ours)
    os.kill(front.process.pid, signal.SIGHUP)
    while on_its_way(front, 1) and time.monotonic() < until:
        pass


class Callers:
    """Threads that ask without a break and count what wasn't answered well."""

    def __init__(self, front, n=4):
        self.front, self.good, self.bad, self.ends = front, 0, [], False
        self.threads = [threading.Thread(target=self.run) for _ in range(n)]

    def run(self):
        while not self.ends:
            try:
                status = self.front.ask("GET", "/healthz")[0]
            except OSError as e:
                status = repr(e)
            if status == 200:
                self.good += 1
            else:
                self.bad.append(status)

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.ends = True
        for t in self.threads:
            t.join()

    def more(self, n):
        until, wanted = time.monotonic() + 60, self.good + n
        while self.good < wanted and time.monotonic() < until:
            time.sleep(0.01)
        return self.good >= wanted


def started_anew(check, front, service, rounds=3):
    """SIGTERM and a new start under callers: each waits in the socket's line, none is refused."""
    with Callers(front) as callers:
        for k in range(rounds):
            check(callers.more(20), "the callers aren't answered")
            began = time.monotonic()
            check(service.stop() == 0, "SIGTERM isn't a good end")
            drained = time.monotonic() - began
            check(drained <= 10, f"it took {drained:.1f} s to end")
            check(service.start(), f"not ready again: {service.said()[-2000:]}")
            print(f"restart {k + 1}: ended in {drained:.2f} s, {callers.good} answered")
        check(callers.more(20), "the callers aren't answered")
    check(not callers.bad, f"{len(callers.bad)} requests failed: {callers.bad[:5]}")
    check(callers.good >= 20 * (rounds + 1), "too few requests to tell")


def away(check, front, service):
    """Without a node and its socket: a page that says so, with Retry-After."""
    service.stop()
    service.listen.close()
    status, headers, body = front.ask("GET", "/")
    check(status == 503 and headers.get("Retry-After") == "5", f"away: {status} {headers}")
    check("Chưa thể phục vụ".encode() in body and b"try again" in body, "away: no words")


def plays(check, tree, service, top, port, second):
    """second: another node's service."""
    from two import rolled  # it needs this file's names
    with Front(top, tree, top / "http.sock", port, top / "second.sock") as front:
        speaks(check, front)
        passes(check, front)
        believed(check, front, service)
        keeps_nothing(check, front)
        started_anew(check, front, service)
        check(second.start(), f"the second isn't ready: {second.said()}")
        rolled(check, front, [service, second])
        away(check, front, service)
