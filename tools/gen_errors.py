#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compile every src/**/errors.def into gen/errors.h (enum err) and gen/errors.c (err_row).

A row: ERR(ERR_DOSSIER_CLOSED, 3101, 409, RETRY_NO, onestop_err_closed). Names and numbers are
unique in the whole program, the text exists in a lang/vi.po.
"""
import argparse
import re
import sys
from pathlib import Path

import gen
import gen_texts
import sources

ROW = re.compile(r"ERR\(\s*(\w+)\s*,\s*(\w+)\s*,\s*(\w+)\s*,\s*(\w+)\s*,\s*(\w+)\s*\)")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


class Row:
    def __init__(self, path, line, name, number, status, retry, text):
        self.path, self.line, self.name = path, line, name
        self.number, self.status, self.retry, self.text = number, status, retry, text


def read(path, faults):
    """The rows of one file."""
    blank = lambda m: re.sub(r"[^\n]", " ", m.group(0))
    body = COMMENT.sub(blank, path.read_text(encoding="utf-8"))
    rows = []
    for m in ROW.finditer(body):
        line = body.count("\n", 0, m.start()) + 1
        rows.append(Row(path, line, *m.groups()))
    for m in re.finditer(r"\S+", ROW.sub(blank, body)):
        faults.add(path, body.count("\n", 0, m.start()) + 1,
                   f"not a row ERR(name, number, status, retry, text): {m.group(0)}")
    return rows


def check(rows, texts, faults):
    names, numbers = {}, {}
    for r in rows:
        bad = lambda why, r=r: faults.add(r.path, r.line, f"{r.name}: {why}")
        if not re.fullmatch(r"ERR_[A-Z0-9_]+", r.name):
            bad("a name is ERR_ and capital letters")
        if r.name in names:
            bad(f"already at {names[r.name].path}:{names[r.name].line}")
        if not re.fullmatch(r"[1-9]\d{3,4}", r.number):
            bad(f"{r.number} is not a number of four or five digits")
        elif r.number in numbers:
            bad(f"number {r.number} is {numbers[r.number].name}'s")
        if not re.fullmatch(r"[45]\d\d", r.status):
            bad(f"{r.status} is not an HTTP error status")
        if r.retry not in ("RETRY_NO", "RETRY_LATER"):
            bad(f"{r.retry} is neither RETRY_NO nor RETRY_LATER")
        if r.text not in texts:
            bad(f"no lang/vi.po has the text {r.text}")
        names[r.name] = numbers[r.number] = r


def header(rows):
    body = "".join(f"#define {r.name} ((enum err){r.number})\n" for r in rows)
    return f"""/* SPDX-License-Identifier: Apache-2.0 */
/* Made by tools/gen_errors.py from the errors.def files. Do not edit. */
#ifndef DINH_GEN_ERRORS_H
#define DINH_GEN_ERRORS_H

/* The names are macros: a compiler's cache knows each source again that uses no new one. */
enum err {{ OK, ERR_HIGHEST = 99999 }};

struct err_row;
/* The i-th row in the order of the numbers, 0 <= i < ERR_ROWS; NULL past the end. */
const struct err_row *err_row_at(unsigned i);

#define ERR_ROWS {len(rows)}
{body}
#endif
"""


def source(rows):
    body = "".join(f'    {{"{r.name}", {r.number}, {r.status}, {r.retry}, TX_{r.text}}},\n'
                   for r in rows)
    return f"""/* SPDX-License-Identifier: Apache-2.0 */
/* Made by tools/gen_errors.py. Do not edit. */
#include "base/err.h"
#include "gen/texts.h"

static const struct err_row rows[ERR_ROWS + 1] = {{
{body}    {{"", 0, 500, RETRY_NO, TX_NONE}},
}};

const struct err_row *err_row_at(unsigned i)
{{
    return i < ERR_ROWS ? &rows[i] : (const struct err_row *)0;
}}

static const struct err_row *find(int number)
{{
    unsigned low = 0, high = ERR_ROWS;
    while (low < high) {{
        unsigned mid = (low + high) / 2;
        if (rows[mid].number == number)
            return &rows[mid];
        if (rows[mid].number < number)
            low = mid + 1;
        else
            high = mid;
    }}
    return (const struct err_row *)0;
}}

const struct err_row *err_row(enum err e)
{{
    const struct err_row *row = find((int)e);
    if (!row)
        row = find(1000); /* ERR_INTERNAL */
    return row ? row : &rows[ERR_ROWS];
}}
"""


def main(argv):
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--root", default=sources.ROOT, type=Path)
    args.add_argument("--out", required=True, type=Path)
    a = args.parse_args(argv)
    faults, ignored = gen.Faults(), gen.Faults()
    _, texts, _ = gen_texts.collect(a.root, ignored, draft=True)
    files = sources.listing("err", a.root)
    rows = [row for path in files for row in read(path, faults)]
    check(rows, texts, faults)
    faults.stop_if_any()
    rows.sort(key=lambda r: int(r.number))
    gen.write(a.out / "errors.h", header(rows))
    gen.write(a.out / "errors.c", source(rows))
    gen.depfile(a.out, "errors.d", "errors.h",
                files + sources.listing("po", a.root) + gen_texts.helpers())


if __name__ == "__main__":
    main(sys.argv[1:])
