#!/bin/bash
# Installs what building and testing hogsend needs on Debian, and says what it
# does. Does nothing, at once, where all of it is there already.
#   PG=15              the Postgres major version
#   PG_CONFIG=/path    a server of your own; then none is installed
# With arguments, `build PACKAGE…`: only what building needs, and these packages.
set -euo pipefail
cd "$(dirname "$0")/.."

PG=${PG:-15}
debian_config=/usr/lib/postgresql/$PG/bin/pg_config
PG_CONFIG=${PG_CONFIG:-$debian_config}
purpose=${1:-all}
also=("${@:2}")
# The extension pins pgrx to one version, and cargo-pgrx must be the same.
pgrx=$(sed -n 's/^pgrx = "=\(.*\)"$/\1/p' Cargo.toml)

say() { echo "setup: $*"; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

installed() {
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "$@" </dev/null
}

install_packages() {
    local wanted=(clang libclang-dev pkg-config libssl-dev ca-certificates "${also[@]}")
    local missing=() package
    if [ "$PG_CONFIG" = "$debian_config" ]; then
        wanted+=("postgresql-$PG" "postgresql-server-dev-$PG")
        [ "$purpose" = build ] || wanted+=("postgresql-$PG-cron")
    fi
    if [ "$purpose" != build ]; then
        # For the runners in tests/runners; wherever they come from, they need not be Debian's.
        python3 -c "import ensurepip" 2>/dev/null || wanted+=(python3-venv)
        command -v node >/dev/null || wanted+=(nodejs)
        command -v npm >/dev/null || wanted+=(npm)
    fi
    for package in "${wanted[@]}"; do
        installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null; then
        say "this is not Debian; please install the like of: ${missing[*]}" >&2
        exit 1
    fi
    say "installing ${missing[*]} (a minute or two)"
    as_root apt-get update -q </dev/null
    case " ${missing[*]} " in
        *" postgresql-$PG "*) without_main_cluster "${missing[@]}" ;;
        *) apt_install "${missing[@]}" ;;
    esac
}

# Debian starts a server as soon as the package is there. The tests make their
# own and must not leave one running on somebody's machine; its configuration is
# put back afterwards, because the next package is not ours to decide about.
without_main_cluster() {
    local conf=/etc/postgresql-common/createcluster.conf saved status=0
    apt_install postgresql-common
    saved=$(mktemp)
    cat "$conf" >"$saved" 2>/dev/null || :
    echo "create_main_cluster = false" | as_root tee "$conf" >/dev/null
    apt_install "$@" || status=$?
    as_root tee "$conf" <"$saved" >/dev/null
    rm -f "$saved"
    return $status
}

install_cargo_pgrx() {
    local have
    have=$(cargo pgrx --version 2>/dev/null | awk '{ print $2 }') || :
    [ "$have" != "$pgrx" ] || return 0
    say "installing cargo-pgrx $pgrx from source; this takes 8 to 15 minutes"
    cargo install --locked "cargo-pgrx@$pgrx" </dev/null
}

# Tells pgrx where the server is. Only plain cargo commands (clippy, doc) need
# it; `cargo pgrx install` is told by an option. `cargo pgrx init` would forget
# the servers that somebody has told it about before, so a line is added then.
init_pgrx() {
    local config=${PGRX_HOME:-$HOME/.pgrx}/config.toml
    ! grep -qs "^pg$PG = " "$config" || return 0
    say "telling pgrx about $PG_CONFIG"
    if grep -qs '^\[configs\]' "$config"; then
        sed -i "/^\[configs\]/a pg$PG = \"$PG_CONFIG\"" "$config"
    else
        cargo pgrx init "--pg$PG=$PG_CONFIG" --no-run </dev/null
    fi
}

if ! command -v cargo >/dev/null; then
    say "cargo is missing; install Rust first (version 1.95 or later)" >&2
    exit 1
fi
install_packages
install_cargo_pgrx
init_pgrx
say "ready: $("$PG_CONFIG" --version), cargo-pgrx $pgrx, $(rustc --version)"
