/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/shown.h"

#include <check.h>

START_TEST(shown_texts_cannot_do_harm)
{
    static const struct {
        const char *text, *wire, *written;
    } cases[] = {
        {"plain \\ text", "plain \\ text", "plain \\ text"},
        {"a\"b\n\x7f", "a\\x22b\\x0a\\x7f", "a\\x22b\\x0a\\x7f"},
        {"\xc3\xa4", "\\xc3\\xa4", "\xc3\xa4"},
        {"\xe2\x80\xae", "\\xe2\\x80\\xae", "\\xe2\\x80\\xae"}, /* right-to-left override */
        {"\xc0\xaf", "\\xc0\\xaf", "\\xc0\\xaf"},               /* overlong */
        {"\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80"}, /* surrogate */
        {"\xf0\x9f\x98\x80", "\\xf0\\x9f\\x98\\x80", "\xf0\x9f\x98\x80"},
        {"\xf0\x9f\x98", "\\xf0\\x9f\\x98", "\\xf0\\x9f\\x98"},
        {"0123456789012345678901234567890123456789012345",
            "0123456789012345678901234567890123456789...",
            "0123456789012345678901234567890123456789..."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text wire = {0};
        struct text written = {0};
        text_add_wire(&wire, bytes_from_string(cases[i].text), 40);
        text_add_written(&written, bytes_from_string(cases[i].text), 40);
        ck_assert_str_eq(text_string(&wire), cases[i].wire);
        ck_assert_str_eq(text_string(&written), cases[i].written);
        text_free(&wire);
        text_free(&written);
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/shown");
    TCase *t = tcase_create("shown");
    tcase_add_test(t, shown_texts_cannot_do_harm);
    suite_add_tcase(s, t);
    return s;
}
