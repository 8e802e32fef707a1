#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is usually tried, in every parameter of every row of the live route tables (C20).

Our own words (SQL, scripts, paths, line breaks, addresses to be fetched) in each part of a path,
each query that the source reads and each field of a body, as guest, citizen, clerk and
administrator; each path of a row in encoded and crooked forms, as a guest; ffuf over every path and
query, sqlmap over those who search. Control: a page of our own that is broken on purpose must be
found by all three, with the same words and settings.
sweep.py [--deep]: all nodes and roles; sqlmap at level 3 over each query that a row of the three
tables declares, as citizen, clerk and administrator, and once over the heads of a request; wapiti
over the public pages.
"""
import argparse
import contextlib
import http.server
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path

from browser import LOST, Browser
from judge import check, verdict
from nation import INSURANCE, NATIONAL, PROVINCE, ROOT, Nation, program
from tales import MOTHERS, Book, Family

CANARY = "<dinhx9 y=\"'>"
TRIED = [CANARY, "'\"><script>dinhx9()</script>", "' OR '1'='1", "1'; DROP TABLE core_audit; --",
         "../../../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%00", "\u202e\u0000x",
         "a\r\nX-Dinh-Injected: 1", "{{7*7}}${7*7}", "%s%n%x", "-1", "9" * 40, "x" * 3000, "\\",
         "//evil.test/"]
WRONG = re.compile(r"<dinhx9|<script>dinhx9|root:x?:0:0|no such (table|column)|SQL syntax|"
                   r"unrecognized token|syntax error at|sqlite3?\.|sqlite3_|PostgreSQL|\blibpq\b|"
                   r"AddressSanitizer|runtime error", re.I)
CROOKED = ("{}", "/.{}", "/./{}", "//{}", "/tep/..{}", "/tep/%2e%2e{}", "/tep/..%2f{}",
           "/tep/..%252f{}", "/tep/..;{}", "/tep/%c0%ae%c0%ae{}", "/tep/..%c0%af{}", "/;{}",
           "/%2f{}", "/tep/..%5c{}", "{}/", "{};a=b", "{}%00", "{}%20", "{}/.", "{}.json", "{}%2f",
           "{}/..;/", "/TEP/..{}")
PART = re.compile(r"\{\w+\}")
LETTER = re.compile(r"[a-z]")
OFFICIALS = ("canbo.motcua", "quantri")


class Planted(http.server.BaseHTTPRequestHandler):
    """Every fault we look for."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        q = query.get("q", ["a"])[0]
        db = sqlite3.connect(":memory:")
        db.execute("CREATE TABLE t (name TEXT)")
        db.executemany("INSERT INTO t VALUES (?)", [("a",), ("b",)])
        try:
            said = str(db.execute(f"SELECT name FROM t WHERE name = '{q}'").fetchall())
        except sqlite3.Error as e:
            said = f"sqlite3.OperationalError: {e}"
        page = f"<html><body><a href='/?q=a'>x</a><p>{q}</p><p>{said}</p></body></html>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def planted():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Planted)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Trap:
    """An address that nobody has a reason to ask."""

    def __init__(self):
        self.s, self.asked = socket.create_server(("127.0.0.1", 0)), 0
        self.url = f"http://127.0.0.1:{self.s.getsockname()[1]}/dinhx9"
        threading.Thread(target=self.wait, daemon=True).start()

    def wait(self):
        with contextlib.suppress(OSError):
            while True:
                self.s.accept()[0].close()
                self.asked += 1

    def end(self):
        self.s.close()


def queries():
    """Names that some handler reads from the query."""
    found = {"next", "lang", "trang"}
    for source in (ROOT / "src").rglob("*.c"):
        if "test" not in source.parts:
            found |= set(re.findall(r'req_query\(\w+, "(\w+)"\)', source.read_text()))
    return sorted(found)


