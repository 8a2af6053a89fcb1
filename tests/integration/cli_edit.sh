#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Claims about editing in the user's editor. Usage: cli_edit.sh HVKIT
. "$(dirname "$0")/cli_lib.sh"
TMPDIR=$scratch
export TMPDIR

# An editor that applies the sed expression in $EDIT to its last argument.
cat >"$scratch/editor" <<'SH'
#!/bin/sh
for file; do :; done
echo "$file" >"$(dirname "$0")/edited"
[ "$(stat -c %a "$file")" = 600 ] || exit 9
sed -i "$EDIT" "$file"
SH
chmod +x "$scratch/editor"
EDITOR="$scratch/editor --some-option"
export EDITOR EDIT
left_over() { ls "$scratch" | grep '^hvkit-.*xml$'; }

EDIT='s/2097152/1048576/'
session <<EOF
edit test
dumpxml test --inactive
EOF
claim a_changed_text_is_defined 0 "Domain 'test' edited" '<currentMemory.*1048576'
[ -z "$(left_over)" ] || fail 'the edited file stays behind'

EDIT='s/nothing-of-this-kind//'
run edit test
claim an_unchanged_text_is_not_defined 0 "Domain 'test' not changed"

EDIT='s/<vcpu/<vcpu<vcpu/'
run edit test
claim a_refused_text_is_kept 1 "was not accepted and stays in $scratch/hvkit-"
[ -n "$(left_over)" ] || fail 'the refused text is lost'
rm -f "$scratch"/hvkit-*.xml

VISUAL=false
export VISUAL
run edit test
claim an_editor_that_fails_changes_nothing 1 "the editor 'false' ended with status 1"
[ -z "$(left_over)" ] || fail 'the file of a failed editor stays behind'
VISUAL=$scratch/none
run edit test
claim a_missing_editor_is_named 1 "cannot run the editor '$scratch/none'"
unset VISUAL

EDIT='s/old/new/'
session <<EOF
desc test The old one
desc test --edit
desc test
EOF
claim a_description_is_edited 0 '^The new one$'
finish
