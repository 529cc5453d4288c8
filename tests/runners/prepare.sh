#!/bin/bash
# Makes the runners ready for the tests, under target/runners: a virtual environment for the Python
# one, node_modules for the Node one, and the Rust one built. Packages are installed where they are
# not there yet, so only the first run needs the network.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
sources=$root/tests/runners
prepared=$target/runners

needs() {
    command -v "$1" >/dev/null || { echo "runners: $1 is missing; make setup installs it" >&2; exit 1; }
}

# What was installed is kept beside it, and written last: it says that all of it is there.
prepare_python() {
    local wanted=$sources/python/requirements.txt venv=$prepared/python
    ! cmp -s "$wanted" "$venv/installed.txt" || return 0
    needs python3
    echo "runners: installing $(head -n 1 "$wanted") for Python"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$wanted"
    cp "$wanted" "$venv/installed.txt"
}

prepare_node() {
    local modules=$prepared/node
    needs node
    if ! cmp -s "$sources/node/package-lock.json" "$modules/installed.json"; then
        needs npm
        echo "runners: installing pg for Node"
        rm -rf "$modules"
        mkdir -p "$modules"
        cp "$sources/node/package.json" "$sources/node/package-lock.json" "$modules"
        (cd "$modules" && npm ci --silent --no-audit --no-fund)
        cp "$sources/node/package-lock.json" "$modules/installed.json"
    fi
    # Node looks for modules beside the program.
    ln -sf "$sources/node/runner.mjs" "$modules/runner.mjs"
}

mkdir -p "$prepared"
prepare_python
prepare_node
cargo build --release --quiet -p hogsend-runner
