/* SPDX-License-Identifier: Apache-2.0
 *
 * A session against the rules.
 */
#ifndef CERTTAP_RULES_SURICATA_MATCH_H
#define CERTTAP_RULES_SURICATA_MATCH_H

#include "rules/suricata/memory.h"

/* Fills memory->matches with what alerts, in the order of lists and lines. */
void rules_match(
    const struct rule_book *book, const struct session *session, struct rule_memory *memory);

/* Appends the sentence of a match. */
void rule_match_words(const struct ruleset *rules, const struct session *session,
    struct rule_match *match, struct text *words);

/* The hit that a match is, once all words stand. */
struct hit rule_match_hit(const struct ruleset *rules, const struct session *session,
    const struct rule_match *match, const struct text *words);

#endif
