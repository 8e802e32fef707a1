# SPDX-License-Identifier: Apache-2.0
"""The verifier on a small database after docs/audit-format.md: each kind of harm has a case.

The records are built here once more, by formatting, so that a slip in the verifier shows.
"""
import base64
import contextlib
import hashlib
import io
import json
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import verify

# The vectors of § 1.
FIRST = (1, 1591236000000000, "official", "01EXAMPLE", "", "H57.31.08", "commune_clerk",
         "onestop.receive", "dossier", "H57.31.08-200604-0001", "H57.31.08-200604-0001",
         "01REQUEST", '{"note":"Tiếp nhận"}')
HASHES = ["25975a5418acfce273681b19ad0bcdb54400b523282df1160c57111774c8b0e3",
          "45f044cf6af0f6249dea066ac60cee38b67bbfcdb4f79e27958fe619cd7cbb19"]
NAMES = "seq at_us actor account person unit role action kind object matter request detail".split()
LINE = b"\x00sealed\xff"
SCHEMA = """
CREATE TABLE core_audit (seq INT PRIMARY KEY, at_us INT, actor TEXT, account TEXT, person TEXT,
    unit TEXT, role TEXT, action TEXT, kind TEXT, object TEXT, matter TEXT, request TEXT,
    detail TEXT, prev TEXT, hash TEXT);
CREATE TABLE core_seal (seq INT PRIMARY KEY, hash TEXT, node TEXT, at_us INT, signature TEXT,
    cert TEXT);
CREATE TABLE core_cert (fingerprint TEXT PRIMARY KEY, pem TEXT);
CREATE TABLE core_witness (peer TEXT, seq INT, hash TEXT, at_us INT, signature TEXT,
    received_us INT, PRIMARY KEY (peer, seq));
CREATE TABLE core_access (id TEXT PRIMARY KEY, person TEXT, at_us INT, line BLOB);
"""


def openssl(*args, given=None):
    return subprocess.run(["openssl", *map(str, args)], input=given, check=True,
                          capture_output=True).stdout


def raw_signature(der):
    """r || s of a DER signature, both lengths being short."""
    r_end = 4 + der[3]
    r, s = der[4:r_end], der[r_end + 2:]
    return b"".join(int.from_bytes(x, "big").to_bytes(32, "big") for x in (r, s))


