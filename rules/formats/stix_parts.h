/* SPDX-License-Identifier: Apache-2.0
 *
 * Comparisons of a STIX pattern that are no thing to watch for by themselves: the parts of a key,
 * which make one together, and the validity of a certificate, which is a condition.
 */
#ifndef CERTTAP_RULES_FORMATS_STIX_PARTS_H
#define CERTTAP_RULES_FORMATS_STIX_PARTS_H

#include "rules/formats/stix_pattern.h"
#include "rules/formats/stix_words.h"

enum part_read {
    PART_NOT_OURS,  /* another path; it is still there */
    PART_BEYOND_US, /* another comparison; its operator is still there */
    PART_WRONG,     /* a value is missing */
    PART_READ,
};
enum part_read stix_part_read(struct stix_words *words, struct pattern_way *way);

/* What both ask for; what contradicts itself is beyond us. */
void stix_parts_join(struct pattern_way *way, const struct pattern_way *other);

#endif
