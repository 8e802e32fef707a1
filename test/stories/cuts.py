#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The power goes at each change that `init`, `backup`, `restore`, `keys protect` (keys in clear
sealed; another secret), `keys change`, `keys rotate` and `keys retire` make to the disk, and right
after they said done. What was said done is there, whole; what wasn't can be done again; nothing in
between is taken for a node. test/harness/cut.h is the disk. The last three are killed at any
instant as well; after each cut of the last the node, a ward where a mother has filed, serves: its
clerk signs in and reads what the two wrote, names, reason and photo.

cuts.py [--every 8] [--seeds 1] [--kills 5] [--seed N]. Controls: a disk that forgets the syncs of
files or of folders loses what was said done.
"""
import argparse
import contextlib
import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from browser import Unanswered
from judge import any_seed, check, verdict
from nation import NATIONAL, PROVINCE, ROOT, Nation, free_ports, program, run
from tales import MOTHERS, Book, Family

CUT = str(ROOT / "build" / "test" / "cut_dinh")
CUT_STATUS = 88
PATIENCE, SETTLED = 60, "nothing is left to seal anew under root key"
SERVES = " serves http"
PASSPHRASE = "mật khẩu sao lưu dài\n"
ATTACHMENTS = 4
CONTROL_LOSES, CONTROL_TRIES = 2, 40
CLERK, NAMED, REASON = "canbo.motcua", "Phan Thị Thu Hà", "Ảnh giấy chứng sinh bị mờ."
KEYS = {"ca.crt", "ca.key", "root.key", "sign.crt", "sign.key", "tls.crt", "tls.key"}


class Reader(Family):
    patience = 20


class Desk:
    """A folder to work in: a node, its backup, and what became of them."""

    def __init__(self, dice):
        self.top, self.dice = Path(tempfile.mkdtemp(prefix="dinh-cuts.")), dice
        self.exe, self.port, self.tale, self.read = program(), 0, None, 0

    def remove(self):
        shutil.rmtree(self.top, ignore_errors=True)

    def cut(self, command, at=None, lie="honest"):
        """The command's exit code; at: the change at which the power goes, 0 once it's done."""
        seed = self.dice.getrandbits(60) | 1
        env = {} if at is None else {"DINH_CUT": f"{at}:{seed}:{lie}"}
        code, out, err = run(CUT, *command, stdin=PASSPHRASE, env=env)
        return code, out + err

    def changes(self, command):
        code, said = self.cut(command)
        check(code == 0, f"{command[0]}: {said}")
        return int(said.split("changes ")[1])

    def init(self, to):
        return ("init", "--data", to, "--name", "x", "--agency", "H57", "--port", "1",
                "--exchange-port", "2")

    def backup(self, to):
        return ("backup", "--data", self.top / "node", "--to", to)

    def restore(self, to, what="saved"):
        return ("restore", "--from", self.top / what, "--data", to)

    def seal(self, to, what="node"):
        """A folder whose keys lie in clear."""
        if not to.exists():
            shutil.copytree(self.top / what, to)
        return ("keys", "protect", "--data", to, "--new-secret", self.top / "one",
                *self.key_secret(to, "one"))

    def change(self, to):
        """A sealed one, under another secret."""
        if not to.exists():
            shutil.copytree(self.top / "sealed", to)
        now = "one" if self.verified(to, "one") else "two"
        return ("keys", "protect", "--data", to, "--new-secret", self.top / "two",
                *self.key_secret(to, now))

    def next(self, to):
        """A sealed one with keys that wait, and their certificates by its own authority."""
        shutil.copytree(self.top / "sealed", to)
        return ("keys", "next", "--data", to, "--to", self.top / "asked",
                *self.key_secret(to, "one"))

    def take_next(self, to):
        """They take the place of those it signs with."""
        if not to.exists():
            shutil.copytree(self.top / "waiting", to)
        return ("keys", "change", "--data", to, *self.key_secret(to, "one"))

    def rotate(self, to):
        """A new root key beside the old one."""
        if not to.exists():
            shutil.copytree(self.top / "sealed", to)
        return ("keys", "rotate", "--data", to, *self.key_secret(to, "one"))

    def retire(self, to):
        """The old one of two root keys goes."""
        if not to.exists():
            shutil.copytree(self.top / "rotated", to)
        return ("keys", "retire", "--data", to, *self.key_secret(to, "one"))

    def live(self, to):
        """A ward where a mother has filed and a clerk has asked for more; its keys lie in clear."""
        nation = Nation(self.exe)
        try:
            nation.make()
            nation.start_all()
            self.tale = Family(nation, Book(), MOTHERS[0], 1)
            self.tale.filing()
            self.tale.act(CLERK, "request_supplement", REASON)
            nation.stop_all()
            shutil.copytree(nation.folder(PROVINCE), to)
        finally:
            nation.remove()

    @contextlib.contextmanager
    def serving(self, folder, said):
        """Until it has said so, and then for what is asked of it."""
        settings, log, port = folder / "node.json", self.top / "log", free_ports(2)
        told = {**json.loads(settings.read_text()), "port": port, "exchange_port": port + 1}
        settings.write_text(json.dumps({**told, "url": self.url("", port=port)}))
        with open(log, "wb") as out, subprocess.Popen(
                [self.exe, "serve", "--data", folder, *self.key_secret(folder, "one")],
                stdout=out, stderr=out) as node:
            until = time.monotonic() + PATIENCE
            while said not in log.read_text() and node.poll() is None and \
                    time.monotonic() < until:
                time.sleep(0.01)
            self.port = port
            yield said in log.read_text()
            node.terminate()

    def settle(self, folder):
        """It runs until all it holds is sealed under the newest root key."""
        with self.serving(folder, SETTLED) as settled:
            check(settled, f"it isn't sealed anew: {(self.top / 'log').read_text()[-900:]}")

    def url(self, _name, path="", port=0):
        return f"http://127.0.0.1:{port or self.port}{path}"

    def reads(self, folder):
        """What was written before is what the clerk reads now."""
        lost = ["all"]
        with self.serving(folder, SERVES) as serves:
            clerk = Reader(self, self.tale.book, MOTHERS[0], 1)
            clerk.code = self.tale.code
            with contextlib.suppress(Unanswered):
                page = clerk.opens_photo() and clerk.official(CLERK)
                lost = [x for x in (self.tale.child, NAMED, REASON) if not page.sees(x)]
        self.read += serves and not lost
        return serves and not lost

    def roots(self, folder):
        """What `dinh diagnose` says of the root keys that open."""
        told = run(self.exe, "diagnose", "--json", "--data", folder,
                   *self.key_secret(folder, "one"))[1]
        return next((f["fact"] for f in json.loads(told)["findings"] if f["code"] == "root_key"),
                    "?")

    def key_secret(self, folder, name):
        there = (folder / "keys/keystore").exists()
        return ("--key-secret", self.top / name) if there else ()

    def verified(self, folder, secret="one"):
        return run(self.exe, "verify", "--data", folder, *self.key_secret(folder, secret))[0] == 0

    def guard(self, folder):
        return run(self.exe, "keys", "list", "--data", folder)[1].split()[-1]


def digest(p):
    """Of its content; the subjects' keys are sealed anew by whoever writes them."""
    raw = p.read_bytes()
    return len(raw) if p.name == "subjects.key" else hashlib.sha256(raw).hexdigest()


