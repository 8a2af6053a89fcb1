/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The subtrees that applications keep in a domain, one for each namespace. */
#include "model/domain-xml.h"
#include "model/engine.h"
#include "model/raw.h"
#include <base/error.h>
#include <base/string.h>

const struct model_raw *model_metadata_find(const struct model_domain *domain, const char *ns)
{
    MODEL_FOR_EACH(&domain->metadata.items, struct model_raw, item)
    {
        if (string_equal(item->ns, ns))
            return item;
    }
    return NULL;
}

/* Rewrites one element so that it, and it alone, is in the namespace under the prefix. */
struct rewrite {
    struct raw raw;
    const char *ns;
    const char *prefix;
    struct model_domain *domain;
    struct model_raw *result;
    bool failed;
};

static bool on_start(struct reader *reader, void *data, const struct reader_element *element)
{
    struct rewrite *rewrite = data;
    (void)reader;
    if (rewrite->raw.depth > 0) {
        raw_start(&rewrite->raw, element);
        return true;
    }
    const struct reader_namespace own = {rewrite->prefix, rewrite->ns};
    struct reader_element root = *element;
    struct reader_namespace namespaces[MODEL_METADATA_NAMESPACES_MAX];
    root.namespaces = namespaces;
    root.namespace_count = 1;
    namespaces[0] = own;
    for (size_t i = 0; i < element->namespace_count; i++) {
        if (string_equal(element->namespaces[i].prefix, own.prefix))
            continue;
        if (root.namespace_count == ARRAY_SIZE(namespaces)) {
            rewrite->failed = true;
            return false;
        }
        namespaces[root.namespace_count++] = element->namespaces[i];
    }
    root.prefix = rewrite->prefix;
    rewrite->result->name = model_domain_string(rewrite->domain, element->name);
    raw_start(&rewrite->raw, &root);
    return true;
}

static bool on_end(struct reader *reader, void *data, const char *prefix, const char *name)
{
    struct rewrite *rewrite = data;
    (void)reader;
    raw_end(&rewrite->raw, rewrite->raw.depth == 1 ? rewrite->prefix : prefix, name);
    return true;
}

static bool on_text(struct reader *reader, void *data, const char *text, size_t length)
{
    (void)reader;
    raw_text(&((struct rewrite *)data)->raw, text, length);
    return true;
}

static bool on_cdata(struct reader *reader, void *data, const char *text, size_t length)
{
    (void)reader;
    raw_cdata(&((struct rewrite *)data)->raw, text, length);
    return true;
}

static const struct reader_handler handler = {
    .start = on_start,
    .end = on_end,
    .text = on_text,
    .cdata = on_cdata,
};

/* An NCName (Namespaces in XML 1.0, section 3), of which "xml" and "xmlns" are taken. */
static bool is_prefix(const char *text)
{
    static const char more[] = "-.0123456789";
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    if (!*text || strchr(more, *text) || strncmp(text, "xml", 3) == 0)
        return false;
    for (const char *at = text; *at; at++)
        if (!strchr(letters, *at) && !strchr(more, *at) && (unsigned char)*at < 0x80)
            return false;
    return string_is_clean_utf8(text, "");
}

/* Neither comes from XML: one that XML has no way to write would make the domain unreadable. */
static bool check_names(const char *ns, const char *prefix, struct hvk_error *err)
{
    if (!ns || !*ns || !string_is_clean_utf8(ns, ""))
        return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                             "a metadata namespace must be a URI without control characters");
    return !prefix || is_prefix(prefix) ||
           hvk_error_set(err, HVK_ERR_INVALID_ARG, "'%s' is no prefix of a namespace", prefix);
}

static struct model_raw *metadata_read(struct model_domain *domain, const char *ns,
                                       const char *prefix, const char *xml, struct hvk_error *err)
{
    struct rewrite rewrite = {.ns = ns, .prefix = prefix, .domain = domain};
    rewrite.result = model_arena_alloc(domain->arena, sizeof *rewrite.result);
    if (!rewrite.result) {
        hvk_error_memory(err);
        return NULL;
    }
    struct model_raw *result = rewrite.result;
    bool ok = reader_run("metadata", xml, strlen(xml), &handler, &rewrite, err);
    if (rewrite.failed)
        ok = hvk_error_set(err, HVK_ERR_LIMIT, "metadata declares more than %d namespaces",
                           MODEL_METADATA_NAMESPACES_MAX);
    result->node.present = true;
    result->ns = model_domain_string(domain, ns);
    result->xml =
        ok && !rewrite.raw.text.failed ? model_domain_string(domain, rewrite.raw.text.data) : NULL;
    buffer_fini(&rewrite.raw.text);
    if (!ok)
        return NULL;
    if (!result->name || !result->ns || !result->xml) {
        hvk_error_memory(err);
        return NULL;
    }
    return result;
}

static void metadata_remove(struct model_domain *domain, uint32_t index)
{
    memmove(domain->metadata.items.items + index, domain->metadata.items.items + index + 1,
            (domain->metadata.items.count - index - 1) * sizeof(void *));
    domain->metadata.items.count--;
    domain->metadata.node.present = domain->metadata.items.count > 0;
}

bool model_metadata_set(struct model_domain *domain, const char *ns, const char *prefix,
                        const char *xml, struct hvk_error *err)
{
    if (!check_names(ns, prefix, err))
        return false;
    struct model_raw *item = xml ? metadata_read(domain, ns, prefix, xml, err) : NULL;
    if (xml && !item)
        return false;
    for (uint32_t i = 0; i < domain->metadata.items.count; i++) {
        if (!string_equal(domain->metadata.items.items[i]->ns, ns))
            continue;
        if (item)
            domain->metadata.items.items[i] = item;
        else
            metadata_remove(domain, i);
        return true;
    }
    if (!item)
        return true;
    domain->metadata.node.present = true;
    return model_array_add(domain->arena, (struct model_array *)&domain->metadata.items, item) ||
           hvk_error_memory(err);
}
