# SPDX-License-Identifier: LGPL-2.1-or-later
# From a domain to QEMU's command line. Included by ../CMakeLists.txt.
add_library(hvkit-qemu-command STATIC
    command/address.c command/alias.c command/argv.c command/block.c command/block_chain.c
    command/block_source.c command/boot.c command/build.c command/chardev.c command/command.c
    command/controller.c command/cpu.c command/defaults.c command/defaults_device.c
    command/device.c command/disk.c command/display.c command/families.c command/filesystem.c
    command/firmware.c command/helper.c command/honoured.c command/hostdev.c command/image.c
    command/keyval.c command/machine.c command/memory.c command/misc.c command/net.c
    command/pci.c command/pci_custom.c command/pflash.c command/plan.c command/plan_update.c command/platform.c command/secret.c
    command/serial.c command/sound.c command/tap.c command/tpm.c command/usb.c)
set_target_properties(hvkit-qemu-command PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_link_libraries(hvkit-qemu-command PUBLIC hvkit-qemu-pure hvkit-model)
