#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prove a node's audit trail from its database alone, as docs/audit-format.md tells.

Written from that page, not from the C source, and sharing no code with it: what both call sound,
two programs found sound. Needs Python and the openssl command, nothing of ours.

The database is opened read-only; one may check a node's own file or a copy. Memory stays bounded:
the records are walked once, with the seals beside them. Certificates of seals must lead to one of
--cert (by default keys/ca.crt beside the database); with neither they stand on the database's own
word, which the line says. Witnesses kept for others are checked by the federation.json beside the
database, when there is one; --witness compares this node's records with what another node holds
of them: its database, or the lines (seals and heads of the tree) that its `dinh verify
--witnessed-for` printed.

Exit: 0 it holds, 1 it is broken (the first broken record and why), 2 wrong use.
"""
import argparse
import base64
import datetime
import hashlib
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

INTEGERS = ("seq", "at_us")
TEXTS = ("actor", "account", "person", "unit", "role", "action", "kind", "object", "matter",
         "request", "detail")
ZEROS = b"0" * 64
HEX64 = re.compile(rb"[0-9a-f]{64}")
SIGNATURE = re.compile(rb"[A-Za-z0-9_-]{86}")
REGISTER = re.compile(rb"[a-z][a-z0-9_]{0,60}")
SEALED = b"registry.seal"
RESEALED = b"exchange.reseal"
REGISTRY_ACTS = (b"registry.add", b"registry.change", b"registry.cancel", SEALED)
# SubjectPublicKeyInfo of an uncompressed point on P-256, up to the point (RFC 5480).
P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")


class Text(bytes):
    """A TEXT as stored; plain bytes are a BLOB."""


class Broken(Exception):
    def __init__(self, table, row, reason):
        super().__init__(f"{table} {row}: {reason}")
        self.table, self.row, self.reason = table, row, reason


class WrongUse(Exception):
    pass


def shown(text):
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def canonical(fields):
    """The canonical record (§ 1) of (name, value) pairs, values as int or bytes."""
    out = [b"dinh-audit-v1\n"]
    for name, value in fields:
        raw = b"%d" % value if isinstance(value, int) else value
        out.append(b"%s:%d:%s\n" % (name.encode(), len(raw), raw))
    return b"".join(out)


def chained(prev, record):
    return hashlib.sha256(bytes.fromhex(prev.decode()) + record).hexdigest().encode()


def row_digest(names, values, without=()):
    """Of a row as the database keeps it (§ 5)."""
    kept = {}
    for name, value in zip(names, values):
        raw = b"%d" % value if isinstance(value, int) else value
        if raw and name not in without:
            kept[name.encode()] = raw
    lines = [b"%s:%d:%s\n" % (name, len(kept[name]), kept[name]) for name in sorted(kept)]
    return hashlib.sha256(b"dinh-row-v1\n" + b"".join(lines)).hexdigest()


def sealed_bytes(node, seq, digest, at_us):
    return b"dinh-seal-v1\n%s\n%d\n%s\n%d\n" % (node, seq, digest, at_us)


def head_bytes(node, size, root, at_us, key):
    return b"dinh-head-v1\n%s\n%d\n%s\n%d\n%s\n" % (node, size, root, at_us, key)


def thumbprint(spki):
    """RFC 7638, of an uncompressed point on P-256."""
    def half(raw):
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    point = spki[len(P256):]
    jwk = f'{{"crv":"P-256","kty":"EC","x":"{half(point[:32])}","y":"{half(point[32:])}"}}'
    return base64.urlsafe_b64encode(hashlib.sha256(jwk.encode()).digest()).rstrip(b"=")


class Tree:
    """RFC 9162 § 2.1 as it grows: the roots of full subtrees, the largest first."""

    def __init__(self):
        self.full, self.size = [], 0

    @staticmethod
    def node(left, right):
        return hashlib.sha256(b"\1" + left + right).digest()

    def add(self, digest):
        self.full.append(hashlib.sha256(b"\0" + bytes.fromhex(digest.decode())).digest())
        self.size += 1
        size = self.size
        while size % 2 == 0:
            right = self.full.pop()
            self.full[-1] = self.node(self.full[-1], right)
            size //= 2

    def root(self):
        value = self.full[-1]
        for left in reversed(self.full[:-1]):
            value = self.node(left, value)
        return value.hex().encode()


def der_signature(raw):
    """r || s as the DER that openssl takes."""
    def integer(part):
        part = part.lstrip(b"\0") or b"\0"
        if part[0] & 0x80:
            part = b"\0" + part
        return b"\x02%c%s" % (len(part), part)
    body = integer(raw[:32]) + integer(raw[32:])
    return b"\x30%c%s" % (len(body), body)


class Openssl:
    """The openssl command and a folder for the files it wants."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.keys, self.names = {}, {}

    def run(self, *args, given=b""):
        try:
            done = subprocess.run(["openssl", *map(str, args)], input=given, capture_output=True)
        except OSError as e:
            raise WrongUse(f"the openssl command does not run: {e}") from e
        return done.stdout if done.returncode == 0 else None

    def certificate(self, pem):
        """DER, public key (PEM) and times (µs) of an X.509 certificate with a key on P-256."""
        der = self.run("x509", "-outform", "DER", given=pem)
        if der is None:
            raise ValueError("no X.509 certificate")
        key = self.run("x509", "-noout", "-pubkey", given=pem)
        spki = self.run("pkey", "-pubin", "-outform", "DER", given=key)
        if spki is None or not spki.startswith(P256) or len(spki) != 91:
            raise ValueError("the certificate's key is not on P-256")
        lines = self.run("x509", "-noout", "-startdate", "-enddate", given=pem).decode().split("\n")
        return der, key, [self._time_us(line) for line in lines[:2]]

    def number(self, pem):
        """The member's number in the authority's certificates: subject's serialNumber, or ""."""
        lines = self.run("x509", "-noout", "-subject", "-nameopt", "multiline", given=pem)
        found = [line.split(b"=", 1)[1].strip() for line in (lines or b"").split(b"\n")
                 if line.split(b"=")[0].strip() == b"serialNumber"]
        return b"\n".join(found)

    @staticmethod
    def _time_us(line):
        at = datetime.datetime.strptime(line.split("=", 1)[1], "%b %d %H:%M:%S %Y GMT")
        return int(at.replace(tzinfo=datetime.timezone.utc).timestamp()) * 1_000_000

    def leads_to(self, pem, anchors):
        # The time of each seal is compared by itself; the certificate may have ended since.
        return self.run("verify", "-no_check_time", "-partial_chain", "-trusted", anchors,
                        given=pem) is not None

    def named(self, key):
        """The thumbprint of a public key (PEM)."""
        if key not in self.names:
            self.names[key] = thumbprint(self.run("pkey", "-pubin", "-outform", "DER", given=key))
        return self.names[key]

    def holds(self, key, signed, signature):
        if not SIGNATURE.fullmatch(signature):
            return False
        raw = base64.urlsafe_b64decode(signature + b"==")
        if base64.urlsafe_b64encode(raw).rstrip(b"=") != signature:
            return False
        if key not in self.keys:
            self.keys[key] = self.folder / f"key{len(self.keys)}.pem"
            self.keys[key].write_bytes(key)
        (self.folder / "signature").write_bytes(der_signature(raw))
        return self.run("dgst", "-sha256", "-verify", self.keys[key], "-signature",
                        self.folder / "signature", given=signed) is not None


