#!/bin/bash
# Random histories on a real server against a naive model, step by step.
# HISTORIES=100000 plays more of them, SEED=n the one of that seed, ONLY=name runs
# the tests whose names contain it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cargo_tests differential -p hogsend-differential -- ${ONLY:+"$ONLY"}
