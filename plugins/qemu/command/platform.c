/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the firmware tells the guest about itself, clocks, and power management. */
#include "command/machine.h"

#include <base/uuid.h>
#include <inttypes.h>
#include <time.h>

#define CLOCK_SECONDS_MAX (INT64_C(1) << 36) /* how far a clock may be off: 2,000 years */

/* ---- SMBIOS ---- */

/* The blocks of <sysinfo type='smbios'> and the SMBIOS structures they fill; an entry's name is
 * QEMU's key unless the second table translates it. */
static const struct {
    const char *path;
    size_t offset; /* of a struct model_sysinfo_block in struct model_sysinfo */
    unsigned type;
} smbios_blocks[] = {
    {"sysinfo/bios", offsetof(struct model_sysinfo, bios), 0},
    {"sysinfo/system", offsetof(struct model_sysinfo, system), 1},
    {"sysinfo/chassis", offsetof(struct model_sysinfo, chassis), 3},
};

static bool add_smbios(struct build *b, unsigned type, const struct model_sysinfo_block *block)
{
    if (!block->node.present || block->entries.count == 0)
        return true;
    json_t *json = json_pack("{s:i}", "type", (int)type);
    MODEL_FOR_EACH(&block->entries, struct model_sysinfo_entry, entry)
    json_put_string(json, entry->name, entry->value ? entry->value : "");
    return build_option_keyval(b, "-smbios", NULL, json);
}

/* Type 11 repeats one key. */
static bool add_oem_strings(struct build *b, const struct model_sysinfo_block *block)
{
    if (!block->node.present || block->entries.count == 0)
        return true;
    auto_buffer text = BUFFER_INIT;
    buffer_add_string(&text, "type=11");
    MODEL_FOR_EACH(&block->entries, struct model_sysinfo_entry, entry)
    {
        buffer_add_string(&text, ",value=");
        for (const char *c = entry->value ? entry->value : ""; *c; c++) {
            buffer_add_char(&text, *c);
            if (*c == ',')
                buffer_add_char(&text, ',');
        }
    }
    return text.failed ? hvk_error_memory(b->err) : build_option(b, "-smbios", text.data);
}

static bool add_sysinfo(struct build *b, const struct model_sysinfo *info)
{
    for (size_t i = 0; i < ARRAY_SIZE(smbios_blocks); i++)
        if (!add_smbios(b, smbios_blocks[i].type,
                        (const void *)((const char *)info + smbios_blocks[i].offset)))
            return false;
    MODEL_FOR_EACH(&info->base_boards, struct model_sysinfo_block, board)
    if (!add_smbios(b, 2, board))
        return false;
    return add_oem_strings(b, &info->oem_strings);
}

static bool add_fwcfg(struct build *b, const struct model_sysinfo *info)
{
    MODEL_FOR_EACH(&info->entries, struct model_sysinfo_entry, entry)
    {
        if (!entry->name || !string_starts_with(entry->name, "opt/"))
            return build_refuse(b, &entry->node, "sysinfo/entry",
                                "names of fw_cfg entries start with 'opt/'");
        json_t *json = json_pack("{s:s}", "name", entry->name);
        json_put_string(json, entry->file ? "file" : "string",
                        entry->file ? entry->file : entry->value);
        if (!build_option_keyval(b, "-fw_cfg", NULL, json))
            return false;
    }
    return true;
}

static bool add_identity(struct build *b)
{
    const struct model_os *os = &b->domain->os;
    if (os->smbios == MODEL_SMBIOS_HOST)
        return build_refuse(
            b, &os->smbios_node, "os/smbios",
            "mode host is not supported: copy what the guest shall see into <sysinfo>");
    MODEL_FOR_EACH(&b->domain->sysinfos, struct model_sysinfo, info)
    {
        if (info->type == MODEL_SYSINFO_FWCFG
                ? !add_fwcfg(b, info)
                : os->smbios == MODEL_SMBIOS_SYSINFO && !add_sysinfo(b, info))
            return false;
    }
    return true;
}

