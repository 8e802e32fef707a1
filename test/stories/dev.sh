#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev as a newcomer uses it: a nation in the background tells its addresses and accounts, is
# started once, ends when asked; what doesn't start, or isn't there to be run, is said.
set -euo pipefail
cd "$(dirname "$0")/../.."
dir=$(mktemp -d "${TMPDIR:-/tmp}/dinh-dev.XXXXXX")
export DINH_DEMO_DIR=$dir/demo
DINH_DEMO_PORT=$(PYTHONPATH=test/stories python3 -c 'import nation; print(nation.free_ports())')
export DINH_DEMO_PORT
holder=
end() {
    [ -z "$holder" ] || kill "$holder" 2>/dev/null || true
    ./dev stop >/dev/null || true
    rm -rf "$dir"
}
trap end EXIT
bad() { printf 'FAIL  %s\n' "$*"; cat "$dir"/said; exit 1; }
up() { curl -fs -o /dev/null "http://127.0.0.1:$1/healthz"; }

./dev run --detach >"$dir/said" || bad "it did not start"
for k in 0 1 2; do
    grep -q "http://127.0.0.1:$((DINH_DEMO_PORT + k))" "$dir/said" || bad "address $k isn't told"
    up $((DINH_DEMO_PORT + k)) || bad "node $k isn't up"
done
for account in me.lan canbo.motcua chutich giamsat quantri bhxh thu-nghiem-2020; do
    grep -q "$account" "$dir/said" || bad "$account isn't told"
done
pid=$(cat "$DINH_DEMO_DIR/pid")
if ./dev run --detach >"$dir/said"; then bad "started twice"; fi
grep -q "./dev stop" "$dir/said" || bad "it doesn't say how to stop the first"
[ "$(cat "$DINH_DEMO_DIR/pid")" = "$pid" ] || bad "the first one's number is lost"
./dev stop >"$dir/said" || bad "it did not stop"
left=$(tr -d '\0' 2>/dev/null <"/proc/$pid/cmdline" || true)
if [ -n "$left" ] || up "$DINH_DEMO_PORT"; then bad "stopped, and still there"; fi

# A number that became somebody else's is left alone.
sleep 600 & holder=$!
echo "$holder" >"$DINH_DEMO_DIR/pid"
./dev stop >"$dir/said"
kill -0 "$holder" || bad "./dev stop ended somebody else's process"
kill "$holder"; wait "$holder" || true

# A port of somebody's: refused, with the reason.
python3 - "$DINH_DEMO_PORT" >"$dir/holder" <<'PY' &
import socket, sys, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen()
print("held", flush=True)
time.sleep(600)
PY
holder=$!
until [ -s "$dir/holder" ]; do sleep 0.05; done
if ./dev run --detach >"$dir/said"; then bad "started on somebody's port"; fi
grep -q "ERR_NET_LISTEN.*$DINH_DEMO_PORT" "$dir/said" || bad "the port isn't named"
[ ! -e "$DINH_DEMO_DIR/pid" ] || bad "a number of nobody's is left"

for verb in bench fuzz; do
    rc=0
    ./dev $verb nosuch >"$dir/said" 2>&1 || rc=$?
    [ $rc = 2 ] || bad "$verb nosuch: exit $rc"
    grep -q nosuch "$dir/said" || bad "$verb: not named"
done
grep -qx "  text_clean" "$dir/said" || bad "the fuzz targets aren't listed"
