#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Count a Meson test log: prints "PASSED FAILED", writes the names of the failed to a file."""
import json
import sys


def count(lines):
    """(number passed, names of the failed); a skip counts as a failure."""
    runs = [json.loads(line) for line in lines if line.strip()]
    bad = [f"{r['name']} ({r['result']})" for r in runs if r["result"] != "OK"]
    return len(runs) - len(bad), bad


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as log:
        good, bad = count(log)
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        out.writelines(f"{name}\n" for name in bad)
    print(good, len(bad))
