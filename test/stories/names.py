#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stolen file shows no names: a birth is played on three nodes, and then every byte that they
wrote (databases with their logs, files, papers, what they said) is searched for the people in it.

Searched for, as UTF-8 and UTF-16, and without marks: names, personal numbers, telephone numbers of
all made-up people and officials and of the child.
"""
import itertools
import json
import sys
import unicodedata

from nation import INSURANCE, NATIONAL, PROVINCE, ROOT, Nation, program
from tales import MOTHERS, Book, Family

PEOPLE = ROOT / "country/vn/people"


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


def spellings(word):
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
    """The search sees what is there: a name written beside the database."""
    path = nation.folder(PROVINCE) / "planted"
    for form in (word.encode(), word.encode("utf-16-le"), plain(word).encode()):
        path.write_bytes(b"\0\xff" + form + b"\xff\0")
        assert ("h57/planted", word) in set(shown(nation.dir, {word})), "a planted name unseen"
    path.unlink()


def play(nation):
    """The story, with each page that shows a person to an official or to the person."""
    family = Family(nation, Book(), MOTHERS[0], 1)
    family.birth()
    family.citizen.get(nation.url(NATIONAL, "/du-lieu-cua-toi"))
    family.want(family.citizen, family.citizen.sees("Phan Thị Thu Hà"), "the clerk to be named")
    why = "&purpose=population_management&matter=12/KH-BCA"
    for node, user, path in ((NATIONAL, "danso", "/dan-cu?words=lan" + why),
                             (INSURANCE, "bhxh",
                              f"/bao-hiem?words=an&purpose=health_card&matter={family.code}"),
                             (PROVINCE, "hotich", "/ho-tich/khai-sinh")):
        b = family.browser()
        family.sign_in(b, node, user)
        b.get(nation.url(node, path))
        family.want(b, b.status == 200, path)
    return family


def main():
    nation = Nation(program())
    try:
        nation.make()
        nation.start_all()
        family = play(nation)
        words = people() | {family.child}
        assert len(words) > 20 and "Nguyễn Thị Lan" in words, "nobody to look for"
        for state in ("running", "stopped"):
            found = list(shown(nation.dir, words))
            for path, word in found:
                print(f"FAIL  {state}: {path} shows {word}")
            if found:
                sys.exit(1)
            if state == "running":
                for node in (NATIONAL, PROVINCE, INSURANCE):
                    nation.stop(node)
        control(nation, "Nguyễn Thị Lan")
        print(f"{len(words)} names and numbers, none in clear")
    finally:
        nation.remove()


if __name__ == "__main__":
    main()
