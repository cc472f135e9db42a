/* SPDX-License-Identifier: Apache-2.0
 *
 * An entry while it is put together out of named texts: what our own YAML and CSV with a header
 * have in common. The names are the interface; docs/watchlists.md explains them.
 */
#ifndef CERTTAP_RULES_DRAFT_H
#define CERTTAP_RULES_DRAFT_H

#include "rules/watchlist.h"

enum { CERTIFICATE_CLAUSE = WHATS, CLAUSES, DRAFT_KEYS = 39 };

struct draft {
    struct arena *room; /* borrowed; of all that is in the draft */
    bool any_key;       /* a key stands beside fingerprints as one more way to be hit */
    struct {
        struct value *at;
        size_t len, room;
    } clauses[CLAUSES]; /* by what; fingerprints of the certificate share the last */
    struct {
        struct network *at;
        size_t len, room;
    } networks[3]; /* from, not_from, to */
    struct {
        struct bytes *at;
        size_t len, room;
    } services;
    struct conditions when;
    struct saying say;
    bool allow;
};

/* A name that an entry may have. */
struct draft_key {
    const char *name;
    bool (*read)(struct draft *draft, int detail, struct bytes text, struct fault *complaint);
    int detail;      /* what `read` is told: which of the things that it reads */
    bool many;       /* several values may be given */
    bool words;      /* none of them has a space in it */
    bool by_default; /* may stand under "defaults" */
    bool condition;  /* says when the entry applies */
};

extern const struct draft_key draft_keys[DRAFT_KEYS];

/* The number of the key of that name; DRAFT_KEYS: there is none. */
size_t draft_key_named(struct bytes name);

/* The number of the key whose name is most like it, and how many changes away that is. */
size_t draft_key_nearest(struct bytes name, size_t *distance);

/* Reads one value. False with what is wrong in `complaint` (without place). */
bool draft_set(struct draft *draft, size_t key, struct bytes text, struct fault *complaint);

/* The defaults' networks and services, where the entry has none itself. */
void draft_inherit(struct draft *draft, const struct draft *defaults);

/* The whole entry. `clauses` is where its clauses are put. False when it watches for nothing, or
 * for nearly everything. */
bool draft_watch(const struct draft *draft, unsigned long line, struct clause clauses[CLAUSES],
    struct watch *watch, struct fault *complaint);

#endif
