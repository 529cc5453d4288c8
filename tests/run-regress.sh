#!/bin/bash
# Compares SQL sessions with their expected output, by Postgres's own pg_regress.
#
# Each tests/pg_regress/sql/NAME.sql runs in an empty database of its own (so it
# does its CREATE EXTENSION itself, and no file depends on another) and must
# print expected/NAME.out. pg_regress sets the time zone to PST8PDT, the date
# style to "Postgres, MDY" and the interval style to postgres_verbose.
#   ONLY="name pat*"   only these
#   ACCEPT=1           take what they print as expected (then read the diff!)
#   PREPARE=SQL        runs in each database before its case
#   SOURCE_DIR=path    cases from elsewhere
set -euo pipefail
. "$(dirname "$0")/lib.sh"
kind=regress
source_dir=${SOURCE_DIR:-tests/pg_regress}
cases=sql
suffix=sql
program=regress/pg_regress
prepare=${PREPARE:-:}
control_case=ingest_insert
control_options="-c hogsend.evaluate=off"
. tests/pg_regress.sh
