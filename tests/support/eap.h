/* SPDX-License-Identifier: Apache-2.0
 *
 * EAP for tests: what a supplicant (the originator) and a server say to each other, packet by
 * packet, and the same in RADIUS and in 802.1X.
 */
#ifndef CERTTAP_TESTS_SUPPORT_EAP_H
#define CERTTAP_TESTS_SUPPORT_EAP_H

#include "tests/support/scene.h"

enum {
    EAP_PACKETS_MOST = 512,
    EAP_TLS = 13,
    EAP_TTLS = 21,
    EAP_PEAP = 25,
    EAP_FAST = 43,
    EAP_TEAP = 55
};

struct eap_script {
    struct eap_packet {
        enum side from;
        struct text said;
    } packet[EAP_PACKETS_MOST];
    size_t len;
    uint8_t id; /* of the latest request */
};

/* The next packet: a request is given a new identifier, a response repeats it. */
void eap_say(struct eap_script *script, enum side from, uint8_t type, struct bytes data);
void eap_say_hex(struct eap_script *script, enum side from, uint8_t type, const char *annotated);
void eap_end_with(struct eap_script *script, bool success);

/* The talk in a method's packets of at most `most` bytes of TLS each, behind the method's start. */
void eap_carry(struct eap_script *script, uint8_t type, const struct talk *talk, size_t most);

/* Identity, start, the talk, and the verdict. */
void eap_whole(
    struct eap_script *script, uint8_t type, const struct talk *talk, size_t most, bool success);
void eap_free(struct eap_script *script);

/* What else a RADIUS packet says. */
struct radius_facts {
    uint8_t identifier;
    uint8_t state;       /* of the conversation's latest answer; 0: none */
    const char *station; /* NULL: none */
};

/* The script's packet in RADIUS; `facts` are those of its conversation and are kept up to date. */
void radius_wrap(struct text *out, const struct eap_packet *packet, struct radius_facts *facts);

/* The packet in an 802.1X frame. */
void eapol_wrap(struct text *out, const struct eap_packet *packet);

#endif
