# SPDX-License-Identifier: Apache-2.0
"""What the shipped data must hold, counted and looked up independently of the checks."""
import datetime
import json
import unittest

from pack_case import NODE_MODULES, SOURCE  # finds the tools

import gen_agencies
import gen_units
import pack


def rows(name):
    return json.loads((SOURCE / "catalogues" / f"{name}.json").read_text("utf-8"))["rows"]


class Units(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.units = gen_units.read(NODE_MODULES)
        cls.by_code = {u[0]: u for u in cls.units}

    def test_counts(self):
        count = [sum(u[2] == level for u in self.units) for level in (1, 2, 3)]
        self.assertEqual(count, [63, 705, 10599])

    def test_a_ward_with_its_parents(self):
        ward = self.by_code["19777"]
        self.assertEqual(ward, ("19777", "474", 3, "ward", "Phường Vỹ Dạ", "Vy Da Ward"))
        self.assertEqual(self.by_code["474"][4], "Thành phố Huế")
        self.assertEqual(self.by_code["46"][5], "Thua Thien Hue Province")

    def test_the_provinces_of_the_personal_number(self):
        provinces = {u[0] for u in self.units if u[2] == 1}
        self.assertEqual({r["province"] for r in rows("provinces_pin")}, provinces)

    def test_agencies_of_hue(self):
        built = pack.contents(SOURCE, NODE_MODULES)
        agencies = {r["code"]: r for r in json.loads(built[pack.AGENCIES])["rows"]}
        ward = agencies["H57.31.08"]
        self.assertEqual((ward["unit"], ward["old_code"], ward["parent"]),
                         ("19777", "000.08.31.H57", "H57.31"))
        below = [u for u in self.units if u[0] == "46" or u[1] == "46" or
                 (u[2] == 3 and self.by_code[u[1]][1] == "46")]
        made = [r for r in agencies.values() if r["kind"] in ("district", "commune")]
        self.assertEqual(len(made), len(below) - 1)
        table = built[pack.UNITS].decode().splitlines()
        self.assertEqual(len(table), 1 + 63 + 705 + 10599)
        self.assertEqual(table[0], "code\tparent\tlevel\tkind\tname\tname_en")

    def test_the_old_form_of_a_code(self):
        for new, old in (("H26", "000.00.00.H26"), ("H28.12.01", "000.01.12.H28"),
                         ("G24.46", "000.00.46.G24"), ("H57.31.08.01", "001.08.31.H57")):
            self.assertEqual(gen_agencies.old_form(new), old)


class Catalogues(unittest.TestCase):
    def test_counts(self):
        self.assertEqual(len(rows("countries")), 249)
        self.assertEqual(len(rows("ethnic_groups")), 55)
        self.assertEqual(len({r["alpha3"] for r in rows("countries")}), 249)
        self.assertEqual(len({r["numeric"] for r in rows("countries")}), 249)
        kinds = [r["kind"] for r in rows("agencies")]
        self.assertEqual((kinds.count("ministry"), kinds.count("province")), (22, 63))

    def test_thirty_four_provinces_since_2025(self):
        left = [r for r in rows("agencies") if r["kind"] == "province" and r["valid_to"] is None]
        self.assertEqual(len(left), 34)

    def test_known_codes(self):
        agencies = {r["code"]: r["name"]["vi"] for r in rows("agencies")}
        self.assertEqual(agencies["G15"], "Bộ Tư pháp")
        self.assertEqual(agencies["G24"], "Bảo hiểm xã hội Việt Nam")
        self.assertEqual(agencies["H57"], "Ủy ban nhân dân tỉnh Thừa Thiên Huế")
        objects = {r["code"]: r for r in rows("insurance_objects")}
        self.assertEqual(objects["TE"]["benefit_level"], "1")
        self.assertEqual({r["code"]: r["partners"]["civil_status"] for r in rows("sex")},
                         {"male": "1", "female": "2", "undetermined": "3"})

    def test_the_legal_steps_of_a_dossier(self):
        steps = {r["code"]: "".join(f"{t}|" for t in r["to"])[:-1] for r in rows("dossier_status")}
        self.assertEqual(steps, {"1": "2|3|5|7", "2": "4", "3": "", "4": "5|6|8|9", "5": "4|7|8",
                                 "6": "4|8", "7": "4|8", "8": "", "9": "10", "10": ""})


class Calendar(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        value = json.loads((SOURCE / "calendar" / "holidays.json").read_text("utf-8"))
        cls.days = {d["date"]: d["kind"] for y in value["years"] for d in y["days"]}

    def closed(self, date):
        """Is the office closed on this ISO date?"""
        kind = self.days.get(date)
        if kind == "make_up_workday":
            return False
        return kind is not None or datetime.date.fromisoformat(date).weekday() >= 5

    def closed_run(self, first, last):
        day, end = map(datetime.date.fromisoformat, (first, last))
        self.assertFalse(self.closed((day - datetime.timedelta(1)).isoformat()))
        while day <= end:
            self.assertTrue(self.closed(day.isoformat()), day)
            day += datetime.timedelta(1)
        self.assertFalse(self.closed(day.isoformat()), day)

    def test_tet_as_announced(self):
        for first, last in (("2019-02-02", "2019-02-10"), ("2020-01-23", "2020-01-29"),
                            ("2021-02-10", "2021-02-16"), ("2022-01-29", "2022-02-06"),
                            ("2023-01-20", "2023-01-26"), ("2024-02-08", "2024-02-14"),
                            ("2025-01-25", "2025-02-02"), ("2026-02-14", "2026-02-22")):
            self.closed_run(first, last)

    def test_other_breaks(self):
        for first, last in (("2019-04-27", "2019-05-01"), ("2021-04-30", "2021-05-03"),
                            ("2021-09-02", "2021-09-05"), ("2022-04-30", "2022-05-03"),
                            ("2023-04-29", "2023-05-03"), ("2023-09-01", "2023-09-04"),
                            ("2024-04-27", "2024-05-01"), ("2025-04-30", "2025-05-04"),
                            ("2025-08-30", "2025-09-02"), ("2026-01-01", "2026-01-04"),
                            ("2026-04-25", "2026-04-27"), ("2026-08-29", "2026-09-02")):
            self.closed_run(first, last)

    def test_saturdays_that_are_worked(self):
        worked = [d for d, kind in self.days.items() if kind == "make_up_workday"]
        self.assertEqual(worked, ["2019-01-05", "2019-05-04", "2024-05-04", "2025-04-26",
                                  "2026-01-10", "2026-08-22"])

    def test_national_day_has_one_day_before_2021(self):
        self.closed_run("2020-09-02", "2020-09-02")


if __name__ == "__main__":
    unittest.main()
