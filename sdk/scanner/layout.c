/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the members of a record lie: the rules of C on a 64-bit machine, with every hole named. */
#include "model.h"

static uint32_t member_size(const struct member *member)
{
    const struct type_info *info = type_info(member->type);
    if (member->type == TYPE_CHARS || member->type == TYPE_PAD)
        return (uint32_t)member->max;
    return info->size;
}

static bool refuse_hole(struct description *description, const struct record *record,
                        const struct place *at, uint32_t hole, const char *where)
{
    return report(description->faults, at,
                  "record '%s' has an implicit hole of %u bytes %s; put <pad size=\"%u\"/> there",
                  record->name, hole, where, hole);
}

static bool place_member(struct description *description, struct record *record,
                         struct member *member)
{
    const struct type_info *info = type_info(member->type);
    uint32_t hole = (info->align - record->size % info->align) % info->align;
    if (hole)
        return refuse_hole(description, record, &member->at, hole, "in front of this member");
    member->offset = record->size;
    record->size += member_size(member);
    if (info->count_suffix) {
        member->count_offset = record->size;
        record->size += sizeof(uint64_t);
    }
    if (info->align > record->align)
        record->align = info->align;
    record->in_place = record->in_place && info->plain;
    return true;
}

bool layout_record(struct description *description, struct record *record)
{
    record->size = sizeof(uint32_t); /* the leading `size` */
    record->align = sizeof(uint32_t);
    record->in_place = !record->payload;
    VECTOR_FOR_EACH (&record->members, struct member, member)
        if (!place_member(description, record, member))
            return false;
    uint32_t hole = (record->align - record->size % record->align) % record->align;
    return hole ? refuse_hole(description, record, &record->at, hole, "at its end") : true;
}
