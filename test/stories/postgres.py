#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Three nodes on PostgreSQL, each serving with a role that may no more than it needs: a node whose
schema is behind refuses to start and says `dinh migrate`; the owner migrates and gives the rights;
the rows of the SQLite demonstration are carried over; a birth is played; then that role tries to
change and delete every log, and the server refuses, while the owner can (the control).
"""
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from judge import check, verdict
from nation import NODES, PROVINCE, ROOT, Nation, program, run

sys.path.insert(0, str(ROOT / "tools"))
import gen_assets  # noqa: E402

ROLE, OWNER = "dinh_app", "dinh_owner"
MIGRATION = {"db_migration", "db_opens"}


class Server:
    """A PostgreSQL of our own; each node has a database of its name."""

    def __init__(self):
        self.dir = Path(tempfile.mkdtemp(prefix="dinh-pg."))
        code, out, err = run(ROOT / "tools" / "pg_private", "start", self.dir)
        if code:
            raise SystemExit(f"PostgreSQL: {out}{err}")
        self.where = re.sub(r" dbname=.*", "", out.strip())
        self.sql("dinh", "dinh", f"CREATE ROLE {OWNER} LOGIN; CREATE ROLE {ROLE} LOGIN;")
        for name in NODES:
            self.sql("dinh", "dinh", f"CREATE DATABASE {name} OWNER {OWNER}")
            self.sql("dinh", name, f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")
            self.sql("dinh", name, f"ALTER SCHEMA public OWNER TO {OWNER}")

    def url(self, name, user):
        return f"{self.where} dbname={name} user={user}"

    def sql(self, user, name, script, good=True):
        """What psql said; good: whether it must succeed."""
        done = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=sqlstate",
                               self.url(name, user)], input=script, capture_output=True, text=True,
                              timeout=120, check=False)
        if good and done.returncode:
            raise SystemExit(f"{script[:200]}: {done.stderr}")
        return done.returncode, (done.stdout + done.stderr).strip()

    def end(self):
        run(ROOT / "tools" / "pg_private", "stop", self.dir)
        shutil.rmtree(self.dir, ignore_errors=True)


# ---- from SQLite ----

def field(value):
    if value is None:
        return r"\N"
    if isinstance(value, bytes):
        return r"\\x" + value.hex()
    return re.sub(r"[\\\t\n\r]", lambda m: {"\\": r"\\", "\t": r"\t", "\n": r"\n",
                                             "\r": r"\r"}[m[0]], str(value))


def carried(server, nation, name):
    """The rows of a node's SQLite database into the tables that its owner has made."""
    db = sqlite3.connect(f"file:{nation.folder(name)}/dinh.db?mode=ro", uri=True)
    names = [t for t, in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'"
                                    " AND name NOT LIKE 'sqlite%'") if t not in MIGRATION]
    script = ["BEGIN; SET session_replication_role = replica;"
              f" TRUNCATE {', '.join(names)} CASCADE;"]
    for table in names:
        rows = db.execute(f"SELECT * FROM {table}")
        columns = ", ".join(c[0] for c in rows.description)
        script.append(f"COPY {table} ({columns}) FROM stdin;")
        script += ["\t".join(map(field, row)) for row in rows] + ["\\."]
    db.close()
    server.sql("dinh", name, "\n".join(script) + "\nCOMMIT;\n")
    return names


# ---- the node ----

def placed(nation, name, url):
    path = nation.folder(name) / "node.json"
    node = json.loads(path.read_text(encoding="utf-8"))
    node["db"] = f"postgres:{url}"
    path.write_text(json.dumps(node, ensure_ascii=False), encoding="utf-8")


def dinh(*args):
    return run(program(), *args)


def told(done, error, *words):
    code, out, err = done
    check(code == 1 and f"{error}: " in err, f"exit {code}, not {error}: {out}{err}")
    for word in words:
        check(word in err, f"{error} doesn't say {word}: {err}")


def migrated(server, nation, name):
    """Refused with a schema that isn't there, then made by its owner."""
    folder, owner = nation.folder(name), server.dir / "owner"
    placed(nation, name, server.url(name, ROLE))
    told(dinh("serve", "--data", folder), "ERR_DB_BEHIND", "dinh migrate")
    told(dinh("migrate", "--data", folder), "ERR_DB_BEHIND")
    owner.write_text(server.url(name, OWNER) + "\n", encoding="utf-8")
    code, out, err = run(program(), "migrate", "--data", folder, "--owner", "-",
                         stdin=owner.read_text(encoding="utf-8"))
    check(code == 0 and ROLE in out, f"{name}: migrate: {out}{err}")
    owner.write_text(server.url(name, ROLE) + "\n", encoding="utf-8")
    told(dinh("migrate", "--data", folder, "--owner", owner), "ERR_DB_RIGHT", "owner")
    owner.unlink()


