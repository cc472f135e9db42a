/* SPDX-License-Identifier: Apache-2.0
 *
 * What a certificate or a session has to show for each kind of thing that can be watched for.
 */
#ifndef CERTTAP_RULES_OFFERS_H
#define CERTTAP_RULES_OFFERS_H

#include "rules/conditions.h"
#include "rules/store.h"

struct offering {
    void *owner;
    void (*take)(void *owner, enum what what, const struct offered *offered);
    struct text scratch; /* what is offered may stand here, until `take` returns */
};

/* Offers all that is seen there and can be watched for as `what`. */
void sighting_offer(const struct sighting *seen, enum what what, struct offering *to);

/* Is `what` something that is looked for in this place by itself? (In a session the client's and
 * the server's part are looked at one after the other.) */
bool sighting_has(const struct sighting *seen, enum what what);

#endif