def tree(folder):
    """{name: digest} of what a backup holds."""
    return {str(p.relative_to(folder)): digest(p) for p in sorted(folder.rglob("*"))
            if p.is_file() and p.parent.name != "spool" and p.name != "lock"
            and not p.name.startswith(("dinh.db", "backup.tmp", "begun", "last-backup"))
            and p.suffix != ".accepted"}


def whole_init(d, to):
    keys = {p.name for p in (to / "keys").glob("*") if p.stat().st_size and ".new-" not in p.name}
    return keys == KEYS and d.verified(to)


def whole_restore(d, to):
    return tree(to) == tree(d.top / "node") and d.verified(to)


def whole_backup(d, to):
    again = d.top / "proof"
    code, _ = d.cut(d.restore(again, to.relative_to(d.top)))
    good = code == 0 and whole_restore(d, again)
    shutil.rmtree(again, ignore_errors=True)
    return good


def again_init(d, to):
    """Half-made: made anew in the same place, or (it has its name already) it is a whole one."""
    if (to / "node.json").exists():
        return whole_init(d, to)
    return d.cut(d.init(to))[0] == 0 and whole_init(d, to)


def again_restore(d, to):
    if (to / "node.json").exists():
        return whole_restore(d, to)
    return d.cut(d.restore(to))[0] == 0 and whole_restore(d, to)


