# SPDX-License-Identifier: Apache-2.0
"""Rules of catalogues, agencies, roles, indicators, forms, country.json and demo/nation.json."""
from gen_agencies import old_form
from pack_view import doubled, interval, stem


def _rows(view, doc):
    rows = doc.value["rows"]
    codes = {r["code"] for r in rows}
    found = doubled(doc, ("rows",), [r["code"] for r in rows], "code")
    for i, row in enumerate(rows):
        found += interval(doc, ("rows", i), row)
        for k, other in enumerate(row.get("replaced_by", [])):
            if other not in codes or other == row["code"]:
                found.append(doc.fault(("rows", i, "replaced_by", k), f"{other} is no other code"))
        if row.get("unit") and not view.has_unit(row["unit"]):
            found.append(doc.fault(("rows", i, "unit"), f"{row['unit']} is no unit"))
    return found


def _catalogue(view, doc):
    found = stem(doc, doc.value["catalogue"]) + _rows(view, doc)
    partners = {p["code"] for p in doc.value.get("partners", [])}
    for i, row in enumerate(doc.value["rows"]):
        for partner in row.get("partners", {}):
            if partners and partner not in partners:
                found.append(doc.fault(("rows", i, "partners", partner), "is not declared"))
        for key in ("agency",):
            if key in row and not view.has_agency(row[key]):
                found.append(doc.fault(("rows", i, key), f"{row[key]} is no agency"))
        level = row.get("benefit_level")
        if level and not view.has_code("benefit_levels", level):
            found.append(doc.fault(("rows", i, "benefit_level"), f"{level} is no level"))
    return found


def _status(doc):
    found, codes = [], {r["code"] for r in doc.value["rows"]}
    if codes != {str(n) for n in range(1, 11)}:
        found.append(doc.fault(("rows",), "the national statuses are 1 to 10"))
    for i, row in enumerate(doc.value["rows"]):
        for k, to in enumerate(row["to"]):
            if to not in codes:
                found.append(doc.fault(("rows", i, "to", k), f"{to} is no status"))
        if row["terminal"] == bool(row["to"]):
            found.append(doc.fault(("rows", i), "terminal means that nothing follows"))
    return found


def _provinces(doc):
    found = []
    for i, row in enumerate(doc.value["rows"]):
        if row["code"] != "0" + row.get("province", ""):
            found.append(doc.fault(("rows", i, "code"), "is 0 and the province code"))
    return found


def _agency(view, doc, i, row, old):
    found, place = [], ("rows", i)
    if row["old_code"] != old_form(row["code"]):
        found.append(doc.fault(place + ("old_code",), f"{old_form(row['code'])} expected"))
    if row["old_code"] in old:
        found.append(doc.fault(place + ("old_code",), "occurs twice"))
    old.add(row["old_code"])
    above = row["code"].rpartition(".")[0] or None
    if row["parent"] != above:
        found.append(doc.fault(place + ("parent",), f"{above} expected"))
    elif above and not view.has_agency(above):
        found.append(doc.fault(place + ("parent",), f"{above} is no agency"))
    return found


def _agencies(view, doc):
    found, old = _rows(view, doc), set()
    for i, row in enumerate(doc.value["rows"]):
        found += _agency(view, doc, i, row, old)
    if doc.value["generated"]["agency"] not in view.agencies:
        found.append(doc.fault(("generated", "agency"), "is no agency"))
    return found


def _roles(doc):
    v = doc.value
    found = doubled(doc, ("roles",), [r["code"] for r in v["roles"]], "role")
    found += doubled(doc, ("permissions",), [p["code"] for p in v["permissions"]], "permission")
    known, scopes = {p["code"] for p in v["permissions"]}, {s["code"] for s in v["scopes"]}
    used = {p for r in v["roles"] for p in r["permissions"]}
    for i, role in enumerate(v["roles"]):
        if role["scope"] not in scopes:
            found.append(doc.fault(("roles", i, "scope"), f"{role['scope']} is no scope"))
        for k, permission in enumerate(role["permissions"]):
            if permission not in known:
                found.append(doc.fault(("roles", i, "permissions", k), f"{permission} is unknown"))
    for i, permission in enumerate(v["permissions"]):
        if permission["code"] not in used:
            found.append(doc.fault(("permissions", i), "no role has this permission"))
    return found


