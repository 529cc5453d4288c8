#!/bin/bash
# Many sessions at once for a minute, and many statements in one session: no error, no fault, no
# memory that grows, and nothing amiss in the server's log.
#   LOAD_SECONDS=600          instead of 60
#   LOAD_SESSIONS=100         instead of 64
#   LOAD_STATEMENTS=1000000   in one session, instead of 100,000
#   ONLY=name                 the tests whose names contain it
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cargo_tests load -p hogsend-load -- --test-threads=1 ${ONLY:+"$ONLY"}
