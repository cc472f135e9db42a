/* SPDX-License-Identifier: Apache-2.0
 *
 * What judging by rules needs besides the rules: room to work in, kept from session to session, and
 * how often each rule alerted lately. It outlives rulesets: thresholds go by gid and sid.
 */
#ifndef CERTTAP_RULES_SURICATA_MEMORY_H
#define CERTTAP_RULES_SURICATA_MEMORY_H

#include "base/table.h"
#include "rules/suricata/book.h"
#include "rules/suricata/regex.h"

/* A rule that holds for a session. */
struct rule_match {
    const struct rule *rule;
    enum role role;
    int index;  /* of the certificate; -1: it looks at none */
    size_t why; /* where its sentence stands in the verdict's words */
};

struct rule_memory {
    struct values values;
    struct regex_matcher matcher;
    uint32_t *stamps; /* by rule: when it last became a candidate */
    size_t stamps_len;
    uint32_t stamp;
    uint32_t *candidates;
    size_t candidates_len;
    uint64_t *bits; /* flow bits of this session */
    size_t bits_len;
    struct text lower;
    struct rule_match *matches;
    size_t matches_len, matches_room;
    struct pool tracked_pool;
    struct table tracked; /* thresholds */
};

struct rule_memory *rule_memory_new(void);
void rule_memory_free(struct rule_memory *memory); /* NULL is fine */

/* Makes it ready for a session judged by `book`. */
void rule_memory_begin(struct rule_memory *memory, const struct rule_book *book);

#endif
