#!/bin/bash
# The extension in a schema of its own, which the database's search_path names, and nothing in "public".
# All sessions must print the same. Where they name the schema itself, or the path, they are rewritten; its
# name is as long as "public", so that no column of a table is wider. ONLY=name as elsewhere.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
unset ACCEPT
schema=hgsend
work=$target/tests/in-schema

# "public" is also the role that everybody is in.
rewrite() {
    mkdir -p "$work/$1"
    for folder in "$2" expected; do
        mkdir -p "$work/$1/$folder"
        for file in "tests/$1/$folder"/*; do
            sed -E "/(_privilege|grant)\('public'|role \"public\"/! s/\bpublic\b/$schema/g" "$file" >"$work/$1/$folder/${file##*/}"
        done
    done
}

passed=0
failed=0
step() {
    local log=$work/log p f
    "$@" 2>&1 </dev/null | tee "$log" | grep -v '^ok ' || :
    read -r p f < <(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log" | tail -n 1) || f=1
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-1}))
}

rm -rf "$work"
rewrite pg_regress sql
rewrite isolation specs
# Anybody may use "public".
export PREPARE="CREATE SCHEMA $schema; GRANT USAGE ON SCHEMA $schema TO PUBLIC; SET search_path = $schema;
    DO \$\$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET search_path = \"\$user\", $schema', current_database());
    END \$\$"
for kind in ${KINDS:-regress isolation}; do
    case $kind in regress) from=$work/pg_regress ;; *) from=$work/$kind ;; esac
    step env SOURCE_DIR="$from" "tests/run-$kind.sh"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
