#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stolen file shows no names: a birth is played on three nodes, a thousand made-up people pass
through a draft, backups are made; then every byte that was written (databases with their logs,
backups, files, papers, keys, what the nodes said) is searched for all of them.

Searched for: names, personal numbers, telephone numbers, e-mail addresses of all made-up people
and officials and of the child, and what the thousand have in common; as UTF-8 and UTF-16, without
marks, in base64 and in hexadecimal; and the secrets of sessions. What the schema flags personal or
secret must be sealed (tools/sealed.py).
"""
import base64
import itertools
import json
import shutil
import sqlite3
import sys
import unicodedata
import urllib.parse

from browser import Forms
from nation import INSURANCE, NATIONAL, NODES, PROVINCE, ROOT, Nation, program, run
from tales import MOTHERS, Book, Family

sys.path.insert(0, str(ROOT / "tools"))
import sealed  # noqa: E402

PEOPLE = ROOT / "country/vn/people"
PLANTED = 1000
# In each of the planted: one search finds any of them, in whatever form.
MARKS = ("Khuyểng Thoạch", "046097700", "09057710", "moc-troi.example")
PASSPHRASE = "một câu dài để sao lưu"


def texts(value, names):
    """The values of those names, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in names and isinstance(inner, str):
                yield inner
            yield from texts(inner, names)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, names)


def read(name):
    return json.loads((PEOPLE / name).read_text(encoding="utf-8"))


def people():
    """Who is looked for: names of two words or more, numbers of ten digits or more."""
    told = set(texts(read("demo_people.json"), {"full_name", "pin", "phone", "email", "mother_name",
                                                "father_name", "spouse_name", "paper_number"}))
    told |= set(texts(read("demo_accounts.json"), {"display_name"}))
    return {x for x in told if (x.isdigit() and len(x) >= 9) or " " in x or "@" in x}


def plain(text):
    """As it is folded for search: small, without marks."""
    marks = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(x for x in marks if not unicodedata.combining(x))