def open_read_only(path):
    if not path.is_file():
        raise WrongUse(f"{path}: no such file")
    uri = path.resolve().as_uri() + "?mode=ro"
    wal = Path(f"{path}-wal")
    # Without a log nothing waits to be read; then a file on a read-only medium opens too.
    uris = [uri] if wal.exists() and wal.stat().st_size else [uri, uri + "&immutable=1"]
    for i, one in enumerate(uris):
        try:
            db = sqlite3.connect(one, uri=True, isolation_level=None)
            db.text_factory = Text
            db.execute("BEGIN")
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'core_audit'").fetchone():
                raise WrongUse(f"{path}: no node's database, it has no core_audit")
            return db
        except sqlite3.DatabaseError as e:
            if i + 1 == len(uris):
                raise WrongUse(f"{path}: {e}") from e
    return None


def witness_of(path):
    """Another node's database, or what it printed, one JSON object a line: seals (seq, hash, …) and
    heads (size, root, …)."""
    if not path.is_file():
        raise WrongUse(f"{path}: no such file")
    with path.open("rb") as f:
        if f.read(16) == b"SQLite format 3\0":
            return open_read_only(path)
    rows, heads = [], []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            o = json.loads(line)
            if "size" in o:
                heads.append((int(o["size"]), o["root"].encode(), o["node"].encode(),
                              int(o["at_us"]), o["key"].encode(), o["signature"].encode()))
                continue
            rows.append((int(o["seq"]), o["hash"].encode(), o["node"].encode(), int(o["at_us"]),
                         o["signature"].encode()))
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            raise WrongUse(f"{path}: line {number} is no seal or head: {e!r}") from e
    return sorted(rows), sorted(heads)


