# SPDX-License-Identifier: Apache-2.0
"""Reads gettext .po files: the small part of the format that we use (no plurals, no contexts)."""
import ast
import re
import unicodedata

KEY = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$")
HOLE = re.compile(r"\{(\d)\}")


class Entry:
    def __init__(self, key, text, path, line):
        self.key, self.text, self.path, self.line = key, text, path, line

    @property
    def symbol(self):
        return self.key.replace(".", "_")

    @property
    def holes(self):
        return set(HOLE.findall(self.text))


def _unquote(token, path, line, faults):
    try:
        return ast.literal_eval(token)
    except (SyntaxError, ValueError):
        faults.add(path, line, f"not a quoted string: {token}")
        return ""


def read(path, faults):
    """The entries of one file, header dropped. Faults are recorded, never raised."""
    entries, state, key, text, start = [], None, "", "", 0

    def close():
        if state == "str" and key:
            entries.append(Entry(key, text, path, start))

    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip()
        if line.startswith("msgid "):
            close()
            state, start, text = "id", number, ""
            key = _unquote(line[6:].strip(), path, number, faults)
        elif line.startswith("msgstr "):
            state, text = "str", _unquote(line[7:].strip(), path, number, faults)
        elif line.startswith('"') and state == "id":
            key += _unquote(line, path, number, faults)
        elif line.startswith('"') and state == "str":
            text += _unquote(line, path, number, faults)
        elif line and not line.startswith("#"):
            faults.add(path, number, f"not understood: {line}")
    close()
    for e in entries:
        _check(e, faults)
    return entries


def _check(entry, faults):
    if not KEY.match(entry.key):
        faults.add(entry.path, entry.line, f"key {entry.key!r} is not of the form module.name")
    if unicodedata.normalize("NFC", entry.text) != entry.text:
        faults.add(entry.path, entry.line, f"text of {entry.key} is not in Unicode form NFC")
    if entry.text != entry.text.strip() and "\n" not in entry.text:
        faults.add(entry.path, entry.line, f"text of {entry.key} begins or ends with a blank")
