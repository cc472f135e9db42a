/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sets/sorted_rows.h"

#include <check.h>
#include <string.h>

enum { MOST = 300, LEN = 20, SIZE = 24 };

static uint8_t content[MOST * SIZE];

/* Digests with these leading numbers, each so many times. */
static struct sorted_rows
fill(const uint64_t *leads, size_t len)
{
    memset(content, 0x5a, sizeof content);
    for (size_t i = 0; i < len; i++)
        for (size_t k = 0; k < 8; k++)
            content[i * SIZE + k] = (uint8_t)(leads[i] >> (56 - 8 * k));
    return (struct sorted_rows){content, SIZE, LEN};
}

static void
digest_of(uint64_t lead, uint8_t digest[LEN])
{
    memset(digest, 0x5a, LEN);
    for (size_t k = 0; k < 8; k++)
        digest[k] = (uint8_t)(lead >> (56 - 8 * k));
}

/* Of evenly spread ones, of ones that all lie at one end, and of ones that grow by doubling: all
 * are found, what lies between them is not. */
static uint64_t
lead_of(int kind, size_t i)
{
    switch (kind) {
    case 0:
        return (i + 1) * (UINT64_MAX / (MOST + 2));
    case 1:
        return (i + 1) * 2;
    case 2:
        return UINT64_MAX - 2 * (MOST - i);
    default:
        return UINT64_C(1) << (2 + i % 60);
    }
}

START_TEST(rows_are_found_wherever_they_stand)
{
    for (int kind = 0; kind < 4; kind++)
        for (size_t len = 1; len <= (kind == 3 ? 60 : MOST); len += 1 + len / 3) {
            uint64_t leads[MOST];
            for (size_t i = 0; i < len; i++)
                leads[i] = lead_of(kind, i);
            struct sorted_rows rows = fill(leads, len);
            for (size_t i = 0; i < len; i++) {
                uint8_t digest[LEN];
                size_t first = SIZE_MAX;
                digest_of(leads[i], digest);
                ck_assert_uint_eq(sorted_rows_find(&rows, 0, len, digest, &first), 1);
                ck_assert_uint_eq(first, i);
                digest_of(leads[i] + 1, digest);
                ck_assert_uint_eq(sorted_rows_find(&rows, 0, len, digest, &first), 0);
                digest_of(leads[i], digest);
                digest[LEN - 1]++;
                ck_assert_uint_eq(sorted_rows_find(&rows, 0, len, digest, &first), 0);
            }
        }
}
END_TEST

START_TEST(the_first_of_equal_rows_is_told_and_how_many_they_are)
{
    const uint64_t leads[] = {5, 7, 7, 7, 7, 7, 9};
    struct sorted_rows rows = fill(leads, 7);
    uint8_t digest[LEN];
    size_t first = 0;
    digest_of(7, digest);
    ck_assert_uint_eq(sorted_rows_find(&rows, 0, 7, digest, &first), 5);
    ck_assert_uint_eq(first, 1);
    ck_assert_uint_eq(sorted_rows_find(&rows, 3, 5, digest, &first), 2);
    ck_assert_uint_eq(first, 3);
    ck_assert_uint_eq(sorted_rows_find(&rows, 3, 3, digest, &first), 0);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/sets/sorted_rows");
    TCase *t = tcase_create("sorted_rows");
    tcase_add_test(t, rows_are_found_wherever_they_stand);
    tcase_add_test(t, the_first_of_equal_rows_is_told_and_how_many_they_are);
    suite_add_tcase(s, t);
    return s;
}
