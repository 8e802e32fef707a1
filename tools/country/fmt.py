#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the JSON files of a country pack in one canonical layout: a change is a small diff.

Layout: UTF-8 NFC, keys in the author's order, at most WIDTH columns where a value allows it; an
object in a list (a table row) stays on one line up to ROW_WIDTH; the first line carries the
licence.

    fmt.py FILE...           rewrite
    fmt.py --check FILE...   exit 1 and name the files that would change
"""
import json
import sys
import unicodedata

WIDTH = 100
ROW_WIDTH = 260
LICENCE = "SPDX-License-Identifier: Apache-2.0"


def one_line(value):
    return json.dumps(value, ensure_ascii=False)


def _items(value, indent):
    if isinstance(value, dict):
        for key, inner in value.items():
            head = one_line(key) + ": "
            yield head + layout(inner, indent, indent + len(head)), isinstance(inner, (dict, list))
    else:
        for inner in value:
            yield layout(inner, indent, indent, row=True), isinstance(inner, (dict, list))


def layout(value, indent, column, row=False):
    """The text of value whose first character stands at column; further lines are indented."""
    flat = one_line(value)
    widest = ROW_WIDTH if row and isinstance(value, dict) else WIDTH
    if column + len(flat) <= widest or not isinstance(value, (dict, list)) or not value:
        return flat
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    pack = isinstance(value, dict) or not any(isinstance(v, (dict, list)) for v in value)
    lines, current = [], ""
    for text, nested in _items(value, indent + 2):
        fits = indent + 2 + len(current) + len(text) + 3 <= WIDTH and "\n" not in text
        if current and pack and fits and not current.endswith("\n"):
            current += ", " + text
        else:
            if current:
                lines.append(current)
            current = text
        if "\n" in text:
            lines.append(current)
            current = ""
    if current:
        lines.append(current)
    body = ",\n".join(" " * (indent + 2) + line for line in lines)
    return f"{opening}\n{body}\n{' ' * indent}{closing}"


def document(value):
    """The canonical text of a whole file; value must be an object."""
    body = {k: v for k, v in value.items() if k != "$comment"}
    parts = []
    for key, inner in body.items():
        head = "  " + one_line(key) + ": "
        rows = isinstance(inner, list) and inner and isinstance(inner[0], (dict, list))
        if rows:
            text = "[\n" + ",\n".join("    " + layout(r, 4, 4, row=True) for r in inner) + "\n  ]"
        else:
            text = layout(inner, 2, len(head))
        parts.append(head + text)
    text = '{"$comment": ' + one_line(LICENCE) + ",\n" + ",\n".join(parts) + "\n}\n"
    return unicodedata.normalize("NFC", text)


def main(argv):
    check = "--check" in argv
    changed = []
    paths = [a for a in argv if a != "--check"]
    if not paths:
        print(__doc__, file=sys.stderr)
        return 2
    for path in paths:
        with open(path, encoding="utf-8") as f:
            before = f.read()
        after = document(json.loads(before))
        if after == before:
            continue
        changed.append(path)
        if not check:
            with open(path, "w", encoding="utf-8") as f:
                f.write(after)
    for path in changed:
        print(f"{path}: {'not in canonical layout, run fmt.py' if check else 'rewritten'}")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
