/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the node as a whole says: versions, capabilities. */
#ifndef HVKIT_QEMU_HOST_H
#define HVKIT_QEMU_HOST_H

#include <hvkit/connection-driver.h>

bool host_get_version(struct hvk_call *call, void *instance, uint64_t *out_version);
bool host_get_capabilities(struct hvk_call *call, void *instance, struct hvk_string_sink *out);
bool host_get_max_vcpus(struct hvk_call *call, void *instance, const char *type,
                        int32_t *out_max_vcpus);
bool host_get_domain_capabilities(struct hvk_call *call, void *instance, const char *emulator,
                                  const char *arch, const char *machine, const char *virt_type,
                                  uint32_t flags, struct hvk_string_sink *out);
bool host_get_cpu_model_names(struct hvk_call *call, void *instance, const char *arch,
                              uint32_t flags, struct hvk_string_sink *out);

#endif
