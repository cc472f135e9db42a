/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/spelling.h"

#include "tests/support/hex.h"

#include <check.h>
#include <stdlib.h>

START_TEST(base64_of_both_alphabets_is_read)
{
    static const struct {
        const char *text, *wanted; /* NULL: it is none */
    } cases[] = {
        {"", ""},
        {"Zg==", "f"},
        {"Zg", "f"},
        {"Zm8=", "fo"},
        {"Zm9v", "foo"},
        {" Zm 9v\r\nYg = =\n", "foob"},
        {"+/-_", "\xfb\xff\xbf"},
        {"Z", NULL},
        {"Zh==", NULL}, /* bits that say nothing are set */
        {"Zg===", NULL},
        {"Zg=A", NULL},
        {"Zm9*", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text out = {0};
        bool good = base64_decode(bytes_from_string(cases[i].text), &out);
        ck_assert_msg(good == (cases[i].wanted != NULL), "%s", cases[i].text);
        ck_assert_msg(
            !good || bytes_equal_string(text_bytes(&out), cases[i].wanted), "%s", cases[i].text);
        text_free(&out);
    }
}
END_TEST

START_TEST(serial_numbers_have_one_form)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"0A1B", "0a1b"},
        {"a1b", "0a1b"},
        {"A:1b", "0a1b"},
        {"0x0a1b", "0a1b"},
        {"00:0a:1B", "0a1b"},
        {"0000", "00"},
        {"-0", "00"},
        {"ff", "00ff"},
        {"-1", "ff"},
        {"-80", "80"},
        {"-0081", "ff7f"},
        {"(Negative)4c:0b", "b3f5"},
        {"(Negative) 0x4C0B", "b3f5"},
        {"-4c0b", "b3f5"},
        {"8f 00", "008f00"},
        {"", NULL},
        {"xyz", NULL},
        {"0a:", NULL},
        {"0011223344556677889900112233445566778899001122334455667788990011223344556677889900112233"
         "44556677889900112233445566778899001122334455",
            NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text out = {0};
        struct text printed = {0};
        bool good = serial_from_text(bytes_from_string(cases[i].text), &out);
        text_add_hex(&printed, text_bytes(&out));
        ck_assert_msg(good == (cases[i].wanted != NULL), "%s", cases[i].text);
        ck_assert_msg(!good || strcmp(text_string(&printed), cases[i].wanted) == 0, "%s is %s",
            cases[i].text, text_string(&printed));
        text_free(&out);
        text_free(&printed);
    }
}
END_TEST

START_TEST(octets_of_serial_numbers_have_one_form)
{
    static const struct {
        const char *octets, *canonical, *negated, *written;
    } cases[] = {
        {"0a1b", "0a1b", "f5e5", "0a1b"},
        {"008f", "008f", "ff71", "8f"},
        {"00008f", "008f", "ff71", "8f"},
        {"00", "00", "00", "00"},
        {"0000", "00", "00", "00"},
        {"8f", "8f", "71", "-71"},
        {"80", "80", "0080", "-80"},
        {"ff", "ff", "01", "-01"},
        {"ffff", "ff", "01", "-01"},
        {"ff00", "ff00", "0100", "-0100"},
        {"ff80", "80", "0080", "-80"},
        {"ff7f", "ff7f", "0081", "-81"},
        {"b3f4", "b3f4", "4c0c", "-4c0c"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes octets = hex(cases[i].octets);
        struct bytes canonical = hex(cases[i].canonical);
        struct bytes negated = hex(cases[i].negated);
        struct text out = {0};
        struct text again = {0};
        struct bytes got = serial_canonical(octets);
        ck_assert_msg(bytes_equal(got, canonical), "%s", cases[i].octets);
        serial_negate(got, &out);
        ck_assert_msg(bytes_equal(text_bytes(&out), negated), "%s", cases[i].octets);
        text_clear(&out);
        serial_write(got, &out);
        ck_assert_str_eq(text_string(&out), cases[i].written);
        ck_assert(serial_from_text(text_bytes(&out), &again));
        ck_assert_msg(bytes_equal(text_bytes(&again), canonical), "%s", cases[i].written);
        text_free(&out);
        text_free(&again);
        free((void *)octets.at);
        free((void *)canonical.at);
        free((void *)negated.at);
    }
    ck_assert_uint_eq(serial_canonical((struct bytes){0}).len, 0);
}
END_TEST

START_TEST(times_are_read)
{
    static const struct {
        const char *text;
        bool good;
        int64_t seconds;
    } cases[] = {
        {"1970-01-01", true, 0},
        {"1970-01-01T00:00:01Z", true, 1},
        {"1970-01-01 00:01", true, 60},
        {"1970-01-01T01:00:00+01:00", true, 0},
        {"1970-01-01T00:00:00-0130", true, 5400},
        {"2021-01-12T10:11:12.345Z", true, 1610446272},
        {"2020-02-29", true, 1582934400},
        {"1950-01-01", true, -631152000},
        {"2021-02-29", false, 0},
        {"2021-13-01", false, 0},
        {"2021-1-1", false, 0},
        {"2021-01-12T", false, 0},
        {"2021-01-12T25:00:00Z", false, 0},
        {"2021-01-12T10:00:00X", false, 0},
        {"2021-01-12T10:00:00Zx", false, 0},
        {"2021-01-12x", false, 0},
        {"", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t seconds = 0;
        bool good = time_from_text(bytes_from_string(cases[i].text), &seconds);
        ck_assert_msg(good == cases[i].good, "%s", cases[i].text);
        ck_assert_msg(!good || seconds == cases[i].seconds, "%s", cases[i].text);
    }
}
END_TEST

START_TEST(patterns_match_what_they_say)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"", "", true},
        {"*", "", true},
        {"?", "", false},
        {"a*c", "abc", true},
        {"a*c", "ac", true},
        {"a*c", "acb", false},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"*b*", "abc", true},
        {"*b*", "ac", false},
        {"**a", "ba", true},
        {"a*b*c", "a1b2b3c", true},
        {"abc", "abcd", false},
        {"abcd", "abc", false},
        {"*.x", "a.b.x", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(glob_matches(bytes_from_string(cases[i].pattern),
                          bytes_from_string(cases[i].text)) == cases[i].matches,
            "%s %s", cases[i].pattern, cases[i].text);
}
END_TEST

START_TEST(distances_count_changes)
{
    static const struct {
        const char *a, *b;
        size_t distance;
    } cases[] = {{"", "", 0}, {"a", "", 1}, {"form", "from", 2}, {"sha265", "sha256", 2},
        {"role", "rolle", 1}, {"abc", "xbc", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_uint_eq(
            edit_distance(bytes_from_string(cases[i].a), bytes_from_string(cases[i].b)),
            cases[i].distance);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/spelling");
    TCase *t = tcase_create("spelling");
    tcase_add_test(t, base64_of_both_alphabets_is_read);
    tcase_add_test(t, serial_numbers_have_one_form);
    tcase_add_test(t, octets_of_serial_numbers_have_one_form);
    tcase_add_test(t, times_are_read);
    tcase_add_test(t, patterns_match_what_they_say);
    tcase_add_test(t, distances_count_changes);
    suite_add_tcase(s, t);
    return s;
}
