#!/bin/bash
# What watches hogsend: hogsend_metrics() as Prometheus's client reads it, the alerts of doc/alerts.yaml as
# Prometheus would, and each query of the dashboard doc/grafana.json as an analyst.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
sources=$root/tests/watch
venv=$target/watch

# As in tests/runners/prepare.sh: what was installed is kept beside it, and written last.
if ! cmp -s "$sources/requirements.txt" "$venv/installed.txt"; then
    echo "watch: installing $(head -n 1 "$sources/requirements.txt")"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$sources/requirements.txt"
    cp "$sources/requirements.txt" "$venv/installed.txt"
fi
# Of what the pages of tests/run-report.sh are made.
"$(cluster_program)" run -- sh -c '"$HOGSEND_BINDIR/psql" -Xq -f "$1" >/dev/null && "$2" "$3" "$4"' \
    watch "$root/tests/report/pages.sql" "$venv/bin/python" "$sources/check.py" "$root/doc"
