#!/bin/bash
# Makes target/packages/hogsend-VERSION.zip, a distribution for PGXN: what is committed, with META.json at its
# top. Whoever has Rust builds and installs it with `make install PG_CONFIG=…`. `make pgxn` calls this.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/lib.sh

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml)
packages=${PACKAGES:-$target/packages}
zip=$packages/hogsend-$version.zip
mkdir -p "$packages"
[ -z "$(git status --porcelain)" ] || echo "pgxn: what is not committed is not in it" >&2
git archive --format zip --prefix "hogsend-$version/" --output "$zip" HEAD
echo "pgxn: $zip"
