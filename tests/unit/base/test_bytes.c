/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"
#include "tests/support/hex.h"

#include <check.h>
#include <stdlib.h>

START_TEST(a_reader_past_the_end_turns_bad_and_stays_bad)
{
    struct bytes b = hex("01 0203 040506 'ab'");
    struct reader r = reader_over(b);
    ck_assert_uint_eq(read_u8(&r), 1);
    ck_assert_uint_eq(read_u16(&r), 0x0203);
    ck_assert_uint_eq(read_u24(&r), 0x040506);
    ck_assert(bytes_equal_string(read_bytes(&r, 2), "ab"));
    ck_assert(reader_finished(&r));
    ck_assert_uint_eq(read_u8(&r), 0);
    ck_assert(!reader_finished(&r) && !reader_more(&r));
    ck_assert_uint_eq(reader_left(&r), 0);
    ck_assert_uint_eq(reader_rest(&r).len, 0);
    free((void *)b.at);
}
END_TEST

START_TEST(a_vector_longer_than_what_is_there_is_bad)
{
    struct bytes b = hex("03 aabb");
    struct reader r = reader_over(b);
    ck_assert_uint_eq(read_vec8(&r).len, 0);
    ck_assert(r.bad);
    free((void *)b.at);
}
END_TEST

START_TEST(an_empty_reader_is_finished)
{
    struct reader r = reader_over((struct bytes){0});
    ck_assert(reader_finished(&r) && !reader_more(&r));
}
END_TEST

START_TEST(hexadecimal_is_read_in_every_spelling)
{
    static const struct {
        const char *text;
        bool good;
        size_t len;
    } cases[] = {
        {"", true, 0},
        {"00ff", true, 2},
        {"00:Ff", true, 2},
        {"00 fF aa", true, 3},
        {"0", false, 0},
        {"0g", false, 0},
        {":00", false, 0},
        {"00:", false, 0},
        {"00::ff", false, 0},
        {"0011223344", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t out[4];
        size_t len;
        bool good = bytes_from_hex(bytes_from_string(cases[i].text), out, sizeof out, &len);
        ck_assert_msg(good == cases[i].good, "%s", cases[i].text);
        ck_assert(!good || len == cases[i].len);
    }
}
END_TEST

START_TEST(comparing_puts_a_prefix_first_and_ignores_case_when_told)
{
    struct bytes a = bytes_from_string("abc");
    struct bytes b = bytes_from_string("ABCd");
    ck_assert_int_gt(bytes_compare(a, b), 0);
    ck_assert_int_lt(bytes_compare(bytes_first(a, 2), a), 0);
    ck_assert_int_eq(bytes_compare((struct bytes){0}, (struct bytes){0}), 0);
    ck_assert(bytes_start_with_nocase(b, a) && !bytes_start_with(b, a));
    ck_assert_uint_eq(bytes_find(b, bytes_from_string("Cd")), 2);
    ck_assert_uint_eq(bytes_find(b, a), SIZE_MAX);
    ck_assert(bytes_equal_string(bytes_trim(bytes_from_string(" \tx y\r\n")), "x y"));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("bytes");
    TCase *c = tcase_create("bytes");
    tcase_add_test(c, a_reader_past_the_end_turns_bad_and_stays_bad);
    tcase_add_test(c, a_vector_longer_than_what_is_there_is_bad);
    tcase_add_test(c, an_empty_reader_is_finished);
    tcase_add_test(c, hexadecimal_is_read_in_every_spelling);
    tcase_add_test(c, comparing_puts_a_prefix_first_and_ignores_case_when_told);
    suite_add_tcase(s, c);
    return s;
}
