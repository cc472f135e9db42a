/* SPDX-License-Identifier: Apache-2.0
 *
 * A shard is a share of all flows with everything that belongs to them: budget, tracker,
 * handshakes, certificates. Shards share nothing, and which flow is in which shard never changes: a
 * worker may have one shard or all of them, and finds the same.
 */
#ifndef CERTTAP_SENSOR_SHARD_H
#define CERTTAP_SENSOR_SHARD_H

#include "sensor/round.h"

struct shard;

struct shard_options {
    size_t memory_limit;
    const struct tracker_options *tracker; /* borrowed */
    enum proving proving;
};

struct shard *shard_new(unsigned number, const struct shard_options *options);

/* Takes the packets of the round that are this shard's, and the time after it. */
void shard_work(struct shard *shard, struct round *round);

/* Frees what it told in these rounds, and itself. */
void shard_free(struct shard *shard, struct round *const *rounds, size_t count);

#endif