def declared(operation):
    """Names of the queries that it takes."""
    return [p["name"] for p in operation["parameters"] if p["in"] == "query"]


def fields(operation, doc):
    """Names of a body's fields."""
    content = (operation.get("requestBody") or {}).get("content", {})
    schema = next(iter(content.values()), {}).get("schema", {})
    while "$ref" in schema:
        at = doc
        for step in schema["$ref"].lstrip("#/").split("/"):
            at = at[step]
        schema = at
    return list(schema.get("properties", {}))


class Sweep:
    def __init__(self, nation, trap):
        self.n, self.trap = nation, trap
        self.sent = self.refused = 0

    def ask(self, b, method, url, body=None, headers=None):
        self.sent += 1
        try:
            status, got, raw = b.once(method, url, body, headers)
        except LOST as e:
            check(False, f"{method} {url[:200]}: {e!r}")
            return 0, {}, b""
        self.refused += status >= 400
        text = raw[:200000].decode("utf-8", "replace")
        wrong = WRONG.search(text) if "html" in (got.get("Content-Type") or "") else None
        check(not wrong, f"{method} {url[:200]}: answers {wrong and wrong.group(0)!r}")
        check(status < 500 or status == 503, f"{method} {url[:200]}: {status}")
        check("X-Dinh-Injected" not in got, f"{method} {url[:200]}: a header of the asker's")
        there = got.get("Location") or ""
        check("evil" not in urllib.parse.urlsplit(there).netloc, f"{url[:200]}: leads to {there}")
        return status, got, raw

    def document(self, node):
        b = Browser()
        b.get_json(self.n.url(node, "/openapi.json"))
        return json.loads(b.text)

    def words(self):
        return TRIED + [self.trap.url]

    def rows(self, doc):
        for path, operations in doc["paths"].items():
            for method, operation in operations.items():
                if method in ("get", "post") and isinstance(operation, dict):
                    yield method.upper(), path, operation

    def every_parameter(self, node, b, names):
        """All words in each part of a path; in queries and bodies one word a field, in turn."""
        doc, words, turn = self.document(node), self.words(), 0
        token = json.loads(b.once("GET", self.n.url(node, "/phien"), None,
                                  {"Accept": "application/json"})[2] or b"{}").get("csrf", "")
        for method, path, operation in self.rows(doc):
            if path in ("/dang-xuat", "/tai-khoan/phien/tat-ca") and method == "POST":
                continue  # would end the session
            kind = {"X-CSRF-Token": token, "Content-Type": "application/json"}
            parts = PART.findall(path)
            for word in words if parts else [""]:
                quoted = urllib.parse.quote(word, safe="%")
                url = self.n.url(node, PART.sub(lambda _: quoted or "x", path))
                if method == "GET":
                    self.ask(b, "GET", url)
                    continue
                self.ask(b, "POST", url, b"{}", kind)
            url = self.n.url(node, PART.sub("x", path))
            for name in names if method == "GET" else ():
                turn += 1
                word = urllib.parse.quote(words[turn % len(words)], safe="")
                self.ask(b, "GET", f"{url}?{name}={word}")
            for name in fields(operation, doc) if method == "POST" else ():
                for word in words[turn % 3::3]:
                    self.ask(b, "POST", url, json.dumps({name: word}).encode(), kind)
                turn += 1

    def crooked_paths(self, node):
        """A guest comes in by no crooked form of a path that isn't open to guests."""
        b, doc, shut = Browser(), self.document(node), 0
        for method, path, _ in self.rows(doc):
            straight = PART.sub("x", path)
            if method != "GET" or self.ask(b, "GET", self.n.url(node, straight))[0] == 200:
                continue
            shut += 1
            escaped = LETTER.sub(lambda m: f"%{ord(m.group(0)):02x}", straight, count=1)
            for crooked in [form.format(straight) for form in CROOKED] + [escaped]:
                status = self.ask(b, "GET", self.n.url(node, crooked))[0]
                check(not 200 <= status < 300, f"GET {crooked}: {status} for a guest")
        return shut


