/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the claims of calls on names and uuids that are about to exist. */
#include "content.h"

#include "core.h"
#include "object.h"
#include "route.h"

#include <base/string.h>
#include <base/uuid.h>
#include <errno.h>

/* Calls in flight that define one object: they wait for each other on its lane. */
struct claim {
    struct list entry;
    uint32_t users;
    uint32_t kind;
    uint8_t uuid[HVK_UUID_SIZE];
    char name[];
};

/* ---- asking the driver ---------------------------------------------------------------------- */

/* Arguments of identify() are those of the method that have their names: the content. */
static void identify_arguments(const struct method *identify, char *to, const struct method *method,
                               const char *from)
{
    for (uint16_t i = 0; i < identify->field_count; i++) {
        const struct field *field = &identify->fields[i];
        for (uint16_t k = 0; k < method->field_count; k++) {
            const struct field *given = &method->fields[k];
            if (field->flags & FIELD_RESULT || strcmp(field->name, given->name) != 0)
                continue;
            memcpy(to + field->offset, from + given->offset, sizeof(void *));
            if (given->count_offset != 0)
                memcpy(to + field->count_offset, from + given->count_offset, sizeof(uint64_t));
        }
    }
}

static bool identify_call(struct context *context, const struct method *identify, const void *table,
                          void *instance, const struct method *method, const void *from,
                          union result_slot *result)
{
    auto_free char *args = calloc(1, identify->args_size);
    if (!args)
        return hvk_error_memory(&context->call.error);
    identify_arguments(identify, args, method, from);
    struct invocation invocation = {
        .method = identify, .table = table, .instance = instance, .args = args, .results = result};
    context_begin(context);
    bool identified = identify->invoke(&context->call, &invocation);
    context_end(context);
    if (identified || context->call.error.code != HVK_ERR_OK)
        return identified;
    return hvk_error_set(&context->call.error, HVK_ERR_DRIVER_FAILED,
                         "the driver '%s' did not say which %s the content is about",
                         node_driver_id(context->node), identify->object);
}

static const struct field *result_field(const struct method *method)
{
    for (uint16_t i = 0; i < method->field_count; i++) {
        if (method->fields[i].flags & FIELD_RESULT)
            return &method->fields[i];
    }
    return NULL;
}

/* What the driver reads out of the content: a value with a name and perhaps a uuid. */
static void *identify(struct hvk_call *call, struct hvk_connection *connection,
                      const struct method *method, const void *args)
{
    struct hvk_node *node = connection->node;
    const struct method *asked = method_by_slot(method->object, method->identify);
    const void *table = asked ? route_table(node->driver, asked) : NULL;
    const struct field *field = asked ? result_field(asked) : NULL;
    if (!table || !field || asked->fields[0].kind != method->fields[method->subject_field].kind) {
        hvk_error_set(&call->error, HVK_ERR_NO_SUPPORT,
                      "%s(): the driver '%s' does not say which %s a content is about",
                      method->function, node_driver_id(node), method->object);
        return NULL;
    }
    struct context context;
    context_init(&context, node, NULL);
    context.call.deadline_ns = call->deadline_ns;
    context.call.cancel = call->cancel;
    union result_slot result;
    collector_init(&result.collector, field, &context.call.error);
    void *value = NULL;
    bool none;
    if (identify_call(&context, asked, table, node->instance, method, args, &result))
        value = collector_take(&result.collector, &none);
    if (!value)
        hvk_error_copy(&call->error, &context.call.error);
    context_give_warnings(&context, call);
    collector_fini(&result.collector);
    context_fini(&context);
    return value;
}

/* ---- names and uuids ------------------------------------------------------------------------ */

static bool refuse_name(struct hvk_error *err, uint32_t kind, const char *name,
                        const uint8_t *owner, const uint8_t *wanted, const char *how)
{
    char theirs[HVK_UUID_STRING_SIZE], ours[HVK_UUID_STRING_SIZE];
    uuid_format(owner, theirs);
    uuid_format(wanted, ours);
    const struct object_words *words = object_words(kind);
    return hvk_error_set(err, words->exists,
                         "the name '%s' %s the %s with uuid %s, so the one with uuid %s cannot "
                         "have it: choose another name, or leave the uuid out to change that one",
                         name, how, words->noun, theirs, ours);
}

static bool refuse_uuid(struct hvk_error *err, uint32_t kind, const char *name, const uint8_t *uuid,
                        const char *owner)
{
    char text[HVK_UUID_STRING_SIZE];
    uuid_format(uuid, text);
    const struct object_words *words = object_words(kind);
    return hvk_error_set(err, words->exists,
                         "the uuid %s belongs to the %s '%s', so '%s' cannot have it: rename that "
                         "one, or choose another uuid",
                         text, words->noun, owner, name);
}

