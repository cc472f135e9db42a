/* SPDX-License-Identifier: Apache-2.0
 *
 * What is loaded before anything runs, or only to see whether it is good: lists and rules,
 * services, key logs.
 */
#ifndef CERTTAP_SENSOR_LOADED_H
#define CERTTAP_SENSOR_LOADED_H

#include "rules/ruleset.h"
#include "rules/services.h"
#include "sensor/key_source.h"
#include "sensor/options.h"

struct loaded {
    struct ruleset *rules;
    struct services *services;
    struct key_store *secrets;
    struct key_sources *key_sources;
};

/* False with `why` set when something is wrong; then, too, the rest is there for loaded_free(). */
bool loaded_fill(struct loaded *loaded, const struct options *options, struct fault *why);

/* What a key store may hold: more where key logs are given, as a capture may bring its own. */
size_t loaded_key_limit(const struct options *options);

void loaded_free(struct loaded *loaded);

#endif
