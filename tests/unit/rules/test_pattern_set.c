/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/sets/pattern_set.h"

#include <check.h>
#include <stdlib.h>

static struct text_pattern
regex(const char *text)
{
    return (struct text_pattern){bytes_from_string(text), true};
}

static struct text_pattern
glob(const char *text)
{
    return (struct text_pattern){bytes_from_string(text), false};
}

struct seen {
    size_t numbers[400];
    size_t len;
};

static void
see(void *owner, size_t number)
{
    struct seen *seen = owner;
    seen->numbers[seen->len++] = number;
}

START_TEST(all_that_match_are_told_in_their_order)
{
    const struct text_pattern patterns[] = {
        regex("evil[0-9]{2}"),
        glob("*.evil??.example"),
        regex("^www\\.(evil|bad)"),
        glob("*.bad"),
        glob("www.evil42.example"),
        regex("EXAMPLE$"),
        glob("evil42*"),
    };
    static const size_t expected[] = {0, 1, 2, 4, 5};
    struct fault why = {0};
    struct pattern_scratch *scratch = NULL;
    struct seen seen = {0};
    size_t wrong;
    struct pattern_set *set = pattern_set_new(patterns, 7, &wrong, &why);
    ck_assert_msg(set != NULL, "%s", why.text);
    pattern_set_scan(set, &scratch, bytes_from_string("www.evil42.example"), &seen, see);
    ck_assert_uint_eq(seen.len, 5);
    for (size_t i = 0; i < 5; i++)
        ck_assert_uint_eq(seen.numbers[i], expected[i]);
    seen.len = 0;
    pattern_set_scan(set, &scratch, (struct bytes){0}, &seen, see);
    ck_assert_uint_eq(seen.len, 0);
    pattern_set_free(set);
    pattern_scratch_free(scratch);
}
END_TEST

START_TEST(a_glob_is_about_the_whole_text_and_has_no_other_signs)
{
    static const struct {
        const char *glob, *text;
        bool matches;
    } cases[] = {
        {"a.c*", "a.cd", true},
        {"a.c*", "abcd", false},
        {"*(x)+[y]\\$", "z(x)+[y]\\$", true},
        {"*ab", "ab", true},
        {"*ab", "ab\n", false},
        {"a?c", "a\nc", true},
        {"a?c", "ac", false},
        {"ab*", "xab", false},
        {"*needle*", "a needle in hay", true},
        {"*needle*", "a needl in hay", false},
        {"*needle?in*hay", "needleless needle in hay hay", true},
        {"needle*needle", "needle", false},
        {"needle*needle", "needleneedle", true},
        {"*.example", "a.b.example", true},
        {"*.example", "a.b.example.", false},
        {"*abc*bcd*", "abcd", false},
        {"*abc*bcd*", "abcbcd", true},
        {"?abc?", "xabcy", true},
        {"?abc?", "abc", false},
        {"**abc**", "abc", true},
    };
    struct pattern_scratch *scratch = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text_pattern pattern = glob(cases[i].glob);
        struct fault why = {0};
        struct seen seen = {0};
        size_t wrong;
        struct pattern_set *set = pattern_set_new(&pattern, 1, &wrong, &why);
        ck_assert_msg(set != NULL, "%s", why.text);
        pattern_set_scan(set, &scratch, bytes_from_string(cases[i].text), &seen, see);
        ck_assert_msg(seen.len == cases[i].matches, "%s %s", cases[i].glob, cases[i].text);
        pattern_set_free(set);
    }
    pattern_scratch_free(scratch);
}
END_TEST

/* One scratch goes from set to set, small and large. */
START_TEST(many_match_at_once)
{
    static struct text_pattern patterns[300];
    struct pattern_scratch *scratch = NULL;
    for (size_t len = 1; len <= 300; len += 299) {
        struct fault why = {0};
        struct seen seen = {0};
        size_t wrong;
        for (size_t i = 0; i < len; i++)
            patterns[i] = i % 2 ? glob("*needle*") : regex("needle");
        struct pattern_set *set = pattern_set_new(patterns, len, &wrong, &why);
        ck_assert_ptr_nonnull(set);
        pattern_set_scan(set, &scratch, bytes_from_string("a needle in hay"), &seen, see);
        ck_assert_uint_eq(seen.len, len);
        pattern_set_free(set);
    }
    pattern_scratch_free(scratch);
}
END_TEST

struct nested {
    const struct pattern_set *set;
    struct pattern_scratch *scratch;
    struct seen outer;
    size_t inner;
};

