/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of drivers that applications see: one block, texts behind the items. */
#include "registry.h"
#include "scan.h"

#include <string.h>

/* The texts of an item: where each goes and what it is. */
struct texts {
    const char *id;
    const char *version;
    const char *schemes;
    const char *tables;
    const char *path;
    const char *decision;
};

static struct texts texts_of(const struct candidate *candidate)
{
    const struct hvk_driver_identity *identity = candidate->identity;
    return (struct texts){
        .id = identity ? identity->id : "",
        .version = identity ? identity->version : "",
        .schemes = identity ? identity->schemes : "",
        .tables = identity ? identity->tables : "",
        .path = candidate->path,
        .decision = candidate->decision,
    };
}

static size_t texts_size(const struct candidate *candidate)
{
    struct texts texts = texts_of(candidate);
    return strlen(texts.id) + strlen(texts.version) + strlen(texts.schemes) + strlen(texts.tables) +
           strlen(texts.path) + strlen(texts.decision) + 6;
}

static const char *text_put(char **at, const char *text)
{
    char *start = *at;
    *at = stpcpy(start, text) + 1;
    return start;
}

static void item_fill(struct hvk_driver_info *item, struct registry *registry,
                      const struct candidate *candidate, char **at)
{
    const struct hvk_driver_identity *identity = candidate->identity;
    struct texts texts = texts_of(candidate);
    *item = (struct hvk_driver_info){
        .size = sizeof *item,
        .usable = candidate->usable,
        .priority = candidate->priority,
        .id = text_put(at, texts.id),
        .version = text_put(at, texts.version),
        .schemes = text_put(at, texts.schemes),
        .tables = text_put(at, texts.tables),
        .path = text_put(at, texts.path),
        .decision = text_put(at, texts.decision),
    };
    if (!identity)
        return;
    item->loaded = registry_has_loaded(registry, identity->id, candidate->path);
    item->revision = identity->revision;
    item->needs = identity->needs;
    item->runs = identity->place;
    item->threading = identity->threading;
}

bool registry_list(struct registry *registry, struct hvk_driver_info_list **out_drivers,
                   struct hvk_error *err)
{
    AUTO(scan_free_auto) struct scan *scan = scan_new(err);
    if (!scan)
        return false;
    size_t count = scan->candidates.count;
    size_t size = sizeof(struct hvk_driver_info_list) + count * sizeof(struct hvk_driver_info);
    size_t texts = size;
    VECTOR_FOR_EACH (&scan->candidates, const struct candidate, candidate)
        size += texts_size(candidate);
    struct hvk_driver_info_list *list = malloc(size);
    if (!list)
        return hvk_error_memory(err);
    struct hvk_driver_info *items = (struct hvk_driver_info *)(void *)(list + 1);
    char *at = (char *)list + texts;
    *list = (struct hvk_driver_info_list){
        .size = sizeof *list, .stride = sizeof *items, .count = count, .items = items};
    for (size_t i = 0; i < count; i++)
        item_fill(&items[i], registry, vector_at(&scan->candidates, i), &at);
    *out_drivers = list;
    return true;
}
