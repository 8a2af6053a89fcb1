/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the scanner refuses, and how it says so: the place, what is wrong, the way out. */
#include "cmocka_all.h"

#include <base/string.h>
#include <baseline.h>
#include <fcntl.h>
#include <sys/stat.h>

#define DIRECTORY_SIZE 64

struct fixture {
    char directory[DIRECTORY_SIZE];
    struct arena arena;
    struct report faults;
    char *said;
    size_t said_size;
    unsigned revision;
    struct description description;
};

/* ---- a description on disk ------------------------------------------------------------------ */

static const char *write_text(struct fixture *fixture, const char *name, const char *text)
{
    const char *path = arena_format(&fixture->arena, "%s/%s", fixture->directory, name);
    auto_file FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    return path;
}

static char *read_text(struct fixture *fixture, const char *name)
{
    char text[65536];
    const char *path = arena_format(&fixture->arena, "%s/%s", fixture->directory, name);
    auto_file FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    return arena_copy(&fixture->arena, text, length);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    const char *parent = getenv("TMPDIR");
    assert_non_null(fixture);
    snprintf(fixture->directory, sizeof fixture->directory, "%s/hvkit-scanner-XXXXXX",
             parent ? parent : "/tmp");
    assert_non_null(mkdtemp(fixture->directory));
    fixture->revision = 1;
    *state = fixture;
    return 0;
}

static void remove_tree(int parent, const char *name)
{
    if (unlinkat(parent, name, 0) == 0)
        return;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    auto_dir DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove_tree(dirfd(directory), entry->d_name);
    unlinkat(parent, name, AT_REMOVEDIR);
}

static void forget(struct fixture *fixture)
{
    if (fixture->faults.to)
        fclose(fixture->faults.to);
    free(fixture->said);
    arena_fini(&fixture->arena);
    fixture->faults = (struct report){.to = NULL};
    fixture->said = NULL;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    forget(fixture);
    remove_tree(AT_FDCWD, fixture->directory);
    free(fixture);
    return 0;
}

static bool build(struct fixture *fixture, const char *text)
{
    forget(fixture);
    fixture->faults.to = open_memstream(&fixture->said, &fixture->said_size);
    assert_non_null(fixture->faults.to);
    fixture->description = (struct description){
        .arena = &fixture->arena, .faults = &fixture->faults, .revision = fixture->revision};
    const char *files[] = {
        write_text(fixture, "common.xml",
                   "<common>\n"
                   "<limit name='NAME' value='64'>bytes of a name</limit>\n"
                   "<term name='known'>what everybody knows</term>\n"
                   "<permission object='thing' name='read' readonly='yes'>read</permission>\n"
                   "</common>\n"),
        write_text(fixture, "thing.xml", text),
    };
    bool built = model_build(&fixture->description, files, ARRAY_SIZE(files));
    fflush(fixture->faults.to);
    return built;
}

#define HEAD                                                                                       \
    "<object name='thing' table='hvkit.thing/1' kind='DOMAIN' value='thing'>\n"                    \
    "<doc>Things.</doc>\n"
#define VALUE                                                                                      \
    "<record name='thing'><doc>A thing.</doc><pad size='4'/>"                                      \
    "<field name='name' type='string' max='NAME'>its name</field></record>\n"
#define METHOD(inner)                                                                              \
    "<method name='look' slot='0' class='instant' lane='self' since='1'>\n" inner "</method>\n"
#define GOOD_METHOD METHOD("<doc>Looks.</doc><permit need='thing:read'/>\n")
#define TAIL "</object>\n"

/* ---- what is refused ------------------------------------------------------------------------ */

