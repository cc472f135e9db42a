/* SPDX-License-Identifier: Apache-2.0
 *
 * coverage.log: a row for each server in each stretch of time, and one for all that are not counted
 * by themselves.
 */
#ifndef CERTTAP_FEED_LOGS_COVERAGE_H
#define CERTTAP_FEED_LOGS_COVERAGE_H

#include "feed/coverage.h"
#include "feed/log.h"

struct coverage_row {
    struct cell_time ts, since;
    struct address resp_h;
    struct cell_count resp_p;
    struct bytes server_name;
    struct coverage_counts counts;
};

extern const struct log coverage_log;

/* Fills a row, which borrows from the server, about the time between the two. */
void coverage_row_fill(struct coverage_row *row, const struct coverage_server *server,
    int64_t since_ns, int64_t until_ns);

#endif
