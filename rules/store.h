/* SPDX-License-Identifier: Apache-2.0
 *
 * How a ruleset keeps what is watched for. What can be looked up exactly stands in sorted arrays of
 * digests: fingerprints as they are, everything else under a keyed 128-bit hash of what it is. An
 * entry without conditions is a row there and nothing more; others point to a watch. Texts that
 * many entries share are kept once.
 */
#ifndef CERTTAP_RULES_STORE_H
#define CERTTAP_RULES_STORE_H

#include "base/hash.h"
#include "base/table.h"
#include "rules/compiled/mapped.h"
#include "rules/entries.h"
#include "rules/named.h"
#include "rules/sets/digest_set.h"
#include "rules/sets/pattern_set.h"
#include "rules/watch.h"

struct list {
    const char *name;
    const char *format;
    size_t entries, skipped;
    const char *warning;
    const struct rule_skipped *why_skipped; /* of rules only, as many as were skipped */
};

/* A certificate of an authority that some list holds: by it revocation lists are checked. */
struct list_issuer {
    struct bytes subject, der;
};

/* A glob or regular expression. */
struct pattern_entry {
    struct value value;
    struct digest_row row;
    bool leads; /* its entry is looked up by it; else it is merely asked about */
};

/* The patterns of one list, compiled as one. */
struct pattern_group {
    struct pattern_set *set;
    size_t first, len; /* in `patterns` */
};

enum set { SET_SHA256, SET_SHA1, SET_MD5, SET_SPKI, SET_KEYED, SETS };

/* A compiled list, and the number of the first list that it was made of. */
struct mapped_place {
    struct mapped_list *list;
    uint32_t first_list;
    uint8_t sets[SETS]; /* which of its own each is, plus one; 0: it has none */
};

enum { MATCHES = MATCH_REGEX + 1, PREFIXES = 129 };

struct ruleset {
    struct pool pool; /* without a limit: lists are the operator's */
    struct arena arena;
    uint64_t generation;
    bool finished;
    struct hash_key key;
    struct entries_listener listener; /* while lists are added */
    bool only_told;                   /* and nothing kept */

    struct list *lists;
    size_t lists_len, lists_room;
    struct saying **sayings;
    size_t sayings_len, sayings_room;
    struct table said; /* the same, by content */
    struct watch **watches;
    size_t watches_len, watches_room;
    struct pattern_entry *patterns;
    size_t patterns_len, patterns_room;
    struct pattern_group *groups;
    size_t groups_len, groups_room;

    struct digest_set sets[SETS];
    struct list_issuer *issuers; /* of lists so far */
    size_t issuers_len, issuers_room;
    struct mapped_place *mapped; /* compiled lists */
    size_t mapped_len, mapped_room;
    bool unpack;                  /* they are taken apart instead */
    bool names_watched;           /* some entry is found by a text of a certificate */
    size_t count[WHATS][MATCHES]; /* entries of each kind, so that none is looked up in vain */
    uint32_t watched;             /* a bit for each kind of which there are, once finished */
    size_t prefixes[PREFIXES];    /* networks of each length */

    struct named *named;    /* issuers and certificates that entries name */
    struct rule_book *book; /* rules in Suricata's language; NULL: none */
};

_Static_assert(WHATS <= 32, "each kind has a bit in ruleset.watched");

static inline bool
is_watched(const struct ruleset *rules, enum what what)
{
    return rules->watched >> what & 1;
}

/* Something that was seen, in the forms in which it can be compared. */
struct offered {
    struct bytes value; /* as value.value of an exact match; an address: 16 bytes */
    struct bytes second;
    struct bytes text; /* what patterns look at */
};

/* A list to add to. False when there is no memory. */
bool store_add_list(struct ruleset *rules, const struct list *list);

/* Takes a compiled list, whose names are lists from `first_list` on. It is the ruleset's from then
 * on; closed when there is no memory. */
bool store_add_mapped(struct ruleset *rules, struct mapped_list *taken, uint32_t first_list);

/* Keeps a copy of `watch`, which is sensible. False when there is no memory. */
bool store_add(struct ruleset *rules, const struct watch *watch);

/* Compiles the patterns that were added since the last time. False with `complaint`; `line` is then
 * of the entry that is in the way, or 0. */
bool store_end_list(struct ruleset *rules, unsigned long *line, struct fault *complaint);

/* A copy that lives as long as the ruleset, with a NUL behind it. NULL when there is no memory. */
const char *store_string(struct ruleset *rules, struct bytes text);

/* A digest, `what`, will be asked for soon. Memory is slow and can be asked for many things at
 * once: who knows of several says so, does something else, then asks of each whether a list may
 * have it, and only then looks up those. */
void store_expect(const struct ruleset *rules, enum what what, const uint8_t *digest);

/* The bit of `what` when a list may have the digest; then what is needed to look it up is on its
 * way. 0: no list has it. */
uint32_t store_may_have(const struct ruleset *rules, enum what what, const uint8_t *digest);

/* Tells `take` of each row that watches for `what` as it is `offered`; `matched` is valid until it
 * returns. */
void store_look_up(const struct ruleset *rules, enum what what, const struct offered *offered,
    struct pattern_scratch **scratch, void *owner,
    void (*take)(void *owner, const struct value *matched, struct digest_row row));

/* What stands behind a row. The watch is NULL where the entry has neither conditions nor more
 * clauses than one. */
struct saying store_saying(
    const struct ruleset *rules, struct digest_row row, const struct watch **watch);

/* Does `value` watch for what is `offered`? `pattern` is a set of nothing but its regular
 * expression, where it is one. */
bool value_matches(const struct value *value, const struct offered *offered,
    const struct pattern_set *pattern, struct pattern_scratch **scratch);

/* Does `value`, which the ruleset keeps, watch for what is `offered`? */
bool store_value_matches(const struct ruleset *rules, const struct value *value,
    const struct offered *offered, struct pattern_scratch **scratch);

#endif
