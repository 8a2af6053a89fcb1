/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The same questions to libvirt's own test driver, in the same process: application suites that
 * were written for it must find the same facts. Where the two differ, and why, is listed below;
 * anything else is a failure. */
#include "test_driver.h"

#ifdef WITHOUT_LIBVIRT
#include <stdio.h>

int main(void)
{
    puts("skipped, because libvirt's headers were not there when this was built");
    return 77;
}
#else

#include <glob.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static virConnectPtr theirs;
static struct hvk_connection *ours;

static int setup(void **state)
{
    (void)state;
    theirs = virConnectOpen("test:///default");
    ours = open_node("test:///default");
    return theirs ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    hvk_connection_close(ours);
    return virConnectClose(theirs);
}

static void the_node_is_the_same(void **state)
{
    virNodeInfo info;
    struct hvk_node_info own = HVK_RECORD_INIT(own);
    (void)state;
    assert_int_equal(virNodeGetInfo(theirs, &info), 0);
    DONE(hvk_connection_node_get_info, ours, &own);
    assert_string_equal(own.model, info.model);
    assert_int_equal(own.memory_kib, info.memory);
    assert_int_equal(own.cpus, info.cpus);
    assert_int_equal(own.mhz, info.mhz);
    assert_int_equal(own.nodes, info.nodes);
    assert_int_equal(own.sockets, info.sockets);
    assert_int_equal(own.cores, info.cores);
    assert_int_equal(own.threads, info.threads);
    int32_t vcpus;
    DONE(hvk_connection_get_max_vcpus, ours, NULL, &vcpus);
    assert_int_equal(vcpus, virConnectGetMaxVcpus(theirs, NULL));
}

/* Theirs is in KiB where the interface promises bytes. */
static void free_memory_differs_by_their_unit(void **state)
{
    unsigned long long cells[2];
    struct hvk_uint64_list *own = NULL;
    (void)state;
    assert_int_equal(virNodeGetCellsFreeMemory(theirs, cells, 0, 2), 2);
    DONE(hvk_connection_node_get_cells_free_memory, ours, 0, 2, &own);
    for (int i = 0; i < 2; i++)
        assert_int_equal(own->items[i], cells[i] * 1024);
    hvk_free(own);
}

/* ---- one domain ----------------------------------------------------------------------------- */

static void expect_same_domain(const char *name)
{
    virDomainPtr domain = virDomainLookupByName(theirs, name);
    struct hvk_domain *own = NULL;
    virDomainInfo info;
    struct hvk_domain_info own_info = HVK_RECORD_INIT(own_info);
    struct hvk_domain_status status = status_of(ours, name);
    int state, reason, autostart;
    unsigned char uuid[16];
    assert_non_null(domain);
    DONE(hvk_domain_lookup_by_name, ours, name, &own);
    DONE(hvk_domain_get_info, ours, own, &own_info);
    assert_int_equal(virDomainGetInfo(domain, &info), 0);
    assert_int_equal(virDomainGetState(domain, &state, &reason, 0), 0);
    assert_int_equal(virDomainGetAutostart(domain, &autostart), 0);
    assert_int_equal(virDomainGetUUID(domain, uuid), 0);
    assert_memory_equal(own->uuid, uuid, sizeof uuid);
    assert_int_equal(status.id, virDomainGetID(domain) == -1u ? -1 : (int)virDomainGetID(domain));
    assert_int_equal(status.state, state);
    assert_int_equal(status.reason, reason);
    assert_int_equal(status.persistent, virDomainIsPersistent(domain));
    assert_int_equal(status.managed_save, virDomainHasManagedSaveImage(domain, 0));
    assert_int_equal(status.autostart, autostart);
    assert_int_equal(own_info.max_memory_kib, info.maxMem);
    assert_int_equal(own_info.memory_kib, info.memory);
    assert_int_equal(own_info.vcpus, info.nrVirtCpu);
    virDomainFree(domain);
    hvk_free(own);
}

