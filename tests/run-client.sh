#!/bin/bash
# What only real client connections can show, and the harness that serves them.
# ONLY=name runs the tests whose names contain it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
tests/runners/prepare.sh
cargo_tests client -p hogsend-harness -p hogsend-client-tests -- ${ONLY:+"$ONLY"}
