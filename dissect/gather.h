/* SPDX-License-Identifier: Apache-2.0
 *
 * Collects the few bytes at a time that a binary preamble needs to go on.
 */
#ifndef CERTTAP_DISSECT_GATHER_H
#define CERTTAP_DISSECT_GATHER_H

#include "base/bytes.h"

enum { GATHER_MOST = 600 };

struct gather {
    uint8_t at[GATHER_MOST];
    uint16_t len;
    uint32_t skip; /* bytes to pass over first */
};

/* Moves bytes from `data` until `need` (at most GATHER_MOST) are there. True when they are. */
bool gather(struct gather *gather, struct bytes *data, size_t need);

static inline struct bytes
gathered(const struct gather *gather)
{
    return bytes_of(gather->at, gather->len);
}

/* Forgets what was gathered, and passes over the next `skip` bytes of the data. */
static inline void
gather_next(struct gather *gather, uint32_t skip)
{
    gather->len = 0;
    gather->skip = skip;
}

#endif
