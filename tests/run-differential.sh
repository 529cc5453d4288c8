#!/bin/bash
# Random histories on a real server against a naive model, step by step.
# HISTORIES=100000 plays more of them, SEED=n the one of that seed, ONLY=name runs
# the tests whose names contain it, NO_DIRECT=1 has hogsend read in SQL what it
# otherwise reads by index.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cargo_tests differential -p hogsend-differential -- ${ONLY:+"$ONLY"}
