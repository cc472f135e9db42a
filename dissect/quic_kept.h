/* SPDX-License-Identifier: Apache-2.0
 *
 * QUIC packets that came before the one that their keys follow from: a few, and none too long.
 */
#ifndef CERTTAP_DISSECT_QUIC_KEPT_H
#define CERTTAP_DISSECT_QUIC_KEPT_H

#include "base/pool.h"
#include "capture/flow.h"
#include "dissect/quic_packet.h"

enum { QUIC_KEPT_MOST = 4 };

struct quic_kept_packet {
    enum side from;
    size_t len;
    uint8_t bytes[];
};

/* Zeroed, but for the pool, it holds nothing. */
struct quic_kept {
    struct pool *pool; /* borrowed */
    struct quic_kept_packet *at[QUIC_KEPT_MOST];
};

/* One that finds no room is lost, as on the wire. */
void quic_kept_add(struct quic_kept *kept, enum side from, const struct quic_packet *packet);

/* Takes out the next one, to be given back; NULL: there is none. */
struct quic_kept_packet *quic_kept_take(struct quic_kept *kept);
void quic_kept_give(struct quic_kept *kept, struct quic_kept_packet *taken);

void quic_kept_drop(struct quic_kept *kept); /* all of them */

#endif
