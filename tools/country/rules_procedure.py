# SPDX-License-Identifier: Apache-2.0
"""Rules of a procedure record and its form; its process is checked by rules_process."""
from pack_view import doubled, interval, stem
from rules_register import fields_faults

TEXTS = {"text", "long_text"}


def _groups(doc):
    """One group = one page: fields of a group stand together, in the order of the groups."""
    v = doc.value
    names = [g["name"] for g in v["groups"]]
    found, seen = doubled(doc, ("groups",), names, "group"), []
    for i, field in enumerate(v["fields"]):
        group = field.get("group")
        if group not in names:
            found.append(doc.fault(("fields", i), f"group {group} is not declared"))
        elif group in seen and seen[-1] != group:
            found.append(doc.fault(("fields", i, "group"), f"fields of {group} stand apart"))
        elif group not in seen:
            seen.append(group)
    if not found and seen != names:
        empty = [n for n in names if n not in seen]
        reason = f"group {empty[0]} has no field" if empty else "order differs from the fields"
        found.append(doc.fault(("groups",), reason))
    return found


def _prefill(view, doc, i, field):
    rule, place = field.get("prefill"), ("fields", i, "prefill")
    if not rule:
        return []
    register = view.registers.get(rule["register"])
    if register is None:
        return [doc.fault(place + ("register",), f"{rule['register']} is no register")]
    source = {f["name"]: f for f in register.value["fields"]}.get(rule["field"])
    if source is None:
        return [doc.fault(place + ("field",), f"{rule['field']} is no field of the register")]
    found = []
    same = source["kind"] == field["kind"] or {source["kind"], field["kind"]} <= TEXTS
    if not same or source.get("catalogue") != field.get("catalogue"):
        found.append(doc.fault(place, "kind or catalogue differs from the register's field"))
    if source.get("personal") and not field.get("personal"):
        found.append(doc.fault(place, "a personal field must stay personal"))
    if rule.get("subject") not in {s["name"] for s in doc.value["subjects"]}:
        found.append(doc.fault(place, f"subject {rule.get('subject')} is not declared"))
    return found


def _orders(doc, fields):
    """Both sides of an order are dates of the form, or today."""
    found, dates = [], {"date", "partial_date"}
    for i, order in enumerate(doc.value.get("orders", [])):
        others = [order[k] for k in ("not_before", "not_after") if k in order]
        if len(others) != 1:
            found.append(doc.fault(("orders", i), "needs not_before or not_after, one of them"))
        for name in [order["field"]] + [o for o in others if o != "today"]:
            if fields.get(name, {}).get("kind") not in dates:
                found.append(doc.fault(("orders", i), f"{name} is no date of the form"))
    return found


def _cases(view, doc, fields):
    found = []
    components = {r["code"]: r for r in view["catalogues/components.json"].value["rows"]} \
        if "catalogues/components.json" in view.documents else {}
    for i, case in enumerate(doc.value["parts"]["cases"]):
        for k, code in enumerate(case["components"]):
            place = ("parts", "cases", i, "components", k)
            row = components.get(code)
            if row is None:
                found.append(doc.fault(place, f"{code} is no component"))
            elif "field" in row and fields.get(row["field"], {}).get("kind") != "file":
                found.append(doc.fault(place, f"{row['field']} is no file field of the form"))
    return found


def _parts(view, doc):
    parts, found = doc.value["parts"], []
    for i, way in enumerate(parts["ways"]):
        if not view.has_code("channels", way["channel"]):
            found.append(doc.fault(("parts", "ways", i, "channel"), "is no channel"))
    for i, code in enumerate(parts["agency"]["cooperates"]):
        if not view.has_agency(code):
            found.append(doc.fault(("parts", "agency", "cooperates", i), f"{code} is no agency"))
    for i, result in enumerate(parts["results"]):
        if "register" in result and result["register"] not in view.registers:
            found.append(doc.fault(("parts", "results", i, "register"), "is no register"))
    return found


def _regimes(doc):
    """One regime is in use, and deadlines on paper and in the process agree."""
    v, found = doc.value, []
    active = [r for r in v["regimes"] if r["active"]]
    for i, regime in enumerate(v["regimes"]):
        found += interval(doc, ("regimes", i), regime)
    if len(active) != 1:
        return found + [doc.fault(("regimes",), f"{len(active)} regimes are active, not one")]
    days = v["process"]["deadline"]["workdays"]
    if active[0]["workdays"] != days:
        found.append(doc.fault(("process", "deadline", "workdays"),
                               f"the active regime says {active[0]['workdays']}"))
    for i, way in enumerate(v["parts"]["ways"]):
        if way["workdays"] != days:
            found.append(doc.fault(("parts", "ways", i, "workdays"), f"the process says {days}"))
    return found


def _references(view, doc, fields):
    v, found = doc.value, []
    if not view.has_agency(v["owner"]):
        found.append(doc.fault(("owner",), f"{v['owner']} is no agency"))
    source = v.get("competent_unit_from")
    if source and fields.get(source, {}).get("catalogue") != "admin_units":
        found.append(doc.fault(("competent_unit_from",), f"{source} is no unit field"))
    known = {r["code"] for r in view["indicators.json"].value["indicators"]}
    for i, code in enumerate(v["indicators"]):
        if code not in known:
            found.append(doc.fault(("indicators", i), f"{code} is no indicator"))
    sets = {d.value.get("set") for d in view.under("catalogues/")}
    if "satisfaction" in v and v["satisfaction"] not in sets:
        found.append(doc.fault(("satisfaction",), "is no set of criteria"))
    for i, subject in enumerate(v["subjects"]):
        if "sex" in subject and not view.has_code("sex", subject["sex"]):
            found.append(doc.fault(("subjects", i, "sex"), f"{subject['sex']} is no sex"))
    return found


def _procedure(view, doc):
    v = doc.value
    fields = {f["name"]: f for f in v["fields"]}
    found = stem(doc, v["code"]) + interval(doc, (), v) + _groups(doc)
    found += fields_faults(view, doc, ("fields",), v["fields"])
    for i, field in enumerate(v["fields"]):
        found += _prefill(view, doc, i, field)
    found += _orders(doc, fields) + _cases(view, doc, fields) + _parts(view, doc) + _regimes(doc)
    return found + _references(view, doc, fields)


def check(view):
    return [fault for doc in view.under("procedures/") for fault in _procedure(view, doc)]