def role_of(nation, name):
    found = json.loads(dinh("diagnose", "--json", "--data", nation.folder(name))[1])["findings"]
    return next(f for f in found if f["code"] == "database_role")


# ---- the logs ----

def logs(names):
    """(table, its row of kept.txt) of every table of a node that is kept."""
    for pattern, columns, thinned, _ in gen_assets.kept_rows(ROOT):
        for table in names:
            if re.fullmatch(pattern.replace("*", ".*"), table):
                yield table, columns, thinned


OTHERS = ("CREATE TABLE mine (n INT)", "CREATE SCHEMA mine", "CREATE TEMP TABLE mine (n INT)",
          "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
NEVER = (f"SET ROLE {OWNER}", "COPY (SELECT 1) TO PROGRAM 'true'",
         "SELECT pg_read_file('/etc/passwd')")


def attacks(server, name, names):
    """What nobody may do to a log but its owner."""
    columns = {}
    for row in server.sql("dinh", name, "SELECT table_name, column_name FROM"
                          " information_schema.columns WHERE table_schema = 'public'"
                          )[1].splitlines():
        table, column = row.split("|")
        columns.setdefault(table, []).append(column)
    for table, free, _ in logs(names):
        yield from (f"UPDATE {table} SET {c} = {c}" for c in columns[table] if c not in free)
        yield from (f"DELETE FROM {table}", f"TRUNCATE {table}", f"DROP TABLE {table}",
                    f"ALTER TABLE {table} ADD COLUMN mine TEXT",
                    f"CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING")
    yield from OTHERS


def states(server, user, name, tries):
    """The SQLSTATE of each, every one undone."""
    script = "\\set ON_ERROR_STOP off\n" + "".join(
        f"BEGIN;\n{t};\n\\echo :SQLSTATE\nROLLBACK;\n" for t in tries)
    said = server.sql(user, name, script, good=False)[1]
    return [line for line in said.splitlines() if re.fullmatch(r"[0-9A-Z]{5}", line)]


def refused(server, name, names):
    tries = list(attacks(server, name, names))
    for user, want in ((ROLE, "42501"), (OWNER, "00000")):
        got = states(server, user, name, tries)
        check(len(got) == len(tries), f"{user}: {len(got)} answers to {len(tries)}")
        for attack, state in zip(tries, got):
            check(state == want, f"{name}: {user}: {attack}: {state}, not {want}")
    for attack, state in zip(NEVER, states(server, ROLE, name, NEVER)):
        check(state == "42501", f"{name}: {ROLE}: {attack}: {state}")
    return sum(1 for _ in logs(names)), len(tries) + len(NEVER)


def main():
    nation, server = Nation(program()), None
    try:
        nation.make()
        server = Server()
        tables = {}
        for name in NODES:
            migrated(server, nation, name)
            tables[name] = carried(server, nation, name)
            (nation.folder(name) / "dinh.db").rename(nation.top / f"{name}.db")
        code, out, err = run(program(), "demo", "--data", nation.dir, "--story", "birth",
                             timeout=300)
        check(code == 0, f"the story as {ROLE}: {out[-2000:]}{err[-2000:]}")
        found = role_of(nation, PROVINCE)
        check(found["state"] == "ok", f"role {ROLE}: {found}")
        n = tried = 0
        for name in NODES:
            more = refused(server, name, tables[name])
            n, tried = n + more[0], tried + more[1]
            code, out, err = dinh("verify", "--data", nation.folder(name))
            check(code == 0, f"{name}: verify: {out}{err}")
        placed(nation, PROVINCE, server.url(PROVINCE, OWNER))
        found = role_of(nation, PROVINCE)
        check(found["state"] == "look" and "CREATE ON SCHEMA" in found["fact"], f"owner: {found}")
        print(f"a birth served as {ROLE}")
        print(f"{n} logs: {tried} attempts on them refused by the server, which the owner may")
    finally:
        if server:
            server.end()
        nation.remove()
    return verdict()


if __name__ == "__main__":
    sys.exit(main())
