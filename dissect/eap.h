/* SPDX-License-Identifier: Apache-2.0
 *
 * EAP (RFC 3748), as far as its methods carry TLS: EAP-TLS (RFC 5216, RFC 9190), EAP-TTLS (RFC
 * 5281), PEAP, EAP-FAST (RFC 4851) and TEAP (RFC 7170). All of them cut the TLS stream of a side
 * into EAP packets in the same way, one after the other, each of them answered.
 *
 * A conversation is what a supplicant (the TLS client) and a server say to each other. It is a flow
 * of its own inside that of its carrier, where many may be under way at once: whoever owns it finds
 * the conversation of each EAP packet, and this does the rest.
 */
#ifndef CERTTAP_DISSECT_EAP_H
#define CERTTAP_DISSECT_EAP_H

#include "dissect/carried.h"

/* One side's TLS bytes on their way through EAP packets. */
struct eap_side {
    bool more;      /* the message under way goes on in this side's next packet */
    uint32_t total; /* bytes of that message, as it says; 0: it does not say */
    uint32_t have;
    bool spoken; /* a packet of it was seen … */
    uint8_t id;  /* … and this is the identifier of the latest */
};

struct eap {
    struct talk talk; /* its flow is the next */
    struct flow flow; /* the supplicant, or who speaks for it, is the originator */
    uint8_t method;   /* type of the method that carries TLS; 0: none yet */
    bool answered;    /* the latest request was */
    struct eap_side side[2];
    struct carried tls;
    struct eap *older, *newer; /* the owner's list */
};

/* The conversations of a flow, the one that was heard of latest at the end. */
struct eap_list {
    struct eap *oldest, *newest;
    unsigned count;
    size_t size; /* of the owner's own struct, which begins with the eap */
};

/* A conversation that was idle for long, or has to make room for another: the owner ends it before
 * it begins one. NULL: there is none. */
struct eap *eap_stale(const struct eap_list *list, const struct talk *outer);

/* A new conversation at the end of the list. `outer` is the carrier's talk; the new flow has its
 * addresses, with `client` for the originator. NULL: no room. */
struct eap *eap_begin(
    struct eap_list *list, const struct talk *outer, enum side client, const char *carrier);

/* A whole EAP packet, but for `missing` bytes at its end, as the latest datagram of `outer` has it.
 * False: the conversation is over, and its owner ends it. */
bool eap_hear(struct eap *eap, const struct talk *outer, struct bytes packet, uint32_t missing);

/* Moves it to the end of the list. */
void eap_heard(struct eap_list *list, struct eap *eap);

/* Tells what is to be told, and gives it back. */
void eap_end(struct eap_list *list, struct eap *eap, enum flow_end why, uint64_t frame);
void eap_end_all(struct eap_list *list, enum flow_end why, uint64_t frame);

/* What an EAP packet begins with. False when this is none: `packet` may go on behind it. */
enum eap_code { EAP_REQUEST = 1, EAP_RESPONSE = 2, EAP_SUCCESS = 3, EAP_FAILURE = 4 };
struct eap_header {
    uint8_t code; /* enum eap_code */
    uint8_t id;
    uint16_t length; /* of the packet */
    uint8_t type;    /* 0: success and failure have none */
};
bool eap_header_read(struct bytes packet, struct eap_header *header);

enum { EAP_IDENTITY = 1 };

#endif
