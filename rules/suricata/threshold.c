/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/threshold.h"

struct track_key {
    uint32_t gid, sid;
    struct address source, destination; /* zero where it is not tracked by them */
};

struct tracked_rule {
    struct entry entry;
    struct track_key key;
    int64_t since_ns; /* when the window began */
    uint32_t count;
};

static bool
is_same(const struct entry *entry, const void *wanted)
{
    const struct tracked_rule *tracked = (const struct tracked_rule *)entry;
    return memcmp(&tracked->key, wanted, sizeof tracked->key) == 0;
}

static void
forget_oldest(struct rule_memory *memory)
{
    struct tracked_rule *oldest = (struct tracked_rule *)memory->tracked.oldest;
    table_remove(&memory->tracked, &oldest->entry);
    pool_give(&memory->tracked_pool, oldest, sizeof *oldest);
}

void
thresholds_forget(struct rule_memory *memory)
{
    while (memory->tracked.count)
        forget_oldest(memory);
}

static struct tracked_rule *
find(struct rule_memory *memory, const struct track_key *key, int64_t now_ns)
{
    uint64_t hash = table_hash(&memory->tracked, bytes_of(key, sizeof *key));
    struct tracked_rule *tracked =
        (struct tracked_rule *)table_find(&memory->tracked, hash, is_same, key);
    if (tracked) {
        table_touch(&memory->tracked, &tracked->entry);
        return tracked;
    }
    while (!(tracked = pool_take(&memory->tracked_pool, sizeof *tracked)))
        forget_oldest(memory);
    tracked->key = *key;
    tracked->since_ns = now_ns;
    table_add(&memory->tracked, &tracked->entry, hash);
    return tracked;
}

static bool
alerts(const struct threshold *threshold, uint32_t count)
{
    switch (threshold->kind) {
    case THRESHOLD_NONE:
        return true;
    case THRESHOLD_LIMIT:
        return count <= threshold->count;
    case THRESHOLD_EVERY:
        return count % threshold->count == 0;
    case THRESHOLD_BOTH:
        return count == threshold->count;
    case THRESHOLD_AFTER:
        return count > threshold->count;
    }
    return true;
}

bool
threshold_passes(struct rule_memory *memory, const struct rule *rule, const struct address *source,
    const struct address *destination, int64_t now_ns)
{
    const struct threshold *threshold = &rule->threshold;
    struct track_key key = {.gid = rule->facts.gid, .sid = rule->facts.sid};
    if (threshold->kind == THRESHOLD_NONE)
        return true;
    if (threshold->track == TRACK_SOURCE || threshold->track == TRACK_BOTH)
        key.source = *source;
    if (threshold->track == TRACK_DESTINATION || threshold->track == TRACK_BOTH)
        key.destination = *destination;
    struct tracked_rule *tracked = find(memory, &key, now_ns);
    if (now_ns - tracked->since_ns > threshold->window_ns || now_ns < tracked->since_ns) {
        tracked->since_ns = now_ns;
        tracked->count = 0;
    }
    tracked->count += tracked->count < UINT32_MAX;
    return alerts(threshold, tracked->count);
}
