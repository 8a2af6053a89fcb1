/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test_driver.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void expect_error(const struct hvk_error *error, int32_t number, const char *words)
{
    if (error->code != number || !strstr(error->text, words))
        fail_msg("expected error %d with '%s', got %d: %s", number, words, error->code,
                 error->text);
}

struct hvk_connection *open_node(const char *uri)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_connection *connection = hvk_connection_open(&call, uri, 0);
    if (!connection)
        fail_msg("cannot open %s: %s", uri, call.error.text);
    return connection;
}

struct hvk_connection *open_fresh(const char *injected)
{
    static unsigned count;
    char uri[512];
    snprintf(uri, sizeof uri, "test:///default?inject=inject_nmi:error=%u%s%s", ++count,
             *injected ? "," : "", injected);
    return open_node(uri);
}

void refuse_node(const char *uri, int32_t number, const char *words)
{
    struct hvk_call call = HVK_CALL_INIT;
    assert_null(hvk_connection_open(&call, uri, 0));
    expect_error(&call.error, number, words);
}

char *domain_xml(const char *name, const char *more)
{
    static const char format[] =
        "<domain type='test'><name>%s</name>%s<memory unit='KiB'>262144</memory>"
        "<currentMemory unit='KiB'>131072</currentMemory><vcpu current='2'>4</vcpu>"
        "<os><type>hvm</type></os><devices>"
        "<disk type='file' device='disk'><source file='/images/a.img'/><target dev='vda'/></disk>"
        "<interface type='user'><mac address='52:54:00:00:00:01'/><target dev='vnet0'/></interface>"
        "<console type='pty'><alias name='ua-console'/></console>"
        "<memballoon model='virtio'/></devices></domain>";
    char *xml;
    assert_true(asprintf(&xml, format, name, more) > 0);
    return xml;
}

void define(struct hvk_connection *connection, const char *name, const char *more)
{
    char *xml = domain_xml(name, more);
    DONE(hvk_domain_define_xml, connection, xml, 0, NULL);
    free(xml);
}

struct hvk_domain named(const char *name)
{
    return (struct hvk_domain){.size = sizeof(struct hvk_domain), .id = -1, .name = name};
}

struct hvk_domain_status status_of(struct hvk_connection *connection, const char *name)
{
    struct hvk_domain domain = named(name);
    struct hvk_domain_status status = HVK_RECORD_INIT(status);
    DONE(hvk_domain_get_status, connection, &domain, &status);
    return status;
}

void expect_state(struct hvk_connection *connection, const char *name, int32_t state,
                  int32_t reason)
{
    struct hvk_domain_status status = status_of(connection, name);
    assert_int_equal(status.state, state);
    assert_int_equal(status.reason, reason);
    assert_int_equal(status.active, state != HVK_DOMAIN_SHUTOFF);
    assert_int_equal(status.id > 0, status.active);
}

void expect_xml(struct hvk_connection *connection, const char *name, uint32_t flags,
                const char *holds, bool does)
{
    struct hvk_domain domain = named(name);
    char *xml = NULL;
    DONE(hvk_domain_get_xml_desc, connection, &domain, flags, &xml);
    if ((strstr(xml, holds) != NULL) != does)
        fail_msg("'%s' is %s in %s", holds, does ? "not" : "found", xml);
    hvk_free(xml);
}

/* ---- events --------------------------------------------------------------------------------- */

static void note_fill(struct note *note, struct hvk_connection *connection, uint32_t event,
                      const struct hvk_domain *domain, const void *payload)
{
    struct hvk_domain_status status = HVK_RECORD_INIT(status);
    *note = (struct note){.event = event, .state = -1};
    if (hvk_domain_get_status(NULL, connection, domain, &status))
        note->state = status.state;
    snprintf(note->name, sizeof note->name, "%s", domain->name);
    if (event == HVK_EVENT_DOMAIN_LIFECYCLE) {
        const struct hvk_event_domain_lifecycle *lifecycle = payload;
        note->kind = lifecycle->event;
        note->detail = lifecycle->detail;
    } else if (event == HVK_EVENT_DOMAIN_DEVICE_ADDED || event == HVK_EVENT_DOMAIN_DEVICE_REMOVED) {
        const struct hvk_event_domain_device_added *device = payload;
        snprintf(note->text, sizeof note->text, "%s", device->device);
    } else if (event == HVK_EVENT_DOMAIN_METADATA_CHANGE) {
        const struct hvk_event_domain_metadata_change *change = payload;
        note->kind = change->type;
        snprintf(note->text, sizeof note->text, "%s", change->uri ? change->uri : "");
    }
}

static void take_note(struct hvk_connection *connection, uint32_t event, const void *object,
                      const void *payload, void *user)
{
    struct journal *journal = user;
    struct note note;
    note_fill(&note, connection, event, object, payload);
    pthread_mutex_lock(&journal->mutex);
    if (journal->count < JOURNAL_MAX)
        journal->notes[journal->count++] = note;
    pthread_cond_broadcast(&journal->grew);
    pthread_mutex_unlock(&journal->mutex);
}

struct journal *journal_start(struct hvk_connection *connection)
{
    static const uint32_t events[] = {
        HVK_EVENT_DOMAIN_LIFECYCLE, HVK_EVENT_DOMAIN_REBOOT, HVK_EVENT_DOMAIN_DEVICE_ADDED,
        HVK_EVENT_DOMAIN_DEVICE_REMOVED, HVK_EVENT_DOMAIN_METADATA_CHANGE};
    struct journal *journal = calloc(1, sizeof *journal);
    assert_non_null(journal);
    pthread_mutex_init(&journal->mutex, NULL);
    pthread_cond_init(&journal->grew, NULL);
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        journal->watches[i] =
            hvk_connection_watch(NULL, connection, events[i], NULL, take_note, journal, NULL);
        assert_non_null(journal->watches[i]);
    }
    return journal;
}

const struct note *journal_at(struct journal *journal, unsigned index)
{
    pthread_mutex_lock(&journal->mutex);
    while (journal->count <= index)
        pthread_cond_wait(&journal->grew, &journal->mutex);
    pthread_mutex_unlock(&journal->mutex);
    return &journal->notes[index];
}

void journal_stop(struct journal *journal)
{
    for (size_t i = 0; i < sizeof journal->watches / sizeof journal->watches[0]; i++)
        hvk_watch_free(journal->watches[i]);
    pthread_cond_destroy(&journal->grew);
    pthread_mutex_destroy(&journal->mutex);
    free(journal);
}

void expect_event(struct journal *journal, unsigned index, int32_t kind, int32_t detail)
{
    const struct note *note = journal_at(journal, index);
    if (note->event != HVK_EVENT_DOMAIN_LIFECYCLE || note->kind != kind || note->detail != detail)
        fail_msg("event %u is 0x%x %d/%d of %s, expected %d/%d", index, note->event, note->kind,
                 note->detail, note->name, kind, detail);
}

/* ---- files ---------------------------------------------------------------------------------- */

static char directory[256];

int scratch_setup(void **state)
{
    const char *base = getenv("TMPDIR");
    (void)state;
    snprintf(directory, sizeof directory, "%s/hvkit-test-driver-XXXXXX", base ? base : "/tmp");
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
    (void)info;
    (void)type;
    (void)ftw;
    return remove(path);
}

int scratch_teardown(void **state)
{
    (void)state;
    return nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *scratch_path(const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

void scratch_write(const char *name, const char *text)
{
    FILE *file = fopen(scratch_path(name), "w");
    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0, 1);
    assert_int_equal(fclose(file), 0);
}
