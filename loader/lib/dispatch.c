/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* method_call(): the way of every public operation. What may be refused without the driver is
 * refused first; what the core knows it answers at once; the rest runs on a lane. */
#include "content.h"
#include "core.h"
#include "object.h"
#include "request.h"
#include "results.h"
#include "route.h"
#include "stream.h"

#include <base/uuid.h>
#include <errno.h>
#include <fcntl.h>
#include <hvkit-private/methods.h>
#include <string.h>

/* An operation of the driver, in flight. */
struct operation {
    struct request request; /* first */
    const struct method *method;
    const void *table;
    const void *args; /* the caller's until the request is detached */
    void *args_copy;
    void *subject;    /* the value that was found by its name … */
    void *args_named; /* … and the arguments with it */
    struct hvk_stream *stream;
    struct content content;
    bool has_object; /* (kind, key) is the object that it is about */
    uint8_t key[HVK_UUID_SIZE];
    bool must_exist; /* … and was there when the call began */
    bool started;
    union result_slot results[METHOD_RESULTS_MAX];
};

static const struct field *subject_field(const struct method *method)
{
    return method->subject == METHOD_ON_ARGUMENT && method->subject_field >= 0
               ? &method->fields[method->subject_field]
               : NULL;
}

static void *argument(const void *args, const struct field *field)
{
    return *(void *const *)(const void *)((const char *)args + field->offset);
}

/* ---- what may be refused at once ------------------------------------------------------------ */

static uint32_t flags_argument(const struct method *method, const void *args)
{
    int index = method->read_only_argument ? method->read_only_argument - 1 : method->flags_field;
    return index < 0 ? 0
                     : *(const uint32_t *)(const void *)((const char *)args +
                                                         method->fields[index].offset);
}

static bool check_read_only(const struct hvk_connection *connection, const struct method *method,
                            const void *args, struct hvk_error *err)
{
    if (!connection_is_read_only(connection))
        return true;
    uint32_t refused = flags_argument(method, args) & method->read_only_not;
    if (method->read_only && refused == 0)
        return true;
    return hvk_error_set(err, HVK_ERR_OPERATION_DENIED,
                         method->read_only
                             ? "%s(): a read-only connection may not use the flags 0x%x; open one "
                               "that is not read-only"
                             : "%s(): refused on a read-only connection; open one that is not "
                               "read-only",
                         method->function, refused);
}

static bool check_call(const struct hvk_connection *connection, const struct method *method,
                       const void *args, struct hvk_call *call)
{
    return value_check(method->function, method->fields, method->field_count, args, &call->error) &&
           results_check(method, args, &call->error) &&
           check_read_only(connection, method, args, &call->error);
}

/* ---- the core answers ----------------------------------------------------------------------- */

static bool answer_here(core_answer answer, struct hvk_call *call,
                        struct hvk_connection *connection, const struct method *method,
                        const void *args)
{
    union result_slot results[METHOD_RESULTS_MAX];
    results_init(results, method, &call->error);
    struct invocation invocation = {.method = method, .args = args, .results = results};
    bool done = answer(call, connection, &invocation) && results_move(results, method, args);
    results_fini(results, method);
    return done;
}

/* ---- the object ----------------------------------------------------------------------------- */

static bool refuse_missing(struct operation *operation, const void *value, struct hvk_error *err)
{
    const struct method *method = operation->method;
    const struct record *record = subject_field(method)->record;
    const struct object_words *words = object_words(method->kind);
    const uint8_t *uuid = object_uuid(record, value);
    char text[HVK_UUID_STRING_SIZE];
    uuid_format(uuid, text);
    return hvk_error_set(err, words->missing, "%s(): there is no %s '%s' with uuid %s on %s",
                         method->function, words->noun, object_name(record, value), text,
                         operation->request.context.node->uri->text);
}

/* A value without a uuid names its object: finds which one it is. */
static bool find_by_name(struct operation *operation, const void *value, struct hvk_error *err)
{
    struct hvk_node *node = operation->request.connection->node;
    const struct method *method = operation->method;
    const struct record *record = subject_field(method)->record;
    const char *name = object_name(record, value);
    published_begin(node->published);
    const struct published_row *row = published_by_name(node->published, method->kind, name);
    bool found = row != NULL;
    if (found)
        memcpy(operation->key, row->data.uuid, HVK_UUID_SIZE);
    published_end(node->published);
    if (!found)
        return hvk_error_set(err, object_words(method->kind)->missing,
                             "%s(): there is no %s '%s' on %s", method->function,
                             object_words(method->kind)->noun, name, node->uri->text);
    operation->subject = object_new(record, name, operation->key);
    operation->args_named = malloc(method->args_size);
    if (!operation->subject || !operation->args_named)
        return hvk_error_memory(err);
    memcpy(operation->args_named, operation->args, method->args_size);
    memcpy((char *)operation->args_named + subject_field(method)->offset, &operation->subject,
           sizeof operation->subject);
    operation->args = operation->args_named;
    return true;
}

