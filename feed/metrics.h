/* SPDX-License-Identifier: Apache-2.0
 *
 * The numbers of stats.log in Prometheus' text format, in a file that is always whole: for the
 * textfile collector of its node exporter, or whatever else looks at files.
 */
#ifndef CERTTAP_FEED_METRICS_H
#define CERTTAP_FEED_METRICS_H

#include "base/fault.h"
#include "feed/logs/stats.h"

/* The file is replaced. `sensor` is the label of each number; empty: none has one. */
bool metrics_write(
    const char *path, const struct stats_row *row, const char *sensor, struct fault *why);

#endif
