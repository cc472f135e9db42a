/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: a packet is what is left of a frame when its layers are peeled: who sends it to whom, and
 * what it carries. The peeler also joins IP fragments, so a packet is always a whole IP payload.
 */
#ifndef CERTTAP_CAPTURE_PACKET_H
#define CERTTAP_CAPTURE_PACKET_H

#include "base/address.h"
#include "base/pool.h"
#include "capture/source.h"

enum { PACKET_VLANS = 2 };

/* What the frame travelled in, outermost first. */
struct path {
    const char *tunnel; /* name of the innermost tunnel ("vxlan", …), static; NULL: none */
    uint32_t tunnel_id; /* of the innermost tunnel: VNI, TEID, GRE key, session; 0: none */
    uint16_t vlan[PACKET_VLANS]; /* VLAN identifiers around the innermost addresses; 0: none */
    uint8_t l2[2][6];            /* sender's and receiver's hardware address; zero: unknown */
    uint8_t tunnels;             /* how many tunnels were peeled */
};

enum packet_checksum {
    CHECKSUM_UNKNOWN, /* cannot be verified: cut, or a fragment's part is missing */
    CHECKSUM_UNTRIED, /* can be verified with packet_checksum_good() */
};

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16, TCP_URG = 32 };

struct packet {
    uint64_t frame;              /* number of the frame it came with (the last, for fragments) */
    int64_t ts_ns;               /* of that frame */
    struct address from, to;     /* innermost; unset where there are none (802.1X) */
    uint16_t from_port, to_port; /* 0 unless TCP or UDP */
    uint8_t protocol;            /* IPPROTO_TCP, IPPROTO_UDP; 0: not IP (see `link_protocol`) */
    uint8_t tcp_flags;           /* TCP_… */
    uint16_t link_protocol;      /* EtherType of what is not IP and still of use (802.1X: 0x888e) */
    uint32_t seq, ack;           /* TCP */
    uint32_t wire_len;           /* of the frame */
    uint32_t payload_missing;    /* bytes of payload that were on the wire and not captured */
    uint8_t checksum;            /* enum packet_checksum */
    struct bytes segment;        /* TCP or UDP header and payload, for the checksum */
    struct bytes payload;
    struct path path;
    struct bytes whole; /* the frame itself, where evidence is wanted; else empty */
    uint16_t link;      /* LINKTYPE_ of it */
};

/* Why a frame did not become a packet. Every frame ends in exactly one of these. */
enum peel_result {
    PEELED,              /* `packet` was filled */
    PEEL_FRAGMENT,       /* an IP fragment was kept; its packet comes with a later one */
    PEEL_NOT_IP,         /* ARP, LLDP, …: nothing that carries TLS */
    PEEL_OTHER_PROTOCOL, /* IP, but neither TCP nor UDP nor a tunnel that is known */
    PEEL_CUT,            /* the capture holds too little of it to find the ports */
    PEEL_MALFORMED,      /* a header contradicts itself */
    PEEL_TOO_DEEP,       /* more layers than are followed */
    PEEL_UNKNOWN_LINK,   /* a link type that is not known */
    PEEL_RESULTS,
};

/* Short name of a result ("not-ip"), for people. Static. */
const char *peel_result_name(enum peel_result result);

struct peeler;

/* `pool` (borrowed) is the budget for fragments that wait for the rest. */
struct peeler *peeler_new(struct pool *pool);

/* What the packet points to is borrowed from the frame, or, for a joined packet, from the peeler:
 * then until the next peel, and `joined` is set. */
enum peel_result peeler_peel(
    struct peeler *peeler, const struct frame *frame, struct packet *packet, bool *joined);

struct fragment_counts {
    uint64_t joined;    /* packets put together */
    uint64_t given_up;  /* whose rest did not come in time, or for which there was no room */
    uint64_t ambiguous; /* fragments that overlapped others with different bytes */
};
struct fragment_counts peeler_fragments(const struct peeler *peeler);

void peeler_free(struct peeler *peeler);

/* Verifies the TCP or UDP checksum over the pseudo header. True for UDP without one. */
bool packet_checksum_good(const struct packet *packet);

/* A number that is the same for both directions of the same flow, whatever the run. */
uint32_t packet_shard_hash(const struct packet *packet);

#endif
