#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`dinh demo` as somebody meets it who stops it at the wrong moment, starts it twice, gives it
ports that others have: it tells of its own nation only, and no folder is spoilt for ever.
"""
import contextlib
import json
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from judge import any_seed, check, verdict
from nation import NODES, free_ports, program, run


def demo(folder, port=None, *more, env=None):
    ports = ["--port", port] if port else []
    return run(program(), "demo", "--data", folder, *ports, *more, env=env)


def told(what, done, name, *words):
    code, out, err = done
    said = [x for x in err.splitlines() if x.startswith(name + ": ")]
    check(code == 1 and len(said) == 2 and said[0] != said[1], f"{what}: exit {code}: {out}{err}")
    for line in said:
        for word in words:
            check(str(word) in line, f"{what}: {word} isn't named: {line}")


@contextlib.contextmanager
def taken(port, address="127.0.0.1"):
    """Somebody else's server, which says 200 to whoever asks."""
    with contextlib.closing(socket.socket()) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((address, port))
        s.listen()
        yield


def ports_of_others(top):
    port = free_ports()
    for k in range(6):
        with taken(port + k, "0.0.0.0" if k == 1 else "127.0.0.1"):
            told(f"port {k} of six taken", demo(top / "busy", port, "--story", "refused"),
                 "ERR_NET_LISTEN", port + k)
    check(not any((top / "busy" / name).exists() for name in NODES), "made though refused")


def stopped(folder, port, when, number):
    """A set-up that gets this signal once when() holds; one that was whole before is removed."""
    p = subprocess.Popen([program(), "demo", "--data", folder, "--port", str(port), "--story",
                          "refused"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not when() and p.poll() is None:
        time.sleep(0.001)
    p.send_signal(number)
    p.wait(60)
    if (folder / "seeded").exists():
        remove(folder)


def stopped_while_made(top, dice):
    """At any moment of the set-up: the next start makes it whole."""
    folder, port = top / "stopped", free_ports()
    half = folder / "making/h57/node.json"
    for k, after in enumerate((0.02, 0.1, 0.25, 0.4, 0.6, 0.8)):
        until = time.monotonic() + after * dice.uniform(0.7, 1.3)
        stopped(folder, port, lambda until=until: time.monotonic() > until,
                signal.SIGKILL if k % 2 else signal.SIGINT)
    for _ in range(20):
        stopped(folder, port, half.exists, signal.SIGKILL)
        if half.exists():
            break
    # as an older program left it: nodes in their places, but no mark
    shutil.copytree(folder / "making", folder, dirs_exist_ok=True)
    wait_until_free(port)
    code, out, err = demo(folder, port, "--story", "refused")
    check(code == 0, f"after being stopped while it was made: exit {code}: {out}{err}")
    check(not (folder / "making").exists(), "what was half made is still there")
    return folder, port


def remove(folder):
    """Its nodes end a moment after the program that started them and still close their files."""
    for _ in range(200):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)
    raise SystemExit(f"{folder} can't be removed")


def wait_until_free(port):
    """All six: a node closes its pages before its exchange."""
    for k in range(6):
        for _ in range(200):
            with contextlib.suppress(OSError), taken(port + k):
                break
            time.sleep(0.05)


def somebodys_folder(top):
    mine = top / "mine" / "h57"
    mine.mkdir(parents=True)
    (mine / "letter").write_text("keep me")
    told("a folder of somebody's", demo(top / "mine", free_ports()), "ERR_NOT_EMPTY", mine)
    check((mine / "letter").read_text() == "keep me", "somebody's letter is gone")


def whole_folder(folder, port):
    """One nation, one port, one program at a time; a node that can't start is told at once."""
    told("another port", demo(folder, port + 6), "ERR_NATION_PORT", folder, f"--port {port}")
    p = subprocess.Popen([program(), "demo", "--data", folder], stdout=subprocess.PIPE, text=True)
    try:
        check("8801" not in p.stdout.readline() + p.stdout.readline() + p.stdout.readline(),
              "without --port a nation keeps its own")
        told("twice at once", demo(folder, port), "ERR_NODE_RUNNING", folder)
        told("another on its ports", demo(folder.with_name("other"), port), "ERR_NET_LISTEN", port)
    finally:
        p.terminate()
        p.communicate()
    check(p.returncode == 0, f"an orderly end: {p.returncode}")
    node = folder / "h57" / "node.json"
    good = node.read_text()
    node.write_text(json.dumps({**json.loads(good), "agency": "ZZ9"}))
    began = time.monotonic()
    told("a node that can't start", demo(folder, port), "ERR_NODE_START", folder / "h57/serve.log",
         port + 1)
    check(time.monotonic() - began < 20, "told late")
    node.write_text(good)
    code, out, err = demo(folder, port, "--story", "refused")
    check(code == 0, f"mended: exit {code}: {out}{err}")


def born_twice(folder, port):
    """The next play has the next child; the trails are proved at its end."""
    for _ in range(2):
        code, out, err = demo(folder, port, "--story", "birth")
        check(code == 0, f"birth: exit {code}: {out}{err}")
        check(all(re.search(rf"^{node}: audit records [1-9]", out, re.M) for node in NODES),
              f"birth: the trails aren't proved: {out}")
    with contextlib.closing(sqlite3.connect(folder / "h57" / "dinh.db")) as db, db:
        db.execute("UPDATE core_audit SET detail = detail || ' ' WHERE seq = 3")
    code, out, err = demo(folder, port, "--story", "refused")
    check(code == 1 and "verify" in err and "h57" in err,
          f"a changed trail: exit {code}: {out}{err}")


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else any_seed()
    print(f"seed {seed}", flush=True)
    top = Path(tempfile.mkdtemp(prefix="dinh-demo."))
    try:
        ports_of_others(top)
        somebodys_folder(top)
        made = stopped_while_made(top, random.Random(seed))
        whole_folder(*made)
        born_twice(*made)
    finally:
        shutil.rmtree(top, ignore_errors=True)
    verdict()


if __name__ == "__main__":
    main()
