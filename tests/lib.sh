# What the runners share; sourced. Each runner prints its own closing line, and
# the last line of each is "N passed, N failed", which run-all.sh collects.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
export PG=${PG:-15}
export PG_CONFIG=${PG_CONFIG:-/usr/lib/postgresql/$PG/bin/pg_config}
target=${CARGO_TARGET_DIR:-target}
case $target in /*) ;; *) target=$root/$target ;; esac
ONLY=${ONLY:-}
ACCEPT=${ACCEPT:-}

# The path of the program that runs a command beside a throw-away server.
cluster_program() {
    cargo build --release --quiet -p hogsend-harness >&2
    echo "$target/release/hogsend-cluster"
}

# Runs `cargo test` with these arguments, adds up what its binaries report, and
# fails when one did, or when nothing was run at all (it did not compile).
cargo_tests() {
    local log=$target/tests/cargo-test-$1.log status=0
    shift
    mkdir -p "$target/tests"
    # Where a test's error was made says nothing that its text does not.
    RUST_LIB_BACKTRACE=0 cargo test --release --no-fail-fast "$@" 2>&1 | tee "$log" || status=$?
    local passed failed
    read -r passed failed < <(awk '/^test result:/ {
        for (i = 2; i <= NF; i++) {
            if ($i == "passed;") passed += $(i - 1)
            if ($i == "failed;") failed += $(i - 1)
        } } END { print passed + 0, failed + 0 }' "$log")
    # A binary that does not compile, or that dies, reports nothing.
    if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}

# Does NAME match one of the patterns in ONLY (or is there none)?
wanted() {
    local pattern
    [ -n "$ONLY" ] || return 0
    for pattern in $ONLY; do
        # shellcheck disable=SC2053  # a pattern, on purpose
        [[ $1 == $pattern ]] && return 0
    done
    return 1
}
