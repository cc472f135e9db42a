/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/formats/zeek_removals.h"

struct removal {
    struct entry entry;
    struct value value;
    struct bytes source;
    unsigned long first, last; /* lines */
    bool used;
};

struct zeek_removals
zeek_removals_new(struct pool *pool)
{
    return (struct zeek_removals){.table = table_new(), .room = {.pool = pool}};
}

void
zeek_removals_free(struct zeek_removals *removals)
{
    while (removals->table.oldest)
        table_remove(&removals->table, removals->table.oldest);
    table_free(&removals->table);
    arena_empty(&removals->room);
}

static bool
is_of(const struct entry *entry, const void *wanted)
{
    const struct removal *a = (const struct removal *)entry;
    const struct removal *b = wanted;
    return a->value.what == b->value.what && a->value.match == b->value.match &&
           bytes_equal(a->value.value, b->value.value) && bytes_equal(a->source, b->source);
}

static uint64_t
hash_of(const struct zeek_removals *removals, const struct removal *removal)
{
    uint64_t parts[] = {
        table_hash(&removals->table, removal->value.value),
        table_hash(&removals->table, removal->source),
        (uint64_t)removal->value.what << 8 | removal->value.match,
    };
    return table_hash(&removals->table, bytes_of(parts, sizeof parts));
}

bool
zeek_removals_note(struct zeek_removals *removals, const struct value *value, struct bytes source,
    unsigned long line)
{
    struct removal wanted = {.value = *value, .source = source, .first = line, .last = line};
    uint64_t hash = hash_of(removals, &wanted);
    struct removal *found = (struct removal *)table_find(&removals->table, hash, is_of, &wanted);
    if (found) {
        found->last = line;
        return true;
    }
    bool kept[2];
    found = arena_take(&removals->room, sizeof *found);
    if (!found)
        return false;
    *found = wanted;
    found->value.value = arena_copy(&removals->room, value->value, &kept[0]);
    found->source = arena_copy(&removals->room, source, &kept[1]);
    if (!kept[0] || !kept[1])
        return false;
    table_add(&removals->table, &found->entry, hash);
    return true;
}

bool
zeek_removals_have(struct zeek_removals *removals, const struct value *value, struct bytes source,
    unsigned long line)
{
    struct removal wanted = {.value = *value, .source = source};
    if (!removals->table.count)
        return false;
    struct removal *found =
        (struct removal *)table_find(&removals->table, hash_of(removals, &wanted), is_of, &wanted);
    if (!found || found->last < line)
        return false;
    found->used = true;
    return true;
}

unsigned long
zeek_removals_idle(const struct zeek_removals *removals)
{
    unsigned long first = 0;
    for (const struct entry *entry = removals->table.oldest; entry; entry = entry->newer) {
        const struct removal *removal = (const struct removal *)entry;
        if (!removal->used && (!first || removal->first < first))
            first = removal->first;
    }
    return first;
}
