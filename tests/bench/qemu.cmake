# SPDX-License-Identifier: LGPL-2.1-or-later
# By hand, from a release build: bench-qemu. The guest is the one of integration/qemu.cmake.
find_program(HVKIT_TEST_QEMU qemu-system-x86_64)
find_file(HVKIT_TEST_QBOOT qboot.rom PATHS /usr/share/qemu /usr/local/share/qemu NO_DEFAULT_PATH)
if(TARGET hvkit-driver-qemu AND TARGET hvkit AND HVKIT_TEST_QEMU AND HVKIT_TEST_QBOOT)
    find_package(Threads REQUIRED)
    add_executable(bench-qemu bench/qemu_start.c bench/qemu_bare.c)
    target_compile_definitions(bench-qemu PRIVATE LAB_GUEST="${CMAKE_CURRENT_BINARY_DIR}/tiny.elf"
        LAB_FIRMWARE="${HVKIT_TEST_QBOOT}" LAB_EMULATOR="${HVKIT_TEST_QEMU}")
    target_link_libraries(bench-qemu PRIVATE hvkit Threads::Threads)
    add_dependencies(bench-qemu hvkit-test-guest hvkit-driver-qemu)
endif()
