#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A node's memory and patience, on a real node of a nation with its pages and its data.

C4: resident memory and open files after a million mixed requests against those after 50,000 of
them (SQLite keeps a closed reader's descriptor for the next one: POSIX locks). Nodes keep a few
connections with each other, more while tree heads go round: the reference is the most that were
open in such a round; what isn't a socket is counted by itself, to the last one.
C5: 10,000 connections that say nothing, half of them in the middle of a
head, while somebody else reads a page; what each weighs, and that all are gone by the deadline.
withstand_house.py [--requests 1000000]. One JSON object a line. Run by `./dev bench withstand`.
"""
import argparse
import contextlib
import json
import os
import re
import resource
import socket
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "stories"))

from nation import PROVINCE, Nation, program  # noqa: E402
from tales import MOTHERS, Book, Family  # noqa: E402

IDLE, SOURCES, CONNECTIONS = 10000, ("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"), 32
PATHS = ("/", "/dich-vu/1.001193", "/tra-cuu", "/healthz", "/dang-nhap", "/ho-so", "/khong-co",
         "/chi-so", "/openapi.json")
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
GIVEN_BACK_KB = 16384  # of what 10,000 connections took, so much may stay
HEADS = 35  # seconds in which each node told its tree head once
DEADLINE, TICK = 10, 1.5  # a head's, and how often it is looked for


def say(name, value, unit, bar, reference, passed):
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, "bar": bar,
                      "reference": round(reference, 3), "ratio": round(value / reference, 3),
                      "pass": passed}), flush=True)
    return passed


def resident_kb(pid):
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1))


def open_files(pid):
    """(all, those that aren't sockets)"""
    folder, kinds = f"/proc/{pid}/fd", []
    for fd in os.listdir(folder):
        with contextlib.suppress(OSError):
            kinds.append(os.readlink(f"{folder}/{fd}").split(":")[0])
    return len(kinds), sum(kind != "socket" for kind in kinds)


def watched_files(pid, seconds, enough=lambda seen: False):
    """Looks at the open files of so long, fewer when they are enough."""
    until, seen = time.monotonic() + seconds, [open_files(pid)]
    while not enough(seen) and time.monotonic() < until:
        time.sleep(0.5)
        seen.append(open_files(pid))
    return seen


def signed_in(nation):
    family = Family(nation, Book(), MOTHERS[0], 1)
    family.signs_in()
    family.crosses_over()
    jar = family.citizen.cookies[nation.url(PROVINCE)]
    return "; ".join(f"{k}={v}" for k, v in jar.items())


def mixed(nation, cookie):
    """A script for wrk: pages with and without a session, refusals, forms that are turned down."""
    script = nation.top / "mixed.lua"
    paths = ", ".join(f'"{p}"' for p in PATHS)
    script.write_text(f"""
local paths, n = {{{paths}}}, 0
request = function()
  n = n + 1
  local path = paths[n % #paths + 1]
  if n % 11 == 0 then return wrk.format("POST", "/dang-nhap", {{}}, "username=x") end
  if n % 3 == 0 then return wrk.format("GET", path, {{["Cookie"] = "{cookie}"}}) end
  return wrk.format("GET", path .. "?q=" .. n)
end
""")
    return script


def wrk(url, seconds, connections, *more):
    return subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *more,
                           url], capture_output=True, text=True, check=True).stdout


def ask(url, script, wanted):
    """At least so many mixed requests."""
    done = 0
    while done < wanted:
        out = wrk(url, 5, CONNECTIONS, "-s", script)
        done += int(re.search(r"(\d+) requests in", out).group(1))
        if "Socket errors" in out:
            raise SystemExit(f"answers were lost:\n{out}")
    return done


def memory(nation, requests):
    pid, url = nation.running[PROVINCE].pid, nation.url(PROVINCE)
    script = mixed(nation, signed_in(nation))
    ask(url, script, min(50000, requests // 10))
    before, _ = resident_kb(pid), watched_files(pid, HEADS)  # callers that ended are noticed
    quiet = watched_files(pid, HEADS)
    most, files = max(a for a, _ in quiet), min(b for _, b in quiet)
    done = ask(url, script, requests)
    after = resident_kb(pid)
    later = watched_files(pid, 2 * HEADS,
                          lambda seen: seen[-1][0] <= most and seen[-1][1] <= files)
    left = min(a for a, _ in later), min(b for _, b in later)
    return [say(f"C4 memory after {done} requests", after, "kB", "<= reference + 5 %", before,
                after <= before * 1.05),
            say("C4 memory in all", after / 1024, "MiB", "<= 256", 256, after <= 256 * 1024),
            say("C4 open files", left[0], "", "<= reference", most, left[0] <= most),
            say("C4 open files without sockets", left[1], "", "<= reference", files,
                left[1] <= files)]


def p99(url):
    out = wrk(url, 2, 1)
    n, unit = re.search(r"^\s+99%\s+([\d.]+)(us|ms|s)$", out, re.M).groups()
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit(f"a page was refused while others idle:\n{out}")
    return float(n) * UNITS[unit]


def held(port):
    """Connections from several addresses: every other one begins a head and says no more."""
    all_of_them = []
    for i in range(IDLE):
        s = socket.socket()
        s.bind((SOURCES[i % len(SOURCES)], 0))
        s.connect(("127.0.0.1", port))
        if i // len(SOURCES) % 2:
            s.send(b"GET / HTTP/1.1\r\nHost: x\r\nA: ")
        all_of_them.append(s)
    return all_of_them


def still_open(connections):
    left = 0
    for s in connections:
        try:
            left += s.recv(4096, socket.MSG_DONTWAIT) != b""
        except BlockingIOError:
            left += 1
        except OSError:
            pass
    return left


def idle(nation):
    pid, url = nation.running[PROVINCE].pid, nation.url(PROVINCE)
    calm, before = p99(url), resident_kb(pid)
    connections = held(urllib.parse.urlsplit(url).port)
    began = time.monotonic()
    there = still_open(connections)
    each = (resident_kb(pid) - before) / max(there, 1)
    busy = p99(url)
    while still_open(connections) and time.monotonic() - began < 4 * DEADLINE:
        time.sleep(0.25)
    gone = time.monotonic() - began
    for s in connections:
        s.close()
    until = time.monotonic() + 20
    while resident_kb(pid) > before + GIVEN_BACK_KB / 2 and time.monotonic() < until:
        time.sleep(0.25)
    after = resident_kb(pid)
    return [say("C5 connections held at once", there, "", f">= {IDLE * 0.98}", IDLE,
                there >= IDLE * 0.98),
            say("C5 page while they idle, p99", busy, "ms", "<= 20", calm, busy <= 20),
            say("C5 memory of one", each, "KiB", "<= 32", 32, each <= 32),
            say("C5 resident after they left", after, "kB", f"<= reference + {GIVEN_BACK_KB}",
                before, after <= before + GIVEN_BACK_KB),
            say("C5 all are gone after", gone, "s", f"<= {DEADLINE + TICK}", DEADLINE,
                gone <= DEADLINE + TICK)]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--requests", type=int, default=1000000)
    requests = p.parse_args().requests
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    nation = Nation(program())
    try:
        nation.make()
        nation.start_all()
        good = idle(nation) + memory(nation, requests)
        nation.stop_all()
    finally:
        nation.remove()
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
