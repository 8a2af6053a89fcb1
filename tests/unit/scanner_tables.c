/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The generated tables and functions: they agree with the headers, with each other, and carry every
 * argument from the public function to the driver's. */
#include "cmocka_all.h"

#include <base/string.h>
#include <hvkit-private/methods.h>

/* ---- what the public functions hand over ---------------------------------------------------- */

/* The last call, as libhvkit would get it. */
static struct {
    const struct method *method;
    struct hvk_connection *connection;
    max_align_t args[64];
} last;

bool method_call(struct hvk_call *call, struct hvk_connection *connection,
                 const struct method *method, void *args)
{
    (void)call;
    last.method = method;
    last.connection = connection;
    assert_in_range(method->args_size, 1, sizeof last.args);
    memcpy(last.args, args, method->args_size);
    return true;
}

static const void *member_of(const struct field *field)
{
    return (const char *)last.args + field->offset;
}

static const struct field *field_named(const char *name)
{
    for (size_t i = 0; i < last.method->field_count; i++)
        if (strcmp(last.method->fields[i].name, name) == 0)
            return &last.method->fields[i];
    fail_msg("%s has no field '%s'", last.method->function, name);
    return NULL;
}

static void a_public_function_packs_what_its_fields_describe(void **state)
{
    (void)state;
    struct hvk_domain domain = {.size = sizeof domain, .id = -1, .name = "guest"};
    const uint32_t keys[] = {29, 56, 111};
    struct hvk_connection *connection = (void *)&domain;
    assert_true(
        hvk_domain_send_key(NULL, connection, &domain, HVK_KEYCODE_SET_USB, 50, keys, 3, 0));
    assert_ptr_equal(last.method, &hvk_method_domain_send_key);
    assert_ptr_equal(last.connection, connection);
    assert_ptr_equal(*(const void *const *)member_of(field_named("domain")), &domain);
    assert_int_equal(*(const uint32_t *)member_of(field_named("codeset")), HVK_KEYCODE_SET_USB);
    assert_int_equal(*(const uint32_t *)member_of(field_named("holdtime_ms")), 50);
    const struct field *field = field_named("keycodes");
    assert_int_equal(field->kind, FIELD_UINT32S);
    assert_int_equal(field->max, HVK_MAX_SEND_KEY);
    assert_ptr_equal(*(const void *const *)member_of(field), keys);
    assert_int_equal(
        *(const uint64_t *)(const void *)((const char *)last.args + field->count_offset), 3);
}

static void a_result_member_holds_the_callers_pointer(void **state)
{
    (void)state;
    struct hvk_domain_list *domains = NULL;
    assert_true(hvk_domain_list(NULL, NULL, HVK_DOMAIN_LIST_ACTIVE, &domains));
    const struct field *field = field_named("domains");
    assert_true(field->flags & FIELD_RESULT);
    assert_int_equal(field->kind, FIELD_RECORDS);
    assert_ptr_equal(field->record, &hvk_record_domain);
    assert_ptr_equal(*(const void *const *)member_of(field), &domains);
    assert_int_equal(*(const uint32_t *)member_of(field_named("flags")), HVK_DOMAIN_LIST_ACTIVE);
}

/* ---- what a driver gets --------------------------------------------------------------------- */

static struct {
    void *instance;
    const struct hvk_domain *identity;
    const char *xml;
    const int32_t *fds;
    uint64_t fds_count;
    uint32_t flags;
    struct hvk_domain_sink *sink;
} seen;

static bool see_create_xml(struct hvk_call *call, void *instance, const struct hvk_domain *identity,
                           const char *xml, const int32_t *fds, uint64_t fds_count, uint32_t flags,
                           struct hvk_domain_sink *out_domain)
{
    (void)call;
    seen.instance = instance;
    seen.identity = identity;
    seen.xml = xml;
    seen.fds = fds;
    seen.fds_count = fds_count;
    seen.flags = flags;
    seen.sink = out_domain;
    return true;
}

static bool see_job(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                    uint32_t flags, int32_t *out_type, struct hvk_param_sink *out_params)
{
    (void)call, (void)instance, (void)domain, (void)flags;
    *out_type = HVK_DOMAIN_JOB_UNBOUNDED;
    seen.sink = (struct hvk_domain_sink *)(void *)out_params;
    return true;
}

static bool see_info(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                     struct hvk_domain_info *out_info)
{
    (void)call, (void)instance, (void)domain;
    out_info->cpu_time_ns = 123456789012;
    return true;
}

static const struct hvk_domain_table table = {
    .size = sizeof table,
    .create_xml = see_create_xml,
    .get_job_stats = see_job,
    .get_info = see_info,
};

static void a_thunk_hands_every_argument_to_the_drivers_function(void **state)
{
    (void)state;
    const int32_t fds[] = {5, 6};
    struct hvk_domain identity = {.size = sizeof identity, .name = "guest"};
    struct hvk_domain_create_xml_args args = {
        .xml = "<domain/>", .fds = fds, .fds_count = 2, .flags = HVK_DOMAIN_START_PAUSED};
    union result_slot results[METHOD_RESULTS_MAX] = {0};
    struct invocation invocation = {.method = &hvk_method_domain_create_xml,
                                    .table = &table,
                                    .instance = &seen,
                                    .args = &args,
                                    .identity = &identity,
                                    .results = results};
    assert_true(hvk_method_domain_create_xml.invoke(NULL, &invocation));
    assert_ptr_equal(seen.instance, &seen);
    assert_ptr_equal(seen.identity, &identity);
    assert_string_equal(seen.xml, "<domain/>");
    assert_ptr_equal(seen.fds, fds);
    assert_int_equal(seen.fds_count, 2);
    assert_int_equal(seen.flags, HVK_DOMAIN_START_PAUSED);
    assert_ptr_equal(seen.sink, &results[0].collector.sink);
}

