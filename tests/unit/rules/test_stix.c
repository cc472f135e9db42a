/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>

#define SHA256 "3333333333333333333333333333333333333333333333333333333333333333"
#define SHA1 "3333333333333333333333333333333333333333"

#define BUNDLE(pattern, more)                                                                      \
    "{\"type\": \"bundle\", \"objects\": [{\"type\": \"identity\"}, {\"type\": \"indicator\", "    \
    "\"id\": \"indicator--1\", \"name\": \"Stolen\", \"pattern_type\": \"stix\", "                 \
    "\"pattern\": \"" pattern "\"" more "}]}"

static size_t
judge(const char *content, struct list_report *report, struct verdict *verdict)
{
    struct ruleset *rules = list_good("bundle.json", content);
    struct told told;
    told_make(&told);
    *report = ruleset_report(rules, 0);
    ck_assert_str_eq(report->format, "stix");
    report->warning = report->warning ? "one" : NULL; /* it goes with the ruleset */
    ruleset_judge(rules, &told.session, verdict);
    ruleset_free(rules);
    return verdict->len;
}

START_TEST(patterns_are_watched_as_far_as_we_see)
{
    static const struct {
        const char *content;
        size_t hits, entries, skipped;
    } cases[] = {
        {BUNDLE("[x509-certificate:hashes.'SHA-256' = '" SHA256 "']", ""), 1, 1, 0},
        {BUNDLE("[x509-certificate:hashes.'SHA-1'='" SHA1 "']", ""), 1, 1, 0},
        {BUNDLE("[ x509-certificate:hashes.MD5 == '33333333333333333333333333333333' ]", ""), 1, 1,
            0},
        {BUNDLE("[x509-certificate:issuer = 'CN=Vendor CA' AND x509-certificate:serial_number = "
                "'01:0a']",
             ""),
            1, 2, 0}, /* of either sign */
        {BUNDLE("[x509-certificate:issuer = 'CN=Vendor CA' AND x509-certificate:serial_number = "
                "'01:0b']",
             ""),
            0, 2, 0},
        {BUNDLE("[x509-certificate:issuer = 'CN=Vendor CA' AND x509-certificate:serial_number = "
                "'00:01:0a']",
             ""),
            1, 1, 0},
        {BUNDLE("[x509-certificate:subject LIKE '%.vendor.exam_le' AND "
                "x509-certificate:validity_not_before = t'2014-11-08T00:00:00Z']",
             ""),
            1, 1, 0},
        {BUNDLE("[x509-certificate:subject LIKE '%.vendor.exam_le' AND "
                "x509-certificate:validity_not_before = '2014-11-08T00:00:01Z']",
             ""),
            0, 1, 0},
        {BUNDLE("[x509-certificate:subject LIKE '%.vendor.exam_le' AND "
                "x509-certificate:validity_not_before > t'2014-11-08T00:00:00Z']",
             ""),
            0, 1, 0},
        {BUNDLE("[x509-certificate:subject LIKE '%.vendor.exam_le' AND "
                "x509-certificate:validity_not_before >= t'2014-11-08T00:00:00Z']",
             ""),
            1, 1, 0},
        {BUNDLE("[x509-certificate:subject LIKE '%.vendor.exam_le' AND "
                "x509-certificate:validity_not_after < t'2020-01-01T00:00:00Z']",
             ""),
            1, 1, 0},
        {BUNDLE("[x509-certificate:subject LIKE '%.vendor.exam_le' AND "
                "x509-certificate:validity_not_after <= t'2019-11-07T04:51:38Z']",
             ""),
            0, 1, 0},
        {BUNDLE("[x509-certificate:subject LIKE '%.vendor.exam_le' AND "
                "x509-certificate:validity_not_after > t'2019-01-01' AND "
                "x509-certificate:validity_not_after < t'2019-02-01']",
             ""),
            0, 1, 0},
        {BUNDLE("[x509-certificate:subject LIKE '%.vendor.exam_le' AND "
                "x509-certificate:validity_not_after != t'2019-01-01']",
             ""),
            0, 0, 1},
        {BUNDLE("[x509-certificate:subject LIKE '%.vendor.exam_le' AND "
                "x509-certificate:validity_not_after = 'soon']",
             ""),
            0, 0, 1},
        {BUNDLE("[x509-certificate:validity_not_after < t'2020-01-01T00:00:00Z']", ""), 0, 0, 1},
        {BUNDLE("[x509-certificate:subject LIKE '%.vendor.exam_le']", ""), 1, 1, 0},
        {BUNDLE("[x509-certificate:subject MATCHES '^CN=journal\\\\\\\\.ven']", ""), 1, 1, 0},
        {BUNDLE("[x509-certificate:subject MATCHES 'journalx']", ""), 0, 1, 0},
        {BUNDLE("[x509-certificate:subject IN ('CN=x', 'CN=journal.vendor.example')]", ""), 1, 2,
            0},
        {BUNDLE(
             "[domain-name:value = 'mail.example.com' OR ipv4-addr:value = '66.35.250.204']", ""),
            2, 2, 0}, /* the connection, once, and the certificate */
        {BUNDLE("[ipv4-addr:value = '66.35.0.0/16'] OR [ipv6-addr:value = '2001:db8::/32']", ""), 1,
            2, 0},
        {BUNDLE("[(x509-certificate:subject = 'CN=x' OR x509-certificate:hashes.'SHA-1' = '" SHA1
                "') AND x509-certificate:issuer = 'CN=Vendor CA']",
             ""),
            1, 2, 0},
        {BUNDLE("[file:hashes.MD5 = 'x' OR x509-certificate:hashes.'SHA-1' = '" SHA1 "']", ""), 1,
            1, 1},
        {BUNDLE("[file:size > 5 AND x509-certificate:hashes.'SHA-1' = '" SHA1 "']", ""), 0, 0, 1},
        {BUNDLE("[x509-certificate:hashes.'SHA-1' != '" SHA1 "']", ""), 0, 0, 1},
        {BUNDLE("[x509-certificate:issuer NOT IN ('CN=Vendor CA')]", ""), 0, 0, 1},
        {BUNDLE(
             "[network-traffic:src_ref.value[*].x = 'a' AND domain-name:value = 'x.example']", ""),
            0, 0, 1},
        {BUNDLE(
             "[domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'b.example']", ""),
            0, 0, 1},
        {BUNDLE("[domain-name:value = 'a.example'] WITHIN 5 SECONDS", ""), 0, 0, 1},
        {BUNDLE("[ipv4-addr:value = '0.0.0.0/0']", ""), 0, 0, 1},
        {BUNDLE("[x509-certificate:subject LIKE '%']", ""), 0, 0, 1},
        {BUNDLE("[domain-name:value = ''", ""), 0, 0, 1},
        {BUNDLE("[domain-name:value]", ""), 0, 0, 1},
        {BUNDLE("", ""), 0, 0, 1},
        {BUNDLE("[x509-certificate:hashes.'SHA-1'='" SHA1 "']", ", \"revoked\": true"), 0, 0, 1},
        {BUNDLE("[x509-certificate:hashes.'SHA-1'='" SHA1 "']",
             ", \"valid_from\": \"2015-03-09T00:00:00.000Z\""),
            1, 1, 0},
        {BUNDLE("[x509-certificate:hashes.'SHA-1'='" SHA1 "']",
             ", \"valid_from\": \"2015-03-10T00:00:00Z\""),
            0, 1, 0},
        {BUNDLE("[x509-certificate:hashes.'SHA-1'='" SHA1 "']",
             ", \"valid_until\": \"2015-03-09T00:00:00Z\""),
            0, 1, 0},
        {BUNDLE("[x509-certificate:hashes.'SHA-1'='" SHA1 "' AND (((((((((((((((((x=1))))))))))))"
                ")))))]",
             ""),
            0, 0, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct list_report report;
        struct verdict verdict = {0};
        size_t hits = judge(cases[i].content, &report, &verdict);
        verdict_free(&verdict);
        ck_assert_msg(hits == cases[i].hits && report.entries == cases[i].entries &&
                          report.skipped == cases[i].skipped,
            "%zu hits, %zu entries, %zu skipped: %s", hits, report.entries, report.skipped,
            cases[i].content);
    }
}
END_TEST

START_TEST(an_indicator_says_who_said_so)
{
    struct ruleset *rules = list_good("bundle.json",
        BUNDLE("[x509-certificate:hashes.'SHA-1' = '" SHA1 "']",
            ", \"confidence\": 70, \"object_marking_refs\": [\"marking-definition--x\", "
            "\"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82\"], "
            "\"external_references\": [{\"url\": \"https://x.example/\"}]"));
    struct verdict verdict = {0};
    struct told told;
    told_make(&told);
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    ck_assert_str_eq(verdict.hits[0].description, "Stolen");
    ck_assert_str_eq(verdict.hits[0].reference, "https://x.example/");
    ck_assert_str_eq(verdict.hits[0].tlp, "amber");
    ck_assert_uint_eq(verdict.hits[0].confidence, 70);
    verdict_free(&verdict);
    ruleset_free(rules);
}
END_TEST

START_TEST(a_marking_of_the_bundle_counts)
{
    struct ruleset *rules = list_good("bundle.json",
        "{\"type\": \"bundle\", \"objects\": [{\"type\": \"marking-definition\", \"id\": \"m\", "
        "\"definition_type\": \"tlp\", \"definition\": {\"tlp\": \"green\"}}, {\"type\": "
        "\"indicator\", \"id\": \"i\", \"pattern\": \"[x509-certificate:hashes.'SHA-1' = '" SHA1
        "']\", \"object_marking_refs\": [\"m\"]}]}");
    struct verdict verdict = {0};
    struct told told;
    told_make(&told);
    ruleset_judge(rules, &told.session, &verdict);
    ck_assert_uint_eq(verdict.len, 1);
    ck_assert_str_eq(verdict.hits[0].tlp, "green");
    ck_assert_str_eq(verdict.hits[0].reference, "i");
    verdict_free(&verdict);
    ruleset_free(rules);
}
END_TEST

START_TEST(a_pattern_of_too_many_ways_is_passed_over)
{
    struct text content = {0};
    struct fault why;
    text_add_string(&content, "{\"type\": \"bundle\", \"objects\": [{\"type\": \"indicator\", "
                              "\"pattern\": \"[");
    for (int i = 0; i < 7; i++)
        text_add_format(&content,
            "%s(domain-name:value = 'a%d.example' OR domain-name:value = "
            "'b%d.example')",
            i ? " AND " : "", i, i);
    text_add_string(&content, "]\"}]}");
    struct ruleset *rules = list_load(NULL, "x", text_bytes(&content), &why);
    ck_assert_msg(rules != NULL, "%s", why.text);
    ck_assert_str_eq(
        ruleset_report(rules, 0).warning, "an entry: the pattern is not understood: too large");
    ruleset_free(rules);
    text_free(&content);
}
END_TEST

START_TEST(what_is_no_bundle_is_refused)
{
    list_bad("x", "{\"type\": \"bundle\"}", "x: a bundle without \"objects\"");
    list_bad(
        "x", "{\"type\": \"bundle\", \"type\": 1}", "x:1:25: duplicate object key near '\"type\"'");
    list_bad("x", "{\"a\": 1}", "x: is JSON, but neither of MISP nor STIX nor OneCRL");
}
END_TEST

START_TEST(every_beginning_of_a_list_and_of_a_pattern_is_read_without_harm)
{
    static const char pattern[] =
        "[(x509-certificate:issuer = 'CN=\\\\'x' AND a:b[*].c NOT IN (1, t'2')) OR "
        "domain-name:value LIKE '%.x.example'] OR [ipv4-addr:value IN ('192.0.2.1')]";
    list_cut("stix", "x", bytes_from_string(BUNDLE("[domain-name:value = 'x.example']", "")));
    for (size_t len = 0; len < sizeof pattern; len++) {
        struct text content = {0};
        struct fault why;
        text_add_string(&content, "{\"objects\": [{\"type\": \"indicator\", \"pattern\": \"");
        struct bytes cut = bytes_of(pattern, len);
        for (size_t i = 0; i < cut.len; i++)
            text_add_format(
                &content, "%s%c", pattern[i] == '\\' ? "\\" : "", pattern[i] ? pattern[i] : ' ');
        text_add_string(&content, "\"}]}");
        struct ruleset *rules = list_load("stix", "x", text_bytes(&content), &why);
        ck_assert_msg(rules != NULL, "%s", why.text);
        ruleset_free(rules);
        text_free(&content);
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/formats/stix");
    TCase *t = tcase_create("stix");
    tcase_add_test(t, patterns_are_watched_as_far_as_we_see);
    tcase_add_test(t, an_indicator_says_who_said_so);
    tcase_add_test(t, a_marking_of_the_bundle_counts);
    tcase_add_test(t, a_pattern_of_too_many_ways_is_passed_over);
    tcase_add_test(t, what_is_no_bundle_is_refused);
    tcase_add_test(t, every_beginning_of_a_list_and_of_a_pattern_is_read_without_harm);
    suite_add_tcase(s, t);
    return s;
}
