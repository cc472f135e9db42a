/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>
#include <stdlib.h>

#define SHA256_33 "3333333333333333333333333333333333333333333333333333333333333333"
#define SHA1_33 "3333333333333333333333333333333333333333"
#define MD5_33 "33333333333333333333333333333333"

/* What the first hit on a client certificate whose digests are all 0x33 says. */
static void
expect_hit(const char *content, const char *type, unsigned long line, const char *description)
{
    struct ruleset *rules = list_good("list.txt", content);
    struct told told;
    struct verdict verdict = {0};
    told_make(&told);
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_msg(verdict.len == 1, "%zu hits of %s", verdict.len, content);
    ck_assert_str_eq(verdict.hits[0].indicator_type, type);
    ck_assert_uint_eq(verdict.hits[0].line, line);
    ck_assert_str_eq(verdict.hits[0].description, description);
    ck_assert_str_eq(verdict.hits[0].list, "list.txt");
    ck_assert_uint_eq(verdict.generation, 7);
    verdict_free(&verdict);
    ruleset_free(rules);
}

START_TEST(fingerprints_are_read_in_every_spelling)
{
    static const struct {
        const char *content, *type, *description;
    } cases[] = {
        {SHA256_33, "sha256", ""},
        {SHA1_33 "\n", "sha1", ""},
        {MD5_33 "\r\n", "md5", ""},
        {"\xef\xbb\xbf" SHA1_33 "\n", "sha1", ""},
        {"  " SHA256_33 "  stolen in January  \n", "sha256", "stolen in January"},
        {SHA256_33 "\t# stolen", "sha256", "stolen"},
        {SHA256_33 ",stolen", "sha256", "stolen"},
        {"sha256:" SHA256_33, "sha256", ""},
        {"SHA1:" SHA1_33, "sha1", ""},
        {"33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33 colons", "md5", "colons"},
        {"SHA1 Fingerprint=33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33", "sha1",
            ""},
        {"spki:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc", "spki-sha256",
            ""},
        {"pin-sha256=\"zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMw=\"; x", "spki-sha256", "x"},
        {"sha256//zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMw", "spki-sha256", ""},
        {"x5t:MzMzMzMzMzMzMzMzMzMzMzMzMzM", "sha1", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_hit(cases[i].content, cases[i].type, 1, cases[i].description);
}
END_TEST

START_TEST(lines_are_counted_over_comments_and_empty_ones)
{
    expect_hit("# a comment\r\n\r\n   \r\n  # another\r\n" MD5_33 " here\r\n", "md5", 5, "here");
}
END_TEST

START_TEST(the_same_line_twice_is_one_entry)
{
    struct ruleset *rules = list_good("list.txt", SHA1_33 "\n" SHA1_33 "\n" SHA1_33 " other\n");
    struct list_report report = ruleset_report(rules, 0);
    ck_assert_uint_eq(ruleset_lists(rules), 1);
    ck_assert_str_eq(report.format, "plain");
    ck_assert_uint_eq(report.entries, 2);
    ck_assert_uint_eq(report.skipped, 1);
    ck_assert_ptr_null(report.warning);
    ck_assert_uint_eq(ruleset_entries(rules), 2);
    ruleset_free(rules);
}
END_TEST

START_TEST(a_list_without_entries_is_taken_with_a_warning)
{
    static const char *const cases[] = {"", "\n", "# nothing yet\n", "\xef\xbb\xbf"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ruleset *rules = list_good("list.txt", cases[i]);
        struct list_report report = ruleset_report(rules, 0);
        ck_assert_uint_eq(report.entries, 0);
        ck_assert_str_eq(report.warning, "no entries: nothing is watched for by this list");
        ruleset_free(rules);
    }
}
END_TEST

START_TEST(mistakes_are_told_by_line)
{
    static const char wanted[] = "is no fingerprint: 32, 40 or 64 hexadecimal digits, with or "
                                 "without colons";
    struct text complaint = {0};
    static const struct {
        const char *content, *place, *shown;
    } cases[] = {
        {"hello", "list.txt:1: ", "\"hello\" "},
        {SHA1_33 "\n\n" SHA1_33 "3\n", "list.txt:3: ", "\"" SHA1_33 "3\" "},
        {"33::33", "list.txt:1: ", "\"33::33\" "},
        {"a\033[31m\"b", "list.txt:1: ", "\"a\\x1b[31m\\x22b\" "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text_clear(&complaint);
        text_add_format(&complaint, "%s%s%s", cases[i].place, cases[i].shown, wanted);
        list_bad("list.txt", cases[i].content, text_string(&complaint));
    }
    text_free(&complaint);
    list_bad("list.txt", "sha1:" MD5_33,
        "list.txt:1: \"" MD5_33 "\" is no sha1: that has 40 hexadecimal digits");
    list_bad("list.txt", "pin-sha256=\"zMzM\"", "list.txt:1: \"zMzM\" is no digest in base64");
    list_bad("list.txt", "#\nsha256:", "list.txt:2: an empty text would match nearly everything");
}
END_TEST

START_TEST(digests_of_nothing_are_refused)
{
    list_bad("list.txt", "d41d8cd98f00b204e9800998ecf8427e",
        "list.txt:1: this is the md5 of nothing (no bytes at all)");
    list_bad("list.txt", "DA:39:A3:EE:5E:6B:4B:0D:32:55:BF:EF:95:60:18:90:AF:D8:07:09",
        "list.txt:1: this is the sha1 of nothing (no bytes at all)");
    list_bad("list.txt", "spki:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "list.txt:1: this is the spki-sha256 of nothing (no bytes at all)");
    list_bad("list.txt", "00000000000000000000000000000000",
        "list.txt:1: this is no digest of anything: one digit again and again");
}
END_TEST

START_TEST(a_line_of_a_megabyte_and_a_nul_are_no_more_than_mistakes)
{
    size_t len = 1 << 20;
    char *line = malloc(len + 1);
    struct fault why;
    ck_assert_ptr_nonnull(line);
    memset(line, 'a', len);
    line[len] = '\0';
    struct ruleset *rules = list_load(NULL, "list.txt", bytes_of(line, len), &why);
    ck_assert_ptr_null(rules);
    ck_assert_msg(strncmp(why.text, "list.txt:1: \"aaaa", 17) == 0, "%s", why.text);
    ck_assert_uint_lt(strlen(why.text), 200);
    memcpy(line, SHA1_33 " ", 41); /* now it is a description of a megabyte */
    rules = list_load(NULL, "list.txt", bytes_of(line, len), &why);
    ck_assert_ptr_nonnull(rules);
    ruleset_free(rules);
    memset(line + 41, 0, 7);
    rules = list_load(NULL, "list.txt", bytes_of(line, len), &why);
    ck_assert_ptr_null(rules);
    ck_assert_str_eq(why.text, "list.txt: is in no list format that is known");
    rules = list_load("plain", "list.txt", bytes_of("\0\0", 2), &why);
    ck_assert_ptr_null(rules);
    ck_assert_str_eq(why.text,
        "list.txt:1: \"\\x00\\x00\" is no fingerprint: 32, 40 or 64 hexadecimal digits, with or "
        "without colons");
    free(line);
}
END_TEST

START_TEST(every_beginning_of_a_list_is_read_without_harm)
{
    list_cut(NULL, "list.txt",
        bytes_from_string("\xef\xbb\xbf# c\r\nsha256:" SHA256_33 " x\r\n"
                          "pin-sha256=\"zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMw=\"\n" MD5_33));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/formats/plain");
    TCase *t = tcase_create("plain");
    tcase_add_test(t, fingerprints_are_read_in_every_spelling);
    tcase_add_test(t, lines_are_counted_over_comments_and_empty_ones);
    tcase_add_test(t, the_same_line_twice_is_one_entry);
    tcase_add_test(t, a_list_without_entries_is_taken_with_a_warning);
    tcase_add_test(t, mistakes_are_told_by_line);
    tcase_add_test(t, digests_of_nothing_are_refused);
    tcase_add_test(t, a_line_of_a_megabyte_and_a_nul_are_no_more_than_mistakes);
    tcase_add_test(t, every_beginning_of_a_list_is_read_without_harm);
    suite_add_tcase(s, t);
    return s;
}
