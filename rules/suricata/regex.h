/* SPDX-License-Identifier: Apache-2.0
 *
 * The fence around PCRE2: patterns of rules, with Suricata's limits on how long one may search, so
 * that no pattern and no certificate can make it search for ever.
 */
#ifndef CERTTAP_RULES_SURICATA_REGEX_H
#define CERTTAP_RULES_SURICATA_REGEX_H

#include "base/bytes.h"
#include "base/fault.h"
#include "rules/suricata/rule.h"

/* What it takes to search; one thread. */
struct regex_matcher {
    struct pcre2_real_match_data_8 *data;
    struct pcre2_real_match_context_8 *limits;
    uint64_t given_up; /* searches that reached a limit */
};

struct regex_matcher regex_matcher_new(void);
void regex_matcher_free(struct regex_matcher *matcher);

enum regex_reading { REGEX_GOOD, REGEX_WRONG, REGEX_OTHER };

/* "/pattern/modifiers". The code is the caller's to regex_free(). OTHER: a modifier for another
 * protocol, which `modifier` is then. */
enum regex_reading regex_read(
    struct bytes text, struct regex *regex, char *modifier, struct fault *complaint);
void regex_free(struct pcre2_real_code_8 *code);

/* The first match in `value` at or after `from`: where it begins and ends. */
bool regex_find(struct regex_matcher *matcher, const struct regex *regex, struct bytes value,
    size_t from, size_t *begin, size_t *end);

#endif
