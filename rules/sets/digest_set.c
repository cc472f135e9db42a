/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sets/digest_set.h"

#include <assert.h>
#include <sys/mman.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1: large pages for what is in memory already */
#endif

enum {
    TAIL = 8, /* meta and line behind each digest */
    MOST_ROW = 32 + TAIL,
    SHORT = 12, /* rows that are sorted by insertion */
    LARGE = 4 << 20,
};

static size_t
row_len(const struct digest_set *set)
{
    return set->digest_len + TAIL;
}

static uint8_t *
row_at(const struct digest_set *set, size_t index)
{
    return set->rows + index * row_len(set);
}

static void
put_u32(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t
get_u32(const uint8_t *at)
{
    struct reader r = reader_over(bytes_of(at, 4));
    return read_u32(&r);
}

struct digest_set
digest_set_new(struct pool *pool, size_t digest_len)
{
    assert(digest_len >= 16 && digest_len + TAIL <= MOST_ROW);
    return (struct digest_set){.digest_len = digest_len, .pool = pool};
}

/* Of its lines, and to align them. */
static size_t
index_size(size_t lines)
{
    return (lines + 1) * LINE_INDEX_LINE;
}

void
digest_set_free(struct digest_set *set)
{
    pool_give(set->pool, set->rows, set->room * row_len(set));
    pool_give(set->pool, set->index_memory, index_size(set->index.lines));
    *set = (struct digest_set){.digest_len = set->digest_len, .pool = set->pool};
}

/* What is looked up at random costs less in large pages. Merely a wish. */
static void
wish_for_large_pages(void *at, size_t size, int wish)
{
    const uintptr_t page = 4096;
    uintptr_t start = ((uintptr_t)at + page - 1) / page * page;
    uintptr_t end = ((uintptr_t)at + size) / page * page;
    if (at && size >= LARGE && end > start)
        madvise((void *)start, end - start, wish);
}

static bool
resize(struct digest_set *set, size_t room)
{
    uint8_t *rows =
        pool_resize(set->pool, set->rows, set->room * row_len(set), room * row_len(set));
    if (!rows)
        return false;
    set->rows = rows;
    set->room = room;
    return true;
}

bool
digest_set_add(struct digest_set *set, const uint8_t *digest, struct digest_row row)
{
    assert(!set->index.lines);
    if (set->len >= UINT32_MAX)
        return false;
    if (set->len == set->room && !resize(set, set->room + set->room / 4 + 16))
        return false;
    uint8_t *at = row_at(set, set->len++);
    memcpy(at, digest, set->digest_len);
    put_u32(at + set->digest_len, row.meta);
    put_u32(at + set->digest_len + 4, row.line);
    return true;
}

static void
sort_short(struct digest_set *set, size_t first, size_t end)
{
    size_t size = row_len(set);
    uint8_t moved[MOST_ROW];
    for (size_t i = first + 1; i < end; i++) {
        size_t to = i;
        while (to > first && memcmp(row_at(set, to - 1), row_at(set, i), size) > 0)
            to--;
        if (to == i)
            continue;
        memcpy(moved, row_at(set, i), size);
        memmove(row_at(set, to + 1), row_at(set, to), (i - to) * size);
        memcpy(row_at(set, to), moved, size);
    }
}

static void
swap(uint8_t *a, uint8_t *b, size_t size)
{
    uint8_t kept[MOST_ROW];
    memcpy(kept, a, size);
    memcpy(a, b, size);
    memcpy(b, kept, size);
}

/* Radix sort in place (McIlroy, Bostic, McIlroy: "Engineering Radix Sort"), by the byte at `depth`
 * and those behind it: needs no second array, which at ten million rows would double the memory.
 * Recurses at most once for each byte of a row. */
static void
sort_rows(struct digest_set *set, size_t first, size_t end, size_t depth)
{
    size_t start[257] = {0};
    size_t next[256];

    if (end - first <= SHORT) {
        sort_short(set, first, end);
        return;
    }
    for (size_t i = first; i < end; i++)
        start[row_at(set, i)[depth] + 1]++;
    for (size_t b = 0; b < 256; b++) {
        start[b + 1] += start[b];
        next[b] = start[b];
    }
    for (size_t b = 0; b < 256; b++)
        while (next[b] < start[b + 1]) {
            uint8_t *at = row_at(set, first + next[b]);
            if (*(at + depth) == b)
                next[b]++;
            else
                swap(at, row_at(set, first + next[at[depth]]++), row_len(set));
        }
    for (size_t b = 0; b < 256 && depth + 1 < row_len(set); b++)
        if (start[b + 1] - start[b] > 1)
            sort_rows(set, first + start[b], first + start[b + 1], depth + 1);
}

/* The row's line is its last and least part, so that the lowest line comes first and stays. */
static void
drop_repeats(struct digest_set *set, void *owner, void (*dropped)(void *, struct digest_row))
{
    size_t kept = 0;
    for (size_t i = 0; i < set->len; i++) {
        if (kept && memcmp(row_at(set, kept - 1), row_at(set, i), row_len(set) - 4) == 0)
            dropped(owner, digest_set_row(set, i));
        else if (kept++ != i)
            memcpy(row_at(set, kept - 1), row_at(set, i), row_len(set));
    }
    set->len = kept;
}

static struct sorted_rows
rows_of(const struct digest_set *set)
{
    return (struct sorted_rows){set->rows, row_len(set), set->digest_len};
}

/* Memory that cannot be had here costs speed only: the search then covers all rows. */
static void
build_index(struct digest_set *set)
{
    size_t lines = line_index_lines(set->len);
    struct sorted_rows rows = rows_of(set);
    set->index_memory = pool_take(set->pool, index_size(lines));
    if (!set->index_memory)
        return;
    wish_for_large_pages(set->index_memory, index_size(lines), MADV_HUGEPAGE);
    uintptr_t beyond = (uintptr_t)set->index_memory % LINE_INDEX_LINE;
    uint8_t *at = set->index_memory + (beyond ? LINE_INDEX_LINE - beyond : 0);
    line_index_build(&rows, set->len, at);
    set->index = (struct line_index){at, lines, set->len};
}

void
digest_set_finish(struct digest_set *set, void *owner, void (*dropped)(void *, struct digest_row))
{
    if (set->len == 0)
        return;
    wish_for_large_pages(set->rows, set->room * row_len(set), MADV_COLLAPSE);
    sort_rows(set, 0, set->len, 0);
    drop_repeats(set, owner, dropped);
    resize(set, set->len);
    build_index(set);
}

void
digest_set_expect(const struct digest_set *set, const uint8_t *digest)
{
    if (set->index.lines)
        line_index_expect(&set->index, digest);
}

/* Where rows of a digest can be; false: there are none. Without an index they can be anywhere. */
static inline bool
look(const struct digest_set *set, const uint8_t *digest, size_t *low, size_t *high)
{
    *low = 0;
    *high = set->len;
    if (!set->index.lines)
        return set->len > 0;
    return line_index_look(&set->index, line_index_place(&set->index, digest), low, high);
}

bool
digest_set_may_have(const struct digest_set *set, const uint8_t *digest)
{
    struct sorted_rows rows = rows_of(set);
    size_t low, high;
    if (!look(set, digest, &low, &high))
        return false;
    sorted_rows_expect(&rows, low);
    return true;
}

size_t
digest_set_find(const struct digest_set *set, const uint8_t *digest, size_t *first)
{
    struct sorted_rows rows = rows_of(set);
    size_t low, high;
    return look(set, digest, &low, &high) ? sorted_rows_find(&rows, low, high, digest, first) : 0;
}

const uint8_t *
digest_set_at(const struct digest_set *set, size_t index)
{
    assert(index < set->len);
    return row_at(set, index);
}

struct digest_row
digest_set_row(const struct digest_set *set, size_t index)
{
    const uint8_t *tail = row_at(set, index) + set->digest_len;
    return (struct digest_row){.meta = get_u32(tail), .line = get_u32(tail + 4)};
}
