/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: a flow is what two endpoints say to each other over one TCP connection or UDP pair. The
 * tracker finds the flow of each packet, puts TCP segments in order and tells a listener.
 *
 * A passive sensor loses packets, so `gap` is part of the contract: the listener is told how many
 * bytes are missing before the next ones, and goes on.
 */
#ifndef CERTTAP_CAPTURE_FLOW_H
#define CERTTAP_CAPTURE_FLOW_H

#include "base/pool.h"
#include "capture/packet.h"
#include "capture/trace.h"

/* The originator sent the first SYN, or, where none was seen, the first packet; but see
 * flow.guessed. */
enum side { ORIGINATOR, RESPONDER };

static inline enum side
other_side(enum side side)
{
    return side == ORIGINATOR ? RESPONDER : ORIGINATOR;
}

enum flow_end {
    FLOW_CLOSED, /* FIN from both sides */
    FLOW_RESET,  /* RST */
    FLOW_IDLE,   /* nothing came for too long */
    FLOW_REUSED, /* a new connection took its addresses and ports */
    FLOW_SHED,   /* given up for lack of room */
    FLOW_OVER,   /* the capture ended */
};

struct flow {
    uint64_t first_frame;      /* number of its first frame */
    int64_t first_ns;          /* when that was */
    int64_t last_ns;           /* when its latest packet was; never goes back */
    uint64_t frame;            /* number of the frame that is being worked on, or was the last */
    struct address address[2]; /* by side, as the fields below */
    uint16_t port[2];
    uint8_t protocol; /* IPPROTO_TCP or IPPROTO_UDP; 0: none (802.1X) */
    uint16_t link_protocol;
    bool guessed;   /* no SYN was seen: who is the originator is a guess */
    bool cut;       /* the capture holds only the beginnings of its packets */
    bool ambiguous; /* segments of it overlapped that differ: the receiver may have taken others */
    bool acknowledged[2]; /* TCP: the other side has all that was told of this one */
    bool quiet;           /* set by the listener: it has no use for more bytes. The tracker
                             then only counts, until the flow ends */
    uint64_t packets[2];
    uint64_t payload[2]; /* bytes of payload, retransmissions counted again */
    uint64_t missing[2]; /* bytes that were told as gaps */
    struct path path;    /* of its first packet; l2[0] is the originator's. 802.1X, all of which
                            is one flow: of the latest packet, as it is */
    void *dissection;    /* the listener's own; NULL at first */
    struct trace *trace; /* its frames so far; NULL: none are kept. Whoever takes it leaves NULL */
};

struct flow_listener {
    void *owner;

    /* TCP payload in order, each byte once. Borrowed until the listener returns. */
    void (*bytes)(void *owner, struct flow *flow, enum side from, struct bytes data);

    /* `missing` bytes were not captured; what comes next follows them. */
    void (*gap)(void *owner, struct flow *flow, enum side from, uint64_t missing);

    /* A UDP payload or an 802.1X frame. `missing` bytes of it were cut off by the capture. */
    void (*datagram)(
        void *owner, struct flow *flow, enum side from, struct bytes data, uint32_t missing);

    /* No more will come. The listener lets go of flow->dissection. Told exactly once for each flow
     * for which flow->dissection is not NULL. */
    void (*end)(void *owner, struct flow *flow, enum flow_end why);
};

enum overlap_policy { OVERLAP_FIRST, OVERLAP_LAST };

struct tracker_options {
    enum overlap_policy overlap; /* which of two different bytes at one place counts */
    bool no_checksums;           /* take segments whose checksum is wrong */
    bool by_path;                /* the same addresses in another VLAN or tunnel are another flow */
    int64_t opening_timeout_ns;  /* a flow that is not yet answered */
    int64_t idle_timeout_ns;     /* an open flow */
    int64_t closed_timeout_ns;   /* after its end, for late packets */
    uint32_t stream_bytes;       /* out-of-order bytes kept of one side */
    uint32_t flows;              /* at most so many at once */
    uint32_t trace_bytes;        /* frames kept of a flow that is listened to; 0: none */
};

struct tracker_counts {
    uint64_t flows; /* begun */
    uint64_t tcp_flows, udp_flows;
    uint64_t packets;           /* taken; = the sum of the next four */
    uint64_t analysed;          /* looked at for the listener's sake, or counted on a quiet flow */
    uint64_t bad_checksum;      /* refused */
    uint64_t offloaded;         /* wrong checksum, but taken: it proves nothing on that side */
    uint64_t no_flow;           /* no room for a flow */
    uint64_t gaps, gap_bytes;   /* told as missing */
    uint64_t overlap_conflicts; /* overlapping segments that differ */
    uint64_t shed;              /* flows given up for lack of room */
    uint64_t stream_shed;       /* out-of-order data given up for lack of room (told as gaps) */
};

struct tracker;

/* `pool` is the budget of the flows and of what waits out of order; borrowed, as is `options`. */
struct tracker *tracker_new(
    struct pool *pool, const struct tracker_options *options, struct flow_listener listener);

/* Takes packets in the order of the capture. What they point to is borrowed until it returns. */
void tracker_take(struct tracker *tracker, const struct packet *const *packets, size_t count);

/* Time goes on: ends what timed out. `now_ns` is packet time and never goes back; `frame` is the
 * number of the latest frame. Flows end in an order that does not depend on hash keys. */
void tracker_tick(struct tracker *tracker, int64_t now_ns, uint64_t frame);

struct tracker_counts tracker_counts(const struct tracker *tracker);
uint64_t tracker_open_flows(const struct tracker *tracker);

/* Ends all flows (FLOW_OVER), oldest first, and tells the listener; what waited out of order is
 * told before. The clock starts anew and the tracker may be used for another capture. */
void tracker_finish(struct tracker *tracker);

/* tracker_finish, and the end of the tracker. */
void tracker_free(struct tracker *tracker);

#endif
