/* SPDX-License-Identifier: Apache-2.0
 *
 * The control channel of OpenVPN, over UDP and over TCP: TLS in packets that are numbered,
 * acknowledged and sent again, as long as they are not encrypted as a whole (tls-crypt). An HMAC
 * may stand in each (tls-auth). Handshakes follow one another in a flow: a soft reset begins the
 * next in time, a hard one after a restart.
 */
#ifndef CERTTAP_DISSECT_OPENVPN_H
#define CERTTAP_DISSECT_OPENVPN_H

#include "dissect/carried.h"

enum {
    OPENVPN_WINDOW = 16, /* packets that may wait for one before them; endpoints have 12 at most */
    OPENVPN_SESSION = 8,
    OPENVPN_CONTROL_MOST = 4096, /* bytes of a control packet */
};

/* Control packets of one side. */
struct openvpn_side {
    bool begun; /* `next` is known */
    bool has_session;
    uint8_t session[OPENVPN_SESSION];
    uint32_t next; /* number of the packet that comes next */
    struct openvpn_waiting {
        enum { SLOT_EMPTY, SLOT_KEPT, SLOT_LOST } what;
        uint8_t *at;
        size_t len;
        bool cut;
    } waiting[OPENVPN_WINDOW]; /* by number */
};

struct openvpn {
    bool has_layout;
    size_t layout; /* how the packets are made: see layouts[] */
    uint8_t key;   /* which of the flow's handshakes this is */
    bool talked;   /* TLS was in its packets */
    struct openvpn_side side[2];
};

/* Can this packet only be OpenVPN's, at the beginning of a handshake? */
bool openvpn_begins(struct bytes packet);

/* Is this a packet of the control channel, by its first byte? */
bool openvpn_controls(uint8_t first);

/* Takes a packet, of which `missing` bytes were not captured. */
void openvpn_hear(struct openvpn *vpn, struct carried *tls, enum side from, struct bytes packet,
    uint32_t missing);

/* Tells what waited for packets that will not come, and gives it back. */
void openvpn_flush(struct openvpn *vpn, struct carried *tls);
void openvpn_release(struct openvpn *vpn, struct pool *pool);

extern const struct talk_kind openvpn_talk; /* openvpn_udp.c; preambles/openvpn.c is for TCP */

#endif
