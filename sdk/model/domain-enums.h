/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The closed vocabularies of domain XML. Value 0 is always "unset"; NAME_words translates. */
#ifndef HVKIT_MODEL_DOMAIN_ENUMS_H
#define HVKIT_MODEL_DOMAIN_ENUMS_H

#include "model/types.h"

#define MODEL_VIRT_TYPES(X)                                                                        \
    X(MODEL_VIRT_QEMU, "qemu")                                                                     \
    X(MODEL_VIRT_KQEMU, "kqemu")                                                                   \
    X(MODEL_VIRT_KVM, "kvm")                                                                       \
    X(MODEL_VIRT_HVF, "hvf")                                                                       \
    X(MODEL_VIRT_XEN, "xen")                                                                       \
    X(MODEL_VIRT_LXC, "lxc")                                                                       \
    X(MODEL_VIRT_UML, "uml")                                                                       \
    X(MODEL_VIRT_OPENVZ, "openvz")                                                                 \
    X(MODEL_VIRT_TEST, "test")                                                                     \
    X(MODEL_VIRT_VMWARE, "vmware")                                                                 \
    X(MODEL_VIRT_HYPERV, "hyperv")                                                                 \
    X(MODEL_VIRT_VBOX, "vbox")                                                                     \
    X(MODEL_VIRT_PHYP, "phyp")                                                                     \
    X(MODEL_VIRT_PARALLELS, "parallels")                                                           \
    X(MODEL_VIRT_BHYVE, "bhyve")                                                                   \
    X(MODEL_VIRT_VZ, "vz")
MODEL_ENUM(model_virt, MODEL_VIRT_UNSET, MODEL_VIRT_TYPES)

#define MODEL_LIFECYCLES(X)                                                                        \
    X(MODEL_LIFECYCLE_DESTROY, "destroy")                                                          \
    X(MODEL_LIFECYCLE_RESTART, "restart")                                                          \
    X(MODEL_LIFECYCLE_RESTART_RENAME, "rename-restart")                                            \
    X(MODEL_LIFECYCLE_PRESERVE, "preserve")                                                        \
    X(MODEL_LIFECYCLE_COREDUMP_DESTROY, "coredump-destroy")                                        \
    X(MODEL_LIFECYCLE_COREDUMP_RESTART, "coredump-restart")
MODEL_ENUM(model_lifecycle, MODEL_LIFECYCLE_UNSET, MODEL_LIFECYCLES)

#define MODEL_LOCKFAILURES(X)                                                                      \
    X(MODEL_LOCKFAILURE_POWEROFF, "poweroff")                                                      \
    X(MODEL_LOCKFAILURE_RESTART, "restart")                                                        \
    X(MODEL_LOCKFAILURE_PAUSE, "pause")                                                            \
    X(MODEL_LOCKFAILURE_IGNORE, "ignore")
MODEL_ENUM(model_lockfailure, MODEL_LOCKFAILURE_UNSET, MODEL_LOCKFAILURES)

#define MODEL_MEMORY_SOURCES(X)                                                                    \
    X(MODEL_MEMORY_SOURCE_ANONYMOUS, "anonymous")                                                  \
    X(MODEL_MEMORY_SOURCE_FILE, "file")                                                            \
    X(MODEL_MEMORY_SOURCE_MEMFD, "memfd")
MODEL_ENUM(model_memory_source, MODEL_MEMORY_SOURCE_UNSET, MODEL_MEMORY_SOURCES)

#define MODEL_MEMORY_ACCESSES(X)                                                                   \
    X(MODEL_MEMORY_ACCESS_SHARED, "shared")                                                        \
    X(MODEL_MEMORY_ACCESS_PRIVATE, "private")
MODEL_ENUM(model_memory_access, MODEL_MEMORY_ACCESS_UNSET, MODEL_MEMORY_ACCESSES)

#define MODEL_MEMORY_ALLOCATIONS(X)                                                                \
    X(MODEL_MEMORY_ALLOCATION_IMMEDIATE, "immediate")                                              \
    X(MODEL_MEMORY_ALLOCATION_ONDEMAND, "ondemand")
MODEL_ENUM(model_memory_allocation, MODEL_MEMORY_ALLOCATION_UNSET, MODEL_MEMORY_ALLOCATIONS)