def has_table(db, name):
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is not None


def accepted(db, name):
    """(number, last record spoken of before) of the newest acceptance of that node's past (§ 8)."""
    found = has_table(db, "core_tree_accept") and db.execute(
        "SELECT number, above FROM core_tree_accept WHERE node = ? ORDER BY number DESC LIMIT 1",
        name).fetchone()
    return found or (0, 0)


def typed(table, row_name, names, row):
    for name, value in zip(names, row):
        wanted = int if name in ("seq", "at_us", "received_us") else Text
        if not isinstance(value, wanted):
            raise Broken(table, row_name, f"{name} is not of its type")


class Claims:
    """Rows (seq, hash, …) in the order of seq that say which hash a record has, or (size, root, …)
    which root the tree."""

    def __init__(self, table, rows, check, beyond, other="the record's hash is another: rewritten"):
        self.table, self.rows, self.check, self.beyond = table, rows, check, beyond
        self.count, self.other, self.agreed = 0, other, 0
        self.row = None
        self._step()

    def _step(self):
        self.row = next(self.rows, None)

    def meet(self, seq, digest):
        while self.row is not None and isinstance(self.row[0], int) and self.row[0] <= seq:
            if self.row[0] < seq:
                raise Broken(self.table, self.row[0], "there is no such record")
            self.check(self.row)
            if self.row[1] != digest:
                raise Broken(self.table, seq, self.other.format(after=self.agreed + 1, at=seq))
            self.agreed = seq
            self.count += 1
            self._step()

    def end(self):
        if self.row is not None:
            self.check(self.row)
            raise Broken(self.table, shown(self.row[0]), self.beyond)


def version_of(detail):
    """(version, digest of its row or None) that a record's detail tells; (None, None): none."""
    try:
        said = json.loads(detail.decode())
        return int(said["version"]), said.get("row")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None, None


def message_of(seq, detail):
    """What a record says of a message: digests of its heads and of its row (§ 6)."""
    try:
        said = json.loads(detail.decode())
        return said.get("sha256"), said.get("row")
    except (ValueError, AttributeError, RecursionError):
        raise Broken("core_audit", seq, "its detail is no object") from None


