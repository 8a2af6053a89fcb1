# SPDX-License-Identifier: LGPL-2.1-or-later
add_test(NAME abi/anchor
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/abi/anchor.sh $<TARGET_FILE:hvkit-scanner>
            ${PROJECT_SOURCE_DIR}/sdk/api ${CMAKE_C_COMPILER} ${PROJECT_SOURCE_DIR}/sdk/include)
set_tests_properties(abi/anchor PROPERTIES TIMEOUT 120 LABELS abi SKIP_RETURN_CODE 77)

# Holds the structs and numbers that are written by hand: what contradicts it does not build.
add_library(abi-layout OBJECT abi/layout.c)
target_link_libraries(abi-layout PRIVATE hvkit-headers)
