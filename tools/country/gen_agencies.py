#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole agency catalogue: the hand-written rows of catalogues/agencies.json and, for the
province that its "generated" block names, a People's Committee for every district and commune.

    gen_agencies.py --node-modules DIR --agencies FILE --out FILE

Serials follow the order of the official unit codes: the first district of H57 is H57.31, its first
commune H57.31.01; the old form of that commune is 000.01.31.H57 (QCVN 102:2016).
"""
import argparse
import json
import sys
from pathlib import Path

import gen_units


def old_form(code):
    """QCVN 102:2016 form of a QĐ 20/2020 code of up to four levels."""
    head, *rest = code.split(".")
    level2, level3, level4 = (rest + ["00", "00", "000"][len(rest):])[:3]
    return f"{int(level4):03d}.{level3}.{level2}.{head}"


def _committee(code, parent, unit, rule):
    _, _, level, _, name, english = unit
    lower = name[0].lower() + name[1:]
    return {"code": code, "old_code": old_form(code), "parent": parent,
            "kind": "district" if level == 2 else "commune",
            "name": {"vi": "Ủy ban nhân dân " + lower, "en": "People's Committee of " + english},
            "province": rule["province"], "unit": unit[0], "valid_from": "2016-01-01",
            "valid_to": "2025-06-30", "confidence": "K-L", "source": rule["source"]}


def generate(units, rule):
    """The generated rows, districts each followed by their communes."""
    rows = []
    districts = [u for u in units if u[2] == 2 and u[1] == rule["province"]]
    for i, district in enumerate(districts, rule["district_first_serial"]):
        code = f"{rule['agency']}.{i:02d}"
        rows.append(_committee(code, rule["agency"], district, rule))
        communes = [u for u in units if u[2] == 3 and u[1] == district[0]]
        for j, commune in enumerate(communes, rule["commune_first_serial"]):
            rows.append(_committee(f"{code}.{j:02d}", code, commune, rule))
    return rows


def merge(catalogue, units):
    """catalogue with its generated rows added; every parent must be there, no code twice."""
    rows = catalogue["rows"] + generate(units, catalogue["generated"])
    codes = {r["code"] for r in rows}
    if len(codes) != len(rows):
        raise gen_units.Fault("agencies: a code occurs twice")
    for row in rows:
        if row["parent"] is not None and row["parent"] not in codes:
            raise gen_units.Fault(f"agencies: {row['code']}: parent {row['parent']} is missing")
    return {**catalogue, "rows": sorted(rows, key=lambda r: r["code"])}


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--node-modules", required=True)
    parser.add_argument("--agencies", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args(argv)
    try:
        units = gen_units.read(args.node_modules)
        merged = merge(json.loads(Path(args.agencies).read_text(encoding="utf-8")), units)
    except (gen_units.Fault, OSError, ValueError) as e:
        print(f"gen_agencies: {e}", file=sys.stderr)
        return 1
    Path(args.out).write_text(json.dumps(merged, ensure_ascii=False, separators=(",", ":")) + "\n",
                              encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
