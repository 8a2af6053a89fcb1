/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What hvkit adds to QEMU: starting a guest until it runs and ending it, beside the same QEMU
 * command line executed by hand; the same for many at once; and what a durable definition costs as
 * their number grows. What is compared is the guest that runs, on both sides; the bare QEMU's QMP
 * greeting is printed beside it (QEMU 7.2 greets from a thread of its own, about half-way, before
 * it has built the machine: a guest cannot run then). Both sides take turns in one run, and the
 * medians are compared, since the machine has other work too. Usage: bench-qemu
 * [start|parallel|define]...; HVKIT_TEST_ACCEL is kvm or qemu (TCG, the default). */
#include <ftw.h>
#include <hvkit/hvkit.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "qemu_bare.h"

#define STARTS 31
#define PARALLEL 50
#define PARALLEL_ROUNDS 3
#define DEFINE_SAMPLE 101

struct bench {
    char root[128];
    const char *accel;
    struct hvk_connection *connection;
    struct hvk_call call;
};

#define CALL &bench->call, bench->connection

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

/* Also after a failure: no guest and no file is left. */
static void bench_close(struct bench *bench)
{
    struct hvk_domain_list *left = NULL;
    if (hvk_domain_list(CALL, HVK_DOMAIN_LIST_ACTIVE, &left))
        for (uint64_t i = 0; i < left->count; i++)
            hvk_domain_destroy(CALL, hvk_domain_list_at(left, i), 0);
    hvk_free(left);
    hvk_connection_close(bench->connection);
    nftw(bench->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void need(struct bench *bench, bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-qemu: %s: %s\n", what, bench->call.error.text);
    bench_close(bench);
    exit(1);
}

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

static void report(const char *what, double ours, double bare, double most)
{
    double ratio = ours / bare;
    printf("%-28s %9.2f ms  bare %9.2f ms  ratio %5.2f (at most %.1f): %s\n", what, ours, bare,
           ratio, most, ratio <= most ? "reached" : "MISSED");
}

/* ---- domains -------------------------------------------------------------------------------- */

static struct hvk_domain *define(struct bench *bench, const char *name, const char *devices)
{
    char *xml = NULL;
    struct hvk_domain *domain = NULL;
    if (asprintf(&xml,
                 "<domain type='%s'><name>%s</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>"
                 "<os><type arch='x86_64' machine='q35'>hvm</type><loader type='rom'>%s</loader>"
                 "<kernel>%s</kernel></os><features><acpi/></features><devices>"
                 "<emulator>%s</emulator><serial type='pty'/><memballoon model='virtio'/>%s"
                 "</devices></domain>",
                 bench->accel, name, LAB_FIRMWARE, LAB_GUEST, LAB_EMULATOR, devices) < 0)
        abort();
    need(bench, hvk_domain_define_xml(CALL, xml, 0, &domain), "define");
    free(xml);
    return domain;
}

static void undefine(struct bench *bench, struct hvk_domain *domain)
{
    need(bench, hvk_domain_undefine(CALL, domain, 0), "undefine");
    hvk_free(domain);
}

/* The pid of the one QEMU that belongs to the domain: what it was started with is in /proc. */
static struct bare_command *take_command(struct bench *bench, const struct hvk_domain *domain)
{
    char mark[256];
    const uint8_t *u = domain->uuid;
    snprintf(
        mark, sizeof mark,
        "HVKIT_RUN=%s/run/%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
        bench->root, u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11],
        u[12], u[13], u[14], u[15]);
    struct bare_command *command = bare_command_of(mark);
    if (!command) {
        fprintf(stderr, "bench-qemu: no process has '%s'\n", mark);
        exit(1);
    }
    return command;
}

/* ---- one after the other -------------------------------------------------------------------- */

struct series {
    double greeting[STARTS]; /* by hand only */
    double start[STARTS];
    double end[STARTS];
};

static void run_ours(struct bench *bench, const struct hvk_domain *domain, struct series *series,
                     size_t i)
{
    double begin = now_ms();
    need(bench, hvk_domain_create(CALL, domain, NULL, 0, 0, NULL), "start");
    double running = now_ms();
    need(bench, hvk_domain_destroy(CALL, domain, 0), "destroy");
    series->start[i] = running - begin;
    series->end[i] = now_ms() - running;
}

static void run_bare(const struct bare_command *command, struct series *series, size_t i)
{
    struct bare_process process;
    double begin = now_ms();
    bare_start(command, &process);
    bare_await_greeting(&process);
    series->greeting[i] = now_ms() - begin;
    bare_run(&process);
    double running = now_ms();
    bare_end(&process);
    series->start[i] = running - begin;
    series->end[i] = now_ms() - running;
}

static void bench_guest(struct bench *bench, const char *name, const char *devices)
{
    struct series ours, bare;
    char what[64];
    struct hvk_domain *domain = define(bench, name, devices);
    need(bench, hvk_domain_create(CALL, domain, NULL, 0, 0, NULL), "start");
    struct bare_command *command = take_command(bench, domain);
    need(bench, hvk_domain_destroy(CALL, domain, 0), "destroy");
    for (size_t i = 0; i < STARTS; i++) {
        run_ours(bench, domain, &ours, i);
        run_bare(command, &bare, i);
    }
    double started = median(ours.start, STARTS);
    snprintf(what, sizeof what, "start, %s", name);
    report(what, started, median(bare.start, STARTS), 1.3);
    printf("  the bare greeting          %29.2f ms\n", median(bare.greeting, STARTS));
    snprintf(what, sizeof what, "destroy, %s", name);
    report(what, median(ours.end, STARTS), median(bare.end, STARTS), 2);
    bare_command_free(command);
    undefine(bench, domain);
}

static void bench_start(struct bench *bench)
{
    char devices[1024], disk[256];
    snprintf(disk, sizeof disk, "%s/disk.raw", bench->root);
    FILE *file = fopen(disk, "w");
    if (!file || ftruncate(fileno(file), 64 << 20) < 0)
        abort();
    fclose(file);
    snprintf(devices, sizeof devices,
             "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
             "<source file='%s'/><target dev='vda' bus='virtio'/></disk>"
             "<interface type='user'><model type='virtio'/></interface>"
             "<video><model type='virtio'/></video><input type='tablet' bus='usb'/>"
             "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
             disk);
    bench_guest(bench, "small", "");
    bench_guest(bench, "typical", devices);
    unlink(disk);
}

/* ---- all at once ---------------------------------------------------------------------------- */

struct starter {
    struct bench *bench;
    struct hvk_domain *domain;
    pthread_t thread;
};

static void *start_one(void *user)
{
    const struct starter *starter = user;
    struct bench own = *starter->bench;
    own.call = (struct hvk_call)HVK_CALL_INIT;
    need(&own, hvk_domain_create(&own.call, own.connection, starter->domain, NULL, 0, 0, NULL),
         "start one of many");
    return NULL;
}

static double parallel_ours(struct bench *bench, struct starter *starters)
{
    double begin = now_ms();
    for (size_t i = 0; i < PARALLEL; i++)
        if (pthread_create(&starters[i].thread, NULL, start_one, &starters[i]) != 0)
            abort();
    for (size_t i = 0; i < PARALLEL; i++)
        pthread_join(starters[i].thread, NULL);
    double took = now_ms() - begin;
    for (size_t i = 0; i < PARALLEL; i++)
        need(bench, hvk_domain_destroy(CALL, starters[i].domain, 0), "destroy one of many");
    return took;
}

static void parallel_bare(struct bare_command *const *commands, double *out_greeting,
                          double *out_running)
{
    struct bare_process processes[PARALLEL];
    double begin = now_ms();
    for (size_t i = 0; i < PARALLEL; i++)
        bare_start(commands[i], &processes[i]);
    for (size_t i = 0; i < PARALLEL; i++)
        bare_await_greeting(&processes[i]);
    *out_greeting = now_ms() - begin;
    for (size_t i = 0; i < PARALLEL; i++)
        bare_run(&processes[i]);
    *out_running = now_ms() - begin;
    for (size_t i = 0; i < PARALLEL; i++)
        bare_end(&processes[i]);
}

static void bench_parallel(struct bench *bench)
{
    struct starter starters[PARALLEL];
    struct bare_command *commands[PARALLEL];
    double ours[PARALLEL_ROUNDS], greeting[PARALLEL_ROUNDS], running[PARALLEL_ROUNDS];
    for (size_t i = 0; i < PARALLEL; i++) {
        char name[32];
        snprintf(name, sizeof name, "many%zu", i);
        starters[i] = (struct starter){.bench = bench, .domain = define(bench, name, "")};
        need(bench, hvk_domain_create(CALL, starters[i].domain, NULL, 0, 0, NULL), "start");
        commands[i] = take_command(bench, starters[i].domain);
        need(bench, hvk_domain_destroy(CALL, starters[i].domain, 0), "destroy");
    }
    for (size_t i = 0; i < PARALLEL_ROUNDS; i++) {
        ours[i] = parallel_ours(bench, starters);
        parallel_bare(commands, &greeting[i], &running[i]);
    }
    double took = median(ours, PARALLEL_ROUNDS);
    report("50 starts at once", took, median(running, PARALLEL_ROUNDS), 1.3);
    printf("  the bare greetings         %29.2f ms\n", median(greeting, PARALLEL_ROUNDS));
    for (size_t i = 0; i < PARALLEL; i++) {
        bare_command_free(commands[i]);
        undefine(bench, starters[i].domain);
    }
}

/* ---- definitions ---------------------------------------------------------------------------- */

/* What the file system itself takes for a file that is durable: written anew, renamed over. */
static double durable_file(const struct bench *bench)
{
    static const char text[2048];
    char fresh[256], kept[256];
    snprintf(fresh, sizeof fresh, "%s/floor.new", bench->root);
    snprintf(kept, sizeof kept, "%s/floor", bench->root);
    double begin = now_ms();
    FILE *file = fopen(fresh, "w");
    FILE *folder = fopen(bench->root, "r");
    if (!file || !folder || fwrite(text, sizeof text, 1, file) != 1 || fflush(file) != 0 ||
        fsync(fileno(file)) < 0 || rename(fresh, kept) < 0 || fsync(fileno(folder)) < 0)
        abort();
    double took = now_ms() - begin;
    fclose(file);
    fclose(folder);
    return took;
}

static void fill(struct bench *bench, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        char name[32];
        snprintf(name, sizeof name, "filler%zu", i);
        hvk_free(define(bench, name, ""));
    }
}

