/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sets/glob_index.h"

#include "rules/sets/grams.h"

#include <stdlib.h>

struct glob_index {
    struct pool pool;
    struct gram_counts *counts; /* NULL when it is finished */
    struct grams grams;
};

static struct bytes
longest_run(struct bytes glob)
{
    struct bytes longest = {0};
    while (glob.len) {
        size_t star = bytes_find_byte(glob, '*');
        size_t len = bytes_find_byte(bytes_first(glob, star), '?');
        if (len > longest.len)
            longest = bytes_first(glob, len);
        glob = bytes_skip(glob, len + 1);
    }
    return longest;
}

bool
glob_index_takes(struct bytes glob)
{
    return longest_run(glob).len >= GRAM_SHORTEST;
}

struct glob_index *
glob_index_new(void)
{
    struct glob_index *index = calloc(1, sizeof *index);
    if (!index)
        abort();
    index->pool.limit = SIZE_MAX;
    index->grams.pool = &index->pool;
    index->counts = gram_counts_new();
    return index;
}

void
glob_index_free(struct glob_index *index)
{
    if (!index)
        return;
    gram_counts_free(index->counts);
    grams_free(&index->grams);
    free(index);
}

void
glob_index_announce(struct glob_index *index, struct bytes glob)
{
    gram_counts_add(index->counts, 0, longest_run(glob));
}

void
glob_index_add(struct glob_index *index, struct bytes glob, uint32_t number)
{
    if (!grams_add(&index->grams, index->counts, 0, longest_run(glob), number))
        abort();
}

void
glob_index_finish(struct glob_index *index)
{
    if (!grams_finish(&index->grams, 1))
        abort();
    gram_counts_free(index->counts);
    index->counts = NULL;
}

void
glob_index_find(const struct glob_index *index, struct bytes text, void *owner,
    void (*take)(void *owner, uint32_t number))
{
    grams_find(&index->grams, 0, text, owner, take);
}
