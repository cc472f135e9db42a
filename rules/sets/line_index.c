/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sets/line_index.h"

#include <string.h>

enum { MEAN = 36 }; /* rows of a line: fewer cost memory, more of them crowd one line in twenty */

_Static_assert(LINE_FIRST_AT + 4 == LINE_INDEX_LINE, "a line is full");

__extension__ typedef unsigned __int128 u128;

size_t
line_index_lines(size_t rows)
{
    return rows / MEAN + 1;
}

static void
write_line(uint8_t *line, const unsigned ends[LINE_BUCKETS], size_t first)
{
    u128 bits = (u128)first << LINE_BUCKETS * LINE_BITS;
    for (unsigned i = 0; i < LINE_BUCKETS; i++)
        bits |= (u128)ends[i] << LINE_BITS * i;
    for (unsigned i = 0; i < LINE_INDEX_LINE - LINE_ENDS_AT; i++)
        *(line + LINE_ENDS_AT + i) = (uint8_t)(bits >> 8 * i);
}

void
line_index_build(const struct sorted_rows *rows, size_t len, uint8_t *out)
{
    size_t lines = line_index_lines(len);
    struct line_index index = {out, lines, len};
    size_t row = 0;
    memset(out, 0, lines * LINE_INDEX_LINE);
    for (size_t line = 0; line < lines; line++) {
        size_t first = row;
        unsigned ends[LINE_BUCKETS];
        unsigned count = 0;
        for (unsigned bucket = 0; bucket < LINE_BUCKETS; bucket++) {
            for (; row < len; row++) {
                struct line_place p = line_index_place(&index, rows->at + row * rows->size);
                if (p.line != line || p.bucket != bucket)
                    break;
                if (count < LINE_PRINTS)
                    *(out + line * LINE_INDEX_LINE + count) = p.print;
                count += count <= LINE_PRINTS;
            }
            ends[bucket] = count;
        }
        write_line(out + line * LINE_INDEX_LINE, ends, first);
    }
}

/* Ends contradict each other only where a file was made by somebody else. */
bool
line_index_search(const struct line_index *index, size_t line, unsigned start, unsigned end,
    size_t *low, size_t *high)
{
    const uint8_t *at = index->at + line * LINE_INDEX_LINE;
    size_t first = load_u32le(at + LINE_FIRST_AT);
    *low = first + (start < LINE_PRINTS ? start : LINE_PRINTS);
    *high = first + end;
    if (end > LINE_PRINTS)
        *high = line + 1 < index->lines ? load_u32le(at + LINE_INDEX_LINE + LINE_FIRST_AT)
                                        : index->rows;
    return *low < *high && *high <= index->rows;
}
