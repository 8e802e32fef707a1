# SPDX-License-Identifier: Apache-2.0
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import report


class Report(unittest.TestCase):
    def collected(self, **files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                (Path(folder) / name.replace("__", ".")).write_text(text, encoding="utf-8")
            return report.figures(folder)

    def test_figures_of_steps_and_c_tests_in_the_order_of_the_bars(self):
        run = json.dumps({"name": "slow_db_crash", "stdout": "x\nfigure C7 cuts=4 lost=0\n"})
        rows, bad = self.collected(kill__log="figure C10 syncs=3\nfigure C6 kills=1 lost=0\n",
                                   c__json=run + "\n")
        self.assertEqual([r[0] for r in rows], ["C6", "C7", "C10"])
        self.assertEqual(rows[1], ("C7", "c: slow_db_crash", {"cuts": "4", "lost": "0"}))
        self.assertEqual(bad, [])
        self.assertIn("| C7 | `c: slow_db_crash` | cuts 4, lost 0 |", report.table(rows))

    def test_a_figure_nobody_can_read_is_a_fault(self):
        for line in ("figure C7", "figure 7 cuts=1", "figure C7 cuts", "figure C7 cuts=1 lost"):
            rows, bad = self.collected(kill__log=line + "\n")
            self.assertEqual((rows, len(bad)), ([], 1), line)


if __name__ == "__main__":
    unittest.main()