/* Is (name, uuid) free, or the object that has both already? */
static bool check_published(struct hvk_node *node, uint32_t kind, const char *name,
                            const uint8_t *uuid, struct hvk_error *err)
{
    bool free_or_same = true;
    published_begin(node->published);
    const struct published_row *named = published_by_name(node->published, kind, name);
    const struct published_row *same = published_by_uuid(node->published, kind, uuid);
    if (named && named != same)
        free_or_same = refuse_name(err, kind, name, named->data.uuid, uuid, "belongs to");
    else if (same && same != named)
        free_or_same = refuse_uuid(err, kind, name, uuid, same->data.name);
    published_end(node->published);
    return free_or_same;
}

/* The uuid that goes with the name already; with the node's mutex held. */
static bool uuid_of_name(struct hvk_node *node, uint32_t kind, const char *name,
                         uint8_t uuid[HVK_UUID_SIZE])
{
    LIST_FOR_EACH (&node->claims, at) {
        const struct claim *claim = LIST_ENTRY(at, struct claim, entry);
        if (claim->kind == kind && string_equal(claim->name, name)) {
            memcpy(uuid, claim->uuid, HVK_UUID_SIZE);
            return true;
        }
    }
    published_begin(node->published);
    const struct published_row *row = published_by_name(node->published, kind, name);
    if (row)
        memcpy(uuid, row->data.uuid, HVK_UUID_SIZE);
    published_end(node->published);
    return row != NULL;
}

/* Joins the claim of another call on the same object, or makes one; with the node's mutex held. */
static struct claim *claim_take(struct hvk_node *node, uint32_t kind, const char *name,
                                const uint8_t *uuid, struct hvk_error *err)
{
    LIST_FOR_EACH (&node->claims, at) {
        struct claim *claim = LIST_ENTRY(at, struct claim, entry);
        bool same_name = claim->kind == kind && string_equal(claim->name, name);
        bool same_uuid = claim->kind == kind && memcmp(claim->uuid, uuid, HVK_UUID_SIZE) == 0;
        if (same_name && !same_uuid) {
            refuse_name(err, kind, name, claim->uuid, uuid, "is just being given to");
            return NULL;
        }
        if (same_name) {
            claim->users++;
            return claim;
        }
        if (same_uuid) {
            refuse_uuid(err, kind, name, uuid, claim->name);
            return NULL;
        }
    }
    size_t length = strlen(name) + 1;
    struct claim *claim = calloc(1, sizeof *claim + length);
    if (!claim) {
        hvk_error_memory(err);
        return NULL;
    }
    claim->users = 1;
    claim->kind = kind;
    memcpy(claim->uuid, uuid, HVK_UUID_SIZE);
    memcpy(claim->name, name, length);
    list_append(&node->claims, &claim->entry);
    return claim;
}

static bool content_claim(struct content *content, struct hvk_node *node, const char *name,
                          uint8_t uuid[HVK_UUID_SIZE], struct hvk_error *err)
{
    pthread_mutex_lock(&node->mutex);
    bool known = !uuid_is_null(uuid) || uuid_of_name(node, content->kind, name, uuid);
    if (known || uuid_generate(uuid))
        content->claim = claim_take(node, content->kind, name, uuid, err);
    else
        hvk_error_errno(err, errno, "make a uuid for '%s'", name);
    pthread_mutex_unlock(&node->mutex);
    return content->claim && check_published(node, content->kind, name, uuid, err);
}

bool content_identify(struct content *content, struct hvk_call *call,
                      struct hvk_connection *connection, const struct method *method,
                      const void *args)
{
    *content = (struct content){.kind = method->kind};
    auto_free void *value = identify(call, connection, method, args);
    if (!value)
        return false;
    content->record = result_field(method_by_slot(method->object, method->identify))->record;
    uint8_t uuid[HVK_UUID_SIZE] = {0};
    const char *name = object_name(content->record, value);
    const uint8_t *given = object_uuid(content->record, value);
    if (given)
        memcpy(uuid, given, HVK_UUID_SIZE);
    struct hvk_node *node = connection->node;
    if (node->publishes[content->kind] && !content_claim(content, node, name, uuid, &call->error))
        return false;
    content->identity = object_new(content->record, name, uuid);
    return content->identity || hvk_error_memory(&call->error);
}

bool content_check(const struct content *content, struct hvk_node *node, struct hvk_error *err)
{
    return !content->claim ||
           check_published(node, content->kind, content->claim->name, content->claim->uuid, err);
}

void content_fini(struct content *content)
{
    free(content->identity);
}

void content_release(struct content *content, struct hvk_node *node)
{
    if (!content->claim)
        return;
    pthread_mutex_lock(&node->mutex);
    struct claim *claim = TAKE(content->claim);
    if (--claim->users == 0) {
        list_remove(&claim->entry);
        free(claim);
    }
    pthread_mutex_unlock(&node->mutex);
}
