# SPDX-License-Identifier: Apache-2.0
"""country/vn, of which a test may spoil one file."""
import copy
import sys
import unittest
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools" / "country"))

import check  # noqa: E402
import fmt  # noqa: E402
import located  # noqa: E402
import schema  # noqa: E402

SOURCE = ROOT / "country" / "vn"
NODE_MODULES = ROOT / "node_modules"
PROCEDURE = "procedures/1.001193.json"


@lru_cache(1)
def sound():
    """(documents, schemas) of the pack as it is."""
    schemas = schema.Schemas(check.SCHEMAS)
    return check.read(SOURCE, schemas)[0], schemas


def row(value, key, name, by="name"):
    """The row of value[key] whose `by` is name."""
    return next(r for r in value[key] if r[by] == name)


class PackCase(unittest.TestCase):
    def spoiled(self, name, change):
        """What is said when change was made to the file name."""
        documents, schemas = sound()
        value = copy.deepcopy(documents[name].value)
        change(value)
        self.assertNotEqual(value, documents[name].value, "the change changes nothing")
        doc = located.Document(Path(name), fmt.document(value))
        faults = check.file_faults(doc, name, schemas)
        return faults or check.rule_faults({**documents, name: doc})

    def assert_refused(self, name, change, reason):
        """The spoiled file is refused for this reason, told with its name and a line."""
        said = [str(f) for f in self.spoiled(name, change)]
        hits = [s for s in said if reason in s]
        self.assertTrue(hits, f"{reason!r} not in {said}")
        self.assertRegex(hits[0], f"^{name}:[1-9][0-9]*: ")
