# SPDX-License-Identifier: Apache-2.0
"""The account of long fuzzing."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import fuzzed

TARGET = "int LLVM(void)\n{\n    return top(1);\n}\n"
BODY = ("static int deep(int n)\n{\n    return n + %d;\n}\n"
        "int top(int n)\n{\n    return deep(n);\n}\n")
NAMESAKE = "static int deep(void)\n{\n    return 0;\n}\n"


class Account(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.root = pathlib.Path(made.name)
        (self.root / "src/core/test").mkdir(parents=True)
        (self.root / "src/core/test/fuzz_thing.c").write_text(TARGET, encoding="utf-8")
        self.code(1)

    def code(self, number, more=""):
        (self.root / "src/core/thing.c").write_text(BODY % number + more, encoding="utf-8")
        return fuzzed.sums(self.root)

    def test_time_counts_while_the_code_stays(self):
        book, now = self.root / "book.tsv", self.code(1)
        fuzzed.write(book, now, {"thing": [100, 7]})
        self.assertEqual(fuzzed.read(book, now), {"thing": [100, 7]})
        (self.root / "src/core/other.c").write_text(NAMESAKE, encoding="utf-8")
        beside = self.code(1, "int beside(void)\n{\n    return 0;\n}\n")
        self.assertEqual(fuzzed.read(book, beside), {"thing": [100, 7]})

    def test_a_change_within_reach_begins_anew(self):
        book = self.root / "book.tsv"
        fuzzed.write(book, self.code(1), {"thing": [100, 7]})
        self.assertEqual(fuzzed.read(book, self.code(2)), {"thing": [0, 0]})

    def test_the_least_comes_first_and_nobody_twice(self):
        had = {"a": [50, 1], "b": [10, 1], "c": [fuzzed.WANTED, 1]}
        self.assertEqual(fuzzed.least(had, set()), "b")
        self.assertEqual(fuzzed.least(had, {"b"}), "a")
        self.assertIsNone(fuzzed.least(had, {"a", "b"}))

    def test_some_need_executions_beside_the_hour(self):
        had = {"a": [fuzzed.WANTED, 1], "json": [fuzzed.WANTED + 1, 1]}
        self.assertEqual(fuzzed.least(had, set()), "json")
        had["json"][1] = fuzzed.OFTEN["json"]
        self.assertIsNone(fuzzed.least(had, set()))

    def test_executions_are_wanted_of_targets_that_stand(self):
        self.assertLessEqual(set(fuzzed.OFTEN), set(fuzzed.sums(fuzzed.sources.ROOT)))

    def test_a_finding_ends_it_and_counts_nothing(self):
        sitting = fuzzed.Sitting(60, {"a": "x"}, {"a": [0, 0]})
        self.assertEqual(sitting.take()[0], "a")
        self.assertIsNone(sitting.take()[0])
        sitting.give("a", "FAIL", 30, None)
        self.assertIsNone(sitting.take()[0])
        self.assertEqual(sitting.had, {"a": [0, 0]})


if __name__ == "__main__":
    unittest.main()
