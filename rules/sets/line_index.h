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

#include "base/bytes.h"
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

/* Where a digest has its place: what it begins with, as a fraction, times the number of lines. The
 * whole part is the line, the rest says where in it. */
struct line_place {
    size_t line;
    unsigned bucket;
    uint8_t print;
};

static inline struct line_place
line_index_place(const struct line_index *index, const uint8_t *digest)
{
    __extension__ typedef unsigned __int128 u128;
    u128 product = (u128)sorted_lead(digest) * index->lines;
    uint64_t rest = (uint64_t)product;
    return (struct line_place){
        (size_t)(product >> 64), (unsigned)(rest >> 60), (uint8_t)(rest >> 52)};
}

static inline const uint8_t *
line_index_at(const struct line_index *index, struct line_place place)
{
    return index->at + place.line * LINE_INDEX_LINE;
}

/* Its line comes from memory meanwhile. */
static inline void
line_index_expect(const struct line_index *index, const uint8_t *digest)
{
    __builtin_prefetch(line_index_at(index, line_index_place(index, digest)));
}

/* If a digest with that place has rows, they are among those from `low` to before `high`, at least
 * one and mostly no more. False: it has none. Looked at are its line and sometimes the next one. */
static inline bool line_index_look(
    const struct line_index *index, struct line_place place, size_t *low, size_t *high);

/* How it is looked up. */
enum {
    LINE_PRINTS = 48,
    LINE_BUCKETS = 16,
    LINE_BITS = 6, /* of a bucket's end */
    LINE_ENDS_AT = LINE_PRINTS,
    LINE_FIRST_AT = LINE_ENDS_AT + LINE_BUCKETS * LINE_BITS / 8,
    LINE_AT_ONCE = 8,
};

/* The rows of a bucket that is crowded, or whose prints are not all there. */
bool line_index_search(const struct line_index *index, size_t line, unsigned start, unsigned end,
    size_t *low, size_t *high);

/* The top bit of each of eight bytes that is zero (H. Warren, "Hacker's Delight", 6-1). */
static inline uint64_t
line_zero_bytes(uint64_t bytes)
{
    const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    return ~(((bytes & low) + low) | bytes | low);
}

/* Both ends of a bucket are read at once, from the byte before all ends, so that the first one is
 * no exception but for its start. Prints are compared eight at once; what is read behind those of
 * the bucket is in the line still, and left out. */
static inline bool
line_index_look(const struct line_index *index, struct line_place place, size_t *low, size_t *high)
{
    const uint8_t *line = line_index_at(index, place);
    unsigned bit = 8 - LINE_BITS + LINE_BITS * place.bucket;
    unsigned ends = load_u32le(line + LINE_ENDS_AT - 1 + bit / 8) >> bit % 8;
    unsigned start = place.bucket ? ends & 63 : 0;
    unsigned end = ends >> LINE_BITS & 63;
    if (__builtin_expect(end > LINE_PRINTS || end > start + LINE_AT_ONCE, 0))
        return line_index_search(index, place.line, start, end, low, high);
    uint64_t print = place.print * UINT64_C(0x0101010101010101);
    uint64_t same = line_zero_bytes(load_u64le(line + start) ^ print);
    if (end <= start)
        return false;
    same &= UINT64_MAX >> 8 * (LINE_AT_ONCE - (end - start));
    if (!same)
        return false;
    size_t first = (size_t)load_u32le(line + LINE_FIRST_AT) + start;
    *low = first + (size_t)__builtin_ctzll(same) / 8;
    *high = first + (size_t)(63 - __builtin_clzll(same)) / 8 + 1;
    return *high <= index->rows;
}

#endif
