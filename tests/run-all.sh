#!/bin/bash
# Runs every runner (tests/run-*.sh), all of them even when one fails, and says
# at the end what each said. A new kind of test needs only a new run-NAME.sh that
# closes with "N passed, N failed" and exits accordingly.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# One name selects cases within one kind; for all kinds it would mean nothing.
unset ONLY ACCEPT
mkdir -p "$target/tests"
summary=()
status=0

run() {
    local name=$1 log=$target/tests/run-$1.log started=$SECONDS result=ok last
    echo
    echo "=== $name"
    "tests/run-$name.sh" 2>&1 </dev/null | tee "$log" || { result=FAILED; status=1; }
    last=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1) || last="ended early"
    summary+=("$(printf '%-7s %-12s %s (%d s)' "$result" "$name" "$last" $((SECONDS - started)))")
}

# The quick ones first: what they find explains what the others would.
first=(core regress isolation client)
for name in "${first[@]}"; do run "$name"; done
for file in tests/run-*.sh; do
    name=$(basename "$file" .sh)
    name=${name#run-}
    case " all ${first[*]} " in *" $name "*) ;; *) run "$name" ;; esac
done

echo
echo "=== all tests"
printf '%s\n' "${summary[@]}"
[ $status = 0 ] && echo "all passed" || echo "some failed"
exit $status
