# SPDX-License-Identifier: Apache-2.0
"""The pack is sound; each kind of fault in it is refused with file, line and reason."""
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pack_case import NODE_MODULES, PROCEDURE, ROOT, SOURCE, PackCase, check, row

import gen_units

POPULATION = "registers/population.json"
PEOPLE = "people/demo_people.json"
CALENDAR = "calendar/holidays.json"


def field(v, name):
    return row(v, "fields", name)


def person(v, key):
    return row(v, "people", key, by="key")["registers"]["population"]


class Copied(PackCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.pack = Path(folder.name) / "vn"
        shutil.copytree(SOURCE, self.pack)

    def faults(self, units=None):
        return [str(f) for f in check.check_pack(self.pack, units)]


class Sound(Copied):
    def test_the_pack_of_viet_nam(self):
        self.assertEqual(self.faults(gen_units.read(NODE_MODULES)), [])

    def test_the_command_says_file_line_and_reason(self):
        command = [sys.executable, "-B", str(ROOT / "tools" / "country" / "check.py")]
        done = subprocess.run(command + [str(self.pack)], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        path = self.pack / "roles.json"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"scope": "self"', '"scope": "world"'), encoding="utf-8")
        line = text[:text.index('"scope": "self"')].count("\n") + 1
        done = subprocess.run(command + [str(self.pack)], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, f"{path}:{line}: roles[0].scope: world is no scope\n")


class Files(Copied):
    def broken(self, name, text):
        (self.pack / name).write_text(text, encoding="utf-8")
        return self.faults()

    def test_a_comma_too_many(self):
        said = self.broken("roles.json", '{"a": 1,\n "b": [1,\n 2,\n ]}')
        self.assertEqual(said, [f"{self.pack}/roles.json:4: a comma before ]"])

    def test_a_doubled_key(self):
        said = self.broken("roles.json", '{"a": 1,\n "a": 2}')
        self.assertEqual(said, [f"{self.pack}/roles.json:2: key a occurs twice"])

    def test_a_text_in_another_normal_form(self):
        path = self.pack / "country.json"
        text = path.read_text(encoding="utf-8").replace("Việt Nam", "Vie\u0323\u0302t Nam")
        said = self.broken("country.json", text)
        self.assertIn("not in Unicode normal form C", said[0])

    def test_another_layout(self):
        path = self.pack / "roles.json"
        said = self.broken("roles.json", json.dumps(json.loads(path.read_text("utf-8"))))
        self.assertEqual(said, [f"{path}:1: document: not in canonical layout, "
                                f"run tools/country/fmt.py {path}"])

    def test_a_file_nobody_knows(self):
        said = self.broken("surprise.json", "{}\n")
        self.assertIn("no schema is known", said[0])

    def test_a_missing_file(self):
        (self.pack / "roles.json").unlink()
        self.assertIn(f"{self.pack}/roles.json:1: the file is missing", self.faults())

    def test_an_unknown_key(self):
        self.assert_refused("roles.json", lambda v: v.update(extra=1), "is not a key")

    def test_a_label_without_vietnamese(self):
        self.assert_refused("roles.json", lambda v: v["roles"][0]["label"].pop("vi"),
                            "vi is missing")


class Catalogues(PackCase):
    def test_refusals(self):
        agencies = "catalogues/agencies.json"
        for name, change, reason in (
                ("catalogues/sex.json", lambda v: v["rows"].append(v["rows"][0]),
                 "occurs twice"),
                ("catalogues/sex.json", lambda v: v.update(catalogue="gender"),
                 "the file must be named gender.json"),
                ("catalogues/sex.json", lambda v: v["rows"][0]["partners"].update(bank="1"),
                 "rows[0].partners.bank: is not declared"),
                ("catalogues/provinces_pin.json", lambda v: v["rows"][1].update(code="003"),
                 "is 0 and the province code"),
                ("catalogues/provinces_pin.json",
                 lambda v: v["rows"][1].update(valid_to="1999-01-01"), "is before valid_from"),
                ("catalogues/provinces_pin.json",
                 lambda v: v["rows"][1].update(replaced_by=["777"]), "777 is no other code"),
                (agencies, lambda v: row(v, "rows", "G15", "code").update(
                    old_code="000.00.00.G16"), "000.00.00.G15 expected"),
                (agencies, lambda v: row(v, "rows", "H57.02", "code").update(parent="H56"),
                 "H57 expected"),
                ("catalogues/dossier_status.json", lambda v: v["rows"][2].update(to=["4"]),
                 "terminal means that nothing follows"),
                ("catalogues/insurance_objects.json",
                 lambda v: v["rows"][0].update(benefit_level="9"), "9 is no level"),
                ("roles.json", lambda v: v["roles"][0]["permissions"].append("portal.fly"),
                 "portal.fly is unknown"),
                ("indicators.json", lambda v: v["indicators"][0]["targets"].reverse(),
                 "years must rise"),
                ("forms/01.json", lambda v: v["lines"][0].update(kind="code"),
                 "a catalogue belongs to kind code"),
                ("country.json", lambda v: v["demo"].update(province="H99"), "H99 is no agency"),
                ("demo/nation.json", lambda v: v["rights"][0].update(client="H56"),
                 "no node carries H56")):
            with self.subTest(reason=reason):
                self.assert_refused(name, change, reason)


class Calendar(PackCase):
    def test_refusals(self):
        def day(v, date):
            return next(d for y in v["years"] for d in y["days"] if d["date"] == date)

        def drop(v, date):
            for year in v["years"]:
                year["days"] = [d for d in year["days"] if d["date"] != date]
        for change, reason in (
                (lambda v: drop(v, "2020-04-30"), "holiday 2020-04-30 is missing"),
                (lambda v: drop(v, "2022-01-03"), "4 holidays fall on rest days, 3 are given back"),
                (lambda v: drop(v, "2024-05-04"), "each swapped day off needs its make-up day"),
                (lambda v: day(v, "2024-05-04").update(date="2024-05-03"),
                 "make_up_workday on a friday"),
                (lambda v: day(v, "2023-09-04").update(date="2023-09-03"),
                 "compensatory_off on a sunday"),
                (lambda v: day(v, "2020-04-30").update(kind="half_day_off"),
                 "off belongs to half_day_off"),
                (lambda v: day(v, "2031-05-01").update(confidence="C"),
                 "a provisional year must follow other_years"),
                (lambda v: v.update(minutes_per_workday=420), "the hours make 480"),
                (lambda v: v.update(reception_cutoff="12:30"), "outside the office hours"),
                (lambda v: v["years"].pop(1), "years must follow one another"),
                (lambda v: day(v, "2020-04-30").update(date="2020-04-31"), "is no date")):
            with self.subTest(reason=reason):
                self.assert_refused(CALENDAR, change, reason)


class Registers(PackCase):
    def test_refusals(self):
        for change, reason in (
                (lambda v: v.update(subject="nobody"), "nobody is no field"),
                (lambda v: v.update(subject="full_name", subjects=["full_name"]),
                 "full_name must be of kind pin"),
                (lambda v: v["unique"][0]["fields"].append("shoe_size"), "shoe_size is no field"),
                (lambda v: field(v, "sex").update(catalogue="gender"), "gender is no catalogue"),
                (lambda v: field(v, "sex").pop("catalogue"), "a catalogue belongs to kind code"),
                (lambda v: field(v, "phone").update(name="email"), "field email occurs twice"),
                (lambda v: field(v, "blood_group").update(search="equal"), "cannot be searched"),
                (lambda v: field(v, "birth_date").update(search="name"), "name search is for"),
                (lambda v: field(v, "pin").update(personal=False), "a personal number is personal"),
                (lambda v: field(v, "life_status").update(default="ghost"), "is no value"),
                (lambda v: field(v, "full_name").update(kind="words"), "is not one of text"),
                (lambda v: field(v, "full_name").update(min=200), "is over max"),
                (lambda v: v["purposes"][1]["clients"].append("X99"), "X99 is no agency"),
                (lambda v: v["purposes"][1].update(code="curiosity"), "is not in catalogues"),
                (lambda v: v.update(owner="G77"), "G77 is no agency")):
            with self.subTest(reason=reason):
                self.assert_refused(POPULATION, change, reason)


class Procedure(PackCase):
    def test_refusals(self):
        def move(v, name, to):
            field(v, name)["group"] = to
        for change, reason in (
                (lambda v: move(v, "copies", "child"), "fields of child stand apart"),
                (lambda v: move(v, "clinic", "zoo"), "group zoo is not declared"),
                (lambda v: v["groups"].append({"name": "empty", "label": v["name"]}),
                 "group empty has no field"),
                (lambda v: field(v, "delivery_address")["visible_when"].update(field="zzz"),
                 "no such field before this one"),
                (lambda v: field(v, "delivery_address")["visible_when"].update(equals="pigeon"),
                 "pigeon is not in its catalogue"),
                (lambda v: field(v, "birth_country")["visible_when"].update(equals="yes"),
                 "true or false expected"),
                (lambda v: field(v, "mother_name")["prefill"].update(field="maiden_name"),
                 "maiden_name is no field of the register"),
                (lambda v: field(v, "mother_name")["prefill"].update(field="birth_date"),
                 "kind or catalogue differs"),
                (lambda v: field(v, "mother_name")["prefill"].update(subject="aunt"),
                 "subject aunt is not declared"),
                (lambda v: field(v, "mother_name").update(personal=False), "must stay personal"),
                (lambda v: field(v, "birth_notice_file").pop("max_bytes"),
                 "max_bytes belongs to kind file"),
                (lambda v: v["parts"]["cases"][0]["components"].append("blood"),
                 "blood is no component"),
                (lambda v: v["parts"]["results"][0].update(register="dreams"), "is no register"),
                (lambda v: v["parts"].pop("fees"), "fees is missing"),
                (lambda v: v["regimes"][0].update(active=True), "2 regimes are active"),
                (lambda v: v["parts"]["ways"][1].update(workdays=9), "the process says 3"),
                (lambda v: v["indicators"].append("T99"), "T99 is no indicator"),
                (lambda v: v.update(competent_unit_from="child_name"), "is no unit field"),
                (lambda v: field(v, "child_name").update(source_name="nksGioiTinh"),
                 "stands for two fields")):
            with self.subTest(reason=reason):
                self.assert_refused(PROCEDURE, change, reason)


class People(PackCase):
    def test_refusals(self):
        for change, reason in (
                (lambda v: person(v, "lan").update(pin="046094900001"),
                 "digit 4 is 0, sex and century want 1"),
                (lambda v: person(v, "lan").update(birth_date="1995-05-12"),
                 "the year of birth wants 95"),
                (lambda v: person(v, "lan").update(pin="003194900001"), "003 is no province"),
                (lambda v: person(v, "lan").update(pin="046194000001"), "a real person's"),
                (lambda v: person(v, "lan").update(ethnic_group="77"),
                 "77 is not in ethnic_groups"),
                (lambda v: person(v, "lan").update(shoe="38"), "is no field of the register"),
                (lambda v: person(v, "lan").pop("full_name"), "full_name is missing"),
                (lambda v: person(v, "lan").update(spouse_name="Ai Đó"), "or other name"),
                (lambda v: person(v, "lan").update(email="lan"), "lan is no email"),
                (lambda v: v["people"].append(v["people"][0]), "occurs twice"),
                (lambda v: row(v, "people", "lan", "key").update(synthetic=False), "true expected"),
                (lambda v: v["stories"][0].update(mother="eve"), "eve is nobody"),
                (lambda v: person(v, "minh").update(pin=person(v, "dung")["pin"],
                                                    birth_date="1993-11-02"),
                 "breaks population_pin")):
            with self.subTest(reason=reason):
                self.assert_refused(PEOPLE, change, reason)

    def test_accounts(self):
        for change, reason in (
                (lambda v: v["accounts"][0].update(person="minh"), "or other name"),
                (lambda v: v["accounts"][0].update(node="moon"), "moon is no node"),
                (lambda v: v["accounts"][5]["posts"][0].update(role="king"), "king is no role"),
                (lambda v: v["accounts"][0].update(kind="official"), "does not fit the kind"),
                (lambda v: v["accounts"][5]["posts"][0].update(unit="H56.99"), "is no agency")):
            with self.subTest(reason=reason):
                self.assert_refused("people/demo_accounts.json", change, reason)
