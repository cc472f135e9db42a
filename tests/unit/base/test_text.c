/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <check.h>

START_TEST(an_empty_text_is_an_empty_string)
{
    struct text text = {0};
    ck_assert_str_eq(text_string(&text), "");
    ck_assert_uint_eq(text_bytes(&text).len, 0);
    text_clear(&text);
    text_add(&text, (struct bytes){0});
    ck_assert_str_eq(text_string(&text), "");
    text_free(&text);
    text_free(&text);
}
END_TEST

START_TEST(numbers_are_written_to_their_ends)
{
    struct text text = {0};
    text_add_unsigned(&text, 0);
    text_add_char(&text, ' ');
    text_add_unsigned(&text, UINT64_MAX);
    ck_assert_str_eq(text_string(&text), "0 18446744073709551615");
    text_free(&text);
}
END_TEST

START_TEST(a_text_grows_and_stays_terminated)
{
    struct text text = {0};
    for (int i = 0; i < 1000; i++) {
        text_add_format(&text, "%04d,", i);
        ck_assert_uint_eq(strlen(text_string(&text)), text.len);
    }
    ck_assert_uint_eq(text.len, 5000);
    ck_assert_mem_eq(text.at + 4995, "0999,", 5);
    text_clear(&text);
    ck_assert_str_eq(text_string(&text), "");
    text_add_string(&text, "anew");
    ck_assert_str_eq(text_string(&text), "anew");
    text_free(&text);
    ck_assert_uint_eq(text.room, 0);
}
END_TEST

START_TEST(a_long_format_is_written_whole)
{
    char word[3000];
    struct text text = {0};
    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    text_add_format(&text, "<%s|%d>", word, 42);
    ck_assert_uint_eq(text.len, sizeof word - 1 + 5);
    ck_assert_str_eq(text_string(&text) + sizeof word, "|42>");
    text_free(&text);
}
END_TEST

START_TEST(bytes_are_added_as_they_are_and_as_digits)
{
    struct text text = {0};
    text_add(&text, bytes_of("a\0b", 3));
    text_add_hex(&text, bytes_of("\x00\xff\x1a", 3));
    text_add_hex(&text, (struct bytes){0});
    ck_assert(bytes_equal(text_bytes(&text), bytes_of("a\0b00ff1a", 9)));
    char *end = text_reserve(&text, 2);
    memcpy(end, "zz", 2);
    text.len += 2;
    ck_assert(bytes_equal(text_bytes(&text), bytes_of("a\0b00ff1azz", 11)));
    text_free(&text);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("text");
    TCase *c = tcase_create("text");
    tcase_add_test(c, an_empty_text_is_an_empty_string);
    tcase_add_test(c, numbers_are_written_to_their_ends);
    tcase_add_test(c, a_text_grows_and_stays_terminated);
    tcase_add_test(c, a_long_format_is_written_whole);
    tcase_add_test(c, bytes_are_added_as_they_are_and_as_digits);
    suite_add_tcase(s, c);
    return s;
}
