#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The operator's guide, command by command: each sh block of docs/operate.md is run in its order,
in a root of our own, where apt-get, systemctl, runuser, journalctl and nginx are small stand-ins:
dpkg into that root, the package's units by their own lines, the real nginx asked whether it reads
the site. The English guide has the same blocks."""
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import front
import release
import unit
from nation import ROOT, free_ports, program, run

PATHS = ("/var/lib/dinh", "/var/backups/dinh", "/etc/dinh", "/etc/credstore", "/etc/nginx",
         "/run/dinh", "/srv", "/root/", "/tmp/", "/usr/share/doc/dinh")
STAND_IN = '#!/bin/sh\nexec {python} {manager} {top} {name} "$@"\n'
FEWEST = 15
checked = 0


def check(good, what):
    global checked
    checked += 1
    if not good:
        raise SystemExit(f"FAIL  {what}")


def blocks(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    return re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S)


# ---- what the machine would do, in our root ----

class Machine:
    def __init__(self, top):
        self.top, self.root = top, top / "root"
        (self.root / "var/lib/dpkg/info").mkdir(parents=True)
        (self.root / "var/lib/dpkg/updates").mkdir()
        (self.root / "var/lib/dpkg/status").touch()
        for folder in ("run/dinh", "srv/new-disk", "root", "tmp", "var/backups/dinh", "bin",
                       "etc/nginx/sites-available", "etc/nginx/sites-enabled", "etc/dinh"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        front.certificate(self.root / "etc/dinh")  # what the guide asks for
        self.port = free_ports(6)
        self.service, self.log, self.did = None, top / "log", []
        for name in ("apt-get", "systemctl", "runuser", "journalctl", "nginx"):
            self.stand_in(name)
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(str(top / "door"))
        self.door.listen(8)
        threading.Thread(target=self.answer, daemon=True).start()

    def stand_in(self, name):
        path = self.root / "bin" / name
        path.write_text(STAND_IN.format(python=sys.executable, manager=Path(__file__).resolve(),
                                        top=self.top, name=name))
        path.chmod(0o755)

    def here(self, text):
        """A command of the guide, its paths and ports those of our root."""
        ours = "|".join(map(re.escape, PATHS))
        text = re.sub(rf"(?<![\w/.])(?:{ours})", lambda m: f"{self.root}{m.group()}", text)
        return text.replace("8810", str(self.port)).replace("0.0.0.0", "127.0.0.1")

    def answer(self):
        """One stand-in after the other says its command line and is told exit code and words."""
        while True:
            try:
                link = self.door.accept()[0]
            except OSError:
                return
            with contextlib.closing(link):
                words = json.loads(link.makefile().readline())
                try:
                    code, said = getattr(self, words[0].replace("-", "_"))(*words[1:])
                except Exception as e:  # told to whoever called; the test fails there
                    code, said = 1, repr(e)
                link.sendall(json.dumps([code, said]).encode() + b"\n")

    def apt_get(self, verb, name):
        options = [f"--root={self.root}", "--force-script-chrootless", "--force-depends",
                   "--force-not-root", "--force-bad-path", "--force-confold", "--log=/dev/null"]
        if verb == "purge":
            code, out, err = run("dpkg", *options, "--purge", name)
            return code, out + err
        code, out, err = run("dpkg", *options, "--install", self.top / name)
        tool = self.root / "bin" / "dinh"
        if not tool.exists():
            tool.symlink_to(self.root / "usr/bin/dinh")
        if self.service and self.service.process.poll() is None:
            self.restart()
        return code, out + err

    def unit_file(self, name):
        return self.root / "lib/systemd/system" / name

    def start(self):
        if self.service:
            return
        swap = [("/usr/bin/dinh", self.root / "usr/bin/dinh"),
                ("/var/lib/dinh", self.root / "var/lib/dinh")]
        sock, said = self.root / "run/dinh/http.sock", self.top / "notify"
        for path in (sock, said):
            path.unlink(missing_ok=True)
        self.service = unit.Service(self.unit_file("dinh.service"), sock, said, swap, self.log,
                                    self.root / "etc/credstore")
        if not self.service.start():
            raise RuntimeError(self.service.said())

    def stop(self):
        if self.service:
            self.service.end()
        self.service = None

    def restart(self):
        if self.service.stop() != 0 or not self.service.start():
            raise RuntimeError(self.service.said())

    def oneshot(self, name):
        facts = unit.settings(self.unit_file(name))
        given = facts["StandardInput"][0].removeprefix("file:")
        line = self.here(facts["ExecStart"][0].replace("%%", "%"))
        line = re.sub(r"(?<![\w/])/usr/bin/dinh", str(self.root / "usr/bin/dinh"), line)
        with open(self.here(given), encoding="utf-8") as stdin:
            env = {**os.environ, **unit.credentials(facts, self.root / "etc/credstore")}
            p = subprocess.run(["/bin/sh", "-c", f"exec {line}"], stdin=stdin, capture_output=True,
                               text=True, env=env)
        return p.returncode, p.stdout + p.stderr

    def systemctl(self, verb, *names):
        names = [n for n in names if n != "--now"]
        self.did.append((verb, *names))
        known = [n for n in names if n != "nginx"]
        if not all(self.unit_file(n).exists() for n in known):
            return 5, f"no such unit among {names}"
        if verb == "start" and names == ["dinh-backup.service"]:
            return self.oneshot(names[0])
        if "dinh.service" in names:
            {"start": self.start, "enable": self.start, "stop": self.stop, "restart": self.restart,
             "status": lambda: None}[verb]()
        return 0, ""

    def runuser(self, *words):
        if words[:3] != ("-u", "dinh", "--"):
            return 1, f"runuser {words}"
        return 77, ""  # the stand-in runs it itself

    def journalctl(self, *words):
        return (0, self.log.read_text()) if words == ("-u", "dinh") else (1, str(words))

    def nginx(self, *words):
        """The real one reads the site, its ports and certificate those of the test."""
        folder = self.top / "nginx"
        folder.mkdir()
        site = (self.root / "etc/nginx/sites-enabled/dinh").read_text()
        site = re.sub(r"listen \[::\]:.*\n", "\n", site)
        site = site.replace("listen 80 ", f"listen 127.0.0.1:{self.port + 1} ")
        site = site.replace("listen 443 ", f"listen 127.0.0.1:{self.port + 2} ")
        site = site.replace("/etc/dinh/", f"{self.root}/etc/dinh/")
        site = site.replace("include snippets/", f"include {self.root}/etc/nginx/snippets/")
        (folder / "site.conf").write_text(site)
        (folder / "nginx.conf").write_text(front.MAIN.format(dir=folder, user=""))
        return run("nginx", "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf",
                   *words)[:1] + ("",)

    def neighbour(self):
        """Node g24 of another agency has sent its introduction."""
        data = self.top / "g24"
        exe = program()
        code, out, err = run(exe, "init", "--data", data, "--name", "g24", "--agency", "G24",
                             "--systems", "insurance", "--port", self.port + 3, "--exchange-port",
                             self.port + 4)
        check(code == 0, out + err)
        (self.root / "tmp/g24.json").write_text(run(exe, "peers", "show", "--data", data)[1])

    def play(self, block):
        env = {**os.environ, "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}", "LANG": "en"}
        script = "set -euo pipefail\n" + self.here(block)
        p = subprocess.run(["bash", "-c", script], cwd=self.top, env=env, capture_output=True,
                           text=True, errors="replace", timeout=300)
        check(p.returncode == 0, f"the guide says\n{block}\n{p.stdout}{p.stderr}")
        return p.stdout + p.stderr


# ---- what the guide promises ----

def stand_in(top, words):
    """Called as one of the stand-ins."""
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as s:
        s.connect(f"{top}/door")
        s.sendall(json.dumps(words).encode() + b"\n")
        code, said = json.loads(s.makefile().readline())
    if code == 77:
        os.execvp(words[4], words[4:])
    sys.stdout.write(said)
    raise SystemExit(code)


def told_before(machine):
    """The row tells of the key that it had, which the certificate installed first was for."""
    row = json.loads((machine.root / "tmp/h57.json").read_text())
    keys = [row["sign_cert"], *(k["sign_cert"] for k in row["before"])]
    return len(set(keys)) == 2 and "next" not in row and \
        not list((machine.root / "var/lib/dinh/keys").glob("*.next.*"))


PROMISES = {
    "--admin quantri --check": lambda m, said: "Nothing was made" in said
    and not (m.root / "var/lib/dinh/node.json").exists(),
    "--admin quantri\n": lambda m, said: re.search(r"quantri\s+\w{5}-\w{5}", said),
    "healthz": lambda m, said: '"status":"ok"' in said and '"keys":"secret"' in said,
    "keys secret": lambda m, said: (m.root / "etc/credstore/dinh.key-secret").stat().st_mode
    & 0o777 == 0o600,
    "keys protect": lambda m, said: "under the new secret" in said,
    "keys next": lambda m, said: said.count(".csr") == 2 and "New keys wait" in said,
    "keys change": lambda m, said: "signs with the new keys" in said and told_before(m),
    "keys list": lambda m, said: len(re.findall(r" 7\d\d days left", said)) >= 2,
    "settings accept": lambda m, said: "are those accepted" in said and "as they are now" in said,
    "peers add": lambda m, said: {n["name"] for n in json.loads(
        (m.root / "var/lib/dinh/federation.json").read_text())["nodes"]} == {"h57", "g24"},
    "dinh-backup.timer": lambda m, said: ("enable", "dinh-backup.timer") in m.did,
    "dinh verify": lambda m, said: "hold." in said,
    "journalctl": lambda m, said: "serves https://dinh.h57.example.gov.vn" in said,
    "apt-get purge": lambda m, said: "is kept" in said and "node.json" in said,
}


def refusals(machine):
    """What the guide says is refused is refused, and nothing is written."""
    exe, data = machine.root / "usr/bin/dinh", machine.root / "var/lib/dinh"
    before = (data / "keys/sign.crt").read_bytes()
    secret = ["--key-secret", machine.root / "etc/credstore/dinh.key-secret"]
    install = ["keys", "install", "--data", data, *secret]
    for error, args in (
            ("ERR_CERT_NOT_OURS", [*install, "--sign", data / "keys/tls.crt"]),
            ("ERR_KEY_CERT", [*install, "--tls", data / "node.json"]),
            ("ERR_ROOT_BOUND", [*install, "--ca", machine.top / "g24/keys/ca.crt"])):
        code, out, err = run(exe, *args)
        check(code == 1 and error in err, f"{args}: {code} {out}{err}")
    check((data / "keys/sign.crt").read_bytes() == before, "a refused certificate was installed")
    broken = machine.root / "tmp/broken.json"
    broken.write_text('{"name": "x", "sign_cert": "no"}')
    known = (data / "federation.json").read_bytes()
    code, out, err = run(exe, "peers", "add", "--data", data, "--from", broken, *secret)
    check(code == 1 and "ERR_DEFINITION" in err, f"a broken row: {code} {out}{err}")
    check((data / "federation.json").read_bytes() == known, "a broken row was kept")
    code, out, err = run(exe, "init", "--data", machine.top / "x", "--name", "x", "--agency", "H57",
                         "--admin", "a b")
    check(code == 1 and "--admin" in err and not (machine.top / "x").exists(), f"{code}{err}")


def main():
    os.chdir(ROOT)
    top = Path(tempfile.mkdtemp(prefix="dinh-guide."))
    top.chmod(0o711)
    vi, en = blocks("docs/operate.md"), blocks("docs/operate.en.md")
    check(vi == en, "the two guides don't say the same commands")
    check(len(vi) >= FEWEST, f"only {len(vi)} blocks")
    code, out, err = run(sys.executable, ROOT / "packaging/build.py", program(), top)
    check(code == 0, out + err)
    with release.keys(check, top / "gpg", "releases") as (key,):
        release.sign(check, top, key)
    machine, kept = Machine(top), set()
    try:
        machine.neighbour()
        for block in vi:
            said = machine.play(block)
            for words, holds in PROMISES.items():
                if words in block:
                    kept.add(words)
                    check(holds(machine, said), f"it doesn't do it:\n{block}\n{said}")
            if "peers add" in block:
                machine.stop()
                refusals(machine)
                machine.start()
        check(kept == set(PROMISES), f"nothing in the guide does {set(PROMISES) - kept}")
    finally:
        machine.stop()
        machine.door.close()
        shutil.rmtree(top)
    print(f"{len(vi)} blocks of the guide played, {checked} checks hold")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        stand_in(sys.argv[1], sys.argv[2:])
    main()
