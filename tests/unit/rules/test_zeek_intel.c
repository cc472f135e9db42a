/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>

#define SHA1 "3333333333333333333333333333333333333333"
#define FIELDS "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\tmeta.url\n"

static const char good[] =
    "#separator \\x09\n" FIELDS SHA1 "\tIntel::CERT_HASH\tsource1\tStolen\thttps://x.example/1\n"
    "mail.example.com\tIntel::DOMAIN\tsource1\t-\t-\n"
    "66.35.0.0/16\tIntel::SUBNET\tsource1\t(empty)\t-\n"
    "http://x.example/\tIntel::URL\tsource1\t-\t-\n";

START_TEST(indicators_are_read_by_their_type)
{
    struct ruleset *rules = list_good("intel.dat", good);
    struct list_report report = ruleset_report(rules, 0);
    struct verdict verdict = {0};
    struct told told;
    told_make(&told);
    ck_assert_str_eq(report.format, "zeek-intel");
    ck_assert_uint_eq(report.entries, 3);
    ck_assert_uint_eq(report.skipped, 1);
    ck_assert_str_eq(report.warning, "line 6: nothing is done with Intel::URL");
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 4);
    ck_assert_str_eq(verdict.hits[0].indicator, SHA1);
    ck_assert_str_eq(verdict.hits[0].description, "Stolen");
    ck_assert_str_eq(verdict.hits[0].reference, "https://x.example/1");
    ck_assert_uint_eq(verdict.hits[0].line, 3);
    ck_assert_str_eq(verdict.hits[1].indicator_type, "domain"); /* the server name */
    ck_assert_str_eq(verdict.hits[1].description, "source1");
    ck_assert_str_eq(verdict.hits[2].indicator, "66.35.0.0/16");
    ck_assert_str_eq(verdict.hits[3].indicator, "mail.example.com"); /* of the certificate */
    verdict_free(&verdict);
    ruleset_free(rules);
}
END_TEST

START_TEST(columns_stand_in_any_order)
{
    struct ruleset *rules = list_good("intel.dat",
        "#fields\tmeta.whitelist\tindicator_type\tother\tindicator\tmeta.remove\r\n"
        "F\tIntel::CERT_HASH\t-\t" SHA1 "\tF\r\n"
        "T\tIntel::FILE_HASH\t-\t33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33\t-\r\n"
        "F\tIntel::ADDR\t-\t66.35.250.204\tT\r\n");
    struct verdict verdict = {0};
    struct told told;
    told_make(&told);
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(ruleset_entries(rules), 2);
    ck_assert_uint_eq(verdict.len, 0); /* whitelisted by the second line */
    verdict_free(&verdict);
    ruleset_free(rules);
}
END_TEST

START_TEST(mistakes_are_told_by_line)
{
    list_bad("intel.dat", FIELDS SHA1 "\tIntel::CERT_HASH\tx\n",
        "intel.dat:2: has 3 fields, not the 5 of #fields");
    list_bad("intel.dat", FIELDS SHA1 "\tIntel::CERT_HASH\tx\ty\tz\tw\n",
        "intel.dat:2: has more fields than the 5 of #fields");
    list_bad("intel.dat", FIELDS "xyz\tIntel::CERT_HASH\tx\ty\t-\n",
        "intel.dat:2: \"xyz\" is no fingerprint: 32, 40 or 64 hexadecimal digits, with or without "
        "colons");
    list_bad("intel.dat", FIELDS "\n0.0.0.0/0\tIntel::SUBNET\tx\ty\t-\n",
        "intel.dat:3: a network as large as this would match nearly everything");
    list_bad("intel.dat", FIELDS "-\tIntel::DOMAIN\tx\ty\t-\n",
        "intel.dat:2: an empty text would match nearly everything");
    list_bad("intel.dat", "#fields\tindicator\tmeta.source\n",
        "intel.dat:1: #fields has no indicator_type");
    struct fault why;
    ck_assert_ptr_null(list_load("zeek-intel", "intel.dat", bytes_from_string("x\ty\n"), &why));
    ck_assert_str_eq(why.text, "intel.dat:1: an indicator before the #fields line");
}
END_TEST

START_TEST(every_beginning_of_a_list_is_read_without_harm)
{
    list_cut("zeek-intel", "intel.dat", bytes_from_string(good));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/formats/zeek_intel");
    TCase *t = tcase_create("zeek_intel");
    tcase_add_test(t, indicators_are_read_by_their_type);
    tcase_add_test(t, columns_stand_in_any_order);
    tcase_add_test(t, mistakes_are_told_by_line);
    tcase_add_test(t, every_beginning_of_a_list_is_read_without_harm);
    suite_add_tcase(s, t);
    return s;
}
