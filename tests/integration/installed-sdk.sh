#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs the build, moves the tree, and builds sdk/example against it as another repository would.
# Usage: installed-sdk.sh BUILD SOURCE COMPILER [SANITIZERS]
set -eu
build=$1 source=$2 compiler=$3 sanitizers=${4:-}
flags=${sanitizers:+-fsanitize=$sanitizers}
place=$(mktemp -d "${TMPDIR:-/tmp}/hvkit-sdk-XXXXXX")
trap 'rm -rf "$place"' EXIT
umask 022
unset HVKIT_DRIVER_PATH HVKIT_URI
export HVKIT_CONFIG_DIR="$place/etc"

fail() {
    echo "installed-sdk: $*" >&2
    exit 1
}

# Runs a command that has to succeed; its output is shown when it does not, and kept in $place/output.
run() {
    if ! "$@" >"$place/output" 2>&1; then
        cat "$place/output" >&2
        fail "this failed: $*"
    fi
}

# Its output holds the text.
says() {
    text=$1
    shift
    run "$@"
    if ! grep -q -e "$text" "$place/output"; then
        cat "$place/output" >&2
        fail "'$*' does not say '$text'"
    fi
}

# Builds a project of another repository against the installation.
build_project() {
    run cmake -S "$1" -B "$1/build" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$compiler" \
        -DCMAKE_C_FLAGS="$flags"
    run cmake --build "$1/build"
    ! grep -e "warning:" "$place/output" || fail "$1 builds with warnings"
}

run cmake --install "$build" --prefix "$place/first"
mv "$place/first" "$place/prefix"
prefix=$place/prefix
packages=$(dirname "$(find "$prefix" -name hvkit.pc)")

# Nothing private is there, and no text names where it was built or first installed.
[ ! -e "$prefix/include/hvkit-private" ] || fail "private headers are installed"
! grep -rIl -e "$source/" -e "$place/first" "$prefix" | grep . || fail "these files are not relocatable"

# Each public header stands alone, in C11 and in C++.
for header in "$prefix"/include/hvkit/*.h; do
    printf '#include <hvkit/%s>\nint nothing;\n' "${header##*/}" >"$place/header.c"
    "$compiler" -std=c11 -Wall -Wextra -Werror -pedantic -I"$prefix/include" -fsyntax-only "$place/header.c" ||
        fail "$header is not C11"
    if command -v c++ >/dev/null; then
        c++ -std=c++17 -Wall -Wextra -Werror -I"$prefix/include" -fsyntax-only -x c++ "$place/header.c" ||
            fail "$header is not C++"
    fi
done

# A driver of another repository.
cp -r "$source/sdk/example" "$place/example"
build_project "$place/example"
cmake --install "$place/example/build" --prefix "$prefix" >/dev/null
exported=$(nm -D --defined-only "$place/example/build/example.so" | awk '{print $3}' | grep -v '^__' | sort)
case $exported in hvk_driver_v1) ;; *) [ -n "$flags" ] || fail "the example exports: $exported" ;; esac

# Every component is complete: headers that compile, libraries that link.
mkdir "$place/all"
cat >"$place/all/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(all LANGUAGES C)
find_package(hvkit REQUIRED COMPONENTS sdk model)
add_executable(whole all.c)
target_compile_definitions(whole PRIVATE _GNU_SOURCE)
target_link_libraries(whole PRIVATE hvkit::sdk-model hvkit::sdk-runtime hvkit::sdk-base)
END
{
    for header in "$prefix"/include/hvkit-sdk/*/*.h; do
        echo "#include <${header#"$prefix/include/hvkit-sdk/"}>"
    done
    echo 'int main(void)
{
    struct hvk_error err;
    struct model_domain *domain = model_domain_parse("<domain/>", 9, 0, NULL, &err);
    return domain ? 1 : 0;
}'
} >"$place/all/all.c"
build_project "$place/all"
"$place/all/build/whole" || fail "the model accepts an empty domain"

# It is found beside the moved libhvkit, and works.
uri="example:///?brief=/bin/true&wrong=/bin/false&absent=/no/such/program"
watch=$place/example/build/example-watch
if [ -x "$prefix/bin/hvkit" ]; then
    says "usable: found beside libhvkit" "$prefix/bin/hvkit" drivers why example
    says "brief" "$prefix/bin/hvkit" -c "$uri" list --all
fi
says "brief ended" "$watch" "$uri" brief
says "wrong failed" "$watch" "$uri" wrong
if "$watch" "$uri" absent >"$place/output" 2>&1; then
    fail "a program that is not there was started"
fi
grep -q "/no/such/program" "$place/output" || fail "the error does not name the program: $(cat "$place/output")"

# The same without CMake.
PKG_CONFIG_PATH=$packages
export PKG_CONFIG_PATH
[ "$(realpath "$(pkg-config --variable=driverdir hvkit-sdk)")" = "$(dirname "$(find "$prefix" -name example.so)")" ] ||
    fail "pkg-config does not know the driver directory"
# shellcheck disable=SC2046,SC2086
"$compiler" $flags -D_GNU_SOURCE -fPIC -shared -fvisibility=hidden $(pkg-config --cflags hvkit-sdk) \
    "$place/example/node.c" "$place/example/guest.c" -o "$place/example.so" $(pkg-config --libs hvkit-sdk)
# shellcheck disable=SC2046,SC2086
"$compiler" $flags $(pkg-config --cflags hvkit) "$place/example/watch.c" -o "$place/watch" $(pkg-config --libs hvkit)
# shellcheck disable=SC2046,SC2086
"$compiler" $flags -D_GNU_SOURCE $(pkg-config --cflags hvkit-model) "$place/all/all.c" -o "$place/whole" \
    $(pkg-config --libs hvkit-model)
"$place/whole" || fail "the model that pkg-config knows accepts an empty domain"
says "brief ended" env LD_LIBRARY_PATH="$(dirname "$packages")" "$place/watch" "$uri" brief
echo "installed-sdk: all is well"
