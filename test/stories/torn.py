#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sectors of attachments, papers, keys and settings flipped, cut off or emptied, one by one.

torn.py [--positions 120] [--settings 40] [--seed N]. A file that was touched is never given out:
who asks is refused, the rest goes on, and once the file is right again it is given out as before.
Keys and settings: the node refuses to start with one line in each language, or starts and nothing
is amiss; settings that still read and say something else are told, by their names, and first of all
when nothing can be proved by them any more (a peer's name or key).
Databases and their logs: slow_db_crash, test_db_wal.
"""
import argparse
import json
import random
import re
import shutil
from pathlib import Path

from judge import any_seed, check, verdict
from nation import PROVINCE, Nation, program, run
from tales import MOTHERS, Book, Family

SECTOR = 512
PAPERS = ("receipt", "birth_certificate", "health_card")


def harms(raw, at, dice):
    """The sector at `at` of raw: one bit flipped, emptied, or the end cut off there."""
    n = min(SECTOR, len(raw) - at)
    bit = at + dice.randrange(n)
    flipped = raw[:bit] + bytes([raw[bit] ^ 1 << dice.randrange(8)]) + raw[bit + 1:]
    emptied = raw[:at] + bytes(n) + raw[at + n:]
    return {"flipped": flipped, "emptied": emptied, "cut": raw[:at]}


class Reader:
    """An official who opens the dossier's files."""

    def __init__(self, family):
        self.family, self.b = family, family.official("canbo.motcua")
        self.b.patience = 0

    def paths(self):
        at = f"/mot-cua/{self.family.code}"
        return [f"{at}/giay/{kind}" for kind in PAPERS] + [f"{at}/tep/birth_notice_file"]

    def read(self, path):
        self.b.get(self.family.n.url(PROVINCE, path))
        return self.b.status, self.b.raw


def files_of(nation):
    """Those that the dossier's addresses lead to are found by harming each once."""
    return sorted(p for p in (nation.folder(PROVINCE) / "files").rglob("*") if p.is_file())


def owners(reader, files, truth):
    """{file: the address that it is given out under}"""
    found = {}
    for f in files:
        raw = f.read_bytes()
        f.write_bytes(raw[:-1])
        lost = [path for path in truth if reader.read(path)[0] != 200]
        f.write_bytes(raw)
        if lost:
            check(len(lost) == 1, f"{f.name[:12]} is behind {lost}")
            found[f] = lost[0]
    return found


def attachments(nation, reader, dice, positions):
    truth = {path: reader.read(path) for path in reader.paths()}
    truth = {path: raw for path, (status, raw) in truth.items() if status == 200}
    found = owners(reader, files_of(nation), truth)
    check(len(found) >= 3, f"{len(found)} files of {len(truth)} addresses: too few")
    sectors = [(f, at) for f in found for at in range(0, f.stat().st_size, SECTOR)]
    dice.shuffle(sectors)
    tried, refused = 0, 0
    for f, at in (sectors * (positions // len(sectors) + 1))[:positions]:
        raw, path = f.read_bytes(), found[f]
        what, content = dice.choice(sorted(harms(raw, at, dice).items()))
        f.write_bytes(content)
        status, body = reader.read(path)
        tried += 1
        refused += status >= 500
        check(status >= 500 and truth[path] not in body,
              f"{path}, byte {at} {what}: {status}, {len(body)} bytes given out")
        f.write_bytes(raw)
        if tried % 16 == 0:
            check(reader.read(path) == (200, truth[path]), f"{path} whole again")
    check(nation.running[PROVINCE].poll() is None, "the node ended")
    print(f"figure C8 file_sectors={tried} refused={refused} wrong={tried - refused}", flush=True)


def says(raw):
    """What a settings' file says; None: nothing that reads."""
    try:
        return json.loads(raw)
    except ValueError:
        return None


def told_otherwise(nation, folder, name, raw, content):
    """Whether it says something else now, which must be told then, and then only."""
    code, out, err = run(nation.exe, "settings", "--data", folder, env={"LANG": "en"})
    other = says(raw) != says(content)
    check(code == other, f"{name}: settings: exit {code}: {out}{err}")
    now, then = says(content), says(raw)
    names = [k for k in {*now, *then} if now.get(k) != then.get(k)] if now and other else []
    names = [k if re.fullmatch("[a-z_$]+", k) else "?" for k in names]
    check(all(f" {k}" in out for k in (f"{name}:", *names) if other),
          f"{name}: {names} differ: {out}{err}")
    return other


def accepted(nation, folder, name):
    """A change made by hand is accepted by one word, and then it is what is held against."""
    run(nation.exe, "settings", "accept", "--data", folder)
    code, out, err = run(nation.exe, "settings", "--data", folder)
    check(code == 0, f"{name}: accepted, and told all the same: {out}{err}")


def settings(nation, dice, rounds):
    """Each of the files in turn, at a place of its own each time."""
    base, seen = nation.folder(PROVINCE), {"refused": 0, "taken": 0, "told": 0}
    names = [base / "node.json", base / "federation.json", *sorted((base / "keys").iterdir())]
    names = [f.relative_to(base) for f in names] + [Path(f"{n.name}.accepted") for n in names[:2]]
    for i in range(rounds):
        folder, name = nation.top / "copy", names[i % len(names)]
        shutil.copytree(base, folder)
        raw = (folder / name).read_bytes()
        what, content = dice.choice(sorted(
            harms(raw, dice.randrange(0, len(raw), SECTOR), dice).items()))
        (folder / name).write_bytes(content)
        code, out, err = run(nation.exe, "verify", "--data", folder, timeout=60)
        said = [x for x in (out + err).splitlines() if x.startswith("ERR_")]
        check(code in (0, 1), f"{name} {what}: exit {code}: {err[-600:]}")
        unproved = code == 1 and name.suffix == ".json" and f" {name}: " in out
        check(code == 0 or len(said) == 2 or unproved, f"{name} {what}: said {out}{err}")
        if name.suffix == ".json":
            told = told_otherwise(nation, folder, name, raw, content)
            seen["told"] += told and code == 0
            if told and code == 0:
                accepted(nation, folder, name)
        elif name.suffix == ".accepted":
            check(code == 0, f"{name} {what}: a copy beside refuses a start: {out}{err}")
        whole = what != "flipped" and name.suffix in (".key", ".json")
        check(not (whole and code == 0 and content != raw), f"{name} {what} was taken")
        seen["refused" if code else "taken"] += 1
        shutil.rmtree(folder)
    check(seen["refused"] >= rounds // 3, f"settings: {seen}")
    print(f"figure C8 settings={rounds} refused={seen['refused']} taken={seen['taken']} "
          f"told_otherwise={seen['told']}")
    hand(nation)


def hand(nation):
    """A file that reads and says something else. Told in the log of a start,
    by diagnose with the setting's name, not refused; accepted, it isn't told any more."""
    folder = nation.folder(PROVINCE)
    node = json.loads((folder / "node.json").read_text())
    node["second_factor"] = not node.get("second_factor", False)
    (folder / "node.json").write_text(json.dumps(node))
    nation.start(PROVINCE)
    nation.wait_ready(PROVINCE)
    check("differ from those accepted (node.json: second_factor)" in nation.log(PROVINCE, 99),
          f"not told at the start: {nation.log(PROVINCE, 99)}")
    nation.stop(PROVINCE)
    for state in ("look", "ok"):
        out = run(nation.exe, "diagnose", "--data", folder, "--json")[1]
        rows = {r["code"]: r for r in json.loads(out)["findings"]}
        check(rows["settings"]["state"] == state, f"diagnose: {rows['settings']}")
        accepted(nation, folder, "node.json")
    print("settings that still read and say something else are told, and accepted by one word")


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--positions", type=int, default=120)
    a.add_argument("--settings", type=int, default=40)
    a.add_argument("--seed", type=int, default=any_seed())
    o = a.parse_args()
    print(f"seed {o.seed}", flush=True)
    dice, nation = random.Random(o.seed), Nation(program())
    try:
        nation.make()
        nation.start_all()
        family = Family(nation, Book(), MOTHERS[0], 1)
        family.birth()
        attachments(nation, Reader(family), dice, o.positions)
        nation.stop_all()
        settings(nation, dice, o.settings)
    finally:
        nation.remove()
    verdict()


if __name__ == "__main__":
    main()