static const struct {
    const char *what; /* for the message of a failing test */
    const char *text;
    const char *place;    /* "LINE:COLUMN:" */
    const char *expected; /* part of the message */
} refused[] = {
    {"text that is no XML", "<object", "1:8:", "not well-formed XML"},
    {"an empty file", "", "1:1:", "empty"},
    {"a document type", "<!DOCTYPE object [<!ENTITY x 'y'>]><object name='thing'/>",
     "1:", "document type is not allowed"},
    {"a root of another name", "<thing/>\n", "1:1:", "starts with <object> or <common>"},
    {"an unknown element", HEAD VALUE "  <methud name='look'/>\n" TAIL,
     "4:3:", "<methud> cannot stand in <object>; expected: doc enum"},
    {"an unknown attribute", HEAD VALUE "<doc kolor='red'>x</doc>\n" TAIL,
     "4:6:", "<doc> has no attribute 'kolor'"},
    {"an empty attribute", HEAD VALUE "<enum name='' prefix='HVK_X_'/>\n" TAIL,
     "4:7:", "attribute 'name' of <enum> is empty"},
    {"a missing attribute", HEAD VALUE "<method name='look' slot='0'/>\n" TAIL,
     "4:1:", "<method> lacks its attribute 'class'"},
    {"text in the wrong place",
     HEAD VALUE "<method name='look' slot='0' class='instant' "
                "lane='self' since='1'>Looks.</method>\n" TAIL,
     "4:1:", "takes no text; move it into <doc>"},
    {"a method without words", HEAD VALUE METHOD("<permit need='thing:read'/>") TAIL,
     "4:1:", "method 'look' is not documented"},
    {"a value whose name is no identifier",
     HEAD VALUE "<enum name='state' prefix='HVK_STATE_'><doc>x</doc>"
                "<value name='a b' value='1'>x</value></enum>\n" GOOD_METHOD TAIL,
     "4:", "'HVK_STATE_a b' is no name of a constant"},
    {"a prefix of another name space",
     HEAD VALUE "<enum name='state' prefix='STATE_'><doc>x</doc>"
                "<value name='ON' value='1'>x</value></enum>\n" GOOD_METHOD TAIL,
     "4:", "'STATE_ON' is no name of a constant"},
    {"a permission that is there already",
     "<common>\n<permission object='thing' name='read'>x</permission></common>\n",
     "2:1:", "permission 'thing:read' is described twice"},
    {"a bound that is there already", "<common>\n<limit name='NAME' value='3'>x</limit></common>\n",
     "2:1:", "<limit> 'NAME' is described twice"},
    {"an argument without words",
     HEAD VALUE METHOD("<doc>x</doc><arg name='secret' type='int32'/><permit need='thing:read'/>")
         TAIL,
     "5:13:", "argument 'secret' is not documented"},
    {"a string without a bound",
     HEAD VALUE METHOD("<doc>x</doc>\n<arg name='known' type='string'/>"
                       "<permit need='thing:read'/>") TAIL,
     "6:1:", "'known' is a string without a bound"},
    {"a bound that nobody named",
     HEAD VALUE METHOD("<doc>x</doc>\n<arg name='known' type='string' max='NAMES'/>"
                       "<permit need='thing:read'/>") TAIL,
     "6:33:", "unknown bound 'NAMES'"},
    {"a bound where there is none",
     HEAD VALUE METHOD("<doc>x</doc>\n<arg name='known' type='bool' max='2'/>"
                       "<permit need='thing:read'/>") TAIL,
     "6:1:", "which has no bounds"},
    {"a method without a permission", HEAD VALUE METHOD("<doc>x</doc>") TAIL,
     "4:1:", "needs no permission in some case"},
    {"a permission that depends on a flag alone",
     HEAD VALUE
     "<flagset name='how' prefix='HVK_X_'><doc>How.</doc><flag name='A' value='1'>a</flag>"
     "</flagset>\n" METHOD("<doc>x</doc><flags set='how'/>"
                           "<permit need='thing:read' any='A'/>") TAIL,
     "5:1:", "needs no permission in some case"},
    {"an unknown permission", HEAD VALUE METHOD("<doc>x</doc>\n<permit need='thing:write'/>") TAIL,
     "6:9:", "unknown permission 'thing:write'"},
    {"a permit that says nothing", HEAD VALUE METHOD("<doc>x</doc>\n<permit/>") TAIL,
     "6:1:", "<permit> says nothing"},
    {"an unknown rule", HEAD VALUE METHOD("<doc>x</doc>\n<permit rule='x'/>") TAIL,
     "6:1:", "unknown rule 'x'"},
    {"a slot used twice",
     HEAD VALUE GOOD_METHOD "<method name='touch' slot='0' class='instant' lane='self' since='1'>"
                            "<doc>x</doc><permit need='thing:read'/></method>\n" TAIL,
     "7:1:", "has slot 0 of 'look'"},
    {"a name used twice",
     HEAD VALUE GOOD_METHOD "<method name='look' slot='1' class='instant' lane='self' since='1'>"
                            "<doc>x</doc><permit need='thing:read'/></method>\n" TAIL,
     "7:1:", "method 'look' is described twice"},
    {"a slot of the core for a driver",
     HEAD VALUE "<method name='look' slot='600' class='instant' lane='self' since='1'>"
                "<doc>x</doc><permit need='thing:read'/></method>\n" TAIL,
     "4:1:", "has slot 600"},
    {"an unknown lane",
     HEAD VALUE "<method name='look' slot='0' class='instant' lane='fast' since='1'>"
                "<doc>x</doc><permit need='thing:read'/></method>\n" TAIL,
     "4:1:", "has lane=\"fast\"; expected one of: self node control loop"},
    {"an unknown type",
     HEAD VALUE METHOD("<doc>x</doc>\n<arg name='known' type='int'/><permit need='thing:read'/>")
         TAIL,
     "6:19:", "unknown type 'int'"},
    {"an unknown record",
     HEAD VALUE METHOD("<doc>x</doc>\n<result name='known' type='record' of='thong'/>"
                       "<permit need='thing:read'/>") TAIL,
     "6:36:", "unknown record 'thong'"},
    {"an unknown set",
     HEAD VALUE METHOD("<doc>x</doc>\n<flags set='how'/>"
                       "<permit need='thing:read'/>") TAIL,
     "6:8:", "unknown set 'how'"},
    {"an unknown flag",
     HEAD VALUE
     "<flagset name='how' prefix='HVK_X_'><doc>How.</doc><flag name='A' value='1'>a</flag>"
     "</flagset>\n" METHOD("<doc>x</doc><flags set='how'/><permit need='thing:read'/>\n"
                           "<permit need='thing:read' any='B'/>") TAIL,
     "7:27:", "'B' is not among the flags"},
    {"two flags of one value",
     HEAD VALUE
     "<flagset name='how' prefix='HVK_X_'><doc>How.</doc><flag name='A' value='1'>a</flag>\n"
     "<flag name='B' value='1'>b</flag></flagset>\n" TAIL,
     "5:1:", "HVK_X_B has the name or the value of HVK_X_A"},
    {"a flag of two bits",
     HEAD VALUE "<flagset name='how' prefix='HVK_X_'><doc>How.</doc>\n"
                "<flag name='A' value='3'>a</flag></flagset>\n" TAIL,
     "5:1:", "flag HVK_X_A is not one bit"},
    {"two sets whose flags clash",
     HEAD VALUE
     "<flagset name='how' prefix='HVK_X_'><doc>How.</doc><flag name='A' value='1'>a</flag>"
     "</flagset>\n<flagset name='what' prefix='HVK_Y_'><doc>What.</doc>"
     "<flag name='B' value='1'>b</flag></flagset>\n" METHOD(
         "<doc>x</doc>\n<flags set='how what'/><permit need='thing:read'/>") TAIL,
     "8:1:", "flag B of set 'what' has a bit that another set"},
    {"a value that is no number",
     HEAD VALUE "<enum name='how' prefix='HVK_X_'><doc>How.</doc>\n"
                "<value name='A' value='one'>a</value></enum>\n" TAIL,
     "5:17:", "'one' is no number"},
    {"a hole in a record",
     HEAD VALUE "<record name='hole'><doc>x</doc>\n"
                "<field name='known' type='uint64'/></record>\n" TAIL,
     "5:1:", "implicit hole of 4 bytes in front of this member; put <pad size=\"4\"/>"},
    {"a hole at the end of a record",
     HEAD VALUE "<record name='hole'><doc>x</doc><pad size='4'/>"
                "<field name='known' type='uint64'/><field name='id' type='int32'>x</field>"
                "</record>\n" TAIL,
     "4:1:", "implicit hole of 4 bytes at its end"},
    {"content that nothing can identify",
     HEAD VALUE "<method name='look' slot='0' class='instant' lane='self' static='yes' since='1'>"
                "<doc>x</doc><arg name='known' type='string' max='9' content='yes'/>"
                "<permit need='thing:read'/></method>\n" TAIL,
     "4:1:", "has no method 'identify'"},
    {"a view of nothing",
     HEAD VALUE GOOD_METHOD
     "<view name='is_red' of='look' members='red' since='1'><doc>x</doc></view>\n" TAIL,
     "7:21:", "a view needs a method whose one result is a record"},
    {"a revision to come",
     HEAD VALUE "<method name='look' slot='0' class='instant' lane='self' since='99'>"
                "<doc>x</doc><permit need='thing:read'/></method>\n" TAIL,
     "4:58:", "'since' of <method> must be a number from 0 to"},
    {"a value that is not described", HEAD GOOD_METHOD TAIL,
     "1:1:", "names its value 'thing', but there is no such <record>"},
    {"an argument that no compiler would take",
     HEAD VALUE METHOD("<doc>x</doc>\n<arg name='class' type='bool'>x</arg>"
                       "<permit need='thing:read'/>") TAIL,
     "6:1:", "'class' is a word of C or C++"},
    {"a name that is none",
     HEAD VALUE METHOD("<doc>x</doc>\n<arg name='max-vcpus' type='bool'>x</arg>"
                       "<permit need='thing:read'/>") TAIL,
     "6:1:", "'max-vcpus' is no name"},
    {"words that end a comment",
     HEAD VALUE METHOD("<doc>x */ y</doc><permit need='thing:read'/>") TAIL,
     "4:1:", "end a C comment"},
    {"a parameter's name with a quote",
     HEAD VALUE "<names name='how' prefix='HVK_X_'><doc>How.</doc>\n"
                "<name name='A' value='a&quot;b'>a</name></names>\n" TAIL,
     "5:1:", "the name of HVK_X_A has a quote"},
    {"an object of parts alone", "<object name='thing' part='one'/>",
     "1:1:", "object 'thing' has only parts"},
    {"an event without a permission",
     HEAD VALUE "<event name='gone' id='0' since='1'><doc>x</doc></event>\n" TAIL,
     "4:1:", "event 'gone' needs no permission"},
};

