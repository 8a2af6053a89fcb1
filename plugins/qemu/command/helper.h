/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Programs that run beside QEMU and are reached through a socket. The socket listens before either
 * starts: nobody has to wait for the other. */
#ifndef HVKIT_QEMU_COMMAND_HELPER_H
#define HVKIT_QEMU_COMMAND_HELPER_H

#include "command/build.h"

struct helper {
    const char *name;        /* "virtiofsd-fs0" */
    const char *socket;      /* absolute path */
    char fd[12];             /* out: the number the program inherits, for its arguments */
    struct vector arguments; /* char *: argv, owned */
    int listener;
};

#define HELPER_INIT                                                                                \
    {                                                                                              \
        .arguments = VECTOR_INIT(char *), .listener = -1                                           \
    }

/* Opens the socket. */
bool helper_listen(struct build *b, struct helper *helper);
bool helper_add(struct build *b, struct helper *helper, const char *format, ...) HVK_PRINTF(3, 4);
/* Puts it among the command's helpers. */
bool helper_finish(struct build *b, struct helper *helper);
void helper_fini(struct helper *helper);

/* The first of the paths that can be executed, or NULL. */
const char *helper_find(const char *const *paths);

#endif
