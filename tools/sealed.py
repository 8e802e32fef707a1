#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the schema calls personal or secret lies sealed.

Every column's comment in src/**/schema/*.sql ends in plain, personal or secret. flagged() reads
them; unsealed(database) gives each column of an SQLite database that holds something else than
sealed bytes where it may not: column flags, sealed columns of registers, reasons of their versions.
Run by itself it holds that every column says what it is and that what is exempt exists.
"""
import re
import sqlite3
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLUMN = re.compile(r"^\s+(?:ADD COLUMN )?(\w+)\s+(TEXT|BIGINT|BLOB)\b[^-]*?(?:--\s*(.*))?$")
TABLE = re.compile(r"(?:CREATE|ALTER) TABLE (\w+)")
FLAG = re.compile(r"(plain|personal|secret)$")
SEALED = (1, 2)    # first byte: under a column's key, under a subject's
SEAL_BYTES = 29    # version, nonce, tag

# Secret and not sealed, with the reason.
EXEMPT = {
    ("identity_account", "phc"): "an Argon2id string: opens nothing but by guessing the password",
    ("web_session", "csrf"): "worth nothing without the cookie, of which only a hash is kept",
    ("web_session", "note"): "OpenID state of one sign-in, minutes long; worth nothing elsewhere",
    ("web_answer", "headers"): "empty: header lines lie sealed in front of the body",
    ("exchange_message", "head"): "empty: moved into sealed_head",
}


def columns():
    """(table, column, type, flag or None, file) of every column of the schema."""
    for path in sorted((ROOT / "src").glob("**/schema/*.sql")):
        table = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            table = (TABLE.search(line) or [None, table])[1]
            found = COLUMN.match(line)
            if found and not line.strip().startswith("CONSTRAINT"):
                flag = FLAG.search((found[3] or "").strip())
                yield table, found[1], found[2], flag and flag[1], path.relative_to(ROOT)


def flagged():
    return {(t, c): kind for t, c, kind, flag, _ in columns() if flag in ("personal", "secret")}


def is_sealed(value):
    return value in (None, b"", "") or (
        isinstance(value, bytes) and len(value) >= SEAL_BYTES and value[0] in SEALED)


def is_sealed_text(value):
    return value in (None, "") or (isinstance(value, str) and len(value) > 38 and value[0] == "~")


def register_columns(db):
    """Sealed columns of the registers' tables, and the reasons of their versions."""
    for register, name in db.execute("SELECT register, name FROM registry_column WHERE sealed = 1"
                                     " AND substr(name, 1, 2) = 'a_'"):
        yield f"registry_r_{register}", name, is_sealed
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'"
                               " AND name LIKE 'registry_r_%'").fetchall():
        yield table, "reason", is_sealed_text


def unsealed(path):
    """(number of values looked at, [(table, column, how many)]) of a database file."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    there = {r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    wanted = [(t, c, is_sealed) for t, c in flagged() if t in there and (t, c) not in EXEMPT]
    looked, faults = 0, []
    for table, column, good in wanted + list(register_columns(db)):
        values = [r[0] for r in db.execute(f'SELECT "{column}" FROM "{table}"')]
        looked += sum(v not in (None, b"", "") for v in values)
        bad = sum(not good(v) for v in values)
        if bad:
            faults.append((table, column, bad))
    db.close()
    return looked, faults


def main():
    seen = list(columns())
    faults = [f"{path}: {t}.{c} doesn't end in plain, personal or secret"
              for t, c, _, flag, path in seen if not flag]
    names = {(t, c) for t, c, *_ in seen}
    faults += [f"tools/sealed.py: {t}.{c} is exempt and isn't there" for t, c in EXEMPT
               if (t, c) not in names]
    faults += [f"{t}.{c} is {kind}, which can't be sealed" for (t, c), kind in flagged().items()
               if kind != "BLOB" and (t, c) not in EXEMPT]
    print("\n".join(faults) or f"{len(seen)} columns, {len(flagged())} personal or secret")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
