#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# abidiff, led by the anchor function, sees a change of any struct of the ABI, and lets one pass
# that only appends. Usage: anchor.sh SCANNER API CC PUBLIC (sdk/include)
set -eu
scanner=$1 api=$2 cc=$3 public=$4
suppressions=$(dirname "$0")/append-only.suppr
for tool in abidiff; do
    if ! command -v "$tool" >/dev/null; then
        echo "skipped, because $tool is not installed"
        exit 77
    fi
done
work=$(mktemp -d "${TMPDIR:-/tmp}/hvkit-abi-XXXXXX")
trap 'rm -rf "$work"' EXIT

# library NAME: the anchor of the description in $work/NAME
library() {
    "$scanner" --output "$work/$1/out" "$work/$1"/*.xml "$work/$1"/*/*.xml
    "$cc" -g -O0 -shared -fPIC -I"$work/$1/out/include" -I"$public" "$work/$1/out/anchor.c" \
        -o "$work/$1.so"
}

# changed NAME SED-SCRIPT FILE: a copy of the description with one change
changed() {
    mkdir "$work/$1"
    cp -r "$api"/. "$work/$1"
    sed -i -e "$2" "$work/$1/$3"
    if cmp -s "$api/$3" "$work/$1/$3"; then
        echo "the change '$1' does not apply to $3 any more" >&2
        exit 1
    fi
}

# compare NAME: prints what abidiff says, returns its status
compare() {
    abidiff --suppressions "$suppressions" "$work/same.so" "$work/$1.so" >"$work/$1.log" 2>&1
}

mkdir "$work/same"
cp -r "$api"/. "$work/same"
library same
compare same || { cat "$work/same.log"; echo "equal descriptions differ" >&2; exit 1; }

changed appended \
    's|^  <record name="domain-interface-stats">|  <record name="appended"><doc>x</doc>\n  <field name="x" type="uint32">x</field></record>\n&|
     s|<field name="tx_dropped" type="int64">[^<]*</field>|&\n<field name="more" type="int64">x</field>|' \
    domain/stats.xml
library appended
compare appended || { cat "$work/appended.log"; echo "an appended member is refused" >&2; exit 1; }

changed narrowed 's|<field name="max_memory_kib" type="uint64">|<field name="max_memory_kib" type="uint32">|
    s|^\( *\)<field name="memory_kib" type="uint64">\(.*\)</field>|\1<field name="memory_kib" type="uint32">\2</field>|' domain.xml
library narrowed
compare narrowed && { echo "a narrowed member is not seen" >&2; exit 1; }

changed reslotted 's|name="suspend" slot="17"|name="suspend" slot="SWAP"|
    s|name="resume" slot="18"|name="resume" slot="17"|; s|slot="SWAP"|slot="18"|' domain.xml
# Both functions have one type: only the baseline can see that they changed places.
if "$scanner" --baseline "$api/abi-1.baseline" --check "$work/reslotted"/*.xml \
        "$work/reslotted"/*/*.xml 2>"$work/reslotted.log"; then
    echo "exchanged slots are not seen" >&2
    exit 1
fi
grep -q "slot domain 17.*contradicts" "$work/reslotted.log"
echo "appended members pass, changed ones do not"
