/* SPDX-License-Identifier: Apache-2.0
 *
 * TCP segments of one connection, written as text, and what a listener is told of them. One segment
 * ends with ';' or the text:
 *
 *   >S 0          the client sends a SYN; its sequence number is the client's base
 *   <SA 0 1       the server answers, and acknowledges base + 1 of the client
 *   >A 1 1 hello  data behind the client's SYN
 *
 * '>' or '<' says who sends, letters which flags (S A F R P U). Then come the sequence number, the
 * acknowledgement ('-': 0), both above the bases, and the data. Words that may stand between the
 * segments: `wait:MS` (packet time goes on, or back), `tick`, and before a segment's arrow `wrong`,
 * `zero`, `pseudo` or `right` (its checksum), `cut:N` (so many bytes of its data were not
 * captured), `vlan:N`.
 *
 * What is told is written the same way: ">hello <welcome >-12 !closed", where the bytes of one side
 * that follow each other are one word.
 */
#ifndef CERTTAP_TESTS_SUPPORT_EXCHANGE_H
#define CERTTAP_TESTS_SUPPORT_EXCHANGE_H

#include "base/text.h"
#include "capture/flow.h"

struct exchange {
    struct pool pool;
    struct tracker_options options;
    struct tracker *tracker;
    struct text told;
    uint32_t base[2];   /* by side of the sender: 0 is the client */
    bool each_twice;    /* every packet comes twice */
    bool byte_by_byte;  /* data comes in segments of one byte */
    const char *enough; /* the listener goes quiet when it is told this; NULL: never */
    uint64_t frame;     /* of the latest packet */
    int64_t now_ns;
    uint64_t first_frame; /* as it was when the latest flow ended, as the next */
    int64_t first_ns;
    uint64_t end_frame;
    bool guessed;
    uint16_t originator_port;
};

/* Options are the program's own, and may be changed before the first packet. */
void exchange_begin(struct exchange *exchange);

void exchange_play(struct exchange *exchange, const char *script);

/* One segment; `data` is borrowed. */
void exchange_send(struct exchange *exchange, bool client, uint8_t flags, uint32_t seq,
    uint32_t ack, struct bytes data);

/* Ends the capture; what was told is compared, and that all memory was given back. */
void exchange_expect(struct exchange *exchange, const char *name, const char *told);

/* A script, and what a receiver at the other end would have been given of it. */
struct scenario {
    const char *name;
    const char *script;
    const char *told;
    unsigned only; /* enum scenario_only */
    enum overlap_policy overlap;
};

enum scenario_only {
    ONLY_ONCE = 1,  /* other things would be told if each packet came twice */
    ONLY_WHOLE = 2, /* or in segments of one byte */
};

/* Plays it from several bases, some of which wrap; each packet once and twice, whole and byte by
 * byte: the same must be told. */
void scenario_try(const struct scenario *scenario);

/* The same without comparing. */
void exchange_end(struct exchange *exchange);

#endif