def again_backup(d, to):
    """A torn backup is refused; it is made anew elsewhere."""
    if whole_backup(d, to):
        return True
    return not (d.top / "proof").exists()


def whole_seal(d, to):
    return d.guard(to) == "secret" and d.verified(to, "one")


def whole_change(d, to):
    return d.guard(to) == "secret" and d.verified(to, "two") and not d.verified(to, "one")


def again_seal(d, to):
    """What the power left opens; the rest is sealed by the same words."""
    return d.verified(to, "one") and d.cut(d.seal(to))[0] == 0 and whole_seal(d, to)


def again_change(d, to):
    """Either secret, never neither."""
    if d.verified(to, "one") == d.verified(to, "two"):
        return False
    return d.cut(d.change(to))[0] == 0 and whole_change(d, to)


def told(file):
    """What it tells; None: it isn't there, or is torn."""
    with contextlib.suppress(OSError, ValueError):
        return json.loads(file.read_text()) if file.suffix == ".json" else file.read_text()
    return None


def whole_next(d, to):
    """It signs with what waited, nothing waits any more, it tells what it signed with before."""
    keys, there = to / "keys", d.top / "waiting/keys"
    before = [k["sign_cert"] for k in (told(keys / "before.json") or {"before": []})["before"]]
    return all(told(keys / f"{n}.crt") == told(there / f"{n}.next.crt") for n in ("sign", "tls")) \
        and not list(keys.glob("*.next.*")) and before == [told(there / "sign.crt")] \
        and d.verified(to)


def again_next(d, to):
    """As it was, or told to be half way; the same words end it."""
    code, out, err = run(d.exe, "verify", "--data", to, *d.key_secret(to, "one"))
    if code and "ERR_KEY_CHANGE" not in err:
        return False
    return whole_next(d, to) or d.cut(d.take_next(to))[0] == 0 and whole_next(d, to)


def whole_rotate(d, to):
    """Another file, which opens the database with all it knows of root keys."""
    there = (to / "keys/root.key").read_bytes()
    return there != (d.top / "sealed/keys/root.key").read_bytes() and d.verified(to, "one")


def again_rotate(d, to):
    """The old root key or both, never neither."""
    return d.verified(to, "one") and d.cut(d.rotate(to))[0] == 0 and whole_rotate(d, to)


def whole_retire(d, to):
    """One root key opens all, what it knows of others is their marks; no file of before is left."""
    return d.verified(to) and d.roots(to) == "2" and \
        not list((to / "keys").glob("root.key.*")) and d.reads(to)


def again_retire(d, to):
    """Both root keys or the newest alone; the old one goes by the same words."""
    return d.verified(to) and d.cut(d.retire(to))[0] == 0 and whole_retire(d, to)