class Database(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = tempfile.TemporaryDirectory()
        cls.keys = Path(cls.made.name)
        for name in ("own", "other"):
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-noenc", "-days", "2", "-subj", f"/CN={name}", "-keyout",
                    cls.keys / f"{name}.key", "-out", cls.keys / f"{name}.crt")
        cls.pem = (cls.keys / "own.crt").read_bytes()
        der, _, times = verify.Openssl(cls.made.name).certificate(cls.pem)
        cls.fingerprint, cls.now_us = hashlib.sha256(der).hexdigest(), times[0] + 60_000_000

    @classmethod
    def tearDownClass(cls):
        cls.made.cleanup()

    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.path = Path(self.dir.name) / "dinh.db"
        self.db = sqlite3.connect(self.path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.executescript(SCHEMA)
        self.head = "0" * 64
        self.add(FIRST)
        self.add((2, *FIRST[1:-1], "{}"))
        self.db.execute("INSERT INTO core_access VALUES ('01LINE', 'token', 5, ?)", (LINE,))
        self.add((3, 5, "official", "a", "p", "u", "r", "core.access", "access", "01LINE", "", "q",
                  json.dumps({"sha256": hashlib.sha256(LINE).hexdigest()})))
        self.add((4, *FIRST[1:-1], "two\nlines: of text"))
        self.db.execute("INSERT INTO core_cert VALUES (?, ?)", (self.fingerprint,
                                                               self.pem.decode()))
        self.seal(2)
        self.seal(4)
        self.add((5, *FIRST[1:-1], "{}"))

    def tearDown(self):
        self.db.close()
        self.dir.cleanup()

    def add(self, values):
        text = "dinh-audit-v1\n"
        for name, value in zip(NAMES, values):
            text += f"{name}:{len(str(value).encode())}:{value}\n"
        prev = self.head
        self.head = hashlib.sha256(bytes.fromhex(prev) + text.encode()).hexdigest()
        self.db.execute(f"INSERT INTO core_audit VALUES ({', '.join('?' * 15)})",
                        (*values, prev, self.head))

    def sign(self, node, seq, digest, at_us):
        signed = f"dinh-seal-v1\n{node}\n{seq}\n{digest}\n{at_us}\n".encode()
        der = openssl("dgst", "-sha256", "-sign", self.keys / "own.key", given=signed)
        return base64.urlsafe_b64encode(raw_signature(der)).rstrip(b"=").decode()

    def seal(self, seq, node="h57", at_us=None):
        at_us = at_us or self.now_us
        digest, = self.db.execute("SELECT hash FROM core_audit WHERE seq = ?", (seq,)).fetchone()
        self.db.execute("INSERT INTO core_seal VALUES (?, ?, ?, ?, ?, ?)", (
            seq, digest, node, at_us, self.sign(node, seq, digest, at_us), self.fingerprint))

    def witness(self, seq, digest, peer="h57"):
        self.db.execute("INSERT INTO core_witness VALUES (?, ?, ?, 7, ?, 8)",
                        (peer, seq, digest, self.sign(peer, seq, digest, 7)))

    def run_on(self, *args):
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            try:
                code = verify.main([str(self.path), *map(str, args)])
            except SystemExit as e:
                code = e.code
        return code, out.getvalue()

    def breaks(self, table, row, *args):
        code, out = self.run_on("--json", *args)
        self.assertEqual(code, 1, out)
        broken = json.loads(out)["broken"]
        self.assertEqual((broken["table"], broken["row"]), (table, str(row)), out)
        return broken["reason"]


class Sound(Database):
    def test_vectors(self):
        rows = [h for h, in self.db.execute("SELECT hash FROM core_audit ORDER BY seq LIMIT 2")]
        self.assertEqual(rows, HASHES)

    def test_holds_and_counts(self):
        code, out = self.run_on("--cert", self.keys / "own.crt")
        self.assertEqual(code, 0, out)
        self.assertIn("records 5, seals 2, accesses 1, witnesses 0, register versions 0, "
                      "messages 0: holds",
                      out)
        self.assertEqual(out.count("\n"), 1)

    def test_an_untrusted_store_is_told(self):
        self.assertIn("on the database's own word", self.run_on()[1])

    def test_an_empty_trail_holds(self):
        for table in ("core_audit", "core_seal"):
            self.db.execute(f"DELETE FROM {table}")
        self.assertEqual(self.run_on()[0], 0)

    def test_the_database_stays_as_it_is(self):
        before = self.path.read_bytes()
        self.run_on()
        self.assertEqual(self.path.read_bytes(), before)

    def test_wrong_use(self):
        self.assertEqual(self.run_on("--nonsense")[0], 2)
        self.assertEqual(self.run_on("--cert", self.path)[0], 2)
        self.path = Path(self.dir.name) / "none.db"
        self.assertEqual(self.run_on()[0], 2)
        self.path.write_text("no database at all " * 100)
        self.assertEqual(self.run_on()[0], 2)


class Chain(Database):
    def test_every_edited_column(self):
        for name in NAMES[1:]:
            with self.subTest(name):
                old, = self.db.execute(f"SELECT {name} FROM core_audit WHERE seq = 2").fetchone()
                new = old + 1 if name == "at_us" else old + "x"
                self.db.execute(f"UPDATE core_audit SET {name} = ? WHERE seq = 2", (new,))
                self.breaks("core_audit", 2)
                self.db.execute(f"UPDATE core_audit SET {name} = ? WHERE seq = 2", (old,))

    def test_deleted(self):
        self.db.execute("DELETE FROM core_audit WHERE seq = 2")
        self.assertIn("missing", self.breaks("core_audit", 2))

    def test_swapped(self):
        for a, b in ((1, -1), (2, 1), (-1, 2)):
            self.db.execute("UPDATE core_audit SET seq = ? WHERE seq = ?", (b, a))
        self.breaks("core_audit", 1)

    def test_rewritten_from_some_record_on(self):
        self.db.execute("DELETE FROM core_audit WHERE seq >= 4")
        self.head, = self.db.execute("SELECT hash FROM core_audit WHERE seq = 3").fetchone()
        self.add((4, *FIRST[1:-1], "another"))
        self.assertIn("rewritten", self.breaks("core_seal", 4))

    def test_null_and_other_types(self):
        self.db.execute("UPDATE core_audit SET person = NULL WHERE seq = 1")
        self.breaks("core_audit", 1)


class Seals(Database):
    def test_cut_signature(self):
        self.db.execute("UPDATE core_seal SET signature = substr(signature, 1, 80) WHERE seq = 4")
        self.breaks("core_seal", 4)

    def test_truncated_tail(self):
        self.db.execute("DELETE FROM core_audit WHERE seq >= 4")
        self.assertIn("cut", self.breaks("core_seal", 4))

    def test_another_time_node_or_key(self):
        self.db.execute("UPDATE core_seal SET at_us = at_us + 1 WHERE seq = 2")
        self.breaks("core_seal", 2)
        self.db.execute("DELETE FROM core_seal WHERE seq = 2")
        self.seal(2, node="g24")
        self.breaks("core_seal", 4)
        self.db.execute("DELETE FROM core_seal WHERE seq = 2")
        self.breaks("core_seal", 4, "--cert", self.keys / "other.crt")

    def test_a_certificate_out_of_its_time_or_gone(self):
        self.db.execute("DELETE FROM core_seal WHERE seq = 2")
        self.seal(2, at_us=1591236000000000)
        self.breaks("core_seal", 2)
        self.db.execute("DELETE FROM core_cert")
        self.breaks("core_seal", 2)

    def test_a_certificate_of_another_member(self):
        for name, number in (("h57", "H57"), ("g24", "G24")):
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-noenc", "-days", "2", "-subj", f"/CN=a/serialNumber={number}", "-keyout",
                    self.keys / f"{name}.key", "-out", self.keys / f"{name}.crt")
        (self.path.parent / "keys").mkdir()
        own = self.path.parent / "keys" / "sign.crt"
        own.write_bytes((self.keys / "own.crt").read_bytes())
        self.assertEqual(self.run_on()[0], 0)
        own.write_bytes((self.keys / "h57.crt").read_bytes())
        self.assertIn("another member's", self.breaks("core_seal", 2))
        own.unlink()
        self.assertEqual(self.run_on()[0], 0)
        pem = (self.keys / "g24.crt").read_bytes()
        der, _, _ = verify.Openssl(self.keys).certificate(pem)
        print_ = hashlib.sha256(der).hexdigest()
        self.db.execute("INSERT INTO core_cert VALUES (?, ?)", (print_, pem.decode()))
        self.db.execute("UPDATE core_seal SET cert = ? WHERE seq = 4", (print_,))
        self.assertIn("another member's", self.breaks("core_seal", 4))

    def test_name_of_node_json(self):
        (self.path.parent / "node.json").write_text('{"name": "g24"}')
        self.breaks("core_seal", 2)


