/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sets/digest_set.h"

#include "rules/sets/sorted_rows.h"

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
    MOST_BITS = 24,  /* of the directory: 64 MiB at most */
    ROWS_A_WORD = 5, /* of the filter: 13 bits a row, 1 in 50 misses passes */
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

static size_t
directory_size(const struct digest_set *set)
{
    return (((size_t)1 << set->bits) + 1) * sizeof *set->directory;
}

void
digest_set_free(struct digest_set *set)
{
    pool_give(set->pool, set->rows, set->room * row_len(set));
    pool_give(set->pool, set->directory, set->directory ? directory_size(set) : 0);
    pool_give(set->pool, set->filter, set->filter_words * sizeof *set->filter);
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
    assert(!set->directory);
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

static size_t
leading_bits(const struct digest_set *set, const uint8_t *digest)
{
    return get_u32(digest) >> (32 - set->bits);
}

/* Memory that cannot be had here costs speed only: the search then covers all rows. */
static void
build_directory(struct digest_set *set)
{
    set->bits = 1;
    while (set->bits < MOST_BITS && (size_t)2 << set->bits < set->len)
        set->bits++;
    set->directory = pool_take(set->pool, directory_size(set));
    if (!set->directory)
        return;
    wish_for_large_pages(set->directory, directory_size(set), MADV_HUGEPAGE);
    size_t row = 0;
    for (size_t slot = 0; slot <= (size_t)1 << set->bits; slot++) {
        while (row < set->len && leading_bits(set, row_at(set, row)) < slot)
            row++;
        set->directory[slot] = (uint32_t)row;
    }
}

/* A Bloom filter whose bits for one digest are all in one word, so that it costs one look into
 * memory (Putze, Sanders, Singler: "Cache-, Hash- and Space-Efficient Bloom Filters"). The digest
 * is its own hash: other bytes of it choose the word and the bits. */
static uint64_t
filter_bits(const uint8_t *digest)
{
    uint64_t bits = 0;
    for (int i = 8; i < 12; i++)
        bits |= UINT64_C(1) << (digest[i] & 63);
    return bits;
}

static size_t
filter_word(const struct digest_set *set, const uint8_t *digest)
{
    return (size_t)((uint64_t)get_u32(digest + 4) * set->filter_words >> 32);
}

static void
build_filter(struct digest_set *set)
{
    size_t words = set->len / ROWS_A_WORD + 1;
    set->filter = pool_take(set->pool, words * sizeof *set->filter);
    if (!set->filter)
        return;
    wish_for_large_pages(set->filter, words * sizeof *set->filter, MADV_HUGEPAGE);
    set->filter_words = words;
    for (size_t i = 0; i < set->len; i++)
        set->filter[filter_word(set, row_at(set, i))] |= filter_bits(row_at(set, i));
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
    build_directory(set);
    build_filter(set);
}

void
digest_set_expect(const struct digest_set *set, const uint8_t *digest)
{
    if (set->filter)
        __builtin_prefetch(&set->filter[filter_word(set, digest)]);
    if (set->directory)
        __builtin_prefetch(&set->directory[leading_bits(set, digest)]);
}

size_t
digest_set_find(const struct digest_set *set, const uint8_t *digest, size_t *first)
{
    struct sorted_rows rows = {set->rows, row_len(set), set->digest_len};
    size_t low = 0;
    size_t high = set->len;

    if (set->len == 0)
        return 0;
    if (set->filter &&
        (set->filter[filter_word(set, digest)] & filter_bits(digest)) != filter_bits(digest))
        return 0;
    if (set->directory) {
        size_t slot = leading_bits(set, digest);
        low = set->directory[slot];
        high = set->directory[slot + 1];
    }
    return sorted_rows_find(&rows, low, high, digest, set->directory ? set->bits : 0, first);
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
