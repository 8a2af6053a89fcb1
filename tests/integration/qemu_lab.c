/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu_lab.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* ---- events --------------------------------------------------------------------------------- */

static void on_event(struct hvk_connection *connection, uint32_t event, const void *object,
                     const void *payload, void *user)
{
    (void)connection;
    struct lab *lab = user;
    const struct hvk_domain *domain = object;
    pthread_mutex_lock(&lab->mutex);
    if (lab->event_count < LAB_EVENTS_MAX) {
        struct lab_event *entry = &lab->events[lab->event_count++];
        *entry = (struct lab_event){.number = event};
        snprintf(entry->name, sizeof entry->name, "%s", domain->name);
        if (event == HVK_EVENT_DOMAIN_LIFECYCLE) {
            const struct hvk_event_domain_lifecycle *lifecycle = payload;
            entry->event = lifecycle->event;
            entry->detail = lifecycle->detail;
        }
    }
    pthread_cond_broadcast(&lab->changed);
    pthread_mutex_unlock(&lab->mutex);
}

static bool find_event(struct lab *lab, const char *name, uint32_t number, int32_t event,
                       int32_t detail)
{
    for (size_t i = lab->event_seen; i < lab->event_count; i++) {
        const struct lab_event *entry = &lab->events[i];
        if (entry->number == number && strcmp(entry->name, name) == 0 &&
            (number != HVK_EVENT_DOMAIN_LIFECYCLE ||
             (entry->event == event && (detail < 0 || entry->detail == detail)))) {
            lab->event_seen = i + 1;
            return true;
        }
    }
    return false;
}

static bool wait_event(struct lab *lab, const char *name, uint32_t number, int32_t event,
                       int32_t detail)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LAB_WAIT_MS / 1000;
    pthread_mutex_lock(&lab->mutex);
    bool found;
    int late = 0;
    while (!(found = find_event(lab, name, number, event, detail)) && late == 0)
        late = pthread_cond_timedwait(&lab->changed, &lab->mutex, &until);
    pthread_mutex_unlock(&lab->mutex);
    return found;
}

void lab_wait_lifecycle(struct lab *lab, const char *name, int32_t event, int32_t detail)
{
    if (!wait_event(lab, name, HVK_EVENT_DOMAIN_LIFECYCLE, event, detail))
        fail_msg("the lifecycle event %d/%d of '%s' did not come", event, detail, name);
}

void lab_wait_event(struct lab *lab, const char *name, uint32_t number)
{
    if (!wait_event(lab, name, number, 0, -1))
        fail_msg("the event 0x%x of '%s' did not come", number, name);
}

static const uint32_t watched[] = {
    HVK_EVENT_DOMAIN_LIFECYCLE,       HVK_EVENT_DOMAIN_REBOOT,
    HVK_EVENT_DOMAIN_BALLOON_CHANGE,  HVK_EVENT_DOMAIN_DEVICE_ADDED,
    HVK_EVENT_DOMAIN_DEVICE_REMOVED,  HVK_EVENT_DOMAIN_METADATA_CHANGE,
    HVK_EVENT_DOMAIN_TRAY_CHANGE,     HVK_EVENT_DOMAIN_CONTROL_ERROR,
    HVK_EVENT_DOMAIN_PMSUSPEND,       HVK_EVENT_DOMAIN_PMWAKEUP,
    HVK_EVENT_DOMAIN_IO_ERROR_REASON,
};

/* ---- the root ------------------------------------------------------------------------------- */

void lab_open(struct lab *lab)
{
    lab->connection = hvk_connection_open(&lab->call, lab->uri, 0);
    if (!lab->connection)
        fail_msg("open '%s': %s", lab->uri, lab->call.error.text);
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        struct hvk_watch *watch = hvk_connection_watch(&lab->call, lab->connection, watched[i],
                                                       NULL, on_event, lab, NULL);
        if (!watch)
            fail_msg("watch 0x%x: %s", watched[i], lab->call.error.text);
        lab->watches[lab->watch_count++] = watch;
    }
}

void lab_close(struct lab *lab)
{
    while (lab->watch_count > 0)
        hvk_watch_free(lab->watches[--lab->watch_count]);
    hvk_connection_close(lab->connection);
    lab->connection = NULL;
}

