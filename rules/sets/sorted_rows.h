/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of one size in one array, each beginning with a digest, in the order of those: how one is
 * found among the few that an index points to.
 */
#ifndef CERTTAP_RULES_SETS_SORTED_ROWS_H
#define CERTTAP_RULES_SETS_SORTED_ROWS_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct sorted_rows {
    const uint8_t *at;
    size_t size;       /* of a row */
    size_t digest_len; /* at least 16 */
};

/* What a digest begins with, as a number that is in the same order. */
static inline uint64_t
sorted_lead(const uint8_t *digest)
{
    uint64_t lead;
    memcpy(&lead, digest, sizeof lead);
    return be64toh(lead);
}

/* A row comes from memory meanwhile, on whatever side of a boundary its parts are. */
static inline void
sorted_rows_expect(const struct sorted_rows *rows, size_t index)
{
    const uint8_t *row = rows->at + index * rows->size;
    __builtin_prefetch(row);
    __builtin_prefetch(row + rows->size - 1);
}

/* How many rows have `digest`, and in `first` where the first of them stands. Looked at are those
 * from `low` to before `high`. */
size_t sorted_rows_find(
    const struct sorted_rows *rows, size_t low, size_t high, const uint8_t *digest, size_t *first);

#endif
