# SPDX-License-Identifier: LGPL-2.1-or-later
# Command lines against the real QEMU, and Linux guests booted by them. (Read after qemu.cmake, whose
# lab it uses.)
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

# The guests are made once for all build directories; where their packages cannot be fetched, the
# tests say that they were skipped.
if(NOT TARGET hvkit-qemu-lab)
    return()
endif()
set(QEMU_GUEST_DIR ${PROJECT_SOURCE_DIR}/build/guest)
foreach(kernel cloud full)
    add_test(NAME integration/guest-${kernel}
             COMMAND ${PROJECT_SOURCE_DIR}/ci/guest ${QEMU_GUEST_DIR} ${kernel})
    set_tests_properties(integration/guest-${kernel} PROPERTIES TIMEOUT 300 LABELS integration
                         SKIP_RETURN_CODE 77 FIXTURES_SETUP qemu-guest RESOURCE_LOCK qemu-guest)
endforeach()
add_library(hvkit-qemu-guest STATIC integration/qemu_guest.c)
target_link_libraries(hvkit-qemu-guest PUBLIC hvkit-qemu-lab)
target_compile_definitions(hvkit-qemu-guest PRIVATE GUEST_DIR="${QEMU_GUEST_DIR}")
foreach(name boot linux)
    add_executable(test-qemu-${name} integration/qemu_${name}.c)
    target_link_libraries(test-qemu-${name} PRIVATE hvkit-qemu-guest)
    add_test(NAME integration/qemu-${name} COMMAND test-qemu-${name})
    set_tests_properties(integration/qemu-${name} PROPERTIES TIMEOUT 600 LABELS integration
                         FIXTURES_REQUIRED qemu-guest)
endforeach()

add_executable(test-qemu-network integration/qemu_network.c)
target_link_libraries(test-qemu-network PRIVATE hvkit-qemu-lab)
add_test(NAME integration/qemu-network COMMAND test-qemu-network)
set_tests_properties(integration/qemu-network PROPERTIES TIMEOUT 300 LABELS integration)
