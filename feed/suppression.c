/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/suppression.h"

#include "base/pool.h"
#include "base/table.h"

#include <stdlib.h>

/* A notice that was written, and its repeats. */
struct held {
    struct entry entry;
    int64_t since_ns;
    uint64_t repeats;
    struct notice_row *last; /* a copy of the last repeat; NULL while there was none */
    size_t last_size;
    size_t size; /* of this struct and its key */
    size_t key_len;
    uint8_t key[];
};

struct suppression {
    struct table table; /* by time of the first */
    struct pool pool;
    size_t most;
    int64_t suppress_ns;
    struct suppression_listener listener;
    struct text key; /* of the notice that is looked at */
};

struct suppression *
suppression_new(int64_t suppress_ns, size_t most, size_t room, struct suppression_listener listener)
{
    struct suppression *suppression = calloc(1, sizeof *suppression);
    if (!suppression)
        abort();
    suppression->table = table_new();
    suppression->pool.limit = room;
    suppression->most = most;
    suppression->suppress_ns = suppress_ns;
    suppression->listener = listener;
    return suppression;
}

/* Who shows a certificate and does not hold its key is somebody else than who does. */
static bool
fails_proof(const struct notice_row *row)
{
    return row->possession && strcmp(row->possession, possession_name(POSSESSION_FAILED)) == 0;
}

static struct bytes
key_of(struct suppression *suppression, const struct notice_row *row)
{
    const struct bytes texts[] = {row->indicator_type, row->indicator, row->list};
    struct text *key = &suppression->key;
    text_clear(key);
    text_add(key, bytes_of(&row->src, sizeof row->src));
    text_add(key, bytes_of(&row->dst, sizeof row->dst));
    text_add(key, bytes_of(&row->p.value, sizeof row->p.value));
    text_add_string(key, row->note);
    text_add_char(key, fails_proof(row) ? '!' : '\0');
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        text_add_char(key, '\0'); /* which none of them holds: they come from C strings */
        text_add(key, texts[i]);
    }
    return text_bytes(key);
}

static bool
is_same(const struct entry *entry, const void *wanted)
{
    const struct held *held = (const struct held *)entry;
    return bytes_equal(bytes_of(held->key, held->key_len), *(const struct bytes *)wanted);
}

static void
let_go(struct suppression *suppression, struct held *held)
{
    table_remove(&suppression->table, &held->entry);
    pool_give(&suppression->pool, held->last, held->last_size);
    pool_give(&suppression->pool, held, held->size);
}

static void
end_one(struct suppression *suppression, struct held *held)
{
    if (held->last) {
        held->last->n = cell_count_of(held->repeats);
        suppression->listener.repeats(suppression->listener.owner, held->last);
    }
    let_go(suppression, held);
}

/* Memory for which others than `keep` may have to end. NULL when even that does not help. */
static void *
take(struct suppression *suppression, size_t size, const struct held *keep)
{
    void *taken;
    while (!(taken = pool_take(&suppression->pool, size))) {
        struct held *oldest = (struct held *)suppression->table.oldest;
        if (oldest && oldest == keep)
            oldest = (struct held *)oldest->entry.newer;
        if (!oldest)
            return NULL;
        end_one(suppression, oldest);
    }
    return taken;
}

static void
hold(struct suppression *suppression, struct bytes key, uint64_t hash, int64_t now_ns)
{
    if (suppression->table.count >= suppression->most && suppression->table.oldest)
        end_one(suppression, (struct held *)suppression->table.oldest);
    size_t size = sizeof(struct held) + key.len;
    struct held *held = take(suppression, size, NULL);
    if (!held)
        return;
    held->since_ns = now_ns;
    held->size = size;
    held->key_len = key.len;
    memcpy(held->key, key.at, key.len);
    table_add(&suppression->table, &held->entry, hash);
}

bool
suppression_next(const struct suppression *suppression, int64_t *end_ns)
{
    const struct held *oldest = (const struct held *)suppression->table.oldest;
    if (!oldest)
        return false;
    bool never = oldest->since_ns > INT64_MAX - suppression->suppress_ns;
    *end_ns = never ? INT64_MAX : oldest->since_ns + suppression->suppress_ns;
    return true;
}

void
suppression_tick(struct suppression *suppression, int64_t now_ns)
{
    int64_t end_ns;
    while (suppression_next(suppression, &end_ns) && end_ns <= now_ns)
        end_one(suppression, (struct held *)suppression->table.oldest);
}

bool
suppression_passes(struct suppression *suppression, const struct notice_row *row, int64_t now_ns)
{
    if (suppression->suppress_ns <= 0)
        return true;
    suppression_tick(suppression, now_ns);
    struct bytes key = key_of(suppression, row);
    uint64_t hash = table_hash(&suppression->table, key);
    struct held *held = (struct held *)table_find(&suppression->table, hash, is_same, &key);
    if (!held) {
        hold(suppression, key, hash, now_ns);
        return true;
    }

    size_t size = row_copy_size(&notice_log, row);
    struct notice_row *copy = take(suppression, size, held);
    if (!copy)
        return true;
    row_copy(&notice_log, row, copy);
    pool_give(&suppression->pool, held->last, held->last_size);
    held->last = copy;
    held->last_size = size;
    held->repeats++;
    return false;
}

void
suppression_end(struct suppression *suppression)
{
    while (suppression->table.oldest)
        end_one(suppression, (struct held *)suppression->table.oldest);
}

void
suppression_free(struct suppression *suppression)
{
    if (!suppression)
        return;
    while (suppression->table.oldest)
        let_go(suppression, (struct held *)suppression->table.oldest);
    table_free(&suppression->table);
    text_free(&suppression->key);
    free(suppression);
}
