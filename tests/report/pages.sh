#!/bin/bash
# Beside a throw-away server: fills it with a file of SQL and writes pages into a directory.
set -euo pipefail
psql=$HOGSEND_BINDIR/psql
"$psql" -Xq -f "$1" >/dev/null
present="SET timezone = 'UTC'; SET hogsend.now = '2026-05-11 09:00:30+00'"
"$psql" -XAtqc "$present" -c "SELECT hogsend_report()" >"$2/all.html"
for bucket in buyers hostile broken; do
    "$psql" -XAtqc "$present" -c "SELECT hogsend_report('$bucket')" >"$2/$bucket.html"
done
