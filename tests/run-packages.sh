#!/bin/bash
# Packages and the image, as somebody gets them who has no Rust: what is in them, and in a bare Debian 12 that is
# made here what installing, the README's first five minutes, upgrading and removing do. Takes root (or sudo), and
# a machine that lets root mount. After `make install`.
#   ONLY=name   the tests whose names contain it
#   FULL=1      takes half an hour to an hour: packages for all servers, with lines in the -dbgsym ones; the last release
#               built from its own sources; the image's first stage, its clock and its runner; PGXN's validator
#   SERVERS="15 17"   with FULL=1, packages for these only; 15 is what is installed
set -euo pipefail
# Debian 12 has this server.
export PG=15 PG_CONFIG=/usr/lib/postgresql/15/bin/pg_config
. "$(dirname "$0")/lib.sh"
FULL=${FULL:-}
[ "$FULL" != 0 ] || FULL=
export FULL
packages=$target/tests/packages
export PACKAGES=$packages

tests/setup.sh build debhelper lintian mmdebstrap

# The release before this version, in the same clothes. Its scripts are frozen, and what it was built from is the
# commit before the one that began the next version.
last=$(cd sql/releases && ls | sed 's/^hogsend--\(.*\)\.sql$/\1/' | sort -V | tail -n 1)
stage_scripts() {
    cp "sql/releases/hogsend--$last.sql" "$1"
    for script in sql/hogsend--*--*.sql; do
        [ "$(printf '%s\n' "${script##*--}" "$last.sql" | sort -V | tail -n 1)" != "$last.sql" ] || cp "$script" "$1"
    done
}

# The library of today, which serves the old scripts, too: that is what they meet after an upgrade.
stage_by_scripts() {
    stage_scripts "$1"
    cp "$packages/staged-$PG/hogsend.so" "$1"
    sed "s/^default_version = .*/default_version = '$last'/" "$packages/staged-$PG/hogsend.control" >"$1/hogsend.control"
}

# What it was: compiled once, and kept.
stage_by_sources() {
    local sources=$packages/sources-$last commit
    commit=$(git log -1 --format=%H -S"version = \"$last\"" -- Cargo.toml)^
    if [ ! -e "$sources/done" ]; then
        rm -rf "$sources"
        mkdir -p "$sources/tree"
        git archive "$commit" | tar -x -C "$sources/tree"
        (cd "$sources/tree" && CARGO_TARGET_DIR=$sources/target \
            cargo pgrx package --pg-config "$PG_CONFIG" --no-default-features --features "pg$PG" --out-dir "$sources/built")
        rm -rf "$sources/target"
        touch "$sources/done"
    fi
    find "$sources/built" -type f \( -name 'hogsend*.sql' -o -name hogsend.control -o -name hogsend.so \) -exec cp -t "$1" {} +
    # The script that was frozen is the one that was built.
    [ -s "$1/hogsend--$last.sql" ]
}

staged=$packages/staged-$last
rm -rf "$staged" "$packages"/*.deb "$packages"/*.zip
mkdir -p "$staged"
if [ -n "$FULL" ]; then
    SERVERS=${SERVERS:-15 16 17 18}
    export SERVERS
    packaging/deb.sh
    stage_by_sources "$staged"
    [ -x "$packages/tools/bin/pgxn_meta" ] || cargo install --quiet --locked --root "$packages/tools" pgxn_meta@0.7.0
else
    SERVERS= PROFILE=release packaging/deb.sh
    stage_by_scripts "$staged"
fi
SERVERS= STAGED=$staged VERSION=$last packaging/deb.sh
packaging/pgxn.sh
# One after the other, because roots share the machine's ports.
cargo_tests packages -p hogsend-packages -- --test-threads=1 ${FULL:+--include-ignored} ${ONLY:+"$ONLY"}