static void faults_are_reported_where_they_stand(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
        if (build(fixture, refused[i].text))
            fail_msg("%s was accepted", refused[i].what);
        const char *place = arena_format(&fixture->arena, "thing.xml:%s", refused[i].place);
        if (!strstr(fixture->said, place) || !strstr(fixture->said, refused[i].expected))
            fail_msg("%s: expected '%s … %s', got '%s'", refused[i].what, place,
                     refused[i].expected, fixture->said);
    }
}

static void a_good_description_is_accepted(void **state)
{
    struct fixture *fixture = *state;
    if (!build(fixture, HEAD VALUE GOOD_METHOD TAIL))
        fail_msg("%s", fixture->said);
    assert_int_equal(fixture->faults.count, 0);
}

static void all_faults_are_reported_up_to_a_bound(void **state)
{
    struct fixture *fixture = *state;
    struct buffer text = BUFFER_INIT;
    build(fixture, HEAD VALUE "<a/><b/><c/>\n" TAIL);
    assert_int_equal(fixture->faults.count, 3);
    buffer_add_string(&text, "<object name='thing'>");
    for (size_t i = 0; i < 10 * REPORT_MAX; i++)
        buffer_add_string(&text, "<x/>");
    buffer_add_string(&text, "</object>");
    build(fixture, text.data);
    buffer_fini(&text);
    assert_non_null(strstr(fixture->said, "the rest is not shown"));
    assert_true(fixture->said_size < REPORT_MAX * 400);
}

