/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HVKIT_QEMU_KEYMAP_H
#define HVKIT_QEMU_KEYMAP_H

#include <hvkit/types.h>

/* QEMU's number for a key of a code set (HVK_KEYCODE_SET_*); -1: it knows no such key. */
int32_t keymap_to_qnum(uint32_t codeset, uint32_t code);

#endif
