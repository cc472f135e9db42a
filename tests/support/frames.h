/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames for tests, wrapped from the inside out: a payload, then the headers around it. Addresses
 * and ports are always the same, so that a test can tell which layer it sees:
 *
 *   Ethernet  02:00:00:00:00:01 to 02:00:00:00:00:02
 *   IPv4      10.0.0.1 to 10.0.0.2        (put_ipv4)
 *   IPv6      2001:db8::1 to 2001:db8::2  (put_ipv6)
 *   TCP       40000 to 443, sequence number 1, acknowledgment 2, PSH and ACK
 */
#ifndef CERTTAP_TESTS_SUPPORT_FRAMES_H
#define CERTTAP_TESTS_SUPPORT_FRAMES_H

#include "capture/packet.h"

struct frames {
    struct pool fragments; /* budget of the peeler */
    struct pool memory;
    struct arena arena;
    struct peeler *peeler;
    int64_t now_ns;  /* of the next frame */
    uint64_t number; /* of the last frame */
    struct packet packet;
    bool joined;
};

void frames_begin(struct frames *f, size_t fragment_bytes);
void frames_end(struct frames *f); /* asserts that the peeler gave all its memory back */

/* The annotated header (see hex.h), then the payload. Valid until frames_end. */
struct bytes put(struct frames *f, const char *header, struct bytes payload);

struct bytes put_text(struct frames *f, const char *text);
struct bytes put_ethernet(struct frames *f, uint16_t type, struct bytes payload);
struct bytes put_ipv4(struct frames *f, uint8_t protocol, struct bytes payload);
struct bytes put_ipv6(struct frames *f, uint8_t next, struct bytes payload);
struct bytes put_udp(struct frames *f, uint16_t from, uint16_t to, struct bytes payload);
struct bytes put_tcp(struct frames *f, struct bytes payload);

/* An Ethernet frame with IPv4, TCP and this text. */
struct bytes put_web(struct frames *f, const char *text);

/* Peels it as a frame of this link type; what came out stands in `f`. */
enum peel_result peel(struct frames *f, uint16_t link, struct bytes bytes);

/* The same for a frame of which the capture has only the first `captured` bytes. */
enum peel_result peel_cut(struct frames *f, uint16_t link, struct bytes bytes, size_t captured);

/* Peels it cut after every byte, by the capture and by its sender. What is told must lie inside,
 * and what is cut by the capture must not be called malformed. */
void peel_cut_everywhere(struct frames *f, uint16_t link, struct bytes bytes);

#endif
