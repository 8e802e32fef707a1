#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Audit records a second that `dinh verify` proves: the hash of each, the chain, the Merkle tree
over it. Seals and heads are not in it: some 60 us each, one in 10 s and one in 30 s of writing.

A new node's trail is grown by hand in its database, as docs/audit-format.md tells. What `dinh
verify` says of its own rate is taken, the best of three runs, since what else runs on the machine
only takes away. The reference is SHA-256 alone over the same bytes by this Python's hashlib. One
JSON object a line; ./dev bench withstand_trail.
"""
import contextlib
import hashlib
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent.parent / "build" / "dinh"
RECORDS, RUNS, BAR = 500_000, 3, 200_000
NAMES = "seq at_us actor account person unit role action kind object matter request detail".split()


def record(seq):
    return (seq, 1_600_000_000_000_000 + seq * 20_000, "official", "01M829SHMS1AA5W1BSZXWZEYB8",
            "", "H57.31.08", "commune_clerk", "casework.accept", "case",
            f"000.08.31.H57-201122-{seq % 10000:04d}", f"000.08.31.H57-201122-{seq % 10000:04d}",
            "01M829SHMS1AA5W1BSZXWZEYB9", '{"from":"filed","to":"processing","version":2}')


def canonical(values):
    lines = [b"dinh-audit-v1\n"]
    for name, value in zip(NAMES, values):
        raw = str(value).encode()
        lines.append(b"%s:%d:%s\n" % (name.encode(), len(raw), raw))
    return b"".join(lines)


def grow(path):
    """RECORDS records after those that stand; seconds that hashing them alone took."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        head = db.execute("SELECT seq, hash FROM core_audit ORDER BY seq DESC LIMIT 1").fetchone()
        seq, prev = head or (0, "0" * 64)
        rows, hashing = [], 0.0
        db.execute("BEGIN")
        for n in range(seq + 1, seq + RECORDS + 1):
            values = record(n)
            text = bytes.fromhex(prev) + canonical(values)
            begin = time.perf_counter()
            digest = hashlib.sha256(text).hexdigest()
            hashing += time.perf_counter() - begin
            rows.append((*values, prev, digest))
            prev = digest
            if len(rows) == 10_000:
                db.executemany(f"INSERT INTO core_audit VALUES ({', '.join('?' * 15)})", rows)
                rows = []
        db.executemany(f"INSERT INTO core_audit VALUES ({', '.join('?' * 15)})", rows)
        db.execute("COMMIT")
    return hashing


def verify(folder, rated=True):
    """Records a second; 0 of a trail that is too short to tell."""
    done = subprocess.run([PROGRAM, "verify", "--data", folder], capture_output=True, text=True,
                          check=False)
    rate = re.search(r"audit: (\d+) records a second", done.stdout)
    if done.returncode or (rated and not rate):
        raise SystemExit(f"verify did not call the trail sound:\n{done.stdout}{done.stderr}")
    return int(rate.group(1)) if rate else 0


def main():
    with tempfile.TemporaryDirectory(prefix="dinh-trail.") as folder:
        node = Path(folder) / "node"
        subprocess.run([PROGRAM, "init", "--data", node, "--name", "bench", "--agency", "H57"],
                       check=True, stdout=subprocess.DEVNULL)
        settings = node / "node.json"  # pages without sums: this bench writes rows past them
        settings.write_text(json.dumps({**json.loads(settings.read_text()), "demo": True}))
        verify(node, rated=False)
        hashing = grow(node / "dinh.db")
        best = max(verify(node) for _ in range(RUNS))
    reference = RECORDS / hashing
    print(json.dumps({"name": "withstand_trail", "value": best, "unit": "records/s",
                      "bar": BAR, "reference": round(reference),
                      "ratio": round(best / reference, 3), "pass": best >= BAR}), flush=True)
    return 0 if best >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
