/* SPDX-License-Identifier: Apache-2.0
 *
 * stats.log: all that struct statistics holds, so that a quiet day can be trusted or not. Names
 * that Zeek's stats.log has come first. Unlike Zeek's, all numbers are totals since the start.
 */
#ifndef CERTTAP_FEED_LOGS_STATS_H
#define CERTTAP_FEED_LOGS_STATS_H

#include "feed/log.h"
#include "feed/statistics.h"

struct stats_row {
    struct cell_time ts;
    struct bytes peer;
    uint64_t mem;       /* MiB: Zeek's unit */
    uint64_t pkts_link; /* seen, and dropped before we saw them */
    struct statistics s;
};

extern const struct log stats_log;

void stats_row_fill(struct stats_row *row, const struct statistics *statistics, const char *sensor);

#endif
