/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a digest stands among rows in the order of their digests, in one look into memory, two
 * bytes a row: nearly every digest that is in none of the rows is told so by then, and one that is
 * in them has its row's number.
 *
 * The rows are divided among lines of 64 bytes, as a processor fetches them, by what their digests
 * begin with; a line among its sixteen buckets by the next four bits; and of each row the eight
 * bits behind those are its print. All of that is in the order of the rows, so that the place of a
 * print is the place of its row:
 *
 *     48 bytes   the prints, in order
 *     12 bytes   of each bucket six bits, lowest first: how many rows stand before its end
 *      4 bytes   the number of the line's first row, little-endian
 *
 * A line has 36 rows on average. Of one that has more than 48 the prints of the rest are left out:
 * buckets that reach beyond them (they end at 49 in the line) are gone through by halves.
 *
 * An index is built in memory or lies in a file: whatever its bytes are, no answer leads outside
 * the rows, and what it answers has to be compared with the digests.
 */
#ifndef CERTTAP_RULES_SETS_LINE_INDEX_H
#define CERTTAP_RULES_SETS_LINE_INDEX_H

#include "rules/sets/sorted_rows.h"

#include <stdbool.h>

enum { LINE_INDEX_LINE = 64 }; /* bytes, and what it is best aligned to */

struct line_index {
    const uint8_t *at;
    size_t lines; /* at least one */
    size_t rows;
};

/* How many lines an index of so many rows has when it is built here. */
size_t line_index_lines(size_t rows);

/* Writes that many lines. */
void line_index_build(const struct sorted_rows *rows, size_t len, uint8_t *out);

/* The line that is looked at for a digest; its successor may be, too. */
size_t line_index_line(const struct line_index *index, const uint8_t *digest);

/* If `digest` has rows, they are among those from `low` to before `high`, at least one and mostly
 * no more. False: it has none. */
bool line_index_look(
    const struct line_index *index, const uint8_t *digest, size_t *low, size_t *high);

#endif
