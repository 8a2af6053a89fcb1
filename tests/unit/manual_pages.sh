#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The pages written by hand are as mandoc wants them, name every function of client.h, and every page
# of hvkit's that they refer to is there. Usage: manual_pages.sh PAGES CLIENT_H REFERENCE (holds man3/)
set -u
pages=$1 client=$2 reference=$3/man3
if ! command -v mandoc >/dev/null; then
    echo "skipped, because mandoc is not installed"
    exit 77
fi
failed=0
complain() {
    echo "$*" >&2
    failed=1
}

faults=$(mandoc -T lint "$pages"/*.[1-9] 2>&1 | grep -v -e 'referenced manual not found' -e 'outdated mandoc.db')
[ -z "$faults" ] || complain "$faults"
named=$(sed -n 's/^\.Nm \(hvk_[a-z_]*\).*/\1/p' "$pages"/*.3)
functions=$(tr '\n' ' ' <"$client" | grep -o 'HVK_EXPORT [^(;]*(' | sed 's/.*[ *]\(hvk_[a-z_]*\)($/\1/')
[ "$(echo "$functions" | wc -l)" -gt 15 ] || complain "the functions of $client were not found"
for function in $functions; do
    echo "$named" | grep -qx "$function" || complain "no page of $pages names $function()"
done
for function in $named; do
    echo "$functions" | grep -qx "$function" || complain "$function() has a page and is not in $client"
done
for name in $(sed -n 's/^\.Xr \(hvk[a-z0-9_]*\) 3.*/\1/p' "$pages"/*.[1-9] | sort -u); do
    [ -f "$reference/$name.3" ] || [ -f "$pages/$name.3" ] || complain "no page for $name"
done
echo "$(echo "$named" | wc -l) functions in $(find "$pages" -name '*.[1-9]' | wc -l) pages"
exit $failed