#define MODEL_PLACEMENTS(X)                                                                        \
    X(MODEL_PLACEMENT_STATIC, "static")                                                            \
    X(MODEL_PLACEMENT_AUTO, "auto")
MODEL_ENUM(model_placement, MODEL_PLACEMENT_UNSET, MODEL_PLACEMENTS)

#define MODEL_NUMATUNE_MODES(X)                                                                    \
    X(MODEL_NUMATUNE_STRICT, "strict")                                                             \
    X(MODEL_NUMATUNE_PREFERRED, "preferred")                                                       \
    X(MODEL_NUMATUNE_INTERLEAVE, "interleave")                                                     \
    X(MODEL_NUMATUNE_RESTRICTIVE, "restrictive")
MODEL_ENUM(model_numatune_mode, MODEL_NUMATUNE_UNSET, MODEL_NUMATUNE_MODES)

#define MODEL_OS_TYPES(X)                                                                          \
    X(MODEL_OS_HVM, "hvm")                                                                         \
    X(MODEL_OS_XEN, "xen")                                                                         \
    X(MODEL_OS_LINUX, "linux")                                                                     \
    X(MODEL_OS_EXE, "exe")                                                                         \
    X(MODEL_OS_UML, "uml")                                                                         \
    X(MODEL_OS_XENPVH, "xenpvh")
MODEL_ENUM(model_os_kind, MODEL_OS_UNSET, MODEL_OS_TYPES)

#define MODEL_FIRMWARES(X)                                                                         \
    X(MODEL_FIRMWARE_BIOS, "bios")                                                                 \
    X(MODEL_FIRMWARE_EFI, "efi")
MODEL_ENUM(model_firmware, MODEL_FIRMWARE_UNSET, MODEL_FIRMWARES)

#define MODEL_FIRMWARE_FEATURES(X)                                                                 \
    X(MODEL_FIRMWARE_FEATURE_ENROLLED_KEYS, "enrolled-keys")                                       \
    X(MODEL_FIRMWARE_FEATURE_SECURE_BOOT, "secure-boot")
MODEL_ENUM(model_firmware_feature_name, MODEL_FIRMWARE_FEATURE_UNSET, MODEL_FIRMWARE_FEATURES)

#define MODEL_LOADER_TYPES(X)                                                                      \
    X(MODEL_LOADER_ROM, "rom")                                                                     \
    X(MODEL_LOADER_PFLASH, "pflash")
MODEL_ENUM(model_loader_type, MODEL_LOADER_UNSET, MODEL_LOADER_TYPES)

#define MODEL_BOOT_DEVS(X)                                                                         \
    X(MODEL_BOOT_FLOPPY, "fd")                                                                     \
    X(MODEL_BOOT_DISK, "hd")                                                                       \
    X(MODEL_BOOT_CDROM, "cdrom")                                                                   \
    X(MODEL_BOOT_NETWORK, "network")
MODEL_ENUM(model_boot_dev, MODEL_BOOT_UNSET, MODEL_BOOT_DEVS)

#define MODEL_SMBIOS_MODES(X)                                                                      \
    X(MODEL_SMBIOS_EMULATE, "emulate")                                                             \
    X(MODEL_SMBIOS_HOST, "host")                                                                   \
    X(MODEL_SMBIOS_SYSINFO, "sysinfo")
MODEL_ENUM(model_smbios_mode, MODEL_SMBIOS_UNSET, MODEL_SMBIOS_MODES)

#define MODEL_SYSINFO_TYPES(X)                                                                     \
    X(MODEL_SYSINFO_SMBIOS, "smbios")                                                              \
    X(MODEL_SYSINFO_FWCFG, "fwcfg")
MODEL_ENUM(model_sysinfo_type, MODEL_SYSINFO_UNSET, MODEL_SYSINFO_TYPES)

#define MODEL_HYPERV_MODES(X)                                                                      \
    X(MODEL_HYPERV_CUSTOM, "custom")                                                               \
    X(MODEL_HYPERV_PASSTHROUGH, "passthrough")
MODEL_ENUM(model_hyperv_mode, MODEL_HYPERV_UNSET, MODEL_HYPERV_MODES)

