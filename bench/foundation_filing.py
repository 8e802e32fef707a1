#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Dossiers filed a second: a nation of three processes, drafts of the birth service filled over
HTTP as a browser would, then all of them filed, each exactly once, by 32 kept connections.

The reference, in the same run: the rows those filings left in the database, inserted by SQLite
alone with the same group commit. One JSON object a line. Run by `./dev bench foundation`.
"""
import concurrent.futures
import contextlib
import html
import http.client
import json
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

BUILD = Path(__file__).resolve().parent.parent / "build"
DRAFTS, CONNECTIONS, FILLERS = 2000, 32, 8
SERVICE = "/dich-vu/1.001193"
# The smallest sound JPEG: what a photo of the birth notice is to the server.
PHOTO = (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xdb\x00C\x00"
         + b"\x01" * 64 + b"\xff\xc9\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00\xff\xcc\x00\x06"
         b"\x00\x10\x10\x05\xff\xda\x00\x08\x01\x01\x00\x00?\x00\xd2\xcf \xff\xd9")
PASSWORD = re.compile(r"thu-nghiem-\d+")


def free_ports():
    for first in range(22000, 30000, 10):
        with contextlib.ExitStack() as held:
            try:
                for port in range(first, first + 6):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    sys.exit("no free ports")


class Browser:
    """Cookies by origin, redirects, hidden fields; one kept connection an origin."""

    def __init__(self, cookies=None):
        self.cookies = cookies if cookies is not None else {}
        self.links, self.url, self.page, self.status = {}, "", "", 0

    def ask(self, url, body=None, kind="application/x-www-form-urlencoded", follow=True):
        at = urllib.parse.urlsplit(urllib.parse.urljoin(self.url, url))
        origin = f"{at.scheme}://{at.netloc}"
        link = self.links.setdefault(origin, http.client.HTTPConnection(at.hostname, at.port))
        jar = self.cookies.setdefault(origin, {})
        head = {"Accept": "text/html", "Cookie": "; ".join(f"{k}={v}" for k, v in jar.items())}
        if body is not None:
            head |= {"Content-Type": kind, "Origin": origin}
        path = at.path + (f"?{at.query}" if at.query else "")
        link.request("POST" if body is not None else "GET", path, body, head)
        answer = link.getresponse()
        self.page = answer.read().decode(errors="replace")
        self.url, self.status = at.geturl(), answer.status
        for line in answer.headers.get_all("Set-Cookie", []):
            name, _, value = line.split(";")[0].partition("=")
            jar[name] = value
        if answer.status == 303 and follow:
            return self.ask(answer.headers["Location"])
        return answer.headers.get("Location", "")

    def hidden(self, action):
        form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', self.page, re.S)
        found = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form[0])
        return {html.unescape(k): html.unescape(v) for k, v in found}

    def submit(self, action, **fields):
        return self.ask(action, urllib.parse.urlencode(self.hidden(action) | fields))


def mother(nation, password):
    """Signed in on the national portal, carried to the province by single sign-on."""
    b = Browser()
    b.ask(f"{nation[0]}/dang-nhap")
    b.submit("/dang-nhap", username="me.lan", password=password)
    b.ask(SERVICE)
    b.ask(html.unescape(re.search(rf'href="({nation[1]}[^"]*)"', b.page)[1]))
    if b.status != 200 or f"{nation[1]}{SERVICE}/nop" not in b.url:
        sys.exit(f"not signed in on the province's node: {b.status} {b.url}")
    return b, b.hidden(f"{SERVICE}/nop")["_csrf"]


def multipart(fields, name, content):
    edge = secrets.token_hex(12)
    rows = [f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
            for k, v in fields.items()]
    rows.append(f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="a.jpg"\r\n'
                "Content-Type: image/jpeg\r\n\r\n")
    body = "".join(rows).encode() + content + f"\r\n--{edge}--\r\n".encode()
    return body, f"multipart/form-data; boundary={edge}"


def key():
    return "".join(secrets.choice("0123456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(25))


PAGES = [
    ("requester", {"requester_relation": "mother"}),
    ("child", {"child_name": "Trần Nguyễn Bảo An", "child_sex": "female",
               "child_birth_date": "{born}", "child_nationality": "VN"}),
    ("birth_place", {"birth_facility": "Bệnh viện Trung ương Huế", "birth_unit": "19777"}),
    ("birth_notice", {"birth_notice_number": "GCS-{n}", "birth_notice_date": "{born}"}),
    ("mother", {"_dung": "1"}), ("father", {"_dung": "1"}),
    ("health_card", {"clinic": "46001"}),
    ("result", {"copies": "1", "result_way": "online", "truth_declared": "1"}),
]


def fill(origin, cookies, csrf, n, words):
    """One draft, ready to be filed. Gives its path."""
    b = Browser(cookies)
    b.url = origin
    own = {"_csrf": csrf}
    path = b.ask(f"{SERVICE}/nop", urllib.parse.urlencode(own | {"_key": "0" + key()}),
                 follow=False)
    if "/ban-nhap/" not in path:
        sys.exit(f"no draft: {b.status} {b.page[:2000]}")
    path = path[path.index("/ban-nhap/"):]
    for version, (group, values) in enumerate(PAGES, 1):
        fields = own | {"_key": "0" + key(), "_version": str(version)}
        fields |= {k: v.format(n=n, **words) for k, v in values.items()}
        if group == "birth_notice":
            b.ask(f"{path}/{group}", *multipart(fields, "birth_notice_file", PHOTO), follow=False)
        else:
            b.ask(f"{path}/{group}", urllib.parse.urlencode(fields), follow=False)
        if b.status != 303:
            sys.exit(f"{group} was not taken: {b.status} {b.page[-3000:]}")
    return path


def say(name, value, unit, bar, reference, passed):
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, "bar": bar,
                      "reference": round(reference, 3), "ratio": round(value / reference, 3),
                      "pass": passed}), flush=True)
    return passed


def snapshot(source, target):
    with contextlib.closing(sqlite3.connect(source)) as a, \
            contextlib.closing(sqlite3.connect(target)) as b:
        a.backup(b)


def start(folder, port):
    nation = subprocess.Popen([BUILD / "dinh", "demo", "--data", folder, "--port", str(port)],
                              stdout=subprocess.PIPE, text=True)
    said = ""
    for line in nation.stdout:
        said += line
        if "quantri" in line:  # the last but one of the accounts
            return nation, PASSWORD.search(said)[0]
    sys.exit(f"the nation did not start:\n{said}")


def measure(folder, port, password):
    nation = [f"http://127.0.0.1:{port + i}" for i in range(3)]
    b, csrf = mother(nation, password)
    jar = b.cookies[nation[1]]
    words = {"born": time.strftime("%d/%m/%Y", time.localtime(time.time() - 10 * 86400))}
    with concurrent.futures.ThreadPoolExecutor(FILLERS) as pool:
        began = time.monotonic()
        paths = list(pool.map(lambda n: fill(nation[1], {nation[1]: dict(jar)}, csrf, n, words),
                              range(DRAFTS)))
        filled = time.monotonic() - began
    print(json.dumps({"name": "drafts filled over nine pages, set-up, client included",
                      "value": round(DRAFTS / filled, 1), "unit": "/s"}), file=sys.stderr)
    database = f"{folder}/h57/dinh.db"
    snapshot(database, f"{folder}/before.db")
    lines = Path(folder) / "lines"
    with open(lines, "w", encoding="ascii") as f:
        for p in paths:
            f.write(f"{p}/nop\t{urllib.parse.urlencode({'_csrf': csrf, '_key': '0' + key()})}\n")
    cookie = "; ".join(f"{k}={v}" for k, v in jar.items())
    out = subprocess.run([BUILD / "bench/bench_once", str(port + 1), cookie, str(CONNECTIONS),
                          lines], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    snapshot(database, f"{folder}/after.db")
    return [float(x) for x in out]


def naked(folder):
    rates = []
    for i in range(3):
        shutil.copy(f"{folder}/before.db", f"{folder}/fresh{i}.db")
        out = subprocess.run([BUILD / "bench/bench_replay", f"{folder}/after.db",
                              f"{folder}/fresh{i}.db", str(DRAFTS), str(CONNECTIONS)],
                             stdout=subprocess.PIPE, text=True, check=True).stdout.split()
        rates.append(float(out[2]))
    return sorted(rates)[1]


def main():
    folder, port = tempfile.mkdtemp(prefix="dinh-bench-"), free_ports()
    nation, password = start(folder, port)
    try:
        rate, p50, p99, refused = measure(folder, port, password)
    finally:
        nation.send_signal(signal.SIGTERM)
        nation.wait(30)
    try:
        plain = naked(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if refused:
        sys.exit(f"{refused:.0f} filings were refused")
    good = [say("dossiers filed", rate, "/s", ">= 400", plain, rate >= 400),
            say("dossier filed, median", p50, "ms", "<= 100", 100, p50 <= 100),
            say("dossier filed, p99", p99, "ms", "<= 100", 100, p99 <= 100)]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
