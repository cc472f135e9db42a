/* SPDX-License-Identifier: Apache-2.0
 *
 * What is found while something is judged: shared by those who judge sessions and those who judge
 * what is merely named.
 */
#ifndef CERTTAP_RULES_JUDGING_H
#define CERTTAP_RULES_JUDGING_H

#include "rules/offers.h"
#include "rules/store.h"
#include "rules/why.h"

struct rule_memory;

/* Certificates of a chain that lists are asked about together; the rest one by one. */
enum { ASKED_TOGETHER = 8 };

struct judging {
    const struct ruleset *rules;
    struct verdict *verdict;
    struct sighting seen; /* what is being looked at */
    struct found *found;
    size_t len, room;
    size_t first;                       /* of those about what is being looked at */
    bool silent;                        /* what is being looked at is allowed */
    bool all_silent;                    /* the whole session is */
    bool named;                         /* an entry names a text of what is being looked at */
    uint32_t absent[2][ASKED_TOGETHER]; /* by role: digests (a bit of enum what) of no list */
};

/* Asks the lists about what is being looked at. */
void judging_look(struct judging *judging, struct offering *offering);

/* What `offering` takes, with the judging for its owner. */
void judging_take(void *judging, enum what what, const struct offered *offered);

/* Puts what was found in order; what is allowed is forgotten. */
void judging_settle(struct judging *judging);

/* Makes hits of it, and of what rules matched (NULL: nothing). */
void judging_tell(struct judging *judging, const struct rule_memory *memory);

#endif