#define MODEL_IOAPIC_DRIVERS(X)                                                                    \
    X(MODEL_IOAPIC_QEMU, "qemu")                                                                   \
    X(MODEL_IOAPIC_KVM, "kvm")
MODEL_ENUM(model_ioapic_driver, MODEL_IOAPIC_UNSET, MODEL_IOAPIC_DRIVERS)

#define MODEL_GIC_VERSIONS(X)                                                                      \
    X(MODEL_GIC_HOST, "host")                                                                      \
    X(MODEL_GIC_2, "2")                                                                            \
    X(MODEL_GIC_3, "3")
MODEL_ENUM(model_gic_version, MODEL_GIC_UNSET, MODEL_GIC_VERSIONS)

#define MODEL_CPU_MODES(X)                                                                         \
    X(MODEL_CPU_CUSTOM, "custom")                                                                  \
    X(MODEL_CPU_HOST_MODEL, "host-model")                                                          \
    X(MODEL_CPU_HOST_PASSTHROUGH, "host-passthrough")                                              \
    X(MODEL_CPU_MAXIMUM, "maximum")
MODEL_ENUM(model_cpu_mode, MODEL_CPU_MODE_UNSET, MODEL_CPU_MODES)

#define MODEL_CPU_MATCHES(X)                                                                       \
    X(MODEL_CPU_MATCH_MINIMUM, "minimum")                                                          \
    X(MODEL_CPU_MATCH_EXACT, "exact")                                                              \
    X(MODEL_CPU_MATCH_STRICT, "strict")
MODEL_ENUM(model_cpu_match, MODEL_CPU_MATCH_UNSET, MODEL_CPU_MATCHES)

#define MODEL_CPU_CHECKS(X)                                                                        \
    X(MODEL_CPU_CHECK_NONE, "none")                                                                \
    X(MODEL_CPU_CHECK_PARTIAL, "partial")                                                          \
    X(MODEL_CPU_CHECK_FULL, "full")
MODEL_ENUM(model_cpu_check, MODEL_CPU_CHECK_UNSET, MODEL_CPU_CHECKS)

#define MODEL_CPU_FALLBACKS(X)                                                                     \
    X(MODEL_CPU_FALLBACK_ALLOW, "allow")                                                           \
    X(MODEL_CPU_FALLBACK_FORBID, "forbid")
MODEL_ENUM(model_cpu_fallback, MODEL_CPU_FALLBACK_UNSET, MODEL_CPU_FALLBACKS)

#define MODEL_CPU_POLICIES(X)                                                                      \
    X(MODEL_CPU_POLICY_FORCE, "force")                                                             \
    X(MODEL_CPU_POLICY_REQUIRE, "require")                                                         \
    X(MODEL_CPU_POLICY_OPTIONAL, "optional")                                                       \
    X(MODEL_CPU_POLICY_DISABLE, "disable")                                                         \
    X(MODEL_CPU_POLICY_FORBID, "forbid")
MODEL_ENUM(model_cpu_policy, MODEL_CPU_POLICY_UNSET, MODEL_CPU_POLICIES)

#define MODEL_CPU_CACHE_MODES(X)                                                                   \
    X(MODEL_CPU_CACHE_EMULATE, "emulate")                                                          \
    X(MODEL_CPU_CACHE_PASSTHROUGH, "passthrough")                                                  \
    X(MODEL_CPU_CACHE_DISABLE, "disable")
MODEL_ENUM(model_cpu_cache_mode, MODEL_CPU_CACHE_UNSET, MODEL_CPU_CACHE_MODES)

#define MODEL_CPU_MAXPHYSADDRS(X)                                                                  \
    X(MODEL_CPU_MAXPHYSADDR_EMULATE, "emulate")                                                    \
    X(MODEL_CPU_MAXPHYSADDR_PASSTHROUGH, "passthrough")
MODEL_ENUM(model_cpu_maxphysaddr_mode, MODEL_CPU_MAXPHYSADDR_UNSET, MODEL_CPU_MAXPHYSADDRS)