static void the_default_domain_is_the_same(void **state)
{
    virDomainPtr *list = NULL;
    struct hvk_domain_list *own = NULL;
    (void)state;
    assert_int_equal(virConnectListAllDomains(theirs, &list, 0), 1);
    DONE(hvk_domain_list, ours, 0, &own);
    assert_int_equal(own->count, 1);
    assert_string_equal(own->items[0].name, virDomainGetName(list[0]));
    virDomainFree(list[0]);
    free(list);
    hvk_free(own);
    expect_same_domain("test");
}

/* ---- a life --------------------------------------------------------------------------------- */

static struct their_journal {
    int kinds[64], details[64];
    unsigned count;
    bool over;
} their_journal;

static int take_event(virConnectPtr connection, virDomainPtr domain, int event, int detail,
                      void *user)
{
    (void)connection;
    (void)domain;
    (void)user;
    their_journal.kinds[their_journal.count] = event;
    their_journal.details[their_journal.count++] = detail;
    return 0;
}

static void end_of_events(int timer, void *user)
{
    (void)timer;
    (void)user;
    their_journal.over = true;
}

/* Their events wait for the application's loop; the timer ends it when no more come. */
static void run_their_loop(void)
{
    int timer = virEventAddTimeout(100, end_of_events, NULL, NULL);
    while (!their_journal.over)
        virEventRunDefaultImpl();
    virEventRemoveTimeout(timer);
}

struct step {
    const char *name;
    int (*theirs)(virDomainPtr);
    bool (*ours)(struct hvk_call *, struct hvk_connection *, const struct hvk_domain *);
};

static int their_destroy(virDomainPtr domain)
{
    return virDomainDestroy(domain);
}

static int their_save(virDomainPtr domain)
{
    return virDomainManagedSave(domain, 0);
}

static int their_save_removal(virDomainPtr domain)
{
    return virDomainManagedSaveRemove(domain, 0);
}

static bool our_save_removal(struct hvk_call *call, struct hvk_connection *connection,
                             const struct hvk_domain *domain)
{
    return hvk_domain_managed_save_remove(call, connection, domain, 0);
}

static bool our_shutdown(struct hvk_call *call, struct hvk_connection *connection,
                         const struct hvk_domain *domain)
{
    return hvk_domain_shutdown(call, connection, domain, 0);
}

static bool our_destroy(struct hvk_call *call, struct hvk_connection *connection,
                        const struct hvk_domain *domain)
{
    return hvk_domain_destroy(call, connection, domain, 0);
}

static bool our_create(struct hvk_call *call, struct hvk_connection *connection,
                       const struct hvk_domain *domain)
{
    return hvk_domain_create(call, connection, domain, NULL, 0, 0, NULL);
}

static bool our_save(struct hvk_call *call, struct hvk_connection *connection,
                     const struct hvk_domain *domain)
{
    return hvk_domain_managed_save(call, connection, domain, 0);
}

static bool our_undefine(struct hvk_call *call, struct hvk_connection *connection,
                         const struct hvk_domain *domain)
{
    return hvk_domain_undefine(call, connection, domain, 0);
}

static const struct step steps[] = {
    {"suspend", virDomainSuspend, hvk_domain_suspend},
    {"resume", virDomainResume, hvk_domain_resume},
    {"suspend twice", virDomainSuspend, hvk_domain_suspend},
    {"suspend while paused", virDomainSuspend, hvk_domain_suspend},
    {"resume again", virDomainResume, hvk_domain_resume},
    {"shutdown", virDomainShutdown, our_shutdown},
    {"shutdown while off", virDomainShutdown, our_shutdown},
    {"destroy while off", their_destroy, our_destroy},
    {"start", virDomainCreate, our_create},
    {"start while running", virDomainCreate, our_create},
    {"destroy", their_destroy, our_destroy},
    {"start after destroy", virDomainCreate, our_create},
    {"managed save", their_save, our_save},
    /* A start from it is RESTORED, as with libvirt's QEMU driver; their test driver says BOOTED. */
    {"removal of the managed save", their_save_removal, our_save_removal},
    {"start at last", virDomainCreate, our_create},
    {"destroy at last", their_destroy, our_destroy},
};

