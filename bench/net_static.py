#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Static JSON route against the bare HTTP library: requests a second, in alternate rounds.

Prints one JSON object. The value is the best of our rounds, the reference the best of the library's
(a floor: what else runs on the machine only takes away), both measured by wrk in this run with 64
kept connections on the same cores.
"""
import json
import re
import subprocess
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent.parent / "build/bench/bench_net_static"
ORDER, SECONDS, CONNECTIONS, BAR = ("ours", "bare", "bare", "ours"), 1, 64, 0.7


def start(kind):
    server = subprocess.Popen([PROGRAM, kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    return server, f"http://127.0.0.1:{int(server.stdout.readline())}/"


def measure(url):
    out = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", url],
                         capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit(f"answers were wrong:\n{out}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def main():
    servers = {kind: start(kind) for kind in ("ours", "bare")}
    found = {kind: [] for kind in servers}
    for kind in ORDER:
        found[kind].append(measure(servers[kind][1]))
    for server, _ in servers.values():
        server.stdin.close()
        server.wait(timeout=10)
    ours, bare = (max(found[kind]) for kind in ("ours", "bare"))
    ratio = ours / bare
    print(json.dumps({"name": "net_static", "value": round(ours), "unit": "requests/s",
                      "bar": f"ratio >= {BAR}", "reference": round(bare),
                      "ratio": round(ratio, 3), "pass": ratio >= BAR}))


if __name__ == "__main__":
    main()
