/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What revision 1 promises of the structs and numbers that are written by hand, as abi-1.baseline
 * does of those that are generated: a header that contradicts a line does not compile. Lines are
 * only added: a member behind the last one, and nothing at all to a struct of one size. */
#include <hvkit/client.h>
#include <hvkit/driver.h>
#include <hvkit/values.h>

#define MEMBER(record, at, member, ...)                                                            \
    _Static_assert(                                                                                \
        offsetof(struct record, member) == (at) &&                                                 \
            __builtin_types_compatible_p(__typeof__(((struct record *)0)->member), __VA_ARGS__),   \
        "struct " #record "." #member " contradicts what was promised")
#define GROWING(record, bytes)                                                                     \
    _Static_assert(sizeof(struct record) >= (bytes), "struct " #record " has shrunk")
#define OF_ONE_SIZE(record, bytes)                                                                 \
    _Static_assert(sizeof(struct record) == (bytes), "struct " #record " has another size")
#define NUMBER(name, number)                                                                       \
    _Static_assert((name) == (number), #name " has another number than was promised")

#define CALLBACK(name, ...)                                                                        \
    _Static_assert(__builtin_types_compatible_p(name, __VA_ARGS__), #name " has another type")

/* A promise is one line. */
/* clang-format off */
CALLBACK(hvk_lane_function, bool (*)(struct hvk_call *, void *));
CALLBACK(hvk_fd_function, void (*)(struct hvk_call *, int32_t, uint32_t, void *));
CALLBACK(hvk_timer_function, void (*)(struct hvk_call *, void *));
CALLBACK(hvk_ready_function, bool (*)(void *));
CALLBACK(hvk_driver_function, const struct hvk_driver *(*)(void));
CALLBACK(hvk_event_callback, void (*)(struct hvk_connection *, uint32_t, const void *, const void *, void *));

OF_ONE_SIZE(hvk_param, 24);
MEMBER(hvk_param, 0, size, uint32_t);
MEMBER(hvk_param, 4, type, int32_t);
MEMBER(hvk_param, 8, name, const char *);
MEMBER(hvk_param, 16, value.i32, int32_t);
MEMBER(hvk_param, 16, value.u32, uint32_t);
MEMBER(hvk_param, 16, value.i64, int64_t);
MEMBER(hvk_param, 16, value.u64, uint64_t);
MEMBER(hvk_param, 16, value.number, double);
MEMBER(hvk_param, 16, value.boolean, int32_t);
MEMBER(hvk_param, 16, value.string, const char *);

OF_ONE_SIZE(hvk_error, 1024);
MEMBER(hvk_error, 0, size, uint32_t);
MEMBER(hvk_error, 4, code, int32_t);
MEMBER(hvk_error, 8, source, int32_t);
MEMBER(hvk_error, 12, native, int32_t);
MEMBER(hvk_error, 16, text, char[HVK_ERROR_TEXT_SIZE]);

GROWING(hvk_identity, 48);
MEMBER(hvk_identity, 0, size, uint32_t);
MEMBER(hvk_identity, 4, pid, int32_t);
MEMBER(hvk_identity, 8, uid, int64_t);
MEMBER(hvk_identity, 16, gid, int64_t);
MEMBER(hvk_identity, 24, user_name, const char *);
MEMBER(hvk_identity, 32, sasl_name, const char *);
MEMBER(hvk_identity, 40, x509_name, const char *);

GROWING(hvk_call, 1120);
MEMBER(hvk_call, 0, size, uint32_t);
MEMBER(hvk_call, 4, flags, uint32_t);
MEMBER(hvk_call, 8, deadline_ns, int64_t);
MEMBER(hvk_call, 16, cancel, struct hvk_cancel *);
MEMBER(hvk_call, 24, identity, const struct hvk_identity *);
MEMBER(hvk_call, 32, trace, uint8_t[16]);
MEMBER(hvk_call, 48, error, struct hvk_error);
MEMBER(hvk_call, 1072, warning, void (*)(void *, const char *));
MEMBER(hvk_call, 1080, warning_user, void *);
MEMBER(hvk_call, 1088, reserved, void *[4]);

GROWING(hvk_driver_identity, 960);
MEMBER(hvk_driver_identity, 0, size, uint32_t);
MEMBER(hvk_driver_identity, 4, epoch, uint32_t);
MEMBER(hvk_driver_identity, 8, revision, uint32_t);
MEMBER(hvk_driver_identity, 12, needs, uint32_t);
MEMBER(hvk_driver_identity, 16, place, uint32_t);
MEMBER(hvk_driver_identity, 20, threading, uint32_t);
MEMBER(hvk_driver_identity, 24, priority, int32_t);
MEMBER(hvk_driver_identity, 28, flags, uint32_t);
MEMBER(hvk_driver_identity, 32, id, char[32]);
MEMBER(hvk_driver_identity, 64, version, char[32]);
MEMBER(hvk_driver_identity, 96, schemes, char[96]);
MEMBER(hvk_driver_identity, 192, tables, char[512]);
MEMBER(hvk_driver_identity, 704, node_tables, char[256]);

OF_ONE_SIZE(hvk_note, 980);
MEMBER(hvk_note, 0, name_size, uint32_t);
MEMBER(hvk_note, 4, descriptor_size, uint32_t);
MEMBER(hvk_note, 8, type, uint32_t);
MEMBER(hvk_note, 12, name, char[8]);
MEMBER(hvk_note, 20, identity, struct hvk_driver_identity);

OF_ONE_SIZE(hvk_sink, 16);
MEMBER(hvk_sink, 0, size, uint32_t);
MEMBER(hvk_sink, 4, reserved, uint32_t);
MEMBER(hvk_sink, 8, put, bool (*)(struct hvk_sink *, const void *, uint64_t));

GROWING(hvk_published, 112);
MEMBER(hvk_published, 0, size, uint32_t);
MEMBER(hvk_published, 4, kind, uint32_t);
MEMBER(hvk_published, 8, uuid, uint8_t[HVK_UUID_SIZE]);
MEMBER(hvk_published, 24, name, const char *);
MEMBER(hvk_published, 32, id, int32_t);
MEMBER(hvk_published, 36, state, int32_t);
MEMBER(hvk_published, 40, reason, int32_t);
MEMBER(hvk_published, 44, flags, uint32_t);
MEMBER(hvk_published, 48, memory_kib, uint64_t);
MEMBER(hvk_published, 56, max_memory_kib, uint64_t);
MEMBER(hvk_published, 64, vcpus, uint32_t);
MEMBER(hvk_published, 68, max_vcpus, uint32_t);
MEMBER(hvk_published, 72, cpu_time_ns, uint64_t);
MEMBER(hvk_published, 80, cpu_time_fd, int32_t);
MEMBER(hvk_published, 84, reserved, uint32_t);
MEMBER(hvk_published, 88, os_type, const char *);
MEMBER(hvk_published, 96, generation, uint64_t);
MEMBER(hvk_published, 104, object, void *);

GROWING(hvk_spawn, 72);
MEMBER(hvk_spawn, 0, size, uint32_t);
MEMBER(hvk_spawn, 4, flags, uint32_t);
MEMBER(hvk_spawn, 8, path, const char *);
MEMBER(hvk_spawn, 16, argv, const char *const *);
MEMBER(hvk_spawn, 24, environment, const char *const *);
MEMBER(hvk_spawn, 32, stdin_fd, int32_t);
MEMBER(hvk_spawn, 36, stdout_fd, int32_t);
MEMBER(hvk_spawn, 40, stderr_fd, int32_t);
MEMBER(hvk_spawn, 44, fd_count, uint32_t);
MEMBER(hvk_spawn, 48, fds, const int32_t *);
MEMBER(hvk_spawn, 56, cgroup_fd, int32_t);
MEMBER(hvk_spawn, 60, directory_fd, int32_t);
MEMBER(hvk_spawn, 64, reserved, uint64_t);

GROWING(hvk_core, 240);
MEMBER(hvk_core, 0, size, uint32_t);
MEMBER(hvk_core, 4, revision, uint32_t);
MEMBER(hvk_core, 8, log, void (*)(struct hvk_call *, int32_t, const char *));
MEMBER(hvk_core, 16, warn, void (*)(struct hvk_call *, const char *));
MEMBER(hvk_core, 24, check, bool (*)(struct hvk_call *));
MEMBER(hvk_core, 32, lane_leave, void (*)(struct hvk_call *));
MEMBER(hvk_core, 40, lane_enter, bool (*)(struct hvk_call *));
MEMBER(hvk_core, 48, lane_wait, bool (*)(struct hvk_call *, hvk_ready_function, void *, int32_t));
MEMBER(hvk_core, 56, lane_post, bool (*)(struct hvk_node *, uint32_t, const uint8_t *, hvk_lane_function, void *));
MEMBER(hvk_core, 64, lane_end, void (*)(struct hvk_call *));
MEMBER(hvk_core, 72, watch_fd, struct hvk_source *(*)(struct hvk_node *, uint32_t, const uint8_t *, int32_t, uint32_t, hvk_fd_function, void *));
MEMBER(hvk_core, 80, watch_fd_events, void (*)(struct hvk_source *, uint32_t));
MEMBER(hvk_core, 88, add_timer, struct hvk_source *(*)(struct hvk_node *, uint32_t, const uint8_t *, uint64_t, uint64_t, hvk_timer_function, void *));
MEMBER(hvk_core, 96, source_remove, void (*)(struct hvk_source *));
MEMBER(hvk_core, 104, publish, bool (*)(struct hvk_call *, struct hvk_node *, const struct hvk_published *));
MEMBER(hvk_core, 112, unpublish, void (*)(struct hvk_node *, uint32_t, const uint8_t *));
MEMBER(hvk_core, 120, object, void *(*)(struct hvk_node *, uint32_t, const uint8_t *));
MEMBER(hvk_core, 128, for_each_object, void (*)(struct hvk_node *, uint32_t, void (*)(void *object, void *user), void *));
MEMBER(hvk_core, 136, emit, void (*)(struct hvk_node *, uint32_t, const void *, const void *));
MEMBER(hvk_core, 144, reserve, struct hvk_reservation *(*)(struct hvk_call *, struct hvk_node *, const char *, const char *));
MEMBER(hvk_core, 152, release, void (*)(struct hvk_reservation *));
MEMBER(hvk_core, 160, spawn, int32_t (*)(struct hvk_call *, const struct hvk_spawn *, int32_t *));
MEMBER(hvk_core, 168, state_directory, int32_t (*)(struct hvk_call *, struct hvk_node *, const char *));
MEMBER(hvk_core, 176, stream_attach, bool (*)(struct hvk_call *, struct hvk_stream *, int32_t));
MEMBER(hvk_core, 184, stream_on_close, void (*)(struct hvk_stream *, hvk_lane_function, void *));
MEMBER(hvk_core, 192, job_begin, struct hvk_job *(*)(struct hvk_call *, struct hvk_node *, uint32_t, const uint8_t *, int32_t));
MEMBER(hvk_core, 200, job_progress, void (*)(struct hvk_job *, const struct hvk_param *, uint32_t));
MEMBER(hvk_core, 208, job_end, void (*)(struct hvk_job *, bool));
MEMBER(hvk_core, 216, find, const void *(*)(struct hvk_call *, struct hvk_node *, const char *, void **));
MEMBER(hvk_core, 224, open, struct hvk_connection *(*)(struct hvk_call *, struct hvk_node *, const char *));
MEMBER(hvk_core, 232, service, const void *(*)(const char *));

GROWING(hvk_options, 16);
MEMBER(hvk_options, 0, size, uint32_t);
MEMBER(hvk_options, 4, reserved, uint32_t);
MEMBER(hvk_options, 8, get, const char *(*)(const char *, const char *));

OF_ONE_SIZE(hvk_uri_param, 16);
MEMBER(hvk_uri_param, 0, name, const char *);
MEMBER(hvk_uri_param, 8, value, const char *);

GROWING(hvk_uri, 72);
MEMBER(hvk_uri, 0, size, uint32_t);
MEMBER(hvk_uri, 4, port, uint32_t);
MEMBER(hvk_uri, 8, text, const char *);
MEMBER(hvk_uri, 16, scheme, const char *);
MEMBER(hvk_uri, 24, transport, const char *);
MEMBER(hvk_uri, 32, user, const char *);
MEMBER(hvk_uri, 40, host, const char *);
MEMBER(hvk_uri, 48, path, const char *);
MEMBER(hvk_uri, 56, params, const struct hvk_uri_param *);
MEMBER(hvk_uri, 64, param_count, uint64_t);

GROWING(hvk_driver, 64);
MEMBER(hvk_driver, 0, size, uint32_t);
MEMBER(hvk_driver, 4, reserved, uint32_t);
MEMBER(hvk_driver, 8, identity, const struct hvk_driver_identity *);
MEMBER(hvk_driver, 16, start, bool (*)(struct hvk_call *, const struct hvk_core *));
MEMBER(hvk_driver, 24, stop, void (*)(void));
MEMBER(hvk_driver, 32, probe, int32_t (*)(struct hvk_call *));
MEMBER(hvk_driver, 40, open, void *(*)(struct hvk_call *, struct hvk_node *, const struct hvk_uri *, uint32_t));
MEMBER(hvk_driver, 48, close, void (*)(void *));
MEMBER(hvk_driver, 56, find, const void *(*)(const char *));

GROWING(hvk_driver_info, 80);
MEMBER(hvk_driver_info, 0, size, uint32_t);
MEMBER(hvk_driver_info, 4, usable, uint32_t);
MEMBER(hvk_driver_info, 8, loaded, uint32_t);
MEMBER(hvk_driver_info, 12, revision, uint32_t);
MEMBER(hvk_driver_info, 16, needs, uint32_t);
MEMBER(hvk_driver_info, 20, runs, uint32_t);
MEMBER(hvk_driver_info, 24, threading, uint32_t);
MEMBER(hvk_driver_info, 28, priority, int32_t);
MEMBER(hvk_driver_info, 32, id, const char *);
MEMBER(hvk_driver_info, 40, version, const char *);
MEMBER(hvk_driver_info, 48, schemes, const char *);
MEMBER(hvk_driver_info, 56, tables, const char *);
MEMBER(hvk_driver_info, 64, path, const char *);
MEMBER(hvk_driver_info, 72, decision, const char *);

GROWING(hvk_driver_info_list, 24);
MEMBER(hvk_driver_info_list, 0, size, uint32_t);
MEMBER(hvk_driver_info_list, 4, stride, uint32_t);
MEMBER(hvk_driver_info_list, 8, count, uint64_t);
MEMBER(hvk_driver_info_list, 16, items, const struct hvk_driver_info *);

OF_ONE_SIZE(hvk_param_list, 24);
MEMBER(hvk_param_list, 0, size, uint32_t);
MEMBER(hvk_param_list, 4, stride, uint32_t);
MEMBER(hvk_param_list, 8, count, uint64_t);
MEMBER(hvk_param_list, 16, items, const struct hvk_param *);

NUMBER(HVK_ABI_EPOCH, 1);

NUMBER(HVK_UUID_SIZE, 16);
NUMBER(HVK_UUID_STRING_SIZE, 37);

NUMBER(HVK_PARAM_INT32, 1);
NUMBER(HVK_PARAM_UINT32, 2);
NUMBER(HVK_PARAM_INT64, 3);
NUMBER(HVK_PARAM_UINT64, 4);
NUMBER(HVK_PARAM_DOUBLE, 5);
NUMBER(HVK_PARAM_BOOL, 6);
NUMBER(HVK_PARAM_STRING, 7);

NUMBER(HVK_ERROR_TEXT_SIZE, 1008);

NUMBER(HVK_FROM_NONE, 0);
NUMBER(HVK_FROM_XML, 5);
NUMBER(HVK_FROM_RPC, 7);
NUMBER(HVK_FROM_CONF, 9);
NUMBER(HVK_FROM_QEMU, 10);
NUMBER(HVK_FROM_TEST, 12);
NUMBER(HVK_FROM_REMOTE, 13);
NUMBER(HVK_FROM_LXC, 17);
NUMBER(HVK_FROM_STORAGE, 18);
NUMBER(HVK_FROM_NETWORK, 19);
NUMBER(HVK_FROM_DOMAIN, 20);
NUMBER(HVK_FROM_VBOX, 25);
NUMBER(HVK_FROM_ESX, 28);
NUMBER(HVK_FROM_STREAMS, 38);
NUMBER(HVK_FROM_EVENT, 40);
NUMBER(HVK_FROM_LIBXL, 41);
NUMBER(HVK_FROM_CAPABILITIES, 44);
NUMBER(HVK_FROM_URI, 45);
NUMBER(HVK_FROM_AUTH, 46);
NUMBER(HVK_FROM_CGROUP, 54);
NUMBER(HVK_FROM_THREAD, 61);

NUMBER(HVK_ERR_INTERNAL_ERROR, 1);
NUMBER(HVK_ERR_NO_MEMORY, 2);
NUMBER(HVK_ERR_NO_SUPPORT, 3);
NUMBER(HVK_ERR_UNKNOWN_HOST, 4);
NUMBER(HVK_ERR_NO_CONNECT, 5);
NUMBER(HVK_ERR_INVALID_CONN, 6);
NUMBER(HVK_ERR_INVALID_DOMAIN, 7);
NUMBER(HVK_ERR_INVALID_ARG, 8);
NUMBER(HVK_ERR_OPERATION_FAILED, 9);
NUMBER(HVK_ERR_GET_FAILED, 10);
NUMBER(HVK_ERR_POST_FAILED, 11);
NUMBER(HVK_ERR_HTTP_ERROR, 12);
NUMBER(HVK_ERR_OS_TYPE, 16);
NUMBER(HVK_ERR_NO_KERNEL, 17);
NUMBER(HVK_ERR_NO_ROOT, 18);
NUMBER(HVK_ERR_NO_SOURCE, 19);
NUMBER(HVK_ERR_NO_TARGET, 20);
NUMBER(HVK_ERR_NO_NAME, 21);
NUMBER(HVK_ERR_NO_OS, 22);
NUMBER(HVK_ERR_NO_DEVICE, 23);
NUMBER(HVK_ERR_DRIVER_FULL, 25);
NUMBER(HVK_ERR_CALL_FAILED, 26);
NUMBER(HVK_ERR_XML_ERROR, 27);
NUMBER(HVK_ERR_DOM_EXIST, 28);
NUMBER(HVK_ERR_OPERATION_DENIED, 29);
NUMBER(HVK_ERR_OPEN_FAILED, 30);
NUMBER(HVK_ERR_READ_FAILED, 31);
NUMBER(HVK_ERR_PARSE_FAILED, 32);
NUMBER(HVK_ERR_CONF_SYNTAX, 33);
NUMBER(HVK_ERR_WRITE_FAILED, 34);
NUMBER(HVK_ERR_XML_DETAIL, 35);
NUMBER(HVK_ERR_INVALID_NETWORK, 36);
NUMBER(HVK_ERR_NETWORK_EXIST, 37);
NUMBER(HVK_ERR_SYSTEM_ERROR, 38);
NUMBER(HVK_ERR_RPC, 39);
NUMBER(HVK_ERR_GNUTLS_ERROR, 40);
NUMBER(HVK_ERR_NO_DOMAIN, 42);
NUMBER(HVK_ERR_NO_NETWORK, 43);
NUMBER(HVK_ERR_INVALID_MAC, 44);
NUMBER(HVK_ERR_AUTH_FAILED, 45);
NUMBER(HVK_ERR_INVALID_STORAGE_POOL, 46);
NUMBER(HVK_ERR_INVALID_STORAGE_VOL, 47);
NUMBER(HVK_ERR_NO_STORAGE_POOL, 49);
NUMBER(HVK_ERR_NO_STORAGE_VOL, 50);
NUMBER(HVK_ERR_INVALID_NODE_DEVICE, 52);
NUMBER(HVK_ERR_NO_NODE_DEVICE, 53);
NUMBER(HVK_ERR_NO_SECURITY_MODEL, 54);
NUMBER(HVK_ERR_OPERATION_INVALID, 55);
NUMBER(HVK_ERR_NO_INTERFACE, 57);
NUMBER(HVK_ERR_INVALID_INTERFACE, 58);
NUMBER(HVK_ERR_MULTIPLE_INTERFACES, 59);
NUMBER(HVK_ERR_INVALID_NWFILTER, 61);
NUMBER(HVK_ERR_NO_NWFILTER, 62);
NUMBER(HVK_ERR_BUILD_FIREWALL, 63);
NUMBER(HVK_ERR_INVALID_SECRET, 65);
NUMBER(HVK_ERR_NO_SECRET, 66);
NUMBER(HVK_ERR_CONFIG_UNSUPPORTED, 67);
NUMBER(HVK_ERR_OPERATION_TIMEOUT, 68);
NUMBER(HVK_ERR_MIGRATE_PERSIST_FAILED, 69);
NUMBER(HVK_ERR_HOOK_SCRIPT_FAILED, 70);
NUMBER(HVK_ERR_INVALID_DOMAIN_SNAPSHOT, 71);
NUMBER(HVK_ERR_NO_DOMAIN_SNAPSHOT, 72);
NUMBER(HVK_ERR_INVALID_STREAM, 73);
NUMBER(HVK_ERR_ARGUMENT_UNSUPPORTED, 74);
NUMBER(HVK_ERR_STORAGE_PROBE_FAILED, 75);
NUMBER(HVK_ERR_STORAGE_POOL_BUILT, 76);
NUMBER(HVK_ERR_SNAPSHOT_REVERT_RISKY, 77);
NUMBER(HVK_ERR_OPERATION_ABORTED, 78);
NUMBER(HVK_ERR_AUTH_CANCELLED, 79);
NUMBER(HVK_ERR_NO_DOMAIN_METADATA, 80);
NUMBER(HVK_ERR_MIGRATE_UNSAFE, 81);
NUMBER(HVK_ERR_OVERFLOW, 82);
NUMBER(HVK_ERR_BLOCK_COPY_ACTIVE, 83);
NUMBER(HVK_ERR_OPERATION_UNSUPPORTED, 84);
NUMBER(HVK_ERR_SSH, 85);
NUMBER(HVK_ERR_AGENT_UNRESPONSIVE, 86);
NUMBER(HVK_ERR_RESOURCE_BUSY, 87);
NUMBER(HVK_ERR_ACCESS_DENIED, 88);
NUMBER(HVK_ERR_DBUS_SERVICE, 89);
NUMBER(HVK_ERR_STORAGE_VOL_EXIST, 90);
NUMBER(HVK_ERR_CPU_INCOMPATIBLE, 91);
NUMBER(HVK_ERR_XML_INVALID_SCHEMA, 92);
NUMBER(HVK_ERR_MIGRATE_FINISH_OK, 93);
NUMBER(HVK_ERR_AUTH_UNAVAILABLE, 94);
NUMBER(HVK_ERR_NO_SERVER, 95);
NUMBER(HVK_ERR_NO_CLIENT, 96);
NUMBER(HVK_ERR_AGENT_UNSYNCED, 97);
NUMBER(HVK_ERR_LIBSSH, 98);
NUMBER(HVK_ERR_DEVICE_MISSING, 99);
NUMBER(HVK_ERR_INVALID_NWFILTER_BINDING, 100);
NUMBER(HVK_ERR_NO_NWFILTER_BINDING, 101);
NUMBER(HVK_ERR_INVALID_DOMAIN_CHECKPOINT, 102);
NUMBER(HVK_ERR_NO_DOMAIN_CHECKPOINT, 103);
NUMBER(HVK_ERR_NO_DOMAIN_BACKUP, 104);
NUMBER(HVK_ERR_INVALID_NETWORK_PORT, 105);
NUMBER(HVK_ERR_NETWORK_PORT_EXIST, 106);
NUMBER(HVK_ERR_NO_NETWORK_PORT, 107);
NUMBER(HVK_ERR_NO_HOSTNAME, 108);
NUMBER(HVK_ERR_CHECKPOINT_INCONSISTENT, 109);
NUMBER(HVK_ERR_MULTIPLE_DOMAINS, 110);
NUMBER(HVK_ERR_DRIVER_REFUSED, 0x10000);
NUMBER(HVK_ERR_DRIVER_MISSING, 0x10001);
NUMBER(HVK_ERR_DRIVER_FAILED, 0x10002);
NUMBER(HVK_ERR_CANCELLED, 0x10003);
NUMBER(HVK_ERR_DEADLINE, 0x10004);
NUMBER(HVK_ERR_OBJECT_GONE, 0x10005);
NUMBER(HVK_ERR_LIMIT, 0x10006);
NUMBER(HVK_ERR_STATE_DAMAGED, 0x10007);
NUMBER(HVK_ERR_ACCELERATOR, 0x10008);

NUMBER(HVK_CALL_NO_WAIT, 1);

NUMBER(HVK_NOTE_TYPE, 1);

NUMBER(HVK_PUBLISHED_ACTIVE, 1);
NUMBER(HVK_PUBLISHED_PERSISTENT, 2);
NUMBER(HVK_PUBLISHED_AUTOSTART, 4);
NUMBER(HVK_PUBLISHED_UPDATED, 8);
NUMBER(HVK_PUBLISHED_MANAGED_SAVE, 16);
NUMBER(HVK_PUBLISHED_HAS_SNAPSHOT, 32);
NUMBER(HVK_PUBLISHED_HAS_CHECKPOINT, 64);

NUMBER(HVK_SPAWN_DAEMON, 1);
NUMBER(HVK_SPAWN_BOUND, 2);

NUMBER(HVK_DRIVER_CLIENT, 0);
NUMBER(HVK_DRIVER_NODE, 1);

NUMBER(HVK_THREADS_SERIAL, 0);
NUMBER(HVK_THREADS_PER_OBJECT, 1);
NUMBER(HVK_THREADS_PARALLEL, 2);

NUMBER(HVK_LOG_DEBUG, 1);
NUMBER(HVK_LOG_INFO, 2);
NUMBER(HVK_LOG_WARNING, 3);
NUMBER(HVK_LOG_ERROR, 4);

NUMBER(HVK_OBJECT_CONNECTION, 0);
NUMBER(HVK_OBJECT_DOMAIN, 1);
NUMBER(HVK_OBJECT_NETWORK, 2);
NUMBER(HVK_OBJECT_INTERFACE, 3);
NUMBER(HVK_OBJECT_STORAGE_POOL, 4);
NUMBER(HVK_OBJECT_NODE_DEVICE, 5);
NUMBER(HVK_OBJECT_NWFILTER, 6);
NUMBER(HVK_OBJECT_SECRET, 7);

NUMBER(HVK_CONNECT_READ_ONLY, 1);
NUMBER(HVK_CONNECT_NO_ALIASES, 2);

NUMBER(HVK_EVENT_OVERFLOW, 0xffffffffu);
