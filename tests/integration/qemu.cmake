# SPDX-License-Identifier: LGPL-2.1-or-later
# The QEMU driver with real guests: a QEMU, and a guest of our own that boots in milliseconds under
# KVM as under TCG.
find_program(HVKIT_TEST_QEMU qemu-system-x86_64)
find_file(HVKIT_TEST_QBOOT qboot.rom PATHS /usr/share/qemu /usr/local/share/qemu NO_DEFAULT_PATH)
if(NOT TARGET hvkit-driver-qemu OR NOT TARGET hvkit)
    return()
endif()
if(NOT HVKIT_TEST_QEMU OR NOT HVKIT_TEST_QBOOT)
    message(STATUS "integration/qemu-*: skipped, because there is no qemu-system-x86_64 with qboot.rom")
    return()
endif()

pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)

set(QEMU_GUEST ${CMAKE_CURRENT_BINARY_DIR}/tiny.elf)
add_custom_command(OUTPUT ${QEMU_GUEST}
    COMMAND ${CMAKE_C_COMPILER} -m32 -nostdlib -static -no-pie -Wl,--build-id=none
            -Wl,-Ttext-segment=0x100000 -o ${QEMU_GUEST} ${CMAKE_CURRENT_SOURCE_DIR}/guest/tiny.S
    DEPENDS guest/tiny.S VERBATIM)
add_custom_target(hvkit-test-guest ALL DEPENDS ${QEMU_GUEST})

add_executable(hvkit-qemu-owner integration/qemu_owner.c)
target_link_libraries(hvkit-qemu-owner PRIVATE hvkit)

add_executable(hvkit-qemu-fake integration/qemu_fake.c)
target_link_libraries(hvkit-qemu-fake PRIVATE PkgConfig::JANSSON)
target_compile_definitions(hvkit-qemu-fake PRIVATE LAB_EMULATOR="${HVKIT_TEST_QEMU}")

find_package(Threads REQUIRED)
add_library(hvkit-qemu-lab STATIC integration/qemu_lab.c integration/qemu_process.c)
target_link_libraries(hvkit-qemu-lab PUBLIC hvkit PkgConfig::CMOCKA Threads::Threads)
target_compile_definitions(hvkit-qemu-lab PUBLIC LAB_GUEST="${QEMU_GUEST}"
    LAB_FIRMWARE="${HVKIT_TEST_QBOOT}" LAB_EMULATOR="${HVKIT_TEST_QEMU}"
    LAB_OWNER="$<TARGET_FILE:hvkit-qemu-owner>" LAB_FAKE="$<TARGET_FILE:hvkit-qemu-fake>")
add_dependencies(hvkit-qemu-lab hvkit-test-guest hvkit-driver-qemu hvkit-qemu-owner
    hvkit-qemu-fake)

foreach(name life save device adopt hostile kill race verbs)
    add_executable(test-qemu-${name} integration/qemu_${name}.c)
    target_link_libraries(test-qemu-${name} PRIVATE hvkit-qemu-lab)
    add_test(NAME integration/qemu-${name} COMMAND test-qemu-${name})
    set_tests_properties(integration/qemu-${name} PROPERTIES TIMEOUT 600 LABELS integration)
endforeach()
set_property(TEST integration/qemu-kill APPEND PROPERTY LABELS once)    # a minute of killing
set_property(TEST integration/qemu-race APPEND PROPERTY LABELS threads) # for ThreadSanitizer
# Two hundred owners, one after the other, on whatever else the machine is doing.
set_tests_properties(integration/qemu-kill PROPERTIES TIMEOUT 1800)
