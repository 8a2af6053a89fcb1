/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From clone to exec. The child shares the starter's memory, and the starter's thread stands still
 * until the child executes or ends: no page table is copied, however big the process is, and the
 * child's failures are plain stores. In exchange nothing here may allocate, lock or touch what
 * other threads use: system calls and this file's own memory only, on a stack of its own, with
 * every signal blocked until each has its default disposition (the child's table of dispositions
 * is a copy, the application's stays as it is).
 *
 * A child that has not executed has no exit signal, so a start that fails stays invisible to an
 * application that waits for its own children. A daemon's parent is a process that ends at once:
 * the daemon belongs to init from the beginning, and never sends the application a SIGCHLD. */
#include "runtime/child_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_SIZE (16u * 1024)
#define KERNEL_SIGNALS 64
#define KERNEL_SIGSET_SIZE (KERNEL_SIGNALS / 8)

/* A sanitizer's bookkeeping belongs to the starter's thread, which this code borrows. */
#define IN_CHILD __attribute__((no_sanitize("address", "thread", "undefined")))

/* As the kernel has it, which is not the C library's. */
struct kernel_sigaction {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

/* Also those signals that the C library keeps for itself and leaves out of sigfillset(). */
IN_CHILD static void set_signal_mask(uint64_t mask, uint64_t *out_before)
{
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, out_before, KERNEL_SIGSET_SIZE);
}

/* ---- in the child: bare system calls, since the C library's are cancellation points and a
 * sanitizer's are not what they seem ---- */

IN_CHILD static void reset_signals(void)
{
    static const struct kernel_sigaction by_default; /* zero: SIG_DFL */
    for (int number = 1; number <= KERNEL_SIGNALS; number++)
        syscall(SYS_rt_sigaction, number, &by_default, NULL, KERNEL_SIGSET_SIZE);
}

/* Where clone could not do it: a process that writes 0 moves itself. */
IN_CHILD static bool enter_cgroup(const struct child_plan *plan)
{
    long fd = syscall(SYS_openat, plan->cgroup_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC, 0);
    return fd >= 0 && syscall(SYS_write, fd, "0", 1) == 1;
}

/* A descriptor above 2 for each stream first, since one may be another's number. */
IN_CHILD static bool connect_streams(const struct child_plan *plan)
{
    long from[3];
    for (int i = 0; i < 3; i++) {
        long fd = plan->streams[i];
        if (fd < 0)
            fd = syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
        from[i] = fd >= 0 ? syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 3) : -1;
        if (from[i] < 0)
            return false;
    }
    for (int i = 0; i < 3; i++) {
        if (syscall(SYS_dup3, from[i], i, 0) < 0)
            return false;
    }
    return true;
}

IN_CHILD static bool keep_fds(const struct child_plan *plan)
{
    for (uint32_t i = 0; i < plan->fd_count; i++) {
        if (syscall(SYS_fcntl, plan->fds[i], F_SETFD, 0) < 0)
            return false;
    }
    return true;
}

IN_CHILD static bool close_others(const struct child_plan *plan)
{
    unsigned next = 3;
    for (uint32_t i = 0; i < plan->fd_count; i++) {
        unsigned kept = (unsigned)plan->fds[i];
        if (kept > next && syscall(SYS_close_range, next, kept - 1, 0) < 0)
            return false;
        next = kept + 1;
    }
    return syscall(SYS_close_range, next, ~0u, 0) == 0;
}

IN_CHILD static bool change_directory(const struct child_plan *plan)
{
    if (plan->directory_fd < 0)
        return syscall(SYS_chdir, "/") == 0;
    return syscall(SYS_fchdir, plan->directory_fd) == 0;
}

IN_CHILD static bool start_session(const struct child_plan *plan)
{
    return !plan->is_daemon || syscall(SYS_setsid) >= 0;
}

/* A starter that ended before this took effect has left the child to somebody else already. */
IN_CHILD static bool bind_to_starter(const struct child_plan *plan)
{
    return !plan->bound_to || (syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL) == 0 &&
                               syscall(SYS_getppid) == plan->bound_to);
}

IN_CHILD static bool unblock_and_execute(const struct child_plan *plan)
{
    set_signal_mask(0, NULL);
    syscall(SYS_execve, plan->path, plan->argv, plan->environment);
    return false;
}

/* In this order: the cgroup's and the directory's descriptors are closed with the rest, and those
 * to keep must be open before any new one could have their numbers. */
static const struct {
    enum child_step step;
    bool (*take)(const struct child_plan *plan);
} steps[] = {
    {CHILD_STEP_CGROUP, enter_cgroup},  {CHILD_STEP_SESSION, start_session},
    {CHILD_STEP_BIND, bind_to_starter}, {CHILD_STEP_DIRECTORY, change_directory},
    {CHILD_STEP_KEEP, keep_fds},        {CHILD_STEP_STREAMS, connect_streams},
    {CHILD_STEP_CLOSE, close_others},   {CHILD_STEP_EXEC, unblock_and_execute},
};
#define STEP_COUNT (sizeof steps / sizeof steps[0])

