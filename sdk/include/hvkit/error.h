/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The error that crosses every boundary of hvkit: the ABI, the wire and the command line. */
#ifndef HVKIT_ERROR_H
#define HVKIT_ERROR_H

#include <hvkit/types.h>

/* Every code: its name, its number, and the number that stands for it on libvirt's wire.
 * Numbers below 0x10000 are libvirt's own, since its clients branch on them
 * (libvirt/virterror.h); hvkit's start at 0x10000. */
#define HVK_ERROR_CODES(X)                                                                         \
    X(INTERNAL_ERROR, 1, 1)                                                                        \
    X(NO_MEMORY, 2, 2)                                                                             \
    X(NO_SUPPORT, 3, 3)                                                                            \
    X(UNKNOWN_HOST, 4, 4)                                                                          \
    X(NO_CONNECT, 5, 5)                                                                            \
    X(INVALID_CONN, 6, 6)                                                                          \
    X(INVALID_DOMAIN, 7, 7)                                                                        \
    X(INVALID_ARG, 8, 8)                                                                           \
    X(OPERATION_FAILED, 9, 9)                                                                      \
    X(GET_FAILED, 10, 10)                                                                          \
    X(POST_FAILED, 11, 11)                                                                         \
    X(HTTP_ERROR, 12, 12)                                                                          \
    X(OS_TYPE, 16, 16)                                                                             \
    X(NO_KERNEL, 17, 17)                                                                           \
    X(NO_ROOT, 18, 18)                                                                             \
    X(NO_SOURCE, 19, 19)                                                                           \
    X(NO_TARGET, 20, 20)                                                                           \
    X(NO_NAME, 21, 21)                                                                             \
    X(NO_OS, 22, 22)                                                                               \
    X(NO_DEVICE, 23, 23)                                                                           \
    X(DRIVER_FULL, 25, 25)                                                                         \
    X(CALL_FAILED, 26, 26)                                                                         \
    X(XML_ERROR, 27, 27)                                                                           \
    X(DOM_EXIST, 28, 28)                                                                           \
    X(OPERATION_DENIED, 29, 29)                                                                    \
    X(OPEN_FAILED, 30, 30)                                                                         \
    X(READ_FAILED, 31, 31)                                                                         \
    X(PARSE_FAILED, 32, 32)                                                                        \
    X(CONF_SYNTAX, 33, 33)                                                                         \
    X(WRITE_FAILED, 34, 34)                                                                        \
    X(XML_DETAIL, 35, 35)                                                                          \
    X(INVALID_NETWORK, 36, 36)                                                                     \
    X(NETWORK_EXIST, 37, 37)                                                                       \
    X(SYSTEM_ERROR, 38, 38)                                                                        \
    X(RPC, 39, 39)                                                                                 \
    X(GNUTLS_ERROR, 40, 40)                                                                        \
    X(NO_DOMAIN, 42, 42)                                                                           \
    X(NO_NETWORK, 43, 43)                                                                          \
    X(INVALID_MAC, 44, 44)                                                                         \
    X(AUTH_FAILED, 45, 45)                                                                         \
    X(INVALID_STORAGE_POOL, 46, 46)                                                                \
    X(INVALID_STORAGE_VOL, 47, 47)                                                                 \
    X(NO_STORAGE_POOL, 49, 49)                                                                     \
    X(NO_STORAGE_VOL, 50, 50)                                                                      \
    X(INVALID_NODE_DEVICE, 52, 52)                                                                 \
    X(NO_NODE_DEVICE, 53, 53)                                                                      \
    X(NO_SECURITY_MODEL, 54, 54)                                                                   \
    X(OPERATION_INVALID, 55, 55)                                                                   \
    X(NO_INTERFACE, 57, 57)                                                                        \
    X(INVALID_INTERFACE, 58, 58)                                                                   \
    X(MULTIPLE_INTERFACES, 59, 59)                                                                 \
    X(INVALID_NWFILTER, 61, 61)                                                                    \
    X(NO_NWFILTER, 62, 62)                                                                         \
    X(BUILD_FIREWALL, 63, 63)                                                                      \
    X(INVALID_SECRET, 65, 65)                                                                      \
    X(NO_SECRET, 66, 66)                                                                           \
    X(CONFIG_UNSUPPORTED, 67, 67)                                                                  \
    X(OPERATION_TIMEOUT, 68, 68)                                                                   \
    X(MIGRATE_PERSIST_FAILED, 69, 69)                                                              \
    X(HOOK_SCRIPT_FAILED, 70, 70)                                                                  \
    X(INVALID_DOMAIN_SNAPSHOT, 71, 71)                                                             \
    X(NO_DOMAIN_SNAPSHOT, 72, 72)                                                                  \
    X(INVALID_STREAM, 73, 73)                                                                      \
    X(ARGUMENT_UNSUPPORTED, 74, 74)                                                                \
    X(STORAGE_PROBE_FAILED, 75, 75)                                                                \
    X(STORAGE_POOL_BUILT, 76, 76)                                                                  \
    X(SNAPSHOT_REVERT_RISKY, 77, 77)                                                               \
    X(OPERATION_ABORTED, 78, 78)                                                                   \
    X(AUTH_CANCELLED, 79, 79)                                                                      \
    X(NO_DOMAIN_METADATA, 80, 80)                                                                  \
    X(MIGRATE_UNSAFE, 81, 81)                                                                      \
    X(OVERFLOW, 82, 82)                                                                            \
    X(BLOCK_COPY_ACTIVE, 83, 83)                                                                   \
    X(OPERATION_UNSUPPORTED, 84, 84)                                                               \
    X(SSH, 85, 85)                                                                                 \
    X(AGENT_UNRESPONSIVE, 86, 86)                                                                  \
    X(RESOURCE_BUSY, 87, 87)                                                                       \
    X(ACCESS_DENIED, 88, 88)                                                                       \
    X(DBUS_SERVICE, 89, 89)                                                                        \
    X(STORAGE_VOL_EXIST, 90, 90)                                                                   \
    X(CPU_INCOMPATIBLE, 91, 91)                                                                    \
    X(XML_INVALID_SCHEMA, 92, 92)                                                                  \
    X(MIGRATE_FINISH_OK, 93, 93)                                                                   \
    X(AUTH_UNAVAILABLE, 94, 94)                                                                    \
    X(NO_SERVER, 95, 95)                                                                           \
    X(NO_CLIENT, 96, 96)                                                                           \
    X(AGENT_UNSYNCED, 97, 97)                                                                      \
    X(LIBSSH, 98, 98)                                                                              \
    X(DEVICE_MISSING, 99, 99)                                                                      \
    X(INVALID_NWFILTER_BINDING, 100, 100)                                                          \
    X(NO_NWFILTER_BINDING, 101, 101)                                                               \
    X(INVALID_DOMAIN_CHECKPOINT, 102, 102)                                                         \
    X(NO_DOMAIN_CHECKPOINT, 103, 103)                                                              \
    X(NO_DOMAIN_BACKUP, 104, 104)                                                                  \
    X(INVALID_NETWORK_PORT, 105, 105)                                                              \
    X(NETWORK_PORT_EXIST, 106, 106)                                                                \
    X(NO_NETWORK_PORT, 107, 107)                                                                   \
    X(NO_HOSTNAME, 108, 108)                                                                       \
    X(CHECKPOINT_INCONSISTENT, 109, 109)                                                           \
    X(MULTIPLE_DOMAINS, 110, 110)                                                                  \
    X(DRIVER_REFUSED, 0x10000, 5) /* a driver plugin cannot be used; the text says why */          \
    X(DRIVER_MISSING, 0x10001, 5) /* no driver serves the URI; the text names the package */       \
    X(DRIVER_FAILED, 0x10002, 1)  /* the driver broke its contract, or its process ended */        \
    X(CANCELLED, 0x10003, 78)     /* the caller cancelled the call */                              \
    X(DEADLINE, 0x10004, 68)      /* the call's deadline passed */                                 \
    X(OBJECT_GONE, 0x10005, 55)   /* the object went away while the call waited */                 \
    X(LIMIT, 0x10006, 55)         /* a named bound was exceeded */                                 \
    X(STATE_DAMAGED, 0x10007, 38) /* a stored file cannot be read; it was set aside */             \
    X(ACCELERATOR, 0x10008, 67)   /* KVM or another accelerator cannot run this guest */

