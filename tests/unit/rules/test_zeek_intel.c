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

#define REMOVES "#fields\tindicator\tindicator_type\tmeta.source\tmeta.remove\n"

/* What is read, how many entries remain of it, and what it hits. */
static const struct {
    const char *content;
    size_t entries, hits;
    const char *warning;
} removals[] = {
    {REMOVES SHA1 "\tIntel::CERT_HASH\ta\tF\n" SHA1 "\tIntel::CERT_HASH\ta\tT\n", 0, 0,
        "no entries: nothing is watched for by this list"},
    {REMOVES SHA1 "\tIntel::CERT_HASH\ta\tF\n" SHA1 "\tIntel::CERT_HASH\tb\tF\n" SHA1
                  "\tIntel::CERT_HASH\ta\tT\n",
        1, 1, NULL}, /* another source still has it */
    {REMOVES SHA1 "\tIntel::CERT_HASH\ta\tT\n" SHA1 "\tIntel::CERT_HASH\ta\tF\n", 1, 1,
        "line 2: nothing before it is removed"},
    {REMOVES SHA1 "\tIntel::CERT_HASH\ta\tF\n" SHA1 "\tIntel::CERT_HASH\ta\tT\n" SHA1
                  "\tIntel::CERT_HASH\ta\tF\n",
        1, 1, NULL}, /* and listed again */
    {REMOVES "33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33:33\tIntel::CERT_HASH\ta"
             "\t-\n" SHA1 "\tIntel::CERT_HASH\ta\tTrue\n",
        0, 0, "no entries: nothing is watched for by this list"}, /* however it is spelt */
    {REMOVES "mail.example.com\tIntel::DOMAIN\ta\t-\nMAIL.example.com.\tIntel::DOMAIN\ta\t1\n"
             "66.35.0.0/16\tIntel::SUBNET\ta\tF\n",
        1, 1, NULL},
    {REMOVES "http://x.example/\tIntel::URL\ta\tT\n" SHA1 "\tIntel::CERT_HASH\ta\tF\n", 1, 1,
        "line 2: nothing is done with Intel::URL"},
};

START_TEST(what_is_removed_is_not_watched)
{
    struct ruleset *rules = list_good("intel.dat", removals[_i].content);
    struct list_report report = ruleset_report(rules, 0);
    struct verdict verdict = {0};
    struct told told;
    told_make(&told);
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(report.entries, removals[_i].entries);
    ck_assert_uint_eq(verdict.len, removals[_i].hits);
    ck_assert_pstr_eq(report.warning, removals[_i].warning);
    verdict_free(&verdict);
    ruleset_free(rules);
}
END_TEST

#define PLACED "#fields\tindicator\tindicator_type\tmeta.source\tmeta.do_notice\tmeta.if_in\n"

static const struct {
    const char *row, *type;
    size_t hits;
    enum severity severity;
    const char *warning;
} places[] = {
    {SHA1 "\tIntel::CERT_HASH\ta\tT\tX509::IN_CERT\n", "sha1", 1, SEVERITY_HIGH, NULL},
    {SHA1 "\tIntel::CERT_HASH\ta\tF\t-\n", "sha1", 1, SEVERITY_LOW, NULL},
    {SHA1 "\tIntel::CERT_HASH\ta\t-\tIntel::IN_ANYWHERE\n", "sha1", 1, SEVERITY_HIGH, NULL},
    {SHA1 "\tIntel::FILE_HASH\ta\tT\tFiles::IN_HASH\n", "sha1", 1, SEVERITY_HIGH, NULL},
    {SHA1 "\tIntel::CERT_HASH\ta\tT\tSSL::IN_SERVER_NAME\n", NULL, 0, SEVERITY_HIGH,
        "line 2: nothing is done with Intel::CERT_HASH in SSL::IN_SERVER_NAME"},
    {"mail.example.com\tIntel::DOMAIN\ta\tT\t-\n", "domain", 2, SEVERITY_HIGH, NULL},
    {"mail.example.com\tIntel::DOMAIN\ta\tT\tSSL::IN_SERVER_NAME\n", "server-name", 1,
        SEVERITY_HIGH, NULL},
    {"mail.example.com\tIntel::DOMAIN\ta\tT\tX509::IN_CERT\n", "san", 1, SEVERITY_HIGH, NULL},
    {"mail.example.com\tIntel::DOMAIN\ta\tT\tDNS::IN_REQUEST\n", NULL, 0, SEVERITY_HIGH,
        "line 2: nothing is done with Intel::DOMAIN in DNS::IN_REQUEST"},
    {"66.35.250.204\tIntel::ADDR\ta\tT\tConn::IN_RESP\n", "address", 1, SEVERITY_HIGH, NULL},
    {"66.35.250.204\tIntel::ADDR\ta\tT\tConn::IN_ORIG\n", NULL, 0, SEVERITY_HIGH, NULL},
};

START_TEST(where_it_is_seen_counts)
{
    struct text content = {0};
    text_add_string(&content, PLACED);
    text_add_string(&content, places[_i].row);
    struct ruleset *rules = list_good("intel.dat", text_string(&content));
    struct verdict verdict = {0};
    struct told told;
    told_make(&told);
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, places[_i].hits);
    if (places[_i].warning)
        ck_assert_str_eq(ruleset_report(rules, 0).warning, places[_i].warning);
    if (verdict.len) {
        ck_assert_str_eq(verdict.hits[0].indicator_type, places[_i].type);
        ck_assert_int_eq(verdict.hits[0].severity, places[_i].severity);
    }
    verdict_free(&verdict);
    ruleset_free(rules);
    text_free(&content);
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
    list_bad("intel.dat", REMOVES SHA1 "\tIntel::CERT_HASH\tx\tyes\n",
        "intel.dat:2: meta.remove is neither T nor F");
    list_bad("intel.dat", PLACED SHA1 "\tIntel::CERT_HASH\tx\tyes\t-\n",
        "intel.dat:2: meta.do_notice is neither T nor F");
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
    list_cut("zeek-intel", "intel.dat", bytes_from_string(removals[0].content));
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
    tcase_add_loop_test(t, what_is_removed_is_not_watched, 0, sizeof removals / sizeof *removals);
    tcase_add_loop_test(t, where_it_is_seen_counts, 0, sizeof places / sizeof *places);
    tcase_add_test(t, mistakes_are_told_by_line);
    tcase_add_test(t, every_beginning_of_a_list_is_read_without_harm);
    suite_add_tcase(s, t);
    return s;
}
