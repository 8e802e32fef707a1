#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Embed into gen/assets.c: the files of web/dist, the migrations src/**/schema/NNN_name.sql,
and the completed country packs (tools/country/pack.py).

Served files get a name with their content's hash and a gzip twin when that is smaller. A column
in a migration must carry a comment that says what it means and ends in one of the words plain,
personal, secret.
"""
import argparse
import gzip
import re
import sys
from pathlib import Path

import gen
import gen_texts
import sources

sys.path.append(str(Path(__file__).resolve().parent / "country"))
import gen_units  # noqa: E402
import pack  # noqa: E402

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon",
         ".json": "application/json", ".webmanifest": "application/manifest+json",
         ".txt": "text/plain; charset=utf-8"}
LAYERS = ["base", "crypto", "db", "net", "web", "core", "engine", "systems", "app"]
COLUMN_TYPES = {"TEXT", "BIGINT", "BLOB"}
NOT_A_COLUMN = {"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "REFERENCES", "ON"}


def asset_rows(root):
    """(name, hashed path, type, raw, gz, hash) of each file in web/dist."""
    dist, rows = root / "web" / "dist", []
    files = sorted(p for p in dist.rglob("*") if p.is_file()) if dist.is_dir() else []
    # the manifest comes last: it names others, and names them with their hash
    for path in sorted(files, key=lambda p: p.suffix == ".webmanifest"):
        raw = path.read_bytes()
        for name, hashed, *_ in rows if path.suffix == ".webmanifest" else []:
            raw = raw.replace(f'"{name}"'.encode(), f'"{hashed}"'.encode())
        packed = gzip.compress(raw, 9, mtime=0)
        if len(packed) >= len(raw) or path.suffix == ".png":
            packed = b""
        name, digest = path.relative_to(dist).as_posix(), gen.sha256(raw)[:16]
        stem, dot, ext = name.rpartition(".")
        rows.append((name, f"{stem}-{digest}{dot}{ext}", TYPES[path.suffix], raw, packed, digest))
    return rows


def schema_rows(root, faults, more=()):
    """(module, version, path, bytes) of each migration, lower layers first; last those of more."""
    rows, seen = [], {}
    last = [p for folder in more for p in sorted(folder.rglob("*.sql"))]
    for path in sources.listing("schema", root) + last:
        module = path.parent.parent.name
        m = re.fullmatch(r"(\d{3})_[a-z0-9_]+\.sql", path.name)
        if not m:
            faults.add(path, 1, "a migration is named NNN_name.sql")
            continue
        version = int(m.group(1))
        if (module, version) in seen:
            faults.add(path, 1, f"version {version} of {module} is {seen[module, version]}")
        seen[module, version] = path
        check_columns(path, faults)
        check_expands(path, faults)
        check_mark(path, module, version, faults)
        layer = (len(LAYERS) if path in last
                 else LAYERS.index(path.relative_to(root / "src").parts[0]))
        rows.append((layer, module, version, path))
    return [(m, v, p, p.read_bytes()) for _, m, v, p in sorted(rows)]


def check_columns(path, faults):
    """Every column of every CREATE TABLE: its type, its comment, its class."""
    depth, table = 0, None
    column = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        code, _, comment = line.partition("--")
        start = re.match(r"\s*CREATE TABLE (?:IF NOT EXISTS )?(\w+)", code, re.I)
        if start:
            table = start.group(1)
        check_names(path, number, code, faults)
        word = re.match(r"\s*(\w+)\s+(\w+)", code)
        if table and depth == 1 and word and word.group(1).upper() not in NOT_A_COLUMN:
            column = word.group(1)
            if word.group(2).upper() not in COLUMN_TYPES:
                faults.add(path, number, f"{table}.{column}: type {word.group(2)} is not TEXT, "
                           "BIGINT or BLOB")
            check_comment(path, number, f"{table}.{column}", comment, faults)
        plain = re.sub(r"'[^']*'", "", code)
        depth += plain.count("(") - plain.count(")")
        if ";" in plain:
            table, depth = None, 0


def expands(text):
    """May the program before go on reading and writing? docs/adr/0012"""
    return text.split("\n", 2)[1].startswith("-- expand: ")


# The last migration of each module from before the rule: those have no mark and never change.
UNMARKED = {"core": 8, "web": 2, "identity": 6, "casework": 2, "exchange": 5, "registry": 2,
            "measure": 2, "retention": 1, "insurance": 1, "population": 1, "onestop": 2,
            "civilstatus": 1, "portal": 2}


def check_mark(path, module, version, faults):
    """Whoever writes a migration says whether the program before may still run beside it."""
    second = (path.read_text(encoding="utf-8").split("\n", 2) + [""])[1]
    if version > UNMARKED.get(module, 0) and not re.match(r"-- (expand|contract): \w", second):
        faults.add(path, 2, "the second line of a migration says -- expand: what for, or "
                   "-- contract: why now (docs/adr/0012)")


ADDS = [r"CREATE TABLE (\w+)",
        r"ALTER TABLE \w+ ADD COLUMN \w+ (TEXT|BIGINT|BLOB)( NOT NULL DEFAULT \S+)?$"]


def check_expands(path, faults):
    """What calls itself expanding only adds: nothing that the program before writes is refused."""
    text = path.read_text(encoding="utf-8")
    if not expands(text):
        return
    bare = " ".join(re.sub(r"--.*", "", text).split())
    made = set(re.findall(r"CREATE TABLE (\w+)", bare))
    for statement in filter(None, map(str.strip, bare.split(";"))):
        index = re.match(r"CREATE (UNIQUE )?INDEX \w+ ON (\w+)", statement)
        fine = any(re.match(p, statement) for p in ADDS) or (
            index and (not index.group(1) or index.group(2) in made))
        if not fine:
            faults.add(path, 2, f"an expanding migration only adds: {statement[:60]}")


CONSTRAINT = re.compile(r"CONSTRAINT \w+ (FOREIGN KEY.*|PRIMARY KEY|UNIQUE|CHECK|REFERENCES)", re.I)
NAMELESS = re.compile(r"PRIMARY KEY|\bUNIQUE\b|\bCHECK\b|\S\s+REFERENCES\b", re.I)


def check_names(path, number, code, faults):
    """Tables and indexes begin with their module's name; constraints have names."""
    module = path.parent.parent.name
    made = re.match(r"\s*CREATE (?:UNIQUE )?(?:TABLE|INDEX) (?:IF NOT EXISTS )?(\w+)", code, re.I)
    if made and made.group(1) != module and not made.group(1).startswith(module + "_"):
        faults.add(path, number, f"{made.group(1)}: its name must begin with {module}_")
    bare = re.sub(r"'[^']*'|CREATE UNIQUE INDEX", "", code, flags=re.I)
    found = NAMELESS.search(CONSTRAINT.sub("", bare))
    if found:
        faults.add(path, number, f"{found.group(0).strip()} without a name: CONSTRAINT name ...")