def _indicators(doc):
    rows = doc.value["indicators"]
    found = doubled(doc, ("indicators",), [r["code"] for r in rows], "indicator")
    for i, row in enumerate(rows):
        years = [t["year"] for t in row["targets"]]
        if years != sorted(set(years)):
            found.append(doc.fault(("indicators", i, "targets"), "years must rise"))
        source = row["counted_from"]
        if (row["kind"] == "distinct") != ("distinct" in source):
            found.append(doc.fault(("indicators", i, "counted_from"), "does not fit the kind"))
    return found


def _lines(view, doc, place, lines):
    found = doubled(doc, place, [line["name"] for line in lines], "line")
    for i, line in enumerate(lines):
        at = tuple(place) + (i,)
        if (line["kind"] == "list") != ("fields" in line):
            found.append(doc.fault(at, "fields belong to kind list, and only to it"))
        if (line["kind"] == "code") != ("catalogue" in line):
            found.append(doc.fault(at, "a catalogue belongs to kind code, and only to it"))
        elif "catalogue" in line and not view.has_catalogue(line["catalogue"]):
            found.append(doc.fault(at + ("catalogue",), f"{line['catalogue']} is no catalogue"))
        found += _lines(view, doc, at + ("fields",), line.get("fields", []))
    return found


def _forms(view):
    found, forms = [], view.under("forms/")
    for doc in forms:
        found += stem(doc, doc.value["form"]) + interval(doc, (), doc.value)
        found += _lines(view, doc, ("lines",), doc.value["lines"])
        table = doc.value.get("table", {"columns": []})
        found += _lines(view, doc, ("table", "columns"), table["columns"])
    missing = {f"{n:02d}" for n in range(1, 7)} - {d.value["form"] for d in forms}
    if missing:
        found.append(view["country.json"].fault((), f"forms/{min(missing)}.json is missing"))
    return found


def _country(view, doc):
    found, demo = [], doc.value.get("demo", {})
    for key in ("province", "commune"):
        if demo and not view.has_agency(demo[key]):
            found.append(doc.fault(("demo", key), f"{demo[key]} is no agency"))
    if demo and f"procedures/{demo['procedure']}.json" not in view.documents:
        found.append(doc.fault(("demo", "procedure"), "is no procedure"))
    return found


def _nation(view, doc):
    nodes = doc.value["nodes"]
    found = doubled(doc, ("nodes",), [n["name"] for n in nodes], "node")
    members = [m for n in nodes for m in n["members"]]
    for i, node in enumerate(nodes):
        for k, member in enumerate(node["members"]):
            if not view.has_agency(member) or members.count(member) > 1:
                found.append(doc.fault(("nodes", i, "members", k),
                                       f"{member} is no agency, or carried twice"))
        if node["agency"] not in node["members"]:
            found.append(doc.fault(("nodes", i, "agency"), "is not among its own members"))
    for i, right in enumerate(doc.value["rights"]):
        for key in ("client", "member"):
            if right[key] not in members:
                found.append(doc.fault(("rights", i, key), f"no node carries {right[key]}"))
    return found


def check(view):
    found = []
    for doc in view.under("catalogues/"):
        if doc.value["catalogue"] == "agencies":
            found += stem(doc, "agencies") + _agencies(view, doc)
        else:
            found += _catalogue(view, doc)
    found += _status(view["catalogues/dossier_status.json"]) + _roles(view["roles.json"])
    if "catalogues/provinces_pin.json" in view.documents:
        found += _provinces(view["catalogues/provinces_pin.json"])
    found += _indicators(view["indicators.json"]) + _forms(view)
    found += _country(view, view["country.json"])
    if "demo/nation.json" in view.documents:
        found += _nation(view, view["demo/nation.json"])
    return found
