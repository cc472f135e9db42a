/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of settings: one row is an option of the command line and a key of the configuration.
 */
#ifndef CERTTAP_SENSOR_SETTINGS_H
#define CERTTAP_SENSOR_SETTINGS_H

#include "sensor/options.h"

enum { ONLY_COMMAND_LINE = 1, ONLY_CONFIGURATION = 2 };

struct setting {
    const char *name;     /* the long option, and the key */
    char letter;          /* the short option; 0: none */
    const char *argument; /* what it takes, for --help; NULL: it is a switch */
    const char *help;
    unsigned where; /* where it may stand; 0: in both */
    bool (*apply)(struct options *options, const char *value, struct fault *why);
};

extern const struct setting settings[]; /* ends with a row without a name */

/* Applies what the file says to every setting that is not among `given` (by place in settings[]).
 */
bool configuration_read(
    struct options *options, const char *path, const bool *given, struct fault *why);

/* A variable of rules: another name and its value. */
void settings_add_group(struct strings *groups, const char *name, const char *value);

#endif
