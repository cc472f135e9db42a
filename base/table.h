/* SPDX-License-Identifier: Apache-2.0
 *
 * A hash table of things that carry their own links, kept oldest first as well: so that what is
 * bounded can let go of its oldest, in an order that does not depend on the hash key.
 *
 * The table owns its buckets and nothing else. An entry is the first member of the caller's struct.
 */
#ifndef CERTTAP_BASE_TABLE_H
#define CERTTAP_BASE_TABLE_H

#include "base/bytes.h"
#include "base/hash.h"

struct entry {
    struct entry *next; /* in its bucket */
    struct entry *older;
    struct entry *newer;
    uint64_t hash;
};

struct table {
    struct entry **buckets;
    size_t room; /* a power of two, or 0 before the first entry */
    size_t count;
    struct entry *oldest;
    struct entry *newest;
    struct hash_key key;
};

/* Does `entry` hold what `wanted` asks for? */
typedef bool table_matches(const struct entry *entry, const void *wanted);

struct table table_new(void);
void table_free(struct table *table); /* the entries are the caller's */

uint64_t table_hash(const struct table *table, struct bytes key);

/* NULL when there is none. */
struct entry *table_find(
    const struct table *table, uint64_t hash, table_matches *matches, const void *wanted);

/* Puts a new entry in as the newest. Its memory must stay in place until it is removed. */
void table_add(struct table *table, struct entry *entry, uint64_t hash);
void table_remove(struct table *table, struct entry *entry);

/* Makes an entry the newest. */
void table_touch(struct table *table, struct entry *entry);

#endif
