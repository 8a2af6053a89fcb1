/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The functions of the driver's hvkit.domain/1 table, by the file that holds them. A function that
 * is not there leaves its member NULL, which means: not supported. */
#ifndef HVKIT_TEST_DOMAIN_H
#define HVKIT_TEST_DOMAIN_H

#include "machine.h"

extern const struct hvk_domain_table domain_table;

/* Is this a method that inject= may name? */
bool domain_has_method(const char *method);

/* One list declares them, fills the table and says what inject= may name. */
/* clang-format off */
#define LIFECYCLE_METHODS(M) /* lifecycle.c */                                                     \
    M(create) M(create_xml) M(destroy) M(shutdown) M(reboot) M(reset) M(suspend) M(resume)
#define CONFIG_METHODS(M) /* config.c */                                                           \
    M(define_xml) M(undefine) M(get_xml_desc) M(rename) M(set_autostart)
#define TUNE_METHODS(M) /* tune.c */                                                               \
    M(set_memory) M(set_memory_stats_period) M(set_vcpus) M(get_vcpus_count) M(get_metadata)       \
    M(set_metadata) M(set_lifecycle_action)
#define DEVICE_METHODS(M) /* device.c */                                                           \
    M(attach_device) M(detach_device) M(detach_device_alias) M(update_device)
#define SAVE_METHODS(M) /* save.c */                                                               \
    M(save) M(restore) M(save_image_get_xml_desc) M(save_image_define_xml) M(managed_save)         \
    M(managed_save_remove) M(managed_save_get_xml_desc) M(managed_save_define_xml) M(core_dump)
#define GUEST_METHODS(M) /* console.c, guest.c */                                                  \
    M(open_console) M(screenshot) M(send_key) M(inject_nmi) M(get_hostname) M(get_fsinfo)          \
    M(get_time) M(interface_addresses) M(get_security_labels)
#define STATS_METHODS(M) /* stats.c */                                                             \
    M(memory_stats) M(block_stats) M(interface_stats) M(get_block_info) M(get_disk_errors)         \
    M(get_stats) M(get_vcpus) M(get_vcpu_pin_info)
#define DOMAIN_METHODS(M)                                                                          \
    LIFECYCLE_METHODS(M) CONFIG_METHODS(M) TUNE_METHODS(M) DEVICE_METHODS(M) SAVE_METHODS(M)       \
    GUEST_METHODS(M) STATS_METHODS(M)
/* clang-format on */

/* Which domain is a content about? Pure, so nothing can be injected. */
#define IDENTIFY_METHODS(M) M(identify) /* config.c */ M(identify_saved) /* save.c */

/* The type of a member of the table: a definition that does not fit it fails to compile. */
#define DOMAIN_FUNCTION(member) __typeof__(*((struct hvk_domain_table *)0)->member) domain_##member;
DOMAIN_METHODS(DOMAIN_FUNCTION)
IDENTIFY_METHODS(DOMAIN_FUNCTION)

/* The model of an XML, with the name and the uuid that the core reserved (identity may be NULL);
 * refused when it has another name. config.c */
struct model_domain *domain_parse(struct hvk_call *call, const struct hvk_domain *identity,
                                  const char *xml, bool validate);
/* struct model_report.warn: hands a warning to the caller of `call`. */
void domain_warn(void *call, uint32_t line, uint32_t column, const char *text);
/* The model's XML with HVK_DOMAIN_XML_* flags. */
bool domain_put_xml(struct hvk_call *call, const struct model_domain *model, uint32_t flags,
                    struct hvk_string_sink *out_xml);

#endif
