/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The functions of the driver's tables, by file. */
#ifndef HVKIT_QEMU_DOMAIN_H
#define HVKIT_QEMU_DOMAIN_H

#include <hvkit/domain-driver.h>

#define DOMAIN_ARGS struct hvk_call *call, void *instance, const struct hvk_domain *domain

/* domain_define.c */
bool domain_identify(struct hvk_call *call, void *instance, const char *xml,
                     struct hvk_domain_sink *out);
bool domain_define_xml(struct hvk_call *call, void *instance, const struct hvk_domain *identity,
                       const char *xml, uint32_t flags, struct hvk_domain_sink *out);
bool domain_undefine(DOMAIN_ARGS, uint32_t flags);
bool domain_rename(DOMAIN_ARGS, const char *new_name, uint32_t flags);
bool domain_set_autostart(DOMAIN_ARGS, bool autostart);
bool domain_get_xml_desc(DOMAIN_ARGS, uint32_t flags, struct hvk_string_sink *out);

/* domain_power.c */
bool domain_create(DOMAIN_ARGS, const int32_t *fds, uint64_t fds_count, uint32_t flags,
                   struct hvk_domain_sink *out);
bool domain_create_xml(struct hvk_call *call, void *instance, const struct hvk_domain *identity,
                       const char *xml, const int32_t *fds, uint64_t fds_count, uint32_t flags,
                       struct hvk_domain_sink *out);
bool domain_destroy(DOMAIN_ARGS, uint32_t flags);
bool domain_shutdown(DOMAIN_ARGS, uint32_t flags);
bool domain_reboot(DOMAIN_ARGS, uint32_t flags);
bool domain_reset(DOMAIN_ARGS, uint32_t flags);
bool domain_suspend(DOMAIN_ARGS);
bool domain_resume(DOMAIN_ARGS);

#endif
