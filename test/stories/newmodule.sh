#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/newmodule makes a system that builds, keeps the rules and passes its tests as it is.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/dinh-newmodule.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$root"
git ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' f; do [ ! -f "$f" ] || printf '%s\0' "$f"; done |
    tar --null -T - -cf - | tar -C "$dir" -xf -
ln -s "$root/node_modules" "$dir/node_modules"
cp -r web/dist "$dir/web/dist"
cd "$dir"
git init -q .

tools/newmodule trial
if tools/newmodule trial 2>/dev/null; then echo "made over an old one"; exit 1; fi
if tools/newmodule 'No-name' 2>/dev/null; then echo "took a bad name"; exit 1; fi
grep -qx 'MODULE(trial)' src/app/modules.def
for check in layers limits spdx; do python3 tools/check_$check.py; done
find src/systems/trial -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run --Werror

meson setup build-asan -Dwerror=true -Dhardening=false -Doptimization=1 \
    -Db_sanitize=address,undefined \
    -Dc_args='-fno-sanitize-recover=all -DDINH_SANITIZE=1' >setup.log || { cat setup.log; exit 1; }
nice ninja -C build-asan --quiet test/test_trial
DINH_SOURCE_ROOT=$dir build-asan/test/test_trial
