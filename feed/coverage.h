/* SPDX-License-Identifier: Apache-2.0
 *
 * What share of connections could be judged, by server: so that silence can be told from blindness.
 * A connection is judged when what both sides showed is known, be it that they showed nothing.
 *
 * Bounded: when there are too many servers, the half of which least was hidden is counted together
 * from then on. The counts of those that stay are exact since they came, and all add up.
 */
#ifndef CERTTAP_FEED_COVERAGE_H
#define CERTTAP_FEED_COVERAGE_H

#include "dissect/session.h"

/* Connections to one server, as far as they are counted here. */
struct coverage_counts {
    uint64_t connections;
    uint64_t judged;
    uint64_t visibility[2][VISIBILITIES]; /* by enum role */
};

struct coverage_server {
    struct address
        address; /* unset: all servers that are not counted by themselves, or no address */
    uint16_t port;
    struct bytes name; /* that was asked for; empty: none */
    bool rest;         /* all servers that are not counted by themselves */
    struct coverage_counts counts;
};

struct coverage;

/* Counts at most `most` servers by themselves. */
struct coverage *coverage_new(size_t most);

void coverage_count(struct coverage *coverage, const struct session *session);

/* Adds what `more` has, which is sorted by this. */
void coverage_add(struct coverage *coverage, struct coverage *more);

/* The servers, those with the most connections that were not judged first; the rest comes last.
 * NULL behind the last. Valid until the next change. Sort before. */
void coverage_sort(struct coverage *coverage);
const struct coverage_server *coverage_at(const struct coverage *coverage, size_t i);

struct coverage_counts coverage_total(const struct coverage *coverage);

void coverage_empty(struct coverage *coverage);
void coverage_free(struct coverage *coverage); /* NULL is fine */

#endif
