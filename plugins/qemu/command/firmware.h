/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Choosing firmware from the descriptor files that distributions install, by the rules of
 * qemu/docs/interop/firmware.json: directories in falling priority, a file in one hides the file of
 * the same name in the later ones, an empty file hides it altogether, and files are tried in the
 * order of their names. */
#ifndef HVKIT_QEMU_COMMAND_FIRMWARE_H
#define HVKIT_QEMU_COMMAND_FIRMWARE_H

#include <base/error.h>
#include <model/types.h>

#define FIRMWARE_FILE_MAX 65536 /* bytes of a descriptor */
#define FIRMWARE_FILES_MAX 1000

struct firmware_request {
    const char *interface; /* "uefi", "bios" */
    const char *arch;      /* "x86_64" */
    const char *machine;   /* "pc-q35-7.2" */
    enum model_switch secure_boot;
    enum model_switch enrolled_keys;
    enum model_switch smm;       /* off: what needs it is left out */
    enum model_switch stateless; /* on: without a variable store */
    const char *executable;      /* only the descriptor of this file; NULL: any */
};

/* Strings are malloc'ed. */
struct firmware {
    char *executable;
    char *format;
    char *template_; /* of the variable store; NULL: it has none */
    char *template_format;
    bool rom; /* mapped as ROM, not as flash */
    bool needs_smm;
    bool secure_boot;
};

void firmware_fini(struct firmware *firmware);

/* directories: NULL-terminated. *out is zero when none matches; that is no failure. Damaged
 * descriptors are passed over. */
bool firmware_select(const char *const *directories, const struct firmware_request *request,
                     struct firmware *out, struct hvk_error *err);

#endif
