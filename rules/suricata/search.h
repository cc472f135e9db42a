/* SPDX-License-Identifier: Apache-2.0
 *
 * The tests of a rule against one value of a buffer. A content that others are relative to is tried
 * at each place where it stands, a bounded number of times.
 */
#ifndef CERTTAP_RULES_SURICATA_SEARCH_H
#define CERTTAP_RULES_SURICATA_SEARCH_H

#include "rules/suricata/dataset.h"
#include "rules/suricata/regex.h"
#include "rules/suricata/rule.h"

/* Does `value` pass all tests of the look? */
bool look_holds(const struct look *look, struct bytes value, struct regex_matcher *matcher);

bool number_holds(const struct number_test *test, int64_t number);

#endif
