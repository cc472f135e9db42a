/* SPDX-License-Identifier: Apache-2.0
 *
 * When to begin new files, and what the old ones are called then.
 */
#ifndef CERTTAP_FEED_ROTATION_H
#define CERTTAP_FEED_ROTATION_H

#include "feed/output.h"

struct rotation {
    int64_t every; /* seconds; 0: never */
    int64_t slot;  /* the present one: time is divided into slots of `every`, counted from 1970 */
    bool begun;
};

/* Whole seconds, rounded up: the names of files know no less. */
struct rotation rotation_new(int64_t every_ns);

/* True once for each new slot that is seen; a time that goes back is in the present one. */
bool rotation_due(struct rotation *rotation, int64_t now_ns);

/* Ends the file and renames it by the time it was begun: ssl.2024-02-29-23-00-00.log. In a
 * live place, where a file of another run may have that name, -1, -2, … stands before the ending.
 */
void rotation_turn(struct output *output);

/* Seconds since 1970, towards the past. */
int64_t seconds_of_ns(int64_t ns);

#endif
