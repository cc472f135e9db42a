/* SPDX-License-Identifier: Apache-2.0
 *
 * Many patterns at once: globs and regular expressions, all of them looked for in one pass or two
 * over a text, whose cost hardly depends on how many they are (docs/decisions/0022-patterns.md).
 *
 * Regular expressions are those that need no backtracking, so that no text, however it is made,
 * takes longer than its length says. Texts and globs are in lower case (of ASCII letters).
 */
#ifndef CERTTAP_RULES_SETS_PATTERN_SET_H
#define CERTTAP_RULES_SETS_PATTERN_SET_H

#include "base/bytes.h"
#include "base/fault.h"

struct text_pattern {
    struct bytes text; /* borrowed */
    bool regex;        /* else a glob: "*" stands for anything, "?" for one character */
};

/* False with what is wrong in `complaint`: no regular expression, one that is too much, or one that
 * an empty text or a single character matches. */
bool regex_is_sensible(struct bytes regex, struct fault *complaint);

struct pattern_set;

/* NULL with `complaint` when it cannot be made; `wrong` is then the pattern that is in the way, or
 * `len` when it is none of them alone. A regular expression that matches nearly everything is. */
struct pattern_set *pattern_set_new(
    const struct text_pattern *patterns, size_t len, size_t *wrong, struct fault *complaint);
void pattern_set_free(struct pattern_set *set); /* NULL is fine */

/* What a scan writes into; one thread's at a time. Made by the first scan, of any set. */
struct pattern_scratch;
void pattern_scratch_free(struct pattern_scratch *scratch); /* NULL is fine */

/* Tells `take` of each pattern that `text` looks like, by its number, in order. `take` may
 * scan as well. */
void pattern_set_scan(const struct pattern_set *set, struct pattern_scratch **scratch,
    struct bytes text, void *owner, void (*take)(void *owner, size_t number));

#endif