def in_base64(raw):
    """As it stands within base64, wherever it begins: without the characters shared with others."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw)
        kept = text[-(-before * 8 // 6):(before + len(raw)) * 8 // 6]
        yield kept
        yield kept.replace(b"+", b"-").replace(b"/", b"_")


def spellings(word):
    yield from in_base64(word.encode())
    yield word.encode().hex().encode()
    yield word.encode().hex().upper().encode()
    yield word.encode()
    yield word.upper().encode()
    yield word.encode("utf-16-le")
    yield word.encode("utf-16-be")
    if not word.isdigit():
        yield plain(word).encode()
        yield unicodedata.normalize("NFD", word).encode()


def shown(folder, words):
    """Each (file, word) of the folder where the word stands in clear."""
    sought = [(word, form) for word in sorted(words) for form in set(spellings(word))]
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        held = path.read_bytes()
        for word, group in itertools.groupby(sought, key=lambda pair: pair[0]):
            if any(form in held for _, form in group):
                yield str(path.relative_to(folder)), word


def control(nation, word):
    """The search sees what is there: a name written beside the database, in each form."""
    path = nation.folder(PROVINCE) / "planted"
    for form in (word.encode(), word.encode("utf-16-le"), plain(word).encode(),
                 base64.b64encode(b"x" + word.encode() + b"yz"),
                 base64.urlsafe_b64encode(b"xy" + word.encode()), word.encode().hex().encode()):
        path.write_bytes(b"\0\xff" + form + b"\xff\0")
        assert ("h57/planted", word) in set(shown(nation.dir, {word})), f"{form} unseen"
    path.unlink()


def identity(i):
    """Of one of the planted: what the page of the child takes, and that of the requester."""
    return {"child": {"child_name": f"Vũ {MARKS[0]} {chr(65 + i // 26 % 26)}{chr(97 + i % 26)}",
                      "child_home_town": f"Số {MARKS[1]}{i:03d} {MARKS[0]}"},
            "requester": {"requester_phone": f"{MARKS[2]}{i // 10 % 100:02d}",
                          "requester_email": f"nguoi{i}@{MARKS[3]}"}}


def save(b, page, fields):
    """Kept while typing, as the page's script does."""
    action = next(x for x in page.forms if x)
    hidden = [(k, v) for k, v in page.forms[action] if k in ("_csrf", "_version")]
    group = action.rsplit("/", 1)[1]
    draft = action.rsplit("/", 1)[0]
    b.go("POST", f"{draft}/luu?nhom={group}", urllib.parse.urlencode(hidden + fields).encode(),
         {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"})


def plant(nation):
    """A thousand people pass through one draft; the last of them stays in it."""
    family = Family(nation, Book(), MOTHERS[1], 2)
    family.signs_in()
    family.crosses_over()
    family.begins()
    b, pages = family.citizen, {}
    for group in ("child", "requester"):
        b.get(nation.url(PROVINCE, f"{family.draft}/{group}"))
        forms = Forms(b.text)
        forms.forms = {k: v for k, v in forms.forms.items() if k.endswith("/" + group)}
        pages[group] = forms
    for i in range(PLANTED):
        group = "requester" if i % 10 == 9 else "child"
        save(b, pages[group], list(identity(i)[group].items()))
        family.want(b, b.status == 200, f"identity {i} to be kept")
    for group, i, name in (("requester", PLANTED - 1, "requester_email"),
                           ("child", PLANTED - 2, "child_name"),
                           ("child", PLANTED - 2, "child_home_town")):
        b.get(nation.url(PROVINCE, f"{family.draft}/{group}"))
        family.want(b, identity(i)[group][name] in b.text, f"{name} of identity {i} in the draft")
    return [v for jar in b.cookies.values() for v in jar.values() if len(v) >= 32]


def back_up(nation):
    for name in NODES:
        code, out, err = run(nation.exe, "backup", "--data", nation.folder(name), "--to",
                             nation.dir / f"backup-{name}", stdin=PASSPHRASE + "\n")
        assert code == 0, f"backup of {name}: {out}{err}"


def flags_hold(nation):
    """Flagged columns are sealed; the control: a value written over in clear is seen."""
    looked = 0
    for name in NODES:
        n, faults = sealed.unsealed(nation.folder(name) / "dinh.db")
        looked += n
        if faults:
            sys.exit(f"FAIL  {name}: in clear: {faults}")
    assert looked > 100, f"only {looked} sealed values"
    copy = nation.top / "control.db"
    shutil.copyfile(nation.folder(PROVINCE) / "dinh.db", copy)
    db = sqlite3.connect(copy)
    db.execute("UPDATE casework_event SET reason = ?", ("Thiếu giấy chứng sinh".encode() * 2,))
    db.commit()
    db.close()
    assert any(f[:2] == ("casework_event", "reason") for f in sealed.unsealed(copy)[1]), "unseen"
    return looked


def play(nation):
    """The story, with each page that shows a person to an official or to the person."""
    family = Family(nation, Book(), MOTHERS[0], 1)
    family.birth()
    family.citizen.get(nation.url(NATIONAL, "/du-lieu-cua-toi"))
    family.want(family.citizen, family.citizen.sees("Phan Thị Thu Hà"), "the clerk to be named")
    plan = {"words": "lan", "purpose": "population_management", "matter": "12/KH-BCA"}
    card = {"words": "an", "purpose": "health_card", "matter": family.code}
    for node, user, path, words in ((NATIONAL, "danso", "/dan-cu", plan),
                                    (INSURANCE, "bhxh", "/bao-hiem", card),
                                    (PROVINCE, "hotich", "/ho-tich/khai-sinh", None)):
        b = family.browser()
        family.sign_in(b, node, user)
        b.get(nation.url(node, path))
        if words:
            b.submit(path, words)
        family.want(b, b.status == 200, path)
    return family


def main():
    nation, in_clear = Nation(program()), 0
    try:
        nation.make()
        nation.start_all()
        family = play(nation)
        secrets = plant(nation)
        back_up(nation)
        words = people() | {family.child} | set(MARKS) | set(secrets)
        assert len(words) > 20 and "Nguyễn Thị Lan" in words, "nobody to look for"
        assert secrets, "no session's secret to look for"
        for state in ("running", "stopped"):
            found = list(shown(nation.dir, words))
            for path, word in found:
                print(f"FAIL  {state}: {path} shows {word}")
            in_clear += len(found)
            if found:
                sys.exit(1)
            if state == "running":
                for node in (NATIONAL, PROVINCE, INSURANCE):
                    nation.stop(node)
        control(nation, MARKS[0])
        looked = flags_hold(nation)
        print("none in clear")
        print(f"figure C29 words={len(words)} planted={PLANTED} in_clear={in_clear} "
              f"sealed_values={looked}")
    finally:
        nation.remove()


if __name__ == "__main__":
    main()
