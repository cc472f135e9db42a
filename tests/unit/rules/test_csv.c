/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/lists.h"
#include "tests/support/told.h"

#include <check.h>

#define SHA1 "3333333333333333333333333333333333333333"
#define MD5 "33333333333333333333333333333333"
#define OTHER "0123456789abcdef0123456789abcdef"
#define SPKI "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static size_t
judge(const char *content, struct hit *first)
{
    struct ruleset *rules = list_good("x.csv", content);
    struct verdict verdict = {0};
    struct told told;
    told_make(&told);
    ck_assert_str_eq(ruleset_report(rules, 0).format, "csv");
    ruleset_judge(rules, &told.session, &verdict);
    size_t len = verdict.len;
    if (len) {
        *first = verdict.hits[0];
        first->why = first->indicator = first->list = NULL; /* they go with the verdict */
    }
    verdict_free(&verdict);
    ruleset_free(rules);
    return len;
}

START_TEST(columns_are_found_by_name)
{
    static const struct {
        const char *content;
        size_t hits;
        unsigned long line;
        enum note note;
    } cases[] = {
        {"sha1,description\n" SHA1 ",stolen\n", 1, 2, NOTE_WATCHED_CERTIFICATE},
        {"# note\n\n\"Description\";\"SHA-1 Fingerprint\"\r\n\"a;b\";\"" SHA1 "\"\r\n", 1, 4,
            NOTE_WATCHED_CERTIFICATE},
        {"hash\n" MD5 "\n", 1, 2, NOTE_WATCHED_CERTIFICATE},
        {"id\tThumbprint\n1\t" SHA1 "\n", 1, 2, NOTE_WATCHED_CERTIFICATE},
        {"md5,sha1\n" OTHER "," SHA1 "\n", 1, 2, NOTE_WATCHED_CERTIFICATE},
        {"md5,spki\n" OTHER "," SPKI "\n", 1, 2, NOTE_WATCHED_KEY},
        {"md5,subject\n" MD5 ",CN=other\n", 0, 0, NOTES},
        {"md5,subject\n" MD5 ",\"CN=journal.vendor.example\"\n", 1, 2, NOTE_WATCHED_CERTIFICATE},
        {"md5,role\n" MD5 ",server\n", 0, 0, NOTES},
        {"md5,role\n" MD5 ",-\n", 1, 2, NOTE_WATCHED_CERTIFICATE},
        {"md5,not_from,from\n" MD5 ",10.0.0.0/8 192.0.2.1,128.232.0.0/16\n", 1, 2,
            NOTE_UNEXPECTED_SOURCE},
        {"md5,not-from\n" MD5 ",10.0.0.0/8 128.232.0.0/16\n", 0, 0, NOTES},
        {"md5,allow\n" MD5 ",true\n" MD5 ",false\n", 0, 0, NOTES},
        {"SNI,reason\nmail.example.com,x\n", 1, 2, NOTE_WATCHED_NAME},
        {"description,md5\n\"two\nlines\"," OTHER "\nx," MD5 "\n", 1, 4, NOTE_WATCHED_CERTIFICATE},
        {"description,md5\n\"a \"\"b\"\"\"," MD5, 1, 2, NOTE_WATCHED_CERTIFICATE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hit first = {.note = NOTES};
        size_t hits = judge(cases[i].content, &first);
        ck_assert_msg(
            hits == cases[i].hits && first.line == cases[i].line && first.note == cases[i].note,
            "%zu hits, line %lu of %s", hits, first.line, cases[i].content);
    }
}
END_TEST

START_TEST(columns_without_use_are_named_in_a_warning)
{
    struct ruleset *rules = list_good("x.csv", "sha1,weather\n" SHA1 ",rain\n");
    ck_assert_str_eq(
        ruleset_report(rules, 0).warning, "line 1: nothing is done with the column \"weather\"");
    ruleset_free(rules);
}
END_TEST

START_TEST(mistakes_are_told_by_line)
{
    static const struct {
        const char *content, *complaint;
    } cases[] = {
        {"sha1,not_form\n", "x.csv:1: is the column \"not_form\" meant to be \"not_from\"?"},
        {"sha1,rolle\n", "x.csv:1: is the column \"rolle\" meant to be \"role\"?"},
        {"sha1\n\nxyz\n", "x.csv:3: sha1: \"xyz\" is no sha1: that has 40 hexadecimal digits"},
        {"sha1,role\n" SHA1 ",boss\n", "x.csv:2: role: \"boss\" is none of either, client, server"},
        {"sha1,from\n" SHA1 ",10.0.0.1/8\n",
            "x.csv:2: from: \"10.0.0.1/8\" is no address or network (or has bits past its prefix)"},
        {"sha1,from\n" SHA1 ",0.0.0.0/0\n",
            "x.csv:2: from: a network of all addresses is no condition"},
        {"sha1,role\n,client\n",
            "x.csv:2: this entry watches for nothing: give it a sha256, an issuer, …"},
        {"sha1\n" SHA1 ",x\n", "x.csv:2: more fields than the header has columns"},
        {"sha1,description\n" SHA1 ",\"x\n", "x.csv:2: a quote that does not end"},
        {"address,description\n0.0.0.0/0,x\n",
            "x.csv:2: address: a network as large as this would match nearly everything"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        list_bad("x.csv", cases[i].content, cases[i].complaint);
    struct fault why;
    ck_assert_ptr_null(list_load("csv", "x.csv", bytes_from_string("a,b\n"), &why));
    ck_assert_str_eq(why.text, "x.csv:1: no column says what is watched for");
}
END_TEST

START_TEST(every_beginning_of_a_list_is_read_without_harm)
{
    list_cut("csv", "x.csv",
        bytes_from_string("\"sha1\",role,from,description\r\n" SHA1
                          ",client,10.0.0.0/8 192.0.2.0/24,\"a \"\"quoted\"\"\n text\"\r\n"));
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("rules/formats/csv");
    TCase *t = tcase_create("csv");
    tcase_add_test(t, columns_are_found_by_name);
    tcase_add_test(t, columns_without_use_are_named_in_a_warning);
    tcase_add_test(t, mistakes_are_told_by_line);
    tcase_add_test(t, every_beginning_of_a_list_is_read_without_harm);
    suite_add_tcase(s, t);
    return s;
}
