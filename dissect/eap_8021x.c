/* SPDX-License-Identifier: Apache-2.0
 *
 * All frames of 802.1X are one flow: on a wire both sides speak to a group address, or one of them
 * does, so that no frame alone says who its partners are. A response comes from a supplicant, a
 * request from an authenticator. A request to a group address belongs to the authenticator's latest
 * conversation, and the response that repeats its identifier says who was meant.
 */
#include "dissect/eap_8021x.h"

#include "dissect/conversation.h"
#include "dissect/eap.h"

enum { EAPOL_EAP = 0, EAPOL_MOST_VERSION = 3, HARDWARE = 6 };

struct eapol {
    struct talk talk;
    struct eap_list list;
};

/* Who speaks, and to whom. All zero: a group address, or unknown. */
struct ends {
    uint8_t supplicant[HARDWARE];
    uint8_t authenticator[HARDWARE];
};

static bool
address_known(const uint8_t address[HARDWARE])
{
    static const uint8_t none[HARDWARE];
    return memcmp(address, none, HARDWARE) != 0;
}

static bool
address_same(const uint8_t a[HARDWARE], const uint8_t b[HARDWARE])
{
    return memcmp(a, b, HARDWARE) == 0;
}

static struct ends
ends_of(const struct flow *flow, bool from_supplicant)
{
    struct ends ends = {0};
    const uint8_t *from = flow->path.l2[0];
    const uint8_t *to = flow->path.l2[1];
    memcpy(from_supplicant ? ends.supplicant : ends.authenticator, from, HARDWARE);
    if (!(to[0] & 1)) /* no group */
        memcpy(from_supplicant ? ends.authenticator : ends.supplicant, to, HARDWARE);
    return ends;
}

/* May the conversation be between these? What is not known on one of the sides fits all. */
static bool
fits(const struct eap *eap, const struct ends *ends)
{
    const uint8_t *supplicant = eap->flow.path.l2[ORIGINATOR];
    const uint8_t *authenticator = eap->flow.path.l2[RESPONDER];
    bool one = address_same(supplicant, ends->supplicant) || !address_known(supplicant) ||
               !address_known(ends->supplicant);
    bool other = address_same(authenticator, ends->authenticator) ||
                 !address_known(authenticator) || !address_known(ends->authenticator);
    return one && other;
}

/* Is it surely between these? A response answers the latest request by its identifier. */
static bool
belongs(const struct eap *eap, const struct ends *ends, const struct eap_header *header)
{
    if (!fits(eap, ends))
        return false;
    if (header->code != EAP_RESPONSE)
        return address_same(eap->flow.path.l2[RESPONDER], ends->authenticator) ||
               !address_known(eap->flow.path.l2[RESPONDER]);
    return address_same(eap->flow.path.l2[ORIGINATOR], ends->supplicant) ||
           (eap->side[RESPONDER].spoken && !eap->answered && eap->side[RESPONDER].id == header->id);
}

static void
learn(struct eap *eap, const struct ends *ends)
{
    if (address_known(ends->supplicant))
        memcpy(eap->flow.path.l2[ORIGINATOR], ends->supplicant, HARDWARE);
    if (address_known(ends->authenticator))
        memcpy(eap->flow.path.l2[RESPONDER], ends->authenticator, HARDWARE);
}

static struct eap *
find(struct eapol *eapol, const struct ends *ends, const struct eap_header *header)
{
    for (struct eap *eap = eapol->list.newest; eap; eap = eap->older)
        if (belongs(eap, ends, header))
            return eap;
    if (header->code == EAP_SUCCESS || header->code == EAP_FAILURE)
        return NULL;
    struct eap *stale;
    while ((stale = eap_stale(&eapol->list, &eapol->talk)))
        eap_end(&eapol->list, stale, FLOW_IDLE, eapol->talk.flow->frame);
    struct eap *eap = eap_begin(&eapol->list, &eapol->talk, ORIGINATOR, "eap-8021x");
    if (eap)
        memset(eap->flow.path.l2, 0, sizeof eap->flow.path.l2);
    return eap;
}

/* ---- The talk. */

static enum look
look(const struct flow *flow, struct bytes datagram, uint32_t missing)
{
    (void)missing;
    if (flow->protocol != 0)
        return LOOK_NOT_MINE;
    bool eap = bytes_at(datagram, 1) == EAPOL_EAP && datagram.len > 1;
    return eap ? LOOK_MINE : LOOK_MAYBE;
}

static struct talk *
begin(struct dissection *dissection, struct flow *flow)
{
    struct eapol *eapol = pool_take(dissection->pool, sizeof *eapol);
    if (!eapol)
        return NULL;
    eapol->talk = (struct talk){.kind = &eap_8021x_talk, .dissection = dissection, .flow = flow};
    eapol->list.size = sizeof(struct eap);
    return &eapol->talk;
}

static void
hear(struct talk *talk, enum side from, struct bytes datagram, uint32_t missing)
{
    struct eapol *eapol = (struct eapol *)talk;
    struct reader r = reader_over(datagram);
    struct eap_header header;
    (void)from;
    uint8_t version = read_u8(&r);
    uint8_t type = read_u8(&r);
    read_u16(&r); /* length: EAP has its own */
    struct bytes packet = reader_rest(&r);
    if (type != EAPOL_EAP || version > EAPOL_MOST_VERSION || !eap_header_read(packet, &header))
        return;
    struct ends ends = ends_of(talk->flow, header.code == EAP_RESPONSE);
    struct eap *eap = find(eapol, &ends, &header);
    if (!eap)
        return;
    learn(eap, &ends);
    eap_heard(&eapol->list, eap);
    if (!eap_hear(eap, talk, packet, missing))
        eap_end(&eapol->list, eap, FLOW_CLOSED, talk->flow->frame);
}

static void
end(struct talk *talk, bool over, enum flow_end why, uint64_t frame)
{
    struct eapol *eapol = (struct eapol *)talk;
    (void)over;
    eap_end_all(&eapol->list, why, frame);
    talk->flow->dissection = NULL;
    talk->flow->quiet = true;
    pool_give(talk->dissection->pool, eapol, sizeof *eapol);
}

const struct talk_kind eap_8021x_talk = {
    .look = look, .begin = begin, .datagram = hear, .end = end};