# ---- tools of others ----

def ffuf(folder, base, urls, cookie):
    """How many answers to our words looked wrong to it."""
    (folder / "urls").write_text("\n".join(urls) + "\n")
    (folder / "words").write_text("\n".join(urllib.parse.quote(w, safe="") for w in TRIED) + "\n")
    out = folder / "ffuf.json"
    out.unlink(missing_ok=True)
    done = subprocess.run(
        ["ffuf", "-s", "-t", "8", "-w", f"{folder}/urls:URL", "-w", f"{folder}/words:WORD", "-u",
         f"{base}URLWORD", "-H", f"Cookie: {cookie}", "-mc", "500,501,502,504", "-mr",
         WRONG.pattern, "-o", str(out), "-of", "json"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)
    check(out.exists(), f"ffuf: {done.stdout[-300:]}{done.stderr[-300:]}")
    rows = json.loads(out.read_text())["results"] if out.exists() else []
    return [f"{r['status']} {r['length']} bytes {r['url']}" for r in rows]


def sqlmap(folder, urls, cookie, level, seconds, *more):
    """(what it calls vulnerable, having looked for false alarms of its own, what it said)"""
    (folder / "targets").write_text("\n".join(urls) + "\n")
    command = ["sqlmap", "-m", f"{folder}/targets", "--batch", "--level", str(level), "--risk",
               "1", "--technique", "BEU", "--dbms", "SQLite", "--output-dir", f"{folder}/sqlmap",
               "--flush-session", "--disable-coloring", "--threads", "4", "--skip-waf",
               "--ignore-code", "*", *more]
    if cookie:
        command += ["--cookie", cookie]
    p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, cwd=folder)
    try:
        said = p.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        p.kill()
        said = p.communicate()[0]
    return re.findall(r"parameter '.*' is vulnerable", said), said


def wapiti(folder, url, seconds):
    out = folder / "wapiti.json"
    subprocess.run(["wapiti", "-u", url, "--scope", "folder", "-m", "sql,xss,file,exec", "-f",
                    "json", "-o", str(out), "--flush-session", "--max-scan-time", str(seconds),
                    "--no-bugreport", "-v", "0", "--store-session", str(folder)],
                   stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds + 120)
    found = json.loads(out.read_text())["vulnerabilities"]
    out.unlink()
    return [f"{kind}: {one['path']}" for kind, all_of_it in found.items() for one in all_of_it]


def cookies(b, base):
    return "; ".join(f"{k}={v}" for k, v in b.cookies[base].items())


def sqlmap_everywhere(s, who):
    """At level 3: every query of every row, by those who may read it; heads once. How many."""
    played = 0
    for node, names in ((NATIONAL, ("citizen",)), (PROVINCE, ("citizen", *OFFICIALS)),
                        (INSURANCE, ("guest",))):
        base, doc = s.n.url(node), s.document(node)
        urls = [base + PART.sub("x", path) + f"?{name}=1"
                for method, path, op in s.rows(doc) if method == "GET" for name in declared(op)]
        check(len(urls) > 10, f"{node}: queries {urls}")
        for name in names:
            cookie = cookies(who[name], base) if name != "guest" else ""
            began = time.monotonic()
            found, said = sqlmap(s.n.top, urls, cookie, 3, 3600, "--param-filter", "GET")
            check(not found, f"sqlmap at {node} as {name}: {found[:5]}")
            tested = len(re.findall(r"GET parameter '[^']+' does not (?:seem|appear) to be "
                                    r"injectable", said))
            check(tested >= len(urls), f"sqlmap at {node} as {name} tested {tested} of {len(urls)}")
            played += tested
            print(f"sqlmap, level 3: {node} as {name}: {tested} queries, "
                  f"{time.monotonic() - began:.0f} s", flush=True)
    base = s.n.url(PROVINCE)
    found, said = sqlmap(s.n.top, [f"{base}/tim?q=khai"], cookies(who["citizen"], base), 3, 1800)
    check(not found, f"sqlmap over heads: {found[:5]}")
    check("parameter 'User-Agent' does not" in said, f"sqlmap left heads out: {said[-500:]}")
    return played


