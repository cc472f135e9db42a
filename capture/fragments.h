/* SPDX-License-Identifier: Apache-2.0
 *
 * IP fragments that wait for the rest of their packet (RFC 791 section 3.2, RFC 8200 section 4.5).
 *
 * Of bytes that come twice the first count, whatever the second say; that they differ is counted.
 * A packet waits 30 seconds of packet time. When the pool or the table is full the packet that has
 * waited longest is given up.
 */
#ifndef CERTTAP_CAPTURE_FRAGMENTS_H
#define CERTTAP_CAPTURE_FRAGMENTS_H

#include "base/pool.h"
#include "capture/packet.h"

struct fragment {
    const struct packet *packet; /* its addresses, its path and its time */
    uint32_t id;
    uint32_t offset;       /* in bytes */
    bool more;             /* others follow */
    uint8_t key_protocol;  /* IPv4: part of what tells packets apart. IPv6: 0 */
    uint8_t next_protocol; /* what the packet carries; counts in the first fragment only */
    struct bytes bytes;
    size_t missing; /* bytes at its end that were cut off by the capture */
};

enum fragment_step {
    FRAGMENT_KEPT,  /* or given up for lack of room */
    FRAGMENT_WHOLE, /* the packet is whole */
    FRAGMENT_BAD,   /* it contradicts itself */
};

struct joined_packet {
    struct bytes bytes; /* borrowed until fragments_forget; up to the first byte that was cut off */
    size_t missing;     /* bytes from there to its end */
    uint8_t protocol;
};

struct fragments;

/* `pool` is borrowed. */
struct fragments *fragments_new(struct pool *pool);

enum fragment_step fragments_take(
    struct fragments *fragments, const struct fragment *fragment, struct joined_packet *joined);

/* Lets go of the packets that were handed out. */
void fragments_forget(struct fragments *fragments);

struct fragment_counts fragments_counts(const struct fragments *fragments);
void fragments_free(struct fragments *fragments);

#endif
