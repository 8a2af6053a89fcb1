/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What starting the command costs, against virsh: instructions (valgrind's callgrind), wall time
 * (the median), peak memory, mapped libraries. bench-startup HVKIT [RUNS], from a release build. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARGS_MAX 12

extern char **environ;

struct cost {
    double wall_ms; /* median */
    double instructions;
    long peak_kib;
    int libraries;
};

static void die(const char *what)
{
    fprintf(stderr, "bench-startup: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Runs it to its end, its output dropped, its errors to a file. */
static void run(const char *const argv[], const char *const environment[], int errors,
                struct rusage *usage)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    if (errors >= 0)
        posix_spawn_file_actions_adddup2(&actions, errors, 2);
    errno = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv,
                         (char *const *)environment);
    posix_spawn_file_actions_destroy(&actions);
    if (errno)
        die(argv[0]);
    if (wait4(pid, &status, 0, usage) < 0 || status != 0)
        die("a command failed");
}

static int compare(const void *a, const void *b)
{
    const double *one = a, *other = b;
    return (*one > *other) - (*one < *other);
}

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void measure_runs(const char *const argv[], int runs, struct cost *cost)
{
    double *times = calloc((size_t)runs, sizeof *times);
    struct rusage usage;
    if (!times)
        die("memory");
    for (int i = 0; i < runs; i++) {
        double start = now_ms();
        run(argv, (const char *const *)environ, -1, &usage);
        times[i] = now_ms() - start;
        if (usage.ru_maxrss > cost->peak_kib)
            cost->peak_kib = usage.ru_maxrss;
    }
    qsort(times, (size_t)runs, sizeof *times, compare);
    cost->wall_ms = times[runs / 2];
    free(times);
}

/* A temporary file without a name, for what a command says. */
static FILE *scratch(void)
{
    FILE *file = tmpfile();
    if (!file)
        die("tmpfile");
    return file;
}

static double measure_instructions(const char *const argv[])
{
    FILE *said = scratch();
    const char *under[ARGS_MAX + 4] = {"valgrind", "--tool=callgrind",
                                       "--callgrind-out-file=/dev/null"};
    char line[512];
    unsigned long long count = 0;
    for (int i = 0; argv[i]; i++)
        under[3 + i] = argv[i];
    run(under, (const char *const *)environ, fileno(said), NULL);
    rewind(said);
    while (fgets(line, sizeof line, said)) {
        const char *at = strstr(line, "Collected : ");
        if (at)
            count = strtoull(at + strlen("Collected : "), NULL, 10);
    }
    fclose(said);
    return (double)count;
}

/* The dynamic linker says which objects it maps, also those that are opened later. */
static int measure_libraries(const char *const argv[])
{
    FILE *said = scratch();
    const char *environment[256] = {"LD_DEBUG=files"};
    char line[1024];
    int count = 0, used = 1;
    for (char **at = environ; *at && used < 255; at++)
        environment[used++] = *at;
    run(argv, environment, fileno(said), NULL);
    rewind(said);
    while (fgets(line, sizeof line, said))
        count += strstr(line, "generating link map") != NULL;
    fclose(said);
    return count;
}

static struct cost measure(const char *const argv[], int runs)
{
    struct cost cost = {0};
    measure_runs(argv, runs, &cost);
    cost.instructions = measure_instructions(argv);
    cost.libraries = measure_libraries(argv);
    return cost;
}

static void print(const char *what, const struct cost *cost)
{
    printf("%-34s %8.2f ms %8.2f M %6.1f MB %4d\n", what, cost->wall_ms, cost->instructions / 1e6,
           (double)cost->peak_kib / 1024, cost->libraries);
}

static void compare_commands(const char *what, const char *const ours[], const char *const theirs[],
                             int runs)
{
    struct cost own = measure(ours, runs), their = measure(theirs, runs);
    char name[64];
    snprintf(name, sizeof name, "hvkit %s", what);
    print(name, &own);
    snprintf(name, sizeof name, "virsh %s", what);
    print(name, &their);
    printf("%-34s %8.1f x  %8.1f x %6.1f x  %4.1f x\n", "  theirs / ours",
           their.wall_ms / own.wall_ms, their.instructions / own.instructions,
           (double)their.peak_kib / (double)own.peak_kib, (double)their.libraries / own.libraries);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench-startup HVKIT [RUNS]\n");
        return 2;
    }
    const char *hvkit = argv[1];
    int runs = argc > 2 ? atoi(argv[2]) : 101;
    printf("%-34s %11s %10s %9s %4s\n", "", "wall", "instr.", "peak", "libs");
    compare_commands("--version", (const char *[]){hvkit, "--version", NULL},
                     (const char *[]){"virsh", "--version", NULL}, runs);
    compare_commands("-c test:///default list",
                     (const char *[]){hvkit, "-c", "test:///default", "list", NULL},
                     (const char *[]){"virsh", "-c", "test:///default", "list", NULL}, runs);
    return 0;
}