static const void *subject_value(const struct operation *operation)
{
    const struct field *field = subject_field(operation->method);
    return field && field->kind == FIELD_RECORD ? argument(operation->args, field) : NULL;
}

/* For messages. */
static void name_object(struct operation *operation)
{
    const struct method *method = operation->method;
    const void *value = subject_value(operation);
    operation->request.noun = object_words(method->kind)->noun;
    if (operation->content.identity)
        operation->request.object =
            object_name(operation->content.record, operation->content.identity);
    else if (value)
        operation->request.object = object_name(subject_field(method)->record, value);
}

static bool find_object(struct operation *operation, struct hvk_call *call)
{
    const struct method *method = operation->method;
    struct hvk_node *node = operation->request.connection->node;
    const struct field *field = subject_field(method);
    if (method->subject == METHOD_ON_CONTENT) {
        if (!content_identify(&operation->content, call, operation->request.connection, method,
                              operation->args))
            return false;
        operation->has_object = operation->content.claim != NULL;
        if (operation->has_object)
            object_key(operation->content.record, operation->content.identity, operation->key);
        return true;
    }
    const void *value = subject_value(operation);
    if (!value)
        return true;
    operation->has_object = true;
    object_key(field->record, value, operation->key);
    const uint8_t *uuid = object_uuid(field->record, value);
    if (!uuid || !node->publishes[method->kind])
        return true;
    operation->must_exist = true;
    if (uuid_is_null(uuid))
        return find_by_name(operation, value, &call->error);
    return published_has(node->published, method->kind, uuid) ||
           refuse_missing(operation, value, &call->error);
}

/* ---- on the lane ---------------------------------------------------------------------------- */

static bool is_published(const struct operation *operation)
{
    struct hvk_node *node = operation->request.context.node;
    return operation->has_object && node->publishes[operation->method->kind] &&
           published_has(node->published, operation->method->kind, operation->key);
}

static bool operation_run(struct request *request)
{
    struct operation *operation = CONTAINER_OF(request, struct operation, request);
    struct invocation invocation = {.method = operation->method,
                                    .table = operation->table,
                                    .instance = request->context.node->instance,
                                    .args = operation->args,
                                    .identity = operation->content.identity,
                                    .results = operation->results};
    operation->started = true;
    if (!content_check(&operation->content, request->context.node, &request->context.call.error))
        return false;
    bool was_there = is_published(operation);
    if (!was_there && operation->must_exist) /* it went while this call was on its way here */
        return refuse_missing(operation, subject_value(operation), &request->context.call.error);
    bool done = operation->method->invoke(&request->context.call, &invocation);
    if (was_there && !is_published(operation))
        lane_end(request->context.lane->lane);
    return done;
}

/* ---- arguments that outlive their caller ---------------------------------------------------- */

/* The descriptors among the copied arguments become the operation's own. When one cannot be kept
 * the counts say how many were. */
static bool keep_fds(const struct operation *operation, struct hvk_error *err)
{
    bool kept = true;
    for (uint16_t i = 0; i < operation->method->field_count; i++) {
        const struct field *field = &operation->method->fields[i];
        if (field->kind != FIELD_FDS || (field->flags & FIELD_RESULT))
            continue;
        int32_t *fds = argument(operation->args_copy, field);
        uint64_t *count = (uint64_t *)(void *)((char *)operation->args_copy + field->count_offset);
        uint64_t done = 0;
        for (; kept && done < *count; done++) {
            int copy = fcntl(fds[done], F_DUPFD_CLOEXEC, 3);
            if (copy < 0) {
                kept = hvk_error_errno(err, errno, "keep the descriptors of %s()",
                                       operation->method->function);
                break;
            }
            fds[done] = copy;
        }
        *count = done;
    }
    return kept;
}

static void close_fds(const struct operation *operation)
{
    for (uint16_t i = 0; operation->args_copy && i < operation->method->field_count; i++) {
        const struct field *field = &operation->method->fields[i];
        if (field->kind != FIELD_FDS || (field->flags & FIELD_RESULT))
            continue;
        const int32_t *fds = argument(operation->args_copy, field);
        const char *args = operation->args_copy;
        for (uint64_t k = *(const uint64_t *)(const void *)(args + field->count_offset); k > 0; k--)
            close(fds[k - 1]);
    }
}

static bool operation_detach(struct request *request, struct hvk_error *err)
{
    struct operation *operation = CONTAINER_OF(request, struct operation, request);
    const struct method *method = operation->method;
    operation->args_copy = value_copy_arguments(method->fields, method->field_count,
                                                method->args_size, operation->args);
    if (!operation->args_copy)
        return hvk_error_memory(err);
    operation->args = operation->args_copy;
    return keep_fds(operation, err);
}

/* ---- life of an operation ------------------------------------------------------------------- */

/* Gives up what others may be waiting for; the memory follows with the last reference. */
static void operation_done(struct request *request)
{
    struct operation *operation = CONTAINER_OF(request, struct operation, request);
    content_release(&operation->content, request->context.node);
    stream_unref(TAKE(operation->stream));
}

