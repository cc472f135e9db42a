/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules in Suricata's language out of texts, for tests.
 */
#ifndef CERTTAP_TESTS_SUPPORT_RULES_H
#define CERTTAP_TESTS_SUPPORT_RULES_H

#include "rules/ruleset.h"

/* A finished ruleset of one file, "test.rules", that holds `content`. NULL with `why`, in which the
 * folder of the file is left out. `beside` may name a file that lies beside it, with its content.
 */
struct ruleset *rules_load_text(struct bytes content, const struct rule_variables *variables,
    const char *beside, const char *beside_content, struct fault *why);

/* The same; the test fails where it is refused. */
struct ruleset *rules_good(const char *content);

/* It is refused, and this is the whole of what is said. */
void rules_bad(const char *content, const char *complaint);

/* Loads it, good or not, from memory and without more ado. */
void rules_try(struct bytes content);

#endif
