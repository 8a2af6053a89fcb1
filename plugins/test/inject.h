/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Delays and errors on request, so that applications can try what they do about them:
 *
 *   test:///default?inject=create:delay=500,destroy:error=38,save:delay=200:error=1
 *
 * Each item names a method of hvkit.domain/1 ("*": all) and says how many milliseconds it waits
 * (outside its lane, so that it can be cancelled and destroyed) and with which code of
 * hvkit/error.h it then fails. */
#ifndef HVKIT_TEST_INJECT_H
#define HVKIT_TEST_INJECT_H

#include <base/error.h>
#include <hvkit/driver.h>

#define INJECTIONS_MAX 32
#define INJECTION_DELAY_MAX_MS (3600u * 1000)

struct injection {
    char method[48];
    uint32_t delay_ms;
    int32_t code; /* 0: none */
};

struct injections {
    uint32_t count;
    struct injection items[INJECTIONS_MAX];
};

/* Names the item and what is wrong with it. */
bool injections_parse(struct injections *injections, const char *text, struct hvk_error *err);

/* Waits and fails as asked for this method; true when there is nothing to do. */
bool inject(struct hvk_call *call, const struct hvk_core *core, const struct injections *injections,
            const char *method);

#endif