/* After every step state, reason and id are the same, and so is whether it was allowed. */
static void a_life_is_the_same(void **state)
{
    struct journal *journal = journal_start(ours);
    virDomainPtr domain = virDomainLookupByName(theirs, "test");
    struct hvk_domain own = named("test");
    (void)state;
    their_journal = (struct their_journal){0};
    int watch = virConnectDomainEventRegisterAny(theirs, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                                 VIR_DOMAIN_EVENT_CALLBACK(take_event), NULL, NULL);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct hvk_call call = HVK_CALL_INIT;
        bool allowed = steps[i].theirs(domain) == 0;
        if (steps[i].ours(&call, ours, &own) != allowed)
            fail_msg("%s: theirs was %s", steps[i].name, allowed ? "allowed" : "refused");
        if (!allowed)
            assert_int_equal(call.error.code, HVK_ERR_OPERATION_INVALID); /* theirs: often 1 */
        expect_same_domain("test");
    }
    assert_int_equal(virDomainUndefine(domain), 0);
    DONE(our_undefine, ours, &own);
    run_their_loop();
    assert_true(their_journal.count > 0);
    for (unsigned i = 0; i < their_journal.count; i++)
        expect_event(journal, i, their_journal.kinds[i], their_journal.details[i]);
    virConnectDomainEventDeregisterAny(theirs, watch);
    virDomainFree(domain);
    journal_stop(journal);
}

/* ---- XML ------------------------------------------------------------------------------------ */

/* Lines that only one of the two writes. The test driver keeps what it was given and leaves to a
 * hypervisor's driver what only that can decide; libvirt's fills it in. */
enum { OURS = 1, THEIRS = 2, EITHER = OURS | THEIRS };
static const struct difference {
    int whose;
    const char *start; /* of the line, without its indentation */
    const char *why;
} differences[] = {
    {THEIRS, "<address ", "they place every device on a bus"},
    {EITHER, "<controller ", "they number controllers and add those that devices need"},
    {THEIRS, "<target ", "they name host interfaces and number ports"},
    {THEIRS, "<mac address='52:54:00:", "they make up what was not said"},
    {EITHER, "<console ", "they repeat the first serial port as a console, and the reverse"},
    {EITHER, "<serial ", "the same"},
    {THEIRS, "<source mode='bind' host='127.0.0.1'", "the same"},
    {THEIRS, "<protocol type='raw'>", "the same"},
    {THEIRS, "<log file=", "the same"},
    {EITHER, "<type ", "they say which architecture it is when nobody did"},
    {OURS, "<type>hvm</type>", "the same"},
    {THEIRS, "<boot dev='hd'>", "their default"},
    {EITHER, "<filesystem ", "they write the default access mode"},
    {EITHER, "<model type=", "they write defaults of a video device"},
    {EITHER, "<graphics type='vnc'", "they repeat the first listen in an attribute"},
    {EITHER, "<redirdev ", "the address within"},
    {EITHER, "<cell id='1'", "they complete NUMA distances to be symmetric"},
    {THEIRS, "<distances>", "the same"},
    {THEIRS, "<sibling ", "the same"},
    {EITHER, "<nova:", "they indent the metadata of others anew"},
    {OURS, "<edited>", "they drop metadata without a namespace"},
    {OURS, "<!--", "they drop comments"},
    {OURS, "<my:hint", "they drop what they do not know"},
    {EITHER, "<domain ", "namespaces that only we keep"},
    {OURS, "<qemu:", "their test driver drops another driver's namespace"},
    {OURS, "<cpu>", "they drop what says nothing"},
    {OURS, "<source mode='bind'>", "the same"},
};

static bool is_known(const char *line, int whose)
{
    for (size_t i = 0; i < sizeof differences / sizeof differences[0]; i++) {
        if (differences[i].whose & whose &&
            strncmp(line, differences[i].start, strlen(differences[i].start)) == 0)
            return true;
    }
    return false;
}

struct lines {
    char *items[1024];
    unsigned count;
};

/* Changes text. End tags go, and so does the difference between <a/> and <a>: both follow from what
 * is inside. */
static void split(struct lines *lines, char *text)
{
    lines->count = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        line += strspn(line, " ");
        size_t length = strlen(line);
        if (strncmp(line, "</", 2) == 0)
            continue;
        if (length > 2 && strcmp(line + length - 2, "/>") == 0)
            memcpy(line + length - 2, ">", 2);
        assert_true(lines->count < 1024);
        lines->items[lines->count++] = line;
    }
}

