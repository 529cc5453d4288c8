#!/bin/bash
# Random alterations of our tables between random statements: no crash, ordinary errors only, and no wrong
# member that hogsend_verify() does not show.
#   SEQUENCES=20000  instead of 500
#   SEED=n           that sequence alone, and what it did
#   ONLY=name        the tests whose names contain it
#   FIRST=n          begins with that one, for long runs in pieces
# On a server with assertions: PARTS=ddl SEQUENCES=20000 make test-assertions
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cargo_tests ddl -p hogsend-ddl -- ${ONLY:+"$ONLY"}
