/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt's own test driver defines every domain of the corpus, and what it then shows must hold
 * all that the model understood. */
#include "model/domain-xml.h"
#include "model/tables.h"
#include "model_corpus.h"
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "cmocka_all.h"

#define MARK "<domain type="

/* What virsh prints for the commands, on the test driver's default node; empty when there is no
 * virsh. */
static void virsh(const char *commands, struct buffer *output)
{
    char *const arguments[] = {(char *)(uintptr_t) "virsh", (char *)(uintptr_t) "-q",
                               (char *)(uintptr_t) "-c",    (char *)(uintptr_t) "test:///default",
                               (char *)(uintptr_t)commands, NULL};
    int ends[2];
    pid_t child;
    posix_spawn_file_actions_t actions;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    int failed = posix_spawnp(&child, "virsh", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    for (ssize_t got = 1; !failed && got > 0;) {
        got = read(ends[0], buffer_reserve(output, 65536), 65536);
        if (got > 0)
            output->length += (size_t)got;
    }
    close(ends[0]);
    buffer_add(output, "", 0);
    if (!failed)
        waitpid(child, NULL, 0);
}

static void silent(void *data, uint32_t line, uint32_t column, const char *text)
{
    (void)data, (void)line, (void)column, (void)text;
}

static struct model_domain *read_domain(const char *path, const char *xml, uint32_t flags)
{
    const struct model_report report = {silent, NULL};
    struct hvk_error err = {0};
    struct model_domain *domain = model_domain_parse(xml, strlen(xml), flags, &report, &err);
    if (!domain)
        fail_msg("%s: %s\n%s", path, err.text, xml);
    return domain;
}

static void compare(const char *path, const char *xml)
{
    auto_model_domain ours = read_domain(path, xml, MODEL_PARSE_INACTIVE);
    auto_buffer output = BUFFER_INIT;
    auto_free char *commands =
        string_format("define %s; dumpxml --inactive --security-info %s", path, ours->name);
    virsh(commands, &output);
    const char *shown = strstr(output.data, MARK);
    if (!shown)
        fail_msg("libvirt does not accept %s", path);
    auto_model_domain theirs = read_domain("virsh", shown, 0);
    /* The test driver leaves other drivers' namespaces out. */
    ours->qemu_commandline = (struct model_qemu_commandline){0};
    ours->qemu_capabilities = (struct model_qemu_capabilities){0};
    /* A socket whose path is to be chosen has no source yet, for libvirt. */
    MODEL_FOR_EACH(&ours->devices.channels, struct model_channel, channel)
    {
        if (channel->chardev.sources.count > 0 && !channel->chardev.sources.items[0]->path)
            channel->chardev.sources.count = 0;
    }
    char where[256];
    if (!model_covers(&model_type_domain, ours, theirs, where, sizeof where))
        fail_msg("%s: libvirt holds something else at %s", path, where);
}

static void libvirt_shows_all_that_the_model_understood(void **state)
{
    (void)state;
    auto_buffer version = BUFFER_INIT;
    virsh("version", &version);
    if (version.length == 0) {
        print_message("skipped, because virsh (libvirt-clients) with its test driver is missing\n");
        skip();
    }
    assert_true(corpus_each(compare) >= 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libvirt_shows_all_that_the_model_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
