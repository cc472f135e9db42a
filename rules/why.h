/* SPDX-License-Identifier: Apache-2.0
 *
 * One sentence that an analyst can paste into a ticket: what was seen, which list says so, who
 * showed it to whom, and what came of it.
 */
#ifndef CERTTAP_RULES_WHY_H
#define CERTTAP_RULES_WHY_H

#include "rules/conditions.h"
#include "rules/revoked.h"

/* One hit while it is being judged. */
struct found {
    struct sighting seen;
    enum what what;
    enum note note;
    struct saying say;
    const struct watch *watch; /* NULL: the entry is nothing but an indicator */
    unsigned long line;
    bool by_ocsp; /* no list says it, but an OCSP response: */
    struct revocation revocation;
    size_t indicator; /* where it stands in the verdict's words */
    size_t why;       /* likewise */
};

void why_sentence(
    const struct found *found, const char *list, const char *indicator, struct text *out);

/* The same for a rule in Suricata's language: what it is called, and where it stands. */
struct rule_words {
    const char *numbers; /* "1:2024:3" */
    const char *msg, *list;
    unsigned long line;
};
void why_rule(const struct sighting *seen, const struct rule_words *rule, struct text *out);

#endif
