#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Routes of web/ by wrk with 64 kept connections on the same cores, log lines going to a file;
the median of five rounds of each, taken in turn.

One JSON object a line: a static JSON route against the bare HTTP library in the same run; a page
drawn from one database read; the same page for a signed-in session (two reads more).
"""
import json
import re
import statistics
import subprocess
import tempfile
import urllib.request
from pathlib import Path

BIN = Path(__file__).resolve().parent.parent / "build/bench"
SECONDS, CONNECTIONS, ROUNDS = 2, 64, 5


def start(*command, log):
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
    return server, f"http://127.0.0.1:{int(server.stdout.readline())}"


def measure(url, *more):
    out = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *more, url],
                         capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit(f"answers were wrong:\n{out}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def say(name, value, bar, reference, passed):
    print(json.dumps({"name": name, "value": round(value), "unit": "requests/s", "bar": bar,
                      "reference": round(reference), "ratio": round(value / reference, 3),
                      "pass": passed}))


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def sign_in(url, *handlers):
    try:
        urllib.request.build_opener(NoRedirect, *handlers).open(f"{url}/sign-in", data=b"")
    except urllib.error.HTTPError as e:
        return e.headers["Set-Cookie"].split(";")[0]
    raise SystemExit("the sign-in did not redirect")


def main():
    with tempfile.TemporaryDirectory() as folder, open(f"{folder}/log", "wb") as log:
        ours, url = start(BIN / "bench_web", folder, log=log)
        bare, bare_url = start(BIN / "bench_net_static", "bare", log=log)
        cookie = sign_in(url)
        found = {"static": [], "bare": [], "page": [], "me": []}
        for _ in range(ROUNDS):
            found["static"].append(measure(f"{url}/static"))
            found["bare"].append(measure(bare_url))
            found["page"].append(measure(f"{url}/page"))
            found["me"].append(measure(f"{url}/me", "-H", f"Cookie: {cookie}"))
        for server in (ours, bare):
            server.stdin.close()
            server.wait(timeout=10)
    kinds = ("static", "bare", "page", "me")
    static, naked, page, me = (statistics.median(found[k]) for k in kinds)
    say("web_static", static, "ratio >= 0.7", naked, static / naked >= 0.7)
    say("web_page_one_read", page, ">= 15000", naked, page >= 15000)
    say("web_page_signed_in", me, ">= 3000", naked, me >= 3000)


if __name__ == "__main__":
    main()
