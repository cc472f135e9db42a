/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sets/grams.h"

#include <stdlib.h>

enum { COUNTERS = 1 << 18, LEAST_BITS = 12, FILTER_SPARSE = 16 };

static const uint8_t sizes[GRAM_SIZES] = {8, 4, GRAM_SHORTEST};

struct gram_counts {
    uint16_t at[COUNTERS];
};

struct gram_counts *
gram_counts_new(void)
{
    struct gram_counts *counts = calloc(1, sizeof *counts);
    if (!counts)
        abort();
    return counts;
}

void
gram_counts_free(struct gram_counts *counts)
{
    free(counts);
}

/* The bytes at `at` as a number, letters in lower case. */
static uint64_t
gram_at(struct bytes text, size_t at, size_t size)
{
    uint64_t gram = 0;
    for (size_t i = 0; i < size; i++) {
        uint8_t c = bytes_at(text, at + i);
        gram = gram << 8 | (uint8_t)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
    }
    return gram;
}

/* Rules are the operator's: nobody gains by choosing what collides. */
static inline uint64_t
gram_hash(uint64_t gram, uint32_t slot_size)
{
    uint64_t h = (gram ^ (uint64_t)slot_size << 57) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= h >> 29;
    return (h + slot_size) * UINT64_C(0xbf58476d1ce4e5b9);
}

static inline uint32_t
slot_and_size(size_t slot, size_t size)
{
    return (uint32_t)(slot * GRAM_SIZES + size);
}

/* The largest size of which the content has any. */
static size_t
size_for(struct bytes content)
{
    size_t size = 0;
    while (size + 1 < GRAM_SIZES && content.len < sizes[size])
        size++;
    return size;
}

void
gram_counts_add(struct gram_counts *counts, size_t slot, struct bytes content)
{
    size_t size = size_for(content);
    for (size_t i = 0; i + sizes[size] <= content.len; i++) {
        uint64_t hash = gram_hash(gram_at(content, i, sizes[size]), slot_and_size(slot, size));
        uint16_t *counter = &counts->at[hash >> 32 & (COUNTERS - 1)];
        if (*counter < UINT16_MAX)
            ++*counter;
    }
}

static uint64_t
rarest_gram(const struct gram_counts *counts, size_t slot, size_t size, struct bytes content)
{
    uint64_t best = gram_at(content, 0, sizes[size]);
    unsigned least = UINT16_MAX + 1U;
    for (size_t i = 0; i + sizes[size] <= content.len; i++) {
        uint64_t gram = gram_at(content, i, sizes[size]);
        uint64_t hash = gram_hash(gram, slot_and_size(slot, size));
        unsigned count = counts->at[hash >> 32 & (COUNTERS - 1)];
        if (count < least) {
            least = count;
            best = gram;
        }
    }
    return best;
}

bool
grams_add(struct grams *grams, const struct gram_counts *counts, size_t slot, struct bytes content,
    uint32_t rule)
{
    size_t size = size_for(content);
    if (grams->len == grams->room) {
        size_t room = grams->room ? 2 * grams->room : 64;
        struct gram_row *rows =
            pool_resize(grams->pool, grams->rows, grams->room * sizeof *rows, room * sizeof *rows);
        if (!rows)
            return false;
        grams->rows = rows;
        grams->room = room;
    }
    grams->rows[grams->len++] = (struct gram_row){
        .gram = rarest_gram(counts, slot, size, content),
        .slot_size = slot_and_size(slot, size),
        .rule = rule,
    };
    return true;
}

bool
grams_finish(struct grams *grams, size_t slots)
{
    grams->bits = LEAST_BITS;
    while ((size_t)1 << grams->bits < FILTER_SPARSE * grams->len)
        grams->bits++;
    grams->buckets_len = (size_t)1 << grams->bits >> 3;
    grams->slots = slots;
    grams->filter = pool_take(grams->pool, (size_t)1 << grams->bits >> 3);
    grams->buckets = pool_take(grams->pool, grams->buckets_len * sizeof *grams->buckets);
    grams->sizes = pool_take(grams->pool, slots + 1);
    if (!grams->filter || !grams->buckets || !grams->sizes)
        return false;
    for (size_t i = 0; i < grams->len; i++) {
        struct gram_row *row = &grams->rows[i];
        uint64_t hash = gram_hash(row->gram, row->slot_size);
        uint64_t bit = hash >> (64 - grams->bits);
        uint32_t *bucket = &grams->buckets[hash & (grams->buckets_len - 1)];
        grams->filter[bit / 64] |= UINT64_C(1) << bit % 64;
        row->next = *bucket;
        *bucket = (uint32_t)i + 1;
        grams->sizes[row->slot_size / GRAM_SIZES] |= (uint8_t)(1U << row->slot_size % GRAM_SIZES);
    }
    return true;
}

bool
grams_in_slot(const struct grams *grams, size_t slot)
{
    return slot < grams->slots && grams->sizes[slot];
}

static inline void
look_up(const struct grams *grams, uint64_t gram, uint32_t slot_size, void *owner,
    void (*take)(void *owner, uint32_t rule))
{
    uint64_t hash = gram_hash(gram, slot_size);
    uint64_t bit = hash >> (64 - grams->bits);
    if (!(grams->filter[bit / 64] >> bit % 64 & 1))
        return;
    uint32_t next = grams->buckets[hash & (grams->buckets_len - 1)];
    while (next) {
        const struct gram_row *row = &grams->rows[next - 1];
        if (row->gram == gram && row->slot_size == slot_size)
            take(owner, row->rule);
        next = row->next;
    }
}

void
grams_find(const struct grams *grams, size_t slot, struct bytes value, void *owner,
    void (*take)(void *owner, uint32_t rule))
{
    static const uint64_t masks[GRAM_SIZES] = {UINT64_MAX, UINT32_MAX, 0xffffff};
    if (!grams_in_slot(grams, slot))
        return;
    for (size_t size = 0; size < GRAM_SIZES; size++) {
        uint32_t slot_size = slot_and_size(slot, size);
        struct reader r = reader_over(value);
        uint64_t gram = 0;
        if (!(grams->sizes[slot] >> size & 1) || value.len < sizes[size])
            continue;
        for (size_t i = 1; reader_more(&r); i++) {
            gram = (gram << 8 | read_u8(&r)) & masks[size];
            if (i >= sizes[size])
                look_up(grams, gram, slot_size, owner, take);
        }
    }
}

void
grams_free(struct grams *grams)
{
    pool_give(grams->pool, grams->rows, grams->room * sizeof *grams->rows);
    pool_give(grams->pool, grams->buckets, grams->buckets_len * sizeof *grams->buckets);
    if (grams->filter)
        pool_give(grams->pool, grams->filter, (size_t)1 << grams->bits >> 3);
    pool_give(grams->pool, grams->sizes, grams->slots + 1);
    *grams = (struct grams){.pool = grams->pool};
}
