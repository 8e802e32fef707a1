#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The three nodes of the nation change their keys of signing and TLS one after the other, by the
guide's commands: requests, certificates, rows sent round, the change, rows again. Births go through
before, between and after; no message is refused on the way, and both verifiers prove what was
signed with keys that are gone. Who isn't told of the old keys can't.
"""
import json
import urllib.request

from judge import check, verdict
from nation import NATIONAL, NODES, PROVINCE, Nation, program, run, verify_all
from tales import MOTHERS, Book, Family, missing, not_drained


class Drill:
    def __init__(self, nation):
        self.n, self.book, self.births = nation, Book(), 0

    def done(self, *args):
        code, out, err = run(self.n.exe, *args)
        check(code == 0, f"{args[:2]}: exit {code}: {out}{err}")
        return out

    def born(self):
        """A mother, three nodes, each asking another: every message is signed and answered."""
        family = Family(self.n, self.book, MOTHERS[self.births % len(MOTHERS)], self.births + 1)
        family.birth()
        self.births += 1

    def restart(self, name):
        check(self.n.stop(name) == 0, f"{name} stops")
        self.n.start(name)
        self.n.wait_ready(name)

    def tells_all(self, name):
        """Its row as it is now, to each of the others."""
        row = self.n.top / "row.json"
        row.write_text(self.done("peers", "show", "--data", self.n.folder(name)), encoding="utf-8")
        for other in NODES:
            if other != name:
                self.done("peers", "add", "--data", self.n.folder(other), "--from", row)
                self.restart(other)
        return json.loads(row.read_text(encoding="utf-8"))

    def certified(self, name):
        """By the nation's authority, whose key lies with the national node, which needs no more."""
        asked, keys = self.n.top / "asked", self.n.folder(NATIONAL) / "keys"
        self.done("keys", "next", "--data", self.n.folder(name), "--to", asked)
        if name != NATIONAL:
            for kind in ("sign", "tls"):
                code, out, err = run(
                    "openssl", "x509", "-req", "-in", asked / f"{kind}.csr", "-copy_extensions",
                    "copy", "-days", "99", "-CA", keys / "ca.crt", "-CAkey", keys / "ca.key",
                    "-out", asked / f"{kind}.crt")
                check(code == 0, f"openssl: {out}{err}")
        check(self.n.stop(name) == 0, f"{name} stops")
        if name != NATIONAL:
            self.done("keys", "install", "--data", self.n.folder(name), "--sign",
                      asked / "sign.crt", "--tls", asked / "tls.crt")
        self.n.start(name)
        self.n.wait_ready(name)

    def changes(self, name):
        before = self.n.folder(name) / "keys/sign.crt"
        old = before.read_text()
        self.certified(name)
        row = self.tells_all(name)
        check(row["sign_cert"] == old and row["next"]["sign_cert"] != old, f"{name}: {row}")
        check(self.n.stop(name) == 0, f"{name} stops")
        self.done("keys", "change", "--data", self.n.folder(name))
        check(before.read_text() == row["next"]["sign_cert"], f"{name} signs with the next key")
        code, out, err = run(self.n.exe, "keys", "change", "--data", self.n.folder(name))
        check(code == 1 and "ERR_KEY_MISSING" in err, f"changed twice: {code} {out}{err}")
        self.n.start(name)
        self.n.wait_ready(name)
        self.born()  # the others know it as the next one
        row = self.tells_all(name)
        check([k["sign_cert"] for k in row["before"]] == [old] and "next" not in row,
              f"{name} tells what was before: {row}")


def signing_keys(nation):
    with urllib.request.urlopen(nation.url(NATIONAL, "/oidc/jwks"), timeout=20) as answer:
        return [k["kid"] for k in json.load(answer)["keys"]]


def untold(nation):
    """Control: the national node is not told what the province signed with before."""
    path = nation.folder(NATIONAL) / "federation.json"
    whole = path.read_bytes()
    said = json.loads(whole)
    for row in said["nodes"]:
        if row["name"] == PROVINCE:
            check(row.pop("before", None), "nothing was before")
    path.write_text(json.dumps(said))
    faults = verify_all(nation)
    check(len(faults) == 2 and all(NATIONAL in f for f in faults) and
          "no signature of that peer" in faults[0] and "signature\n" in faults[0] and
          "federation.json: nodes" in faults[0] and "does not hold" in faults[1],
          f"the control: {faults}")
    path.write_bytes(whole)


def main():
    nation = Nation(program())
    try:
        nation.make()
        nation.start_all()
        drill = Drill(nation)
        drill.born()
        first = signing_keys(nation)
        for name in (PROVINCE, NATIONAL, *(n for n in NODES if n not in (PROVINCE, NATIONAL))):
            drill.changes(name)
        drill.born()
        now = signing_keys(nation)
        check(len(first) == len(now) == 1 and first != now, f"the provider's keys: {first} {now}")
        check(not missing(drill.book, nation), f"missing: {missing(drill.book, nation)}")
        waits = not_drained(nation)
        check(not waits, f"still in an outbox: {waits}")
        for name in NODES:
            said = (nation.folder(name) / "serve.log").read_text(errors="replace")
            refused = [line for line in said.splitlines() if "refused ERR_" in line]
            check(not refused, f"{name} refused a message: {refused[:3]}")
        nation.stop_all()
        faults = verify_all(nation)
        check(not faults, f"proofs: {faults}")
        untold(nation)
        print(f"figure C27 nodes_changed_keys={len(NODES)} births={drill.births} refused=0")
        print("a nation changes its keys: nothing refused, all that was signed stays proved")
    finally:
        nation.remove()
    verdict()


if __name__ == "__main__":
    main()
