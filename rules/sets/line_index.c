/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sets/line_index.h"

#include <endian.h>
#include <string.h>

enum {
    PRINTS = 48,
    BUCKETS = 16,
    BITS = 6, /* of a bucket's end */
    ENDS_AT = PRINTS,
    FIRST_AT = ENDS_AT + BUCKETS * BITS / 8,
    MEAN = 36, /* rows of a line: fewer cost memory, more of them crowd one line in twenty */
    AT_ONCE = 8,
};

_Static_assert(FIRST_AT + 4 == LINE_INDEX_LINE, "a line is full");

__extension__ typedef unsigned __int128 u128;

struct place {
    size_t line;
    unsigned bucket;
    uint8_t print;
};

/* What a digest begins with, as a fraction, times the number of lines: the whole part is the line,
 * the rest says where in it. */
static inline struct place
place_of(const uint8_t *digest, size_t lines)
{
    u128 product = (u128)sorted_lead(digest) * lines;
    uint64_t rest = (uint64_t)product;
    return (struct place){(size_t)(product >> 64), (unsigned)(rest >> 60), (uint8_t)(rest >> 52)};
}

static inline uint32_t
u32_at(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return le32toh(value);
}

static inline uint64_t
u64_at(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return le64toh(value);
}

size_t
line_index_lines(size_t rows)
{
    return rows / MEAN + 1;
}

static void
write_line(uint8_t *line, const unsigned ends[BUCKETS], size_t first)
{
    u128 bits = (u128)first << BUCKETS * BITS;
    for (unsigned i = 0; i < BUCKETS; i++)
        bits |= (u128)ends[i] << BITS * i;
    for (unsigned i = 0; i < LINE_INDEX_LINE - ENDS_AT; i++)
        *(line + ENDS_AT + i) = (uint8_t)(bits >> 8 * i);
}

void
line_index_build(const struct sorted_rows *rows, size_t len, uint8_t *out)
{
    size_t lines = line_index_lines(len);
    size_t row = 0;
    memset(out, 0, lines * LINE_INDEX_LINE);
    for (size_t line = 0; line < lines; line++) {
        size_t first = row;
        unsigned ends[BUCKETS];
        unsigned count = 0;
        for (unsigned bucket = 0; bucket < BUCKETS; bucket++) {
            for (; row < len; row++) {
                struct place p = place_of(rows->at + row * rows->size, lines);
                if (p.line != line || p.bucket != bucket)
                    break;
                if (count < PRINTS)
                    *(out + line * LINE_INDEX_LINE + count) = p.print;
                count += count <= PRINTS;
            }
            ends[bucket] = count;
        }
        write_line(out + line * LINE_INDEX_LINE, ends, first);
    }
}

size_t
line_index_line(const struct line_index *index, const uint8_t *digest)
{
    return place_of(digest, index->lines).line;
}

/* Rows of a bucket whose prints are not all there. */
static bool
look_beyond(const struct line_index *index, size_t line, unsigned start, size_t *low, size_t *high)
{
    const uint8_t *at = index->at + line * LINE_INDEX_LINE;
    *low = (size_t)u32_at(at + FIRST_AT) + (start < PRINTS ? start : PRINTS);
    *high = line + 1 < index->lines ? u32_at(at + LINE_INDEX_LINE + FIRST_AT) : index->rows;
    return *low < *high && *high <= index->rows;
}

/* The top bit of each of eight bytes that is zero (H. Warren, "Hacker's Delight", 6-1). */
static inline uint64_t
zero_bytes(uint64_t bytes)
{
    const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    return ~(((bytes & low) + low) | bytes | low);
}

/* Eight prints are compared at once; what is read behind those of the bucket is in the line still,
 * and left out. */
bool
line_index_look(const struct line_index *index, const uint8_t *digest, size_t *low, size_t *high)
{
    struct place p = place_of(digest, index->lines);
    const uint8_t *line = index->at + p.line * LINE_INDEX_LINE;
    unsigned before = p.bucket ? BITS * (p.bucket - 1) : 0; /* bits */
    unsigned both = u32_at(line + ENDS_AT + before / 8) >> before % 8;
    unsigned start = p.bucket ? both & 63 : 0;
    unsigned end = p.bucket ? both >> BITS & 63 : both & 63;
    if (__builtin_expect(end > PRINTS, 0))
        return look_beyond(index, p.line, start, low, high);
    if (start >= end)
        return false;
    size_t first = (size_t)u32_at(line + FIRST_AT) + start;
    *low = first;
    *high = first + (end - start);
    if (__builtin_expect(end - start <= AT_ONCE, 1)) {
        uint64_t print = p.print * UINT64_C(0x0101010101010101);
        uint64_t same = zero_bytes(u64_at(line + start) ^ print);
        same &= UINT64_MAX >> 8 * (AT_ONCE - (end - start));
        if (!same)
            return false;
        *low = first + (size_t)__builtin_ctzll(same) / 8;
        *high = first + (size_t)(63 - __builtin_clzll(same)) / 8 + 1;
    }
    return *high <= index->rows;
}