static void
see_inner(void *owner, size_t number)
{
    struct nested *nested = owner;
    ck_assert_uint_eq(number % 3, 2);
    nested->inner++;
}

static void
see_outer(void *owner, size_t number)
{
    struct nested *nested = owner;
    see(&nested->outer, number);
    pattern_set_scan(nested->set, &nested->scratch, bytes_from_string("hay"), nested, see_inner);
}

START_TEST(who_is_told_may_scan_as_well)
{
    static struct text_pattern patterns[60];
    struct nested nested = {0};
    struct fault why = {0};
    size_t wrong;
    for (size_t i = 0; i < 60; i++)
        patterns[i] = i % 3 == 0 ? glob("*needle*") : i % 3 == 1 ? regex("need") : glob("h*ay");
    struct pattern_set *set = pattern_set_new(patterns, 60, &wrong, &why);
    nested.set = set;
    pattern_set_scan(
        set, &nested.scratch, bytes_from_string("a needle, a needle"), &nested, see_outer);
    ck_assert_uint_eq(nested.outer.len, 40);
    for (size_t i = 0; i < 40; i++)
        ck_assert_uint_eq(nested.outer.numbers[i], i / 2 * 3 + i % 2);
    ck_assert_uint_eq(nested.inner, 40 * 20);
    pattern_scratch_free(nested.scratch);
    pattern_set_free(set);
}
END_TEST

START_TEST(what_matches_nearly_everything_is_named)
{
    static const char *const wide[] = {".+.+", "\\.", "[a-z0-9]{2}", "c=", "^cn=.*,o=", "[.=].",
        "[a-z0-9.-]{2,}$", "o=|\\..", "^[^/]{2,}"};
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        const struct text_pattern patterns[] = {glob("*x1*"), regex("evil"), regex(wide[i])};
        struct fault why = {0};
        size_t wrong;
        bool alone = regex_is_sensible(patterns[2].text, &why);
        why = (struct fault){0};
        if (!alone)
            continue;
        ck_assert_msg(pattern_set_new(patterns, 3, &wrong, &why) == NULL, "%s", wide[i]);
        ck_assert_uint_eq(wrong, 2);
        ck_assert_str_eq(why.text, "a regular expression like this would match nearly everything");
    }
}
END_TEST

START_TEST(alone_it_must_make_sense)
{
    static const struct {
        const char *regex;
        bool good;
    } cases[] = {
        {"evil", true},
        {"evil.*(one|two)", true},
        {"", false},
        {".*", false},
        {".", false},
        {"a?", false},
        {"(evil|)", false},
        {"(evil", false},
        {"\\1(evil)", false},
        {"(?<=x)evil", false},
        {"evil{40000}", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fault why = {0};
        bool good = regex_is_sensible(bytes_from_string(cases[i].regex), &why);
        ck_assert_msg(good == cases[i].good, "%s: %s", cases[i].regex, why.text);
        ck_assert(good == !*why.text);
    }
}
END_TEST

START_TEST(hostile_ones_are_bounded)
{
    static const char *const hostile[] = {"(x+x+)+y", "(((a{1,100}){1,100}){1,100})b",
        "(a?){200}a{200}", "((a.*){1,20}b){1,20}", "(a|b|c|d|e)*x(a|b|c|d|e){20}"};
    static char text[60000];
    struct pattern_scratch *scratch = NULL;
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct text_pattern pattern = regex(hostile[i]);
        struct fault why = {0};
        struct seen seen = {0};
        size_t wrong;
        struct pattern_set *set = pattern_set_new(&pattern, 1, &wrong, &why);
        if (set)
            pattern_set_scan(set, &scratch, bytes_of(text, sizeof text), &seen, see);
        ck_assert_uint_eq(seen.len, 0);
        pattern_set_free(set);
    }
    struct fault why = {0};
    ck_assert(!regex_is_sensible(bytes_of(text, 1001), &why));
    text[3] = '\0';
    why = (struct fault){0};
    ck_assert(!regex_is_sensible(bytes_of(text, 100), &why));
    pattern_scratch_free(scratch);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/pattern_set");
    TCase *t = tcase_create("patterns");
    tcase_add_test(t, all_that_match_are_told_in_their_order);
    tcase_add_test(t, a_glob_is_about_the_whole_text_and_has_no_other_signs);
    tcase_add_test(t, many_match_at_once);
    tcase_add_test(t, who_is_told_may_scan_as_well);
    tcase_add_test(t, what_matches_nearly_everything_is_named);
    tcase_add_test(t, alone_it_must_make_sense);
    tcase_add_test(t, hostile_ones_are_bounded);
    suite_add_tcase(s, t);
    return s;
}
