# SPDX-License-Identifier: Apache-2.0
"""Rules of a process: no dead end, nobody missing, no deadline lost (NĐ 61/2018/NĐ-CP).

The program has the same checks; a definition must pass both.
"""
from pack_view import doubled, interval

OUTSIDE = ("citizen", "system")
REFUSED, SUPPLEMENT, WITHDRAWING, STOPPED = 3, 5, 7, 8
HOURS_A_DAY = 8


class Process:
    """A process with the look-ups that its rules share."""

    def __init__(self, view, doc):
        self.view, self.doc, self.value = view, doc, doc.value["process"]
        self.states = {s["name"]: s for s in self.value["states"]}
        self.at = {s["name"]: ("process", "states", i)
                   for i, s in enumerate(self.value["states"])}
        self.roles = {r["code"]: set(r["permissions"]) for r in view["roles.json"].value["roles"]}
        status = view["catalogues/dossier_status.json"].value["rows"]
        self.status = {int(r["code"]): r for r in status}

    def fault(self, place, reason):
        return self.doc.fault(place, reason)

    def actions(self):
        for i, action in enumerate(self.value["actions"]):
            yield ("process", "actions", i), action

    def next_of(self, name):
        """The states one action away."""
        return {a["to"] for _, a in self.actions() if name in a["from"]}

    def reach(self, start):
        seen, todo = set(), [start]
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += self.next_of(name)
        return seen


def _names(p):
    v, found = p.value, []
    found += doubled(p.doc, ("process", "states"), [s["name"] for s in v["states"]], "state")
    found += doubled(p.doc, ("process", "actions"), [a["name"] for a in v["actions"]], "action")
    if v["initial"] not in p.states:
        found.append(p.fault(("process", "initial"), f"{v['initial']} is no state"))
    for place, action in p.actions():
        for i, name in enumerate(action["from"]):
            if name not in p.states:
                found.append(p.fault(place + ("from", i), f"{name} is no state"))
        if action["to"] not in p.states:
            found.append(p.fault(place + ("to",), f"{action['to']} is no state"))
    return found


def _ends(p):
    found, reached = [], p.reach(p.value["initial"])
    terminal = {n for n, s in p.states.items() if s["terminal"]}
    for name, state in p.states.items():
        if name not in reached:
            found.append(p.fault(p.at[name], f"state {name} cannot be reached"))
        if state["terminal"] and p.next_of(name):
            found.append(p.fault(p.at[name], f"terminal state {name} can be left"))
        if not state["terminal"] and not p.reach(name) & terminal:
            found.append(p.fault(p.at[name], f"dead end: no way from {name} to an end"))
    return found


def _owner(p, name, state):
    role = state["owner_role"]
    if role not in OUTSIDE and role not in p.roles:
        return [p.fault(p.at[name] + ("owner_role",), f"{role} is no role")]
    acts = any(name in a["from"] and a["to"] != name and a["role"] == role
               for _, a in p.actions())
    if not state["terminal"] and not acts:
        return [p.fault(p.at[name], f"owner {role} has no action that moves {name} on")]
    return []


def _states(p):
    found = []
    for name, state in p.states.items():
        place, status = p.at[name], p.status[state["national"]]
        found += _owner(p, name, state)
        if state["clock"] != status["clock"]:
            found.append(p.fault(place + ("clock",), f"status {status['code']} means "
                                 f"{status['clock']}"))
        if state["terminal"] != status["terminal"]:
            found.append(p.fault(place + ("terminal",), f"status {status['code']} says otherwise"))
        if not state["terminal"] and state["hours"] == 0:
            found.append(p.fault(place + ("hours",), f"state {name} has no deadline"))
    return found


def _national(p, place, action):
    """The step is one that the national status table allows."""
    to, found = p.states[action["to"]]["national"], []
    for name in action["from"]:
        here = p.states[name]["national"]
        if here != to and str(to) not in p.status[here]["to"]:
            found.append(p.fault(place, f"{name} ({here}) -> {action['to']} ({to}): no legal step"))
    return found


