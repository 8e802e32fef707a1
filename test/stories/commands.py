#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command given what it doesn't take: refused by name, in both languages, before anything is
made or served.
"""
import contextlib
import shutil
import sqlite3
import tempfile
from pathlib import Path

import asked
from judge import check, verdict
from nation import PASSWORD, program, run

USAGE, REFUSED = 2, 1


def told(args, code, name, *words, stdin=None):
    """Two lines of that error, each with these words; after wrong use the usage as well."""
    got, out, err = run(program(), *args, stdin=stdin)
    what = " ".join(str(a)[:40] for a in args)
    said = [x for x in err.splitlines() if f"{name}: " in x]
    check(got == code, f"{what}: exit {got}: {out}{err}")
    check(len(said) == 2 and said[0] != said[1], f"{what}: {err}")
    for line in said:
        for word in words:
            check(str(word) in line, f"{what}: {word} isn't named: {line}")
    if code == USAGE:
        check(f"dinh {args[0]}" in err.splitlines()[-1], f"{what}: no usage: {err}")


def done(*args, stdin=None):
    got, out, err = run(program(), *args, stdin=stdin)
    check(got == 0, f"{args}: exit {got}: {err}")
    return out


def wrong_options(top):
    there = ["--data", top / "nowhere"]
    for args, name, *words in (
            (["demo", *there, "--port", "abc"], "ERR_OPTION_VALUE", "--port", "abc", "1 … 65530"),
            (["demo", *there, "--port", "65531"], "ERR_OPTION_VALUE", "--port", "65531"),
            (["demo", *there, "--port="], "ERR_OPTION_VALUE", "--port"),
            (["demo", *there, "--port", "--stay"], "ERR_OPTION_VALUE", "--port"),
            (["demo", *there, "--storry", "birth"], "ERR_OPTION", "--storry"),
            (["demo", *there, "--stay=no"], "ERR_OPTION_VALUE", "--stay", "no"),
            (["demo", *there, "extra"], "ERR_OPTION", "extra"),
            (["demo", *there, *there], "ERR_OPTION_TWICE", "--data"),
            (["demo", "--data", ""], "ERR_OPTION_VALUE", "--data"),
            (["serve", "extra", *there], "ERR_OPTION", "extra"),
            (["serve", *there, "--bogus"], "ERR_OPTION", "--bogus"),
            (["serve", *there, "--datas", "x"], "ERR_OPTION", "--datas"),
            (["init", *there, "--exchange-port", "99999"], "ERR_OPTION_VALUE", "--exchange-port"),
            (["init", *there, "--name", "x" * 61], "ERR_TOO_LONG", "--name"),
            (["user", "add", *there, "--username", "x" * 3000], "ERR_TOO_LONG", "--username"),
            (["user", "add", *there, "--name", "a\x1bb"], "ERR_BAD_UTF8", "--name"),
            (["user", "add", *there, "--name", "a\nb"], "ERR_OPTION_VALUE", "--name"),
            (["user", "add", "more", *there], "ERR_OPTION", "more"),
            (["verify", *there, "--witnes", "x"], "ERR_OPTION", "--witnes"),
            (["verify", *there, "--key-secret", ""], "ERR_OPTION_VALUE", "--key-secret"),
            (["restore", *there, "--key-secret", "x"], "ERR_OPTION", "--key-secret"),
            (["backup", *there, "--from", "x"], "ERR_OPTION", "--from"),
            (["restore", *there, "--to", "x"], "ERR_OPTION", "--to"),
            (["system", *there, "--remove", "no"], "ERR_OPTION", "no"),
            (["version", "--long"], "ERR_OPTION", "--long")):
        told(args, USAGE, name, *words)
    told(["peers", "accept", *there, "--name", "g24", "--head", "12 xyz", "--by", "a", "--reason",
          "b"], REFUSED, "ERR_OPTION_VALUE", "--head", "12 xyz", "9f3a")
    got, out, err = run(program(), "peers", "accept", *there, "--name", "g24", "--head", "12 00")
    check(got == USAGE and "accept" in err, f"peers accept by nobody: exit {got}: {out}{err}")
    told(["demo", *there, "--story", "birth,bitrh"], REFUSED, "ERR_OPTION_VALUE", "bitrh",
         "birth | refused")
    check(not (top / "nowhere").exists(), "something was made all the same")
    for args in (["help", "nonsense"], ["nonsense"]):
        got, out, err = run(program(), *args)
        check(got == 2 and "nonsense" in err and not out, f"{args}: exit {got}: {out}{err}")
    check("dinh demo" in done("demo", "--help") and "verify" in done("--help"), "--help")


def wrong_node(top):
    """A node is made by the rules by which it is started."""
    folder = top / "node"
    good = {"data": folder, "name": "thu", "agency": "H57", "port": "8800"}
    for name, value, *words in (
            ("agency", "ZZ9", "agencies.json"), ("name", "a/b", "1 … 60"),
            ("systems", "nosuch", "| portal"), ("address", "here", "127.0.0.1"),
            ("members", "H57,ZZ9", "agencies.json"), ("identity", "there", "https://"),
            ("url", "http://dinh.example.vn", "http://127.0.0.1"),
            ("address", "0.0.0.0", "127.0.0.1"),
            ("db", "mysql:x", "sqlite:PATH"), ("exchange-port", "8800", "--port")):
        options = [x for k, v in {**good, name: value}.items() for x in (f"--{k}", v)]
        told(["init", *options], REFUSED, "ERR_OPTION_VALUE", f"--{name}", value, *words)
        check(not folder.exists(), f"init made a node with {name} {value}")
    options = [x for k, v in good.items() for x in (f"--{k}", v)]
    told(["init", *options[2:], "--data", top / "no" / "node"], REFUSED, "ERR_NOT_FOUND",
         top / "no" / "node")
    done("init", *options)
    told(["init", *options], REFUSED, "ERR_NODE_EXISTS", folder)
    return folder


def wrong_words(top, folder):
    """What isn't there is named by its path; what is no seal, no agency, no user name by itself."""
    at = ["--data", folder]
    told(["demo", "--data", top / "no" / "demo"], REFUSED, "ERR_NOT_FOUND", top / "no" / "demo")
    told(["verify", *at, "--witness", top / "none"], REFUSED, "ERR_NOT_FOUND", top / "none")
    (top / "garbage").write_text("garbage\n")
    told(["verify", *at, "--witness", top / "garbage"], REFUSED, "ERR_DEFINITION", top / "garbage",
         " 1: ", "--witnessed-for")
    told(["verify", *at, "--witnessed-for", "NOPE"], REFUSED, "ERR_OPTION_VALUE", "NOPE")
    for name in ("a b", "tên", "a/b"):
        told(["user", "add", *at, "--username", name], REFUSED, "ERR_OPTION_VALUE", "--username",
             name, stdin=PASSWORD + "\n")
    done("user", "add", *at, "--username", "quan.tri", stdin=PASSWORD + "\n")
    done("user", "add", *at, "--username", "so.cu", "--unit", "000.00.00.H57",
         stdin=PASSWORD + "\n")
    with contextlib.closing(sqlite3.connect(folder / "dinh.db")) as db:
        units = {unit for unit, in db.execute("SELECT unit FROM identity_grant")}
    check("H57" in units and "000.00.00.H57" not in units, f"posts lie at {units}")
    done("verify", *at)
    config = folder / "node.json"
    text = config.read_text()
    config.write_text(text.replace('"port"', f'"country": "{top}/pack", "port"', 1))
    told(["verify", *at], REFUSED, "ERR_NOT_FOUND", top / "pack")


def main():
    top = Path(tempfile.mkdtemp(prefix="dinh-commands."))
    try:
        wrong_options(top)
        wrong_words(top, wrong_node(top))
        asked.play(top / "asked")
    finally:
        shutil.rmtree(top, ignore_errors=True)
    verdict()


if __name__ == "__main__":
    main()