static void deep_nesting_is_refused(void **state)
{
    struct fixture *fixture = *state;
    assert_false(build(fixture, "<a><a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a></a>"
                                "</a>"));
    assert_non_null(strstr(fixture->said, "nested too deeply"));
}

/* ---- the baseline --------------------------------------------------------------------------- */

#define FLAGS(value)                                                                               \
    "<flagset name='how' prefix='HVK_X_'><doc>How.</doc>\n<flag name='A' value='" value            \
    "'>a</flag></flagset>\n"
#define NUMBERS(members) "<record name='numbers'><doc>Numbers.</doc>\n" members "</record>\n"
#define MEMBER(name) "<field name='" name "' type='uint32'>x</field>\n"
#define EVENT(id)                                                                                  \
    "<event name='gone' id='" id "' since='1'><doc>x</doc><permit need='thing:read'/></event>\n"

static const char promised[] =
    HEAD VALUE GOOD_METHOD FLAGS("1") NUMBERS(MEMBER("a") MEMBER("b")) EVENT("0") TAIL;

static bool compare(struct fixture *fixture, const char *text, bool append)
{
    struct baseline baseline = {0};
    const char *path = NULL;
    if (!build(fixture, text))
        fail_msg("%s", fixture->said);
    path = arena_format(&fixture->arena, "%s/abi.baseline", fixture->directory);
    assert_true(baseline_read(&fixture->description, path, &baseline));
    bool good = append ? baseline_append(&fixture->description, &baseline, path)
                       : baseline_check(&fixture->description, &baseline, path);
    fflush(fixture->faults.to);
    return good;
}

