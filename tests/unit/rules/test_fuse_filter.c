/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sets/fuse_filter.h"

#include <check.h>
#include <stdlib.h>

static uint64_t
some_key(uint64_t i)
{
    i = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    return i ^ i >> 29;
}

static bool
has(const struct fuse_shape *shape, const uint8_t *filter, uint64_t key)
{
    struct fuse_places p = fuse_places(shape, key);
    uint8_t mark = p.mark;
    for (int k = 0; k < 3; k++) {
        ck_assert_uint_lt(p.at[k], fuse_len(shape));
        mark ^= filter[p.at[k]];
    }
    return mark == 0;
}

START_TEST(it_has_all_that_it_was_built_of_and_few_others)
{
    static const size_t counts[] = {0, 1, 2, 3, 10, 100, 1000, 65536, 300000};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        struct fuse_shape shape;
        uint64_t *keys = calloc(counts[c] + 1, sizeof *keys);
        for (size_t i = 0; i < counts[c]; i++)
            keys[i] = some_key(i);
        uint8_t *filter = fuse_build(keys, counts[c], &shape);
        ck_assert_ptr_nonnull(filter);
        ck_assert(fuse_shape_is_sound(&shape, fuse_len(&shape)));
        for (size_t i = 0; i < counts[c]; i++)
            ck_assert(has(&shape, filter, keys[i]));
        size_t others = 0;
        for (size_t i = 0; i < 100000; i++)
            others += has(&shape, filter, some_key(1000000 + i));
        ck_assert_uint_lt(others, 800); /* one in 256 */
        if (counts[c] >= 65536)
            ck_assert_uint_lt(fuse_len(&shape) * 100, counts[c] * 120);
        free(filter);
        free(keys);
    }
}
END_TEST

START_TEST(shapes_that_nobody_built_are_told)
{
    static const struct {
        struct fuse_shape shape;
        uint64_t len;
    } cases[] = {
        {{0, 0, 1}, 0},
        {{0, 3, 1}, 9},
        {{0, 4, 0}, 8},
        {{0, 4, 1}, 13},
        {{0, 1U << 19, 1}, 3U << 19},
        {{0, 1U << 18, UINT32_MAX}, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert(!fuse_shape_is_sound(&cases[i].shape, cases[i].len));
    const struct fuse_shape good = {0, 4, 1};
    ck_assert(fuse_shape_is_sound(&good, 12));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/fuse_filter");
    TCase *t = tcase_create("filter");
    tcase_add_test(t, it_has_all_that_it_was_built_of_and_few_others);
    tcase_add_test(t, shapes_that_nobody_built_are_told);
    suite_add_tcase(s, t);
    return s;
}