#define MODEL_CLOCK_OFFSETS(X)                                                                     \
    X(MODEL_CLOCK_UTC, "utc")                                                                      \
    X(MODEL_CLOCK_LOCALTIME, "localtime")                                                          \
    X(MODEL_CLOCK_VARIABLE, "variable")                                                            \
    X(MODEL_CLOCK_TIMEZONE, "timezone")                                                            \
    X(MODEL_CLOCK_ABSOLUTE, "absolute")
MODEL_ENUM(model_clock_offset, MODEL_CLOCK_UNSET, MODEL_CLOCK_OFFSETS)

#define MODEL_CLOCK_BASES(X)                                                                       \
    X(MODEL_CLOCK_BASIS_UTC, "utc")                                                                \
    X(MODEL_CLOCK_BASIS_LOCALTIME, "localtime")
MODEL_ENUM(model_clock_basis, MODEL_CLOCK_BASIS_UNSET, MODEL_CLOCK_BASES)

#define MODEL_TIMERS(X)                                                                            \
    X(MODEL_TIMER_PLATFORM, "platform")                                                            \
    X(MODEL_TIMER_PIT, "pit")                                                                      \
    X(MODEL_TIMER_RTC, "rtc")                                                                      \
    X(MODEL_TIMER_HPET, "hpet")                                                                    \
    X(MODEL_TIMER_TSC, "tsc")                                                                      \
    X(MODEL_TIMER_KVMCLOCK, "kvmclock")                                                            \
    X(MODEL_TIMER_HYPERVCLOCK, "hypervclock")                                                      \
    X(MODEL_TIMER_ARMVTIMER, "armvtimer")
MODEL_ENUM(model_timer_name, MODEL_TIMER_UNSET, MODEL_TIMERS)

#define MODEL_TICKPOLICIES(X)                                                                      \
    X(MODEL_TICKPOLICY_DELAY, "delay")                                                             \
    X(MODEL_TICKPOLICY_CATCHUP, "catchup")                                                         \
    X(MODEL_TICKPOLICY_MERGE, "merge")                                                             \
    X(MODEL_TICKPOLICY_DISCARD, "discard")
MODEL_ENUM(model_tickpolicy, MODEL_TICKPOLICY_UNSET, MODEL_TICKPOLICIES)

#define MODEL_TIMER_TRACKS(X)                                                                      \
    X(MODEL_TIMER_TRACK_BOOT, "boot")                                                              \
    X(MODEL_TIMER_TRACK_GUEST, "guest")                                                            \
    X(MODEL_TIMER_TRACK_WALL, "wall")                                                              \
    X(MODEL_TIMER_TRACK_REALTIME, "realtime")
MODEL_ENUM(model_timer_track, MODEL_TIMER_TRACK_UNSET, MODEL_TIMER_TRACKS)

#define MODEL_TIMER_MODES(X)                                                                       \
    X(MODEL_TIMER_MODE_AUTO, "auto")                                                               \
    X(MODEL_TIMER_MODE_NATIVE, "native")                                                           \
    X(MODEL_TIMER_MODE_EMULATE, "emulate")                                                         \
    X(MODEL_TIMER_MODE_PARAVIRT, "paravirt")                                                       \
    X(MODEL_TIMER_MODE_SMPSAFE, "smpsafe")
MODEL_ENUM(model_timer_mode, MODEL_TIMER_MODE_UNSET, MODEL_TIMER_MODES)

#define MODEL_SECLABEL_TYPES(X)                                                                    \
    X(MODEL_SECLABEL_NONE, "none")                                                                 \
    X(MODEL_SECLABEL_DYNAMIC, "dynamic")                                                           \
    X(MODEL_SECLABEL_STATIC, "static")
MODEL_ENUM(model_seclabel_type, MODEL_SECLABEL_UNSET, MODEL_SECLABEL_TYPES)

#define MODEL_LAUNCH_SECURITIES(X)                                                                 \
    X(MODEL_LAUNCH_SECURITY_SEV, "sev")                                                            \
    X(MODEL_LAUNCH_SECURITY_S390_PV, "s390-pv")                                                    \
    X(MODEL_LAUNCH_SECURITY_SEV_SNP, "sev-snp")                                                    \
    X(MODEL_LAUNCH_SECURITY_TDX, "tdx")
MODEL_ENUM(model_launch_security_type, MODEL_LAUNCH_SECURITY_UNSET, MODEL_LAUNCH_SECURITIES)

#endif
