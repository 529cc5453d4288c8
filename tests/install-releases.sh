#!/bin/bash
# Installs the frozen install scripts of earlier releases (sql/hogsend--VERSION.sql), which
# cargo-pgrx leaves out, so that tests can make databases as those releases made them.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
extensions=$("$PG_CONFIG" --sharedir)/extension
for script in sql/hogsend--*.sql; do
    case ${script#sql/hogsend--} in *--*) continue ;; esac
    cmp -s "$script" "$extensions/${script#sql/}" && continue
    if [ -w "$extensions" ]; then install -m 644 "$script" "$extensions"
    else sudo install -m 644 "$script" "$extensions"; fi
done