class Heads(Database):
    """Heads of the tree (§ 8); roots are computed here by the definition, not by growing."""

    def setUp(self):
        super().setUp()
        self.db.executescript("""
            CREATE TABLE core_tree_head (size INT PRIMARY KEY, root TEXT, node TEXT, at_us INT,
                signing_key TEXT, signature TEXT, cert TEXT);
            CREATE TABLE core_tree_held (peer TEXT, size INT, root TEXT, at_us INT,
                signing_key TEXT, signature TEXT, received_us INT);""")
        spki = openssl("pkey", "-pubin", "-outform", "DER", given=openssl(
            "x509", "-noout", "-pubkey", given=self.pem))
        x, y = (base64.urlsafe_b64encode(h).rstrip(b"=").decode() for h in (spki[27:59], spki[59:]))
        self.key = base64.urlsafe_b64encode(hashlib.sha256(json.dumps(
            {"crv": "P-256", "kty": "EC", "x": x, "y": y}, separators=(",", ":")).encode()
        ).digest()).rstrip(b"=").decode()

    def root(self, size):
        leaves = [bytes.fromhex(h) for h, in self.db.execute(
            "SELECT hash FROM core_audit ORDER BY seq")][:size]

        def tree(part):
            if len(part) == 1:
                return hashlib.sha256(b"\0" + part[0]).digest()
            k = 1
            while k * 2 < len(part):
                k *= 2
            return hashlib.sha256(b"\1" + tree(part[:k]) + tree(part[k:])).digest()
        return tree(leaves).hex()

    def signed(self, size, root, node="h57"):
        text = f"dinh-head-v1\n{node}\n{size}\n{root}\n{self.now_us}\n{self.key}\n".encode()
        der = openssl("dgst", "-sha256", "-sign", self.keys / "own.key", given=text)
        return base64.urlsafe_b64encode(raw_signature(der)).rstrip(b"=").decode()

    def sign_head(self, size, root=None):
        root = root or self.root(size)
        self.db.execute("INSERT INTO core_tree_head VALUES (?, ?, 'h57', ?, ?, ?, ?)", (
            size, root, self.now_us, self.key, self.signed(size, root), self.fingerprint))

    def held(self, *pairs):
        path = Path(self.dir.name) / "held"
        path.write_text("".join(json.dumps({
            "node": "h57", "size": size, "at_us": self.now_us, "root": root, "key": self.key,
            "signature": self.signed(size, root)}) + "\n" for size, root in pairs))
        return "--witness", path

    def test_sound(self):
        for size in range(1, 6):
            self.sign_head(size)
        code, said = self.run_on(*self.held((3, self.root(3)), (5, self.root(5))))
        self.assertEqual(code, 0, said)
        self.assertIn("heads 5", said)
        self.assertIn("witnessed by others 2", said)

    def test_vectors(self):
        self.assertEqual(self.root(1), "c2e3a801fa9734a59ef46bb50370ba43a4b8fb1ff519b92ea475a24d"
                                       "0384d07d")
        self.assertEqual(self.root(2), "49c5e493189ae787b2e3bc128acac84474390434141049169171f5ed"
                                       "def8803d")

    def test_another_root(self):
        self.sign_head(4, "0" * 64)
        self.assertIn("core_tree_head 4: the tree has another root", self.run_on()[1])

    def test_beyond(self):
        self.sign_head(9, "0" * 64)
        self.assertIn("a signed head beyond the last record", self.run_on()[1])

    def test_signature(self):
        self.sign_head(4)
        self.db.execute("UPDATE core_tree_head SET at_us = at_us + 1")
        self.assertIn("core_tree_head 4: its signature does not hold", self.run_on()[1])

    def test_rolled_back(self):
        held = self.held((9, "0" * 64))
        self.assertEqual(self.run_on()[0], 0)  # alone it sees nothing
        code, said = self.run_on(*held)
        self.assertEqual(code, 1)
        self.assertIn("witness 9: a witness saw records beyond the last", said)

    def test_forked(self):
        held = self.held((2, self.root(2)), (4, "0" * 64))
        self.assertEqual(self.run_on()[0], 0)
        self.assertIn("forked between records 3 and 4", self.run_on(*held)[1])

    def test_not_ours(self):
        name, path = self.held((4, self.root(4)))
        path.write_text(path.read_text().replace('"size": 4', '"size": 5'))
        self.assertIn("a head that this node didn't sign", self.run_on(name, path)[1])

    def accept(self, db, node, size, reason="restored"):
        db.executescript("""
            CREATE TABLE core_tree_accept (node TEXT, number INT, size INT, root TEXT, above INT,
                account TEXT, reason TEXT);
            CREATE TABLE core_tree_anew (peer TEXT, number INT, size INT, root TEXT, at_us INT,
                signing_key TEXT, signature TEXT, received_us INT);""")
        root = self.root(size)
        db.execute("INSERT INTO core_tree_accept VALUES (?, 1, ?, ?, 9, 'A', ?)",
                   (node, size, root, reason))
        db.execute("INSERT INTO core_tree_anew VALUES (?, 1, ?, ?, 7, 'x', 'y', 8)",
                   (node, size, root))

    def test_an_accepted_past(self):
        self.accept(self.db, "g24", 4)
        self.breaks("core_tree_accept", "g24 1")
        detail = {"size": 4, "root": self.root(4), "above": 9, "by": "A", "reason": "restored"}
        self.add((6, 5, "system", "operator", "", "", "operator", "core.tree_accept", "trail",
                  "g24/1", "", "q", json.dumps(detail)))
        self.assertEqual(self.run_on()[0], 0, self.run_on()[1])
        self.db.execute("UPDATE core_tree_accept SET reason = 'another'")
        self.breaks("core_tree_accept", "g24 1")

    # What it held before is no claim any more; what came since is.
    def test_a_witness_that_accepted(self):
        self.witness(9, HASHES[0])
        other = Path(self.dir.name) / "other.db"
        with contextlib.closing(sqlite3.connect(other)) as copy:
            self.db.backup(copy)
            self.db.execute("DELETE FROM core_witness")
            self.assertEqual(self.run_on("--witness", other)[0], 1)
            self.accept(copy, "h57", 4)
            copy.commit()
            code, said = self.run_on("--witness", other)
            self.assertEqual(code, 0, said)
            copy.execute("INSERT INTO core_tree_anew VALUES ('h57', 1, 9, ?, 7, 'x', 'y', 8)",
                         ("0" * 64,))
            copy.commit()
        self.assertIn("a witness saw records beyond", self.run_on("--witness", other)[1])

    def test_kept_without_its_signature(self):
        self.db.execute("INSERT INTO core_tree_held VALUES ('g24', 4, ?, 7, 'x', 'y', 8)",
                        ("0" * 64,))
        self.assertIn("1 unchecked", self.run_on()[1])


