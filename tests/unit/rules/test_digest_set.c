/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sets/digest_set.h"

#include <check.h>

static struct pool pool;
static size_t dropped;

static void
count_dropped(void *owner, struct digest_row row)
{
    ck_assert_ptr_eq(owner, &dropped);
    ck_assert_uint_gt(row.line, 0);
    dropped++;
}

static void
start(void)
{
    pool = (struct pool){.limit = SIZE_MAX};
    dropped = 0;
}

static void
finish(void)
{
    ck_assert_uint_eq(pool.used, 0);
}

/* Digests as good as any: those of a counter, by a mixing of bits (splitmix64). */
static void
make(uint64_t number, uint8_t digest[32])
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = number * 4 + (uint64_t)i + UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        z ^= z >> 31;
        memcpy(digest + 8 * i, &z, 8);
    }
}

START_TEST(what_was_added_is_found_and_nothing_else)
{
    static const size_t lengths[] = {16, 20, 32};
    static const uint32_t counts[] = {1, 2, 13, 1000, 20000};
    for (size_t l = 0; l < 3; l++)
        for (size_t c = 0; c < 5; c++) {
            struct digest_set set = digest_set_new(&pool, lengths[l]);
            uint8_t digest[32];
            size_t first = 0;
            for (uint32_t i = 0; i < counts[c]; i++) {
                make(i, digest);
                ck_assert(digest_set_add(&set, digest, (struct digest_row){i ^ 5, i + 1, 0}));
            }
            digest_set_finish(&set, &dropped, count_dropped);
            ck_assert_uint_eq(set.len, counts[c]);
            for (uint32_t i = 0; i < 2 * counts[c]; i++) {
                make(i, digest);
                ck_assert_uint_eq(digest_set_find(&set, digest, &first), i < counts[c]);
                if (i >= counts[c])
                    continue;
                ck_assert_uint_eq(digest_set_row(&set, first).meta, i ^ 5);
                ck_assert_uint_eq(digest_set_row(&set, first).line, i + 1);
            }
            digest_set_free(&set);
        }
    ck_assert_uint_eq(dropped, 0);
}
END_TEST

START_TEST(an_empty_set_has_nothing)
{
    struct digest_set set = digest_set_new(&pool, 20);
    uint8_t digest[20] = {0};
    size_t first;
    digest_set_finish(&set, &dropped, count_dropped);
    ck_assert_uint_eq(digest_set_find(&set, digest, &first), 0);
    digest_set_free(&set);
}
END_TEST

START_TEST(the_same_digest_may_have_several_rows_in_order)
{
    struct digest_set set = digest_set_new(&pool, 16);
    uint8_t digest[32];
    size_t first = 0;
    make(7, digest);
    for (uint32_t i = 0; i < 100; i++)
        digest_set_add(&set, digest, (struct digest_row){99 - i, i + 1, 0});
    digest_set_add(&set, digest, (struct digest_row){5, 200, 0});
    digest_set_add(&set, digest, (struct digest_row){5, 3, 0});
    digest_set_finish(&set, &dropped, count_dropped);
    ck_assert_uint_eq(dropped, 2);
    ck_assert_uint_eq(digest_set_find(&set, digest, &first), 100);
    for (uint32_t i = 0; i < 100; i++) {
        ck_assert_uint_eq(digest_set_row(&set, first + i).meta, i);
        ck_assert_uint_eq(digest_set_row(&set, first + i).line, i == 5 ? 3 : 100 - i);
    }
    digest_set_free(&set);
}
END_TEST

START_TEST(digests_that_begin_alike_are_told_apart)
{
    struct digest_set set = digest_set_new(&pool, 32);
    uint8_t digest[32] = {0};
    size_t first = 0;
    for (uint32_t i = 0; i < 5000; i++) {
        digest[30] = (uint8_t)(i >> 8);
        digest[31] = (uint8_t)i;
        digest_set_add(&set, digest, (struct digest_row){i, 1, 0});
    }
    digest_set_finish(&set, &dropped, count_dropped);
    for (uint32_t i = 0; i < 6000; i++) {
        digest[30] = (uint8_t)(i >> 8);
        digest[31] = (uint8_t)i;
        ck_assert_uint_eq(digest_set_find(&set, digest, &first), i < 5000);
        ck_assert(i >= 5000 || digest_set_row(&set, first).meta == i);
    }
    digest_set_free(&set);
}
END_TEST

START_TEST(many_digests_take_less_than_43_bytes_each)
{
    enum { MANY = 200000 };
    struct digest_set set = digest_set_new(&pool, 32);
    uint8_t digest[32];
    for (uint32_t i = 0; i < MANY; i++) {
        make(i, digest);
        digest_set_add(&set, digest, (struct digest_row){0, i + 1, 0});
    }
    digest_set_finish(&set, &dropped, count_dropped);
    ck_assert_uint_eq(set.len, MANY);
    ck_assert_uint_lt(pool.used, MANY * 43);
    digest_set_free(&set);
}
END_TEST

START_TEST(without_memory_for_the_index_all_is_found_still)
{
    struct digest_set set = digest_set_new(&pool, 16);
    uint8_t digest[32];
    size_t first;
    for (uint32_t i = 0; i < 1000; i++) {
        make(i, digest);
        digest_set_add(&set, digest, (struct digest_row){i, i, 0});
    }
    pool.limit = pool.used;
    ck_assert(pool.refused == 0);
    make(1, digest);
    while (digest_set_add(&set, digest, (struct digest_row){0, 1, 0}))
        continue; /* until there is no room */
    pool.limit = 1;
    digest_set_finish(&set, &dropped, count_dropped);
    ck_assert_uint_eq(set.index.lines, 0);
    for (uint32_t i = 0; i < 1100; i++) {
        make(i, digest);
        ck_assert_uint_eq(digest_set_find(&set, digest, &first) > 0, i < 1000);
    }
    digest_set_free(&set);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/sets/digest_set");
    TCase *t = tcase_create("digest_set");
    tcase_add_checked_fixture(t, start, finish);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, what_was_added_is_found_and_nothing_else);
    tcase_add_test(t, an_empty_set_has_nothing);
    tcase_add_test(t, the_same_digest_may_have_several_rows_in_order);
    tcase_add_test(t, digests_that_begin_alike_are_told_apart);
    tcase_add_test(t, many_digests_take_less_than_43_bytes_each);
    tcase_add_test(t, without_memory_for_the_index_all_is_found_still);
    suite_add_tcase(s, t);
    return s;
}
