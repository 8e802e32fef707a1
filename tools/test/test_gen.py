# SPDX-License-Identifier: Apache-2.0
"""The generators on small made-up trees: what they make, and what they refuse."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import gen
import gen_assets
import gen_errors
import gen_texts
import testlog

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


class Tree(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.root = Path(self.dir.name)
        self.faults = gen.Faults()

    def tearDown(self):
        self.dir.cleanup()

    def put(self, path, text):
        p = self.root / path
        p.parent.mkdir(parents=True, exist_ok=True)
        p.write_text(text, encoding="utf-8")
        return p

    def po(self, lang, **texts):
        body = "".join(f'msgid "{k.replace("__", ".")}"\nmsgstr "{v}"\n\n'
                       for k, v in texts.items())
        self.put(f"src/base/lang/{lang}.po", HEAD + body)

    def said(self):
        return "\n".join(self.faults.rows)


class Texts(Tree):
    def test_both_languages_come_out(self):
        self.po("vi", a__title="Đình {1}")
        self.po("en", a__title="House {1}")
        symbols, vi, en = gen_texts.collect(self.root, self.faults)
        self.assertEqual(self.faults.rows, [])
        self.assertEqual(symbols, ["a_title"])
        self.assertIn("\\304\\220\\303\\254nh {1}", gen_texts.source(symbols, vi, en))

    def test_missing_vietnamese_is_refused(self):
        self.po("vi")
        self.po("en", a__title="House")
        gen_texts.collect(self.root, self.faults)
        self.assertIn("no Vietnamese text for a.title", self.said())

    def test_missing_english_is_refused_but_in_a_draft(self):
        self.po("vi", a__title="Đình")
        gen_texts.collect(self.root, self.faults, draft=True)
        self.assertEqual(self.faults.rows, [])
        gen_texts.collect(self.root, self.faults)
        self.assertIn("no English text for a.title", self.said())

    def test_placeholders_must_agree(self):
        self.po("vi", a__title="Đình {1}")
        self.po("en", a__title="House {2}")
        gen_texts.collect(self.root, self.faults)
        self.assertIn("differ", self.said())

    def test_a_key_twice_is_refused(self):
        self.po("vi", a__title="Đình")
        self.put("src/web/lang/vi.po", HEAD + 'msgid "a.title"\nmsgstr "Nhà"\n')
        gen_texts.collect(self.root, self.faults, draft=True)
        self.assertIn("already at", self.said())

    def test_decomposed_letters_are_refused(self):
        self.po("vi", a__title="Đi\u0300nh")
        gen_texts.collect(self.root, self.faults, draft=True)
        self.assertIn("NFC", self.said())


class Errors(Tree):
    ROWS = "/* ERR(like, this) */\nERR(ERR_LOST, 1001, 404, RETRY_NO, a_lost)\n"

    def check(self, text):
        path = self.put("src/base/errors.def", text)
        rows = gen_errors.read(path, self.faults)
        gen_errors.check(rows, {"a_lost"}, self.faults)
        return rows

    def test_a_row_becomes_an_enum_value(self):
        rows = self.check(self.ROWS)
        self.assertEqual(self.faults.rows, [])
        self.assertIn("#define ERR_LOST ((enum err)1001)", gen_errors.header(rows))
        self.assertIn('{"ERR_LOST", 1001, 404, RETRY_NO, TX_a_lost}',
                      gen_errors.source(rows))

    def test_faults_are_named_with_their_line(self):
        for row, why in [("ERR(ERR_LOST, 1002, 404, RETRY_NO, a_lost)", "already at"),
                         ("ERR(ERR_B, 1001, 404, RETRY_NO, a_lost)", "is ERR_LOST's"),
                         ("ERR(ERR_B, 1002, 200, RETRY_NO, a_lost)", "not an HTTP error"),
                         ("ERR(ERR_B, 1002, 404, MAYBE, a_lost)", "neither"),
                         ("ERR(ERR_B, 1002, 404, RETRY_NO, a_found)", "no lang/vi.po"),
                         ("ERR(ERR_B, 1002, 404, RETRY_NO)", "not a row")]:
            with self.subTest(why):
                self.faults = gen.Faults()
                self.check(self.ROWS + row)
                self.assertIn(why, self.said())
                self.assertIn("errors.def:3:", self.said())


class Schema(Tree):
    def check(self, body, name="001_a.sql"):
        self.put(f"src/core/schema/{name}", body)
        return gen_assets.schema_rows(self.root, self.faults)

    def test_a_commented_table_passes(self):
        rows = self.check("CREATE TABLE core_a (\n"
                          "    id TEXT CONSTRAINT core_a_id CHECK (id <> ''), -- its id; plain\n"
                          "    name TEXT, -- full name as on the card, personal\n"
                          "    CONSTRAINT core_a_pk PRIMARY KEY (id),\n"
                          "    CONSTRAINT core_a_b FOREIGN KEY (name)\n"
                          "        REFERENCES core_b (id)\n);\n"
                          "CREATE INDEX core_a_name ON core_a (name);\n")
        self.assertEqual(self.faults.rows, [])
        self.assertEqual(rows[0][:2], ("core", 1))

    def test_a_column_without_words_or_class_is_refused(self):
        self.check("CREATE TABLE core_a (\n    id TEXT,\n    n BIGINT, -- how many\n"
                   "    x FLOAT -- a share, percent, plain\n);\n")
        self.assertIn("001_a.sql:2: error: core_a.id", self.said())
        self.assertIn("001_a.sql:3: error: core_a.n", self.said())
        self.assertIn("type FLOAT", self.said())

    def test_names_are_asked_for(self):
        self.check("CREATE TABLE other (\n    id TEXT PRIMARY KEY, -- its id, plain\n"
                   "    b TEXT REFERENCES core_b (id), -- the other one, plain\n"
                   "    UNIQUE (b)\n);\nCREATE UNIQUE INDEX x ON other (b);\n")
        for why in ["1: error: other: its name", "2: error: PRIMARY KEY without a name",
                    "3: error: T REFERENCES", "4: error: UNIQUE without", "6: error: x: its name"]:
            self.assertIn("001_a.sql:" + why, self.said())

    def test_what_calls_itself_an_expansion_only_adds(self):
        head = "-- SPDX-License-Identifier: Apache-2.0\n-- expand: why\n"
        table = ("CREATE TABLE core_n (\n    id TEXT, -- its id, plain\n"
                 "    n BIGINT -- n, plain\n);\n")
        fine = (table + "CREATE UNIQUE INDEX core_n_id ON core_n (id);\n"
                "CREATE INDEX core_a_n ON core_a (n);\n"
                "ALTER TABLE core_a ADD COLUMN m BIGINT NOT NULL DEFAULT 0; -- m, plain\n"
                "ALTER TABLE core_a ADD COLUMN k TEXT; -- k, plain\n")
        self.assertTrue(gen_assets.expands(head + fine))
        self.assertFalse(gen_assets.expands("-- SPDX\n-- what for\n" + fine))
        self.check(head + fine)
        self.assertEqual(self.faults.rows, [])
        for bad in ["DROP TABLE core_a", "ALTER TABLE core_a DROP COLUMN n",
                    "UPDATE core_a SET n = 1", "DROP INDEX core_a_n",
                    "CREATE UNIQUE INDEX core_a_n ON core_a (n)",
                    "ALTER TABLE core_a ADD COLUMN m BIGINT NOT NULL"]:
            with self.subTest(bad):
                self.faults = gen.Faults()
                self.check(head + bad + ";\n")
                self.assertIn("2: error: an expanding migration only adds", self.said())

    def test_a_migration_says_whether_it_expands(self):
        table = "CREATE TABLE core_n (\n    n BIGINT -- n, plain\n);\n"
        self.check(f"-- SPDX\n-- Of before the rule.\n{table}", "008_n.sql")
        self.assertEqual(self.faults.rows, [])
        for mark, fine in [("-- expand: for the list", True),
                           ("-- contract: nobody goes back", True),
                           ("-- Something else.", False), ("-- expand:", False), ("", False)]:
            with self.subTest(mark):
                self.faults = gen.Faults()
                self.check(f"-- SPDX\n{mark}\n{table}", "009_n.sql")
                said = "2: error: the second line of a migration" in self.said()
                self.assertEqual(said, not fine)

    def test_a_bad_file_name_is_refused(self):
        self.check("", "one.sql")
        self.assertIn("NNN_name.sql", self.said())


class Assets(Tree):
    def test_served_files_carry_their_hash_and_a_packed_twin(self):
        self.put("web/dist/dinh.css", "a{color:red}" * 50)
        (name, path, kind, raw, packed, digest), = gen_assets.asset_rows(self.root)
        self.assertEqual((name, kind), ("dinh.css", "text/css; charset=utf-8"))
        self.assertEqual(path, f"dinh-{digest}.css")
        self.assertLess(len(packed), len(raw))

    def test_the_manifest_names_the_hashed_files(self):
        self.put("web/dist/favicon.svg", "<svg/>")
        self.put("web/dist/a.webmanifest", '{"src": "favicon.svg"}')
        icon, manifest = gen_assets.asset_rows(self.root)
        self.assertEqual(manifest[3].decode(), f'{{"src": "{icon[1]}"}}')

    def test_bytes_survive_the_c_literal(self):
        self.assertEqual(gen.c_string(b'a"\\?\x00\xff1\n'), '"a\\"\\\\\\?\\000\\3771\\n"')


class Log(unittest.TestCase):
    def test_a_skip_is_a_failure(self):
        log = ['{"name": "a", "result": "OK"}', '{"name": "b", "result": "SKIP"}']
        self.assertEqual(testlog.count(log), (1, ["b (SKIP)"]))


if __name__ == "__main__":
    unittest.main()
