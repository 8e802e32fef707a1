#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pages over TLS and durable writes, on the same cores as who asks for them.

C1: a server-rendered page for a signed-in session, drawn from the database, over kept TLS
connections: as fast as it goes with 64 of them, then 1,000 a second from 20; the reference is the
bare HTTP library with TLS and one JSON answer. C2: a row, its record in the audit trail and a
commit that is on the disk, from 64 clients and from one; the reference is the same file system's
naked write and fdatasync, one after the other. Floors are the best of three rounds. One JSON
object a line. Run by `./dev bench withstand`.
"""
import json
import os
import re
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from foundation_web import BIN, sign_in, start

SECONDS, CONNECTIONS, ROUNDS = 5, 64, 3
RATE, CALM = 1000, 20
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


def say(name, value, unit, bar, reference, passed):
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, "bar": bar,
                      "reference": round(reference, 3), "ratio": round(value / reference, 3),
                      "pass": passed}), flush=True)
    return passed


def certificate(folder):
    cert, key = f"{folder}/cert.pem", f"{folder}/key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=bench",
                    "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


def trusting(cert):
    context = ssl.create_default_context(cafile=cert)
    context.check_hostname = False
    return urllib.request.HTTPSHandler(context=context)


def wrk(url, connections, *more):
    """(requests a second, median ms, p99 ms)"""
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", *more,
                          url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit(f"answers were wrong:\n{out}")
    times = {p: float(n) * UNITS[u] for p, n, u in
             re.findall(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s)$", out, re.M)}
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), times["50"], times["99"]


def best(rounds):
    return max(rounds, key=lambda r: r[0])


def steady_p99(url, cookie, folder):
    """The 99th of a hundred answers in ms when 1,000 a second are asked for, whatever happens."""
    log = f"{folder}/h2load"
    Path(log).unlink(missing_ok=True)
    subprocess.run(["h2load", "--h1", f"-c{CALM}", "-m1", f"--rps={RATE // CALM}", f"-D{SECONDS}",
                    f"--log-file={log}", "-H", f"Cookie: {cookie}", url], check=True,
                   capture_output=True)
    rows = [line.split() for line in open(log, encoding="ascii")]
    if len(rows) < RATE * SECONDS * 0.9 or any(row[1] != "200" for row in rows):
        raise SystemExit(f"{len(rows)} answers at a fixed rate, not all of them 200")
    took = sorted(int(row[2]) for row in rows)
    return took[len(took) * 99 // 100] / 1000


def naked_syncs(folder):
    """4 KiB and fdatasync, round and round in a file that is there: (a second, median ms)"""
    fd, took = os.open(f"{folder}/naked", os.O_CREAT | os.O_WRONLY), []
    os.write(fd, bytes(1 << 22))
    os.fsync(fd)
    until = time.monotonic() + 2
    while time.monotonic() < until:
        began = time.perf_counter()
        os.pwrite(fd, bytes(4096), len(took) % 1024 * 4096)
        os.fdatasync(fd)
        took.append((time.perf_counter() - began) * 1000)
    os.close(fd)
    return len(took) / 2, sorted(took)[len(took) // 2]


def pages(folder, cert, key, log):
    ours, url = start(BIN / "bench_web", f"{folder}/tls", cert, key, log=log)
    bare, bare_url = start(BIN / "bench_net_static", "bare", cert, key, log=log)
    url, bare_url = url.replace("http:", "https:"), bare_url.replace("http:", "https:")
    cookie, fast, naked = sign_in(url, trusting(cert)), [], []
    for _ in range(ROUNDS):
        fast.append(wrk(f"{url}/me", CONNECTIONS, "-H", f"Cookie: {cookie}"))
        naked.append(wrk(bare_url, CONNECTIONS))
    steady = min(steady_p99(f"{url}/me", cookie, folder) for _ in range(ROUNDS))
    for server in (ours, bare):
        server.stdin.close()
        server.wait(timeout=10)
    rate, _, p99 = best(fast)
    top, _, bare_p99 = best(naked)
    return [say("C1 page over TLS, signed in", rate, "/s", ">= 3000", top, rate >= 3000),
            say("C1 page over TLS, p99", p99, "ms", "<= 25", bare_p99, p99 <= 25),
            say("C1 page at 1,000/s, p99", steady, "ms", "<= 10", 10, steady <= 10)]


def writes(folder, log):
    server, url = start(BIN / "bench_web", f"{folder}/plain", log=log)
    script = Path(folder) / "post.lua"
    script.write_text('wrk.method = "POST"\n')
    many = [wrk(f"{url}/write", CONNECTIONS, "-s", script) for _ in range(ROUNDS)]
    alone = [wrk(f"{url}/write", 1, "-s", script) for _ in range(ROUNDS)]
    server.stdin.close()
    server.wait(timeout=10)
    syncs, sync_ms = naked_syncs(folder)
    rate, _, p99 = best(many)
    _, median, _ = best(alone)
    return [say("C2 durable writes, 64 clients", rate, "/s", ">= 2000", syncs, rate >= 2000),
            say("C2 durable write, 64 clients, p99", p99, "ms", "<= 50", 50, p99 <= 50),
            say("C2 durable write, one client, median", median, "ms", "<= 2", sync_ms,
                median <= 2)]


def main():
    with tempfile.TemporaryDirectory() as folder, open(f"{folder}/log", "wb") as log:
        for part in ("tls", "plain"):
            os.mkdir(f"{folder}/{part}")
        cert, key = certificate(folder)
        good = pages(folder, cert, key, log) + writes(folder, log)
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
