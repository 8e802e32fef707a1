# SPDX-License-Identifier: Apache-2.0
"""check_threats.py on a small made-up house: what it claims in vain turns it red."""
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import check_threats
import controls
import gen

GOOD = "| T1.1 | a control | `src/web/a.c` | always | `test_a:test_one` | `control one` |"
CONTROL = "control one\nfile src/web/a.c\nfrom return 1;\nto   return 0;\nred  test_a:test_one\n"


class House(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.root = Path(self.dir.name)
        self.put("src/web/a.c", "int a(void) { return 1; }\n")
        self.put("src/web/test/test_a.c", "const struct CMUnitTest tests[] = {\n"
                 "    cmocka_unit_test(test_one),\n    SETUP(test_two)};\n")
        self.put("src/web/test/fuzz_a.c", "")
        self.put("test/stories/tale.py", 'print(f"{n} births")\n')
        self.put("test/stories/never.py", 'print("births")\n')
        self.put("test/suites.txt", "# stories\ntale.py\n")
        self.put("test/controls.txt", CONTROL)
        self.put("tools/test/test_t.py", "class Some(unittest.TestCase):\n    def test_x(self):\n")
        self.put("dev", 'step "layers" check\n')

    def tearDown(self):
        self.dir.cleanup()

    def put(self, path, text):
        p = self.root / path
        p.parent.mkdir(parents=True, exist_ok=True)
        p.write_text(text, encoding="utf-8")

    def said(self, *threats, asvs=(), ran=False):
        faults = gen.Faults()
        self.put("docs/threats.md", "\n".join(threats))
        self.put("docs/asvs.md", "\n".join(asvs))
        self.told = check_threats.check(self.root, faults, self.root / "ran" if ran else None)
        return "\n".join(faults.rows)

    def naming(self, *names):
        cells = ", ".join(f"`{n}`" for n in names)
        return f"| T1.1 | a control | `src/web/a.c` | always | {cells} | `control one` |"


class Claims(House):
    def test_what_is_there_passes(self):
        self.assertEqual("", self.said(GOOD))
        self.assertEqual((1, 0), self.told["docs/threats.md"])
        self.assertEqual("", self.said(self.naming(
            "test_a:test_two", "replay_fuzz_a", "tale.py: births", "test_t.py:Some.test_x",
            "dev: layers")))

    def test_what_is_not_there_is_named(self):
        for name in ("test_a:test_three", "test_b:test_one", "replay_fuzz_b", "tale.py: deaths",
                     "gone.py: births", "never.py: births", "test_t.py:Some.test_y",
                     "test_t.py:Other.test_x", "dev: levels", "control two"):
            with self.subTest(name):
                self.assertIn(f"docs/threats.md:1: error: T1.1: {name}: ",
                              self.said(self.naming(name)))
        self.assertIn("src/web/b.c: no such file", self.said(GOOD.replace("a.c", "b.c")))

    def test_a_claim_wants_all_its_cells(self):
        for old, new, why in (("`control one`", "-", "no negative control"),
                              ("`control one`", "none: so", "no negative control"),
                              ("`test_a:test_one`", "soon", "names no test"),
                              ("`test_a:test_one`", "open: `test_a:test_one`", "is open and"),
                              ("`src/web/a.c`", "somewhere", "needs a control"),
                              ("| always ", "", "5 cells, not 6")):
            with self.subTest(new):
                self.assertIn(why, self.said(GOOD.replace(old, new)))
        self.assertIn("stands twice", self.said(GOOD, GOOD))

    def test_an_open_one_claims_nothing(self):
        row = "| T1.2 | a sandbox | `src/web/a.c` | - | open: not built | - |"
        self.assertEqual("", self.said(row))
        self.assertEqual((1, 1), self.told["docs/threats.md"])
        self.assertEqual("", self.said(GOOD.replace("`control one`",
                                                    "none: there is nothing to break")))

    def test_requirements(self):
        good = "| 1.2.4 | 1 | SQL by parameters | `src/web/a.c`, `test_a:test_one` |"
        self.assertEqual("", self.said(asvs=[good, "| 1.2.6 | 2 | no LDAP | n/a: no directory |",
                                             "| 1.2.7 | 2 | XPath | open: nothing says so |"]))
        self.assertEqual((3, 1), self.told["docs/asvs.md"])
        for row, why in ((good.replace("test_one", "test_six"), "no such test"),
                         (good.replace("`", ""), "names no test and no file"),
                         (good.replace("| 1 |", "| 4 |"), "needs its level"),
                         ("| 1.2.6 | 2 | no LDAP | n/a: - |", "names no test and no file")):
            self.assertIn(why, self.said(asvs=[row]))


class Ran(House):
    def log(self, *lines, result="OK"):
        self.put("ran/build-asan-quick.json", json.dumps(
            {"name": "quick / test_a", "result": result, "stdout": "\n".join(lines)}) + "\n" +
            json.dumps({"name": "replay_fuzz_a", "result": "OK"}) + "\n")

    def test_what_ran_passes(self):
        self.log("[ RUN      ] test_one", "[       OK ] test_one")
        self.put("ran/tale.py.log", "12 births\n")
        self.put("ran/layers.log", "")
        self.put("ran/generators_and_checks.log", "test_x (test_t.Some.test_x) ... ok\n")
        row = self.naming("test_a:test_one", "replay_fuzz_a", "tale.py: births", "dev: layers",
                         "test_t.py:Some.test_x")
        self.assertEqual("", self.said(row, ran=True))

    def test_what_did_not_run_is_named(self):
        self.log("[       OK ] test_two", "[  FAILED  ] test_one")
        self.put("ran/generators_and_checks.log", "test_x (test_t.Some.test_x) ... skipped 'no'\n")
        self.put("ran/tale.py.log", "nothing\n")
        for name in ("test_a:test_one", "tale.py: births", "dev: layers", "test_t.py:Some.test_x"):
            with self.subTest(name):
                self.assertIn(f"{name}: this ", self.said(self.naming(name), ran=True))
        self.log("[       OK ] test_one", result="FAIL")
        self.assertIn("this test did not run", self.said(GOOD, ran=True))


class Controls(House):
    def test_a_control_breaks_one_place(self):
        self.assertIsNone(controls.read(self.root)[0].fault(self.root))
        for old, new, why in (("return 1;", "return 2;", "stands 0 times"),
                              ("from return 1;", "from r", "stands 3 times"),
                              ("a.c", "b.c", "no file"), ("red ", "rot ", "lacks red")):
            self.put("test/controls.txt", CONTROL.replace(old, new, 1))
            self.put("src/web/a.c", "int r(void) { return 1; }\n")
            self.assertIn(why, controls.read(self.root)[0].fault(self.root))

    def test_one_that_fits_nothing_turns_the_check_red(self):
        self.put("test/controls.txt", CONTROL.replace("return 1;", "return 2;"))
        self.assertIn("test/controls.txt:1: error: one: ", self.said(GOOD))


if __name__ == "__main__":
    unittest.main()
