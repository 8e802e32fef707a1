#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long a node is away whose disk was lost (C31): from `dinh restore` of a backup into an empty
folder until it serves again, as seconds for 10 GB; beside it what the backup took and what proving
the whole trail of the restored node takes.

The database is that of withstand_trail, grown until it has so many gigabytes. The reference is
copying the backup's files to the same disk and syncing them, in the same run.
withstand_restore.py [--gigabytes 1]. One JSON object a line; ./dev bench withstand_restore.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from withstand_trail import PROGRAM, grow, verify

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "test" / "stories"))

from nation import free_ports  # noqa: E402

PASSPHRASE, PATIENCE, BAR, PER = "một câu dài để thử\n", 600, 300, 10e9


def took(work):
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


def dinh(*args):
    done = subprocess.run([PROGRAM, *args], input=PASSPHRASE, capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise SystemExit(f"dinh {args[0]}: {done.stdout}{done.stderr}")


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as page:
            return page.status == 200
    except (urllib.error.URLError, OSError):
        return False


def serves_again(folder):
    """Started, until it says that it is well."""
    port = free_ports(2)
    settings = folder / "node.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "port": port,
                                    "exchange_port": port + 1, "url": f"http://127.0.0.1:{port}"}))
    with subprocess.Popen([PROGRAM, "serve", "--data", folder], stderr=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL) as node:
        until = time.monotonic() + PATIENCE
        while not answers(port):
            if node.poll() is not None or time.monotonic() > until:
                raise SystemExit("the restored node doesn't serve")
            time.sleep(0.02)
        node.terminate()


def copied(there, to):
    shutil.copytree(there, to)
    os.sync()


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--gigabytes", type=float, default=1.0)
    o = a.parse_args()
    with tempfile.TemporaryDirectory(prefix="dinh-restore.") as top:
        node, saved, back = Path(top) / "node", Path(top) / "saved", Path(top) / "back"
        dinh("init", "--data", node, "--name", "bench", "--agency", "H57")
        settings = node / "node.json"  # pages without sums: rows are written past the node
        settings.write_text(json.dumps({**json.loads(settings.read_text()), "demo": True}))
        verify(node, rated=False)
        while (node / "dinh.db").stat().st_size < o.gigabytes * 1e9:
            grow(node / "dinh.db")
        size = (node / "dinh.db").stat().st_size
        saving = took(lambda: dinh("backup", "--data", node, "--to", saved))
        shutil.rmtree(node)
        copying = took(lambda: copied(saved, Path(top) / "copy"))
        restoring = took(lambda: dinh("restore", "--from", saved, "--data", back))
        starting = took(lambda: serves_again(back))
        proving = took(lambda: verify(back, rated=False))
    away = (restoring + starting) * PER / size
    reference = copying * PER / size
    for name, value, bar in (("withstand_restore", away, BAR),
                             ("withstand_restore_backup", saving * PER / size, None),
                             ("withstand_restore_proof", proving * PER / size, None)):
        print(json.dumps({"name": name, "value": round(value, 1), "unit": "s for 10 GB",
                          "bar": bar, "measured_bytes": size, "reference": round(reference, 1),
                          "ratio": round(value / reference, 2),
                          "pass": bar is None or value <= bar}), flush=True)
    return 0 if away <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
