/* SPDX-License-Identifier: Apache-2.0
 *
 * The judge reads what the shards told, in the order of the capture: asks the ruleset, writes the
 * logs, shows alerts, keeps the books. One thread, so nothing here needs a lock.
 */
#ifndef CERTTAP_SENSOR_JUDGE_H
#define CERTTAP_SENSOR_JUDGE_H

#include "feed/feed.h"
#include "rules/services.h"
#include "sensor/attendant.h"
#include "sensor/herald.h"
#include "sensor/history.h"
#include "sensor/round.h"
#include "sensor/terminal.h"

struct judge {
    struct feed *feed; /* borrowed, as services, terminal and loader */
    struct services *services;
    struct terminal *terminal;
    struct loader *loader;
    struct herald **heralds; /* borrowed, some may be NULL */
    size_t heralds_len;
    struct attendant *attendant;  /* borrowed; NULL: there is none */
    struct ruleset *rules;        /* in force */
    uint64_t broken;              /* generation of which it was told that a list is damaged */
    struct statistics statistics; /* up to the latest round that wanted them */
    struct verdict verdict;       /* with `prover` in it, unless nothing is to be proved */
    struct prover *prover;        /* of this thread; borrowed by nobody else */
    struct session **order;       /* of the round being judged */
    size_t room;
    struct coverage_summary coverage; /* at the end */
    struct remembered remembered;
    size_t memory_limit; /* of what is remembered */
    size_t memory_peak;  /* likewise */
    uint64_t sessions;
    uint64_t visibility[2][VISIBILITIES];
    uint64_t reason[2][REASONS];
    struct history *history;  /* borrowed; NULL: none is kept */
    struct fault history_why; /* why it is not whole, until that was told */
    struct fault fault;       /* while reopening, or of a list that broke while it was used */
};

/* Before the first round. `memory_limit` is the whole program's, of which what outlives sessions
 * gets a share; `endpoint_ns` is how long servers are remembered that showed a watched
 * certificate. */
void judge_prepare(struct judge *judge, size_t memory_limit, int64_t endpoint_ns);

/* For line_new(). */
void judge_round(void *judge, struct round *round);

void judge_free(struct judge *judge);

#endif
