/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/flows/past.h"

#include <check.h>

static struct pool pool;
static struct past *past;
static struct past_shelf shelf;
static uint8_t stream[20000];

/* Bytes of the stream, which begins at 0xffffff00 so that sequence numbers wrap in it. */
enum { FIRST = (int)0xffffff00 };

static struct bytes
part(size_t from, size_t len)
{
    return bytes_of(stream + from, len);
}

static uint32_t
seq_of(size_t place)
{
    return (uint32_t)FIRST + (uint32_t)place;
}

static void
add(size_t from, size_t len)
{
    past_add(&past, seq_of(from + len), part(from, len), &shelf);
}

static bool
differs(size_t from, size_t len)
{
    return past_differs(past, seq_of(from), part(from, len));
}

static void
begin(void)
{
    pool = (struct pool){.limit = 4 << 20};
    shelf = (struct past_shelf){.pool = &pool};
    for (size_t i = 0; i < sizeof stream; i++)
        stream[i] = (uint8_t)(i * 7 + i / 256);
}

static void
end(void)
{
    past_drop(&past, &shelf);
    past_shelf_clear(&shelf);
    ck_assert_uint_eq(pool.used, 0);
}

START_TEST(what_is_the_same_does_not_differ)
{
    for (size_t at = 0; at < 19000; at += 500)
        add(at, 500);
    for (size_t from = 0; from < 19500; from += 37)
        for (size_t len = 0; len < 500; len += 99)
            ck_assert(!differs(from, len));
}
END_TEST

START_TEST(each_byte_that_is_kept_counts)
{
    add(0, 1000);
    add(1000, 1500);
    for (size_t i = 0; i < 2500; i++) {
        stream[i] ^= 1;
        ck_assert(differs(i, 1));
        ck_assert(differs(i > 3 ? i - 3 : 0, 9));
        ck_assert(differs(0, 4000));
        ck_assert(!differs(i + 1, 100));
        stream[i] ^= 1;
    }
}
END_TEST

START_TEST(what_is_long_ago_or_unknown_does_not_differ)
{
    ck_assert(!differs(0, 10));
    for (size_t at = 0; at < 10000; at += 100)
        add(at, 100);
    memset(stream, 0x5a, 5900);
    ck_assert(!differs(0, 5800));
    ck_assert(!differs(10000, 100));
    stream[9990] ^= 1;
    ck_assert(differs(9000, 1000));
}
END_TEST

START_TEST(a_gap_ends_what_is_before_it)
{
    add(0, 100);
    add(200, 100);
    stream[50] ^= 1;
    stream[150] ^= 1;
    ck_assert(!differs(0, 200));
    stream[250] ^= 1;
    ck_assert(differs(0, 300));
}
END_TEST

START_TEST(more_than_is_kept_comes_at_once)
{
    add(0, 10000);
    stream[9999 - PAST_BYTES] ^= 1;
    ck_assert(!differs(0, 10000));
    stream[10000 - PAST_BYTES] ^= 1;
    ck_assert(differs(0, 10000));
}
END_TEST

START_TEST(without_room_nothing_is_kept)
{
    pool.limit = 100;
    add(0, 100);
    stream[0] ^= 1;
    ck_assert(!differs(0, 100));
}
END_TEST

/* Small pieces, so that it grows through all its sizes; what was there before stays. */
START_TEST(it_grows_and_forgets_nothing)
{
    size_t few = sizeof(struct past) + 300;
    for (size_t at = 0; at < PAST_BYTES; at += 8) {
        add(at, 8);
        if (at < 200)
            ck_assert_uint_lt(pool.used, few);
        stream[0] ^= 1;
        ck_assert(differs(0, 1));
        stream[0] ^= 1;
        ck_assert(!differs(0, at + 8));
    }
}
END_TEST

START_TEST(without_room_to_grow_the_latest_is_kept)
{
    add(0, 200);
    pool.limit = pool.used;
    add(200, 200);
    stream[399] ^= 1;
    ck_assert(differs(390, 10));
    stream[0] ^= 1;
    ck_assert(!differs(0, 100));
}
END_TEST

START_TEST(a_past_from_the_shelf_is_empty)
{
    add(0, 3000);
    past_drop(&past, &shelf);
    size_t used = pool.used;
    add(3000, 1010);
    ck_assert_uint_eq(pool.used, used);
    stream[0] ^= 1;
    ck_assert(!differs(0, 3000));
    ck_assert(!differs(3000, 1010));
}
END_TEST

START_TEST(the_shelf_holds_so_many)
{
    static struct past *pasts[200];
    for (size_t i = 0; i < 200; i++)
        past_add(&pasts[i], 4000, part(0, 4000), &shelf);
    for (size_t i = 0; i < 200; i++)
        past_drop(&pasts[i], &shelf);
    ck_assert_uint_gt(pool.used, 0);
    ck_assert_uint_lt(pool.used, 100 * (sizeof(struct past) + PAST_BYTES));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("past");
    TCase *tests = tcase_create("past");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, what_is_the_same_does_not_differ);
    tcase_add_test(tests, each_byte_that_is_kept_counts);
    tcase_add_test(tests, what_is_long_ago_or_unknown_does_not_differ);
    tcase_add_test(tests, a_gap_ends_what_is_before_it);
    tcase_add_test(tests, more_than_is_kept_comes_at_once);
    tcase_add_test(tests, without_room_nothing_is_kept);
    tcase_add_test(tests, it_grows_and_forgets_nothing);
    tcase_add_test(tests, without_room_to_grow_the_latest_is_kept);
    tcase_add_test(tests, a_past_from_the_shelf_is_empty);
    tcase_add_test(tests, the_shelf_holds_so_many);
    suite_add_tcase(suite, tests);
    return suite;
}