enum hvk_error_code {
    HVK_ERR_OK = 0,
#define HVK_ERROR_ENUM(name, number, wire) HVK_ERR_##name = (number),
    HVK_ERROR_CODES(HVK_ERROR_ENUM)
#undef HVK_ERROR_ENUM
};

/* The part of the system an error comes from. Numbers are libvirt's error domains. */
enum hvk_error_source {
    HVK_FROM_NONE = 0,
    HVK_FROM_XML = 5,
    HVK_FROM_RPC = 7,
    HVK_FROM_CONF = 9,
    HVK_FROM_QEMU = 10,
    HVK_FROM_TEST = 12,
    HVK_FROM_REMOTE = 13,
    HVK_FROM_LXC = 17,
    HVK_FROM_STORAGE = 18,
    HVK_FROM_NETWORK = 19,
    HVK_FROM_DOMAIN = 20,
    HVK_FROM_VBOX = 25,
    HVK_FROM_ESX = 28,
    HVK_FROM_STREAMS = 38,
    HVK_FROM_EVENT = 40,
    HVK_FROM_LIBXL = 41,
    HVK_FROM_CAPABILITIES = 44,
    HVK_FROM_URI = 45,
    HVK_FROM_AUTH = 46,
    HVK_FROM_CGROUP = 54,
    HVK_FROM_THREAD = 61,
};

#define HVK_ERROR_TEXT_SIZE 1008

/* Owned by the caller, of one size for the whole epoch, and without pointers: it may be copied,
 * kept and sent. `text` is UTF-8, NUL-terminated and says what was attempted on which object, why
 * it failed and, where there is one, the way out. */
struct hvk_error {
    uint32_t size;  /* sizeof(struct hvk_error) */
    int32_t code;   /* enum hvk_error_code; 0 while nothing failed */
    int32_t source; /* enum hvk_error_source */
    int32_t native; /* errno or the hypervisor's own number; 0 where there is none */
    char text[HVK_ERROR_TEXT_SIZE];
};

#ifdef __cplusplus
static_assert(sizeof(struct hvk_error) == 1024, "the size is part of the ABI");
#else
_Static_assert(sizeof(struct hvk_error) == 1024, "the size is part of the ABI");
#endif

#endif
