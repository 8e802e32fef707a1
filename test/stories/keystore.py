#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A node whose key files are sealed, from `dinh init` on: started with its secret as a file and as
systemd hands it over, refused in both languages without it, with another, with a file damaged or
out of place; its keeper killed; the secret changed; a node in clear sealed; backed up and restored;
a new root key, the old one destroyed; its signing keys in a token (PKCS#11), which is taken away.

The secret is in no writable byte of the node; the control finds its folder's name there.
"""
import base64
import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from judge import check, verdict
from keeper import holds, named
from nation import free_ports, program, run

PASSPHRASE = "một cụm mật khẩu đủ dài\n"
PATIENCE = 60
SETTLED, KILLS = "nothing is left to seal anew under root key", 4
MODULE, PIN = "/usr/lib/softhsm/libsofthsm2.so", "482913"


class Desk:
    def __init__(self):
        self.exe, self.top = program(), Path(tempfile.mkdtemp(prefix="dinh-keystore."))
        self.node, self.port, self.process = self.top / "node", free_ports(2), None

    def secret(self, name):
        path = self.top / name
        check(run(self.exe, "keys", "secret", "--to", path)[0] == 0, f"keys secret {name}")
        check(path.stat().st_mode & 0o777 == 0o600, f"{name} is open to others")
        return path

    def init(self, folder, *more, **how):
        return subprocess.run(
            [self.exe, "init", "--data", folder, "--name", "x", "--agency", "H57", "--port",
             str(self.port), "--exchange-port", str(self.port + 1), *map(str, more)],
            capture_output=True, text=True, timeout=60, **how)

    def done(self, *args, stdin=None):
        code, out, err = run(self.exe, *args, stdin=stdin)
        check(code == 0, f"{args[:2]}: exit {code}: {out}{err}")
        return out

    def start(self, *more, env=None):
        """How long until the first answer, in ms; its log is in self.top."""
        with open(self.top / "log", "wb") as log:
            begun = time.monotonic()
            self.process = subprocess.Popen(
                [self.exe, "serve", "--data", self.node, *more], stdout=log, stderr=log,
                env={**os.environ, **(env or {})})
        while time.monotonic() < begun + PATIENCE and self.process.poll() is None:
            with contextlib.suppress(OSError):
                return self.health() and (time.monotonic() - begun) * 1000
            time.sleep(0.002)
        raise SystemExit(f"it doesn't serve: {(self.top / 'log').read_text()}")

    def health(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as a:
            return json.load(a)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            check(self.process.wait(PATIENCE) == 0, "the node ended badly")
        self.process = None

    def log(self):
        return (self.top / "log").read_text()


def refused(d, what, error, *words, command="verify", more=()):
    """Two lines, one in each language, that name the file and tell what to do."""
    args = [*command.split(), "--data", d.node, *more]
    code, out, err = run(d.exe, *args, timeout=PATIENCE)
    said = [x for x in err.splitlines() if x.startswith(error + ": ")]
    check(code == 1 and len(said) == 2 and said[0] != said[1], f"{what}: {code} {out}{err}")
    for line in said:
        for word in words:
            check(str(word) in line, f"{what}: {word} isn't told: {line}")


def greet(port):
    """A handshake with the exchange: the keeper signs it."""
    how = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    how.check_hostname, how.verify_mode = False, ssl.CERT_NONE
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 20) as s, \
            how.wrap_socket(s) as t:
        t.recv(1)


def lives_with(d, one):
    """Started from a file, then as systemd does it; its keeper is killed; nobody else has it."""
    bits = base64.urlsafe_b64decode(one.read_text().strip().split(":")[1] + "=")
    took = d.start("--key-secret", one)
    check(d.health()["keys"] == "secret", f"{d.health()}")
    keeper = named("dinh-keeper", named("dinh-starter", d.process.pid))
    check(holds(d.process.pid, bits) == 0, "the secret is in the node's memory")
    check(not holds(d.process.pid, one.read_text().strip().encode()), "the secret's text is there")
    check(holds(d.process.pid, str(d.node).encode()), "the look finds nothing: it proves nothing")
    print(f"the secret in the node 0 times, in its keeper, which wiped it, {holds(keeper, bits)}")
    os.kill(keeper, signal.SIGKILL)
    until = time.monotonic() + PATIENCE
    while "keeper was started anew" not in d.log() and time.monotonic() < until:
        time.sleep(0.05)
        greet(d.port + 1)
        if d.process.poll() is not None:
            break
    check("keeper was started anew" in d.log(), f"a killed keeper isn't back: {d.log()[-900:]}")
    d.stop()
    handed = d.top / "credentials"
    handed.mkdir()
    shutil.copy(one, handed / "dinh.key-secret")
    d.start(env={"CREDENTIALS_DIRECTORY": str(handed)})
    check(d.health()["keys"] == "secret", f"handed over: {d.health()}")
    d.stop()
    return took


def is_refused(d, one, two):
    keys, with_one = d.node / "keys", ("--key-secret", one)
    refused(d, "no secret", "ERR_KEY_SECRET_NONE", keys / "keystore", "--key-secret")
    refused(d, "another", "ERR_KEY_SECRET", keys / "keystore", more=("--key-secret", two))
    refused(d, "another, at start", "ERR_KEY_SECRET", keys / "keystore", command="serve",
            more=("--key-secret", two))
    refused(d, "no such file", "ERR_KEY_SECRET_FILE", d.top / "none",
            more=("--key-secret", d.top / "none"))
    refused(d, "a descriptor", "ERR_OPTION_VALUE", "--key-secret", command="serve",
            more=("--key-secret", "fd:3"))
    sign, tls = (keys / "sign.key").read_bytes(), (keys / "tls.key").read_bytes()
    (keys / "sign.key").write_bytes(sign[:60] + bytes([sign[60] ^ 1]) + sign[61:])
    refused(d, "a bit flipped", "ERR_KEY_DAMAGED", keys / "sign.key", "keys", more=with_one)
    (keys / "sign.key").write_bytes(tls)
    refused(d, "swapped", "ERR_KEY_SWAPPED", keys / "sign.key", "x, tls.key", more=with_one)
    (keys / "sign.key").write_bytes(sign)
    settings = d.node / "node.json"
    was = settings.read_text()
    settings.write_text(was.replace('"name": "x"', '"name": "y"'))
    refused(d, "another node", "ERR_KEY_SWAPPED", "x, keystore", more=with_one)
    settings.write_text(was)
    d.done("verify", "--data", d.node, *with_one)


def is_changed(d, one, two):
    """To another secret, to a passphrase, and back; a running node is left alone."""
    words = d.top / "words"
    words.write_text(PASSPHRASE)
    words.chmod(0o600)
    d.start("--key-secret", one)
    refused(d, "it runs", "ERR_NODE_RUNNING", command="keys protect",
            more=("--key-secret", one, "--new-secret", two))
    d.stop()
    change = ["keys", "protect", "--data", d.node]
    d.done(*change, "--key-secret", one, "--new-secret", words)
    took = d.start("--key-secret", words)
    check(d.health()["keys"] == "passphrase", f"{d.health()}")
    d.stop()
    d.done(*change, "--key-secret", words, "--new-secret", two)
    refused(d, "the old one", "ERR_KEY_SECRET", "keystore", more=("--key-secret", one))
    d.done("verify", "--data", d.node, "--key-secret", two)
    return took


def is_backed_up(d, two):
    saved, back = d.top / "saved", d.top / "back"
    d.done("backup", "--data", d.node, "--to", saved, "--key-secret", two, stdin=PASSPHRASE)
    d.done("restore", "--data", back, "--from", saved, stdin=PASSPHRASE)
    d.done("verify", "--data", back, "--key-secret", two)
    check(run(d.exe, "verify", "--data", back)[0] == 1, "the restored node opens without")
    found = json.loads(run(d.exe, "diagnose", "--json", "--data", back, "--key-secret", two)[1])
    keys = {f["code"]: f for f in found["findings"]}["keys"]
    check((keys["state"], keys["fact"]) == ("ok", "secret"), f"diagnose: {keys}")


def settle(d, *secret, kills):
    """Runs until nothing is left to seal anew; killed on the way, at any instant."""
    for i in range(kills):
        d.start(*secret)
        time.sleep(i * 0.01)
        d.process.kill()
        d.process.wait(PATIENCE)
    d.start(*secret)
    until = time.monotonic() + PATIENCE
    while SETTLED not in d.log() and time.monotonic() < until:
        time.sleep(0.05)
    check(SETTLED in d.log(), f"it isn't sealed anew: {d.log()[-900:]}")
    d.stop()


def has_a_successor(d, two):
    """A new root key; the old one goes when nothing needs it, and backups of before with it."""
    secret, saved, back = ("--key-secret", two), d.top / "before", d.top / "back.before"
    restore = ["restore", "--data", back, "--from", saved]
    d.done("backup", "--data", d.node, "--to", saved, *secret, stdin=PASSPHRASE)
    old = (d.node / "keys/root.key").read_bytes()
    d.start(*secret)
    refused(d, "it runs", "ERR_NODE_RUNNING", command="keys rotate", more=secret)
    d.stop()
    d.done("keys", "rotate", "--data", d.node, *secret)
    settle(d, *secret, kills=KILLS)
    d.done("verify", "--data", d.node, *secret)
    d.done("backup", "--data", d.node, "--to", d.top / "between", *secret, stdin=PASSPHRASE)
    d.done(*restore, stdin=PASSPHRASE)  # the subjects' keys are of now, the root key of then
    d.done("verify", "--data", back, *secret)
    shutil.rmtree(back)
    d.done("keys", "retire", "--data", d.node, *secret)
    d.done("verify", "--data", d.node, *secret)
    new = (d.node / "keys/root.key").read_bytes()
    (d.node / "keys/root.key").write_bytes(old)
    refused(d, "the old root key", "ERR_KEY_OTHER", "root.key", more=secret)
    (d.node / "keys/root.key").write_bytes(new)
    d.start(*secret)
    d.stop()
    d.done("backup", "--data", d.node, "--to", d.top / "after", *secret, stdin=PASSPHRASE)
    d.done(*restore, stdin=PASSPHRASE)
    code, _, err = run(d.exe, "verify", "--data", back, *secret)
    check(code == 1 and "ERR_SUBJECT_KEYS" in err, f"a backup of before the end: {code} {err}")
    print("a root key has a successor, through kills; its backups end with it")


def clear_is_sealed(d, one):
    d.node = d.top / "clear"
    check(d.init(d.node).returncode == 0, "init in clear")
    start = d.start()
    check(d.health()["keys"] == "clear", f"{d.health()}")
    d.stop()
    found = json.loads(run(d.exe, "diagnose", "--json", "--data", d.node)[1])
    keys = {f["code"]: f for f in found["findings"]}["keys"]
    check(keys["state"] == "look" and "keys protect" in keys["remedy"]["en"], f"{keys}")
    d.done("keys", "protect", "--data", d.node, "--new-secret", one)
    check(d.done("keys", "list", "--data", d.node).split()[-1] == "secret", "keys list")
    for p in (d.node / "keys").glob("*.key"):
        check(b"PRIVATE" not in p.read_bytes(), f"{p.name} lies in clear")
    d.done("verify", "--data", d.node, "--key-secret", one)
    d.done("keys", "csr", "--data", d.node, "--to", d.top / "csr", "--key-secret", one)
    return start


def token_made(d):
    """Two keys in a token in software; returns their URIs."""
    (d.top / "tokens").mkdir()
    conf = d.top / "softhsm.conf"
    conf.write_text(f"directories.tokendir = {d.top}/tokens\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(conf)
    made = [["softhsm2-util", "--init-token", "--free", "--label", "dinh", "--pin", PIN,
             "--so-pin", "73910846"]]
    for name in ("sign", "tls"):
        made.append(["p11tool", "--batch", f"--provider={MODULE}", "--login", f"--set-pin={PIN}",
                     "--generate-privkey=ECC", "--curve=secp256r1", f"--label={name}",
                     "--outfile=/dev/null", "pkcs11:token=dinh"])
    for args in made:
        code, out, err = run(*args)
        check(code == 0, f"{args[0]}: {out}{err}")
    return [f"pkcs11:token=dinh;object={name};type=private?module-path={MODULE}"
            for name in ("sign", "tls")]


def certified(d, secret):
    """Certificates for the keys it has now, by an authority of our own."""
    ca, key = d.top / "ca.crt", d.top / "ca.key"
    d.done("keys", "csr", "--data", d.node, "--to", d.top / "csr", *secret)
    root = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", "/C=VN/O=x/CN=root", "-addext", "keyUsage=critical,keyCertSign", "-keyout",
            key, "-out", ca, "-days", "9"]
    steps = [] if ca.exists() else [root]
    for name in ("sign", "tls"):
        steps.append(["x509", "-req", "-in", d.top / f"csr/{name}.csr", "-copy_extensions", "copy",
                      "-CA", ca, "-CAkey", key, "-days", "8", "-out", d.top / f"{name}.crt"])
    for args in steps:
        code, out, err = run("openssl", *args)
        check(code == 0, f"openssl {args[0]}: {out}{err}")
    d.done("keys", "install", "--data", d.node, "--ca", ca, "--sign", d.top / "sign.crt", "--tls",
           d.top / "tls.crt", *secret)
    return ca


def lives_in_a_token(d, one):
    """Its files of the same keys are gone; a peer judges it by its authority; it is taken away."""
    secret = ("--key-secret", one)
    d.node = d.top / "token"
    check(d.init(d.node, *secret).returncode == 0, "init for a token")
    certified(d, secret)
    sign, tls = token_made(d)
    token = ["keys", "token", "--data", d.node, "--sign", sign, "--tls", tls, *secret]
    code, out, err = run(d.exe, *token, stdin="0000\n")
    check(code == 1 and "ERR_KEY_TOKEN" in err, f"a wrong PIN: {code} {out}{err}")
    d.done(*token, stdin=PIN + "\n")
    for name in ("sign", "tls"):
        (d.node / f"keys/{name}.key").unlink()
    how = ssl.create_default_context(cafile=certified(d, secret))
    how.check_hostname = False
    d.start(*secret)
    with socket.create_connection(("127.0.0.1", d.port + 1), 20) as s, how.wrap_socket(s) as t:
        seen = ssl.DER_cert_to_PEM_cert(t.getpeercert(True)).strip()
    check(seen == (d.node / "keys/tls.crt").read_text().strip(), "another certificate is shown")
    d.stop()
    d.done("verify", "--data", d.node, *secret)
    (d.top / "tokens").rename(d.top / "away")
    (d.top / "tokens").mkdir()
    refused(d, "the token is away", "ERR_KEY_TOKEN", "token=dinh;object=sign", command="serve",
            more=secret)
    print("a node signs by its token, and says when it is taken away")


def main():
    d = Desk()
    try:
        one, two = d.secret("one"), d.secret("two")
        with open(one, "rb") as f:
            fd = f.fileno()
            made = d.init(d.node, "--key-secret", f"fd:{fd}", pass_fds=(fd,))
        check(made.returncode == 0, f"init: {made.stderr}")
        secret = lives_with(d, one)
        is_refused(d, one, two)
        words = is_changed(d, one, two)
        is_backed_up(d, two)
        has_a_successor(d, two)
        clear = clear_is_sealed(d, one)
        lives_in_a_token(d, one)
        print("sealed keys open under their secret alone")
        print(f"to the first answer: in clear {clear:.0f} ms, sealed under the machine's secret "
              f"{secret:.0f} ms, under a passphrase {words:.0f} ms")
    finally:
        if d.process:
            d.process.kill()
        shutil.rmtree(d.top, ignore_errors=True)
    verdict()


if __name__ == "__main__":
    main()
