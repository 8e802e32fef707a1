# SPDX-License-Identifier: Apache-2.0
"""Rules of the demonstration's people and accounts: every record fits its register, every personal
number its structure (NĐ 137/2015/NĐ-CP), every link its other end, and nobody is real."""
import re

from pack_view import doubled

FIRST_SYNTHETIC = 900001
PARTIAL = re.compile(r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$")
FORMS = {"pin": re.compile(r"^[0-9]{12}$"), "date": re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
         "partial_date": PARTIAL, "phone": re.compile(r"^\+?[0-9]{8,15}$"),
         "email": re.compile(r"^[^@ ]+@[^@ ]+\.[^@ ]+$")}
LINKS = (("mother_pin", "mother_name"), ("father_pin", "father_name"),
         ("spouse_pin", "spouse_name"))


def pin_problem(pin, record, prefixes):
    """What is wrong with a personal number PPP G YY NNNNNN, or None."""
    if not FORMS["pin"].match(pin):
        return "is not 12 digits"
    if pin[:3] not in prefixes:
        return f"prefix {pin[:3]} is no province"
    year = int(record["birth_date"][:4])
    digit = (year // 100 - 19) * 2 + (record["sex"] == "female")
    if int(pin[3]) != digit:
        return f"digit 4 is {pin[3]}, sex and century want {digit}"
    if pin[4:6] != f"{year % 100:02d}":
        return f"digits 5 and 6 are {pin[4:6]}, the year of birth wants {year % 100:02d}"
    if int(pin[6:]) < FIRST_SYNTHETIC:
        return f"serial {pin[6:]} could be a real person's"
    return None


def _value(view, field, value):
    if field["kind"] in ("int", "money", "time"):
        return None if isinstance(value, int) else "is no number"
    if not isinstance(value, str) or not value:
        return "is no text"
    if field["kind"] == "code" and not view.has_code(field["catalogue"], value):
        return f"{value} is not in {field['catalogue']}"
    form = FORMS.get(field["kind"])
    if form and not form.match(value):
        return f"{value} is no {field['kind']}"
    high, low = field.get("max"), field.get("min", 0)
    if isinstance(high, int) and not low <= len(value) <= high:
        return f"has {len(value)} characters"
    return None


def _record(view, doc, place, register, record):
    fields = {f["name"]: f for f in register.value["fields"]}
    found = []
    for name, value in record.items():
        if name not in fields:
            found.append(doc.fault(place + (name,), "is no field of the register"))
            continue
        problem = _value(view, fields[name], value)
        if problem:
            found.append(doc.fault(place + (name,), problem))
    for name, field in fields.items():
        if field.get("required") and name not in record:
            found.append(doc.fault(place, f"{name} is missing"))
    return found


def _unique(view, doc, people):
    found = []
    for register, definition in view.registers.items():
        for rule in definition.value["unique"]:
            seen = set()
            for i, person in enumerate(people):
                record = person["registers"].get(register)
                key = tuple(record.get(f) for f in rule["fields"]) if record else ()
                if not key or None in key:
                    continue
                if key in seen:
                    found.append(doc.fault(("people", i, "registers", register),
                                           f"breaks {rule['name']}"))
                seen.add(key)
    return found


def _links(doc, people):
    found = []
    named = {p["registers"]["population"]["pin"]: p["registers"]["population"] for p in people
             if "population" in p["registers"]}
    for i, person in enumerate(people):
        record, place = person["registers"].get("population"), ("people", i, "registers")
        if record is None:
            continue
        for pin, name in LINKS:
            other = named.get(record.get(pin))
            if pin in record and (other is None or other["full_name"] != record.get(name)):
                found.append(doc.fault(place + ("population", pin),
                                       "no such person, or other name"))
        spouse = named.get(record.get("spouse_pin"))
        if spouse and spouse.get("spouse_pin") != record["pin"]:
            found.append(doc.fault(place + ("population", "spouse_pin"), "is not mutual"))
        for register, other in person["registers"].items():
            if other.get("pin", record["pin"]) != record["pin"]:
                found.append(doc.fault(place + (register, "pin"), "is another person's"))
    return found


def _people(view, doc):
    people = doc.value["people"]
    found = doubled(doc, ("people",), [p["key"] for p in people], "key")
    prefixes = view.catalogues.get("provinces_pin", set())
    for i, person in enumerate(people):
        for name, record in person["registers"].items():
            place = ("people", i, "registers", name)
            register = view.registers.get(name)
            if register is None:
                found.append(doc.fault(place, f"{name} is no register"))
                continue
            faults = _record(view, doc, place, register, record)
            found += faults
            if name == "population" and not faults:
                problem = pin_problem(record["pin"], record, prefixes)
                found += [doc.fault(place + ("pin",), problem)] if problem else []
    if found:
        return found
    return _unique(view, doc, people) + _links(doc, people) + _stories(doc, people)


def _stories(doc, people):
    keys = {p["key"] for p in people}
    return [doc.fault(("stories", i, who), f"{story[who]} is nobody")
            for i, story in enumerate(doc.value["stories"]) for who in ("mother", "father")
            if story[who] not in keys]


def _posts(view, doc, i, account, roles):
    found = []
    for k, post in enumerate(account["posts"]):
        place = ("accounts", i, "posts", k)
        if post["role"] not in roles:
            found.append(doc.fault(place + ("role",), f"{post['role']} is no role"))
        if post["unit"] and not view.has_agency(post["unit"]):
            found.append(doc.fault(place + ("unit",), f"{post['unit']} is no agency"))
        if (post["role"] == "citizen") != (account["kind"] == "citizen"):
            found.append(doc.fault(place + ("role",), "does not fit the kind of account"))
    return found


def _accounts(view, doc, people):
    v = doc.value
    found = doubled(doc, ("accounts",), [a["user"] for a in v["accounts"]], "user")
    names = {p["key"]: p["registers"]["population"]["full_name"] for p in people}
    nodes = {n["code"] for n in v["nodes"]} | {"all"}
    roles = {r["code"] for r in view["roles.json"].value["roles"]}
    for i, account in enumerate(v["accounts"]):
        if names.get(account["person"]) != account["display_name"]:
            found.append(doc.fault(("accounts", i, "person"), "no such person, or other name"))
        if account["node"] not in nodes:
            found.append(doc.fault(("accounts", i, "node"), f"{account['node']} is no node"))
        found += _posts(view, doc, i, account, roles)
    return found


def check(view):
    if "people/demo_people.json" not in view.documents:
        return []
    doc = view["people/demo_people.json"]
    found = _people(view, doc)
    if not found and "people/demo_accounts.json" in view.documents:
        found += _accounts(view, view["people/demo_accounts.json"], doc.value["people"])
    return found
