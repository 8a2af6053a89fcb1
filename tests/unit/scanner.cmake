# SPDX-License-Identifier: LGPL-2.1-or-later
hvkit_unit_test(scanner hvkit-scan)
hvkit_unit_test(scanner_tables hvkit-description)
hvkit_unit_test(scanner_wire hvkit-scan)
target_compile_definitions(test-scanner_wire PRIVATE
    SCANNER_API="${PROJECT_SOURCE_DIR}/sdk/api"
    SCANNER_FACTS="${CMAKE_CURRENT_SOURCE_DIR}/unit/scanner-procedures.tsv")

add_test(NAME unit/scanner_headers
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/unit/scanner_headers.sh ${CMAKE_C_COMPILER} c++
            ${PROJECT_SOURCE_DIR}/sdk/include ${HVKIT_GENERATED}/include)
set_tests_properties(unit/scanner_headers PROPERTIES TIMEOUT 120 LABELS unit SKIP_RETURN_CODE 77)

add_test(NAME unit/scanner_manual
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/unit/scanner_manual.sh ${CMAKE_BINARY_DIR}/reference)
set_tests_properties(unit/scanner_manual PROPERTIES TIMEOUT 120 LABELS unit SKIP_RETURN_CODE 77)

add_test(NAME unit/manual_pages
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/unit/manual_pages.sh ${PROJECT_SOURCE_DIR}/docs/man
            ${PROJECT_SOURCE_DIR}/sdk/include/hvkit/client.h ${CMAKE_BINARY_DIR}/reference)
set_tests_properties(unit/manual_pages PROPERTIES TIMEOUT 60 LABELS unit SKIP_RETURN_CODE 77)
