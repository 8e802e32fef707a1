#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compile every lang/vi.po and lang/en.po into gen/texts.h and gen/texts.c.

Vietnamese is the authority: a text that is missing there stops the build. A text that English
lacks stops it too, unless --draft is given; then the Vietnamese text stands in.
"""
import argparse
import subprocess
import sys
from pathlib import Path

import gen
import po
import sources

ROOM = 12  # bits of a number that tell the place within its room


def collect(root, faults, draft=False):
    """(keys sorted, {key: vi}, {key: en}) of every po file under `root`."""
    texts = {"vi": {}, "en": {}}
    for path in sources.listing("po", root):
        lang = path.stem
        if lang not in texts:
            faults.add(path, 1, "only vi.po and en.po are read")
            continue
        for entry in po.read(path, faults):
            _enter(texts[lang], entry, faults)
    vi, en = texts["vi"], texts["en"]
    for symbol, entry in sorted(vi.items()):
        other = en.get(symbol)
        if not other or not other.text:
            if not draft:
                faults.add(entry.path.with_name("en.po"), 1, f"no English text for {entry.key}")
        elif other.holes != entry.holes:
            faults.add(other.path, other.line, f"{entry.key}: {{n}} differ from the Vietnamese")
        if not entry.text:
            faults.add(entry.path, entry.line, f"empty Vietnamese text for {entry.key}")
    for symbol, entry in sorted(en.items()):
        if symbol not in vi:
            faults.add(entry.path.with_name("vi.po"), 1, f"no Vietnamese text for {entry.key}")
    return sorted(vi), vi, en


def _enter(table, entry, faults):
    first = table.get(entry.symbol)
    if first:
        faults.add(entry.path, entry.line,
                   f"{entry.key} is already at {first.path}:{first.line}")
    table[entry.symbol] = entry


def msgfmt(root, faults):
    """gettext's own judgement of each file."""
    for path in sources.listing("po", root):
        done = subprocess.run(["msgfmt", "--check-format", "--check-domain", "-o", "/dev/null",
                               str(path)], capture_output=True, text=True)
        if done.returncode:
            faults.add(path, 1, done.stderr.strip())


def rooms(symbols, vi):
    """[(room, its symbols)]: a room is the first word of a key, as "onestop" in "onestop.inbox"."""
    by_room = {}
    for s in symbols:
        by_room.setdefault(vi[s].key.split(".")[0], []).append(s)
    return sorted(by_room.items())


def numbers(symbols, vi, faults):
    """{symbol: number}: ROOM bits for the place in its room, above them the room.

    A new text changes numbers in its own room only, and the header holds nothing but macros, so
    a compiler's cache knows again each source that uses none of them."""
    found = {}
    for i, (room, inside) in enumerate(rooms(symbols, vi), start=1):
        if len(inside) > 1 << ROOM:
            faults.add(vi[inside[0]].path, 1, f"{room} has more than {1 << ROOM} texts")
        found.update({s: (i << ROOM) + at for at, s in enumerate(inside)})
    return found


def header(number):
    names = "\n".join(f"#define TX_{s} ((enum text){n})" for s, n in number.items())
    return f"""/* SPDX-License-Identifier: Apache-2.0 */
/* Made by tools/gen_texts.py from lang/vi.po and lang/en.po. Do not edit. */
#ifndef DINH_GEN_TEXTS_H
#define DINH_GEN_TEXTS_H

#include "base/ctx.h"

/* A text's number; which there are, the macros below say. */
enum text {{ TX_NONE /* no text: "" */, TX_HIGHEST = 0x7fffffff }};
#define TX(key) TX_##key

/* The text in the language, with its {{1}}, {{2}} still in it. Never NULL. */
const char *text_get(enum text key, enum lang lang);
/* By its key as in the .po file, "onestop.inbox.title"; TX_NONE when there is none. */
enum text text_find(const char *key);
/* The key as in the .po file; "" for TX_NONE. */
const char *text_key(enum text key);

{names}

#endif
"""


def source(symbols, vi, en):
    def row(s):
        english = (en[s].text if s in en else "") or vi[s].text
        return "    {" + ", ".join(map(gen.c_string, (vi[s].key, vi[s].text, english))) + "},"
    listed = rooms(symbols, vi)
    tables = "\n".join(f"static const struct row in_{room}[] = {{\n" + "\n".join(map(row, inside))
                       + "\n};" for room, inside in listed)
    index = "\n".join(f"    {{in_{room}, {len(inside)}}}," for room, inside in listed)
    by_key = "\n".join(f"    TX_{s}," for s in sorted(symbols, key=lambda s: vi[s].key.encode()))
    return f"""/* SPDX-License-Identifier: Apache-2.0 */
/* Made by tools/gen_texts.py. Do not edit. */
#include "gen/texts.h"

#include <string.h>

struct row {{
    const char *key, *vi, *en;
}};
{tables}
static const struct {{
    const struct row *rows;
    unsigned n;
}} rooms[] = {{
    {{0, 0}},
{index}
}};
static const enum text by_key[] = {{
    TX_NONE,
{by_key}
}};
static const struct row none = {{"", "", ""}};

static const struct row *row_of(enum text key)
{{
    unsigned room = (unsigned)key >> {ROOM}, at = (unsigned)key & {(1 << ROOM) - 1}u;
    if (room >= sizeof rooms / sizeof rooms[0] || at >= rooms[room].n)
        return &none;
    return &rooms[room].rows[at];
}}

const char *text_get(enum text key, enum lang lang)
{{
    return lang == LANG_EN ? row_of(key)->en : row_of(key)->vi;
}}

const char *text_key(enum text key)
{{
    return row_of(key)->key;
}}

enum text text_find(const char *key)
{{
    size_t low = 0, high = sizeof by_key / sizeof by_key[0];
    while (low < high) {{
        size_t mid = low + (high - low) / 2;
        int order = strcmp(key, text_key(by_key[mid]));
        if (order == 0)
            return by_key[mid];
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }}
    return TX_NONE;
}}
"""


def main(argv):
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--root", default=sources.ROOT, type=Path)
    args.add_argument("--out", required=True, type=Path)
    args.add_argument("--draft", action="store_true", help="English may be missing")
    a = args.parse_args(argv)
    faults = gen.Faults()
    msgfmt(a.root, faults)
    symbols, vi, en = collect(a.root, faults, a.draft)
    number = numbers(symbols, vi, faults)
    faults.stop_if_any()
    gen.write(a.out / "texts.h", header(number))
    gen.write(a.out / "texts.c", source(symbols, vi, en))
    gen.depfile(a.out, "texts.d", "texts.h", sources.listing("po", a.root) + helpers())


def helpers():
    """The scripts whose change remakes everything."""
    here = Path(__file__).parent
    return [here / "gen.py", here / "po.py", here / "sources.py"]


if __name__ == "__main__":
    main(sys.argv[1:])