class Verifier:
    def __init__(self, db, openssl, anchors=None, node=None, peers=None, federation=False,
                 number=None):
        self.db, self.openssl, self.anchors = db, openssl, anchors
        self.number = number  # ours in certificates; unknown: that of the first
        self.node, self.peers, self.federation = node, peers or {}, federation
        self.certs = {}
        self.counts = {"records": 0, "seals": 0, "certificates": 0, "witnesses": 0,
                       "witnesses_unchecked": 0, "witnessed": 0, "accesses": 0, "versions": 0,
                       "versions_unchecked": 0, "messages": 0, "messages_unchecked": 0,
                       "heads": 0, "heads_held": 0, "accepted": 0}
        self.tree = Tree()
        self.named, self.sealed = {}, set()
        self.resealed, self.resealed_done = {}, set()
        self.rights = {}
        self.head = ZEROS

    def rows(self, table, sql, *args):
        try:
            yield from self.db.execute(sql, args)
        except sqlite3.DatabaseError as e:
            raise Broken(table, "?", str(e)) from e

    def cert_of(self, fingerprint, seq, table="core_seal"):
        if fingerprint in self.certs:
            return self.certs[fingerprint]
        found = next(self.rows("core_cert", "SELECT pem FROM core_cert WHERE fingerprint = ?",
                               shown(fingerprint)), None)
        if not found or not isinstance(found[0], Text):
            raise Broken(table, seq, "its certificate is not in core_cert")
        try:
            der, key, times = self.openssl.certificate(found[0])
        except ValueError as e:
            raise Broken(table, seq, str(e)) from e
        if hashlib.sha256(der).hexdigest().encode() != fingerprint:
            raise Broken(table, seq, "its certificate has another fingerprint")
        if self.anchors and not self.openssl.leads_to(found[0], self.anchors):
            raise Broken(table, seq, "its certificate leads to none that is trusted")
        number = self.openssl.number(found[0])
        self.number = number if self.number is None else self.number
        if number != self.number:
            raise Broken(table, seq, "its certificate is another member's")
        self.counts["certificates"] += 1
        self.certs[fingerprint] = key, times
        return key, times

    def check_seal(self, row):
        seq, digest, node, at_us, signature, cert = row
        typed("core_seal", seq, ("seq", "hash", "node", "at_us", "signature", "cert"), row)
        self.node = self.node or node
        if node != self.node:
            raise Broken("core_seal", seq, f"signed as {shown(node)}, not {shown(self.node)}")
        key, (begin, end) = self.cert_of(cert, seq)
        if not begin <= at_us <= end:
            raise Broken("core_seal", seq, "its certificate was not valid then")
        if not self.openssl.holds(key, sealed_bytes(node, seq, digest, at_us), signature):
            raise Broken("core_seal", seq, "its signature does not hold")

    def check_held(self, row):
        """A seal of ours that another node kept is signed by a key of ours, whoever hands it in."""
        seq, digest, node, at_us, signature = row
        prints = [r[0] for r in self.rows("core_cert", "SELECT fingerprint FROM core_cert")]
        text = sealed_bytes(node, seq, digest, at_us)
        if node != self.node or not any(
                self.openssl.holds(self.cert_of(p, seq)[0], text, signature) for p in prints):
            raise Broken("witness", seq, "a seal that this node didn't sign")

    def own_key(self, fingerprint, table, seq):
        key, times = self.cert_of(fingerprint, seq, table)
        return key, times, self.openssl.named(key)

    def check_head(self, row):
        size, root, node, at_us, name, signature, cert = row
        typed("core_tree_head", size, ("seq", "root", "node", "at_us", "signing_key", "signature",
                                       "cert"), row)
        key, (begin, end), thumb = self.own_key(cert, "core_tree_head", size)
        if node != self.node:
            raise Broken("core_tree_head", size, f"signed as {shown(node)}")
        if name != thumb or not begin <= at_us <= end or not self.openssl.holds(
                key, head_bytes(node, size, root, at_us, name), signature):
            raise Broken("core_tree_head", size, "its signature does not hold")

    def check_held_head(self, row):
        """A head of ours that another node kept is signed by a key of ours."""
        size, root, node, at_us, name, signature = row
        text = head_bytes(node, size, root, at_us, name)
        for (print_,) in list(self.rows("core_cert", "SELECT fingerprint FROM core_cert")):
            key, _, thumb = self.own_key(print_, "core_cert", size)
            if node == self.node and name == thumb and self.openssl.holds(key, text, signature):
                return
        raise Broken("witness", size, "a head that this node didn't sign")

    def claims_of(self, witness):
        """(seals, heads) that a witness holds of this node."""
        beyond = "a witness saw records beyond the last: cut, or the whole file rolled back"
        other = "a witness holds another past: forked between records {after} and {at}"
        rows, heads, check, check_head = [], [], lambda row: None, lambda row: None
        if isinstance(witness, tuple):
            rows, heads = witness
            check, check_head = self.check_held, self.check_held_head
        else:
            name = (shown(self.node),)
            rows = witness.execute("SELECT seq, hash FROM core_witness WHERE peer = ? ORDER BY seq",
                                   name)
            number, above = accepted(witness, name)
            if number:
                rows = witness.execute("SELECT seq, hash FROM core_witness WHERE peer = ? AND"
                                       " seq > ? ORDER BY seq", (*name, above))
                heads = witness.execute("SELECT size, root FROM core_tree_anew WHERE peer = ? AND"
                                        " number = ? ORDER BY size", (*name, number))
            elif has_table(witness, "core_tree_held"):
                heads = witness.execute("SELECT size, root FROM core_tree_held WHERE peer = ?"
                                        " ORDER BY size", name)
        return (Claims("witness", iter(rows), check, beyond, other),
                Claims("witness", iter(heads), check_head, beyond, other))

    def check_access(self, seq, object_id, detail, at_us):
        try:
            said = json.loads(detail.decode())["sha256"].encode()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Broken("core_audit", seq, "a read whose detail names no sha256") from None
        found = next(self.rows("core_access", "SELECT line, at_us FROM core_access"
                               " WHERE id = ?", shown(object_id)), None)
        if not found:
            raise Broken("core_access", shown(object_id), f"the line of record {seq} is gone")
        line = found[0]
        if not isinstance(line, bytes) or hashlib.sha256(line).hexdigest().encode() != said:
            raise Broken("core_access", shown(object_id), f"not the line of record {seq}")
        if found[1] != at_us:
            raise Broken("core_access", shown(object_id), f"another time than record {seq}")
        self.counts["accesses"] += 1

    def check_version(self, seq, action, register, object_id, detail):
        """A version of a register's record is as the trail says it was entered, or sealed (§ 5)."""
        if not REGISTER.fullmatch(register):
            raise Broken("core_audit", seq, f"{shown(register)} is no name of a register")
        table = f"registry_r_{shown(register)}"
        version, digest = version_of(detail)
        if version is None:
            raise Broken("core_audit", seq, "its detail names no version")
        name = f"{shown(object_id)} version {version}"
        cursor = self.db.execute(f"SELECT * FROM {table} WHERE id = ? AND version = ?",
                                 (shown(object_id), version))
        found = cursor.fetchone()
        if not found:
            raise Broken(table, name, f"the row of record {seq} is gone")
        names = [column[0] for column in cursor.description]
        sealed = action == SEALED
        if not sealed:
            self.named[table] = self.named.get(table, 0) + 1
        if not sealed and (register, object_id, version) in self.sealed:
            return  # the record of its sealing tells the row as it is now
        if digest is None:
            self.counts["versions_unchecked"] += 1
        elif row_digest(names, found, ("current",)) != digest:
            raise Broken(table, name, f"not the row of record {seq}")
        else:
            self.counts["versions"] += 1

    def check_message(self, seq, name, detail):
        """An answered message is as it lay when its answer was logged (§ 6)."""
        ident, _, direction = shown(name).rpartition("/")
        cursor = self.db.execute("SELECT * FROM exchange_message WHERE id = ? AND direction = ?",
                                 (ident, direction))
        found = cursor.fetchone()
        if not found:
            raise Broken("exchange_message", shown(name), f"the row of record {seq} is gone")
        heads, digest = message_of(seq, detail)
        if name in self.resealed:  # the record of its sealing anew tells the row as it is now
            later, detail = self.resealed[name]
            self.resealed_done.add(name)
            again, digest = message_of(later, detail)
            if again != heads:
                raise Broken("exchange_message", shown(name),
                             f"record {later} seals another message anew")
        if digest is None:
            self.counts["messages_unchecked"] += 1
        elif row_digest([column[0] for column in cursor.description], found) != digest:
            raise Broken("exchange_message", shown(name), f"not the row of record {seq}")
        else:
            self.counts["messages"] += 1

    def check_messages(self):
        """No answered message stands past the trail; seals handed to witnesses leave no record."""
        if not self.db.execute("SELECT 1 FROM sqlite_master WHERE name = 'exchange_message'"
                               ).fetchone():
            return
        rows, = next(self.rows("exchange_message", "SELECT count(*) FROM exchange_message"
                               " WHERE status <> 0 AND service <> 'audit.witness'"))
        named = self.counts["messages"] + self.counts["messages_unchecked"]
        for name in self.resealed.keys() - self.resealed_done:
            raise Broken("exchange_message", shown(name), "sealed anew, but never answered")
        if rows != named:
            raise Broken("exchange_message", "?", f"{rows} answered, the trail names {named}")

    def check_rights(self):
        """No right stands that the trail's last word doesn't give (§ 7)."""
        if not self.db.execute("SELECT 1 FROM sqlite_master WHERE name = 'exchange_right'"
                               ).fetchone():
            return
        for row in self.rows("exchange_right", "SELECT client, member, service"
                                               " FROM exchange_right"):
            name = b":".join(x if isinstance(x, bytes) else b"?" for x in row)
            if self.rights.get(name) != b"exchange.allow":
                raise Broken("exchange_right", shown(name), "the trail doesn't allow it")

    def check_registers(self):
        """Nothing stands in a register past the trail; the newest versions are marked so."""
        tables = [row[0].decode() for row in self.rows(
            "sqlite_master", "SELECT name FROM sqlite_master WHERE type = 'table'"
            " AND substr(name, 1, 11) = 'registry_r_'")]
        for table in tables:
            rows, = next(self.rows(table, f"SELECT count(*) FROM {table}"))
            if rows != self.named.get(table, 0):
                raise Broken(table, "?", f"{rows} versions, the trail names "
                                         f"{self.named.get(table, 0)}")
            wrong = next(self.rows(
                table, f"SELECT id FROM {table} GROUP BY id HAVING sum(current) <> 1"
                " OR max(version) <> max(current * version)"), None)
            if wrong:
                raise Broken(table, shown(wrong[0]), "not just its newest version is current")

    def check_record(self, row):
        seq, names = row[0], INTEGERS + TEXTS + ("prev", "hash")
        at = self.counts["records"] + 1
        typed("core_audit", shown(seq), names, row)
        if seq != at:
            raise Broken("core_audit", at, f"missing: the next one is {seq}")
        fields, prev, digest = list(zip(names, row[:-2])), row[-2], row[-1]
        if prev != self.head:
            raise Broken("core_audit", seq, "prev is not the hash of the record before")
        if not HEX64.fullmatch(digest) or chained(prev, canonical(fields)) != digest:
            raise Broken("core_audit", seq, "its hash is not what it gives: edited")
        value = dict(fields)
        if value["action"] == b"core.access":
            self.check_access(seq, value["object"], value["detail"], value["at_us"])
        if value["action"] in REGISTRY_ACTS:
            self.check_version(seq, value["action"], value["kind"], value["object"],
                               value["detail"])
        if value["kind"] == b"exchange_right":
            self.rights[value["object"]] = value["action"]
        if value["action"] == b"exchange.answered":
            self.check_message(seq, value["object"], value["detail"])
        self.counts["records"] = at
        self.head = digest

    def peer_keys_at(self, peer, at_us):
        """Those that the peer signed with then, or signs with from now on (§ 3)."""
        return [key for key, until_us in self.peers.get(peer, ()) if at_us <= until_us]

    def check_witnesses(self):
        """Those this node keeps for others: each signature by its peer's key (§ 3)."""
        names = ("peer", "seq", "hash", "at_us", "signature", "received_us")
        before = None
        for row in self.rows("core_witness", f"SELECT {', '.join(names)} FROM core_witness"
                                             " ORDER BY peer, seq"):
            peer, seq, digest, at_us, signature, _ = row
            name = f"{shown(peer)} {shown(seq)}"
            typed("core_witness", name, names, row)
            if before and before[:2] == (peer, seq) and before[2] != digest:
                raise Broken("core_witness", name, "two hashes for one seq")
            before = row
            if not self.federation:
                self.counts["witnesses_unchecked"] += 1
                continue
            if peer not in self.peers:
                raise Broken("core_witness", name, "federation.json has no such peer")
            signed = sealed_bytes(peer, seq, digest, at_us)
            if not any(self.openssl.holds(key, signed, signature)
                       for key in self.peer_keys_at(peer, at_us)):
                raise Broken("core_witness", name, "its signature does not hold")
            self.counts["witnesses"] += 1

    def check_heads_held(self, table="core_tree_held"):
        """Heads this node keeps for others: each signature by its peer's key (§ 8)."""
        names = ("peer", "size", "root", "at_us", "signing_key", "signature")
        if not has_table(self.db, table):
            return
        for row in self.rows(table, f"SELECT {', '.join(names)} FROM {table} ORDER BY peer, size"):
            peer, size, root, at_us, name, signature = row
            place = f"{shown(peer)} {shown(size)}"
            typed(table, place, ("peer", "seq", *names[2:]), row)
            if not self.federation:
                self.counts["witnesses_unchecked"] += 1
                continue
            signed = head_bytes(peer, size, root, at_us, name)
            if not any(name == self.openssl.named(key) and
                       self.openssl.holds(key, signed, signature)
                       for key in self.peer_keys_at(peer, at_us)):
                raise Broken(table, place, "its signature does not hold")
            self.counts["heads_held"] += 1

    def check_accepts(self):
        """A peer's past that was accepted: its record tells the same (§ 8)."""
        if not has_table(self.db, "core_tree_accept"):
            return
        names = ("node", "number", "size", "root", "above", "account", "reason")
        for row in self.rows("core_tree_accept", f"SELECT {', '.join(names)} FROM core_tree_accept"
                                                 " ORDER BY node, number"):
            node, number, size, root, above, account, reason = map(shown, row)
            told = next(self.rows(
                "core_audit", "SELECT detail FROM core_audit WHERE kind = 'trail' AND object = ?"
                " AND action = 'core.tree_accept'", f"{node}/{number}"), None)
            try:
                said = json.loads(told[0].decode()) if told else None
            except ValueError:
                said = None
            if not isinstance(said, dict) or {k: str(v) for k, v in said.items()} != {
                    "size": size, "root": root, "above": above, "by": account, "reason": reason}:
                raise Broken("core_tree_accept", f"{node} {number}", "no record tells it")
            self.counts["accepted"] += 1

    def run(self, witnesses=()):
        """The whole check; `witnesses` are other nodes' databases, opened, or their seals."""
        seals = Claims("core_seal", self.rows(
            "core_seal", "SELECT seq, hash, node, at_us, signature, cert FROM core_seal"
            " ORDER BY seq"), self.check_seal, "a seal beyond the last record: the tail was cut")
        if witnesses and not self.node:
            if seals.row is None or not isinstance(seals.row[2], Text):
                raise WrongUse("--witness: neither node.json nor a seal tells this node's name")
            self.node = seals.row[2]
        heads = Claims("core_tree_head", self.rows(
            "core_tree_head", "SELECT size, root, node, at_us, signing_key, signature, cert"
            " FROM core_tree_head ORDER BY size") if has_table(self.db, "core_tree_head")
            else iter(()), self.check_head,
            "a signed head beyond the last record: the tail was cut",
            "the tree has another root: rewritten")
        outside = [self.claims_of(witness) for witness in witnesses]
        claims = [seals] + [of[0] for of in outside]
        trees = [heads] + [of[1] for of in outside]
        columns = ", ".join(INTEGERS + TEXTS + ("prev", "hash"))
        for kind, name, detail in self.rows(
                "core_audit", "SELECT kind, object, detail FROM core_audit WHERE action = ?",
                SEALED.decode()):
            self.sealed.add((kind, name, version_of(detail)[0]))
        for seq, name, detail in self.rows(
                "core_audit", "SELECT seq, object, detail FROM core_audit WHERE action = ?"
                " ORDER BY seq", RESEALED.decode()):
            self.resealed[name] = (seq, detail)
        for row in self.rows("core_audit", f"SELECT {columns} FROM core_audit ORDER BY seq"):
            self.check_record(row)
            self.tree.add(self.head)
            for claim in claims:
                claim.meet(row[0], self.head)
            for claim in trees:
                if claim.row is not None and claim.row[0] == row[0]:
                    claim.meet(row[0], self.tree.root())
            self.counts["seals"], self.counts["heads"] = seals.count, heads.count
        for claim in claims + trees:
            claim.end()
        self.counts["witnessed"] = sum(claim.count for claim in claims[1:] + trees[1:])
        self.check_witnesses()
        self.check_heads_held()
        self.check_heads_held("core_tree_anew")
        self.check_accepts()
        self.check_registers()
        self.check_messages()
        self.check_rights()


