/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/shard.h"

#include <stdlib.h>

enum {
    BATCH = 128,
    FLOW_BYTES = 384, /* of a connection that begins, about */
    FLOW_SHARE = 2,   /* of the memory: connections alone may take one in so many */
};

struct shard {
    unsigned number;
    struct pool pool;
    struct tracker_options tracking;
    struct dissection *dissection;
    struct tracker *tracker;
    bool keyed;        /* the dissection has the keys */
    struct told *told; /* of the round that is being worked on */
};

static void
keep_session(void *owner, struct session *session)
{
    struct shard *shard = owner;
    told_add(shard->told, session);
}

/* However many strangers knock, there is room for the handshakes of those who were answered. */
static uint32_t
flows_most(const struct shard_options *options)
{
    size_t room = options->memory_limit / FLOW_SHARE / FLOW_BYTES;
    uint32_t most = options->tracker->flows / SHARDS;
    return room < most ? (uint32_t)room : most;
}

struct shard *
shard_new(unsigned number, const struct shard_options *options)
{
    struct shard *shard = calloc(1, sizeof *shard);
    if (!shard)
        abort();
    shard->number = number;
    shard->pool.limit = options->memory_limit;
    shard->tracking = *options->tracker;
    shard->tracking.flows = flows_most(options);
    shard->dissection =
        dissection_new(&shard->pool, (struct session_listener){shard, keep_session});
    dissection_set_proving(shard->dissection, options->proving);
    shard->tracker =
        tracker_new(&shard->pool, &shard->tracking, dissection_listener(shard->dissection));
    return shard;
}

static void
release(struct told *told)
{
    for (size_t i = 0; i < told->len; i++)
        session_release(told->at[i]);
    told->len = 0;
}

static void
count(struct shard *shard, struct shard_counts *counts)
{
    counts->tracker = tracker_counts(shard->tracker);
    counts->open_flows = tracker_open_flows(shard->tracker);
    counts->dissection = dissection_counts(shard->dissection);
    counts->store = dissection_store_counts(shard->dissection);
    counts->pool = shard->pool;
}

/* Keys may come in the middle of a capture. */
static void
take_keys(struct shard *shard, const struct round *round)
{
    if (!shard->keyed)
        dissection_use_keys(shard->dissection, round->keys);
    shard->keyed = true;
    dissection_round(shard->dissection, round->number);
}

void
shard_work(struct shard *shard, struct round *round)
{
    const struct packet *batch[BATCH];
    size_t len = 0;
    if (round->keys)
        take_keys(shard, round);
    shard->told = &round->told[shard->number];
    release(shard->told); /* what the judge has read since this round was last used */

    const uint16_t *share = round->tray->share[shard->number];
    for (size_t i = 0; i < round->share_len[shard->number]; i++) {
        batch[len++] = &round->tray->packets[share[i]];
        if (len == BATCH) {
            tracker_take(shard->tracker, batch, len);
            len = 0;
        }
    }
    if (len)
        tracker_take(shard->tracker, batch, len);
    tracker_tick(shard->tracker, round->now_ns, round->last_frame);
    dissection_tick(shard->dissection, round->now_ns, round->last_frame);

    if (round->over || round->renew) {
        tracker_finish(shard->tracker);
        dissection_finish(shard->dissection, round->last_frame);
    }
    if (round->over || round->wants_statistics)
        count(shard, &round->counts[shard->number]);
}

void
shard_free(struct shard *shard, struct round *const *rounds, size_t count_of_rounds)
{
    for (size_t i = 0; i < count_of_rounds; i++)
        release(&rounds[i]->told[shard->number]);
    tracker_free(shard->tracker);
    dissection_free(shard->dissection);
    free(shard);
}
