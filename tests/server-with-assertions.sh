#!/bin/bash
# Builds PostgreSQL 15 from Debian's source package with its assertions on and
# prints the path of its pg_config. Needs root (or sudo) for what building wants.
# Some five minutes the first time. Everything it says goes to standard error.
set -euo pipefail
cd "$(dirname "$0")/.."

servers=${HOGSEND_SERVERS:-/var/tmp/hogsend-servers-$(id -u)}
home=$servers/15-assertions
mkdir -p -m 755 "$servers"
# The directory above is everybody's, and what lies here is run.
[ -O "$servers" ] || { echo "server: $servers belongs to somebody else" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Debian's lists name packages only; the sources get lists of their own here, so
# that nothing of the machine's is changed.
source_of() {
    local package=$1 lists=$PWD/lists sources=$PWD/sources
    mkdir -p "$lists/partial" "$sources"
    . /etc/os-release
    for suite in "$VERSION_CODENAME" "$VERSION_CODENAME-updates"; do
        echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
            "$(mirror) $suite main"
    done >"$sources/source.list"
    local apt=(apt-get -q -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$sources"
               -o "Dir::State::lists=$lists" -o APT::Sandbox::User=)
    "${apt[@]}" update
    "${apt[@]}" --download-only source "$package"
}

# Where this machine gets Debian's packages from.
mirror() {
    { sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources
      awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /:\/\//) print $i }' \
          /etc/apt/sources.list /etc/apt/sources.list.d/*.list
    } 2>/dev/null | grep -v security | head -n 1
}

# Collations that ignore case are ICU's, and a build from before this said so has none.
is_complete() {
    [ -x "$home/bin/pg_config" ] && ! "$home/bin/pg_config" --configure | grep -q without-icu
}

if ! is_complete; then
    {
        echo "server: building PostgreSQL 15 with assertions"
        work=$(mktemp -d)
        trap 'rm -rf "$work"' EXIT
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
            gcc make bison flex bzip2 zlib1g-dev libicu-dev pkg-config </dev/null
        cd "$work"
        source_of postgresql-15
        tar -xjf postgresql-15_*.orig.tar.bz2
        cd postgresql-15.*/
        # Optimised a little: without it the tests take twice as long.
        ./configure --quiet --prefix="$home" --enable-cassert --enable-debug --without-readline \
            --with-icu CFLAGS="-O1 -fno-omit-frame-pointer"
        make -s -j"$(nproc)"
        make -s install
        make -s -C src/test/regress install
        make -s -C src/test/isolation install
    } >&2
fi
echo "$home/bin/pg_config"
