/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of a rule file: which lines make a rule, the words of its head, its options; and the
 * small things that options are made of.
 *
 * An option ends with a semicolon that no backslash stands before; quotes do not protect one. That
 * is how Suricata reads, and every rule that it loads is written so.
 */
#ifndef CERTTAP_RULES_SURICATA_WORDS_H
#define CERTTAP_RULES_SURICATA_WORDS_H

#include "base/fault.h"
#include "base/text.h"

enum { HEAD_WORDS = 7 };

/* Where a rule in a file begins, and all of its text: lines joined where they end in a backslash.
 */
struct rule_lines {
    struct reader left;
    unsigned long next; /* number of the next line */
    unsigned long line; /* of the rule at hand */
    struct text joined; /* the caller's to text_free() */
};

/* The next line that is neither empty nor a comment, with those that continue it, each newline
 * kept as one so that places can be told. False at the end. `rule` is valid until the next. */
bool rule_lines_next(struct rule_lines *lines, struct bytes *rule);

/* The line on which the byte `at` of a rule stands. */
unsigned long rule_line_of(const struct rule_lines *lines, struct bytes rule, const uint8_t *at);

/* A rule's head and what stands in its parentheses. False with `complaint` and `at`, where it is
 * wrong. */
struct rule_parts {
    struct bytes head[HEAD_WORDS]; /* action, protocol, source, its port, arrow, destination, … */
    struct bytes options;
    const uint8_t *at;
};
bool rule_split(struct bytes rule, struct rule_parts *parts, struct fault *complaint);

struct rule_option {
    struct bytes name;
    struct bytes value; /* trimmed; as it stands, quotes and all */
    bool has_value;
};

/* The next option. False at the end of `options`; then, where the last one does not end,
 * `complaint` says so. */
bool rule_option_next(struct bytes *options, struct rule_option *option, struct fault *complaint);

/* Takes the quotes off a value, and the "!" before them, where `negated` is not NULL. False with
 * `complaint` where one quote is missing. */
bool word_unquote(struct bytes *value, bool *negated, struct fault *complaint);

/* A decimal number of `most` at most, and nothing else. */
bool word_number(struct bytes text, unsigned long most, unsigned long *number);

/* The same with a sign. */
bool word_signed(struct bytes text, long most, long *number);

/* The next of several texts parted by `separator`, trimmed. False when there is no more. */
bool word_next(struct bytes *list, uint8_t separator, struct bytes *word);

/* What stands before the first white space, which is taken away with it. */
struct bytes word_take(struct bytes *text);

#endif