def tools(s, who, names, deep):
    folder, base = s.n.top, s.n.url(PROVINCE)
    cookie = cookies(who["citizen"], base)
    paths = [PART.sub("x", p) for m, p, _ in s.rows(s.document(PROVINCE)) if m == "GET"]
    urls = [f"{p}?{n}=" for p in paths for n in (names if deep else names[:2])]
    urls += [p.replace("{}", "") for p in paths if p.endswith("/x")]
    search = [f"{base}/tim?q=khai", f"{base}/dia-danh?q=hue"]
    with planted() as broken:
        control = ffuf(folder, broken, ["/?q=", "/x?q="], "")
        check(len(control) >= 2, f"control: ffuf found {control}")
        named = sqlmap(folder, [f"{broken}/?q=a"], "", 1, 600)
        check(named[0], f"control: sqlmap found nothing: {named[1][-500:]}")
        if deep:
            check(wapiti(folder, broken + "/", 60), "control: wapiti found nothing")
    hits = ffuf(folder, base, urls, cookie)
    check(not hits, f"ffuf: {hits[:5]}")
    found, said = sqlmap(folder, search, cookie, 1, 60)
    check(not found, f"sqlmap: {found[:5]}")
    check("testing" in said, f"sqlmap tested nothing: {said[-500:]}")
    if deep:
        print(f"figure C20 sqlmap_level_3={sqlmap_everywhere(s, who)}")
        hits = wapiti(folder, base + "/", 600)
        check(not hits, f"wapiti: {hits[:5]}")
    return len(urls) * len(TRIED), len(control) + len(named[0])


def people(n):
    """{who: browser} at the province, the citizen at the nation too"""
    family = Family(n, Book(), MOTHERS[0], 1)
    family.signs_in()
    family.crosses_over()
    found = {"guest": Browser(), "citizen": family.citizen}
    for user in OFFICIALS:
        found[user] = Browser()
        family.sign_in(found[user], PROVINCE, user)
    return found


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--deep", action="store_true")
    deep, n, trap = p.parse_args().deep, Nation(program()), Trap()
    began = time.monotonic()
    try:
        n.make()
        n.start_all()
        s, names, who = Sweep(n, trap), queries(), people(n)
        check(len(names) > 5, f"queries: {names}")
        for b in who.values() if deep else (who["citizen"], who["quantri"]):
            s.every_parameter(PROVINCE, b, names)
        if deep:
            s.every_parameter(NATIONAL, who["citizen"], names)
            s.every_parameter(INSURANCE, who["guest"], names)
        shut = sum(s.crooked_paths(node) for node in (NATIONAL, PROVINCE, INSURANCE))
        check(s.sent > 2000 and s.refused > s.sent / 4 and shut > 60,
              f"{s.sent} sent, {s.refused} refused, {shut} shut to guests")
        fuzzed, control = tools(s, who, names, deep)
        check(trap.asked == 0, f"an address of the asker's was fetched {trap.asked} times")
        check(all(code == 0 for code in n.stop_all().values()), "the nodes end well")
        print(f"figure C20 tried={s.sent} refused={s.refused} shut_paths={shut} "
              f"crooked_forms={len(CROOKED) + 1} ffuf={fuzzed} control_hits={control} "
              f"seconds={time.monotonic() - began:.0f}")
    finally:
        trap.end()
        n.stop_all()
        n.remove()
    verdict()


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C.UTF-8"
    os.chdir(Path(__file__).resolve().parent)
    sys.exit(main())
