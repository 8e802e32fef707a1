#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write gen/usual.h and gen/usual.c: the hashes of usual passwords, those that are long enough for
us, out of the npm package popular-passwords. Sorted, 32 bits each: FNV-1a over the lower-case
bytes, so that one good password in 300,000 is refused by chance, and the words themselves aren't
in the program.
"""
import argparse
import json
from pathlib import Path

import gen

LEAST = 10  # characters, as identity_password.c has it


def fnv1a(data):
    h = 0x811C9DC5
    for byte in data:
        h = (h ^ byte) * 0x01000193 & 0xFFFFFFFF
    return h


def hashes(words):
    return sorted({fnv1a(w.lower().encode()) for w in words
                   if len(w) >= LEAST and w.isascii()})


def generate(root, out):
    path = root / "node_modules" / "popular-passwords" / "data.json"
    table = hashes(json.loads(path.read_text(encoding="utf-8")))
    rows = [", ".join(f"0x{h:08x}" for h in table[i:i + 8]) for i in range(0, len(table), 8)]
    gen.write(out / "usual.h", "#include <stddef.h>\n#include <stdint.h>\n\n"
              "/* FNV-1a of usual passwords in lower case, rising. */\n"
              "extern const uint32_t usual_passwords[];\nextern const size_t usual_passwords_n;\n")
    begin = '#include "gen/usual.h"\n\nconst uint32_t usual_passwords[] = {\n    '
    gen.write(out / "usual.c", begin + ",\n    ".join(rows) + "};\n"
              f"const size_t usual_passwords_n = {len(table)};\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--root", type=Path, required=True)
    args = parser.parse_args()
    generate(args.root, args.out)
