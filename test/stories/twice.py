#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same sources compiled in another folder give the same bytes: objects of each layer in every
run, the whole program and its package with --whole (./dev package --twice, ./dev test --deep).
"""
import argparse
import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from judge import check, verdict
from nation import ROOT, program, run

LEFT_OUT = ("build", "build-*", "node_modules", ".git", ".cache", ".demo", "__pycache__")
OBJECTS = ("src_base_log.c.o", "src_crypto_keeper.c.o", "src_db_db_migrate.c.o",
           "src_web_web_answer.c.o", "src_core_audit.c.o", "meson-generated_.._gen_schemas.c.o",
           "meson-generated_.._gen_errors.c.o")


def done(*args, timeout=7200):
    code, out, err = run(*args, timeout=timeout)
    if code:
        raise SystemExit(f"{' '.join(map(str, args))}: exit {code}\n{out[-2000:]}{err[-2000:]}")
    return out


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def elsewhere(top):
    """The sources in a folder with another, longer name, configured as ./dev build does."""
    copy = top / "another folder's name".replace(" ", "-").replace("'", "")
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (copy / "node_modules").symlink_to(ROOT / "node_modules")
    done("meson", "setup", copy / "build", copy, "-Dwerror=true")
    return copy


def objects(copy):
    names = [f"libdinh.a.p/{name}" for name in OBJECTS]
    done("ninja", "-C", copy / "build", *names)
    for name in names:
        check(sha256(ROOT / "build" / name) == sha256(copy / "build" / name),
              f"{name} differs by its folder")
    told = (copy / "build" / names[0]).read_bytes()
    check(str(copy).encode() not in told, "an object tells its folder")
    return len(names)


def whole(copy, top):
    done("ninja", "-C", copy / "build", "dinh")
    check(sha256(program()) == sha256(copy / "build/dinh"), "the program differs by its folder")
    packages = [done(sys.executable, tree / "packaging/build.py", tree / "build/dinh",
                     top / f"package{i}").strip() for i, tree in enumerate((ROOT, copy))]
    check(sha256(packages[0]) == sha256(packages[1]), "the package differs by its folder")
    print(f"dinh sha256 {sha256(program())}")
    same = sha256(program()) == sha256(copy / "build/dinh")
    print(f"figure C34 built_twice=2 same_program={same:d}")


def control(copy):
    """A source that does tell its folder is found."""
    name = f"libdinh.a.p/{OBJECTS[0]}"
    with open(copy / "src/base/log.c", "a", encoding="utf-8") as f:
        f.write(f'extern const char log_built_in[];\nconst char log_built_in[] = "{copy}";\n')
    done("ninja", "-C", copy / "build", name)
    return sha256(ROOT / "build" / name) != sha256(copy / "build" / name)


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--whole", action="store_true")
    o = a.parse_args()
    os.environ["CCACHE_DISABLE"] = "1"  # what was compiled once before proves nothing
    top = Path(tempfile.mkdtemp(prefix="dinh-twice."))
    try:
        copy = elsewhere(top)
        n = objects(copy)
        if o.whole:
            whole(copy, top)
        check(control(copy), "an object that tells its folder isn't found")
    finally:
        shutil.rmtree(top)
    print(f"{n} objects compiled in two folders are the same; one that tells its folder is found")
    verdict()


if __name__ == "__main__":
    main()
