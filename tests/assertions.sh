#!/bin/bash
# Runs the SQL sessions, the interleaved ones and random alterations of our tables
# on a Postgres 15 that was built with its assertions on, and some sessions a second
# time with every cache of the server's thrown away at every chance: what holds a
# pointer too long is found by that. It makes a session a hundred times slower.
#   SEQUENCES=20000        random alterations, instead of 500; FIRST=n begins there
#   NO_CACHE="name pat*"   these instead of one for each way into the extension
#   PARTS="ddl caches"     these of regress, isolation, ddl and caches
set -euo pipefail
. "$(dirname "$0")/lib.sh"
PG_CONFIG=$(tests/server-with-assertions.sh)
export PG=15 PG_CONFIG
parts=" ${PARTS:-regress isolation ddl caches} "
make --no-print-directory install

passed=0
failed=0
step() {
    local log=$target/tests/assertions.log
    case $parts in *" $1 "*) shift ;; *) return 0 ;; esac
    echo
    echo "=== $1"
    shift
    "$@" 2>&1 </dev/null | tee "$log" || :
    read -r p f < <(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log" | tail -n 1) || f=1
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-1}))
}
mkdir -p "$target/tests"
step regress "regress, with assertions" tests/run-regress.sh
step isolation "isolation, with assertions" tests/run-isolation.sh
step ddl "random alterations, with assertions" tests/run-ddl.sh
# Creating the extension would take minutes each time, and is not what is looked at.
keep_while_creating="
    CREATE SCHEMA caches;
    CREATE FUNCTION caches.set_discard() RETURNS event_trigger LANGUAGE plpgsql AS \$\$
    BEGIN
        PERFORM set_config('debug_discard_caches', (tg_event = 'ddl_command_end')::int::text, false);
    END \$\$;
    CREATE EVENT TRIGGER keep_caches ON ddl_command_start
        WHEN TAG IN ('CREATE EXTENSION', 'DROP EXTENSION') EXECUTE FUNCTION caches.set_discard();
    CREATE EVENT TRIGGER discard_caches ON ddl_command_end
        WHEN TAG IN ('CREATE EXTENSION', 'DROP EXTENSION') EXECUTE FUNCTION caches.set_discard();"
step caches "regress, with no cache kept" env PREPARE="$keep_while_creating" \
    PGOPTIONS="-c debug_discard_caches=1" \
    ONLY="${NO_CACHE:-ingest_insert ingest_corrections ingest_contacts clock_count max_dwell dwell \
                      bucket_changed backfill_job manual consumers_poll}" tests/run-regress.sh
echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
