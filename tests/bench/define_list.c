/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Defining and listing 100, 1,000 and 10,000 domains: the test driver through libhvkit against
 * libvirt's test driver through its own library, in one run; then the command's `list --all` of a
 * document with as many domains. bench-define-list [HVKIT [URI]] ("" for no command), from a
 * release build. With a URI (qemu:///embed?root=DIR) hvkit's side uses that node, which is expected
 * to be empty. */
#include <hvkit/hvkit.h>

#include <errno.h>
#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIST_RUNS 21

extern char **environ;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "bench-define-list: %s: %s\n", what, why);
    exit(1);
}

static double clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double now_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

/* Of all threads: what other programs do at the same time does not count. */
static double cpu_us(void)
{
    return clock_us(CLOCK_PROCESS_CPUTIME_ID);
}

static int compare(const void *a, const void *b)
{
    const double *one = a, *other = b;
    return (*one > *other) - (*one < *other);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

/* A guest as virt-install makes small ones. */
static void write_domain(char *to, size_t size, unsigned number, const char *type)
{
    snprintf(to, size,
             "<domain type='%s'>\n  <name>vm%05u</name>\n"
             "  <uuid>00000000-0000-4000-8000-%012u</uuid>\n"
             "  <memory unit='KiB'>262144</memory>\n  <vcpu>2</vcpu>\n"
             "  <os>\n    <type>hvm</type>\n  </os>\n  <devices>\n"
             "    <disk type='file' device='disk'>\n      <source file='/images/vm%05u.img'/>\n"
             "      <target dev='vda' bus='virtio'/>\n    </disk>\n  </devices>\n</domain>\n",
             type, number, number + 1, number);
}

struct result {
    double define_us;     /* a domain, elapsed … */
    double define_cpu_us; /* … and processor time */
    double list_ms;
};

static struct result measure_ours(const char *uri, const char *type, unsigned count)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_connection *connection = hvk_connection_open(&call, uri, 0);
    char xml[2048];
    double times[LIST_RUNS];
    if (!connection)
        die(uri, call.error.text);
    double start = now_us(), start_cpu = cpu_us();
    for (unsigned i = 0; i < count; i++) {
        write_domain(xml, sizeof xml, i, type);
        if (!hvk_domain_define_xml(&call, connection, xml, 0, NULL))
            die("define", call.error.text);
    }
    struct result result = {.define_us = (now_us() - start) / count,
                            .define_cpu_us = (cpu_us() - start_cpu) / count};
    for (int i = 0; i < LIST_RUNS; i++) {
        struct hvk_domain_list *list = NULL;
        start = now_us();
        if (!hvk_domain_list(&call, connection, 0, &list) || list->count < count)
            die("list", call.error.text);
        times[i] = (now_us() - start) / 1e3;
        hvk_free(list);
    }
    result.list_ms = median(times, LIST_RUNS);
    struct hvk_domain_list *list = NULL;
    hvk_domain_list(&call, connection, HVK_DOMAIN_LIST_INACTIVE, &list);
    for (uint64_t i = 0; list && i < list->count; i++)
        hvk_domain_undefine(&call, connection, hvk_domain_list_at(list, i), 0);
    hvk_free(list);
    hvk_connection_close(connection);
    return result;
}

static double list_theirs(virConnectPtr connection, unsigned count)
{
    virDomainPtr *list = NULL;
    double start = now_us();
    int found = virConnectListAllDomains(connection, &list, 0);
    double took = (now_us() - start) / 1e3;
    if (found < (int)count)
        die("libvirt", "it lists too few");
    for (int i = 0; i < found; i++)
        virDomainFree(list[i]);
    free(list);
    return took;
}

static struct result measure_theirs(unsigned count)
{
    virConnectPtr connection = virConnectOpen("test:///default");
    char xml[2048];
    double times[LIST_RUNS];
    if (!connection)
        die("libvirt", "cannot open test:///default");
    double start = now_us(), start_cpu = cpu_us();
    for (unsigned i = 0; i < count; i++) {
        write_domain(xml, sizeof xml, i, "test");
        virDomainPtr domain = virDomainDefineXML(connection, xml);
        if (!domain)
            die("libvirt", "define");
        virDomainFree(domain);
    }
    struct result result = {.define_us = (now_us() - start) / count,
                            .define_cpu_us = (cpu_us() - start_cpu) / count};
    for (int i = 0; i < LIST_RUNS; i++)
        times[i] = list_theirs(connection, count);
    result.list_ms = median(times, LIST_RUNS);
    virConnectClose(connection);
    return result;
}

/* ---- the whole command ---------------------------------------------------------------------- */

static void write_node(const char *path, unsigned count)
{
    char xml[2048];
    FILE *file = fopen(path, "w");
    if (!file)
        die(path, strerror(errno));
    fputs("<node xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>\n", file);
    for (unsigned i = 0; i < count; i++) {
        write_domain(xml, sizeof xml, i, "test");
        strcpy(strstr(xml, "</domain>"), "<test:runstate>5</test:runstate></domain>\n");
        fputs(xml, file);
    }
    fputs("</node>\n", file);
    if (fclose(file) != 0)
        die(path, strerror(errno));
}

static double run_ms(const char *const argv[])
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    double start = now_us();
    int error = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error)
        die(argv[0], strerror(error));
    if (waitpid(pid, &status, 0) < 0 || status != 0)
        die(argv[0], "it failed");
    return (now_us() - start) / 1e3;
}

static char document[] = "/tmp/hvkit-bench-XXXXXX.xml";

static void remove_document(void)
{
    unlink(document);
}

static double measure_command(const char *program, unsigned count)
{
    char uri[64];
    double times[5];
    write_node(document, count);
    snprintf(uri, sizeof uri, "test://%s", document);
    for (int i = 0; i < 5; i++)
        times[i] = run_ms((const char *[]){program, "-c", uri, "list", "--all", NULL});
    return median(times, 5);
}

int main(int argc, char **argv)
{
    static const unsigned counts[] = {100, 1000, 10000};
    const char *uri = argc > 2 ? argv[2] : "test:///default";
    const char *type = strncmp(uri, "qemu", 4) == 0 ? "qemu" : "test";
    printf("%8s | %-29s | %-29s | list --all of a document\n", "", uri, "libvirt test:///default");
    printf("%8s | define us  cpu us     list ms | define us  cpu us     list ms | hvkit ms, virsh "
           "ms\n",
           "domains");
    int fd = mkstemps(document, (int)strlen(".xml"));
    if (fd < 0)
        die(document, strerror(errno));
    close(fd);
    atexit(remove_document);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct result own = measure_ours(uri, type, counts[i]);
        struct result their = measure_theirs(counts[i]);
        printf("%8u | %9.1f %7.1f %11.3f | %9.1f %7.1f %11.3f |", counts[i], own.define_us,
               own.define_cpu_us, own.list_ms, their.define_us, their.define_cpu_us, their.list_ms);
        if (argc > 1 && *argv[1])
            printf(" %.1f, %.1f", measure_command(argv[1], counts[i]),
                   measure_command("virsh", counts[i]));
        puts("");
        fflush(stdout);
    }
    return 0;
}