def read_json(path):
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as e:
        raise WrongUse(f"{path}: {e}") from e


def time_us(text):
    at = datetime.datetime.fromisoformat(re.sub("Z$", "+00:00", text))
    since = at - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return since // datetime.timedelta(microseconds=1)


def keys_of(openssl, node):
    """(key, the last time that what it signed may bear): today's, the next one, those before."""
    rows = [(node, None), *((row, None) for row in [node.get("next")] if row),
            *((row, row["until"]) for row in node.get("before", ()))]
    return [(openssl.certificate(row["sign_cert"].encode())[1],
             time_us(until) if until else float("inf")) for row, until in rows]


def peer_keys(openssl, federation):
    try:
        return {node["name"].encode(): keys_of(openssl, node) for node in federation["nodes"]}
    except (KeyError, TypeError, ValueError) as e:
        raise WrongUse(f"federation.json: {e!r}") from e


def arguments(argv):
    p = argparse.ArgumentParser(description="Prove a node's audit trail (docs/audit-format.md).")
    p.add_argument("database", type=Path)
    p.add_argument("--cert", type=Path, metavar="FILE",
                   help="certificates (PEM) trusted for seals: the CA's, or the node's own")
    p.add_argument("--witness", type=Path, metavar="OTHER", action="append", default=[],
                   help="another node's database, or the seals it printed for this node")
    p.add_argument("--json", action="store_true")
    return p.parse_args(argv)


