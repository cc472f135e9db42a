/* SPDX-License-Identifier: Apache-2.0
 *
 * What hangs on a flow, whatever kind of talk it is: a stream that may come to TLS, or datagrams
 * with DTLS in them. A talk is the first member of its kind's own struct.
 *
 * A session that is established is told a little later, so that it is known what the server makes
 * of the client: until then its talk stands in the dissection's list, oldest first.
 */
#ifndef CERTTAP_DISSECT_TALK_H
#define CERTTAP_DISSECT_TALK_H

#include "capture/flow.h"
#include "dissect/dissection.h"
#include "dissect/tls_stream.h"

struct talk;

struct talk_kind {
    /* Talks of datagrams: does this one begin such a talk? MAYBE: it does not, but one that follows
     * in its flow may well. NULL for streams, as the next two. */
    enum look (*look)(const struct flow *flow, struct bytes datagram, uint32_t missing);
    struct talk *(*begin)(struct dissection *dissection, struct flow *flow); /* NULL: no room */
    void (*datagram)(struct talk *talk, enum side from, struct bytes data, uint32_t missing);

    /* Tells the session that is under way, if there is one. `over`: no more will come of the flow,
     * and the talk is freed. */
    void (*end)(struct talk *talk, bool over, enum flow_end why, uint64_t frame);

    /* Keys came for some talk that waits; `last`: it has waited long enough. NULL: it never does.
     */
    void (*retry)(struct talk *talk, bool last, uint64_t frame);
};

struct talk {
    const struct talk_kind *kind;
    struct dissection *dissection;
    struct flow *flow;
    bool settling;     /* in the dissection's list */
    int64_t settle_ns; /* since when */
    struct talk *older, *newer;

    bool waiting;    /* for keys; in the dissection's other list, as above */
    int64_t wait_ns; /* since when */
    struct talk *older_waiting, *newer_waiting;
    bool put_off; /* its end has come meanwhile: these say how */
    bool over;
    enum flow_end why;
    struct flow *own_flow; /* what is left of the flow when it is over */
};

/* Into the list, unless it is there, and out of it. */
void talk_settle(struct talk *talk);
void talk_unsettle(struct talk *talk);

/* The same for those that wait for keys; when memory is short the oldest wait no longer. */
void talk_wait(struct talk *talk);
void talk_unwait(struct talk *talk);

/* Puts off the end of a talk that waits: whoever calls it does nothing more. The flow may be
 * another then. False when the talk can end now. */
bool talk_put_off(struct talk *talk, bool over, enum flow_end why);

/* Lets go of the flow, which goes quiet; the talk is about to be freed. */
void talk_leave(struct talk *talk);

#endif
