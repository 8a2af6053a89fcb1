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

/* domain_save.c */
bool domain_save(DOMAIN_ARGS, const struct hvk_param *params, uint64_t params_count,
                 uint32_t flags);
bool domain_identify_saved(struct hvk_call *call, void *instance, const struct hvk_param *params,
                           uint64_t params_count, struct hvk_domain_sink *out);
bool domain_restore(struct hvk_call *call, void *instance, const struct hvk_domain *identity,
                    const struct hvk_param *params, uint64_t params_count, uint32_t flags);
bool domain_save_image_get_xml_desc(struct hvk_call *call, void *instance, const char *file,
                                    uint32_t flags, struct hvk_string_sink *out);
bool domain_save_image_define_xml(struct hvk_call *call, void *instance, const char *file,
                                  const char *xml, uint32_t flags);
bool domain_managed_save(DOMAIN_ARGS, uint32_t flags);
bool domain_managed_save_remove(DOMAIN_ARGS, uint32_t flags);
bool domain_managed_save_get_xml_desc(DOMAIN_ARGS, uint32_t flags, struct hvk_string_sink *out);
bool domain_managed_save_define_xml(DOMAIN_ARGS, const char *xml, uint32_t flags);
bool domain_core_dump(DOMAIN_ARGS, const char *to, uint32_t format, uint32_t flags);
bool domain_abort_job(DOMAIN_ARGS, uint32_t flags);

/* domain_settings.c */
bool domain_set_memory(DOMAIN_ARGS, uint64_t memory_kib, uint32_t flags);
bool domain_set_memory_stats_period(DOMAIN_ARGS, int32_t period_s, uint32_t flags);
bool domain_set_vcpus(DOMAIN_ARGS, uint32_t vcpus, uint32_t flags);
bool domain_get_vcpus_count(DOMAIN_ARGS, uint32_t flags, int32_t *out_vcpus);
bool domain_set_metadata(DOMAIN_ARGS, int32_t type, const char *metadata, const char *key,
                         const char *uri, uint32_t flags);
bool domain_get_metadata(DOMAIN_ARGS, int32_t type, const char *uri, uint32_t flags,
                         struct hvk_string_sink *out);
bool domain_set_lifecycle_action(DOMAIN_ARGS, uint32_t type, uint32_t action, uint32_t flags);
bool domain_get_messages(DOMAIN_ARGS, uint32_t flags, struct hvk_string_sink *out);

/* domain_stats.c */
bool domain_memory_stats(DOMAIN_ARGS, uint32_t flags, struct hvk_domain_memory_stat_sink *out);
bool domain_block_stats(DOMAIN_ARGS, const char *disk, uint32_t flags, struct hvk_param_sink *out);
bool domain_interface_stats(DOMAIN_ARGS, const char *device,
                            struct hvk_domain_interface_stats *out);
bool domain_get_block_info(DOMAIN_ARGS, const char *disk, uint32_t flags,
                           struct hvk_domain_block_info *out);
bool domain_get_disk_errors(DOMAIN_ARGS, uint32_t flags, struct hvk_domain_disk_error_sink *out);
bool domain_get_stats(DOMAIN_ARGS, uint32_t stats, uint32_t flags, struct hvk_param_sink *out);
bool domain_get_cpu_stats(DOMAIN_ARGS, int32_t start_cpu, uint32_t cpu_count, uint32_t flags,
                          struct hvk_domain_cpu_stats_sink *out);
bool domain_get_vcpus(DOMAIN_ARGS, struct hvk_vcpu_info_sink *out);

/* domain_console.c */
bool domain_open_console(DOMAIN_ARGS, const char *device, struct hvk_stream *stream,
                         uint32_t flags);
bool domain_open_channel(DOMAIN_ARGS, const char *name, struct hvk_stream *stream, uint32_t flags);

/* domain_screen.c */
bool domain_screenshot(DOMAIN_ARGS, uint32_t screen, struct hvk_stream *stream, uint32_t flags,
                       struct hvk_string_sink *out_mime);
bool domain_send_key(DOMAIN_ARGS, uint32_t codeset, uint32_t holdtime_ms, const uint32_t *keycodes,
                     uint64_t keycodes_count, uint32_t flags);
bool domain_inject_nmi(DOMAIN_ARGS, uint32_t flags);
bool domain_open_graphics(DOMAIN_ARGS, uint32_t index, const int32_t *fds, uint64_t fds_count,
                          uint32_t flags);
bool domain_pm_wakeup(DOMAIN_ARGS, uint32_t flags);

/* domain_device.c */
bool domain_attach_device(DOMAIN_ARGS, const char *xml, uint32_t flags);
bool domain_detach_device(DOMAIN_ARGS, const char *xml, uint32_t flags);
bool domain_detach_device_alias(DOMAIN_ARGS, const char *alias, uint32_t flags);
bool domain_update_device(DOMAIN_ARGS, const char *xml, uint32_t flags);

#endif
