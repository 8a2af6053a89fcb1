/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The functions of the driver's hvkit.domain/1 table, by the file that holds them. A function that
 * is not there leaves its member NULL, which means: not supported. */
#ifndef HVKIT_TEST_DOMAIN_H
#define HVKIT_TEST_DOMAIN_H

#include "machine.h"

extern const struct hvk_domain_table domain_table;

/* The type of a member of the table: a declaration that does not fit it fails to compile. */
#define DOMAIN_FUNCTION(member) __typeof__(*((struct hvk_domain_table *)0)->member) domain_##member

/* lifecycle.c */
DOMAIN_FUNCTION(create);
DOMAIN_FUNCTION(create_xml);
DOMAIN_FUNCTION(destroy);
DOMAIN_FUNCTION(shutdown);
DOMAIN_FUNCTION(reboot);
DOMAIN_FUNCTION(reset);
DOMAIN_FUNCTION(suspend);
DOMAIN_FUNCTION(resume);

/* config.c. identity (may be NULL) gives the model its uuid. */
struct model_domain *domain_parse(struct hvk_call *call, const struct hvk_domain *identity,
                                  const char *xml, bool validate);
uint32_t domain_format_flags(uint32_t flags); /* HVK_DOMAIN_XML_* as enum model_format_flags */
DOMAIN_FUNCTION(identify);
DOMAIN_FUNCTION(define_xml);
DOMAIN_FUNCTION(undefine);
DOMAIN_FUNCTION(get_xml_desc);
DOMAIN_FUNCTION(rename);
DOMAIN_FUNCTION(set_autostart);

/* tune.c */
DOMAIN_FUNCTION(set_memory);
DOMAIN_FUNCTION(set_memory_stats_period);
DOMAIN_FUNCTION(set_vcpus);
DOMAIN_FUNCTION(get_vcpus_count);
DOMAIN_FUNCTION(get_metadata);
DOMAIN_FUNCTION(set_metadata);
DOMAIN_FUNCTION(set_lifecycle_action);

/* device.c */
DOMAIN_FUNCTION(attach_device);
DOMAIN_FUNCTION(detach_device);
DOMAIN_FUNCTION(detach_device_alias);
DOMAIN_FUNCTION(update_device);

/* save.c */
DOMAIN_FUNCTION(save);
DOMAIN_FUNCTION(identify_saved);
DOMAIN_FUNCTION(restore);
DOMAIN_FUNCTION(save_image_get_xml_desc);
DOMAIN_FUNCTION(save_image_define_xml);
DOMAIN_FUNCTION(managed_save);
DOMAIN_FUNCTION(managed_save_remove);
DOMAIN_FUNCTION(managed_save_get_xml_desc);
DOMAIN_FUNCTION(managed_save_define_xml);
DOMAIN_FUNCTION(core_dump);

/* guest.c */
DOMAIN_FUNCTION(open_console);
DOMAIN_FUNCTION(screenshot);
DOMAIN_FUNCTION(send_key);
DOMAIN_FUNCTION(inject_nmi);
DOMAIN_FUNCTION(get_hostname);
DOMAIN_FUNCTION(get_fsinfo);
DOMAIN_FUNCTION(get_time);
DOMAIN_FUNCTION(interface_addresses);
DOMAIN_FUNCTION(get_security_labels);

/* stats.c */
DOMAIN_FUNCTION(memory_stats);
DOMAIN_FUNCTION(block_stats);
DOMAIN_FUNCTION(interface_stats);
DOMAIN_FUNCTION(get_block_info);
DOMAIN_FUNCTION(get_disk_errors);
DOMAIN_FUNCTION(get_stats);
DOMAIN_FUNCTION(get_vcpus);
DOMAIN_FUNCTION(get_vcpu_pin_info);

#endif