def _permission(p, place, action):
    role, permission = action["role"], action["permission"]
    if role == "system":
        return [p.fault(place + ("permission",), "the system needs none")] if permission else []
    if role not in p.roles:
        return [p.fault(place + ("role",), f"{role} is no role")]
    if permission not in p.roles[role]:
        return [p.fault(place + ("permission",), f"{role} does not have {permission}")]
    return []


def _reason(p, place, action):
    to = p.states[action["to"]]["national"]
    from_withdrawal = all(p.states[n]["national"] == WITHDRAWING for n in action["from"])
    must = action["form"] in ("02", "03", "04") or to in (REFUSED, SUPPLEMENT, WITHDRAWING) or \
        (to == STOPPED and not from_withdrawal)
    if must and not action["needs_reason"]:
        return [p.fault(place + ("needs_reason",), f"{action['name']} must give a reason")]
    return []


def _actions(p):
    declared = {e["name"] for e in p.doc.value["effects"]}
    forms = {d.value["form"] for d in p.view.under("forms/")}
    found, used = [], set()
    for place, action in p.actions():
        found += _national(p, place, action) + _permission(p, place, action)
        found += _reason(p, place, action)
        used |= set(action["effects"])
        for i, effect in enumerate(action["effects"]):
            if effect not in declared:
                found.append(p.fault(place + ("effects", i), f"effect {effect} is not declared"))
        if action["form"] and action["form"] not in forms:
            found.append(p.fault(place + ("form",), f"form {action['form']} is missing"))
        if action["sign"] and action["role"] in OUTSIDE:
            found.append(p.fault(place + ("sign",), "only an official signs"))
    for i, effect in enumerate(p.doc.value["effects"]):
        if effect["name"] not in used:
            found.append(p.fault(("effects", i), f"no action has effect {effect['name']}"))
    return found


def longest(p):
    """Most working hours with a running clock on a way that enters no state twice."""
    def walk(name, seen):
        state = p.states[name]
        own = state["hours"] if state["clock"] == "run" else 0
        return own + max((walk(n, seen | {n}) for n in p.next_of(name) - seen), default=0)
    return walk(p.value["initial"], {p.value["initial"]})


def _deadline(p):
    v, found = p.value, []
    hours = v["deadline"]["workdays"] * HOURS_A_DAY
    if longest(p) > hours:
        found.append(p.fault(("process", "deadline"), f"the steps may take {longest(p)} hours, "
                             f"the deadline gives {hours}"))
    first = sum(s["hours"] for s in v["states"] if s["national"] == 1)
    if "acknowledge_hours" in v and first > v["acknowledge_hours"]:
        found.append(p.fault(("process", "acknowledge_hours"), f"reception takes {first} hours"))
    return found + interval(p.doc, ("process",), v)


def _supplement(p):
    rule, found = p.value["supplement"], []
    asked = {n for n, s in p.states.items() if s["national"] == SUPPLEMENT}
    if bool(asked) != bool(rule["max_requests"]):
        found.append(p.fault(("process", "supplement"), "does not fit the states"))
    for name in asked:
        hours = p.states[name]["hours"]
        if hours != rule["workdays"] * HOURS_A_DAY:
            found.append(p.fault(p.at[name] + ("hours",), f"{rule['workdays']} working days are "
                                 f"{rule['workdays'] * HOURS_A_DAY} hours"))
        after = set().union(*(p.reach(n) for n in p.next_of(name)))
        if rule["max_requests"] == 1 and after & asked:
            found.append(p.fault(p.at[name], "a second supplement could be asked for"))
    return found


def process_faults(view, doc):
    """Faults of the process in a procedure document."""
    p = Process(view, doc)
    found = _names(p)
    if found:  # the others follow the names
        return found
    return _ends(p) + _states(p) + _actions(p) + _deadline(p) + _supplement(p)


def check(view):
    return [fault for doc in view.under("procedures/") for fault in process_faults(view, doc)]