/* A generation id that was asked for without a value is new at every start. */
static bool add_generation(struct build *b)
{
    struct model_domain *domain = b->domain;
    if (!domain->genid.set && !domain->genid_wanted)
        return true;
    uint8_t bytes[HVK_UUID_SIZE];
    if (domain->genid.set)
        memcpy(bytes, domain->genid.bytes, sizeof bytes);
    else if (!uuid_generate(bytes))
        return hvk_error_set(b->err, HVK_ERR_INTERNAL_ERROR, "no random bytes for a generation id");
    char text[HVK_UUID_STRING_SIZE];
    uuid_format(bytes, text);
    return build_need_device(b, NULL, "genid", "vmgenid") &&
           build_part(
               b, PART_DEVICE,
               json_pack("{s:s,s:s,s:s}", "driver", "vmgenid", "guid", text, "id", "vmgenid0"));
}

/* ---- clocks ---- */

static bool put_variable_base(struct build *b, json_t *json)
{
    const struct model_clock *clock = &b->domain->clock;
    int64_t adjustment = 0;
    if (clock->adjustment && strcmp(clock->adjustment, "reset") != 0 &&
        !string_to_i64(clock->adjustment, -CLOCK_SECONDS_MAX, CLOCK_SECONDS_MAX, &adjustment))
        return build_refuse(b, &clock->node, "clock/@adjustment", "'%s' is no number of seconds",
                            clock->adjustment);
    time_t moment = clock->offset == MODEL_CLOCK_ABSOLUTE ? (time_t)clock->start.value
                                                          : time(NULL) + (time_t)adjustment;
    struct tm parts;
    bool local = clock->basis == MODEL_CLOCK_BASIS_LOCALTIME;
    char text[32];
    if (!(local ? localtime_r(&moment, &parts) : gmtime_r(&moment, &parts)) ||
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts) == 0)
        return build_refuse(b, &clock->node, "clock", "the time it starts at is out of range");
    json_put_string(json, "base", text);
    return true;
}

static bool put_clock_base(struct build *b, json_t *json)
{
    const struct model_clock *clock = &b->domain->clock;
    switch (clock->offset) {
    case MODEL_CLOCK_UNSET:
    case MODEL_CLOCK_UTC:
        json_put_string(json, "base", "utc");
        return true;
    case MODEL_CLOCK_LOCALTIME:
        json_put_string(json, "base", "localtime");
        return true;
    case MODEL_CLOCK_VARIABLE:
    case MODEL_CLOCK_ABSOLUTE:
        return put_variable_base(b, json);
    case MODEL_CLOCK_TIMEZONE:
        break;
    }
    return build_refuse(b, &clock->node, "clock",
                        "offset timezone is not supported: use localtime or utc");
}

static const char *const rtc_tracks[] = {
    [MODEL_TIMER_TRACK_GUEST] = "vm",
    [MODEL_TIMER_TRACK_WALL] = "host",
    [MODEL_TIMER_TRACK_REALTIME] = "rt",
};

static bool add_rtc(struct build *b)
{
    json_t *json = json_object();
    if (!json || !put_clock_base(b, json)) {
        json_decref(json);
        return json ? false : hvk_error_memory(b->err);
    }
    MODEL_FOR_EACH(&b->domain->clock.timers, struct model_timer, timer)
    {
        if (timer->name != MODEL_TIMER_RTC)
            continue;
        if (timer->track < ARRAY_SIZE(rtc_tracks))
            json_put_string(json, "clock", rtc_tracks[timer->track]);
        if (timer->tickpolicy == MODEL_TICKPOLICY_CATCHUP)
            json_put_string(json, "driftfix", "slew");
        if (timer->tickpolicy == MODEL_TICKPOLICY_DELAY)
            json_put_string(json, "driftfix", "none");
    }
    return build_option_keyval(b, "-rtc", NULL, json);
}

/* Timers, and the policies for lost ticks that QEMU has for each. */
static const struct timer_rule {
    enum model_timer_name name;
    uint32_t policies; /* bits of enum model_tickpolicy */
    bool kvm;          /* means something under KVM only */
} timer_rules[] = {
    {MODEL_TIMER_PIT, 1u << MODEL_TICKPOLICY_DELAY | 1u << MODEL_TICKPOLICY_DISCARD, false},
    {MODEL_TIMER_RTC, 1u << MODEL_TICKPOLICY_DELAY | 1u << MODEL_TICKPOLICY_CATCHUP, false},
    {MODEL_TIMER_HPET, 0, false},
    {MODEL_TIMER_TSC, 0, true},
    {MODEL_TIMER_KVMCLOCK, 0, true},
    {MODEL_TIMER_HYPERVCLOCK, 0, true},
};

