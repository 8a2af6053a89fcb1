# SPDX-License-Identifier: LGPL-2.1-or-later
hvkit_unit_test(scanner hvkit-scan)
hvkit_unit_test(scanner_wire hvkit-scan)
target_compile_definitions(test-scanner_wire PRIVATE
    SCANNER_API="${PROJECT_SOURCE_DIR}/sdk/api"
    SCANNER_FACTS="${CMAKE_CURRENT_SOURCE_DIR}/unit/scanner-procedures.tsv")