static void promise(struct fixture *fixture)
{
    write_text(fixture, "abi.baseline", "# a comment\n");
    assert_true(compare(fixture, promised, true));
}

static void what_was_appended_is_found_again(void **state)
{
    struct fixture *fixture = *state;
    promise(fixture);
    auto_free char *text = strdup(read_text(fixture, "abi.baseline"));
    assert_non_null(text);
    assert_non_null(strstr(text, "# a comment\n"));
    assert_non_null(strstr(text, "slot thing 0: look offset 8 (struct hvk_call *call, "));
    assert_non_null(strstr(text, "value HVK_X_A: 1\n"));
    assert_non_null(strstr(text, "member numbers.b: offset 8 uint32_t b\n"));
    assert_non_null(strstr(text, "record numbers 1: size 12\n"));
    assert_non_null(strstr(text, "event HVK_EVENT_THING_GONE: 0x10000\n"));
    if (!compare(fixture, promised, false))
        fail_msg("%s", fixture->said);
    assert_true(compare(fixture, promised, true));
    assert_int_equal(strlen(read_text(fixture, "abi.baseline")), strlen(text));
}

static void a_contradiction_of_the_baseline_is_refused(void **state)
{
    static const struct {
        const char *what;
        const char *text;
        const char *expected;
    } broken[] = {
        {"another value of a flag",
         HEAD VALUE GOOD_METHOD FLAGS("2") NUMBERS(MEMBER("a") MEMBER("b")) EVENT("0") TAIL,
         "'value HVK_X_A' contradicts"},
        {"members in another order",
         HEAD VALUE GOOD_METHOD FLAGS("1") NUMBERS(MEMBER("b") MEMBER("a")) EVENT("0") TAIL,
         "'member numbers.b' contradicts"},
        {"a member in front",
         HEAD VALUE GOOD_METHOD FLAGS("1") NUMBERS(MEMBER("c") MEMBER("a") MEMBER("b")) EVENT("0")
             TAIL,
         "'member numbers.a' contradicts"},
        {"another number of an event",
         HEAD VALUE GOOD_METHOD FLAGS("1") NUMBERS(MEMBER("a") MEMBER("b")) EVENT("1") TAIL,
         "'event HVK_EVENT_THING_GONE' contradicts"},
        {"a method that is gone",
         HEAD VALUE FLAGS("1") NUMBERS(MEMBER("a") MEMBER("b")) EVENT("0") TAIL,
         "'slot thing 0' was promised and is no longer described"},
        {"another argument",
         HEAD VALUE METHOD("<doc>x</doc><permit need='thing:read'/><flags/>") FLAGS("1")
             NUMBERS(MEMBER("a") MEMBER("b")) EVENT("0") TAIL,
         "'slot thing 0' contradicts"},
    };
    struct fixture *fixture = *state;
    promise(fixture);
    for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
        for (int append = 0; append < 2; append++) {
            if (compare(fixture, broken[i].text, append))
                fail_msg("%s was accepted", broken[i].what);
            if (!strstr(fixture->said, broken[i].expected))
                fail_msg("%s: expected '%s', got '%s'", broken[i].what, broken[i].expected,
                         fixture->said);
        }
}

static void what_is_new_must_be_appended(void **state)
{
    static const char more[] = HEAD VALUE GOOD_METHOD FLAGS("1") NUMBERS(MEMBER("a") MEMBER("b"))
        EVENT("0") "<enum name='e' prefix='HVK_E_'><doc>x</doc><value name='A' value='7'>x</value>"
                   "</enum>\n" TAIL;
    struct fixture *fixture = *state;
    promise(fixture);
    assert_false(compare(fixture, more, false));
    assert_non_null(strstr(fixture->said, "'value HVK_E_A' is not in "));
    assert_non_null(strstr(fixture->said, "abi-append"));
    assert_true(compare(fixture, more, true));
    assert_true(compare(fixture, more, false));
}

