#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks a country pack; prints "file:line: reason" for each fault, then exits 1."""
import json
import sys
from pathlib import Path


def check_pack(source, units=None):
    """Faults of the pack below source, as lines."""
    faults = []
    for path in sorted(Path(source).rglob("*.json")):
        try:
            json.loads(path.read_text(encoding="utf-8"))
        except ValueError as e:
            faults.append(f"{path}:{getattr(e, 'lineno', 1)}: {e}")
    return faults


if __name__ == "__main__":
    found = check_pack(sys.argv[1])
    print("\n".join(found))
    sys.exit(1 if found else 0)