void lab_reopen(struct lab *lab)
{
    lab_close(lab);
    lab_open(lab);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static bool has_mark(const char *pid, const char *mark, size_t length)
{
    char path[300];
    static char text[65536];
    snprintf(path, sizeof path, "/proc/%s/environ", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (fd >= 0)
        close(fd);
    return got > 0 && memmem(text, (size_t)got, mark, length);
}

static unsigned each_process(const struct lab *lab, void (*visit)(pid_t pid))
{
    unsigned count = 0;
    char mark[256];
    size_t length = (size_t)snprintf(mark, sizeof mark, "HVKIT_RUN=%s/", lab->root);
    DIR *proc = opendir("/proc");
    const struct dirent *entry;
    while (proc && (entry = readdir(proc))) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
            !has_mark(entry->d_name, mark, length))
            continue;
        count++;
        if (visit)
            visit(atoi(entry->d_name));
    }
    if (proc)
        closedir(proc);
    return count;
}

unsigned lab_processes(const struct lab *lab)
{
    return each_process(lab, NULL);
}

static void kill_one(pid_t pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd end = {.fd = fd, .events = POLLIN};
    assert_true(fd >= 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(poll(&end, 1, LAB_WAIT_MS), 1);
    close(fd);
}

unsigned lab_kill_processes(const struct lab *lab)
{
    return each_process(lab, kill_one);
}

unsigned lab_files(const struct lab *lab, const char *folder)
{
    char path[256];
    unsigned count = 0;
    snprintf(path, sizeof path, "%s/%s", lab->root, folder);
    DIR *directory = opendir(path);
    const struct dirent *entry;
    while (directory && (entry = readdir(directory)))
        count += entry->d_name[0] != '.';
    if (directory)
        closedir(directory);
    return count;
}

unsigned lab_run_directories(const struct lab *lab)
{
    return lab_files(lab, "run");
}

/* What boots is what counts: a KVM that exists may still be unable to run a kernel. */
static const char *choose_accelerator(struct lab *lab)
{
    static const char *chosen;
    const char *wanted = getenv("HVKIT_TEST_ACCEL");
    if (wanted)
        return wanted;
    if (chosen)
        return chosen;
    lab->accel = "kvm";
    char *xml = lab_xml(lab, "accelerator", NULL, NULL);
    struct hvk_domain *domain = NULL;
    bool boots = access("/dev/kvm", R_OK | W_OK) == 0 &&
                 hvk_domain_create_xml(&lab->call, lab->connection, xml, NULL, 0,
                                       HVK_DOMAIN_START_PAUSED, &domain);
    free(xml);
    if (boots) {
        struct hvk_stream *console = lab_console(lab, domain);
        lab_ok(lab, hvk_domain_resume(&lab->call, lab->connection, domain));
        char text[256] = "";
        struct hvk_call call = HVK_CALL_INIT;
        call.deadline_ns = hvk_deadline_in(5000);
        size_t have = 0;
        int64_t got;
        while (!strstr(text, "READY") && have < sizeof text - 1 &&
               (got = hvk_stream_read(&call, console, text + have, sizeof text - 1 - have)) > 0)
            text[have += (size_t)got] = '\0';
        boots = strstr(text, "READY") != NULL;
        hvk_stream_free(console);
        lab_ok(lab, hvk_domain_destroy(&lab->call, lab->connection, domain, 0));
        hvk_free(domain);
    }
    chosen = boots ? "kvm" : "qemu";
    print_message("test guests run with type='%s'\n", chosen);
    return chosen;
}

int lab_setup(void **state)
{
    struct lab *lab = calloc(1, sizeof *lab);
    const char *folder = getenv("TMPDIR");
    if (!lab)
        return -1;
    snprintf(lab->root, sizeof lab->root, "%s/hvkit-qemu-XXXXXX", folder ? folder : "/tmp");
    if (!mkdtemp(lab->root))
        return -1;
    snprintf(lab->uri, sizeof lab->uri, "qemu:///embed?root=%s", lab->root);
    lab->call = (struct hvk_call)HVK_CALL_INIT;
    pthread_mutex_init(&lab->mutex, NULL);
    pthread_cond_init(&lab->changed, NULL);
    lab_open(lab);
    lab->accel = choose_accelerator(lab);
    *state = lab;
    return 0;
}

static void destroy_all(struct lab *lab)
{
    struct hvk_domain_list *domains = NULL;
    lab->call.deadline_ns = 0; /* that of a wait that failed has passed */
    if (!hvk_domain_list(&lab->call, lab->connection, HVK_DOMAIN_LIST_ACTIVE, &domains))
        return;
    for (uint64_t i = 0; i < domains->count; i++)
        hvk_domain_destroy(&lab->call, lab->connection, hvk_domain_list_at(domains, i), 0);
    hvk_free(domains);
}

int lab_teardown(void **state)
{
    struct lab *lab = *state;
    if (lab->connection) {
        destroy_all(lab);
        lab_close(lab);
    }
    unsigned left = lab_processes(lab);
    if (left > 0)
        print_error("%u processes of '%s' are left\n", left, lab->root);
    nftw(lab->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    pthread_cond_destroy(&lab->changed);
    pthread_mutex_destroy(&lab->mutex);
    free(lab);
    return left > 0 ? -1 : 0;
}

/* ---- domains -------------------------------------------------------------------------------- */

char *lab_xml(const struct lab *lab, const char *name, const char *devices, const char *more)
{
    char *xml = NULL;
    int length =
        asprintf(&xml,
                 "<domain type='%s' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"
                 "<name>%s</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>"
                 "<os><type arch='x86_64' machine='q35'>hvm</type>"
                 "<loader type='rom'>%s</loader><kernel>%s</kernel></os>"
                 "<features><acpi/></features>%s"
                 "<devices><emulator>%s</emulator><serial type='pty'/>%s</devices></domain>",
                 lab->accel, name, LAB_FIRMWARE, LAB_GUEST, more ? more : "", LAB_EMULATOR,
                 devices ? devices : "<memballoon model='virtio'/>");
    assert_true(length > 0);
    return xml;
}

struct hvk_domain *lab_define(struct lab *lab, const char *name, const char *devices,
                              const char *more)
{
    char *xml = lab_xml(lab, name, devices, more);
    struct hvk_domain *domain = NULL;
    lab_ok(lab, hvk_domain_define_xml(&lab->call, lab->connection, xml, 0, &domain));
    free(xml);
    return domain;
}

/* What a guest says while nobody has its terminal open is lost, so it runs only once somebody has.
 */
struct hvk_stream *lab_run(struct lab *lab, const struct hvk_domain *domain)
{
    struct hvk_stream *console = lab_console(lab, domain);
    lab_ok(lab, hvk_domain_resume(&lab->call, lab->connection, domain));
    lab_expect(lab, console, "READY");
    lab_wait_lifecycle(lab, domain->name, HVK_DOMAIN_EVENT_RESUMED, -1);
    return console;
}

struct hvk_domain *lab_boot(struct lab *lab, const char *name, const char *devices,
                            const char *more)
{
    struct hvk_domain *domain = lab_define(lab, name, devices, more);
    lab_ok(lab, hvk_domain_create(&lab->call, lab->connection, domain, NULL, 0,
                                  HVK_DOMAIN_START_PAUSED, NULL));
    hvk_stream_free(lab_run(lab, domain));
    return domain;
}

struct hvk_stream *lab_console(struct lab *lab, const struct hvk_domain *domain)
{
    struct hvk_stream *stream = hvk_stream_new(&lab->call, lab->connection);
    assert_non_null(stream);
    lab_ok(lab, hvk_domain_open_console(&lab->call, lab->connection, domain, NULL, stream,
                                        HVK_DOMAIN_CONSOLE_FORCE));
    return stream;
}

void lab_expect(struct lab *lab, struct hvk_stream *stream, const char *text)
{
    char seen[16384] = "";
    size_t have = 0;
    lab->call.deadline_ns = hvk_deadline_in(LAB_WAIT_MS);
    while (!strstr(seen, text)) {
        if (have > sizeof seen / 2) {
            memmove(seen, seen + have / 2, have - have / 2 + 1);
            have -= have / 2;
        }
        int64_t got = hvk_stream_read(&lab->call, stream, seen + have, sizeof seen - 1 - have);
        if (got <= 0)
            fail_msg("'%s' was expected on the console: %s; it said: %s", text,
                     got < 0 ? lab->call.error.text : "it ended", seen);
        have += (size_t)got;
        seen[have] = '\0';
    }
    lab->call.deadline_ns = 0;
}

void lab_send(struct lab *lab, struct hvk_stream *stream, const char *text)
{
    lab_ok(lab, hvk_stream_write(&lab->call, stream, text, strlen(text)));
}

int32_t lab_state(struct lab *lab, const struct hvk_domain *domain, int32_t *out_reason)
{
    struct hvk_domain_status status = HVK_RECORD_INIT(status);
    lab_ok(lab, hvk_domain_get_status(&lab->call, lab->connection, domain, &status));
    if (out_reason)
        *out_reason = status.reason;
    return status.state;
}

void lab_check_error(const struct hvk_error *error, int32_t code, const char *words)
{
    if (error->code != code || !strstr(error->text, words))
        fail_msg("error %d '%s' instead of %d '%s'", error->code, error->text, code, words);
}
