/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: a ruleset of nothing but digests as a file that is mapped where it is used.
 */
#ifndef CERTTAP_RULES_COMPILED_H
#define CERTTAP_RULES_COMPILED_H

#include "rules/ruleset.h"

#include <stdio.h>

/* Lists that are added from now on are taken apart even where they are compiled already. */
void ruleset_unpack(struct ruleset *ruleset);

/* Writes a finished ruleset to a file that nothing was written to. False with `why`. */
bool ruleset_compile(const struct ruleset *ruleset, FILE *file, struct fault *why);

#endif
