/* SPDX-License-Identifier: Apache-2.0
 *
 * TCP connections (RFC 9293): which of them a segment is for, and when they close.
 *
 * Any segment may be forged, and none may make the sensor miss a handshake that an endpoint would
 * complete: what a SYN or RST claims holds only once other segments bear it out.
 */
#ifndef CERTTAP_CAPTURE_TCP_H
#define CERTTAP_CAPTURE_TCP_H

#include "capture/tracked.h"

/* The flow that a packet of `tracked` is for: itself, its rival, or a new one that begins with it.
 * Sets `from` accordingly. NULL when there is no room for a new one. */
struct tracked *tcp_flow(
    struct tracker *tracker, struct tracked *tracked, const struct packet *packet, enum side *from);

/* Takes a packet that was counted: tells what it says, and follows opening and closing. */
void tcp_hear(
    struct tracker *tracker, struct tracked *tracked, const struct packet *packet, enum side from);

#endif
