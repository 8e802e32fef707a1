#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sectors of attachments, papers, keys and settings flipped, cut off or emptied, one by one.

torn.py [--positions 120] [--settings 40] [--seed N]. A file that was touched is never given out:
who asks is refused, the rest goes on, and once the file is right again it is given out as before.
Keys and settings: the node refuses to start with one line in each language, or starts and nothing
is amiss. Databases and their logs: slow_db_crash, test_db_wal.
"""
import argparse
import random
import shutil

from judge import check, verdict
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


def settings(nation, dice, rounds):
    """Each of the files in turn, at a place of its own each time."""
    base, seen = nation.folder(PROVINCE), {"refused": 0, "taken": 0}
    names = [base / "node.json", base / "federation.json", *sorted((base / "keys").iterdir())]
    names = [f.relative_to(base) for f in names]
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
        check(code == 0 or len(said) == 2, f"{name} {what}: said {out}{err}")
        whole = what != "flipped" and name.suffix in (".key", ".json")
        check(not (whole and code == 0 and content != raw), f"{name} {what} was taken")
        seen["refused" if code else "taken"] += 1
        shutil.rmtree(folder)
    check(seen["refused"] >= rounds // 2, f"settings: {seen}")
    print(f"figure C8 settings={rounds} refused={seen['refused']} taken={seen['taken']}")


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--positions", type=int, default=120)
    a.add_argument("--settings", type=int, default=40)
    a.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
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
