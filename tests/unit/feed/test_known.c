/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/known.h"
#include "tests/support/told.h"

#include <check.h>

static const int64_t day = INT64_C(86400000000000);

static struct certificate
certificate_of(uint8_t tag)
{
    struct certificate certificate = {0};
    told_digests(&certificate, tag);
    return certificate;
}

START_TEST(a_certificate_is_told_once_a_day_in_each_role)
{
    struct known *known = known_new(day, 10);
    struct certificate one = certificate_of(1), two = certificate_of(2);
    ck_assert(known_is_due(known, &one, SERVER, 5));
    ck_assert(!known_is_due(known, &one, SERVER, 5));
    ck_assert(known_is_due(known, &one, CLIENT, 5));
    ck_assert(known_is_due(known, &two, SERVER, 5));
    ck_assert(!known_is_due(known, &one, SERVER, 5 + day - 1));
    ck_assert(known_is_due(known, &one, SERVER, 5 + day));
    ck_assert(!known_is_due(known, &one, SERVER, 5 + day + 1));
    ck_assert_uint_eq(known_count(known), 3);
    known_free(known);
}
END_TEST

START_TEST(absurd_times_are_no_trouble)
{
    struct known *known = known_new(day, 10);
    struct certificate one = certificate_of(1);
    ck_assert(known_is_due(known, &one, SERVER, INT64_MAX));
    ck_assert(!known_is_due(known, &one, SERVER, INT64_MIN));
    known_free(known);
    known = known_new(day, 10);
    ck_assert(known_is_due(known, &one, SERVER, INT64_MIN));
    ck_assert(known_is_due(known, &one, SERVER, INT64_MAX));
    known_free(known);
}
END_TEST

START_TEST(the_one_told_longest_ago_is_forgotten_first)
{
    struct known *known = known_new(day, 3);
    struct certificate c[4];
    for (uint8_t i = 0; i < 4; i++)
        c[i] = certificate_of(i);
    for (size_t i = 0; i < 3; i++)
        ck_assert(known_is_due(known, &c[i], SERVER, 0));
    ck_assert(known_is_due(known, &c[0], SERVER, day)); /* now the newest */
    ck_assert(known_is_due(known, &c[3], SERVER, day));
    ck_assert_uint_eq(known_count(known), 3);
    ck_assert(!known_is_due(known, &c[0], SERVER, day + 1));
    ck_assert(!known_is_due(known, &c[2], SERVER, day - 1));
    ck_assert(known_is_due(known, &c[1], SERVER, day));
    known_free(known);
}
END_TEST

START_TEST(without_a_time_or_without_room_everything_is_told)
{
    struct known *known = known_new(0, 3);
    struct certificate one = certificate_of(1);
    ck_assert(known_is_due(known, &one, SERVER, 0));
    ck_assert(known_is_due(known, &one, SERVER, 0));
    known_free(known);
    known = known_new(day, 0);
    ck_assert(known_is_due(known, &one, SERVER, 0));
    ck_assert(known_is_due(known, &one, SERVER, 0));
    known_free(known);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("known");
    TCase *tests = tcase_create("known");
    tcase_add_test(tests, a_certificate_is_told_once_a_day_in_each_role);
    tcase_add_test(tests, absurd_times_are_no_trouble);
    tcase_add_test(tests, the_one_told_longest_ago_is_forgotten_first);
    tcase_add_test(tests, without_a_time_or_without_room_everything_is_told);
    suite_add_tcase(suite, tests);
    return suite;
}
