#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Claims about help, the manual page and the errors of a wrong command line. Usage: cli_help.sh HVKIT
. "$(dirname "$0")/cli_lib.sh"

run --version
claim version_is_printed 0 '^hvkit [0-9]+\.[0-9]+\.[0-9]+$'
run --help
claim help_lists_the_families 0 'Domain life cycle' '  start  ' '--connect URI'
run
claim no_command_is_a_usage_error 2 'no command given'
run strat x
claim a_mistyped_command_is_suggested 2 "unknown command 'strat'; did you mean 'start'"
run list --al
claim a_mistyped_option_is_suggested 2 "hvkit: list: unknown option '--al'; did you mean '--all'"
run start
claim a_missing_operand_is_named 2 'hvkit: start: needs DOMAIN'
run list one
claim a_word_too_many_is_named 2 "'one' is one word too many"
run -c
claim a_missing_value_is_named 2 '--connect needs a value'
run help strat
claim help_of_a_mistyped_command_is_suggested 2 "did you mean 'start'"
run connect x
claim a_verb_of_the_shell_says_so 2 "inside 'hvkit shell' only"

"$HVKIT" help >"$scratch/overview"
verbs=$(sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p' "$scratch/overview")
for verb in $verbs; do
    run help "$verb"
    claim "help_explains_$verb" 0 "^Usage: hvkit $verb" '[.]$'
    cp "$scratch/out" "$scratch/help"
    run "$verb" --help
    claim "${verb}_explains_itself" 0 "^Usage: hvkit $verb"
    cmp -s "$scratch/out" "$scratch/help" || fail "$verb: help and --help differ"
    [ "$(wc -L <"$scratch/help")" -le 120 ] || fail "$verb: its help is too wide"
done
[ "$(echo "$verbs" | wc -w)" -ge 80 ] || fail "the overview shows only $(echo "$verbs" | wc -w) verbs"

run help --manual
claim the_manual_is_printed 0 '^\.Dt HVKIT 1' '^\.Sh EXIT STATUS'
for verb in $verbs; do
    grep -q "^.It Cm $(echo "$verb" | sed 's/-/\\\\-/g')" "$scratch/out" || fail "the manual lacks $verb"
done
if command -v mandoc >/dev/null; then
    cp "$scratch/out" "$scratch/hvkit.1"
    status=0
    mandoc -Tlint "$scratch/hvkit.1" "$(dirname "$0")/../../loader/cli/hvkit-shell.1" 2>/dev/null |
        grep -v 'referenced manual not found' >"$scratch/out"
    [ ! -s "$scratch/out" ] || fail "the manual is not clean"
fi

status=0
"$HVKIT" help >/dev/full 2>"$scratch/err" || status=$?
: >"$scratch/out"
claim a_full_disk_behind_the_output_is_an_error 1 'cannot write the output: No space left'
finish
