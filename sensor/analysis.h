/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: the main job, from options to exit status: opens everything, reads frames, keeps the
 * assembly line fed, says what was seen.
 */
#ifndef CERTTAP_SENSOR_ANALYSIS_H
#define CERTTAP_SENSOR_ANALYSIS_H

#include "sensor/options.h"

#include <signal.h>

/* What the operator's signals ask for; set by handlers, read between rounds. */
struct requests {
    volatile sig_atomic_t stop;   /* end in good order */
    volatile sig_atomic_t reopen; /* the logs */
    volatile sig_atomic_t reload; /* the lists */
};

enum exit_status { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_MISUSED = 2, EXIT_ALERTED = 3 };

/* Runs until the sources end or a stop is requested. Sets `why` unless it returns EXIT_DONE or
 * EXIT_ALERTED. */
enum exit_status analysis_run(
    const struct options *options, struct requests *requests, struct fault *why);

/* -T: loads everything, prints what was loaded. */
enum exit_status analysis_test(const struct options *options, struct fault *why);

#endif
