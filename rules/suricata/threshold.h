/* SPDX-License-Identifier: Apache-2.0
 *
 * How often a rule alerts: so many in so many seconds of packet time, by source, destination or
 * rule, as Suricata's threshold and detection_filter. What is remembered is bounded: the oldest is
 * forgotten first.
 */
#ifndef CERTTAP_RULES_SURICATA_THRESHOLD_H
#define CERTTAP_RULES_SURICATA_THRESHOLD_H

#include "rules/suricata/memory.h"

enum { THRESHOLD_ROOM = 16 << 20 };

/* Does a rule that holds alert? Counts it. */
bool threshold_passes(struct rule_memory *memory, const struct rule *rule,
    const struct address *source, const struct address *destination, int64_t now_ns);

void thresholds_forget(struct rule_memory *memory);

#endif
