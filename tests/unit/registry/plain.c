/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A shared object that is no driver. */
#include <hvkit/types.h>

HVK_EXPORT int plain_answer(void);

#ifdef PLAIN_CALLS_ABSENT
int half_absent(void);
HVK_EXPORT int plain_never(void);

int plain_never(void)
{
    return half_absent();
}
#endif

int plain_answer(void)
{
    return 42;
}