IN_CHILD static void take_steps(struct child_plan *plan, size_t first)
{
    reset_signals();
    for (size_t i = first; i < STEP_COUNT; i++) {
        plan->step = steps[i].step;
        if (!steps[i].take(plan))
            break;
    }
    plan->failure = errno;
}

IN_CHILD static int child_in_place(void *plan)
{
    take_steps(plan, 1);
    syscall(SYS_exit_group, 127);
    return 0;
}

IN_CHILD static int child_to_cgroup(void *plan)
{
    take_steps(plan, 0);
    syscall(SYS_exit_group, 127);
    return 0;
}

/* ---- clone ---- */

#define CHILD_CLONE_FLAGS (CLONE_VM | CLONE_VFORK | CLONE_PIDFD)

/* clone3() with a stack of the child's own, which the C library does not offer and which needs a
 * few instructions for each machine. Elsewhere -ENOSYS: clone() can do all but start in a cgroup,
 * which the child enters by itself then, at the price of a move that stops the whole system's
 * forks for a while. */
#if defined(__x86_64__)
IN_CHILD static long clone3_call(struct clone_args *args, int (*function)(void *), void *argument)
{
    register int (*function_register)(void *) __asm__("r8") = function;
    register void *argument_register __asm__("r9") = argument;
    long result;
    __asm__ volatile("syscall\n\t"
                     "test %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "xor %%ebp, %%ebp\n\t"
                     "mov %%r9, %%rdi\n\t"
                     "call *%%r8\n\t"
                     "hlt\n"
                     "1:"
                     : "=a"(result)
                     : "0"((long)SYS_clone3), "D"(args), "S"(sizeof *args), "r"(function_register),
                       "r"(argument_register)
                     : "rcx", "r11", "memory", "cc");
    return result;
}
#else
IN_CHILD static long clone3_call(struct clone_args *args, int (*function)(void *), void *argument)
{
    (void)args;
    (void)function;
    (void)argument;
    return -ENOSYS;
}
#endif

/* The pid, or minus an errno. */
IN_CHILD static long clone_shared(unsigned char *stack, uint64_t more_flags, int cgroup_fd,
                                  int *out_pidfd, int (*function)(void *), void *argument)
{
    struct clone_args args = {
        .flags = CHILD_CLONE_FLAGS | more_flags,
        .pidfd = (uint64_t)(uintptr_t)out_pidfd,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = STACK_SIZE,
        .cgroup = cgroup_fd < 0 ? 0 : (uint64_t)cgroup_fd,
    };
    long pid = clone3_call(&args, function, argument);
    if ((pid != -ENOSYS && pid != -EPERM) || cgroup_fd >= 0) /* EPERM: a sandbox's filter */
        return pid;
    pid = clone(function, stack + STACK_SIZE, (int)args.flags, argument, out_pidfd);
    return pid < 0 ? -errno : pid;
}

IN_CHILD static void start_program(struct child_plan *plan, unsigned char *stack)
{
    long pid = -1;
    if (plan->cgroup_fd >= 0)
        pid = clone_shared(stack, CLONE_INTO_CGROUP, plan->cgroup_fd, &plan->pidfd, child_in_place,
                           plan);
    if (pid < 0)
        pid = clone_shared(stack, 0, -1, &plan->pidfd,
                           plan->cgroup_fd >= 0 ? child_to_cgroup : child_in_place, plan);
    plan->pid = (int32_t)pid;
    if (pid < 0)
        plan->failure = (int)-pid;
}

struct go_between {
    struct child_plan *plan;
    unsigned char *stack;
};

/* The parent that a daemon has for an instant. It shares the starter's descriptors, so that the
 * pidfd appears there. */
IN_CHILD static int go_between_main(void *user)
{
    struct go_between *go_between = user;
    start_program(go_between->plan, go_between->stack);
    syscall(SYS_exit_group, 0);
    return 0;
}

static void reap(int pidfd)
{
    siginfo_t ignored;
    while (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &ignored, WEXITED | __WALL) < 0 && errno == EINTR)
        ;
}

static void start_daemon(struct child_plan *plan, unsigned char *stacks)
{
    struct go_between go_between = {plan, stacks + STACK_SIZE};
    int pidfd = -1;
    long pid = clone_shared(stacks, CLONE_FILES, -1, &pidfd, go_between_main, &go_between);
    if (pid < 0) {
        plan->failure = (int)-pid;
        return;
    }
    reap(pidfd);
    close(pidfd);
}

void child_start(struct child_plan *plan)
{
    _Alignas(16) unsigned char stacks[2 * STACK_SIZE];
    uint64_t before;
    plan->pid = -1;
    plan->pidfd = -1;
    plan->failure = 0;
    plan->step = CHILD_STEP_CLONE;
    set_signal_mask(~UINT64_C(0), &before);
    if (plan->is_daemon)
        start_daemon(plan, stacks);
    else
        start_program(plan, stacks);
    set_signal_mask(before, NULL);

    if (plan->failure != 0 && plan->pidfd >= 0) {
        if (!plan->is_daemon)
            reap(plan->pidfd);
        close(plan->pidfd);
        plan->pidfd = -1;
    }
}
