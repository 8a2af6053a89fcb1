# SPDX-License-Identifier: LGPL-2.1-or-later
# Command lines against the real QEMU.
find_program(HVKIT_TEST_QEMU qemu-system-x86_64)
if(NOT TARGET hvkit-qemu-command OR NOT HVKIT_TEST_QEMU)
    return()
endif()
add_executable(test-qemu-accept integration/qemu_accept.c)
target_link_libraries(test-qemu-accept PRIVATE hvkit-qemu-command hvkit-runtime PkgConfig::CMOCKA)
target_compile_definitions(test-qemu-accept PRIVATE
    QEMU_ARGV_DIR="${CMAKE_CURRENT_SOURCE_DIR}/data/qemu-argv")
add_test(NAME integration/qemu-accept COMMAND test-qemu-accept)
set_tests_properties(integration/qemu-accept PROPERTIES TIMEOUT 300 LABELS integration)