def killed(d, name, command, again, o):
    """Killed at any instant of its run: how often it was, and what wasn't well then."""
    to, done, lost = d.top / "killed", 0, 0
    args = [d.exe, *command(to)]
    begun = time.monotonic()
    check(run(*args)[0] == 0, f"{name}: it isn't done")
    took = time.monotonic() - begun
    for _ in range(o.kills):
        shutil.rmtree(to)
        command(to)
        with subprocess.Popen([str(a) for a in args], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as p:
            time.sleep(d.dice.random() * took)
            p.kill()
        done += p.returncode != 0
        good = again(d, to)
        lost += not good
        check(good, f"{name} killed: {sorted(x.name for x in to.rglob('*'))}")
    shutil.rmtree(to)
    print(f"{name}: killed {done} times of {o.kills}", flush=True)
    return done, lost


def sweep(d, name, command, whole, again, o):
    """Cut at each change, then right after it was done."""
    to = d.top / "sweep"
    n, cuts, done, lost = d.changes(command(to)), 0, 0, 0
    shutil.rmtree(to)
    every = max(1, min(o.every, n // 4))
    places = [at for at in range(d.dice.randint(1, every), n + 1, every) for _ in range(o.seeds)]
    for at in places + [0] * max(4, len(places) // 4):
        code, said = d.cut(command(to), at)
        check(code == CUT_STATUS, f"{name} cut at {at}: exit {code}: {said}")
        cuts += 1
        done += at == 0
        good = whole(d, to) if at == 0 else again(d, to)
        lost += not good
        check(good, f"{name} cut at {at} of {n}: {said[-300:]} "
              f"{sorted(p.name[:8] for p in to.rglob('*'))}")
        shutil.rmtree(to, ignore_errors=True)
    check(cuts >= 8, f"{name}: {cuts} cuts prove nothing")
    print(f"{name}: {n} changes, {cuts} cuts, {done} of them after it was done", flush=True)
    return cuts, done, lost


def unread(d):
    """The control: one field that doesn't open, which `dinh verify` needn't notice, is missed."""
    to = d.top / "unread"
    shutil.copytree(d.top / "rotated", to)
    with contextlib.closing(sqlite3.connect(to / "dinh.db")) as db, db:
        rows = db.execute("SELECT id, reason FROM casework_event WHERE length(reason) > 20")
        for key, value in rows.fetchall():
            db.execute("UPDATE casework_event SET reason = ? WHERE id = ?",
                       (value[:-1] + bytes([value[-1] ^ 1]), key))
    seen = not d.reads(to)
    check(seen and d.reads(d.top / "rotated"), "control: a field that doesn't open was read")
    print(f"control, a field that doesn't open: {int(seen)} of 1 missed", flush=True)


def control(d, name, command, whole, lie):
    """Loses on a disk that lies, as often as asked for; by luck some cuts find all written."""
    to, lost, tries = d.top / "lies" / name, 0, 0  # a backup's subjects' keys lie in its parent
    while lost < CONTROL_LOSES and tries < CONTROL_TRIES:
        tries += 1
        to.parent.mkdir()
        code, said = d.cut(command(to), 0, lie)
        check(code == CUT_STATUS, f"control: exit {code}: {said}")
        lost += not whole(d, to)
        shutil.rmtree(to.parent)
    check(lost == CONTROL_LOSES, f"control: {name} on a disk that {lie} lost {lost} of {tries}")
    return lost


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--every", type=int, default=8)
    a.add_argument("--seeds", type=int, default=1)
    a.add_argument("--kills", type=int, default=5)
    a.add_argument("--seed", type=int, default=any_seed())
    o = a.parse_args()
    print(f"seed {o.seed}", flush=True)
    d = Desk(random.Random(o.seed))
    try:
        node = d.top / "node"
        d.changes(d.init(node))
        check(d.verified(node), "verify of a new node")
        for i in range(ATTACHMENTS):
            content = hashlib.sha256(bytes([i])).digest() * (i * 37)
            name = hashlib.sha256(content).hexdigest()
            (node / "files" / name[:2]).mkdir(exist_ok=True)
            (node / "files" / name[:2] / name).write_bytes(content)
        d.changes(d.backup(d.top / "saved"))
        for name in ("one", "two"):
            d.changes(("keys", "secret", "--to", d.top / name))
        d.changes(d.seal(d.top / "sealed"))
        d.changes(d.next(d.top / "waiting"))
        d.live(d.top / "lived")
        d.changes(d.seal(d.top / "rotated", "lived"))
        d.changes(d.rotate(d.top / "rotated"))
        d.settle(d.top / "rotated")
        jobs = (("init", d.init, whole_init, again_init),
                ("backup", d.backup, whole_backup, again_backup),
                ("restore", d.restore, whole_restore, again_restore),
                ("seal", d.seal, whole_seal, again_seal),
                ("change", d.change, whole_change, again_change),
                ("keys change", d.take_next, whole_next, again_next),
                ("rotate", d.rotate, whole_rotate, again_rotate),
                ("retire", d.retire, whole_retire, again_retire))
        unread(d)
        counts = [sweep(d, *job, o) for job in jobs]
        lost = sum(control(d, name, command, whole, lie) for name, command, whole, _ in jobs
                   for lie in ("lies-files", "lies-folders"))
        kills = [killed(d, name, command, again, o) for name, command, _, again in jobs[-3:]]
        cuts, done, gone = (sum(c) for c in zip(*counts))
        print(f"figure C7 command_cuts={cuts} after_done={done} lost={gone} control_lost={lost} "
              f"kills={sum(k[0] for k in kills)} lost_by_kills={sum(k[1] for k in kills)} "
              f"read_back={d.read}")
    finally:
        d.remove()
    verdict()


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
