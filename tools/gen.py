# SPDX-License-Identifier: Apache-2.0
"""What the generators share: faults with file and line, writing only what changed, depfiles."""
import hashlib
import os
import sys
from pathlib import Path


class Faults:
    """Collects faults, so that one run names them all."""

    def __init__(self):
        self.rows = []

    def add(self, path, line, text):
        self.rows.append(f"{path}:{line}: error: {text}")

    def stop_if_any(self):
        if self.rows:
            sys.exit("\n".join(self.rows))


def c_string(text):
    """`text` as a C string literal: plain ASCII stays, every other byte becomes octal."""
    out = []
    for byte in text.encode() if isinstance(text, str) else text:
        char = chr(byte)
        if char in '"\\?':
            out.append("\\" + char)
        elif char == "\n":
            out.append("\\n")
        elif 32 <= byte < 127:
            out.append(char)
        else:
            out.append(f"\\{byte:03o}")
    return '"' + "".join(out) + '"'


def c_bytes(data, width=4000):
    """`data` as adjacent C string literals, in lines a compiler reads fast."""
    parts = [data[i:i + width] for i in range(0, len(data), width)] or [b""]
    return "\n".join(c_string(part) for part in parts)


def write(path, text):
    """Write `text` unless the file holds it already; ninja then rebuilds nothing."""
    path = Path(path)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def depfile(out, name, target, inputs):
    """Tell ninja what `target` was made from, folders included (a new file there counts)."""
    rel = lambda p: os.path.relpath(p, Path(out).parent).replace(" ", "\\ ")
    deps = " ".join(rel(p) for p in inputs)
    (Path(out) / name).write_text(f"{rel(Path(out) / target)}: {deps}\n")


def sha256(data):
    return hashlib.sha256(data).hexdigest()
