#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The nation on one machine plays every story; then both verifiers call every trail sound, and the
# independent one sees a single byte changed.
set -euo pipefail
cd "$(dirname "$0")/../.."
dinh=${DINH_BIN:-build/dinh}
dir=$(mktemp -d "${TMPDIR:-/tmp}/dinh-nation.XXXXXX")
trap 'rm -rf "$dir"' EXIT

# A page and an exchange for each node.
port=$(PYTHONPATH=test/stories python3 -c 'from nation import free_ports; print(free_ports())')

"$dinh" demo --data "$dir/nation" --port "$port" --story all

for node in national h57 g24; do
    "$dinh" verify --data "$dir/nation/$node"
    python3 tools/verify.py "$dir/nation/$node/dinh.db"
done

# FOLDER WORDS MISSED [OPTION...]: both verifiers call the node there broken, in words that fit.
both_see() {
    local folder=$1 words=$2 missed=$3 rc check
    shift 3
    for check in "$dinh verify --data $folder" "python3 tools/verify.py $folder/dinh.db"; do
        rc=0
        $check "$@" >"$dir/said" || rc=$?
        cat "$dir/said"
        if [ "$rc" -ne 1 ] || ! grep -q "$words" "$dir/said"; then
            echo "$missed: $check"
            exit 1
        fi
    done
}

# Each node's seals lie with both others; with them a cut tail is seen, which the chain alone, cut
# with its seals, doesn't show.
held=$("$dinh" verify --data "$dir/nation/national" --witnessed-for H57)
[ -n "$held" ] || { echo "national keeps no seal for h57"; exit 1; }
printf '%s\n' "$held" >"$dir/held"
"$dinh" verify --data "$dir/nation/g24" --witnessed-for H57 | grep -q '"node":"h57"'
"$dinh" verify --data "$dir/nation/h57" --witness "$dir/held" | grep 'held by witnesses [1-9]'
python3 tools/verify.py "$dir/nation/h57/dinh.db" --witness "$dir/held"
cp -r "$dir/nation/h57" "$dir/cut"
python3 - "$dir/cut/dinh.db" "$dir/held" <<'PY'
import contextlib
import json
import sqlite3
import sys

last = max(json.loads(line).get("seq", 0) for line in open(sys.argv[2], encoding="utf-8"))
with contextlib.closing(sqlite3.connect(sys.argv[1])) as db, db:
    answered, = db.execute("SELECT max(seq) FROM core_audit WHERE action = 'exchange.answered'"
                           ).fetchone()
    last = min(last, answered)  # a message loses its record
    db.execute("DELETE FROM core_audit WHERE seq >= ?", (last,))
    db.execute("DELETE FROM core_seal WHERE seq >= ?", (last,))
    db.execute("DELETE FROM core_tree_head WHERE size >= ?", (last,))
    db.execute("DELETE FROM core_tree WHERE (position + 1) * 256 >= ?", (last,))
PY
# Whoever forgets the messages that the cut records named is seen at once; who doesn't isn't.
both_see "$dir/cut" 'the \(audit \)\?trail' "messages without a record went unseen"
python3 - "$dir/cut/dinh.db" <<'PY'
import contextlib
import sqlite3
import sys

with contextlib.closing(sqlite3.connect(sys.argv[1])) as db, db:
    db.execute("DELETE FROM exchange_message WHERE status <> 0 AND service <> 'audit.witness'"
               " AND id || '/' || direction NOT IN (SELECT CAST(object AS TEXT) FROM core_audit"
               " WHERE action = 'exchange.answered')")
PY
"$dinh" verify --data "$dir/cut"
python3 tools/verify.py "$dir/cut/dinh.db"
both_see "$dir/cut" 'cut' "a cut tail went unseen" --witness "$dir/held"

# The negative control, on a copy with all that stands beside it.
cp -r "$dir/nation/h57" "$dir/changed"
python3 - "$dir/changed/dinh.db" <<'PY'
import contextlib
import sqlite3
import sys

with contextlib.closing(sqlite3.connect(sys.argv[1])) as db, db:
    seq, detail = db.execute("SELECT seq, detail FROM core_audit WHERE length(detail) > 2"
                             " ORDER BY seq LIMIT 1").fetchone()
    middle = len(detail) // 2
    other = "y" if detail[middle] == "x" else "x"
    changed = detail[:middle] + other + detail[middle + 1:]
    db.execute("UPDATE core_audit SET detail = ? WHERE seq = ?", (changed, seq))
PY
rc=0
python3 tools/verify.py "$dir/changed/dinh.db" || rc=$?
[ "$rc" -eq 1 ] || { echo "a changed record went unseen: exit $rc"; exit 1; }
echo "a changed record was seen"

# An entry of the birth register that somebody numbered anew.
cp -r "$dir/nation/h57" "$dir/register"
python3 - "$dir/register/dinh.db" <<'PY'
import contextlib
import sqlite3
import sys

with contextlib.closing(sqlite3.connect(sys.argv[1])) as db, db:
    done = db.execute("UPDATE registry_r_civil_status_birth SET a_entry_number = 99"
                      " WHERE version = 2").rowcount
    assert done, "no entry to number anew"
PY
both_see "$dir/register" 'registry_r_civil\|registry:' "a changed entry of a register went unseen"
echo "a changed entry of a register was seen by both"
