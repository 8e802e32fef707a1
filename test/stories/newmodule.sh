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
for check in layers limits spdx kept; do python3 tools/check_$check.py; done
find src/systems/trial -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run --Werror

# A pack with a fault isn't built in.
mkdir -p .cache # all is installed: nothing may be, through the link, over what others use
cat packages.txt package*.json | sha256sum | cut -c1-64 >.cache/setup.stamp
cp "$root/.cache/web.stamp" .cache/
roles=country/vn/roles.json
cp $roles roles.good
refused() {
    if ./dev build >said 2>&1 || ! grep -qE "$1" said; then
        cat said
        echo "a faulty pack was built in: $1"
        exit 1
    fi
    [ ! -e build ] || { echo "built in spite of: $1"; exit 1; }
    cp roles.good $roles
}
head -c 3000 roles.good >$roles
refused 'roles\.json:[0-9]+: '
python3 - $roles <<'PY'
import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()
open(sys.argv[1], "w", encoding="utf-8").write(re.sub(r', "label": \{[^}]*\}', "", text, count=1))
PY
refused 'roles\.json:[0-9]+: .*label'
mv country/vn/forms/06.json 06.json
refused 'forms/06\.json:1: .*missing'
mv 06.json country/vn/forms/06.json
rm roles.good said

meson setup build-asan -Dwerror=true -Dhardening=false -Doptimization=1 \
    -Db_sanitize=address,undefined \
    -Dc_args='-fno-sanitize-recover=all -DDINH_SANITIZE=1' >setup.log || { cat setup.log; exit 1; }
nice ninja -C build-asan --quiet test/test_trial
DINH_SOURCE_ROOT=$dir build-asan/test/test_trial
