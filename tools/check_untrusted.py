#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every function that a header marks UNTRUSTED (it sees bytes from outside) is called by some
fuzz target, src/**/test/fuzz_*.c.
"""
import re
import sys

import gen
import sources

MARKED = re.compile(r"\bUNTRUSTED\b([^;{]*?)(\w+)\s*\(", re.S)


def marked(text):
    """(offset, name) of each function marked in a header."""
    code = re.sub(r"#define\s+UNTRUSTED[^\n]*", "", text)
    code = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group(0)), code, flags=re.S)
    return [(code.count("\n", 0, m.start()) + 1, m.group(2)) for m in MARKED.finditer(code)]


def check(root, faults):
    fuzzed = "\n".join(p.read_text(encoding="utf-8") for p in sources.listing("fuzz", root))
    number = 0
    for header in sorted((root / "src").rglob("*.h")):
        for line, name in marked(header.read_text(encoding="utf-8")):
            number += 1
            if not re.search(rf"\b{name}\s*\(", fuzzed):
                faults.add(header.relative_to(root), line, f"no fuzz target calls {name}()")
    return number


if __name__ == "__main__":
    found = gen.Faults()
    total = check(sources.ROOT, found)
    found.stop_if_any()
    print(f"{total} functions see bytes from outside, each has a fuzz target")
    sys.exit(0)
