#!/bin/bash
# The SQL sessions and the interleaved ones once more, with every statement that may be run by a parallel
# worker run by one: they must print the same. What runs in a worker has nothing that was remembered in
# its leader, and settings that are restored one by one.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
unset ACCEPT
passed=0
failed=0
step() {
    local log=$target/tests/parallel.log p f
    mkdir -p "$target/tests"
    "$@" 2>&1 </dev/null | tee "$log" | grep -v '^ok ' || :
    read -r p f < <(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log" | tail -n 1) || f=1
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-1}))
}
setting=debug_parallel_query
[ "$PG" -ge 16 ] || setting=force_parallel_mode
# "regress" leaves out what a plan and an error otherwise say of the worker.
export PGOPTIONS="${PGOPTIONS:-} -c $setting=regress"
step tests/run-regress.sh
step tests/run-isolation.sh
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
