# SPDX-License-Identifier: LGPL-2.1-or-later
if(TARGET hvkit-qemu-command)
    foreach(name qemu_command qemu_refusals qemu_image qemu_firmware qemu_plan)
        hvkit_unit_test(${name} hvkit-qemu-command hvkit-model hvkit-base)
        target_compile_definitions(test-${name} PRIVATE
            QEMU_ARGV_DIR="${CMAKE_CURRENT_SOURCE_DIR}/data/qemu-argv")
    endforeach()
endif()
