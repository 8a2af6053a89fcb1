# SPDX-License-Identifier: LGPL-2.1-or-later
# The installed tree is moved, then a driver of another repository is built against it and used.
add_test(NAME integration/installed-sdk
         COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/integration/installed-sdk.sh ${CMAKE_BINARY_DIR}
                 ${CMAKE_SOURCE_DIR} ${CMAKE_C_COMPILER} ${HVKIT_SANITIZE})
set_tests_properties(integration/installed-sdk PROPERTIES TIMEOUT 300 LABELS integration
                     SKIP_RETURN_CODE 77)
