# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of the command share; sourced with the path of the hvkit command as $1.
set -u
HVKIT=$1
PATH=$(dirname "$HVKIT"):$PATH
LC_ALL=C.UTF-8
HVKIT_URI=test:///default
export PATH LC_ALL HVKIT_URI
unset VISUAL EDITOR
scratch=$(mktemp -d "${TMPDIR:-/tmp}/hvkit-cli-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
XDG_STATE_HOME=$scratch/state
export XDG_STATE_HOME
failures=0
claims=0

fail() {
    failures=$((failures + 1))
    printf 'FAILED: %s\n' "$1"
    sed 's/^/    out: /' "$scratch/out"
    sed 's/^/    err: /' "$scratch/err"
}

# Runs the command with what follows; its output, error and status are in $scratch and $status.
run() {
    "$HVKIT" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    status=$?
}

# Runs commands, one a line on standard input, over one connection.
session() {
    "$HVKIT" "$@" shell >"$scratch/out" 2>"$scratch/err"
    status=$?
}

# claim TEXT STATUS [PATTERN...]: the last run ended with STATUS and its output holds every pattern.
claim() {
    claims=$((claims + 1))
    text=$1
    if [ "$status" != "$2" ]; then
        fail "$text: status $status, not $2"
        return
    fi
    shift 2
    for pattern; do
        cat "$scratch/out" "$scratch/err" | grep -qE -- "$pattern" || fail "$text: no '$pattern'"
    done
}

# The last output is one JSON object for which the Python expression over `j` is true.
claim_json() {
    claims=$((claims + 1))
    [ "$status" = 0 ] || fail "$1: status $status"
    python3 - "$scratch/out" "$2" <<'PYTHON' || fail "$1: not so in JSON: $2"
import json, sys
j = json.load(open(sys.argv[1], encoding="utf-8"))
sys.exit(not eval(sys.argv[2]))
PYTHON
}

skip() {
    echo "skipped, because $1"
    exit 77
}

finish() {
    echo "$claims claims, $failures failures"
    [ "$failures" = 0 ]
    exit
}
