/* SPDX-License-Identifier: Apache-2.0 */
#include "base/table.h"

#include <stdlib.h>

struct table
table_new(void)
{
    return (struct table){.key = hash_key_random()};
}

void
table_free(struct table *table)
{
    free(table->buckets);
    *table = (struct table){0};
}

uint64_t
table_hash(const struct table *table, struct bytes key)
{
    return hash_bytes(table->key, key);
}

struct entry *
table_find(const struct table *table, uint64_t hash, table_matches *matches, const void *wanted)
{
    if (!table->room)
        return NULL;
    struct entry *entry = table->buckets[hash & (table->room - 1)];
    while (entry && (entry->hash != hash || !matches(entry, wanted)))
        entry = entry->next;
    return entry;
}

static void
grow(struct table *table)
{
    size_t room = table->room ? table->room * 2 : 64;
    struct entry **buckets = calloc(room, sizeof(struct entry *));
    if (!buckets)
        abort();
    for (struct entry *e = table->oldest; e; e = e->newer) {
        struct entry **bucket = &buckets[e->hash & (room - 1)];
        e->next = *bucket;
        *bucket = e;
    }
    free(table->buckets);
    table->buckets = buckets;
    table->room = room;
}

static void
link_newest(struct table *table, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = table->newest;
    if (table->newest)
        table->newest->newer = entry;
    else
        table->oldest = entry;
    table->newest = entry;
}

static void
unlink_age(struct table *table, struct entry *entry)
{
    if (entry->older)
        entry->older->newer = entry->newer;
    else
        table->oldest = entry->newer;
    if (entry->newer)
        entry->newer->older = entry->older;
    else
        table->newest = entry->older;
}

void
table_add(struct table *table, struct entry *entry, uint64_t hash)
{
    if (table->count >= table->room)
        grow(table);
    entry->hash = hash;
    struct entry **bucket = &table->buckets[hash & (table->room - 1)];
    entry->next = *bucket;
    *bucket = entry;
    link_newest(table, entry);
    table->count++;
}

void
table_remove(struct table *table, struct entry *entry)
{
    struct entry **place = &table->buckets[entry->hash & (table->room - 1)];
    while (*place != entry)
        place = &(*place)->next;
    *place = entry->next;
    unlink_age(table, entry);
    table->count--;
}

void
table_touch(struct table *table, struct entry *entry)
{
    if (table->newest == entry)
        return;
    unlink_age(table, entry);
    link_newest(table, entry);
}
