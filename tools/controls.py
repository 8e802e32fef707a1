#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Negative controls: break one line of the code, and the test that guards it must turn red.

test/controls.txt holds them, blocks of lines:

    control csrf
    file src/web/web_guard.c
    from return token_fits(k, sent) ? OK : fail(&k->c, ERR_CSRF, "");
    to   return OK;
    red  test_web:test_forged_requests

`from` stands exactly once in the file. `controls.py FOLDER [NAME...]` plays them in a copy of the
sources at FOLDER that is built with sanitizers at FOLDER/build-asan (./dev controls makes it); it
builds the test, plays it unbroken first, and wants it red when broken.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

import sources

FIELDS = ("file", "from", "to", "red")


class Control:
    """One row: name, line, and the four fields."""

    def __init__(self, name, line):
        self.name, self.line, self.fields = name, line, {}

    def fault(self, root):
        lacking = [f for f in FIELDS if f not in self.fields]
        if lacking:
            return f"lacks {', '.join(lacking)}"
        path = root / self.fields["file"]
        n = path.read_text(encoding="utf-8").count(self.fields["from"]) if path.is_file() else -1
        if n < 0:
            return f"no file {self.fields['file']}"
        return None if n == 1 else f"`from` stands {n} times in {self.fields['file']}, not once"


def read(root=sources.ROOT):
    """The controls of test/controls.txt."""
    found, path = [], root / "test" / "controls.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for number, line in enumerate(lines, 1):
        word, _, rest = line.partition(" ")
        if word == "control":
            found.append(Control(rest.strip(), number))
        elif word in FIELDS and found:
            found[-1].fields[word] = rest.strip()
    return found


def built(folder, program):
    return subprocess.run(["ninja", "-C", str(folder / "build-asan"), "--quiet", f"test/{program}"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


def plays(folder, program):
    """(exit code, the tests that held)"""
    env = dict(os.environ, DINH_SOURCE_ROOT=str(folder), G_SLICE="always-malloc",
               LSAN_OPTIONS=f"suppressions={folder}/test/lsan.supp:print_suppressions=0")
    p = subprocess.run([str(folder / "build-asan/test" / program)], cwd=folder, env=env,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    said = p.stdout.decode("utf-8", "replace")
    return p.returncode, set(re.findall(r"^\[\s+OK \] (\w+)$", said, re.M))


def play(folder, c):
    """What is wrong with the control; None when the test turned red."""
    program, test = c.fields["red"].split(":")
    path = folder / c.fields["file"]
    whole = path.read_text(encoding="utf-8")
    if built(folder, program).returncode or test not in plays(folder, program)[1]:
        return "the test does not hold unbroken"
    try:
        path.write_text(whole.replace(c.fields["from"], c.fields["to"]), encoding="utf-8")
        made = built(folder, program)
        if made.returncode:
            return "broken, it does not build:\n" + made.stdout.decode("utf-8", "replace")[-800:]
        code, held = plays(folder, program)
        return None if code and test not in held else f"{c.fields['red']} stays green"
    finally:
        path.write_text(whole, encoding="utf-8")


def main(args):
    folder, wanted = Path(args[0]).resolve(), set(args[1:])
    chosen = [c for c in read() if not wanted or c.name in wanted]
    bad = 0
    for c in chosen:
        fault = c.fault(folder) or play(folder, c)
        bad += bool(fault)
        print(f"FAIL   {c.name}: {fault}" if fault else f"red    {c.name}", flush=True)
    print(f"{len(chosen)} controls, {bad} that prove nothing")
    return 1 if bad or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
