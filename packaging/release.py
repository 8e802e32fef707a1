#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sign what is released: packaging/release.py DIR KEY

Writes beside the packages in DIR their sums (SHA256SUMS), the signature over these by the OpenPGP
key that GnuPG knows as KEY (SHA256SUMS.asc), and that key's public part (dinh-release.gpg) as gpgv
reads it. Who installs has the public part from elsewhere, once: docs/operate.md tells how to check.
"""
import argparse
import hashlib
import subprocess
import sys
from pathlib import Path

SUMS, SIGNATURE, KEYRING = "SHA256SUMS", "SHA256SUMS.asc", "dinh-release.gpg"


def gpg(*args):
    return subprocess.run(["gpg", "--batch", "--yes", *map(str, args)], check=True,
                          capture_output=True).stdout


def sign(folder, key):
    packages = sorted(folder.glob("*.deb"))
    if not packages:
        raise SystemExit(f"no package lies in {folder}: ./dev package makes it")
    (folder / SUMS).write_text("".join(
        f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in packages))
    gpg("--local-user", key, "--digest-algo", "SHA512", "--armor", "--output", folder / SIGNATURE,
        "--detach-sign", folder / SUMS)
    (folder / KEYRING).write_bytes(gpg("--export", key))
    return [folder / name for name in (SUMS, SIGNATURE, KEYRING)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("key")
    given = parser.parse_args()
    try:
        print(*sign(given.folder, given.key), sep="\n")
    except subprocess.CalledProcessError as e:
        sys.exit(f"gpg: {e.stderr.decode(errors='replace')}")
