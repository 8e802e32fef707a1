# SPDX-License-Identifier: Apache-2.0
"""A release signed by a key made for the test: who has its public part takes it, by the commands of
the guide; altered in any part, or signed by another key, it is refused."""
import contextlib
import os
import shutil
import subprocess
import sys
from unittest import mock

from nation import ROOT, run

RING = "dinh-release.gpg"


@contextlib.contextmanager
def keys(check, home, *names):
    """Fingerprints of new keys of that many people, that GnuPG knows until the end."""
    home.mkdir(mode=0o700)
    with mock.patch.dict(os.environ, {"GNUPGHOME": str(home)}):
        try:
            for name in names:
                code, out, err = run("gpg", "--batch", "--passphrase", "", "--quick-generate-key",
                                     name, "ed25519", "sign", "1d")
                check(code == 0, f"gpg: {out}{err}")
            told = run("gpg", "--batch", "--with-colons", "--fingerprint")[1].splitlines()
            yield [line.split(":")[9] for line in told if line.startswith("fpr:")]
        finally:
            run("gpgconf", "--kill", "all")


def sign(check, folder, key):
    code, out, err = run(sys.executable, ROOT / "packaging/release.py", folder, key)
    check(code == 0, f"release.py: {out}{err}")


def taken(folder, ring):
    """By the two commands that the guide says."""
    return all(subprocess.run(words, cwd=folder, capture_output=True, check=False).returncode == 0
               for words in (("gpgv", "--keyring", ring, "SHA256SUMS.asc", "SHA256SUMS"),
                             ("sha256sum", "--check", "--strict", "SHA256SUMS")))


def altered(check, package, top):
    folder, ring, by = top / "release", top / RING, []
    folder.mkdir()
    shutil.copy(package, folder)
    with keys(check, top / "gpg", "another", "ours") as signers:
        for key in signers:
            sign(check, folder, key)
            by.append((folder / "SHA256SUMS.asc").read_bytes())
    shutil.copy(folder / RING, ring)
    check(taken(folder, ring), "what we released isn't taken")
    for name in (package.name, "SHA256SUMS", "SHA256SUMS.asc"):
        path = folder / name
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:])
        check(not taken(folder, ring), f"{name} was altered and is taken")
        path.write_bytes(whole)
    (folder / "SHA256SUMS.asc").write_bytes(by[0])
    check(not taken(folder, ring), "another's signature is taken")