static void a_thunk_leads_each_result_to_its_slot(void **state)
{
    (void)state;
    struct hvk_domain_get_job_stats_args job = {.flags = 0};
    struct hvk_domain_get_info_args info = {.domain = NULL};
    union result_slot results[METHOD_RESULTS_MAX] = {0};
    struct invocation invocation = {
        .table = &table, .instance = NULL, .args = &job, .results = results};
    assert_true(hvk_method_domain_get_job_stats.invoke(NULL, &invocation));
    assert_int_equal(results[0].u32, HVK_DOMAIN_JOB_UNBOUNDED);
    assert_ptr_equal(seen.sink, &results[1].collector.sink);
    invocation.args = &info;
    assert_true(hvk_method_domain_get_info.invoke(NULL, &invocation));
    const struct hvk_domain_info *record = (const void *)results[0].record;
    assert_int_equal(record->cpu_time_ns, 123456789012);
}

/* ---- every table ---------------------------------------------------------------------------- */

/* Calls check for every method and says how many there are. */
static size_t check_methods(void (*check)(const struct method *method))
{
    size_t count = 0;
    for (; method_tables[count]; count++)
        check(method_tables[count]);
    return count;
}

static void check_slot(const struct method *method)
{
    bool member = method->table_offset != 0;
    if (member && method->table_offset != 8 + 8u * method->slot)
        fail_msg("%s has slot %u at offset %u", method->function, method->slot,
                 method->table_offset);
    if (member == (method->source == METHOD_CORE))
        fail_msg("%s: what the core answers has no member, everything else has", method->function);
    if (member != (method->invoke != NULL))
        fail_msg("%s: a member needs a thunk", method->function);
}

static void every_slot_lies_where_its_number_says(void **state)
{
    (void)state;
    assert_in_range(check_methods(check_slot), 250, 400);
}

static bool needs_bound(uint8_t kind)
{
    return kind == FIELD_STRING || kind == FIELD_BYTES || kind == FIELD_PARAMS ||
           (kind >= FIELD_STRINGS && kind <= FIELD_FDS);
}

static void check_field(const struct method *method, const struct field *field)
{
    bool record = field->kind == FIELD_RECORD || field->kind == FIELD_RECORDS;
    if (field->offset >= method->args_size || field->count_offset >= method->args_size)
        fail_msg("%s: field '%s' lies outside", method->function, field->name);
    if (record && !field->record)
        fail_msg("%s: field '%s' has no record", method->function, field->name);
    if (needs_bound(field->kind) && field->max == 0)
        fail_msg("%s: field '%s' has no bound", method->function, field->name);
    if (field != method->fields && field->offset <= field[-1].offset)
        fail_msg("%s: field '%s' is out of order", method->function, field->name);
}

static void check_fields(const struct method *method)
{
    for (size_t i = 0; i < method->field_count; i++)
        check_field(method, &method->fields[i]);
}

static void every_field_is_inside_its_struct_and_bounded(void **state)
{
    (void)state;
    check_methods(check_fields);
}

static void check_indices(const struct method *method)
{
    if (method->flags_field >= 0)
        assert_int_equal(method->fields[method->flags_field].kind, FIELD_FLAGS);
    if (method->subject == METHOD_ON_ARGUMENT)
        assert_true(method->fields[method->subject_field].flags & FIELD_SUBJECT);
    if (method->subject == METHOD_ON_CONTENT)
        assert_in_range(method->subject_field, 0, method->field_count - 1);
    if (method->read_only_not && !method->read_only_argument)
        assert_true(method->flags_field >= 0);
    for (size_t i = 0; i < method->permit_count; i++) {
        assert_in_range(method->permits[i].permission, 0, PERMISSION_COUNT - 1);
        assert_in_range(method->permits[i].argument, 0, method->field_count);
    }
}

static void every_index_points_at_what_it_means(void **state)
{
    (void)state;
    check_methods(check_indices);
}

static void check_function(const struct method *method)
{
    for (const struct method *const *other = method_tables; *other != method; other++)
        assert_string_not_equal((*other)->function, method->function);
}

static void every_name_is_given_once(void **state)
{
    (void)state;
    check_methods(check_function);
    for (const struct event *event = event_table; event->name; event++)
        for (const struct event *other = event_table; other != event; other++) {
            assert_string_not_equal(other->name, event->name);
            assert_int_not_equal(other->number, event->number);
        }
    assert_string_equal(permission_names[PERMISSION_DOMAIN_READ_SECURE], "domain:read_secure");
    assert_null(permission_names[PERMISSION_COUNT]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_public_function_packs_what_its_fields_describe),
        cmocka_unit_test(a_result_member_holds_the_callers_pointer),
        cmocka_unit_test(a_thunk_hands_every_argument_to_the_drivers_function),
        cmocka_unit_test(a_thunk_leads_each_result_to_its_slot),
        cmocka_unit_test(every_slot_lies_where_its_number_says),
        cmocka_unit_test(every_field_is_inside_its_struct_and_bounded),
        cmocka_unit_test(every_index_points_at_what_it_means),
        cmocka_unit_test(every_name_is_given_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