static void operation_destroy(struct request *request)
{
    struct operation *operation = CONTAINER_OF(request, struct operation, request);
    results_fini(operation->results, operation->method);
    close_fds(operation);
    content_fini(&operation->content);
    free(operation->subject);
    free(operation->args_named);
    free(operation->args_copy);
    free(operation);
}

/* A driver that publishes its objects owns them: its instant functions do not wait. One whose
 * truth is elsewhere may take as long as the network does. */
static bool is_instant(const struct hvk_node *node, const struct method *method)
{
    if (method->class != METHOD_INSTANT)
        return false;
    bool owns = node->shared;
    for (size_t i = 0; i < PUBLISHED_KINDS; i++)
        owns = owns || node->publishes[i];
    return owns;
}

static struct operation *operation_new(struct hvk_connection *connection,
                                       const struct method *method, const void *table,
                                       const void *args, struct hvk_error *err)
{
    struct operation *operation = calloc(1, sizeof *operation);
    if (!operation) {
        hvk_error_memory(err);
        return NULL;
    }
    struct request *request = &operation->request;
    request_init(request, connection, NULL, method->function);
    request->class = method->class;
    request->kind = method->lane == METHOD_LANE_CONTROL ? LANE_JOB_CONTROL : LANE_JOB_ORDINARY;
    request->here = is_instant(connection->node, method);
    request->run = operation_run;
    request->detach = operation_detach;
    request->done = operation_done;
    request->destroy = operation_destroy;
    operation->method = method;
    operation->table = table;
    operation->args = args;
    results_init(operation->results, method, &request->context.call.error);
    return operation;
}

static bool take_stream(struct operation *operation, struct hvk_error *err)
{
    for (uint16_t i = 0; i < operation->method->field_count; i++) {
        const struct field *field = &operation->method->fields[i];
        struct hvk_stream *stream =
            field->kind == FIELD_STREAM ? argument(operation->args, field) : NULL;
        if (!stream)
            continue;
        if (!stream_bind(stream, operation->request.connection,
                         operation->has_object ? operation->method->kind : HVK_OBJECT_CONNECTION,
                         operation->key, err))
            return false;
        operation->stream = stream_ref(stream);
    }
    return true;
}

static struct lane_entry *choose_lane(const struct operation *operation, struct hvk_error *err)
{
    const struct method *method = operation->method;
    struct hvk_node *node = operation->request.connection->node;
    /* A driver that locks by itself is asked in parallel; what changes an object still takes
     * turns, or lane_end() and reservations of names would mean nothing. */
    if (node->driver->identity->threading == HVK_THREADS_PARALLEL && method->read_only)
        return node_lane_alone(node, err);
    bool own = operation->has_object && method->lane != METHOD_LANE_NODE;
    return node_lane_get(node, own ? method->kind : HVK_OBJECT_CONNECTION,
                         own ? operation->key : NULL, err);
}

static bool operation_perform(struct operation *operation, struct hvk_call *call, const void *args)
{
    struct request *request = &operation->request;
    if (!find_object(operation, call) || !take_stream(operation, &call->error) ||
        !(request->context.lane = choose_lane(operation, &call->error))) {
        operation_done(request);
        return false;
    }
    name_object(operation);
    bool done = request_perform(request, call);
    if (done && !results_move(operation->results, operation->method, args)) {
        hvk_error_copy(&call->error, &request->context.call.error);
        done = hvk_error_prefix(&call->error, "%s()", operation->method->function);
    }
    request_reply(request);
    return done;
}

/* What a content names may go away while the call waits for its turn. It was not about that object
 * but about the name: it is looked up anew. */
static bool must_start_again(const struct operation *operation, const struct hvk_call *call)
{
    return operation->method->subject == METHOD_ON_CONTENT && !operation->started &&
           call->error.code == HVK_ERR_OBJECT_GONE;
}

static bool ask_driver(struct hvk_call *call, struct hvk_connection *connection,
                       const struct method *method, const void *table, const void *args)
{
    bool done, again;
    do {
        struct operation *operation = operation_new(connection, method, table, args, &call->error);
        if (!operation)
            return false;
        done = operation_perform(operation, call, args);
        again = !done && must_start_again(operation, call);
        request_unref(&operation->request);
    } while (again && call_check(call));
    return done;
}

bool method_call(struct hvk_call *call, struct hvk_connection *connection,
                 const struct method *method, void *args)
{
    struct hvk_call spare;
    struct route route;
    call = call_enter(call, &spare);
    if (!call)
        return false;
    if (!connection)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_CONN, "%s(): the connection is NULL",
                             method->function);
    if (!connection_enter(connection, NULL, &call->error))
        return hvk_error_prefix(&call->error, "%s()", method->function);
    bool done = check_call(connection, method, args, call) &&
                route_find(connection->node, method, &route, &call->error);
    if (done && route.answer)
        done = answer_here(route.answer, call, connection, method, args);
    else if (done)
        done = ask_driver(call, connection, method, route.table, args);
    connection_leave(connection, NULL);
    return done;
}
