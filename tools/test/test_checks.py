# SPDX-License-Identifier: Apache-2.0
"""The checks on small made-up trees: each rule has a case that breaks it."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import check_kept
import check_layers
import check_limits
import check_spdx
import check_untrusted
import gen


class Tree(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.root = Path(self.dir.name)
        self.faults = gen.Faults()
        for header in ["base/buf.h", "crypto/hash.h", "db/db.h", "web/web.h", "core/audit.h",
                       "engine/casework/casework.h", "engine/casework/process.h",
                       "systems/onestop/onestop.h"]:
            self.put(f"src/{header}", "\n")
        self.put("src/systems/onestop/module.c",
                 '.needs = (const char *const[]){"casework", NULL},\n')

    def tearDown(self):
        self.dir.cleanup()

    def put(self, path, text):
        p = self.root / path
        p.parent.mkdir(parents=True, exist_ok=True)
        p.write_text(text, encoding="utf-8")

    def said(self):
        return "\n".join(self.faults.rows)


class Kept(Tree):
    """schema/kept.txt against the statements of the sources."""

    SCHEMA = ("CREATE TABLE core_log (\n    n BIGINT, -- n, plain\n    s BIGINT -- s, plain\n"
              ");\n"
              "CREATE TABLE core_free (\n    n BIGINT -- n, plain\n);\n")
    FREE = 'f("UPDATE core_free SET n = 1"\n  " WHERE n = 2"); '

    def judge(self, kept, source):
        self.put("src/core/schema/001_log.sql", self.SCHEMA)
        self.put("src/core/schema/kept.txt", kept)
        self.put("src/core/log.c", self.FREE + source)
        return "\n".join(check_kept.faults(self.root))

    def test_what_fits(self):
        upsert = ('f("INSERT INTO core_log (n, s) VALUES ($1, $2)"\n" ON CONFLICT (n) DO"'
                  '" UPDATE SET"'
                  '\n" s = CASE WHEN s > 1 THEN g(s, n) ELSE 0 END");')
        self.assertEqual(self.judge("core_log # only read\n", ""), "")
        self.assertEqual(self.judge("core_log s\n", upsert), "")
        self.assertEqual(self.judge("core_log thinned\n", 'f("DELETE FROM core_log");'), "")

    def test_what_does_not(self):
        for kept, source, why in [
                ("", "", "core_log: nothing updates it"),
                ("core_log", 'f("UPDATE core_log SET n = 1, s = 2");', "a statement updates n"),
                ("core_log", 'RESEAL_COLUMN(f, "core_log", "n",\n "n", "s", text)',
                 "a statement updates s"),
                ("core_log", 'f("DELETE FROM "\n "core_log");', "a statement deletes from it"),
                ("core_log thinned", "", "no statement thins it"),
                ("core_log s", "", "no statement updates s"),
                ("core_log\ncore_gone", "", "core_gone: there is no such table")]:
            with self.subTest(why):
                self.assertIn(why, self.judge(kept, source))

    def test_the_house(self):
        self.assertEqual(list(check_kept.faults(check_kept.sources.ROOT)), [])


class Layers(Tree):
    def judge(self, where, target):
        src = self.root / "src"
        return check_layers.judge(src, src / where, target)

    def test_what_is_allowed(self):
        for where, target in [("web/a.c", "db/db.h"), ("core/a.c", "web/web.h"),
                              ("base/a.c", "gen/texts.h"), ("systems/onestop/a.c", "core/audit.h"),
                              ("systems/onestop/a.c", "engine/casework/casework.h"),
                              ("engine/casework/a.c", "engine/casework/process.h"),
                              ("db/test/test_a.c", "test/harness/stores.h"),
                              ("systems/portal/test/test_a.c", "systems/onestop/onestop.h"),
                              ("app/main.c", "systems/onestop/onestop.h")]:
            with self.subTest(f"{where} -> {target}"):
                self.assertIsNone(self.judge(where, target))

    def test_what_is_refused(self):
        for where, target in [("base/a.c", "db/db.h"), ("crypto/a.c", "db/db.h"),
                              ("web/a.c", "core/audit.h"), ("base/a.c", "test/harness/stores.h"),
                              ("engine/casework/a.c", "systems/onestop/onestop.h"),
                              ("systems/onestop/a.c", "engine/casework/process.h"),
                              ("systems/portal/a.c", "systems/onestop/onestop.h"),
                              ("systems/portal/test/a.c", "engine/casework/process.h"),
                              ("base/a.c", "nothing.h")]:
            with self.subTest(f"{where} -> {target}"):
                self.assertIsNotNone(self.judge(where, target))

    def test_the_line_is_named(self):
        self.put("src/crypto/a.c", '\n#include "db/db.h"\n')
        check_layers.check(self.root, self.faults)
        self.assertIn("src/crypto/a.c:2: error", self.said())


class Limits(Tree):
    def body(self, lines):
        return "int long_one(void)\n{\n" + "    x();\n" * lines + "}\n"

    def check(self):
        check_limits.check(self.root, self.faults)
        return self.said()

    def test_a_long_function_is_refused_and_named(self):
        self.put("src/base/a.c", self.body(81))
        self.assertIn("src/base/a.c:long_one: 81 is over 80", self.check())

    def test_a_function_at_the_limit_passes(self):
        self.put("src/base/a.c", self.body(80))
        self.assertEqual(self.check(), "")

    def test_an_exception_holds_until_it_shrinks(self):
        self.put("tools/limits.txt", "function src/base/a.c:long_one 90\n")
        self.put("src/base/a.c", self.body(90))
        self.assertEqual(self.check(), "")
        self.put("src/base/a.c", self.body(85))
        self.assertIn("is 85 now", self.check())

    def test_long_files_headers_and_lines_are_refused(self):
        self.put("src/base/a.c", "\n" * 601)
        self.put("src/base/a.h", "\n" * 121)
        self.put("src/base/b.c", "x" * 101 + "\n")
        said = self.check()
        for what in ("a.c: 601", "a.h: 121", "b.c: 101"):
            self.assertIn(what, said)

    def test_many_long_functions_are_refused(self):
        self.put("src/base/a.c", self.body(21) * 15)
        self.put("src/base/b.c", self.body(51) * 5)
        said = self.check()
        self.assertIn("median", said)
        self.assertIn("a tenth", said)


class Untrusted(Tree):
    def test_a_marked_function_wants_a_fuzz_target(self):
        self.put("src/base/text.h", "/* UNTRUSTED is said of it (see) */\n"
                 "UNTRUSTED MUST_CHECK enum err a_in(int x);\nUNTRUSTED bool\nb_in(int x);\n"
                 "UNTRUSTED int c_in(int x);\n")
        self.put("src/base/text.c", "enum err a_in(int x)\n{\n    return c_in(x);\n}\n")
        self.put("src/base/test/fuzz_a.c", "int f(void)\n{\n    return a_in(1);\n}\n")
        self.assertEqual(check_untrusted.check(self.root, self.faults), 3)
        self.assertEqual(self.said(),
                         "src/base/text.h:3: error: no fuzz target reaches b_in()")


    def test_a_parser_without_a_mark_is_found_by_what_it_does(self):
        self.put("src/base/text.c",
                 "int open_one(const char *t)\n{\n    return strtol(t, 0, 10);\n}\n\n"
                 "int fuzzed(const char *t)\n{\n    return strspn(t, \"a\");\n}\n")
        self.put("src/base/test/fuzz_text.c", "int x(void)\n{\n    return fuzzed(0);\n}\n")
        check_untrusted.check(self.root, self.faults)
        self.assertEqual(self.said().count("error"), 1)
        self.assertIn("open_one() takes text apart", self.said())


class Licences(Tree):
    def test_a_file_without_the_line_is_named(self):
        self.put("a.sh", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n")
        self.put("b.c", "int x;\n")
        self.put("test/corpus/x/1", "raw")
        check_spdx.check(self.root, ["a.sh", "b.c", "test/corpus/x/1"], self.faults)
        self.assertEqual(self.said().count("error"), 1)
        self.assertIn("b.c:1", self.said())


if __name__ == "__main__":
    unittest.main()
