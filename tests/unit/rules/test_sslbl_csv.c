/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>

#define HEAD                                                                                       \
    "################################################################\r\n"                         \
    "# abuse.ch SSLBL SSL Certificate Blacklist (SHA1 Fingerprints) #\r\n"                         \
    "################################################################\r\n"                         \
    "# Listingdate,SHA1,Listingreason\r\n"
#define ROW "2022-07-02 07:02:11,3333333333333333333333333333333333333333,AsyncRAT C&C\r\n"

static const char good[] =
    HEAD "1970-01-01 00:00:00,0DDB34F875632C7E1EC09D75827F82D2336DFEB6, Fake\r\n" ROW;

START_TEST(a_row_is_a_certificate_with_its_reason)
{
    struct ruleset *rules = list_good("sslblacklist.csv", good);
    struct verdict verdict = {0};
    struct told told;
    told_make(&told);
    ck_assert_str_eq(ruleset_report(rules, 0).format, "sslbl-csv");
    ck_assert_uint_eq(ruleset_report(rules, 0).entries, 2);
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    ck_assert_str_eq(verdict.hits[0].indicator, "3333333333333333333333333333333333333333");
    ck_assert_str_eq(verdict.hits[0].indicator_type, "sha1");
    ck_assert_str_eq(verdict.hits[0].description, "AsyncRAT C&C");
    ck_assert_str_eq(verdict.hits[0].reference, "https://sslbl.abuse.ch/ssl-certificates/sha1/"
                                                "3333333333333333333333333333333333333333/");
    ck_assert_uint_eq(verdict.hits[0].line, 6);
    verdict_free(&verdict);
    ruleset_free(rules);
}
END_TEST

START_TEST(nothing_but_comments_is_a_warning)
{
    struct ruleset *rules = list_good("sslblacklist.csv", HEAD);
    struct list_report report = ruleset_report(rules, 0);
    ck_assert_str_eq(report.format, "sslbl-csv");
    ck_assert_uint_eq(report.entries, 0);
    ck_assert_str_eq(report.warning, "no entries: nothing is watched for by this list");
    ruleset_free(rules);
}
END_TEST

START_TEST(without_comments_the_columns_tell_what_it_is)
{
    struct ruleset *rules = list_good("x", ROW);
    ck_assert_str_eq(ruleset_report(rules, 0).format, "sslbl-csv");
    ruleset_free(rules);
}
END_TEST

START_TEST(mistakes_are_told_by_line)
{
    list_bad("x", ROW "yesterday,00,x\n", "x:2: does not begin with a date of listing");
    list_bad("x", ROW "2022-07-02 07:02:11,33,x\n",
        "x:2: \"33\" is no sha1: that has 40 hexadecimal digits");
    list_bad("x", ROW "2022-07-02 07:02:11", "x:2: an empty text would match nearly everything");
    list_bad("x", ROW "2022-07-02 07:02:11,da39a3ee5e6b4b0d3255bfef95601890afd80709,x",
        "x:2: this is the sha1 of nothing (no bytes at all)");
}
END_TEST

START_TEST(every_beginning_of_a_list_is_read_without_harm)
{
    list_cut(NULL, "x", bytes_from_string(good));
    list_cut("sslbl-csv", "x", bytes_from_string(good));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/formats/sslbl_csv");
    TCase *t = tcase_create("sslbl_csv");
    tcase_add_test(t, a_row_is_a_certificate_with_its_reason);
    tcase_add_test(t, nothing_but_comments_is_a_warning);
    tcase_add_test(t, without_comments_the_columns_tell_what_it_is);
    tcase_add_test(t, mistakes_are_told_by_line);
    tcase_add_test(t, every_beginning_of_a_list_is_read_without_harm);
    suite_add_tcase(s, t);
    return s;
}
