#!/bin/bash
# What one user's statement needs is read by index, without SQL, where that can be done (src/pg/direct.rs).
# Here all of it is read in SQL, as for partitioned tables and large statements: the sessions must print
# the same, and the same histories come about. The sizes of documents have nothing to do with it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
unset ACCEPT
passed=0
failed=0
step() {
    local log=$target/tests/in-sql.log p f
    mkdir -p "$target/tests"
    "$@" 2>&1 </dev/null | tee "$log" | grep -v '^ok ' || :
    read -r p f < <(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log" | tail -n 1) || f=1
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-1}))
}
export PGOPTIONS="-c hogsend.test_no_direct=on"
step tests/run-regress.sh
step tests/run-isolation.sh
step env HISTORIES=500 NO_DIRECT=1 ONLY=the_extension tests/run-differential.sh
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