class Witnesses(Database):
    def federation(self, name, cert, **more):
        (self.path.parent / "federation.json").write_text(json.dumps({"nodes": [
            {"name": name, "sign_cert": self.cert(cert), **more}]}))

    def cert(self, name):
        return (self.keys / f"{name}.crt").read_text()

    def test_kept_for_a_peer(self):
        self.witness(9, HASHES[0], peer="g24")
        self.assertIn("1 unchecked", self.run_on()[1])
        self.federation("g24", "own")
        self.assertIn("witnesses 1, ", self.run_on()[1])
        self.federation("g24", "other")
        self.breaks("core_witness", "g24 9")
        self.federation("h57", "own")
        self.breaks("core_witness", "g24 9")

    def test_peer_that_changed_its_keys(self):
        self.witness(9, HASHES[0], peer="g24")  # at 7 us
        before = {"sign_cert": self.cert("own")}
        self.federation("g24", "other", next={"tls_cert_sha256": "0", **before})
        self.assertIn("witnesses 1, ", self.run_on()[1])
        for until, holds in (("1970-01-01T00:00:00.000007Z", True),
                             ("1970-01-01T07:00:00.000007+07:00", True),
                             ("1970-01-01T00:00:00.000006Z", False)):
            self.federation("g24", "other", before=[{**before, "until": until}])
            if holds:
                self.assertIn("witnesses 1, ", self.run_on()[1])
            else:
                self.breaks("core_witness", "g24 9")
        self.federation("g24", "other", before=[before])
        self.assertEqual(self.run_on()[0], 2)

    def test_another_database_saw_the_cut_tail(self):
        self.witness(5, self.head)
        other = Path(self.dir.name) / "other.db"
        with contextlib.closing(sqlite3.connect(other)) as copy:
            self.db.backup(copy)
        self.assertIn("witnessed by others 1", self.run_on("--witness", other)[1])
        self.db.execute("DELETE FROM core_audit WHERE seq = 5")
        self.assertEqual(self.run_on()[0], 0)
        self.breaks("witness", 5, "--witness", other)
        self.head, = self.db.execute("SELECT hash FROM core_audit WHERE seq = 4").fetchone()
        self.add((5, *FIRST[1:-1], "another"))
        self.breaks("witness", 5, "--witness", other)


    def held(self, seq, digest, **other):
        """A file as another node prints it for this one."""
        seal = {"node": "h57", "seq": seq, "at_us": 7, "hash": digest,
                "signature": self.sign("h57", seq, digest, 7), **other}
        path = Path(self.dir.name) / "held"
        path.write_text(json.dumps(seal) + "\n", encoding="utf-8")
        return path

    def test_printed_seals_saw_the_cut_tail(self):
        held = self.held(5, self.head)
        self.assertIn("witnessed by others 1", self.run_on("--witness", held)[1])
        self.db.execute("DELETE FROM core_audit WHERE seq = 5")
        self.assertEqual(self.run_on()[0], 0)
        self.assertIn("cut", self.breaks("witness", 5, "--witness", held))

    def test_printed_seals_must_be_ours(self):
        reason = self.breaks("witness", 5, "--witness", self.held(5, self.head, at_us=8))
        self.assertIn("didn't sign", reason)
        self.assertIn("didn't sign", self.breaks("witness", 9, "--witness",
                                                 self.held(9, self.head, node="g24")))
        path = self.held(5, self.head)
        path.write_text("{}\n", encoding="utf-8")
        self.assertEqual(self.run_on("--witness", path)[0], 2)


