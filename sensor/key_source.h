/* SPDX-License-Identifier: Apache-2.0
 *
 * Where secrets come from: key logs that are read once, or followed while they grow, and a Unix
 * socket that programs write theirs to. All of it goes into one store, on the reader's thread.
 */
#ifndef CERTTAP_SENSOR_KEY_SOURCE_H
#define CERTTAP_SENSOR_KEY_SOURCE_H

#include "base/fault.h"
#include "dissect/keys/key_log.h"
#include "dissect/keys/key_store.h"
#include "sensor/options.h"

struct key_sources;

/* Opens every key log of the options and reads what is in them. `live`: they are followed. NULL
 * with `why` set when one cannot be read. */
struct key_sources *key_sources_open(
    const struct options *options, struct key_store *store, bool live, struct fault *why);

/* Takes what came since, for packets of this round on. Never waits. */
void key_sources_read(struct key_sources *sources, uint64_t round);

/* The text of a secrets block that came along with the packets. */
void key_sources_take(struct key_sources *sources, struct bytes text, uint64_t round);

/* What all logs together held. */
struct key_log_counts key_sources_counts(const struct key_sources *sources);

void key_sources_close(struct key_sources *sources); /* NULL is fine */

#endif
