/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of one size in one array, each beginning with a digest, in the order of those: how one is
 * found among the few that a directory points to.
 *
 * Digests are spread evenly, so that where one stands follows from what it is; what is tried first
 * is there, or next to it. That a list may be made of other digests costs time, and no more than
 * halving would.
 */
#ifndef CERTTAP_RULES_SETS_SORTED_ROWS_H
#define CERTTAP_RULES_SETS_SORTED_ROWS_H

#include <stddef.h>
#include <stdint.h>

struct sorted_rows {
    const uint8_t *at;
    size_t size;       /* of a row */
    size_t digest_len; /* at least 16 */
};

/* What a digest begins with, as a number that is in the same order. */
uint64_t sorted_lead(const uint8_t *digest);

/* How many rows have `digest`, and in `first` where the first of them stands. Looked at are those
 * from `low` to before `high`, which have the leading `bits` of it. */
size_t sorted_rows_find(const struct sorted_rows *rows, size_t low, size_t high,
    const uint8_t *digest, unsigned bits, size_t *first);

/* Where it would be looked for first. */
const uint8_t *sorted_rows_guess(
    const struct sorted_rows *rows, size_t low, size_t high, const uint8_t *digest, unsigned bits);

#endif
