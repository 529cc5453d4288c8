#!/bin/bash
# The pure core, and what it is held against: what criteria and stays mean. Needs no Postgres.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cargo_tests core -p hogsend-model -p hogsend-core
