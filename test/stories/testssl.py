#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""testssl.sh over each port where a node speaks TLS: the exchange's own, and nginx as we ship it
before the pages. No finding above LOW; TLS 1.2 and 1.3 by authenticated encryption alone (C34).

testssl.py [--whole]: --whole asks every check of the tool, else which protocols are spoken.
The control: a server that is weak on purpose is found to be, by the same reading."""
import argparse
import concurrent.futures
import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import front
from judge import check, faults, verdict
from nation import ROOT, free_ports, program, run

FEW = ["-p"]
GOOD = ("OK", "INFO", "LOW", "DEBUG")
AEAD = ("GCM", "CHACHA20", "CCM")
# BREACH: pages are packed; their tokens are masked anew each time (T13.7). The rest is
# of the certificate, which is the test's own: who signed it and for how long is no matter of ours.
OURS = ("BREACH", "engine_problem", "cert_", "chain_of_trust", "OCSP", "DNS_CAA", "HSTS",
        "overall_grade", "trust")
LIMIT_S = 900


def member(folder):
    """An openssl that shows the node's own certificate: the exchange ends a client without one,
    and whether s_client has ended before it reads that is a matter of which was faster."""
    keys = folder / "node/keys"
    return asking(folder / "openssl-member", f"-cert {keys}/tls.crt -key {keys}/tls.key")


def named(folder):
    """An openssl that says whom it calls, also where the tool thinks that needless: our front
    shows nobody else a certificate."""
    return asking(folder / "openssl-named", f"-servername {front.NAME}")


def asking(path, words):
    """An openssl whose s_client has these words too, and never hides whom it calls."""
    path.write_text('#!/bin/sh\n[ "$1" = s_client ] || exec /usr/bin/openssl "$@"\nshift\n'
                    'for word; do shift; [ "$word" = -noservername ] || set -- "$@" "$word"; done\n'
                    f'exec /usr/bin/openssl s_client {words} "$@"\n')
    path.chmod(0o755)
    return path


def asked(port, folder, whole, openssl="/usr/bin/openssl"):
    """Findings of the tool: [(id, severity, words)]."""
    out = folder / f"{port}.json"
    command = ["testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none",
               "--ip", "127.0.0.1", "--connect-timeout", "60", "--openssl-timeout", "60",
               "--openssl", openssl, "--jsonfile", out, *([] if whole else FEW),
               f"{front.NAME}:{port}"]
    began = time.monotonic()
    code, said, err = run("nice", *command, timeout=LIMIT_S * (2 if whole else 1))
    rows = json.loads(out.read_text()) if out.exists() else []
    check(rows, f"port {port}: testssl says nothing ({code}): {said[-2000:]}{err[-500:]}")
    print(f"port {port}: {len(rows)} findings in {time.monotonic() - began:.0f} s", flush=True)
    return [(r["id"], r["severity"], r["finding"]) for r in rows]


def faults_of(rows):
    """What is above LOW, and what the rows show that C34 doesn't take."""
    found = [f"{i}: {s} {w}" for i, s, w in rows
             if s not in GOOD and not i.startswith(OURS)]
    offered = {i: w for i, _, w in rows}
    for old in ("SSLv2", "SSLv3", "TLS1", "TLS1_1"):
        if not offered.get(old, "").startswith("not offered"):
            found.append(f"{old}: {offered.get(old)}")
    ciphers = [w for i, _, w in rows if i.startswith(("cipher-", "cipher_x", "cipherorder_TLS"))]
    for name in {x for w in ciphers for x in w.split() if x.startswith(("TLS_", "ECDHE", "AES"))
                 or "-SHA" in x}:
        if not any(good in name for good in AEAD):
            found.append(f"a cipher without authentication of its own: {name}")
    found += [f"{i}: {w}" for i, _, w in rows if i.startswith("cipherlist_")
              and not i.startswith("cipherlist_STRONG") and not w.startswith("not offered")]
    return found


