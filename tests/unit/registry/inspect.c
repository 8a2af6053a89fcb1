/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints what the caller's environment decides, for a test that starts it set-uid: the directory of
 * the configuration, the default URI and the number of drivers. */
#include "config.h"
#include "registry.h"
#include "uri.h"

#include <base/cleanup.h>

int main(void)
{
    struct hvk_error err;
    struct registry *registry = registry_new(NULL, &err);
    auto_free struct hvk_driver_info_list *list = NULL;
    if (!registry || !registry_list(registry, &list, &err))
        return 1;
    auto_free char *uri = uri_resolve(NULL, true, &err);
    printf("%s %s %u\n", config_directory(), uri ? uri : "-", (unsigned)list->count);
    registry_free(registry);
    return 0;
}
