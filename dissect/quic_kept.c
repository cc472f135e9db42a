/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/quic_kept.h"

enum { KEPT_LONGEST = 2048 };

void
quic_kept_add(struct quic_kept *kept, enum side from, const struct quic_packet *packet)
{
    struct bytes whole = bytes_of(packet->header.at, packet->header.len + packet->body.len);
    for (size_t i = 0; i < QUIC_KEPT_MOST && whole.len <= KEPT_LONGEST; i++) {
        if (kept->at[i])
            continue;
        struct quic_kept_packet *added = pool_take(kept->pool, sizeof *added + whole.len);
        if (!added)
            return;
        added->from = from;
        added->len = whole.len;
        memcpy(added->bytes, whole.at, whole.len);
        kept->at[i] = added;
        return;
    }
}

struct quic_kept_packet *
quic_kept_take(struct quic_kept *kept)
{
    for (size_t i = 0; i < QUIC_KEPT_MOST; i++) {
        struct quic_kept_packet *taken = kept->at[i];
        kept->at[i] = NULL;
        if (taken)
            return taken;
    }
    return NULL;
}

void
quic_kept_give(struct quic_kept *kept, struct quic_kept_packet *taken)
{
    pool_give(kept->pool, taken, sizeof *taken + taken->len);
}

void
quic_kept_drop(struct quic_kept *kept)
{
    struct quic_kept_packet *taken;
    while ((taken = quic_kept_take(kept)))
        quic_kept_give(kept, taken);
}