def spoken(rows):
    return {i for i, _, w in rows if i in ("TLS1_2", "TLS1_3") and w.startswith("offered")}


@contextlib.contextmanager
def weak(folder, port):
    """TLS 1.0 and CBC with SHA-1, by a key of 1024 bits: all that a port must not be."""
    done = run("openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=weak",
               "-keyout", folder / "weak.key", "-out", folder / "weak.crt", "-days", "2")
    check(done[0] == 0, f"openssl: {done[2]}")
    p = subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet", "-www",
                          "-key", folder / "weak.key", "-cert", folder / "weak.crt", "-cipher",
                          "AES128-SHA:ECDHE-RSA-AES128-SHA:@SECLEVEL=0", "-no_tls1_3"],
                         stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        p.terminate()
        p.wait(30)


def opened(port, sort=socket.AF_INET):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.socket(sort) as s:
            s.connect(port if sort == socket.AF_UNIX else ("127.0.0.1", port))
            return
        time.sleep(0.05)
    check(False, f"nobody listens at {port}")


@contextlib.contextmanager
def node(top, port):
    data, sock, exe = top / "node", top / "http.sock", program()
    code, out, err = run(exe, "init", "--data", data, "--name", "h57", "--agency", "H57",
                         "--address", f"unix:{sock}", "--url", f"https://{front.NAME}",
                         "--exchange-port", port, "--exchange-address", "127.0.0.1",
                         "--exchange-url", f"https://127.0.0.1:{port}")
    check(code == 0, f"init: {out}{err}")
    with open(top / "log", "wb") as log:
        p = subprocess.Popen([exe, "serve", "--data", data], stdout=log, stderr=log)
    try:
        opened(port)
        opened(str(sock), socket.AF_UNIX)
        sock.chmod(0o666)  # nginx's workers aren't we
        yield sock
    finally:
        p.terminate()
        p.wait(60)


def tree_of(top):
    """Our nginx files where the package puts them."""
    tree = top / "tree"
    for was, to in (("site.conf", "usr/share/doc/dinh/examples/nginx-site.conf"),
                    ("dinh.conf", "etc/nginx/snippets/dinh.conf")):
        (tree / to).parent.mkdir(parents=True)
        shutil.copy(ROOT / "packaging/nginx" / was, tree / to)
    return tree


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--whole", action="store_true")
    o = words.parse_args()
    os.chdir(ROOT)
    top, port = Path(tempfile.mkdtemp(prefix="dinh-testssl.")), free_ports()
    exchange, pages, bad = port, port + 2, port + 4
    try:
        with node(top, exchange) as sock, weak(top, bad), \
                front.Front(top, tree_of(top), sock, pages, sock):
            opened(bad)
            with concurrent.futures.ThreadPoolExecutor(3) as many:
                jobs = [many.submit(asked, exchange, top, o.whole, member(top)),
                        many.submit(asked, pages, top, o.whole, named(top)),
                        many.submit(asked, bad, top, o.whole)]
            own, before, control = (j.result() for j in jobs)
        for what, rows in (("exchange", own), ("pages", before)):
            check(not faults_of(rows), f"{what}: " + "; ".join(faults_of(rows)))
        check(spoken(own) == {"TLS1_3"}, f"the exchange speaks {spoken(own)}")
        check(spoken(before) == {"TLS1_2", "TLS1_3"}, f"the pages' front speaks {spoken(before)}")
        seen = " ".join(faults_of(control))
        check("TLS1:" in seen and ("cipherlist_" in seen or not o.whole),
              f"the control isn't found weak: {seen}")
        if faults:
            verdict()
        print(f"no finding above LOW: exchange {len(own)}, pages {len(before)}; control "
              f"{len(faults_of(control))} found")
        print("figure C34 testssl_ports=2 above_low=0")
    finally:
        shutil.rmtree(top, ignore_errors=True)
    verdict()


if __name__ == "__main__":
    main()