static void a_damaged_baseline_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct baseline baseline = {0};
    assert_true(build(fixture, promised));
    const char *path = write_text(fixture, "abi.baseline", "value HVK_X_A: 1\nnonsense\n");
    assert_false(baseline_read(&fixture->description, path, &baseline));
    fflush(fixture->faults.to);
    assert_non_null(strstr(fixture->said, "abi.baseline:2:1: not a line of a baseline"));
}

#define NEWER_MEMBER "<field name='c' type='uint64' since='2'>x</field>\n"
#define NEWER_METHOD                                                                               \
    "<method name='touch' slot='1' class='instant' lane='self' since='2'>\n"                       \
    "<doc>Touches.</doc><permit need='thing:read'/></method>\n"

static void what_a_later_revision_adds_is_hidden_from_an_older_target(void **state)
{
    static const char later[] = HEAD VALUE GOOD_METHOD NEWER_METHOD FLAGS("1")
        NUMBERS(MEMBER("a") MEMBER("b") "<pad size='4' since='2'/>" NEWER_MEMBER) EVENT("0") TAIL;
    struct fixture *fixture = *state;
    struct baseline baseline = {0};
    promise(fixture);
    fixture->revision = 2;
    if (!compare(fixture, later, true))
        fail_msg("%s", fixture->said);
    const char *lines = read_text(fixture, "abi.baseline");
    assert_non_null(strstr(lines, "record numbers 1: size 12\n"));
    assert_non_null(strstr(lines, "record numbers 2: size 24\n"));
    const char *path = arena_format(&fixture->arena, "%s/abi.baseline", fixture->directory);
    assert_true(baseline_read(&fixture->description, path, &baseline));
    assert_true(emit_headers(&fixture->description, fixture->directory));
    assert_true(emit_driver_headers(&fixture->description, &baseline, fixture->directory));
    const char *header = read_text(fixture, "include/hvkit/thing.h");
    const char *driver = read_text(fixture, "include/hvkit/thing-driver.h");
    assert_non_null(strstr(header, "#if HVK_TARGET_REVISION >= 2\n    /* x */\n    uint64_t c;"));
    assert_non_null(strstr(header, "#if HVK_TARGET_REVISION >= 2\n/* Touches."));
    assert_non_null(strstr(driver, "#if HVK_TARGET_REVISION >= 2\n    bool (*touch)("));
    assert_non_null(strstr(driver, "#if HVK_TARGET_REVISION >= 2\nHVK_ASSERT_OFFSET("
                                   "struct hvk_thing_table, touch, 16);"));
    fixture->revision = 1;
}

/* ---- files ---------------------------------------------------------------------------------- */

static void a_file_that_did_not_change_keeps_its_time(void **state)
{
    struct fixture *fixture = *state;
    struct stat before;
    struct stat after;
    struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    assert_true(build(fixture, promised));
    assert_true(emit_headers(&fixture->description, fixture->directory));
    const char *path =
        arena_format(&fixture->arena, "%s/include/hvkit/thing.h", fixture->directory);
    assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
    assert_true(emit_headers(&fixture->description, fixture->directory));
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(before.st_mtime, 1000);
    assert_true(build(fixture, HEAD VALUE GOOD_METHOD TAIL));
    path = arena_format(&fixture->arena, "%s/include/hvkit/thing.h", fixture->directory);
    assert_true(emit_headers(&fixture->description, fixture->directory));
    assert_int_equal(stat(path, &after), 0);
    assert_true(after.st_mtime > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_description_is_accepted),
        cmocka_unit_test(faults_are_reported_where_they_stand),
        cmocka_unit_test(all_faults_are_reported_up_to_a_bound),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(what_was_appended_is_found_again),
        cmocka_unit_test(a_contradiction_of_the_baseline_is_refused),
        cmocka_unit_test(what_is_new_must_be_appended),
        cmocka_unit_test(what_a_later_revision_adds_is_hidden_from_an_older_target),
        cmocka_unit_test(a_damaged_baseline_is_named),
        cmocka_unit_test(a_file_that_did_not_change_keeps_its_time),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
