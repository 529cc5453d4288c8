#!/bin/bash
# Kills the server and its processes by kill -9, at random moments, under writers, clocks, backfills
# and consumers; then looks whether anything is lost or there twice. One server at a time.
#   KILLS=200        instead of 20
#   HOGSEND_SEED=n   other moments
#   ONLY=name        the tests whose names contain it
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cargo_tests crash -p hogsend-crash -- --test-threads=1 ${ONLY:+"$ONLY"}
