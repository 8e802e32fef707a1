# SPDX-License-Identifier: Apache-2.0
"""Rules of retention.json: one term a class, nothing kept twice, nothing without a rule, and an
approver for whatever ends."""
from pack_view import doubled

OF = ("case", "draft", "account", "record", "looks", "message")
TERMS = ("years", "days", "forever")


def _target(row):
    return (row["of"], row.get("procedure", ""), row.get("status", ""), row.get("register", ""))


def _row(view, doc, i, row):
    at, found = ("classes", i), []
    terms = sum(t in row for t in TERMS)
    if terms != (row["from"] != "with_case"):
        found.append(doc.fault(at, "needs one of years, days and forever, or from with_case"))
    if ("forever" in row) != (row["end"] == "keep"):
        found.append(doc.fault(at, "forever and end keep belong together"))
    if ("approver" in row) != (row["end"] != "keep"):
        found.append(doc.fault(at, "an approver belongs to what ends, and only to it"))
    stray = ("procedure" in row and row["of"] != "case",
             "register" in row and row["of"] != "record")
    if any(stray):
        found.append(doc.fault(at, "a procedure belongs to cases, a register to records"))
    if "status" in row and "procedure" not in row:
        found.append(doc.fault(at, "a status needs its procedure"))
    if "procedure" in row and f"procedures/{row['procedure']}.json" not in view.documents:
        found.append(doc.fault(at + ("procedure",), f"{row['procedure']} is no procedure"))
    if "status" in row and not view.has_code("dossier_status", row["status"]):
        found.append(doc.fault(at + ("status",), f"{row['status']} is no status"))
    if "register" in row and row["register"] not in view.registers:
        found.append(doc.fault(at + ("register",), f"{row['register']} is no register"))
    roles = {r["code"] for r in view["roles.json"].value["roles"]}
    if row.get("approver", next(iter(roles))) not in roles:
        found.append(doc.fault(at + ("approver",), f"{row['approver']} is no role"))
    return found


def check(view):
    doc = view["retention.json"]
    rows = doc.value["classes"]
    found = doubled(doc, ("classes",), [r["code"] for r in rows], "code")
    found += doubled(doc, ("classes",), [_target(r) for r in rows], "what is kept")
    for i, row in enumerate(rows):
        found += _row(view, doc, i, row)
    rest = {r["of"] for r in rows if _target(r)[1:] == ("", "", "")}
    for of in OF:
        if of not in rest:
            found.append(doc.fault(("classes",), f"{of} needs a rule for all others"))
    return found
