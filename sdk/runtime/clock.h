/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CLOCK_MONOTONIC: the one clock of deadlines and timeouts. */
#ifndef HVKIT_RUNTIME_CLOCK_H
#define HVKIT_RUNTIME_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_NS_PER_S INT64_C(1000000000)
#define CLOCK_NS_PER_MS INT64_C(1000000)

static inline int64_t clock_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * CLOCK_NS_PER_S + now.tv_nsec;
}

/* What poll() takes: rounded up, so that it never returns early; 0 when at_ns has passed. */
static inline int32_t clock_ms_until(int64_t at_ns)
{
    int64_t left_ns = at_ns - clock_now_ns();
    if (left_ns <= 0)
        return 0;
    int64_t left_ms = (left_ns - 1) / CLOCK_NS_PER_MS + 1;
    return left_ms > INT32_MAX ? INT32_MAX : (int32_t)left_ms;
}

#endif
