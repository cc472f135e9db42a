/* SPDX-License-Identifier: Apache-2.0
 *
 * Which rules may hold (or globs, which are rules here too): each names a few bytes that must stand
 * in one of its buffers, those of its contents that fewest other rules ask for. One walk over what
 * a buffer holds finds the rules whose bytes stand there, however many rules there are; only those
 * are tried.
 */
#ifndef CERTTAP_RULES_SETS_GRAMS_H
#define CERTTAP_RULES_SETS_GRAMS_H

#include "base/pool.h"

enum { GRAM_SIZES = 3, GRAM_SHORTEST = 3 }; /* of 8, 4 and 3 bytes */

struct gram_row {
    uint64_t gram;
    uint32_t slot_size; /* slot and size, which are compared too */
    uint32_t rule;
    uint32_t next; /* number of the next row of the bucket, plus one; 0: none */
};

/* A zeroed one with a pool is empty. */
struct grams {
    struct pool *pool; /* borrowed */
    struct gram_row *rows;
    size_t len, room;
    uint32_t *buckets;
    size_t buckets_len; /* a power of two */
    uint64_t *filter;   /* a bit for each hash that is there */
    unsigned bits;      /* of a hash that the filter looks at */
    uint8_t *sizes;     /* by slot: a bit for each size that is there */
    size_t slots;
};

/* How often the bytes that could be chosen stand in contents of all rules. */
struct gram_counts;
struct gram_counts *gram_counts_new(void);
void gram_counts_free(struct gram_counts *counts);
void gram_counts_add(struct gram_counts *counts, size_t slot, struct bytes content);

/* `rule` needs `content`, of GRAM_SHORTEST bytes at least, in this slot. False: no room. */
bool grams_add(struct grams *grams, const struct gram_counts *counts, size_t slot,
    struct bytes content, uint32_t rule);

/* After the last one. False: no room. */
bool grams_finish(struct grams *grams, size_t slots);

bool grams_in_slot(const struct grams *grams, size_t slot);

/* Tells `take` of each rule whose bytes stand in `value`, some more than once. `value` is in lower
 * case. */
void grams_find(const struct grams *grams, size_t slot, struct bytes value, void *owner,
    void (*take)(void *owner, uint32_t rule));

void grams_free(struct grams *grams);

#endif