def make(args, folder):
    openssl = Openssl(folder)
    beside = args.database.parent
    anchors = args.cert or beside / "keys" / "ca.crt"
    if args.cert and openssl.run("x509", "-noout", "-in", args.cert) is None:
        raise WrongUse(f"{args.cert}: no certificate in PEM")
    config = read_json(beside / "node.json")
    name = config.get("name") if isinstance(config, dict) else None
    federation = read_json(beside / "federation.json")
    own = beside / "keys" / "sign.crt"
    return Verifier(open_read_only(args.database), openssl, anchors if anchors.is_file() else None,
                    name.encode() if name else None,
                    peer_keys(openssl, federation) if federation else None, bool(federation),
                    openssl.number(own.read_bytes()) if own.is_file() else None)


def told(v, broken):
    c = v.counts
    line = (f"records {c['records']}, seals {c['seals']}, accesses {c['accesses']}, "
            f"witnesses {c['witnesses']}, register versions {c['versions']}, "
            f"messages {c['messages']}")
    if c["heads"] or c["heads_held"]:
        line += f", heads {c['heads']}, heads of others {c['heads_held']}"
    before = c["versions_unchecked"] + c["messages_unchecked"]
    if before:
        line += f" (+ {before} of before the trail told rows)"
    if c["witnesses_unchecked"]:
        line += f" (+ {c['witnesses_unchecked']} unchecked, no federation.json)"
    if c["witnessed"]:
        line += f", witnessed by others {c['witnessed']}"
    if c["certificates"] and not v.anchors:
        line += ", certificates on the database's own word"
    return f"{line}: " + (f"BROKEN at {broken}" if broken else f"holds, head {shown(v.head)}")


def main(argv=None):
    args = arguments(argv)
    try:
        with tempfile.TemporaryDirectory() as folder:
            v = make(args, folder)
            broken = None
            try:
                v.run([witness_of(path) for path in args.witness])
            except Broken as e:
                broken = e
    except (WrongUse, sqlite3.DatabaseError) as e:
        print(f"verify.py: {e}", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps({"holds": not broken, **v.counts, "head": shown(v.head),
                          "certificates_trusted": bool(v.anchors), "broken": broken and {
                              "table": broken.table, "row": str(broken.row),
                              "reason": broken.reason}}))
    else:
        print(told(v, broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
