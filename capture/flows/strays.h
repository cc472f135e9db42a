/* SPDX-License-Identifier: Apache-2.0
 *
 * Segments that fit nowhere yet. Anybody may have forged any one of them, so a segment where none
 * was expected is kept aside until others agree with it: they go on from it, or its receiver
 * acknowledges it.
 */
#ifndef CERTTAP_CAPTURE_STRAYS_H
#define CERTTAP_CAPTURE_STRAYS_H

#include "base/pool.h"

enum { STRAYS_MOST = 8 };

struct stray {
    uint32_t seq;
    uint32_t missing; /* bytes behind `data` that the capture cut off */
    bool with_syn;    /* it came with the SYN: its receiver may have left it out */
    struct bytes data;
};

struct strays {
    struct stray at[STRAYS_MOST]; /* in the order of arrival */
    unsigned len;
    size_t bytes;
};

/* Where a run of segments that go on from each other begins, and how many there are. */
struct run {
    uint32_t first, end;
    unsigned segments;
};

/* Keeps a copy; the oldest give way when there are more than STRAYS_MOST or `most` bytes. One that
 * is there already is not kept twice. False when there is no room. */
bool strays_keep(struct strays **strays, const struct stray *stray, size_t most, struct pool *pool);

/* The run to which [seq, seq + len) belongs, whether it is kept already or not. */
struct run strays_run(const struct strays *strays, uint32_t seq, size_t len); /* NULL is fine */

void strays_drop(struct strays **strays, struct pool *pool);

#endif