class Access(Database):
    def test_changed_and_taken_away(self):
        self.db.execute("UPDATE core_access SET line = x'00'")
        self.breaks("core_access", "01LINE")
        self.db.execute("DELETE FROM core_access")
        self.breaks("core_access", "01LINE")

    def test_another_time(self):
        self.db.execute("UPDATE core_access SET at_us = at_us + 1")
        self.assertIn("another time", self.breaks("core_access", "01LINE"))


class Registers(Database):
    """Two versions of one record, built here by formatting (§ 5)."""

    def setUp(self):
        super().setUp()
        self.db.execute("CREATE TABLE registry_r_birth (id TEXT, version INT, known_us INT,"
                        " current INT, reason TEXT, a_name BLOB, a_year INT, t_name TEXT)")
        for version, current in ((1, 0), (2, 1)):
            self.enter(version, current, "two\nlines: á" if version == 2 else "first")

    def enter(self, version, current, reason, told=True):
        self.db.execute("INSERT INTO registry_r_birth VALUES ('01R', ?, 5, ?, ?, ?, 0, NULL)",
                        (version, current, reason, b"\x00\xff"))
        text = (f"a_name:2:\x00\xff\na_year:1:0\nid:3:01R\nknown_us:1:5\nreason:"
                f"{len(reason.encode())}:{reason}\nversion:1:{version}\n")
        raw = b"dinh-row-v1\n" + text.encode().replace(b"\xc3\xbf", b"\xff")
        detail = {"version": version, "row": hashlib.sha256(raw).hexdigest()}
        if not told:
            del detail["row"]
        self.seq = getattr(self, "seq", 5) + 1
        self.add((self.seq, 5, "official", "a", "p", "u", "r", "registry.add", "birth", "01R", "",
                  "q", json.dumps(detail)))

    def test_holds_and_counts(self):
        code, out = self.run_on()
        self.assertEqual(code, 0, out)
        self.assertIn("register versions 2, messages 0", out)

    def test_every_changed_column(self):
        for column, value in (("known_us", 6), ("reason", "x"), ("a_name", b"\x00\xfe"),
                              ("a_year", 1), ("t_name", "token"), ("version", 3)):
            with self.subTest(column):
                self.db.execute("SAVEPOINT one")
                self.db.execute(f"UPDATE registry_r_birth SET {column} = ? WHERE version = 2",
                                (value,))
                self.db.execute("RELEASE one")
                self.breaks("registry_r_birth", "01R version 2")
                self.db.execute("DELETE FROM registry_r_birth WHERE version >= 2")
                self.db.execute("INSERT INTO registry_r_birth VALUES ('01R', 2, 5, 1, ?, ?, 0,"
                                " NULL)", ("two\nlines: á", b"\x00\xff"))

    def test_sealed_later(self):
        self.db.execute("UPDATE registry_r_birth SET a_name = x'0102' WHERE version = 1")
        self.breaks("registry_r_birth", "01R version 1")
        raw = ("dinh-row-v1\na_name:2:\x01\x02\na_year:1:0\nid:3:01R\nknown_us:1:5\n"
               "reason:5:first\nversion:1:1\n").encode()
        detail = {"version": 1, "row": hashlib.sha256(raw).hexdigest()}
        self.add((self.seq + 1, 5, "system", "a", "p", "u", "r", "registry.seal", "birth", "01R",
                  "", "q", json.dumps(detail)))
        code, out = self.run_on()
        self.assertEqual(code, 0, out)
        self.assertIn("register versions 2, messages 0", out)
        self.assertNotIn("(+ ", out)
        self.db.execute("UPDATE registry_r_birth SET a_name = x'0103' WHERE version = 1")
        self.breaks("registry_r_birth", "01R version 1")

    def test_gone(self):
        self.db.execute("DELETE FROM registry_r_birth WHERE version = 1")
        self.assertIn("gone", self.breaks("registry_r_birth", "01R version 1"))

    def test_entered_past_the_trail(self):
        self.db.execute("INSERT INTO registry_r_birth VALUES ('01S', 1, 5, 1, '', x'00', 0, NULL)")
        self.assertIn("the trail names 2", self.breaks("registry_r_birth", "?"))

    def test_an_old_version_marked_as_the_newest(self):
        self.db.execute("UPDATE registry_r_birth SET current = 1 - current")
        self.breaks("registry_r_birth", "01R")

    def test_versions_of_before_digests_must_be_there(self):
        self.db.execute("UPDATE registry_r_birth SET current = 0")
        self.enter(3, 1, "old", told=False)
        self.assertIn("(+ 1 of before", self.run_on()[1])
        self.db.execute("DELETE FROM registry_r_birth WHERE version = 3")
        self.breaks("registry_r_birth", "01R version 3")


