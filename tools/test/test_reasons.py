# SPDX-License-Identifier: Apache-2.0
"""Why a definition or a backup is refused is said in English where it is found; each of these
phrases has Vietnamese words in src/app/lang (src/app/reasons.c)."""
import pathlib
import re
import unittest

SRC = pathlib.Path(__file__).resolve().parents[2] / "src"
CALL = re.compile(r"\b(?:json_bad|pack_fault|country_check_bad|bad|bad_line|fault|missing)"
                  r"\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)")
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
WHOLE = {"no module %s %s", "line %s", "line %zu"}  # parts of phrases that stand below
PARTS = {"names the permission": "no module names the permission {1}",
         "feeds the indicator": "no module feeds the indicator {1}",
         "is called": "no module is called {1}"}


def phrases(text):
    for call in CALL.finditer(text):
        words = LITERAL.findall(call[1])
        if words and (" " in words[-1] or words[-1] in ("missing", "changed", "unreadable")):
            yield words[-1]


class Reasons(unittest.TestCase):
    def test_each_has_words(self):
        texts = (SRC / "app/lang/en.po").read_text(encoding="utf-8")
        known = set(re.findall(r'msgid "app\.reason\.\w+"\nmsgstr "(.*)"', texts))
        found = set()
        for path in SRC.rglob("*.c"):
            text = path.read_text(encoding="utf-8")
            if "test" not in path.parts and re.search("pack_fault|json_bad|ERR_BACKUP", text):
                found |= set(phrases(text))
        self.assertGreater(len(found), 80)
        said = set()
        for phrase in found - WHOLE:
            words = PARTS.get(phrase, re.sub(r"%\w+", "{1}", phrase))
            said.add(words + ("{1}" if words.endswith(" ") else ""))
        self.assertEqual(sorted(said - known), [])


if __name__ == "__main__":
    unittest.main()
