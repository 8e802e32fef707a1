# SPDX-License-Identifier: Apache-2.0
"""Rules of fields (shapes) and of register definitions."""
import datetime

from pack_view import doubled, interval, stem

NUMBERS = ("int", "money", "time")
SEARCHABLE = ("text", "long_text", "id", "pin", "code", "date", "partial_date", "int", "phone",
              "email")


def _default(view, field):
    value, kind = field["default"], field["kind"]
    if kind == "bool":
        return isinstance(value, bool)
    if kind in NUMBERS:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "code" and not view.has_code(field.get("catalogue"), value):
        return False
    return isinstance(value, str)


def _bounds(doc, place, field):
    low, high = field.get("min"), field.get("max")
    if field["kind"] in ("date", "partial_date"):
        for key, value in (("min", low), ("max", high)):
            if value is not None and value != "today" and not _iso(value):
                return [doc.fault(place + (key,), f"{value} is no date yyyy-MM-dd")]
        return []
    if isinstance(low, str) or isinstance(high, str):
        return [doc.fault(place, "min and max are numbers")]
    if low is not None and high is not None and low > high:
        return [doc.fault(place + ("min",), "is over max")]
    return []


def _iso(text):
    try:
        return bool(datetime.date.fromisoformat(str(text)))
    except ValueError:
        return False


def _visible(view, doc, place, field, before):
    rule = field.get("visible_when")
    if not rule:
        return []
    place = place + ("visible_when",)
    on = before.get(rule["field"])
    if on is None:
        return [doc.fault(place + ("field",), "no such field before this one")]
    if on["kind"] == "bool" and not isinstance(rule["equals"], bool):
        return [doc.fault(place + ("equals",), "true or false expected")]
    if on["kind"] == "code" and not view.has_code(on.get("catalogue"), rule["equals"]):
        return [doc.fault(place + ("equals",), f"{rule['equals']} is not in its catalogue")]
    return []


def field_faults(view, doc, place, field, before):
    """Faults of one field; before: the fields above it by name."""
    found = _bounds(doc, place, field) + _visible(view, doc, place, field, before)
    if (field["kind"] == "code") != ("catalogue" in field):
        found.append(doc.fault(place, "a catalogue belongs to kind code, and only to it"))
    elif "catalogue" in field and not view.has_catalogue(field["catalogue"]):
        found.append(doc.fault(place + ("catalogue",), f"{field['catalogue']} is no catalogue"))
    elif "default" in field and not _default(view, field):
        found.append(doc.fault(place + ("default",), "is no value of this field"))
    if "unit_level" in field and field.get("catalogue") != "admin_units":
        found.append(doc.fault(place + ("unit_level",), "belongs to admin_units"))
    if (field["kind"] == "list") != ("fields" in field):
        found.append(doc.fault(place, "fields belong to kind list, and only to it"))
    if (field["kind"] == "file") != ("max_bytes" in field):
        found.append(doc.fault(place, "max_bytes belongs to kind file, and only to it"))
    if field["name"] in before:
        found.append(doc.fault(place + ("name",), f"field {field['name']} occurs twice"))
    return found


def fields_faults(view, doc, place, fields):
    found, before, sources = [], {}, {}
    for i, field in enumerate(fields):
        at = tuple(place) + (i,)
        found += field_faults(view, doc, at, field, before)
        found += fields_faults(view, doc, at + ("fields",), field.get("fields", []))
        before[field["name"]] = field
        source = field.get("source_name")
        if source and source in sources:
            found.append(doc.fault(at + ("source_name",), f"{source} stands for two fields"))
        sources[source] = field
    return found


def _references(doc, fields):
    v, found = doc.value, []
    def want(place, name, kinds=None):
        if name is not None and name not in fields:
            found.append(doc.fault(place, f"{name} is no field"))
        elif name is not None and kinds and fields[name]["kind"] not in kinds:
            found.append(doc.fault(place, f"{name} must be of kind {' or '.join(kinds)}"))
    want(("key",), v["key"])
    want(("subject",), v["subject"], ("pin",))
    want(("title",), v["title"], ("text",))
    for i, name in enumerate(v.get("subjects", [])):
        want(("subjects", i), name, ("pin",))
    if v["subject"] not in v.get("subjects", [v["subject"]]):
        found.append(doc.fault(("subjects",), "does not hold the subject"))
    for i, rule in enumerate(v["unique"]):
        for k, name in enumerate(rule["fields"]):
            want(("unique", i, "fields", k), name)
    numbering = v.get("numbering", {"per": [], "field": None})
    want(("numbering", "field"), numbering["field"], ("int",))
    for i, name in enumerate(numbering["per"]):
        want(("numbering", "per", i), name)
    return found


def _search(doc, i, field):
    how, found = field.get("search", "none"), []
    if how == "name" and field["kind"] != "text":
        found.append(doc.fault(("fields", i, "search"), "name search is for kind text"))
    if how != "none" and (field["kind"] not in SEARCHABLE or field.get("secret")):
        found.append(doc.fault(("fields", i, "search"), "this field cannot be searched"))
    if field["kind"] == "pin" and not field.get("personal"):
        found.append(doc.fault(("fields", i), "a personal number is personal"))
    return found


def _register(view, doc):
    v = doc.value
    found = stem(doc, v["register"]) + interval(doc, (), v)
    found += fields_faults(view, doc, ("fields",), v["fields"])
    found += _references(doc, {f["name"]: f for f in v["fields"]})
    found += doubled(doc, ("purposes",), [p["code"] for p in v["purposes"]], "purpose")
    found += doubled(doc, ("unique",), [u["name"] for u in v["unique"]], "constraint")
    if not view.has_agency(v["owner"]):
        found.append(doc.fault(("owner",), f"{v['owner']} is no agency"))
    for i, purpose in enumerate(v["purposes"]):
        if not view.has_code("purposes", purpose["code"]):
            found.append(doc.fault(("purposes", i, "code"), "is not in catalogues/purposes"))
        for k, client in enumerate(purpose["clients"]):
            if client != "*" and not view.has_agency(client):
                found.append(doc.fault(("purposes", i, "clients", k), f"{client} is no agency"))
    for i, field in enumerate(v["fields"]):
        found += _search(doc, i, field)
    return found


def check(view):
    return [fault for doc in view.under("registers/") for fault in _register(view, doc)]
