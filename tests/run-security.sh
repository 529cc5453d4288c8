#!/bin/bash
# Reads the SQL that CREATE EXTENSION and ALTER EXTENSION … UPDATE run, with pgspot: names and operators
# that are not qualified where the caller's search_path is in force, definer functions without a path of
# their own, OR REPLACE over what somebody else may have made. What it finds is fixed, or answered in
# tests/security/answers.txt. The rest of the tests for security are regress cases (security_*.sql).
set -euo pipefail
. "$(dirname "$0")/lib.sh"
sources=$root/tests/security
venv=$target/security
scripts=$("$PG_CONFIG" --sharedir)/extension

# As in tests/runners/prepare.sh: what was installed is kept beside it, and written last.
prepare() {
    ! cmp -s "$sources/requirements.txt" "$venv/installed.txt" || return 0
    echo "security: installing $(head -n 1 "$sources/requirements.txt")"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$sources/requirements.txt"
    cp "$sources/requirements.txt" "$venv/installed.txt"
}

# What pgspot says of scripts, a line a finding, without places: they change with every edit. If it
# stops half way, what it says then is a finding as well.
findings() {
    "$venv/bin/pgspot" "$@" 2>&1 |
        sed -E -e 's/ at line [0-9]+$//' -e '/^ *Errors: [0-9]+ Warnings: [0-9]+ Unknown: [0-9]+ *$/d' \
            -e '/^TOTAL:/d' -e '/^\/.*: *$/d' -e '/^ *$/d' | sort -u || :
}

passed=0
failed=0
verdict() {
    if [ "$1" = ok ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    printf '%-7s %s\n' "$1" "$2"
}

prepare

# What is installed now, by itself or as an update. Install scripts of earlier releases are as they are.
version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" "$scripts/hogsend.control")
install_script=$scripts/hogsend--$version.sql
# An update replaces functions of its own, which is PS002. Of anybody else's Postgres refuses it in an
# extension's script (since 15.0 and the minor releases of August 2022), so that there is nothing to find.
findings_of_updates() {
    findings "$scripts"/hogsend--*--"$version".sql |
        sed -E -e '/^PS002: /d' -e 's/: extschema\./: /' -e 's/([(,])IN /\1/g'
}

answers=$(grep -v '^#' "$sources/answers.txt" | grep . | sort -u)
found=$({ findings "$install_script"; findings_of_updates; } | sort -u)
unanswered=$(comm -23 <(echo "$found") <(echo "$answers") | grep . || :)
outdated=$(comm -13 <(echo "$found") <(echo "$answers") | grep . || :)
if [ -z "$unanswered" ]; then
    verdict ok "every finding in $(cat "$scripts"/hogsend--*"$version".sql | wc -l) lines of SQL is answered"
else
    verdict FAILED "findings without an answer:"
    echo "$unanswered"
fi
if [ -z "$outdated" ]; then
    verdict ok "every answer has a finding"
else
    verdict FAILED "answers to what is not found any more:"
    echo "$outdated"
fi

# The same script with something unsafe behind it: it must be found, each kind of it.
planted=$(mktemp -d)
cat "$install_script" "$sources/planted.sql" >"$planted/planted.sql"
found=$(comm -23 <(findings "$planted/planted.sql") <(echo "$answers"))
missed=
for code in $(sed -n 's/.*expect: //p' "$sources/planted.sql"); do
    grep -q "^$code: " <<<"$found" || missed+=" $code"
done
rm -rf "$planted"
if [ -z "$missed" ]; then
    verdict ok "what was planted is found"
else
    verdict FAILED "planted and not found:$missed"
fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
