#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Claims about the completion scripts, each loaded by its own shell. Usage: cli_completion.sh HVKIT
. "$(dirname "$0")/cli_lib.sh"

for shell in bash zsh fish; do
    run completion $shell
    claim "completion_$shell is_printed" 0 'hvkit'
    cp "$scratch/out" "$scratch/hvkit.$shell"
done
run completion ksh
claim another_shell_is_refused 2 'known are: bash, zsh, fish'

# completes LINE: what bash would offer at its end, one a line.
source "$scratch/hvkit.bash"
completes() {
    COMP_LINE=$1
    COMP_POINT=${#1}
    read -ra COMP_WORDS <<<"$1"
    [[ $1 == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _hvkit
    status=$?
    printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort >"$scratch/out"
    : >"$scratch/err"
}
offers() {
    claims=$((claims + 1))
    completes "$1"
    [ "$status" = 0 ] && [ "$(tr '\n' ' ' <"$scratch/out")" = "$2 " ] || fail "bash: '$1' offers not just '$2'"
}

offers 'hvkit domna' domname
offers 'hvkit -r --json domna' domname
offers 'hvkit list --state-p' --state-paused
offers 'hvkit list --quie' --quiet
offers 'hvkit start ' test
offers 'hvkit -c test:///default dominfo te' test
offers 'hvkit dominfo test ' ''
offers 'hvkit completion ' 'bash fish zsh'
offers 'hvkit attach-disk test src vdb --cache n' none
offers 'hvkit attach-disk test src vdb --mode=r' readonly
offers 'hvkit help domstate' domstate
offers 'hvkit domstats test te' test
offers 'hvkit -c test:///none start ' ''
touch "$scratch/guest.xml"
offers "hvkit define $scratch/gu" "$scratch/guest.xml"
completes 'hvkit '
claim every_verb_is_offered 0 '^list$' '^undefine$' '^send-key$'

if command -v zsh >/dev/null; then
    status=0
    zsh -n "$scratch/hvkit.zsh" >"$scratch/out" 2>"$scratch/err" || status=$?
    claim the_script_for_zsh_is_well_formed 0
    zsh -fc "autoload -Uz compinit; compinit -D -u; source $scratch/hvkit.zsh; print -r -- \$_comps[hvkit]" \
        >"$scratch/out" 2>"$scratch/err" || status=$?
    claim zsh_registers_it 0 '^_hvkit$'
fi
if command -v fish >/dev/null; then
    status=0
    HOME=$scratch fish --no-config -c "source $scratch/hvkit.fish; complete -C 'hvkit domna'; complete -C 'hvkit start '" \
        >"$scratch/out" 2>"$scratch/err" || status=$?
    claim fish_offers_verbs_and_domains 0 '^domname' '^test$'
    HOME=$scratch fish --no-config -c "source $scratch/hvkit.fish; complete -C 'hvkit list --state-p'" \
        >"$scratch/out" 2>"$scratch/err" || status=$?
    claim fish_offers_options 0 '^--state-paused'
fi
finish
