#!/bin/bash
# The pure core: what criteria and stays mean. Needs no Postgres.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cargo_tests core -p hogsend-core
