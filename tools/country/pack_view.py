# SPDX-License-Identifier: Apache-2.0
"""A pack whose files fit their schemas, with the look-ups that the rules share."""
import gen_agencies
import gen_units


class View:
    def __init__(self, documents, units=None):
        self.documents = documents
        self.units = {u[0]: u for u in units} if units else None
        self.catalogues = {doc.value["catalogue"]: {r["code"] for r in doc.value["rows"]}
                           for doc in self.under("catalogues/")}
        self.agencies = self._agencies(units)
        self.registers = {d.value["register"]: d for d in self.under("registers/")}

    def __getitem__(self, name):
        return self.documents[name]

    def under(self, prefix):
        """The documents whose name begins with prefix."""
        return [d for name, d in self.documents.items() if name.startswith(prefix)]

    def _agencies(self, units):
        catalogue = self["catalogues/agencies.json"].value
        rows = {r["code"]: r for r in catalogue["rows"]}
        if units:
            made = gen_agencies.generate(units, catalogue["generated"])
            rows.update({r["code"]: r for r in made})
        return rows

    def has_agency(self, code):
        """Without units the generated codes are taken on trust."""
        rule = self["catalogues/agencies.json"].value["generated"]
        generated = self.units is None and code.startswith(rule["agency"] + ".")
        return code in self.agencies or generated

    def has_unit(self, code, level=None):
        if self.units is not None:
            return code in self.units and level in (None, self.units[code][2])
        digits = gen_units.DIGITS
        return len(code) in (digits.values() if level is None else (digits[level],))

    def has_code(self, catalogue, code):
        if catalogue == "admin_units":
            return self.has_unit(code)
        if catalogue == "agencies":
            return self.has_agency(code)
        return code in self.catalogues.get(catalogue, ())

    def has_catalogue(self, name):
        return name == "admin_units" or name in self.catalogues


def doubled(doc, place, values, what):
    """Faults for values of a list (taken from the rows at place) that occur twice."""
    seen, found = set(), []
    for i, value in enumerate(values):
        if value in seen:
            found.append(doc.fault(tuple(place) + (i,), f"{what} {value} occurs twice"))
        seen.add(value)
    return found


def interval(doc, place, row):
    """valid_to is not before valid_from."""
    start, end = row.get("valid_from"), row.get("valid_to")
    if start and end and end < start:
        return [doc.fault(tuple(place) + ("valid_to",), f"{end} is before valid_from {start}")]
    return []


def stem(doc, wanted):
    """The file is named after what it defines."""
    if doc.path.stem != wanted:
        return [doc.fault((), f"the file must be named {wanted}.json")]
    return []