static void bench_define(struct bench *bench)
{
    static const size_t counts[] = {100, 1000, 10000};
    size_t have = 0;
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        double ours[DEFINE_SAMPLE], floor[DEFINE_SAMPLE];
        fill(bench, have, counts[c] - DEFINE_SAMPLE / 2);
        have = counts[c] - DEFINE_SAMPLE / 2;
        for (size_t i = 0; i < DEFINE_SAMPLE; i++) {
            double begin = now_ms();
            fill(bench, have, have + 1);
            ours[i] = now_ms() - begin;
            have++;
            floor[i] = durable_file(bench);
        }
        double took = median(ours, DEFINE_SAMPLE);
        printf(
            "define at %5zu domains        %6.3f ms  one durable file %6.3f ms  (at most 0.7 ms): "
            "%s\n",
            counts[c], took, median(floor, DEFINE_SAMPLE), took <= 0.7 ? "reached" : "MISSED");
    }
}

/* ---- the root ------------------------------------------------------------------------------- */

static void bench_open(struct bench *bench)
{
    const char *folder = getenv("TMPDIR");
    char uri[192];
    snprintf(bench->root, sizeof bench->root, "%s/hvkit-bench-XXXXXX", folder ? folder : "/tmp");
    if (!mkdtemp(bench->root))
        abort();
    snprintf(uri, sizeof uri, "qemu:///embed?root=%s", bench->root);
    bench->connection = hvk_connection_open(&bench->call, uri, 0);
    need(bench, bench->connection, "open");
}

static const struct {
    const char *name;
    void (*run)(struct bench *bench);
} parts[] = {{"start", bench_start}, {"parallel", bench_parallel}, {"define", bench_define}};

static bool is_wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc == 1;
}

int main(int argc, char **argv)
{
    const char *accel = getenv("HVKIT_TEST_ACCEL");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!is_wanted(parts[i].name, argc, argv))
            continue;
        struct bench bench = {.accel = accel ? accel : "qemu", .call = HVK_CALL_INIT};
        bench_open(&bench);
        parts[i].run(&bench);
        bench_close(&bench);
        fflush(stdout);
    }
    return 0;
}
