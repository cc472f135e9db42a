/* SPDX-License-Identifier: Apache-2.0
 *
 * The assembly line: the reader fills rounds, the workers work through the shards of each, the
 * judge reads what they told, in order. With one worker all happens on the caller's thread, one
 * round after the other; the same functions are called in either case.
 */
#ifndef CERTTAP_SENSOR_LINE_H
#define CERTTAP_SENSOR_LINE_H

#include "sensor/shard.h"

struct line;

/* The shards share the memory of `options`. `judge` is called with each round, in order, always on
 * the same thread. */
struct line *line_new(unsigned workers, const struct shard_options *options,
    void (*judge)(void *owner, struct round *round), void *owner);

/* An empty round to fill. Waits until one is free. */
struct round *line_round(struct line *line);

/* Sends the round from line_round() on its way. */
void line_send(struct line *line);

/* Waits until everything that was sent is judged: nothing points into frames any more. */
void line_drain(struct line *line);

/* After the last round (with `over` set) was sent: waits for its end and frees all. */
void line_free(struct line *line);

#endif
