/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include <check.h>
#include <stdalign.h>

START_TEST(a_pool_says_no_at_its_limit_and_yes_again_after)
{
    struct pool pool = {.limit = 100};
    void *most = pool_take(&pool, 60);
    void *rest = pool_take(&pool, 40);
    ck_assert_ptr_nonnull(most);
    ck_assert_ptr_nonnull(rest);
    ck_assert_ptr_null(pool_take(&pool, 1));
    ck_assert_uint_eq(pool.refused, 1);
    ck_assert_uint_eq(pool.used, 100);
    pool_give(&pool, most, 60);
    ck_assert_ptr_null(pool_take(&pool, 61));
    void *again = pool_take(&pool, 60);
    ck_assert_ptr_nonnull(again);
    pool_give(&pool, again, 60);
    pool_give(&pool, rest, 40);
    ck_assert_uint_eq(pool.used, 0);
    ck_assert_uint_eq(pool.peak, 100);
    ck_assert_uint_eq(pool.refused, 2);
}
END_TEST

START_TEST(a_size_beyond_all_memory_is_refused_and_not_added_up)
{
    struct pool pool = {.limit = 100};
    void *some = pool_take(&pool, 50);
    ck_assert_ptr_null(pool_take(&pool, SIZE_MAX));
    ck_assert_ptr_null(pool_take(&pool, SIZE_MAX - 49));
    ck_assert_uint_eq(pool.used, 50);
    pool_give(&pool, some, 50);
}
END_TEST

START_TEST(nothing_may_be_taken_and_given_back)
{
    struct pool pool = {.limit = 0};
    void *nothing = pool_take(&pool, 0);
    ck_assert_ptr_nonnull(nothing);
    pool_give(&pool, nothing, 0);
    pool_give(&pool, NULL, 17);
    ck_assert_uint_eq(pool.used, 0);
}
END_TEST

START_TEST(growing_keeps_what_was_there_and_clears_what_is_new)
{
    struct pool pool = {.limit = 64};
    uint8_t *taken = pool_resize(&pool, NULL, 0, 4);
    memcpy(taken, "abcd", 4);
    uint8_t *grown = pool_resize(&pool, taken, 4, 64);
    ck_assert_mem_eq(grown, "abcd", 4);
    for (int i = 4; i < 64; i++)
        ck_assert_uint_eq(grown[i], 0);
    ck_assert_ptr_null(pool_resize(&pool, grown, 64, 65));
    ck_assert_mem_eq(grown, "abcd", 4);
    uint8_t *shrunk = pool_resize(&pool, grown, 64, 2);
    ck_assert_mem_eq(shrunk, "ab", 2);
    ck_assert_uint_eq(pool.used, 2);
    ck_assert_uint_eq(pool.peak, 64);
    pool_give(&pool, shrunk, 2);
    ck_assert_uint_eq(pool.used, 0);
}
END_TEST

START_TEST(an_arena_hands_out_zeroed_aligned_pieces_of_any_size)
{
    static const size_t sizes[] = {0, 1, 3, 16, 17, 100, 2000, 2048, 5000, 1, 1900, 70000, 8};
    struct pool pool = {.limit = 1 << 20};
    struct arena arena = {.pool = &pool};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint8_t *taken = arena_take(&arena, sizes[i]);
        ck_assert_ptr_nonnull(taken);
        ck_assert_uint_eq((uintptr_t)taken % alignof(max_align_t), 0);
        for (size_t k = 0; k < sizes[i]; k++)
            ck_assert_uint_eq(taken[k], 0);
        if (sizes[i])
            memset(taken, 0xee, sizes[i]);
    }
    arena_empty(&arena);
    ck_assert_uint_eq(pool.used, 0);
    ck_assert_ptr_nonnull(arena_take(&arena, 10));
    arena_empty(&arena);
    ck_assert_uint_eq(pool.used, 0);
}
END_TEST

START_TEST(small_pieces_share_a_chunk_even_around_a_large_one)
{
    struct pool pool = {.limit = 1 << 20};
    struct arena arena = {.pool = &pool};
    arena_take(&arena, 8);
    size_t one_chunk = pool.used;
    arena_take(&arena, 50000);
    size_t with_large = pool.used;
    for (int i = 0; i < 50; i++)
        arena_take(&arena, 16);
    ck_assert_uint_eq(pool.used, with_large);
    ck_assert_uint_lt(one_chunk, 4096);
    arena_empty(&arena);
    ck_assert_uint_eq(pool.used, 0);
}
END_TEST

START_TEST(an_arena_without_room_says_no_and_stays_whole)
{
    struct pool pool = {.limit = 3000};
    struct arena arena = {.pool = &pool};
    bool ok = true;
    uint8_t *first = arena_take(&arena, 100);
    memset(first, 7, 100);
    ck_assert_ptr_null(arena_take(&arena, 4000));
    ck_assert_ptr_null(arena_take(&arena, SIZE_MAX));
    ck_assert_ptr_null(arena_take(&arena, SIZE_MAX - 20));
    struct bytes copy = arena_copy(&arena, bytes_of(first, 100), &ok);
    ck_assert(ok && bytes_equal(copy, bytes_of(first, 100)) && copy.at != first);
    static const uint8_t large[4000];
    copy = arena_copy(&arena, bytes_of(large, sizeof large), &ok);
    ck_assert(!ok && copy.len == 0);
    copy = arena_copy(&arena, (struct bytes){0}, &ok);
    ck_assert(ok && copy.len == 0);
    arena_empty(&arena);
    ck_assert_uint_eq(pool.used, 0);
}
END_TEST

START_TEST(an_array_grows_by_what_is_added)
{
    struct pool pool = {.limit = 4096};
    uint32_t *at = NULL;
    size_t room = 0;
    size_t len = 0;
    for (uint32_t *grown; (grown = pool_grow(&pool, at, &room, len, sizeof *at)); len++) {
        at = grown;
        at[len] = (uint32_t)len;
        ck_assert_uint_gt(room, len);
        ck_assert_uint_eq(pool.used, room * sizeof *at);
    }
    ck_assert_uint_eq(len, room); /* the pool said no: all is as it was */
    ck_assert_uint_gt(len, 100);
    for (size_t i = 0; i < len; i++)
        ck_assert_uint_eq(at[i], i);
    pool_give(&pool, at, room * sizeof *at);
    ck_assert_uint_eq(pool.used, 0);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("pool");
    TCase *c = tcase_create("pool");
    tcase_add_test(c, a_pool_says_no_at_its_limit_and_yes_again_after);
    tcase_add_test(c, a_size_beyond_all_memory_is_refused_and_not_added_up);
    tcase_add_test(c, nothing_may_be_taken_and_given_back);
    tcase_add_test(c, growing_keeps_what_was_there_and_clears_what_is_new);
    tcase_add_test(c, an_arena_hands_out_zeroed_aligned_pieces_of_any_size);
    tcase_add_test(c, small_pieces_share_a_chunk_even_around_a_large_one);
    tcase_add_test(c, an_arena_without_room_says_no_and_stays_whole);
    tcase_add_test(c, an_array_grows_by_what_is_added);
    suite_add_tcase(s, c);
    return s;
}