class Messages(Database):
    """An answered message, its row built here by formatting (§ 6)."""

    def setUp(self):
        super().setUp()
        self.db.execute("CREATE TABLE exchange_message (id TEXT, direction TEXT, service TEXT,"
                        " at_us INT, body BLOB, status INT)")
        self.log("01M", "population.person", 200)
        self.db.execute("INSERT INTO exchange_message VALUES"
                        " ('01W', 'out', 'audit.witness', 5, x'00', 200),"
                        " ('01O', 'out', 'portal.status', 5, x'00', 0)")

    def anew(self, name, heads="0" * 64, body=b"\x02"):
        """It is sealed anew: the record of it, as § 6 has it."""
        raw = (b"dinh-row-v1\nat_us:1:5\nbody:1:" + body + b"\ndirection:2:in\n" +
               f"id:{len(name)}:{name}\nservice:17:population.person\nstatus:3:200\n".encode())
        self.count = getattr(self, "count", 6) + 1
        self.add((self.count, 5, "system", "a", "", "u", "r", "exchange.reseal",
                  "exchange_message", f"{name}/in", "", "q",
                  json.dumps({"sha256": heads, "row": hashlib.sha256(raw).hexdigest()})))

    def test_sealed_anew(self):
        for body in (b"\x02", b"\x03"):
            self.db.execute("UPDATE exchange_message SET body = ? WHERE id = '01M'", (body,))
            self.breaks("exchange_message", "01M/in")
            self.anew("01M", body=body)
            code, out = self.run_on()
            self.assertEqual(code, 0, out)
            self.assertIn("messages 1", out)
        for before in (b"\x00\xff", b"\x02", b"\x04"):
            self.db.execute("UPDATE exchange_message SET body = ? WHERE id = '01M'", (before,))
            self.breaks("exchange_message", "01M/in")

    def test_sealed_anew_as_another(self):
        self.db.execute("UPDATE exchange_message SET body = x'02' WHERE id = '01M'")
        self.anew("01M", heads="1" * 64)
        self.assertIn("another message", self.breaks("exchange_message", "01M/in"))

    def test_sealed_anew_but_never_answered(self):
        self.anew("01N")
        self.assertIn("never answered", self.breaks("exchange_message", "01N/in"))

    def log(self, name, service, status):
        self.db.execute("INSERT INTO exchange_message VALUES (?, 'in', ?, 5, ?, ?)",
                        (name, service, b"\x00\xff", status))
        raw = (b"dinh-row-v1\nat_us:1:5\nbody:2:\x00\xff\ndirection:2:in\n" +
               f"id:{len(name)}:{name}\nservice:{len(service)}:{service}\n"
               f"status:3:{status}\n".encode())
        self.add((6, 5, "agency", "a", "p", "u", "r", "exchange.answered", "exchange_message",
                  f"{name}/in", "", "q", json.dumps({"sha256": "0" * 64, "row":
                                                     hashlib.sha256(raw).hexdigest()})))

    def test_holds_and_counts(self):
        code, out = self.run_on()
        self.assertEqual(code, 0, out)
        self.assertIn("messages 1", out)

    def test_every_changed_column(self):
        for column, value in (("service", "x"), ("at_us", 6), ("body", b"\x00"), ("status", 404)):
            with self.subTest(column):
                old, = self.db.execute(f"SELECT {column} FROM exchange_message"
                                       " WHERE id = '01M'").fetchone()
                change = f"UPDATE exchange_message SET {column} = ? WHERE id = '01M'"
                self.db.execute(change, (value,))
                self.breaks("exchange_message", "01M/in")
                self.db.execute(change, (old,))

    def test_gone_and_past_the_trail(self):
        self.db.execute("UPDATE exchange_message SET status = 200 WHERE id = '01O'")
        self.assertIn("the trail names 1", self.breaks("exchange_message", "?"))
        self.db.execute("DELETE FROM exchange_message WHERE id = '01M'")
        self.assertIn("gone", self.breaks("exchange_message", "01M/in"))


class Rights(Database):
    def test_only_what_the_trail_allows(self):
        self.db.execute("CREATE TABLE exchange_right (client TEXT, member TEXT, service TEXT)")
        self.db.execute("INSERT INTO exchange_right VALUES ('H57', 'G01', 'echo')")
        self.assertIn("doesn't allow", self.breaks("exchange_right", "H57:G01:echo"))
        for seq, action in ((6, "allow"), (7, "deny")):
            self.add((seq, 5, "system", "a", "p", "u", "r", f"exchange.{action}",
                      "exchange_right", "H57:G01:echo", "", "q", "{}"))
            if action == "allow":
                self.assertEqual(self.run_on()[0], 0)
        self.breaks("exchange_right", "H57:G01:echo")


if __name__ == "__main__":
    unittest.main()
