#!/bin/bash
# Installs the frozen install scripts of earlier releases (sql/releases/hogsend--VERSION.sql), so that tests
# can make databases as those releases made them. Nobody else needs them: cargo-pgrx does not look there.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
extensions=$("$PG_CONFIG" --sharedir)/extension
for script in sql/releases/hogsend--*.sql; do
    installed=$extensions/${script##*/}
    cmp -s "$script" "$installed" && continue
    if [ -w "$extensions" ]; then install -m 644 "$script" "$installed"
    else sudo install -m 644 "$script" "$installed"; fi
done
