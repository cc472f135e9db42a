/* SPDX-License-Identifier: Apache-2.0
 *
 * All rules of a ruleset, and what they share. Filled while files are read, then sorted and never
 * changed.
 */
#ifndef CERTTAP_RULES_SURICATA_BOOK_H
#define CERTTAP_RULES_SURICATA_BOOK_H

#include "base/table.h"
#include "rules/sets/grams.h"
#include "rules/store.h"
#include "rules/suricata/classification.h"
#include "rules/suricata/dataset.h"
#include "rules/suricata/rule.h"
#include "rules/suricata/values.h"

struct book_skipped {
    uint32_t list;
    struct rule_skipped skipped;
};

struct book_code {
    struct book_code *next;
    struct pcre2_real_code_8 *code;
};

struct rule_book {
    struct arena *arena; /* the ruleset's, as its pool */
    struct pool *pool;
    struct groups groups;
    const struct rule **rules; /* in the order in which they are tried */
    size_t rules_len, rules_room;
    struct table known; /* rules by gid and sid, while files are read */
    struct slot *slots;
    size_t slots_len, slots_room;
    const char **bits; /* names of flow bits */
    size_t bits_len, bits_room;
    const char **reasons; /* for skipping, each once */
    size_t reasons_len, reasons_room;
    struct book_skipped *skipped;
    size_t skipped_len, skipped_room;
    struct dataset *datasets;
    struct book_code *codes;
    struct grams grams;
    uint32_t *always; /* rules that no gram stands for */
    size_t always_len;
    uint8_t *wide; /* by slot: not only leaves are looked at */
};

/* The ruleset's book; made when it has none. */
struct rule_book *book_of(struct ruleset *rules);

/* Takes a finished rule. Where there is one with the same numbers, the later revision stays and the
 * other is skipped. False when there is no memory. */
bool book_add(struct ruleset *rules, const struct rule *rule);

bool book_skip(
    struct ruleset *rules, uint32_t list, unsigned long line, uint32_t sid, struct bytes reason);

/* The number of a slot, of a flow bit; SIZE_MAX when there is no memory. */
size_t book_slot(struct rule_book *book, const struct slot *slot);
size_t book_bit(struct rule_book *book, struct bytes name);

bool book_keep_code(struct rule_book *book, struct pcre2_real_code_8 *taken);

/* The dataset of that name; made when there is none. NULL: no memory. */
struct dataset *book_dataset(struct ruleset *rules, struct bytes name, enum dataset_type type);

/* Puts the rules in order and builds what finds them. */
void book_finish(struct ruleset *rules);
void book_free(struct ruleset *rules);

/* A copy of an array that lives as long as the ruleset; NULL when there is no memory. */
void *book_keep(struct rule_book *book, const void *at, size_t len, size_t size);

#endif
