#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every file of ours says its licence on its first line (its second after #!)."""
import subprocess
import sys

import gen
import sources

MARK = "SPDX-License-Identifier: Apache-2.0"
# No place for a comment, or not text, or the licence itself, or inputs that tests replay.
FREE_NAMES = {"LICENSE", "package.json", "package-lock.json", ".npmrc"}
FREE_ENDS = (".json", ".webmanifest", ".png", ".jpg", ".ico", ".pdf", ".asice", ".der", ".p7s",
             ".bin", ".csv")


def is_free(name):
    parts = name.split("/")
    return (parts[-1] in FREE_NAMES or name.endswith(FREE_ENDS) or "corpus" in parts
            or "data" in parts[:-1] and "test" in parts)


def check(root, names, faults):
    for name in names:
        path = root / name
        if is_free(name) or not path.is_file():
            continue
        with path.open(encoding="utf-8", errors="replace") as f:
            first = f.readline()
            if first.startswith("#!") or first.startswith("<?xml"):
                first = f.readline()
        if MARK not in first:
            faults.add(name, 1, f"the first line lacks {MARK}")


if __name__ == "__main__":
    found = gen.Faults()
    listed = subprocess.run(["git", "-C", sources.ROOT, "ls-files", "-z", "--cached", "--others",
                             "--exclude-standard"], capture_output=True, text=True, check=True)
    check(sources.ROOT, [n for n in listed.stdout.split("\0") if n], found)
    found.stop_if_any()
    sys.exit(0)
