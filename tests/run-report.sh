#!/bin/bash
# Opens the pages that hogsend_report() makes in a headless Chromium: no console error, no request, no
# rule of accessibility broken, names as text, the search; in both themes, on a desk, on a telephone and on
# paper. SHOTS=directory keeps pictures of what was seen.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
sources=$root/tests/report
prepared=$target/report
SHOTS=${SHOTS:-}
export SHOTS

prepare() {
    if ! command -v chromium >/dev/null; then
        echo "report: installing chromium"
        as_root=()
        [ "$(id -u)" = 0 ] || as_root=(sudo)
        "${as_root[@]}" apt-get update -q </dev/null >/dev/null
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -q --no-install-recommends chromium fonts-noto-core </dev/null >/dev/null
    fi
    # As in tests/runners/prepare.sh: what was installed is kept beside it, and written last.
    mkdir -p "$prepared"
    if ! cmp -s "$sources/package-lock.json" "$prepared/installed.json"; then
        echo "report: installing axe-core for Node"
        cp "$sources/package.json" "$sources/package-lock.json" "$prepared"
        (cd "$prepared" && npm ci --silent --no-audit --no-fund)
        cp "$sources/package-lock.json" "$prepared/installed.json"
    fi
}

prepare
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
# The server's user writes nothing there; psql's output does.
"$(cluster_program)" run -- "$sources/pages.sh" "$sources/pages.sql" "$pages"
[ -z "$SHOTS" ] || mkdir -p "$SHOTS"
node "$sources/open.mjs" chromium "$prepared/node_modules/axe-core/axe.min.js" "$pages"
