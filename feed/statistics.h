/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: what is needed to trust or distrust a quiet day; a row of stats.log. All numbers are totals
 * since the start, so that two rows subtract.
 */
#ifndef CERTTAP_FEED_STATISTICS_H
#define CERTTAP_FEED_STATISTICS_H

#include "capture/flow.h"
#include "dissect/dissection.h"

enum { SPOTS = 5, SPOT_NAME = 100 };

/* A server at which connections could not be judged. */
struct blind_spot {
    struct address address;
    uint16_t port;
    char name[SPOT_NAME]; /* that was asked for, printable and perhaps cut; empty: none */
    uint64_t connections, judged;
};

/* A session is judged when what both sides showed is known, be it that they showed nothing. */
struct coverage_summary {
    uint64_t judged;
    struct blind_spot spots[SPOTS]; /* where most could not be, first */
    size_t len;
};

struct statistics {
    int64_t ts_ns;                 /* packet time */
    struct source_counts source;   /* of all sources together */
    uint64_t peeled[PEEL_RESULTS]; /* frames by what became of them; their sum is `frames` */
    uint64_t joined_packets;       /* of fragments; counted beside `peeled` */
    struct fragment_counts fragments;
    struct tracker_counts tracker; /* of all workers together, as the next */
    uint64_t open_flows;
    uint64_t sessions; /* told; = the sum of each row of `visibility` */
    uint64_t handshakes_shed;
    uint64_t visibility[2][VISIBILITIES]; /* by enum role */
    uint64_t reason[2][REASONS];          /* likewise */
    struct key_log_counts key_lines;      /* what key logs and secrets blocks held */
    struct key_store_counts secrets;
    struct key_counts keys;      /* what they opened */
    uint64_t certificates;       /* entries of Certificate messages that were read */
    struct prover_counts proofs; /* of possession */
    struct certificate_store_counts store;
    uint64_t alerts; /* notices raised, suppressed ones included */
    uint64_t alerts_suppressed;
    size_t memory_used, memory_peak, memory_limit; /* bytes that traffic made us take */
    uint64_t list_generation;
    size_t list_entries, list_skipped;
    uint64_t searches_given_up; /* of rules' regular expressions, at a limit */
    uint64_t alerts_lost;       /* by those who carry them to others */
};

#endif
