#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Claims about hvkit-shell reading commands from standard input. Usage: cli_shell.sh HVKIT
. "$(dirname "$0")/cli_lib.sh"

session <<'EOF'
# one connection: the state stays
suspend test; domstate test
domstate 'test' --reason # a comment
EOF
claim state_lasts_from_command_to_command 0 '^paused$' '^paused \(user\)$'
session <<'EOF'
domstate nobody
domname test
EOF
claim the_first_failure_ends_a_script 3 'nobody'
if grep -q '^test$' "$scratch/out"; then fail 'the script went on'; fi
session <<'EOF'
domname 'test
EOF
claim an_open_quote_is_refused 2 'a quote is not closed'
session <<'EOF'
quit
domname test
EOF
claim quit_ends_the_shell 0
[ ! -s "$scratch/out" ] || fail 'the shell went on after quit'
session <<EOF
cd $scratch
pwd
EOF
claim the_directory_is_changed 0 "^$scratch\$"
session <<'EOF'
connect nothing:///
EOF
claim a_failed_connection_is_told 4 'hvkit: connect: cannot connect to nothing:///'
session <<'EOF'
list --json
list --name
EOF
claim an_option_lasts_for_its_line_only 0 '"domains"' '^test$'
session <<'EOF'
shell
EOF
claim no_shell_in_a_shell 2 "does not work inside 'hvkit shell'"
printf 'list --name' >"$scratch/in"
session -c test:///default <"$scratch/in"
claim a_last_line_without_end_is_run 0 '^test$'
finish
