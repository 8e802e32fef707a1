# SPDX-License-Identifier: Apache-2.0
"""JSON whose every value knows its line, so that a fault in a definition is told with its line.

load(path) gives a Document: its value (plain lists, dicts, scalars) and line(place), place being a
tuple of keys and indexes, ("rows", 3, "code"). Doubled keys, trailing text, numbers with a fraction
and texts outside NFC are faults.
"""
import json
import re
import unicodedata
from json.decoder import scanstring

SPACE = re.compile(r"[ \t\r\n]*")
SCALAR = re.compile(r"-?(?:0|[1-9][0-9]*)|true|false|null")
WORDS = {"true": True, "false": False, "null": None}
MAX_DEPTH = 16


class Fault(Exception):
    """One fault: file, line, reason."""

    def __init__(self, path, line, reason):
        super().__init__(f"{path}:{line}: {reason}")
        self.path, self.at, self.reason = path, line, reason


def name_of(place):
    """("rows", 3, "code") -> "rows[3].code"; the document itself is "document"."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text or "document"


class Document:
    def __init__(self, path, text):
        self.path, self.text = path, text
        self.starts = {}
        self.value, end = self._value(self._skip(0), ())
        end = self._skip(end)
        if end != len(text):
            raise self._fault(end, "text after the end of the document")

    def line(self, place):
        """The line of the value at place, or of its nearest parent."""
        place = tuple(place)
        while place and place not in self.starts:
            place = place[:-1]
        return self.text.count("\n", 0, self.starts.get(place, 0)) + 1

    def fault(self, place, reason):
        return Fault(self.path, self.line(place), f"{name_of(place)}: {reason}")

    def _fault(self, at, reason):
        return Fault(self.path, self.text.count("\n", 0, at) + 1, reason)

    def _skip(self, at):
        return SPACE.match(self.text, at).end()

    def _value(self, at, place):
        self.starts[place] = at
        head = self.text[at:at + 1]
        if len(place) > MAX_DEPTH:
            raise self._fault(at, f"deeper than {MAX_DEPTH}")
        if head == "{":
            return self._object(at, place)
        if head == "[":
            return self._array(at, place)
        if head == '"':
            return self._string(at)
        found = SCALAR.match(self.text, at)
        if not found or self.text[found.end():found.end() + 1] in tuple(".eE0123456789"):
            raise self._fault(at, "a value is expected: text, whole number, true, false, null")
        word = found.group()
        return (WORDS[word] if word in WORDS else int(word)), found.end()

    def _string(self, at):
        try:
            text, end = scanstring(self.text, at + 1, True)
        except ValueError as e:
            raise self._fault(at, f"text: {e.args[0]}") from e
        if not unicodedata.is_normalized("NFC", text):
            raise self._fault(at, "text is not in Unicode normal form C")
        return text, end

    def _object(self, at, place):
        out, at = {}, self._skip(at + 1)
        while self.text[at:at + 1] != "}":
            if self.text[at:at + 1] != '"':
                raise self._fault(at, "a key in quotes is expected")
            key, end = self._string(at)
            if key in out:
                raise self._fault(at, f"key {key} occurs twice")
            colon = self._skip(end)
            if self.text[colon:colon + 1] != ":":
                raise self._fault(colon, "a colon is expected")
            out[key], at = self._value(self._skip(colon + 1), place + (key,))
            at = self._comma(at, "}")
        return out, at + 1

    def _array(self, at, place):
        out, at = [], self._skip(at + 1)
        while self.text[at:at + 1] != "]":
            value, at = self._value(at, place + (len(out),))
            out.append(value)
            at = self._comma(at, "]")
        return out, at + 1

    def _comma(self, at, closing):
        at = self._skip(at)
        mark = self.text[at:at + 1]
        if mark == closing:
            return at
        if mark != ",":
            raise self._fault(at, f"a comma or {closing} is expected")
        at = self._skip(at + 1)
        if self.text[at:at + 1] == closing:
            raise self._fault(at, f"a comma before {closing}")
        return at


def load(path):
    """The document at path; Fault when it is no sound JSON."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise Fault(path, 1, str(e)) from e
    return Document(path, text)


def dumps(value):
    """For messages: a value as JSON, cut to a readable length."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
