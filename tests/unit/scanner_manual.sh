#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The manual is written as mandoc wants it, and every page that it refers to is there.
# Usage: scanner_manual.sh MANUAL (a directory that holds man3/)
set -u
pages=$1/man3
if ! command -v mandoc >/dev/null; then
    echo "skipped, because mandoc is not installed"
    exit 77
fi
count=$(find "$pages" -name '*.3' | wc -l)
[ "$count" -gt 100 ] || { echo "only $count pages in $pages" >&2; exit 1; }
# mandoc looks for references among the installed pages: those are checked below.
faults=$(mandoc -T lint "$pages"/*.3 2>&1 | grep -v 'referenced manual not found: Xr hvk')
[ -z "$faults" ] || { echo "$faults" | head -20 >&2; exit 1; }
sed -n 's/^\.\(It \)\{0,1\}Xr \(hvk[a-z0-9_]*\) 3.*/\2/p' "$pages"/*.3 | sort -u |
    while read -r name; do
        [ -f "$pages/$name.3" ] || { echo "no page for $name" >&2; exit 1; }
    done || exit 1
echo "$count pages"
