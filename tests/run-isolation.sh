#!/bin/bash
# Interleaves the steps of several sessions, by Postgres's own isolation tester.
#
# Each tests/isolation/specs/NAME.spec runs in a database of its own in which the
# extension has been created (a spec's setup block runs once a permutation, and
# CREATE EXTENSION would be most of the time), and must print expected/NAME.out. What is said of
# definitions (NOTICE) is left out: it is no matter of order.
#   ONLY="name pat*"   only these
#   ACCEPT=1           take what they print as expected (then read the diff!)
#   PREPARE=SQL        runs in each database before that
#   SOURCE_DIR=path    specs from elsewhere
set -euo pipefail
. "$(dirname "$0")/lib.sh"
kind=isolation
source_dir=${SOURCE_DIR:-tests/isolation}
cases=specs
suffix=spec
program=isolation/pg_isolation_regress
prepare="${PREPARE:+$PREPARE;} CREATE EXTENSION hogsend; DO \$\$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET client_min_messages = warning', current_database()); END \$\$"
control_case=join_join
control_options="-c hogsend.test_no_lock=on"
. tests/pg_regress.sh
