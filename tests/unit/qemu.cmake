# SPDX-License-Identifier: LGPL-2.1-or-later
# What of the QEMU driver needs no QEMU.
if(TARGET hvkit-qemu-pure)
    foreach(name qemu_qmp qemu_caps qemu_pure)
        hvkit_unit_test(${name} hvkit-qemu-pure hvkit-runtime hvkit-base)
    endforeach()
endif()
