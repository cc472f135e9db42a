/* SPDX-License-Identifier: Apache-2.0
 *
 * OpenVPN over UDP: a packet is a datagram.
 */
#include "dissect/openvpn.h"

#include "dissect/conversation.h"

struct datagrams {
    struct talk talk;
    struct carried tls;
    struct openvpn vpn;
};

static enum look
look(const struct flow *flow, struct bytes datagram, uint32_t missing)
{
    (void)missing;
    return flow->protocol && openvpn_begins(datagram) ? LOOK_MINE : LOOK_NOT_MINE;
}

static struct talk *
begin(struct dissection *dissection, struct flow *flow)
{
    struct datagrams *d = pool_take(dissection->pool, sizeof *d);
    if (!d)
        return NULL;
    d->talk = (struct talk){.kind = &openvpn_talk, .dissection = dissection, .flow = flow};
    carried_open(&d->tls, &d->talk, "openvpn");
    return &d->talk;
}

static void
hear(struct talk *talk, enum side from, struct bytes datagram, uint32_t missing)
{
    struct datagrams *d = (struct datagrams *)talk;
    openvpn_hear(&d->vpn, &d->tls, from, datagram, missing);
}

static void
end(struct talk *talk, bool over, enum flow_end why, uint64_t frame)
{
    struct datagrams *d = (struct datagrams *)talk;
    openvpn_flush(&d->vpn, &d->tls);
    carried_end(&d->tls, over, why, frame);
    if (!over)
        return;
    openvpn_release(&d->vpn, talk->dissection->pool);
    talk->flow->dissection = NULL;
    talk->flow->quiet = true;
    pool_give(talk->dissection->pool, d, sizeof *d);
}

const struct talk_kind openvpn_talk = {.look = look, .begin = begin, .datagram = hear, .end = end};
