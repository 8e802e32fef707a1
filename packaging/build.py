#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make dinh_VERSION_ARCH.deb from a built program: packaging/build.py PROGRAM OUT_DIR

The same program and sources give the same bytes, whatever the folder, the clock, the user and the
umask: every file's time is SOURCE_DATE_EPOCH, or that of the newest changelog entry.
"""
import argparse
import email.utils
import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import sbom

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SCRIPTS = ("postinst", "prerm", "postrm")
CONFFILES = ("/etc/nginx/snippets/dinh.conf",)


def template(name):
    """A file of debian/ that has no place for our first line."""
    return (HERE / "debian" / name).read_text(encoding="utf-8").split("\n", 1)[1]


def version():
    text = template("changelog")
    said = re.match(r"dinh \(([^)]+)\)", text).group(1)
    meson = (ROOT / "meson.build").read_text(encoding="utf-8")
    built = re.search(r"version: '([^']+)'", meson).group(1)
    if said != built:
        raise SystemExit(f"the changelog tells version {said}, meson.build {built}")
    return said


def epoch():
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    text = template("changelog")
    when = re.search(r"^ -- .*?  (.*)$", text, re.M).group(1)
    return int(email.utils.parsedate_to_datetime(when).timestamp())


def run(*args, **more):
    return subprocess.run([str(a) for a in args], check=True, capture_output=True, text=True,
                          **more).stdout


def depends(program):
    """Which packages its libraries come from, as dpkg-shlibdeps tells."""
    with tempfile.TemporaryDirectory() as tmp:
        folder = Path(tmp) / "debian"
        folder.mkdir()
        (folder / "control").write_text("Source: dinh\n\nPackage: dinh\nArchitecture: any\n",
                                        encoding="utf-8")
        out = run("dpkg-shlibdeps", "-O", f"-e{program.resolve()}", cwd=tmp)
    return out.split("=", 1)[1].strip()


def put(root, path, data, mode=0o644):
    target = root / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data if isinstance(data, bytes) else data.encode())
    target.chmod(mode)


def packed(data):
    """As gzip -9n: no name, no time."""
    return gzip.compress(data if isinstance(data, bytes) else data.encode(), 9, mtime=0)


def source(path):
    return (ROOT / path).read_bytes()


def fill(root, program):
    """All files of the package below root."""
    target = root / "usr/bin/dinh"
    target.parent.mkdir(parents=True)
    run("strip", "--strip-unneeded", "--remove-section=.comment", "--remove-section=.note", "-o",
        target, program)
    target.chmod(0o755)
    for unit in ("dinh.service", "dinh.socket", "dinh-backup.service", "dinh-backup.timer"):
        put(root, f"/lib/systemd/system/{unit}", source(f"packaging/systemd/{unit}"))
    put(root, "/etc/nginx/snippets/dinh.conf", source("packaging/nginx/dinh.conf"))
    put(root, "/usr/share/bash-completion/completions/dinh", source("packaging/bash_completion"))
    put(root, "/usr/share/man/man1/dinh.1.gz", packed(source("packaging/man/dinh.1")))
    put(root, "/usr/share/man/vi/man1/dinh.1.gz", packed(source("packaging/man/vi/dinh.1")))
    put(root, "/usr/share/lintian/overrides/dinh", source("packaging/debian/lintian-overrides"))
    doc = "/usr/share/doc/dinh"
    put(root, f"{doc}/copyright", template("copyright"))
    put(root, f"{doc}/changelog.gz", packed(template("changelog")))
    put(root, f"{doc}/examples/nginx-site.conf", source("packaging/nginx/site.conf"))
    for guide in sorted((ROOT / "docs").glob("operate*.md")) + [ROOT / "docs/audit-format.md"]:
        put(root, f"{doc}/{guide.name}.gz", packed(guide.read_bytes()))
    put(root, f"{doc}/sbom.cdx.json.gz", packed(sbom.text(program, version(), epoch())))
    (root / "var/lib/dinh").mkdir(parents=True)


def control(root, out, program):
    files = sorted(p for p in root.rglob("*") if p.is_file())
    size = sum(-(-p.stat().st_size // 1024) for p in files)
    text = template("control.in")
    for name, value in (("VERSION", version()), ("SIZE", str(size)), ("DEPENDS", depends(program)),
                        ("ARCH", run("dpkg", "--print-architecture").strip())):
        text = text.replace(f"@{name}@", value)
    put(out, "control", text)
    put(out, "conffiles", "".join(f"{p}\n" for p in CONFFILES))
    sums = run("md5sum", *[p.relative_to(root) for p in files
                           if f"/{p.relative_to(root)}" not in CONFFILES], cwd=root)
    put(out, "md5sums", sums)
    for name in SCRIPTS:
        put(out, name, source(f"packaging/debian/{name}"), 0o755)


def settle(root, when):
    """Modes and times that don't depend on who builds."""
    for p in sorted(root.rglob("*"), reverse=True):
        if p.is_dir():
            p.chmod(0o755)
        os.utime(p, (when, when))
    (root / "var/lib/dinh").chmod(0o700)
    root.chmod(0o755)
    os.utime(root, (when, when))


def build(program, out_dir):
    when = epoch()
    with tempfile.TemporaryDirectory() as tmp:
        root = Path(tmp) / "root"
        fill(root, program)
        control(root, root / "DEBIAN", program)
        settle(root, when)
        out_dir.mkdir(parents=True, exist_ok=True)
        run("dpkg-deb", "--root-owner-group", "-Zxz", "--threads-max=1", "--build", root,
                   Path(tmp), env={**os.environ, "SOURCE_DATE_EPOCH": str(when), "LC_ALL": "C"})
        deb = next(Path(tmp).glob("*.deb"))
        target = out_dir / deb.name
        shutil.copyfile(deb, target)
    return target


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    os.umask(0o022)
    try:
        print(build(given.program, given.out))
    except subprocess.CalledProcessError as e:
        sys.exit(f"{e.cmd[0]}: {e.stderr}")
