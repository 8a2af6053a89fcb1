# SPDX-License-Identifier: LGPL-2.1-or-later
# registry_fuzz(NAME SEEDS...): tests/fuzz/NAME.c, with clang under libFuzzer for a few seconds, else
# on the seeds and on changes of them. Longer by hand: fuzz-NAME SEEDS.
pkg_check_modules(ELF REQUIRED IMPORTED_TARGET libelf)
set(CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus)
set(FUZZ_OUTPUT ${CMAKE_BINARY_DIR}/tests/fuzz)
file(MAKE_DIRECTORY ${FUZZ_OUTPUT})

# Each target compiles what it tests by itself: under clang that is instrumented.
function(registry_fuzz name)
    cmake_parse_arguments(FUZZ "" "" "SEEDS;SOURCES" ${ARGN})
    list(TRANSFORM FUZZ_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/)
    add_executable(fuzz-${name} fuzz/${name}.c ${FUZZ_SOURCES})
    target_include_directories(fuzz-${name} PRIVATE ${CMAKE_SOURCE_DIR}/loader/lib)
    target_compile_options(fuzz-${name} PRIVATE -UNDEBUG)
    target_compile_definitions(fuzz-${name} PRIVATE HVKIT_CONFIG_DIRECTORY="/etc/hvkit")
    target_link_libraries(fuzz-${name} PRIVATE hvkit-base PkgConfig::ELF)
    if(CMAKE_C_COMPILER_ID MATCHES Clang)
        target_compile_options(fuzz-${name} PRIVATE -fsanitize=fuzzer,address,undefined)
        target_link_options(fuzz-${name} PRIVATE -fsanitize=fuzzer,address,undefined)
        add_test(NAME fuzz/${name} COMMAND fuzz-${name} -max_total_time=15 -timeout=5
                 -artifact_prefix=${FUZZ_OUTPUT}/${name}- ${FUZZ_OUTPUT}/${name} ${FUZZ_SEEDS})
        file(MAKE_DIRECTORY ${FUZZ_OUTPUT}/${name})
    else()
        target_sources(fuzz-${name} PRIVATE fuzz/replay.c)
        add_test(NAME fuzz/${name} COMMAND fuzz-${name} ${FUZZ_SEEDS})
    endif()
    set_tests_properties(fuzz/${name} PROPERTIES TIMEOUT 120 LABELS fuzz)
endfunction()

registry_fuzz(uri SEEDS ${CORPUS}/uri SOURCES loader/lib/uri.c loader/lib/config.c
              loader/lib/settings.c loader/lib/trust.c)
registry_fuzz(settings SEEDS ${CORPUS}/settings SOURCES loader/lib/settings.c)
# Its seeds are the drivers that tests/unit/registry.cmake builds.
registry_fuzz(note SEEDS ${CMAKE_BINARY_DIR}/tests/fixtures SOURCES loader/lib/note.c
              loader/lib/identity.c)
