#!/bin/bash
# Builds postgresql-NN-hogsend_VERSION_ARCH.deb and, apart, the -dbgsym package of what its library's
# addresses are called, into target/packages. `make deb` calls this.
#   PG=17                  for this PostgreSQL; SERVERS="15 16 17 18" for each of these
#   PG_CONFIG=/path        for a server of your own
#   PROFILE=release        built as `make install` builds it, which names no lines in the -dbgsym package
#   STAGED=dir VERSION=x   packs what is there (hogsend.so, hogsend.control, *.sql) as that version
#   PACKAGES=dir           leaves them there instead
# DEBFULLNAME and DEBEMAIL say who makes the package, as everywhere in Debian.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/lib.sh

packages=${PACKAGES:-$target/packages}
profile=${PROFILE:-packaged}
maintainer="${DEBFULLNAME:-hogsend maintainers} <${DEBEMAIL:-maintainers@hogsend.invalid}>"

say() { echo "deb: $*"; }

# The server's own packages, or a server that tests/server.sh fetches: what is built is the same.
pg_config_of() {
    local of_debian=/usr/lib/postgresql/$1/bin/pg_config
    if [ -n "${SERVERS:-}" ] || [ "$PG_CONFIG" = "$of_debian" ]; then
        if [ -n "$(apt-cache madison "postgresql-server-dev-$1" 2>/dev/null)" ]; then echo "$of_debian"
        else tests/server.sh "$1"; fi
    else
        echo "$PG_CONFIG"
    fi
}

# build PG DIRECTORY: compiles, and leaves the files of the extension in the directory.
build() {
    local built=$target/$profile/hogsend-pg$1
    rm -rf "$built"
    say "building for PostgreSQL $1, profile $profile; the first time takes some minutes"
    cargo pgrx package --profile "$profile" --pg-config "$PG_CONFIG" --no-default-features --features "pg$1"
    find "$built" -type f \( -name 'hogsend*.sql' -o -name hogsend.control -o -name hogsend.so \) -exec cp -t "$2" {} +
}

# pack PG STAGED VERSION: makes the packages of it.
pack() {
    local PG=$1 STAGED=$2 version=$3 work=$packages/build-$1
    # Debian's tools want the sources in a directory of their own, and put packages beside it.
    local tree=$work/hogsend
    rm -rf "$work"
    mkdir -p "$tree/debian/source" "$tree/runners"
    cp -r README.md CHANGELOG.md doc "$tree"
    cp -r tests/runners/README.md tests/runners/python tests/runners/node "$tree/runners"
    cp packaging/debian/rules packaging/debian/copyright "$tree/debian"
    echo "3.0 (quilt)" >"$tree/debian/source/format"
    sed -e "s/@PG@/$PG/g" -e "s/@MAINTAINER@/$maintainer/" packaging/debian/control.in >"$tree/debian/control"
    # The changelog of a version begins with it.
    sed -n "/^hogsend ($version-/,\$p" packaging/debian/changelog >"$tree/debian/changelog"
    [ -s "$tree/debian/changelog" ] || { say "packaging/debian/changelog does not know $version" >&2; exit 1; }
    [ -z "${DEBEMAIL:-}" ] || sed -i "1,/^ -- /s/^ -- .*>/ -- $maintainer/" "$tree/debian/changelog"
    cargo metadata --format-version 1 --locked --no-default-features --features "pg$PG" \
        --filter-platform "$(rustc -vV | sed -n 's/^host: //p')" |
        python3 packaging/third-party.py >"$tree/third-party"
    # Of the environment they are told, not of make's variables.
    (cd "$tree" && env -u MAKEFLAGS -u MAKELEVEL PG="$PG" STAGED="$STAGED" dh_testdir &&
        env -u MAKEFLAGS -u MAKELEVEL PG="$PG" STAGED="$STAGED" debian/rules binary) >"$work/log" 2>&1 ||
        { cat "$work/log" >&2; exit 1; }
    mv "$work"/*.deb "$packages"
}

[ -z "${STAGED:-}" ] || STAGED=$(realpath "$STAGED")
mkdir -p "$packages"
packages=$(realpath "$packages")
for PG in ${SERVERS:-$PG}; do
    PG_CONFIG=$(pg_config_of "$PG")
    export PG PG_CONFIG
    tests/setup.sh build debhelper $(command -v python3 >/dev/null || echo python3-minimal)
    version=${VERSION:-$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml)}
    if [ -n "${STAGED:-}" ]; then
        pack "$PG" "$STAGED" "$version"
    else
        staged=$packages/staged-$PG
        rm -rf "$staged"
        mkdir -p "$staged"
        build "$PG" "$staged"
        pack "$PG" "$staged" "$version"
    fi
    say "$(cd "$packages" && ls postgresql-"$PG"-hogsend*_"$version"-*.deb | paste -s -d ' ') in $packages"
done
