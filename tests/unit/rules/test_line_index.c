/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sets/line_index.h"

#include <check.h>
#include <stdlib.h>

enum { LEN = 16, MOST = 50000 };

static uint8_t *content;
static uint8_t *lines;

static void
begin(void)
{
    content = calloc(MOST, LEN);
    lines = calloc(line_index_lines(MOST), LINE_INDEX_LINE);
}

static void
end(void)
{
    free(content);
    free(lines);
}

static uint64_t
mixed(uint64_t i)
{
    i = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    i = (i ^ i >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    return i ^ i >> 29;
}

static void
digest_of(uint64_t lead, uint64_t rest, uint8_t digest[LEN])
{
    for (size_t k = 0; k < 8; k++) {
        digest[k] = (uint8_t)(lead >> (56 - 8 * k));
        digest[k + 8] = (uint8_t)(rest >> (56 - 8 * k));
    }
}

static int
compare(const void *left, const void *right)
{
    return memcmp(left, right, LEN);
}

/* An index over the first `len` digests that were written. */
static struct line_index
build(size_t len, struct sorted_rows *rows)
{
    *rows = (struct sorted_rows){content, LEN, LEN};
    qsort(content, len, LEN, compare);
    line_index_build(rows, len, lines);
    return (struct line_index){lines, line_index_lines(len), len};
}

static bool
look(const struct line_index *index, const uint8_t *digest, size_t *low, size_t *high)
{
    return line_index_look(index, line_index_place(index, digest), low, high);
}

static void
all_are_found(const struct line_index *index, const struct sorted_rows *rows)
{
    for (size_t i = 0; i < index->rows; i++) {
        size_t low = SIZE_MAX;
        size_t high = 0;
        size_t first = SIZE_MAX;
        const uint8_t *digest = content + i * LEN;
        ck_assert(look(index, digest, &low, &high));
        ck_assert_uint_le(low, i);
        ck_assert_uint_gt(high, i);
        ck_assert_uint_le(high, index->rows);
        size_t count = sorted_rows_find(rows, low, high, digest, &first);
        ck_assert_uint_le(first, i);
        ck_assert_uint_gt(first + count, i);
        ck_assert(first == 0 || compare(content + (first - 1) * LEN, digest) != 0);
        ck_assert(first + count == index->rows ||
                  compare(digest + LEN * (first + count - i), digest) != 0);
    }
}

START_TEST(every_row_is_found_and_mostly_alone)
{
    static const size_t counts[] = {1, 2, 35, 36, 37, 1000, MOST};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        struct sorted_rows rows;
        size_t looked_at = 0;
        for (size_t i = 0; i < counts[c]; i++)
            digest_of(mixed(i), i, content + i * LEN);
        struct line_index index = build(counts[c], &rows);
        all_are_found(&index, &rows);
        for (size_t i = 0; i < counts[c]; i++) {
            size_t low, high;
            ck_assert(look(&index, content + i * LEN, &low, &high));
            looked_at += high - low;
        }
        ck_assert_uint_le(looked_at, counts[c] + counts[c] / 5);
    }
}
END_TEST

START_TEST(few_others_are_looked_for_among_the_rows)
{
    struct sorted_rows rows;
    size_t passed = 0;
    for (size_t i = 0; i < MOST; i++)
        digest_of(mixed(i), i, content + i * LEN);
    struct line_index index = build(MOST, &rows);
    for (size_t i = 0; i < MOST; i++) {
        uint8_t digest[LEN];
        size_t low, high, first;
        digest_of(mixed(MOST + i), i, digest);
        if (!look(&index, digest, &low, &high))
            continue;
        passed++;
        ck_assert_uint_eq(sorted_rows_find(&rows, low, high, digest, &first), 0);
    }
    ck_assert_uint_lt(passed, MOST / 50);
    ck_assert_uint_gt(passed, 0);
}
END_TEST

/* All in one bucket of one line; at both ends; in lines that are too full by one; all the same. */
START_TEST(rows_that_are_not_spread_evenly_are_found_as_well)
{
    for (int kind = 0; kind < 5; kind++)
        for (size_t len = 1; len < 3000; len += 1 + len / 2) {
            struct sorted_rows rows;
            for (size_t i = 0; i < len; i++) {
                const uint64_t leads[] = {
                    i, UINT64_MAX - i, i % 2 ? i : UINT64_MAX - i, 7, (uint64_t)(i / 49) << 58 | i};
                digest_of(leads[kind], kind == 3 ? i / 5 : i, content + i * LEN);
            }
            struct line_index index = build(len, &rows);
            all_are_found(&index, &rows);
        }
}
END_TEST

START_TEST(lines_that_nobody_wrote_lead_nowhere_else)
{
    enum { LINES = 4, ROWS = 100 };
    for (uint64_t i = 0; i < 200000; i++) {
        struct line_index index = {lines, LINES, ROWS};
        uint8_t digest[LEN];
        size_t low, high;
        for (uint64_t k = 0; k < LINES * LINE_INDEX_LINE / 8; k++) {
            uint64_t word = mixed(i * 64 + k);
            memcpy(lines + 8 * k, &word, 8);
        }
        for (uint64_t k = 0; k < LINES && i % 2; k++) { /* first rows that may be */
            uint32_t first = (uint32_t)(mixed(i + k) % (ROWS + 9));
            memcpy(lines + k * LINE_INDEX_LINE + LINE_INDEX_LINE - 4, &first, 4);
        }
        digest_of(mixed(~i), i, digest);
        ck_assert_uint_lt(line_index_place(&index, digest).line, LINES);
        if (look(&index, digest, &low, &high)) {
            ck_assert_uint_lt(low, high);
            ck_assert_uint_le(high, ROWS);
        }
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/sets/line_index");
    TCase *t = tcase_create("line_index");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, every_row_is_found_and_mostly_alone);
    tcase_add_test(t, few_others_are_looked_for_among_the_rows);
    tcase_add_test(t, rows_that_are_not_spread_evenly_are_found_as_well);
    tcase_add_test(t, lines_that_nobody_wrote_lead_nowhere_else);
    suite_add_tcase(s, t);
    return s;
}
