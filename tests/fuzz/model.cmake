# SPDX-License-Identifier: LGPL-2.1-or-later
# The model's parser, under libFuzzer when the compiler is clang, else on the corpus and on changes of
# it. Longer by hand: fuzz-model DIRECTORY tests/data/domain-xml.
pkg_check_modules(EXPAT REQUIRED IMPORTED_TARGET expat)
set(MODEL_FUZZ_SEEDS ${CMAKE_CURRENT_SOURCE_DIR}/data/domain-xml)
get_target_property(MODEL_FUZZ_ROOM hvkit-model SOURCE_DIR)
get_target_property(MODEL_FUZZ_SOURCES hvkit-model SOURCES)
get_target_property(MODEL_FUZZ_LIBRARIES hvkit-model LINK_LIBRARIES)
list(TRANSFORM MODEL_FUZZ_SOURCES PREPEND ${MODEL_FUZZ_ROOM}/)
# It compiles what it tests by itself: under clang that is instrumented.
add_executable(fuzz-model ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/model.c ${MODEL_FUZZ_SOURCES})
target_link_libraries(fuzz-model PRIVATE ${MODEL_FUZZ_LIBRARIES})
if(CMAKE_C_COMPILER_ID MATCHES Clang)
    target_compile_options(fuzz-model PRIVATE -fsanitize=fuzzer,address,undefined)
    target_link_options(fuzz-model PRIVATE -fsanitize=fuzzer,address,undefined)
    set(MODEL_FUZZ_FOUND ${CMAKE_BINARY_DIR}/tests/fuzz/model)
    file(MAKE_DIRECTORY ${MODEL_FUZZ_FOUND})
    add_test(NAME fuzz/model COMMAND fuzz-model -max_total_time=15 -timeout=5 -max_len=16384
             -artifact_prefix=${CMAKE_BINARY_DIR}/tests/fuzz/model- ${MODEL_FUZZ_FOUND}
             ${MODEL_FUZZ_SEEDS})
else()
    target_sources(fuzz-model PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/replay.c)
    add_test(NAME fuzz/model COMMAND fuzz-model ${MODEL_FUZZ_SEEDS})
endif()
set_tests_properties(fuzz/model PROPERTIES TIMEOUT 120 LABELS fuzz)