def check_comment(path, number, column, comment, faults):
    if not re.search(r"\w+\W+(\w|\W)*\b(plain|personal|secret)\b", comment):
        faults.add(path, number, f"{column}: the comment on its line must say what it means "
                   "(unit, source) and end in plain, personal or secret")


def kept_rows(root):
    """(table, columns that may be updated, thinned?, path) of each row of schema/kept.txt."""
    for path in sources.listing("kept", root):
        for line in path.read_text(encoding="utf-8").splitlines():
            words = line.partition("#")[0].split()
            if words:
                yield words[0], [w for w in words[1:] if w != "thinned"], "thinned" in words, path


def country_packs(root):
    """The folder of each country pack."""
    return sorted(p.parent for p in (root / "country").glob("*/country.json"))


def country_schemas(root):
    """What a pack's files are held against, in the build and again at start."""
    return sorted((root / "country" / "schema").glob("*.schema.json"))


def country_rows(root, faults):
    """(path inside country/, bytes) of every file of the completed packs, and of the schemas."""
    rows = []
    for folder in country_packs(root):
        try:
            found = pack.contents(folder, root / "node_modules")
        except (gen_units.Fault, ValueError) as e:
            faults.add(folder, 1, str(e))
            continue
        rows += [(f"{folder.name}/{name}", data) for name, data in found.items()]
    rows += [(f"schema/{path.name}", path.read_bytes()) for path in country_schemas(root)]
    return rows


HEADER = """/* SPDX-License-Identifier: Apache-2.0 */
/* Made by tools/gen_assets.py. Do not edit. */
#ifndef DINH_GEN_ASSETS_H
#define DINH_GEN_ASSETS_H

#include <stddef.h>

/* A file that browsers fetch. */
struct asset {
    const char *name; /* "dinh.css" */
    const char *path; /* "dinh-0123456789abcdef.css": may be cached for ever */
    const char *type; /* Content-Type */
    const unsigned char *raw, *gz; /* gz: NULL when packing does not help */
    size_t raw_len, gz_len;
    const char *hash; /* 16 hexadecimal digits of SHA-256, for ETag */
};
/* By hashed path or by plain name; NULL when there is none. */
const struct asset *asset_find(const char *path);
const struct asset *asset_named(const char *name);

/* A migration, in the order in which they are run. Ends with module NULL. */
struct schema_file {
    const char *module;
    int version;
    const char *name; /* "001_tables.sql" */
    const char *sql;
    const char *sha256;
    int expands; /* its second line says "-- expand: ..." (docs/adr/0012) */
};
extern const struct schema_file schema_files[];

/* A table that is kept (db/kept.h), by schema/kept.txt of its module. Ends with table NULL. */
struct schema_kept {
    const char *table, *columns;
    int thinned;
};
extern const struct schema_kept schema_kept[];

/* A file of a country pack, path as under country/: "vn/calendar/2025.json". Ends with NULL. */
struct country_file {
    const char *path;
    const unsigned char *raw;
    size_t len;
};
extern const struct country_file country_files[];
const struct country_file *country_file_find(const char *path);

#endif
"""

