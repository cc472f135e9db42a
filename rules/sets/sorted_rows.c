/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sets/sorted_rows.h"

#include <endian.h>
#include <string.h>

uint64_t
sorted_lead(const uint8_t *digest)
{
    uint64_t lead;
    memcpy(&lead, digest, sizeof lead);
    return be64toh(lead);
}

static const uint8_t *
row_at(const struct sorted_rows *rows, size_t index)
{
    return rows->at + index * rows->size;
}

static int
compare(const struct sorted_rows *rows, size_t index, const uint8_t *digest)
{
    uint64_t row = sorted_lead(row_at(rows, index));
    uint64_t wanted = sorted_lead(digest);
    if (row != wanted)
        return row < wanted ? -1 : 1;
    return memcmp(row_at(rows, index) + 8, digest + 8, rows->digest_len - 8);
}

/* By the 32 bits behind those that all of them have. */
static size_t
guess(size_t low, size_t high, const uint8_t *digest, unsigned bits)
{
    uint64_t part = sorted_lead(digest) << bits >> 32;
    return low + (size_t)(part * (high - low) >> 32);
}

const uint8_t *
sorted_rows_guess(
    const struct sorted_rows *rows, size_t low, size_t high, const uint8_t *digest, unsigned bits)
{
    return row_at(rows, guess(low, high, digest, bits));
}

/* Steps away from the guess grow until the digest is between two of them; then halves. */
size_t
sorted_rows_find(const struct sorted_rows *rows, size_t low, size_t high, const uint8_t *digest,
    unsigned bits, size_t *first)
{
    size_t end = high;
    size_t middle = guess(low, high, digest, bits);
    size_t count = 0;
    for (size_t step = 1; low < high; step *= 2) {
        if (compare(rows, middle, digest) < 0) {
            low = middle + 1;
            middle = high - low > step ? low + step - 1 : low + (high - low) / 2;
        } else {
            high = middle;
            middle = high - low > step ? high - step : low + (high - low) / 2;
        }
    }
    *first = low;
    while (low + count < end && compare(rows, low + count, digest) == 0)
        count++;
    return count;
}
