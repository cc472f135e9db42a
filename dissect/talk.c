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
