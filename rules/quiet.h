/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates whose names nobody watches for. Reading and folding the texts of a certificate costs
 * more than all else that is asked about it, and the same ones are seen again and again: which of
 * them have nothing that any entry names is remembered, as far as there is room.
 */
#ifndef CERTTAP_RULES_QUIET_H
#define CERTTAP_RULES_QUIET_H

#include "rules/store.h"

struct quiet;

/* NULL is an empty one, which is made when something is first remembered. */
void quiet_free(struct quiet *quiet);

/* Is it known that no entry of these rules names any text of that certificate? */
bool quiet_has(
    const struct quiet *quiet, const struct ruleset *rules, const struct certificate *certificate);

/* Remembers it, in the place of another. What other rules said is forgotten. */
void quiet_remember(
    struct quiet **quiet, const struct ruleset *rules, const struct certificate *certificate);

/* Does what is seen as `what` follow from the certificate alone, and is it a text? */
bool quiet_concerns(enum what what);

#endif
