#!/bin/bash
# Builds hogsend for every Postgres it supports and runs on each what depends on
# the server: the SQL sessions and the interleaved ones. What does not (the pure
# core) runs once.
#   SERVERS="16 18"   only these
set -euo pipefail
. "$(dirname "$0")/lib.sh"
unset ONLY ACCEPT
servers=${SERVERS:-15 16 17 18}
summary=()
status=0

# step NAME COMMAND…: runs it, and keeps what its last line says.
step() {
    local name=$1 log=$target/tests/all-servers.log result=ok last started=$SECONDS
    shift
    echo
    echo "=== $name"
    "$@" 2>&1 </dev/null | tee "$log" || { result=FAILED; status=1; }
    last=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1) || last=-
    summary+=("$(printf '%-7s %-24s %s (%d s)' "$result" "$name" "$last" $((SECONDS - started)))")
    [ $result = ok ]
}

mkdir -p "$target/tests"
[ -n "${SERVERS:-}" ] || step core tests/run-core.sh || :
for version in $servers; do
    export PG=$version
    PG_CONFIG=$(tests/server.sh "$version")
    export PG_CONFIG
    step "build for $version" make --no-print-directory install || continue
    step "regress on $version" tests/run-regress.sh || :
    step "isolation on $version" tests/run-isolation.sh || :
done

echo
echo "=== all servers"
printf '%s\n' "${summary[@]}"
[ $status = 0 ] && echo "all passed" || echo "some failed"
exit $status
