/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sets/sorted_rows.h"

static int
compare(const struct sorted_rows *rows, size_t index, const uint8_t *digest)
{
    const uint8_t *row = rows->at + index * rows->size;
    uint64_t lead = sorted_lead(row);
    uint64_t wanted = sorted_lead(digest);
    if (lead != wanted)
        return lead < wanted ? -1 : 1;
    return memcmp(row + 8, digest + 8, rows->digest_len - 8);
}

/* By halves. Of the last one left it is known where it stands, not yet what it is. */
size_t
sorted_rows_find(
    const struct sorted_rows *rows, size_t low, size_t high, const uint8_t *digest, size_t *first)
{
    size_t end = high;
    size_t count = 0;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (compare(rows, middle - 1, digest) < 0)
            low = middle;
        else
            high = middle;
    }
    *first = low;
    while (low + count < end && compare(rows, low + count, digest) == 0)
        count++;
    return count;
}