LOOKUPS = """
const struct asset *asset_find(const char *path)
{
    for (const struct asset *a = assets; a->name; a++) {
        if (strcmp(a->path, path) == 0)
            return a;
    }
    return (const struct asset *)0;
}

const struct asset *asset_named(const char *name)
{
    for (const struct asset *a = assets; a->name; a++) {
        if (strcmp(a->name, name) == 0)
            return a;
    }
    return (const struct asset *)0;
}

const struct country_file *country_file_find(const char *path)
{
    for (const struct country_file *f = country_files; f->path; f++) {
        if (strcmp(f->path, path) == 0)
            return f;
    }
    return (const struct country_file *)0;
}
"""


def migrations(schemas):
    """A file by itself: test/meson.build makes programs with other migrations."""
    table = [f'    {{"{m}", {v}, "{p.name}",\n{gen.c_bytes(b)},\n     "{gen.sha256(b)}", '
             f'{expands(b.decode()):d}}},\n' for m, v, p, b in schemas]
    return ("/* SPDX-License-Identifier: Apache-2.0 */\n"
            "/* Made by tools/gen_assets.py. Do not edit. */\n"
            '#include "gen/assets.h"\n\n'
            "const struct schema_file schema_files[] = {\n" + "".join(table) + "    {0},\n};\n")


def source(assets, countries, kept):
    out = ["/* SPDX-License-Identifier: Apache-2.0 */\n"
           "/* Made by tools/gen_assets.py. Do not edit. */\n"
           '#include "gen/assets.h"\n\n#include <string.h>\n']
    blob = lambda name, data: out.append(
        f"static const unsigned char {name}[] =\n{gen.c_bytes(data)};\n")
    table = []
    for i, (name, path, kind, raw, packed, digest) in enumerate(assets):
        blob(f"raw{i}", raw)
        if packed:
            blob(f"gz{i}", packed)
        gz = f"gz{i}" if packed else "(const unsigned char *)0"
        table.append(f'    {{"{name}", "{path}", "{kind}", raw{i}, {gz}, {len(raw)}, '
                     f'{len(packed)}, "{digest}"}},\n')
    out.append("static const struct asset assets[] = {\n" + "".join(table) + "    {0},\n};\n")
    for i, (path, data) in enumerate(countries):
        blob(f"country{i}", data)
    table = [f'    {{"{p}", country{i}, {len(d)}}},\n' for i, (p, d) in enumerate(countries)]
    out.append("const struct country_file country_files[] = {\n" + "".join(table)
               + "    {0},\n};\n")
    table = [f'    {{"{t}", "{", ".join(k)}", {thinned:d}}},\n' for t, k, thinned, _ in kept]
    out.append("const struct schema_kept schema_kept[] = {\n" + "".join(table) + "    {0},\n};\n")
    return "\n".join(out) + LOOKUPS


def main(argv):
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--root", default=sources.ROOT, type=Path)
    args.add_argument("--out", type=Path)
    args.add_argument("--migrations", type=Path, help="only these, into this file")
    args.add_argument("--more", action="append", default=[], type=Path,
                      help="a folder with MODULE/schema/NNN_name.sql to come last")
    a = args.parse_args(argv)
    faults = gen.Faults()
    if a.migrations:
        rows = schema_rows(a.root, faults, a.more)
        faults.stop_if_any()
        return gen.write(a.migrations, migrations(rows))
    assets, schemas = asset_rows(a.root), schema_rows(a.root, faults)
    countries = country_rows(a.root, faults)
    faults.stop_if_any()
    gen.write(a.out / "assets.h", HEADER)
    gen.write(a.out / "assets.c", source(assets, countries, kept_rows(a.root)))
    gen.write(a.out / "schemas.c", migrations(schemas))
    inputs = [a.root / "web", a.root / "web" / "dist", *(a.root / "web" / "dist").rglob("*")]
    for folder in country_packs(a.root):
        inputs += pack.inputs(folder, a.root / "node_modules")
    inputs += sources.listing("schema", a.root) + sources.listing("kept", a.root)
    inputs += gen_texts.helpers() + country_schemas(a.root)
    gen.depfile(a.out, "assets.d", "assets.h", [p for p in inputs if p.exists()])


if __name__ == "__main__":
    main(sys.argv[1:])
