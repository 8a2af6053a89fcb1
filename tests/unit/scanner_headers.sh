#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every public header stands alone, as C11 and as C++17, without a warning; so does a driver, in C++20.
# Usage: scanner_headers.sh CC CXX PUBLIC GENERATED (directories that hold hvkit/)
set -u
cc=$1 cxx=$2 public=$3 generated=$4
warnings="-Wall -Wextra -pedantic -Werror -fsyntax-only -I$generated -I$public"
failed=0 checked=0

# check LANGUAGE STANDARD HEADER
check() {
    compiler=$cc
    [ "$1" = c++ ] && compiler=$cxx
    checked=$((checked + 1))
    # shellcheck disable=SC2086
    if ! printf '#include <hvkit/%s>\n#include <hvkit/%s>\nextern int unit;\n' "$3" "$3" |
            "$compiler" -x "$1" "-std=$2" $warnings -; then
        echo "hvkit/$3 does not compile as $2" >&2
        failed=1
    fi
}

if ! command -v "$cxx" >/dev/null; then
    echo "skipped, because there is no C++ compiler '$cxx'"
    exit 77
fi
for path in "$public"/hvkit/*.h "$generated"/hvkit/*.h; do
    check c c11 "${path##*/}"
    check c++ c++17 "${path##*/}"
done
# A driver's identity: designated initialisers, which C++ takes in the order of the members only.
for language in "c c11" "c++ c++20"; do
    compiler=$cc
    [ "${language% *}" = c++ ] && compiler=$cxx
    checked=$((checked + 1))
    # shellcheck disable=SC2086
    if ! "$compiler" -x ${language% *} "-std=${language#* }" $warnings -Wno-missing-field-initializers - <<EOF
#include <hvkit/driver.h>
#include <hvkit/domain-driver.h>
HVK_DRIVER_IDENTITY(.place = HVK_DRIVER_NODE, .threading = HVK_THREADS_PER_OBJECT, .id = "unit",
                    .version = "1.0", .schemes = "unit", .tables = HVK_DOMAIN_TABLE);
static const struct hvk_driver driver = {sizeof driver, 0, &hvk_note.identity, 0, 0, 0, 0, 0, 0};
const struct hvk_driver *hvk_driver_v1(void)
{
    return &driver;
}
EOF
    then
        echo "a driver does not compile as ${language#* }" >&2
        failed=1
    fi
done
echo "$checked compilations"
[ "$checked" -gt 20 ] && exit $failed
echo "the headers are missing: $public, $generated" >&2
exit 1
