#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold schema/kept.txt against the statements of the sources.

A table named there is updated in exactly the columns its row names and deleted from only when it is
thinned; a table that no statement updates or deletes from must be named: it is a log, and the role
that serves gets no right it needn't have (src/db/kept.h).
"""
import re
import sys
from pathlib import Path

import gen_assets
import sources

LITERALS = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\s*"((?:[^"\\]|\\.)*)")*')
PIECE = re.compile(r'"((?:[^"\\]|\\.)*)"')
SET = re.compile(r"\b(?:UPDATE (?P<t>\w+)(?: AS \w+)? SET|INSERT INTO (?P<u>\w+)\b.*?DO UPDATE SET)"
                 r" (?P<set>.*?)(?: WHERE | RETURNING |$)")
RESEALED = re.compile(  # core/reseal.h
    r'\bRESEAL_COLUMN\(\w+,\s*"(\w+)",\s*"\w+",\s*"\w+",\s*"(\w+)"')
DELETE = re.compile(r"\bDELETE FROM (\w+)")


def statements(text):
    """Each string of a C source, its pieces joined."""
    for found in LITERALS.finditer(text):
        yield " ".join("".join(PIECE.findall(found[0])).split())


def columns_of(assignments):
    """Of "a = CASE WHEN f(b, c) THEN d ELSE e END, f = g" the columns a and f."""
    depth, parts = 0, [""]
    for word in re.findall(r"\bCASE\b|\bEND\b|[(),]|[^(),\s]+|\s+", assignments):
        depth += (word in ("CASE", "(")) - (word in ("END", ")"))
        if word == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += word
    return {p.split("=")[0].strip() for p in parts}


def used(root):
    """{table: ({columns updated}, deleted from?)} by the program's statements."""
    updated, deleted = {}, set()
    for path in sources.listing("c", root):
        text = path.read_text(encoding="utf-8")
        for table, column in RESEALED.findall(text):
            updated.setdefault(table, set()).add(column)
        for sql in statements(text):
            for m in SET.finditer(sql):
                updated.setdefault(m["t"] or m["u"], set()).update(columns_of(m["set"]))
            deleted.update(DELETE.findall(sql))
    return updated, deleted


def tables(root):
    made = set()
    for path in sources.listing("schema", root):
        made.update(re.findall(r"CREATE TABLE (\w+)", path.read_text(encoding="utf-8")))
    return made


def faults(root):
    updated, deleted = used(root)
    made, named = tables(root), {}
    for table, columns, thinned, path in gen_assets.kept_rows(root):
        named[table] = True
        if table.endswith("*"): # made from definitions, by statements made at run time
            continue
        where = path.relative_to(root)
        if table not in made:
            yield f"{where}: {table}: there is no such table"
        for column in sorted(updated.get(table, set()) ^ set(columns)):
            yield (f"{where}: {table}: a statement updates {column}" if column not in columns
                   else f"{where}: {table}: no statement updates {column}")
        if (table in deleted) != thinned:
            yield f"{where}: {table}: " + ("no statement thins it" if thinned
                                           else "a statement deletes from it")
    for table in sorted(made - set(named) - set(updated) - deleted):
        yield f"{table}: nothing updates it or deletes from it: its schema/kept.txt must name it"


def main(argv):
    root = Path(argv[0]) if argv else sources.ROOT
    found = list(faults(root))
    for fault in found:
        print(f"error: {fault}")
    print(f"kept tables: {sum(1 for _ in gen_assets.kept_rows(root))}, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
