/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/domain-xml.h"

#include "model/tables.h"
#include <base/error.h>
#include <base/string.h>

static const struct model_root domain_root = {"domain", &model_type_domain};

struct model_domain *model_domain_parse(const char *xml, size_t length, uint32_t flags,
                                        const struct model_report *report, struct hvk_error *err)
{
    struct model_arena *arena = model_arena_new();
    if (!arena) {
        hvk_error_memory(err);
        return NULL;
    }
    struct model_domain *domain =
        model_parse(arena, "domain", xml, length, &domain_root, 1, flags, report, NULL, err);
    if (!domain || !model_domain_check(domain, err)) {
        model_arena_free(arena);
        return NULL;
    }
    domain->arena = arena;
    return domain;
}

char *model_domain_format(const struct model_domain *domain, uint32_t flags, struct hvk_error *err)
{
    return model_format_text(&domain_root, domain, flags, err);
}

struct model_domain *model_domain_copy(const struct model_domain *domain, struct hvk_error *err)
{
    struct model_arena *arena = model_arena_new();
    struct model_domain *copy = arena ? model_copy(arena, &model_type_domain, domain) : NULL;
    if (!copy) {
        model_arena_free(arena);
        hvk_error_memory(err);
        return NULL;
    }
    copy->arena = arena;
    return copy;
}

void model_domain_free(struct model_domain *domain)
{
    if (domain)
        model_arena_free(domain->arena);
}

bool model_domain_equal(const struct model_domain *a, const struct model_domain *b, char *path,
                        size_t path_size)
{
    return model_equal(&model_type_domain, a, b, path, path_size);
}

const char *model_domain_string(struct model_domain *domain, const char *text)
{
    return model_arena_string(domain->arena, text);
}
