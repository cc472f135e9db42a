/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/known.h"

#include "base/table.h"

#include <stdlib.h>

struct key {
    uint8_t sha256[SHA256_LEN];
    uint8_t role;
};

struct told {
    struct entry entry;
    int64_t when_ns;
    struct key key;
};

struct known {
    struct table table; /* by time of telling */
    struct pool pool;
    int64_t relog_ns;
};

struct known *
known_new(int64_t relog_ns, size_t most)
{
    struct known *known = calloc(1, sizeof *known);
    if (!known)
        abort();
    known->table = table_new();
    known->pool.limit = most * sizeof(struct told);
    known->relog_ns = relog_ns;
    return known;
}

static struct bytes
key_bytes(const struct key *key)
{
    return bytes_of(key, sizeof *key);
}

static bool
is_same(const struct entry *entry, const void *wanted)
{
    const struct told *told = (const struct told *)entry;
    return bytes_equal(key_bytes(&told->key), key_bytes(wanted));
}

static void
forget_oldest(struct known *known)
{
    struct told *oldest = (struct told *)known->table.oldest;
    table_remove(&known->table, &oldest->entry);
    pool_give(&known->pool, oldest, sizeof *oldest);
}

/* The difference of any two times, even of absurd ones, where `now` is the later. */
static uint64_t
elapsed(int64_t since, int64_t now)
{
    return now > since ? (uint64_t)now - (uint64_t)since : 0;
}

bool
known_is_due(
    struct known *known, const struct certificate *certificate, unsigned role, int64_t now_ns)
{
    struct key key = {.role = (uint8_t)role};
    memcpy(key.sha256, certificate->sha256, sizeof key.sha256);
    uint64_t hash = table_hash(&known->table, key_bytes(&key));
    struct told *told = (struct told *)table_find(&known->table, hash, is_same, &key);
    if (told) {
        if (known->relog_ns > 0 && elapsed(told->when_ns, now_ns) < (uint64_t)known->relog_ns)
            return false;
        told->when_ns = now_ns;
        table_touch(&known->table, &told->entry);
        return true;
    }

    while (!(told = pool_take(&known->pool, sizeof *told)) && known->table.count > 0)
        forget_oldest(known);
    if (!told)
        return true;
    told->key = key;
    told->when_ns = now_ns;
    table_add(&known->table, &told->entry, hash);
    return true;
}

size_t
known_count(const struct known *known)
{
    return known->table.count;
}

void
known_free(struct known *known)
{
    if (!known)
        return;
    while (known->table.count > 0)
        forget_oldest(known);
    table_free(&known->table);
    free(known);
}