static bool check_timer(struct build *b, const struct model_timer *timer)
{
    const char *name = model_word(&model_timer_name_words, timer->name);
    const struct timer_rule *rule = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(timer_rules); i++)
        if (timer_rules[i].name == timer->name)
            rule = &timer_rules[i];
    if (!rule)
        return build_refuse(b, &timer->node, "clock/timer", "a PC has no timer '%s'",
                            name ? name : "");
    if (timer->tickpolicy && !(rule->policies & 1u << timer->tickpolicy))
        return build_refuse(b, &timer->node, "clock/timer",
                            "QEMU has no tick policy '%s' for timer '%s'",
                            model_word(&model_tickpolicy_words, timer->tickpolicy), name);
    if (timer->track == MODEL_TIMER_TRACK_BOOT || (timer->track && timer->name != MODEL_TIMER_RTC))
        return build_refuse(b, &timer->node, "clock/timer", "timer '%s' cannot track '%s'", name,
                            model_word(&model_timer_track_words, timer->track));
    if (timer->mode || timer->catchup.node.present)
        return build_refuse(b, &timer->node, "clock/timer", "mode and catchup are not QEMU's");
    return true;
}

/* Under TCG there is no KVM PIT whose policy one could set. */
static bool add_pit(struct build *b, const struct model_timer *timer)
{
    if (!timer->tickpolicy || b->domain->type != MODEL_VIRT_KVM)
        return true;
    return build_option_format(b, "-global", "kvm-pit.lost_tick_policy=%s",
                               model_word(&model_tickpolicy_words, timer->tickpolicy));
}

static bool add_timers(struct build *b)
{
    MODEL_FOR_EACH(&b->domain->clock.timers, struct model_timer, timer)
    {
        if (!check_timer(b, timer))
            return false;
        if (timer->name == MODEL_TIMER_PIT && !add_pit(b, timer))
            return false;
    }
    return true;
}

/* ---- power ---- */

static bool add_sleep_state(struct build *b, const struct model_pm_state *state, const char *name)
{
    if (!state->enabled)
        return true;
    return build_option_format(b, "-global", "%s.disable_%s=%d",
                               build_is_q35(b->domain) ? "ICH9-LPC" : "PIIX4_PM", name,
                               state->enabled == MODEL_SWITCH_OFF);
}

/* Where the domain ends with what the guest did, QEMU ends by itself, which tells the driver at
 * once; everything else is the driver's to do, so QEMU waits. */
static bool add_life_cycle(struct build *b)
{
    const struct model_domain *domain = b->domain;
    if (domain->on_poweroff != MODEL_LIFECYCLE_DESTROY && !build_option(b, "-no-shutdown", NULL))
        return false;
    if (domain->on_reboot == MODEL_LIFECYCLE_DESTROY && !build_option(b, "-no-reboot", NULL))
        return false;
    return build_option(b, "-action",
                        domain->on_crash == MODEL_LIFECYCLE_DESTROY ? "panic=shutdown"
                                                                    : "panic=pause");
}

static bool add_power(struct build *b)
{
    const struct model_domain *domain = b->domain;
    if (!add_life_cycle(b))
        return false;
    return add_sleep_state(b, &domain->pm.suspend_to_mem, "s3") &&
           add_sleep_state(b, &domain->pm.suspend_to_disk, "s4");
}

static bool add_features(struct build *b)
{
    const struct model_features *features = &b->domain->features;
    if (features->smm.tseg.set) {
        if (!build_is_q35(b->domain) || features->smm.state != MODEL_SWITCH_ON)
            return build_refuse(b, &features->smm.node, "features/smm/tseg",
                                "it needs a q35 machine with SMM on");
        if (!build_option_format(b, "-global", "mch.extended-tseg-mbytes=%" PRIu64,
                                 features->smm.tseg.value / 1024))
            return false;
    }
    return features->vmcoreinfo.state != MODEL_SWITCH_ON ||
           build_part(b, PART_DEVICE, json_pack("{s:s}", "driver", "vmcoreinfo"));
}

bool platform_build(struct build *b)
{
    return add_identity(b) && add_generation(b) && add_rtc(b) && add_timers(b) && add_power(b) &&
           add_features(b);
}
