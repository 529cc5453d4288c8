# Runs cases through pg_regress or pg_isolation_regress, one after the other in each of some lanes, which have
# a server each; sourced by run-regress.sh and run-isolation.sh, which say which and where.
#   LANES=1   so many, in place of one a processor

tester=$("$PG_CONFIG" --pkglibdir)/pgxs/src/test/$program
output=$target/tests/$kind

if ! compgen -G "$source_dir/$cases/*.$suffix" >/dev/null; then
    echo "$kind: there are no cases in $source_dir/$cases"
    echo "0 passed, 0 failed"
    exit 0
fi

# First call: start servers and come back beside each.
if [ -z "${HOGSEND_BINDIR:-}" ]; then
    cluster=$(cluster_program)
    lanes=${LANES:-$(nproc)}
    if [ -n "$ONLY$ACCEPT" ] || [ "$lanes" -le 1 ]; then
        LANES=1 exec "$cluster" run -- "$0"
    fi
    mkdir -p "$output"
    processes=()
    for ((lane = 0; lane < lanes; lane++)); do
        LANE=$lane LANES=$lanes "$cluster" run -- "$0" >"$output/lane-$lane.log" 2>&1 &
        processes+=($!)
    done
    failures=0
    for process in "${processes[@]}"; do wait "$process" || failures=$((failures + 1)); done
    cat "$output"/lane-*.log | grep -v '^[0-9]* passed, [0-9]* failed$'
    # A lane that ended early has no closing line, and did not end well.
    cat "$output"/lane-*.log | awk -v ended_badly="$failures" '
        /^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3 }
        END { if (ended_badly && !failed) failed = ended_badly; print passed + 0 " passed, " failed + 0 " failed" }'
    rm -f "$output"/lane-*.log
    exit $((failures > 0))
fi

# The server's own psql: the one on the PATH may be another version's.
sql() { "$HOGSEND_BINDIR/psql" -X -q -v ON_ERROR_STOP=1 "$@"; }

# pg_regress judges one case; its own talk is kept for when that fails.
run_case() {
    local name=$1 database=${kind}_$1 dir=$output/$1
    rm -rf "$dir"
    mkdir -p "$dir"
    sql -d postgres -c "CREATE DATABASE \"$database\" TEMPLATE template0" >/dev/null || return 1
    if [ "$prepare" != : ]; then
        sql -d "$database" -c "$prepare" >/dev/null || return 1
    fi
    "$tester" --use-existing --dbname="$database" --bindir="$HOGSEND_BINDIR" \
        --host="$PGHOST" --port="$PGPORT" --user="$PGUSER" \
        --inputdir="$source_dir" --outputdir="$dir" "$name" >"$dir/log" 2>&1 </dev/null
}

explain_failure() {
    local name=$1 dir=$output/$1
    if [ -s "$dir/regression.diffs" ]; then
        cat "$dir/regression.diffs"
    elif [ ! -e "$source_dir/expected/$name.out" ]; then
        echo "there is no $source_dir/expected/$name.out yet; make $kind-accept ONLY=$name makes it"
    else
        cat "$dir/log"
    fi
}

# pg_regress wants an expected file before it runs anything.
accept() {
    local name=$1 expected=$source_dir/expected/$1.out result=$output/$1/results/$1.out
    if [ ! -e "$result" ]; then
        cat "$output/$name/log"
        return 1
    fi
    cmp -s "$result" "$expected" || echo "  accepted: $expected"
    cp "$result" "$expected"
}

passed=0
failed=0
number=0
for file in "$source_dir/$cases"/*."$suffix"; do
    name=$(basename "$file" ".$suffix")
    wanted "$name" || continue
    number=$((number + 1))
    [ $((number % ${LANES:-1})) = "${LANE:-0}" ] || continue
    if [ -n "$ACCEPT" ]; then
        mkdir -p "$source_dir/expected"
        [ -e "$source_dir/expected/$name.out" ] || : >"$source_dir/expected/$name.out"
    fi
    started=$(date +%s%N)
    if run_case "$name" || { [ -n "$ACCEPT" ] && accept "$name"; }; then
        passed=$((passed + 1))
        printf 'ok      %-40s %6d ms\n' "$name" $((($(date +%s%N) - started) / 1000000))
    else
        failed=$((failed + 1))
        printf 'FAILED  %s\n' "$name"
        explain_failure "$name"
    fi
done
# A case that is run with something broken must fail, or the comparison shows nothing.
if [ -z "$ONLY$ACCEPT" ] && [ "${LANE:-0}" = 0 ]; then
    if kind=${kind}_control output=${output}_control PGOPTIONS="${PGOPTIONS:-} $control_options" run_case "$control_case"; then
        failed=$((failed + 1))
        printf 'FAILED  %s passes with%s\n' "$control_case" " $control_options"
    else
        passed=$((passed + 1))
        printf 'ok      %s fails with %s\n' "$control_case" "$control_options"
    fi
fi
if [ -n "$ONLY" ] && [ $((passed + failed)) = 0 ]; then
    echo "$kind: no case is named $ONLY"
    failed=1
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
