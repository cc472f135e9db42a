/* SPDX-License-Identifier: Apache-2.0
 *
 * A template is one recorded connection, taken apart: what each side said as one stream, and which
 * segment carried which stretch of it. The generator plays it again under other addresses.
 */
#ifndef CERTTAP_TESTS_BENCH_TEMPLATE_H
#define CERTTAP_TESTS_BENCH_TEMPLATE_H

#include "base/bytes.h"
#include "base/fault.h"

enum { STREAM_ROOM = 1 << 16, SEGMENTS_ROOM = 256, SPOTS_ROOM = 16 };

struct template_segment {
    uint8_t side; /* 0: client */
    uint8_t flags;
    uint32_t at; /* where its bytes stand in the stream of its side */
    uint32_t len;
    uint32_t heard; /* how much of the other side's stream it acknowledges */
};

/* A place in a stream that differs from one playing to the next. */
struct template_spot {
    uint8_t side;
    uint32_t at, len;
};

struct template
{
    struct template_segment segments[SEGMENTS_ROOM];
    size_t len;
    uint8_t stream[2][STREAM_ROOM];
    uint32_t stream_len[2];
    struct template_spot spots[SPOTS_ROOM];
    size_t spots_len;
    size_t closing;             /* index of the first FIN, or len */
    uint32_t before_closing[2]; /* how much of each stream was said before it */
    uint16_t server_port;
};

/* Reads the connections of a capture (Ethernet, IPv4, each segment once and in order, as
 * scripts/make-captures writes them) and appends them to `templates`, which has room for `room`.
 * `unique` is searched in what is said: each place where it stands becomes a spot; so do the
 * randoms of both hellos. */
bool templates_read(const char *path, struct bytes unique, struct template *templates, size_t room,
    size_t *len, struct fault *why);

#endif
