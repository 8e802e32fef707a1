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


def header(symbols):
    names = "\n".join(f"    TX_{s}," for s in symbols)
    return f"""/* SPDX-License-Identifier: Apache-2.0 */
/* Made by tools/gen_texts.py from lang/vi.po and lang/en.po. Do not edit. */
#ifndef DINH_GEN_TEXTS_H
#define DINH_GEN_TEXTS_H

enum text {{
    TX_NONE, /* no text: "" */
{names}
    TX_COUNT
}};
#define TX(key) TX_##key

#include "base/ctx.h"

/* The text in the language, with its {{1}}, {{2}} still in it. Never NULL. */
const char *text_get(enum text key, enum lang lang);
/* By its key as in the .po file, "onestop.inbox.title"; TX_NONE when there is none. */
enum text text_find(const char *key);
/* The key as in the .po file; "" for TX_NONE. */
const char *text_key(enum text key);

#endif
"""


def source(symbols, vi, en):
    row = lambda s, t: f"    [TX_{s}] = {gen.c_string(t)},"
    keys = "\n".join(row(s, vi[s].key) for s in symbols)
    vi_rows = "\n".join(row(s, vi[s].text) for s in symbols)
    en_rows = "\n".join(row(s, (en[s].text if s in en else "") or vi[s].text) for s in symbols)
    by_key = "\n".join(f"    TX_{s}," for s in sorted(symbols, key=lambda s: vi[s].key.encode()))
    return f"""/* SPDX-License-Identifier: Apache-2.0 */
/* Made by tools/gen_texts.py. Do not edit. */
#include "gen/texts.h"

#include <string.h>

static const char *const keys[TX_COUNT] = {{
    [TX_NONE] = "",
{keys}
}};
static const char *const vi[TX_COUNT] = {{
    [TX_NONE] = "",
{vi_rows}
}};
static const char *const en[TX_COUNT] = {{
    [TX_NONE] = "",
{en_rows}
}};
static const enum text by_key[] = {{
    TX_NONE,
{by_key}
}};

const char *text_get(enum text key, enum lang lang)
{{
    if ((unsigned)key >= TX_COUNT)
        return "";
    return lang == LANG_EN ? en[key] : vi[key];
}}

const char *text_key(enum text key)
{{
    return (unsigned)key < TX_COUNT ? keys[key] : "";
}}

enum text text_find(const char *key)
{{
    size_t low = 0, high = sizeof by_key / sizeof by_key[0];
    while (low < high) {{
        size_t mid = low + (high - low) / 2;
        int order = strcmp(key, keys[by_key[mid]]);
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
    faults.stop_if_any()
    gen.write(a.out / "texts.h", header(symbols))
    gen.write(a.out / "texts.c", source(symbols, vi, en))
    gen.depfile(a.out, "texts.d", "texts.h", sources.listing("po", a.root) + helpers())


def helpers():
    """The scripts whose change remakes everything."""
    here = Path(__file__).parent
    return [here / "gen.py", here / "po.py", here / "sources.py"]


if __name__ == "__main__":
    main(sys.argv[1:])
