/* SPDX-License-Identifier: Apache-2.0
 *
 * The entries of some lists, each once, in the order in which they came: for merging and comparing.
 * Two entries are the same when they ask for the same.
 */
#ifndef CERTTAP_LISTS_ENTRIES_H
#define CERTTAP_LISTS_ENTRIES_H

#include "base/table.h"
#include "lists/job.h"

struct kept_entry {
    struct entry entry;
    struct bytes what; /* what it asks for, as YAML */
    const char *list;
    unsigned long line;
    struct saying say; /* of the first, joined with those of the others */
    size_t times;
    bool seen; /* for those who compare */
};

struct kept_entries {
    struct table table;
    struct pool pool;
    struct arena arena;
    size_t joined; /* how many were there already */
};

void entries_begin(struct kept_entries *entries);
void entries_free(struct kept_entries *entries);

/* Reads a list into them. False with `why`. */
bool entries_add_list(struct kept_entries *entries, const char *source, struct fault *why);

/* NULL: there is none that asks for this. */
struct kept_entry *entries_find(const struct kept_entries *entries, struct bytes what);

/* The entry in certtap's own format. */
void entries_write(const struct kept_entry *kept, struct text *out);

#endif
