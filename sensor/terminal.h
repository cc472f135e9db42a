/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person sees while certtap runs: progress, alerts as they come, a summary at the end.
 * Colour and progress only on a terminal. Used by one thread at a time.
 */
#ifndef CERTTAP_SENSOR_TERMINAL_H
#define CERTTAP_SENSOR_TERMINAL_H

#include "feed/feed.h"
#include "sensor/round.h"

struct terminal {
    bool quiet;
    bool colour;   /* on standard output */
    bool progress; /* on standard error */
    bool shown;    /* a line of progress stands there now */
    unsigned verbose;
    int64_t next_ns;    /* when progress is shown again, by the monotonic clock */
    int64_t started_ns; /* likewise */
    uint64_t frames;
    uint64_t by_severity[SEVERITY_CRITICAL + 1];
};

void terminal_open(struct terminal *terminal, bool quiet, unsigned verbose, bool live);

/* One line an alert. */
void terminal_alert(struct terminal *terminal, const struct alert *alert);

/* Something about the sensor itself; what is loud is said even where all else is quiet. */
void terminal_news(struct terminal *terminal, const char *news, bool loud);

void terminal_progress(
    struct terminal *terminal, const struct round *round, uint64_t sessions, uint64_t alerts);

/* What was seen and what was not, and why. `where` is the folder with the logs. */
void terminal_summary(struct terminal *terminal, const struct statistics *statistics,
    const struct coverage_summary *coverage, const char *where);

#endif
