/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/talk.h"

#include "dissect/conversation.h"

void
talk_settle(struct talk *talk)
{
    struct dissection *d = talk->dissection;
    if (talk->settling)
        return;
    talk->settling = true;
    talk->settle_ns = talk->flow->last_ns;
    talk->older = d->newest;
    talk->newer = NULL;
    *(d->newest ? &d->newest->newer : &d->oldest) = talk;
    d->newest = talk;
}

void
talk_unsettle(struct talk *talk)
{
    struct dissection *d = talk->dissection;
    if (!talk->settling)
        return;
    *(talk->older ? &talk->older->newer : &d->oldest) = talk->newer;
    *(talk->newer ? &talk->newer->older : &d->newest) = talk->older;
    talk->settling = false;
}

void
talk_wait(struct talk *talk)
{
    struct dissection *d = talk->dissection;
    if (talk->waiting)
        return;
    talk->waiting = true;
    talk->wait_ns = talk->flow->last_ns;
    talk->older_waiting = d->newest_waiting;
    talk->newer_waiting = NULL;
    *(d->newest_waiting ? &d->newest_waiting->newer_waiting : &d->oldest_waiting) = talk;
    d->newest_waiting = talk;
    /* What waits must not take the room of what comes. */
    while (d->pool->used > d->pool->limit / 2 && d->oldest_waiting != talk)
        d->oldest_waiting->kind->retry(d->oldest_waiting, true, talk->flow->frame);
}

void
talk_unwait(struct talk *talk)
{
    struct dissection *d = talk->dissection;
    if (!talk->waiting)
        return;
    *(talk->older_waiting ? &talk->older_waiting->newer_waiting : &d->oldest_waiting) =
        talk->newer_waiting;
    *(talk->newer_waiting ? &talk->newer_waiting->older_waiting : &d->newest_waiting) =
        talk->older_waiting;
    talk->waiting = false;
}

/* The tracker's flow goes away when it is over; what the session tells of it stays. */
static bool
keep_flow(struct talk *talk)
{
    if (talk->own_flow)
        return true;
    talk->own_flow = pool_take(talk->dissection->pool, sizeof *talk->own_flow);
    if (!talk->own_flow)
        return false;
    *talk->own_flow = *talk->flow;
    talk->flow->dissection = NULL;
    talk->flow->quiet = true;
    talk->flow->trace = NULL;
    talk->flow = talk->own_flow;
    return true;
}

bool
talk_put_off(struct talk *talk, bool over, enum flow_end why)
{
    if (!talk->waiting)
        return false;
    if (over && !keep_flow(talk)) {
        talk_unwait(talk);
        return false;
    }
    talk_unsettle(talk);
    talk->put_off = true;
    talk->over = over;
    talk->why = why;
    return true;
}

void
talk_leave(struct talk *talk)
{
    talk_unsettle(talk);
    talk_unwait(talk);
    talk->flow->dissection = NULL;
    talk->flow->quiet = true;
    if (talk->own_flow)
        trace_free(talk->own_flow->trace);
    pool_give(talk->dissection->pool, talk->own_flow, sizeof *talk->own_flow);
}
