# SPDX-License-Identifier: Apache-2.0
"""base/banned.h: what is forbidden doesn't compile, what only looks like it does."""
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

SRC = Path(__file__).resolve().parent.parent.parent / "src"
ALIKE = """
struct vtable { void (*free)(void *); int time; };
int use(struct vtable *v);
int use(struct vtable *v) { char s[4]; return v->free ? v->time : snprintf(s, 4, "%d", 1); }
"""


def run(cc, *flags_and_code):
    *flags, code = flags_and_code
    return subprocess.run([cc, "-std=gnu17", *flags, "-I", str(SRC), "-include", "base/banned.h",
                           "-x", "c", "-"], input=code, text=True, capture_output=True)


class Banned(unittest.TestCase):
    def setUp(self):
        self.compilers = [cc for cc in ("gcc", "clang") if shutil.which(cc)]
        self.assertTrue(self.compilers)

    def test_every_name_is_refused(self):
        text = (SRC / "base" / "banned.h").read_text(encoding="utf-8")
        names = re.findall(r"^#define (\w+)\(\.\.\.\)", text, re.M)
        for name in ("strcpy", "sprintf", "strtok", "atoi", "gmtime", "localtime", "malloc", "free",
                     "time", "rand", "system", "popen", "alloca", "gets"):
            self.assertIn(name, names)
        calls = "".join(f"{name}_call: {name}(p)\n" for name in names)
        for cc in self.compilers:
            seen = run(cc, "-E", "-P", calls).stdout
            for name in names:
                self.assertRegex(seen, rf"(?m)^{name}_call: banned_use_", f"{cc} takes {name}()")
            code = "void f(char *p);\nvoid f(char *p) { strcpy(p, p); }\n"
            self.assertIn("banned_use_buf_text", run(cc, "-fsyntax-only", "-Wall", code).stderr)

    def test_sql_is_a_literal(self):
        code = """#include "db/db.h"
enum err f(struct ctx *c, const char *told);
enum err f(struct ctx *c, const char *told) { return db_exec(c, NULL, %s); }
"""
        with tempfile.TemporaryDirectory() as made:
            (Path(made) / "gen").mkdir()
            (Path(made) / "gen/errors.h").write_text("enum err { OK = 0 };\n", encoding="utf-8")
            self.literal(code, "-fsyntax-only", "-D_GNU_SOURCE", "-I", made)

    def literal(self, code, *flags):
        for cc in self.compilers:
            taken = run(cc, *flags, code % '"DELETE FROM a"')
            refused = run(cc, *flags, code % "told")
            self.assertEqual((0, ""), (taken.returncode, taken.stderr), cc)
            self.assertNotEqual(0, refused.returncode, f"{cc} takes SQL built at run time")

    def test_what_looks_alike_is_taken(self):
        for cc in self.compilers:
            self.assertEqual("", run(cc, "-fsyntax-only", "-Wall", "-Wextra", ALIKE).stderr)


if __name__ == "__main__":
    unittest.main()
