#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold what docs/threats.md and docs/asvs.md claim: each file they name is there, each test they
name is there and, with --ran FOLDER, ran well in the run whose logs lie in that folder.

A claim is a row of a table whose first cell is an id (T4.2, 6.2.1). In backquotes stand files
(src/web/web_guard.c, a folder too) and tests:

    test_web:test_sessions          a function of a C test
    replay_fuzz_json                a fuzz corpus that is replayed
    kill.py: a disk that lies       a story of test/stories and words that it prints
    test_checks.py:Layers.test_x    a test of tools/test
    dev: layers                     a step of ./dev test
    control csrf                    a row of test/controls.txt: the code broken on purpose

A row of docs/threats.md has the columns id, control, files, default, tests, negative control. One
that says open claims nothing yet. Each other names a file, a test, and as negative control a test,
a row of test/controls.txt, or why there can be none ("none: ..."). A row of docs/asvs.md has the
columns number, level, what it asks, how it stands: a file or a test in backquotes, or "open: ..."
(what is missing), or "n/a: ..." (why it doesn't apply).
"""
import json
import re
import sys

import controls
import gen
import sources

ROW = re.compile(r"^\|\s*(T\d+\.\d+|\d+\.\d+\.\d+)\s*\|(.*)\|\s*$")
QUOTED = re.compile(r"`([^`]+)`")
LIST = re.compile(r"struct CMUnitTest \w+\[\]\s*=\s*\{(.*?)\n?\};|struct CMUnitTest \w+\[\]\s*=\s*"
                  r"\{(.*?)\};", re.S)
CELLS = {"docs/threats.md": 6, "docs/asvs.md": 4}
HERE = ("src/", "tools/", "test/", "docs/", "country/", "web/", "bench/", "packaging/")

AT_ROOT = ("dev", "meson.build", "packages.txt", "package-lock.json", "SECURITY.md")


def rows(text):
    """(line number, cells) of each claim."""
    for number, line in enumerate(text.splitlines(), 1):
        m = ROW.match(line)
        if m:
            yield number, [m.group(1)] + [x.strip() for x in m.group(2).split("|")]


def is_file(name):
    return name.startswith(HERE) or name in AT_ROOT


def is_test(name):
    return bool(re.match(r"(test_\w+|slow_\w+):\w+$|replay_fuzz_\w+$|[\w.]+\.(py|mjs|sh): .|"
                         r"test_\w+\.py:\w+\.\w+$|dev: .|control \w", name))


# ---- what there is ----

def c_tests(root):
    """{program: words of its list of tests}"""
    found = {}
    for kind in ("unit", "slow"):
        for path in sources.listing(kind, root):
            text = path.read_text(encoding="utf-8")
            found[path.stem] = {w for m in LIST.finditer(text)
                                for w in re.findall(r"\w+", m.group(1) or m.group(2))}
    return found


class House:
    """What of it is there, and what of it ran."""

    def __init__(self, root, ran=None):
        self.root, self.ran = root, ran
        self.c_tests = c_tests(root)
        self.replays = {f"replay_{p.stem}" for p in sources.listing("fuzz", root)}
        self.controls = {c.name for c in controls.read(root)}
        self.done = {} if ran is None else c_ran(ran)

    def text(self, path):
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""

    def log(self, name):
        return self.text(self.ran / f"{name}.log")

    def fault(self, name):
        """What is wrong with a named test; None when it is there and ran."""
        kind = (self.control if name.startswith("control ") else
                self.step if name.startswith("dev: ") else
                self.story if re.match(r"[\w.]+\.(py|mjs|sh): ", name) else
                self.tool if ".py:" in name else
                self.c_test if ":" in name else self.replay)
        return kind(name)

    def control(self, name):
        return None if name[8:] in self.controls else "no such row in test/controls.txt"

    def step(self, name):
        if f'step "{name[5:]}"' not in self.text(self.root / "dev"):
            return "no such step in ./dev"
        if self.ran is not None and not (self.ran / f"{name[5:].replace(' ', '_')}.log").exists():
            return "this step did not run"
        return None

    def story(self, name):
        story, words = name.split(": ", 1)
        if words not in self.text(self.root / "test/stories" / story):
            return "no such story, or it never prints that"
        if not re.search(rf"^{re.escape(story)}\b", self.text(self.root / "test/suites.txt"), re.M):
            return "a story that is not in test/suites.txt"
        if self.ran is not None and words not in self.log(story):
            return "this story did not print that"
        return None

    def tool(self, name):
        file, test = name.split(":", 1)
        group, method = test.split(".")
        text = self.text(self.root / "tools/test" / file)
        if f"class {group}(" not in text or f"def {method}(" not in text:
            return "no such test of the tools"
        said = rf"^{method} \({file[:-3]}\.{group}\b.*\.\.\. ok$"
        if self.ran is not None and not re.search(said, self.log("generators_and_checks"), re.M):
            return "this test of the tools did not run"
        return None

    def replay(self, name):
        if name not in self.replays:
            return "no such fuzz target"
        if self.ran is not None and name not in self.done:
            return "this corpus was not replayed"
        return None

    def c_test(self, name):
        program, test = name.split(":")
        if test not in self.c_tests.get(program, ()):
            return "no such test"
        if self.ran is not None and test not in self.done.get(program, ()):
            return "this test did not run"
        return None


def c_ran(folder):
    """{program: its tests that ran and held}, from Meson's logs."""
    done = {}
    for path in sorted(folder.glob("*.json")):
        for line in path.read_text(encoding="utf-8").splitlines():
            r = json.loads(line)
            if r["result"] != "OK":
                continue
            said = r.get("stdout", "") + r.get("stderr", "")
            held = set(re.findall(r"^\[\s+OK \] (\w+)$", said, re.M))
            done.setdefault(re.split(r"[ /:]+", r["name"])[-1], set()).update(held)
    return done


# ---- what is claimed ----

def named(house, cell, tell):
    """The names in backquotes of a cell, each looked for: (files, tests)."""
    files, tests = [], []
    for name in QUOTED.findall(cell):
        if is_file(name):
            files.append(name)
            if not (house.root / name).exists():
                tell(f"{name}: no such file")
        elif is_test(name):
            tests.append(name)
            fault = house.fault(name)
            if fault:
                tell(f"{name}: {fault}")
    return files, tests


def threat(house, cells, tell):
    _, control, files, default, tests, negative = cells
    there = named(house, files, tell)[0]
    proved, against = named(house, tests, tell)[1], named(house, negative, tell)[1]
    if re.match(r"open\b", tests):
        if proved:
            tell("is open and names a test")
        return
    if not control or not there or not default:
        tell("needs a control, the file that enforces it and its default")
    if not proved:
        tell("names no test and isn't open")
    if not against and not re.match(r"none: .{15}", negative):
        tell("names no negative control, nor why none is possible")


def requirement(house, cells, tell):
    _, level, asks, stands = cells
    if level not in ("1", "2", "3") or len(asks) < 4:
        tell("needs its level and what it asks")
    files, tests = named(house, stands, tell)
    if re.match(r"(open|n/a): .{6}", stands):
        return
    if not files and not tests:
        tell("names no test and no file, and is neither open nor n/a")


def check(root, faults, ran=None):
    """{document: (claims, of them open)}"""
    house, told = House(root, ran), {}
    for c in controls.read(root):
        fault = c.fault(root) or house.fault(c.fields["red"])
        if fault:
            faults.add("test/controls.txt", c.line, f"{c.name}: {fault}")
    for name, cells_wanted in CELLS.items():
        judge = threat if name.endswith("threats.md") else requirement
        seen, n_open = set(), 0
        for line, cells in rows(house.text(root / name)):
            def tell(what, line=line, cells=cells):
                faults.add(name, line, f"{cells[0]}: {what}")
            if len(cells) != cells_wanted:
                tell(f"{len(cells)} cells, not {cells_wanted}")
                continue
            if cells[0] in seen:
                tell("stands twice")
            seen.add(cells[0])
            judge(house, cells, tell)
            n_open += bool(re.match(r"open\b", cells[4] if judge is threat else cells[3]))
        told[name] = (len(seen), n_open)
    return told


def main(args):
    ran = None
    if args[:1] == ["--ran"]:
        ran = sources.ROOT / args[1]
        if not any(ran.glob("*.json")):
            print(f"{ran}: no logs of a run")
            return 1
    faults = gen.Faults()
    told = check(sources.ROOT, faults, ran)
    faults.stop_if_any()
    for name, (claims, n_open) in told.items():
        print(f"{name}: {claims} claims, {n_open} open")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
