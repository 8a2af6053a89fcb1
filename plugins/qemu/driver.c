/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The driver's identity, and which function answers what. */
#include <hvkit/connection-driver.h>
#include <string.h>

#include "domain.h"
#include "host.h"
#include "node.h"

HVK_DRIVER_IDENTITY(.id = "qemu", .version = HVKIT_QEMU_VERSION, .schemes = "qemu",
                    .tables = HVK_CONNECTION_TABLE " " HVK_DOMAIN_TABLE, .place = HVK_DRIVER_NODE,
                    .threading = HVK_THREADS_PER_OBJECT);

static const struct hvk_connection_table connection_table = {
    .size = sizeof connection_table,
    .get_version = host_get_version,
    .get_capabilities = host_get_capabilities,
    .get_max_vcpus = host_get_max_vcpus,
    .get_domain_capabilities = host_get_domain_capabilities,
    .get_cpu_model_names = host_get_cpu_model_names,
};

static const struct hvk_domain_table domain_table = {
    .size = sizeof domain_table,
    .identify = domain_identify,
    .define_xml = domain_define_xml,
    .undefine = domain_undefine,
    .rename = domain_rename,
    .set_autostart = domain_set_autostart,
    .get_xml_desc = domain_get_xml_desc,
    .create = domain_create,
    .create_xml = domain_create_xml,
    .destroy = domain_destroy,
    .shutdown = domain_shutdown,
    .reboot = domain_reboot,
    .reset = domain_reset,
    .suspend = domain_suspend,
    .resume = domain_resume,
    .set_memory = domain_set_memory,
    .set_memory_stats_period = domain_set_memory_stats_period,
    .set_vcpus = domain_set_vcpus,
    .get_vcpus_count = domain_get_vcpus_count,
    .get_metadata = domain_get_metadata,
    .set_metadata = domain_set_metadata,
    .get_messages = domain_get_messages,
    .set_lifecycle_action = domain_set_lifecycle_action,
    .save = domain_save,
    .identify_saved = domain_identify_saved,
    .restore = domain_restore,
    .save_image_get_xml_desc = domain_save_image_get_xml_desc,
    .save_image_define_xml = domain_save_image_define_xml,
    .managed_save = domain_managed_save,
    .managed_save_remove = domain_managed_save_remove,
    .managed_save_get_xml_desc = domain_managed_save_get_xml_desc,
    .managed_save_define_xml = domain_managed_save_define_xml,
    .core_dump = domain_core_dump,
    .abort_job = domain_abort_job,
    .attach_device = domain_attach_device,
    .detach_device = domain_detach_device,
    .detach_device_alias = domain_detach_device_alias,
    .update_device = domain_update_device,
    .open_console = domain_open_console,
    .open_channel = domain_open_channel,
    .open_graphics = domain_open_graphics,
    .screenshot = domain_screenshot,
    .send_key = domain_send_key,
    .inject_nmi = domain_inject_nmi,
    .pm_wakeup = domain_pm_wakeup,
    .memory_stats = domain_memory_stats,
    .block_stats = domain_block_stats,
    .interface_stats = domain_interface_stats,
    .get_block_info = domain_get_block_info,
    .get_disk_errors = domain_get_disk_errors,
    .get_stats = domain_get_stats,
    .get_cpu_stats = domain_get_cpu_stats,
    .get_vcpus = domain_get_vcpus,
};

static const struct {
    const char *id;
    const void *table;
} tables[] = {
    {HVK_CONNECTION_TABLE, &connection_table},
    {HVK_DOMAIN_TABLE, &domain_table},
};

static bool start(struct hvk_call *call, const struct hvk_core *core)
{
    (void)call;
    node_core = core;
    return true;
}

static void stop(void)
{
    node_core = NULL;
}

static const void *find(const char *table_id)
{
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
        if (strcmp(tables[i].id, table_id) == 0)
            return tables[i].table;
    return NULL;
}

static const struct hvk_driver driver = {
    .size = sizeof driver,
    .identity = &hvk_note.identity,
    .start = start,
    .stop = stop,
    .open = node_open,
    .close = node_close,
    .find = find,
};

const struct hvk_driver *hvk_driver_v1(void)
{
    return &driver;
}
