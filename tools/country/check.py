#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks a country pack: each file against its schema (country/schema), then the rules that a
schema cannot say: references between files, dates, processes without dead ends.

    check.py [--node-modules DIR] [PACK]     PACK: country/vn beside tools/ when not given

Prints "file:line: place: reason" for each fault and exits 1 when there is one. Without
--node-modules the codes of administrative units are not looked up.
"""
import argparse
import sys
from pathlib import Path

import fmt
import gen_units
import located
import rules_calendar
import rules_catalogue
import rules_people
import rules_procedure
import rules_process
import rules_register
import rules_retention
import schema
from pack_view import View

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMAS = ROOT / "country" / "schema"
SCHEMA_OF = (("country.json", "country"), ("calendar/*.json", "calendar"), ("roles.json", "roles"),
             ("indicators.json", "indicators"), ("catalogues/agencies.json", "agencies"),
             ("catalogues/*.json", "catalogue"), ("registers/*.json", "register"),
             ("procedures/*.json", "procedure"), ("people/demo_people.json", "people"),
             ("people/demo_accounts.json", "accounts"), ("forms/*.json", "form"),
             ("demo/nation.json", "nation"),
             ("retention.json", "retention"))
NEEDED = ("country.json", "calendar/holidays.json", "roles.json", "indicators.json",
          "retention.json", "catalogues/agencies.json", "catalogues/dossier_status.json",
          *(f"forms/{n:02}.json" for n in range(1, 7)))
RULES = (rules_catalogue.check, rules_calendar.check, rules_register.check, rules_procedure.check,
         rules_process.check, rules_retention.check)


def _schema_of(name):
    return next((s for pattern, s in SCHEMA_OF if Path(name).match(pattern)), None)


def file_faults(doc, name, schemas):
    """Faults of one file by itself."""
    kind = _schema_of(name)
    if kind is None:
        return [doc.fault((), "no schema is known for a file of this name")]
    found = schemas.faults(doc, kind + ".schema.json")
    if fmt.document(doc.value) != doc.text:
        found.append(doc.fault((), f"not in canonical layout, run tools/country/fmt.py {doc.path}"))
    return found


def read(source, schemas):
    """(documents by name, faults): every file parsed and held against its schema."""
    documents, faults = {}, []
    for path in sorted(Path(source).rglob("*.json")):
        name = path.relative_to(source).as_posix()
        try:
            documents[name] = located.load(path)
        except located.Fault as e:
            faults.append(e)
            continue
        faults += file_faults(documents[name], name, schemas)
    for name in NEEDED:
        if not (Path(source) / name).exists():
            faults.append(located.Fault(Path(source) / name, 1, "the file is missing"))
    return documents, faults


def rule_faults(documents, units=None):
    """Faults between the files; each of them fits its schema."""
    view = View(documents, units)
    faults = [fault for rule in RULES for fault in rule(view)]
    faults = faults or rules_people.check(view)  # records rely on sound registers
    return sorted(faults, key=lambda f: (str(f.path), f.at))


def check_pack(source, units=None, schema_dir=None):
    """Faults of the pack below source; units are rows of gen_units.read or None."""
    documents, faults = read(source, schema.Schemas(schema_dir or SCHEMAS))
    return faults or rule_faults(documents, units)  # the rules rely on the shapes


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--node-modules", type=Path)
    parser.add_argument("pack", nargs="?", type=Path, default=ROOT / "country" / "vn")
    args = parser.parse_args(argv)
    try:
        units = gen_units.read(args.node_modules) if args.node_modules else None
    except gen_units.Fault as e:
        print(f"check: {e}", file=sys.stderr)
        return 1
    faults = check_pack(args.pack, units)
    for fault in faults:
        print(fault)
    if not faults:
        print(f"{args.pack}: sound, {len(list(args.pack.rglob('*.json')))} files")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