/* Takes out of both what both have, then looks at what is left. */
static void expect_same_xml(const char *what, char *own, char *their)
{
    static struct lines one, other;
    split(&one, own);
    split(&other, their);
    for (unsigned i = 0; i < one.count; i++) {
        for (unsigned k = 0; k < other.count; k++) {
            if (!other.items[k] || strcmp(one.items[i], other.items[k]) != 0)
                continue;
            one.items[i] = other.items[k] = NULL;
            break;
        }
        if (one.items[i] && !is_known(one.items[i], OURS))
            fail_msg("%s: only hvkit says: %s", what, one.items[i]);
    }
    for (unsigned k = 0; k < other.count; k++) {
        if (other.items[k] && !is_known(other.items[k], THEIRS))
            fail_msg("%s: only libvirt says: %s", what, other.items[k]);
    }
}

static void the_default_domains_xml_is_the_same(void **state)
{
    virDomainPtr domain = virDomainLookupByName(theirs, "test");
    struct hvk_domain value = named("test");
    char *own = NULL, *their = virDomainGetXMLDesc(domain, 0);
    (void)state;
    DONE(hvk_domain_get_xml_desc, ours, &value, 0, &own);
    expect_same_xml("test", own, their);
    free(their);
    hvk_free(own);
    virDomainFree(domain);
}

/* The file's text with the type that both drivers take. */
static char *read_as_test(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = calloc(1, 1 << 16), *result = NULL;
    size_t size = fread(text, 1, (1 << 16) - 1, file);
    assert_true(size > 0 && size < (1 << 16) - 1);
    fclose(file);
    char *type = strstr(text, "<domain type=");
    assert_non_null(type);
    type += strlen("<domain type=");
    char *end = strchr(type + 1, *type);
    assert_true(asprintf(&result, "%.*s'test'%s", (int)(type - text), text, end + 1) > 0);
    free(text);
    return result;
}

static void compare_file(const char *path)
{
    char *xml = read_as_test(path);
    virDomainPtr domain = virDomainDefineXML(theirs, xml);
    struct hvk_domain *value = NULL;
    if (!domain)
        fail_msg("%s: libvirt refuses it: %s", path, virGetLastErrorMessage());
    DONE(hvk_domain_define_xml, ours, xml, 0, &value);
    expect_same_domain(value->name);
    char *own = NULL, *their = virDomainGetXMLDesc(domain, VIR_DOMAIN_XML_SECURE);
    DONE(hvk_domain_get_xml_desc, ours, value, HVK_DOMAIN_XML_SECURE, &own);
    expect_same_xml(strrchr(path, '/') + 1, own, their);
    free(their);
    hvk_free(own);
    hvk_free(value);
    virDomainFree(domain);
    free(xml);
}

static void what_tools_define_reads_the_same(void **state)
{
    glob_t files;
    (void)state;
    assert_int_equal(glob(DOMAIN_XML "/*.xml", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++)
        compare_file(files.gl_pathv[i]);
    globfree(&files);
}

/* Theirs is "linux" for every domain; ours is what the domain says. */
static void the_os_type_is_the_domains(void **state)
{
    struct hvk_domain value = named("test");
    char *type = NULL;
    (void)state;
    DONE(hvk_domain_get_os_type, ours, &value, &type);
    assert_string_equal(type, "hvm");
    hvk_free(type);
}

static void stay_silent(void *user, virErrorPtr error)
{
    (void)user;
    (void)error;
}

int main(void)
{
#define PAIR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        PAIR(the_node_is_the_same),
        PAIR(free_memory_differs_by_their_unit),
        PAIR(the_default_domain_is_the_same),
        PAIR(the_default_domains_xml_is_the_same),
        PAIR(a_life_is_the_same),
        PAIR(what_tools_define_reads_the_same),
        PAIR(the_os_type_is_the_domains),
    };
    virSetErrorFunc(NULL, stay_silent);
    virEventRegisterDefaultImpl();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
