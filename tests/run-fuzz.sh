#!/bin/bash
# Fuzzes the core (tests/fuzz), led by coverage: libFuzzer, with the instrumentation that stable Rust
# has, so that neither nightly nor cargo-fuzz is needed. Overflow and debug assertions are on.
#   RUNS=1000000   inputs, over all targets
#   SEED=1         the same number tries the same inputs, from the same corpus
#   ONLY=durations only these targets
#   MINIMISE=1     afterwards, make what leads furthest the corpus of the repository
# What a target finds is kept in target/fuzz/found; `target/fuzz/TRIPLE/release/TARGET FILE` repeats it.
# It begins with tests/fuzz/seeds (texts, a line each) and tests/fuzz/corpus (found by searching before,
# a line each in base64); what it adds is in target/fuzz/corpus, from which the next run goes on.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
runs=${RUNS:-1000000}
seed=${SEED:-1}
sources=$root/tests/fuzz
built=$target/fuzz
found=$built/found
host=$(rustc -vV | sed -n 's/^host: //p')

build() {
    local flags="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
    flags+=" -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
    flags+=" -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1"
    flags+=" -Cdebug-assertions -Coverflow-checks --cfg fuzzing"
    # With a target named, build scripts and macros are left alone.
    CXX=${CXX:-clang++} RUSTFLAGS=$flags cargo build --release --quiet \
        --manifest-path "$sources/Cargo.toml" --target-dir "$built" --target "$host"
}

# search TARGET INPUTS LONGEST ARTIFACTS CORPUS...
search() {
    local name=$1 inputs=$2 longest=$3 artifacts=$4 words=$sources/dictionaries/$1.txt
    shift 4
    [ -e "$words" ] || words=$sources/dictionaries/decisions.txt
    RUST_BACKTRACE=0 "$built/$host/release/$name" -runs="$inputs" -max_len="$longest" -len_control=0 \
        -seed="$seed" -dict="$words" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$artifacts" "$@"
}

# A file a line, as libFuzzer wants it.
unpack() {
    local name=$1 into=$built/corpus/$1 number=0 line
    mkdir -p "$into"
    while IFS= read -r line; do
        number=$((number + 1))
        printf '%s' "$line" >"$into/seed$number"
    done < <(cat "$sources/seeds/$name.txt" 2>/dev/null)
    while IFS= read -r line; do
        number=$((number + 1))
        base64 -d <<<"$line" >"$into/seed$number"
    done <"$sources/corpus/$name.txt"
}

# Of what is known, the least that reaches as far.
minimise() {
    local name=$1 longest=$2 least file
    least=$(mktemp -d)
    find "$built/corpus/$name" -name 'seed*' -delete
    "$built/$host/release/$name" -merge=1 -use_counters=0 -max_len="$longest" "$least" "$built/corpus/$name" \
        >>"$built/$name.log" 2>&1
    for file in "$least"/*; do
        base64 -w 0 "$file" && echo
    done | grep . | sort >"$sources/corpus/$name.txt"
    rm -rf "$least"
}

passed=0
failed=0
verdict() {
    if [ "$1" = ok ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    printf '%-7s %-22s %s\n' "$1" "$2" "$3"
}

# target SHARE LONGEST: a share of the inputs, in hundredths.
target() {
    local name=$1 share=$2 longest=$3 log=$built/$1.log
    wanted "$name" || return 0
    mkdir -p "$found"
    unpack "$name"
    if search "$name" $((runs * share / 100)) "$longest" "$found/$name-" \
        "$built/corpus/$name" >"$log" 2>&1; then
        verdict ok "$name" "$(awk '/number_of_executed_units/ { n = $2 } /average_exec_per_sec/ { s = $2 }
            / cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") c = $(i + 1) }
            END { printf "%d inputs, %d a second, %d edges", n, s, c }' "$log")"
    else
        verdict FAILED "$name" "see $log"
        grep -aE 'panicked at|^SUMMARY|Test unit written' -A 4 "$log" | head -n 20 || :
    fi
    # Short ones: each is mutated in all its places.
    if [ -n "${MINIMISE:-}" ]; then minimise "$name" 250; fi
}

# The same search with a bug planted must find it, from nothing but the dictionary.
control() {
    local name=$1 longest=$2 log=$built/$1-planted.log empty
    wanted "$name" || return 0
    empty=$(mktemp -d)
    if HOGSEND_FUZZ_PLANTED=1 search "$name" 1000000 "$longest" "$empty/" "$empty" >"$log" 2>&1; then
        verdict FAILED "$name, planted" "a planted bug was not found"
    elif grep -aq 'panicked at' "$log"; then
        verdict ok "$name, planted" "found after $(grep -aoE '^#[0-9]+' "$log" | tail -n 1 | tr -d '#') inputs"
    else
        verdict FAILED "$name, planted" "ended otherwise: see $log"
    fi
    rm -rf "$empty"
}

build
target criteria 42 2000
target documents 25 400
target durations 25 100
target evaluate 8 400
control criteria 100
control documents 200
control durations 40
control evaluate 200
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
