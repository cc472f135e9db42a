/* SPDX-License-Identifier: Apache-2.0
 *
 * Variables of rule heads: those that the operator set, else those that Suricata ships.
 */
#ifndef CERTTAP_RULES_SURICATA_VARIABLES_H
#define CERTTAP_RULES_SURICATA_VARIABLES_H

#include "rules/ruleset.h"

/* What a variable (without its dollar sign) stands for; the empty slice: there is none of that
 * name. `variables` may be NULL. */
struct bytes variable_address(const struct rule_variables *variables, struct bytes name);
struct bytes variable_port(const struct rule_variables *variables, struct bytes name);

#endif
