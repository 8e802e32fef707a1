#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Figures of the foundation, one JSON object a line: weight, start, memory, the whole happy story,
the first page. Run by `./dev bench foundation` on build/dinh; medians of five where it says so."""
import gzip
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "stories"))

from nation import free_ports  # noqa: E402

PROGRAM = ROOT / "build" / "dinh"
ROUNDS = 5


def say(name, value, unit, bar, reference="bar"):
    row = {"name": name, "value": round(value, 3), "unit": unit, "bar": bar,
           "reference": reference, "ratio": round(value / bar, 3), "pass": value <= bar}
    print(json.dumps(row), flush=True)
    return row["pass"]


def stripped_bytes(folder):
    copy = Path(folder) / "stripped"
    subprocess.run(["strip", "-o", copy, PROGRAM], check=True)
    return copy.stat().st_size


def story(folder, port):
    out = subprocess.run([PROGRAM, "demo", "--data", folder, "--port", str(port), "--story",
                          "birth"], capture_output=True, text=True, check=True).stdout
    return float(re.search(r"(\d+) ms in all", out).group(1)) / 1000


def get(url, accept="gzip"):
    ask = urllib.request.Request(url, headers={"Accept-Encoding": accept, "Accept": "text/html"})
    with urllib.request.urlopen(ask, timeout=5) as answer:
        return answer.read(), answer.headers.get("Content-Encoding", "")


def start(folder, port):
    begin = time.perf_counter()
    child = subprocess.Popen([PROGRAM, "serve", "--data", f"{folder}/national"],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            get(f"http://127.0.0.1:{port}/healthz")
            return child, time.perf_counter() - begin
        except OSError:
            time.sleep(0.001)


def rss_bytes(child):
    text = Path(f"/proc/{child.pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) * 1024


def first_page_bytes(port):
    page, coding = get(f"http://127.0.0.1:{port}/")
    html = (gzip.decompress(page) if coding == "gzip" else page).decode()
    parts = set(re.findall(r'(?:href|src)="(/tep/[^"]+)"', html))
    return len(page) + sum(len(get(f"http://127.0.0.1:{port}{p}")[0]) for p in parts)


def main():
    folder, port, good = tempfile.mkdtemp(prefix="dinh-bench-"), free_ports(), []
    try:
        good.append(say("binary, stripped", stripped_bytes(folder) / 1e6, "MB", 15))
        took = [story(f"{folder}/{i}", port) for i in range(3)]
        good.append(say("happy story, three nodes", statistics.median(took), "s", 5))
        starts, idle = [], []
        for _ in range(ROUNDS):
            child, seconds = start(f"{folder}/0", port)
            starts.append(seconds * 1000)
            time.sleep(1)
            idle.append(rss_bytes(child) / 1e6)
            weight = first_page_bytes(port) / 1000
            child.send_signal(signal.SIGTERM)
            child.wait()
        good.append(say("exec to first 200 of /healthz", statistics.median(starts), "ms", 150))
        good.append(say("idle memory of a node", statistics.median(idle), "MB", 30))
        good.append(say("first page in all, compressed", weight, "KB", 60))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    os.environ.setdefault("LANG", "vi_VN.UTF-8")
    main()
